import Columnar
import Engine
import Glibc
import SQLSyntax
import SQLTypes

/// Runs the statements of batch sources in one session: results to standard output or files, errors and warnings to
/// standard error, exit codes as the contract says.
struct BatchRunner {
    let session: Session
    let format: ResultFormat
    /// A file's name, perhaps with `{n}`.
    let output: String?
    let parameters: [String]
    let continuesOnError: Bool
    let timingFile: String?

    func run(_ sources: [BatchSource]) throws {
        let errors = Output(descriptor: Output.standardError)
        let standard = Output(descriptor: Output.standardOutput)
        let shared = try output.flatMap { $0.contains("{n}") ? nil : try OutputFile($0) }
        let timings = try timingFile.map { try OutputFile($0) }
        let interrupt = InterruptHandler()
        defer { interrupt.stop() }
        let statements = sources.flatMap { source in StatementSplitter.split(source.text).map { (source, $0) } }
        try checkParameterCount(statements.map(\.1.text))
        var number = 0
        var hasPrinted = false
        var hasFailed = false
        var parameters = parameters[...]
        for (source, item) in statements {
            if interrupt.wasInterrupted { throw ExitRequest.interrupted }
            number += 1
            let target: Output
            var file: OutputFile?
            if let output, shared == nil {
                file = try OutputFile(Self.numbered(output, number))
                target = file?.output ?? standard
            } else {
                target = shared?.output ?? standard
            }
            let sink = SeparatedSink(
                format.makeSink(target), target,
                separates: hasPrinted && (output == nil || shared != nil) && format != .json && format != .jsonl
                    && format != .null)
            var timing = StatementTiming(number: number)
            do {
                let arguments = try take(&parameters, item.text)
                let cancellation = Cancellation()
                interrupt.cancellation = cancellation
                let outcome = try session.execute(
                    item.text, arguments: arguments, to: sink, cancellation: cancellation)
                if outcome.hasResultSet {
                    try sink.end()
                    hasPrinted = true
                }
                timing.take(outcome)
                for warning in outcome.warnings { try errors.write("warning: \(warning)\n") }
                try target.flush()
                try file?.commit()
            } catch let error as QueryError {
                try? target.flush()
                hasFailed = true
                timing.state = error.code == .userCanceled ? "CANCELLED" : "FAILED"
                try errors.write(Self.text(error, source, item) + "\n")
                try errors.flush()
                if interrupt.wasInterrupted {
                    try timings?.finish(timing)
                    throw ExitRequest.interrupted
                }
                if !continuesOnError {
                    try timings?.output.write(timing.json.text + "\n")
                    break
                }
            }
            try timings?.output.write(timing.json.text + "\n")
            try errors.flush()
        }
        try standard.flush()
        if !hasFailed || continuesOnError { try shared?.commit() }
        try timings?.commit()
        if hasFailed { throw ExitRequest.statementFailed }
    }

    /// A wrong number of `--param` is said before anything runs, if every statement can be read.
    private func checkParameterCount(_ texts: [String]) throws {
        guard !parameters.isEmpty else { return }
        let counts = texts.map { try? Self.parameterCount($0) }
        guard !counts.contains(nil) else { return }
        let wanted = counts.reduce(0) { $0 + ($1 ?? 0) }
        guard wanted == parameters.count else {
            throw QueryError(
                .invalidParameterUsage,
                "Incorrect number of parameters: expected \(wanted) but found \(parameters.count)")
        }
    }

    /// The `?` of a prepared statement wait for EXECUTE.
    private static func parameterCount(_ text: String) throws -> Int {
        let parsed = try Parser.parse(text)
        if case .prepare = parsed.statement { return 0 }
        return parsed.parameterCount
    }

    /// The next arguments, as many as the statement has `?`.
    private func take(_ parameters: inout ArraySlice<String>, _ text: String) throws -> [StatementArgument] {
        guard !parameters.isEmpty else { return [] }
        let count = try Self.parameterCount(text)
        let taken = parameters.prefix(count)
        parameters = parameters.dropFirst(count)
        return taken.map { .expression($0) }
    }

    /// `FILE:LINE: CODE: message`; FILE:LINE only for -f, the line in the file where the statement's error is.
    private static func text(_ error: QueryError, _ source: BatchSource, _ item: StatementSplitter.Statement) -> String
    {
        guard let name = source.name else { return error.description }
        let line = item.line + (error.position.map { $0.line - 1 } ?? 0)
        return "\(name):\(line): \(error.description)"
    }

    private static func numbered(_ name: String, _ number: Int) -> String {
        var out = ""
        var rest = name[...]
        while !rest.isEmpty {
            if rest.hasPrefix("{n}") {
                out += String(number)
                rest = rest.dropFirst(3)
            } else {
                out.append(rest.removeFirst())
            }
        }
        return out
    }
}

/// Puts the empty line between two results, once it is known that the second one has rows to show.
private final class SeparatedSink: FormattedSink {
    private let inner: any FormattedSink
    private let output: Output
    private let separates: Bool

    init(_ inner: any FormattedSink, _ output: Output, separates: Bool) {
        self.inner = inner
        self.output = output
        self.separates = separates
    }

    func begin(_ columns: [ResultColumn]) throws {
        if separates { try output.write("\n") }
        try inner.begin(columns)
    }

    func write(_ batch: Batch) throws { try inner.write(batch) }
    func end() throws { try inner.end() }
}

/// What `--timing-json` says of a statement.
struct StatementTiming {
    var number: Int
    var state = "SUCCEEDED"
    private var statistics = StatementStatistics()
    private var rowCount = 0

    init(number: Int) { self.number = number }

    mutating func take(_ outcome: StatementOutcome) {
        statistics = outcome.statistics
        rowCount = outcome.rowCount
    }

    var json: JSONValue {
        .object([
            .init("statement", .int(number)), .init("engine_ms", Self.number(statistics.execution)),
            .init("planning_ms", Self.number(statistics.planning)), .init("rows", .int(rowCount)),
            .init("bytes_scanned", .int(statistics.bytesScanned)),
            .init("peak_memory_bytes", .int(statistics.peakMemory)), .init("state", .string(state)),
        ])
    }

    private static func number(_ milliseconds: Double) -> JSONValue {
        .number(String(Double(Int(milliseconds * 1000 + 0.5)) / 1000))
    }
}
