import ArgumentParser
import Engine
import Glibc
import SQLSyntax
import SQLTypes

/// `athena-lite query`: batch files and single statements.
struct QueryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "query", abstract: "Run SQL statements from the command line, files or standard input.")

    @OptionGroup var options: GlobalOptions

    @Option(name: [.customShort("e"), .long], help: "SQL text; repeatable, in order with --file.")
    var execute: [String] = []

    @Option(name: [.customShort("f"), .long], help: "File of SQL statements; repeatable.")
    var file: [String] = []

    @Option(name: .long, help: "Output format (default: table on a terminal, else csv).")
    var format: ResultFormat?

    @Option(name: .long, help: "Write results to a file; '{n}' in the name is the statement's number.")
    var output: String?

    @Option(name: .long, help: "Value for a '?', as a SQL literal; repeatable.")
    var param: [String] = []

    @Flag(name: .customLong("continue-on-error"), help: "Go on after a statement that fails.")
    var continueOnError = false

    @Option(name: .customLong("timing-json"), help: "Write one JSON object a statement with its times to a file.")
    var timingJSON: String?

    func run() throws {
        let engine = options.makeEngine()
        let session = try options.makeSession(engine)
        let runner = BatchRunner(
            session: session, format: format ?? (isatty(1) == 1 && output == nil ? .table : .csv), output: output,
            parameters: param, continuesOnError: continueOnError, timingFile: timingJSON)
        try runner.run(try sources())
    }

    /// Texts in the order in which -e and -f were given.
    private func sources() throws -> [BatchSource] {
        if execute.isEmpty, file.isEmpty {
            return [BatchSource(name: nil, text: try TextFile.read(descriptor: 0, name: "standard input"))]
        }
        var texts = execute[...]
        var files = file[...]
        var sources: [BatchSource] = []
        for argument in CommandLine.arguments.dropFirst() {
            if Self.names(argument, "-e", "--execute"), let text = texts.popFirst() {
                sources.append(BatchSource(name: nil, text: text))
            } else if Self.names(argument, "-f", "--file"), let path = files.popFirst() {
                sources.append(BatchSource(name: path, text: try TextFile.read(path)))
            }
        }
        return sources
    }

    private static func names(_ argument: String, _ short: String, _ long: String) -> Bool {
        argument == short || argument == long || argument.hasPrefix(long + "=") || argument.hasPrefix(short + "=")
    }
}

extension ResultFormat: ExpressibleByArgument {}

/// A text to run: a file's, or of the command line.
struct BatchSource {
    var name: String?
    var text: String
}

/// Whole small files: SQL texts.
enum TextFile {
    /// - Throws: exit code 2, with a sentence, for a file that cannot be read.
    static func read(_ path: String) throws -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            try report("The file \(path) cannot be read: \(String(cString: strerror(errno)))")
            throw ExitRequest.wrongUsage
        }
        defer { close(descriptor) }
        return try read(descriptor: descriptor, name: path)
    }

    static func read(descriptor: Int32, name: String) throws -> String {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count == 0 { break }
            if count < 0 {
                if errno == EINTR { continue }
                try report("\(name) cannot be read: \(String(cString: strerror(errno)))")
                throw ExitRequest.wrongUsage
            }
            bytes.append(contentsOf: chunk[..<count])
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            try report("\(name) is not UTF-8 text")
            throw ExitRequest.wrongUsage
        }
        return text
    }

    static func report(_ message: String) throws {
        let output = Output(descriptor: Output.standardError)
        try output.write(message + "\n")
        try output.flush()
    }
}
