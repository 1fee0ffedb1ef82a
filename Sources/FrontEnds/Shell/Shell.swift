import Engine
import Glibc
import SQLSyntax
import SQLTypes

/// The interactive shell: statements over several lines, backslash commands, a live progress line, a footer with rows,
/// time and bytes. Ctrl-C ends the statement and keeps the shell.
final class Shell {
    private let session: Session
    private let output = Output(descriptor: Output.standardOutput)
    private let errors = Output(descriptor: Output.standardError)
    private let interrupt = InterruptHandler()
    private let isInteractive = isatty(0) == 1
    private var format = ResultFormat.table
    private var showsTiming = true
    private var isExpanded = false
    private var usesPager = true
    private var hasQuit = false

    init(session: Session) { self.session = session }

    func run() throws {
        let completion = Completion(session: session)
        let editor = LineEditor(historyFile: Self.historyFile, complete: completion.candidates)
        if isInteractive { try say("\(Version.text). \\? for help, \\q to leave.\n") }
        var splitter = StatementSplitter()
        var typed = ""
        while !hasQuit {
            let isFresh = !splitter.hasOpenStatement
            let prompt =
                isFresh ? "\(session.database)> " : String(repeating: " ", count: session.database.count) + "-> "
            let line: String
            switch editor.read(prompt) {
            case .text(let text): line = text
            case .interrupted:
                try say("^C\n")
                splitter.reset()
                continue
            case .end:
                // On a terminal a statement runs when it is ended, and not because its writer left.
                if isInteractive { splitter.reset() }
                hasQuit = true
                continue
            }
            if isFresh {
                typed = ""
                let trimmed = line.trimmed
                if trimmed.hasPrefix("\\") {
                    editor.remember(line)
                    try meta(trimmed)
                    continue
                }
                switch trimmed.trimmingSemicolon.lowercased() {
                case "exit", "quit":
                    hasQuit = true
                    continue
                case "help":
                    try say(ShellMeta.help)
                    continue
                default: break
                }
            }
            typed += typed.isEmpty ? line : "\n" + line
            // `\G` at the end of a line ends the statement, too.
            if line.trimmed.hasSuffix("\\G") {
                let statements = StatementSplitter.split(String(typed.trimmed.dropLast(2)))
                splitter.reset()
                editor.remember(typed)
                for (index, statement) in statements.enumerated() {
                    try execute(statement.text, format: index == statements.count - 1 ? .vertical : nil)
                }
                typed = ""
                continue
            }
            let statements = splitter.feed(line + "\n")
            if !statements.isEmpty { editor.remember(typed) }
            for statement in statements { try execute(statement.text, format: nil) }
            if !splitter.hasOpenStatement { typed = "" }
        }
        for statement in splitter.finish() { try execute(statement.text, format: nil) }
        if isInteractive { try say("\n") }
    }

    private static var historyFile: String? {
        getenv("HOME").map { String(cString: $0) + "/.athena-lite-history" }
    }

    private func say(_ text: String) throws {
        try output.write(text)
        try output.flush()
    }

    // MARK: - Statements

    private func execute(_ sql: String, format chosen: ResultFormat?) throws {
        let shown = chosen ?? (isExpanded ? .vertical : format)
        let cancellation = Cancellation()
        interrupt.reset()
        interrupt.cancellation = cancellation
        defer { interrupt.cancellation = nil }
        let pager = usesPager && isInteractive && isatty(1) == 1 ? Pager() : nil
        let target = pager?.output ?? output
        let sink = shown.makeSink(target)
        let progress = isInteractive && isatty(2) == 1 ? ProgressLine(session.progress) : nil
        let start = Stopwatch()
        do {
            let outcome = try session.execute(sql, to: PausingSink(sink, progress), cancellation: cancellation)
            progress?.stop()
            if outcome.hasResultSet { try sink.end() }
            try target.flush()
            // A reader of pages takes time that is not the query's.
            let milliseconds = start.milliseconds
            try pager?.finish(to: output)
            for warning in outcome.warnings { try errors.write("warning: \(warning)\n") }
            if showsTiming { try errors.write(Self.footer(outcome, milliseconds) + "\n") }
        } catch let error as QueryError {
            progress?.stop()
            try? target.flush()
            try pager?.finish(to: output)
            try errors.write(ErrorPicture.text(error, sql) + "\n")
        }
        try errors.flush()
        try output.flush()
    }

    private static func footer(_ outcome: StatementOutcome, _ milliseconds: Double) -> String {
        var parts: [String] = []
        if outcome.hasResultSet { parts.append(outcome.rowCount == 1 ? "1 row" : "\(outcome.rowCount) rows") }
        parts.append(
            milliseconds < 1000 ? "\(Int(milliseconds + 0.5)) ms" : "\(Double(Int(milliseconds / 10 + 0.5)) / 100) s")
        if outcome.statistics.bytesScanned > 0 {
            parts.append(ByteText.text(outcome.statistics.bytesScanned) + " scanned")
        }
        if outcome.isReused { parts.append("result of an earlier run") }
        return "(" + parts.joined(separator: ", ") + ")"
    }

    // MARK: - Backslash commands

    private func meta(_ line: String) throws {
        let words = line.split(separator: " ").map(String.init)
        let argument = words.count > 1 ? words[1].trimmingSemicolon : nil
        switch words[0].trimmingSemicolon {
        case "\\?", "\\h", "\\help": try say(ShellMeta.help)
        case "\\q", "\\quit": hasQuit = true
        case "\\l": try execute("SHOW DATABASES", format: nil)
        case "\\dt": try execute("SHOW TABLES", format: nil)
        case "\\d":
            if let argument {
                try execute("DESCRIBE \(argument)", format: nil)
            } else {
                try execute("SHOW TABLES", format: nil)
            }
        case "\\c":
            do {
                try session.use(argument ?? "default")
            } catch let error as QueryError {
                try say(error.description + "\n")
            }
        case "\\timing": try toggle(&showsTiming, argument, "Timing")
        case "\\x": try toggle(&isExpanded, argument, "Expanded display")
        case "\\pager": try toggle(&usesPager, argument, "Pager")
        case "\\format":
            guard let name = argument, let chosen = ResultFormat(rawValue: name) else {
                try say("Formats: " + ResultFormat.allCases.map(\.rawValue).joined(separator: ", ") + "\n")
                return
            }
            format = chosen
            try say("Format is \(name).\n")
        case "\\i":
            guard let argument, let text = try? TextFile.read(argument) else {
                if argument == nil { try say("\\i needs a file\n") }
                return
            }
            for statement in StatementSplitter.split(text) { try execute(statement.text, format: nil) }
        default:
            let hint = NearNames.hint(words[0], among: ShellMeta.commands.map(\.name))
            try say("Unknown command \(words[0])\(hint.isEmpty ? "; \\? lists them" : hint)\n")
        }
    }

    private func toggle(_ flag: inout Bool, _ argument: String?, _ name: String) throws {
        flag = argument.map { $0 == "on" } ?? !flag
        try say("\(name) is \(flag ? "on" : "off").\n")
    }
}

extension String {
    /// Without blanks at both ends.
    var trimmed: String {
        var slice = self[...]
        while let first = slice.first, first.isWhitespace { slice.removeFirst() }
        while let last = slice.last, last.isWhitespace { slice.removeLast() }
        return String(slice)
    }

    fileprivate var trimmingSemicolon: String { hasSuffix(";") ? String(dropLast()) : self }
}

/// Sizes for people.
enum ByteText {
    static func text(_ bytes: Int) -> String {
        var value = Double(bytes)
        for unit in ["B", "KiB", "MiB", "GiB"] {
            if value < 1024 || unit == "GiB" {
                return unit == "B" ? "\(bytes) B" : "\(Double(Int(value * 10 + 0.5)) / 10) \(unit)"
            }
            value /= 1024
        }
        return "\(bytes) B"
    }
}
