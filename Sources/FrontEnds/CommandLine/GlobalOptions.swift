import ArgumentParser
import Engine
import Glibc
import SQLTypes

/// Options that every command takes, before or after its name.
struct GlobalOptions: ParsableArguments {
    @Option(
        name: .long,
        help:
            "Catalog folder (environment: ATHENA_LITE_CATALOG; default ./.athena-lite if it exists, else ~/.athena-lite)."
    )
    var catalog: String?

    @Option(name: .long, help: "Default database.")
    var database: String?

    @Option(name: .long, help: "Workgroup.")
    var workgroup = "primary"

    @Option(name: .long, help: "Session property as KEY=VALUE; repeatable.")
    var session: [String] = []

    @Option(name: .long, help: "Worker threads.")
    var threads: Int?

    @Option(name: .customLong("memory-limit"), help: "Memory that one query may use, such as 4GB.")
    var memoryLimit: String?

    @Flag(name: .customLong("read-only"), help: "Change nothing in the catalog.")
    var readOnly = false

    init() {}

    /// Option names with a value, and those without, as `movedBehindCommand` needs them.
    private static let valued: Set<String> = [
        "--catalog", "--database", "--workgroup", "--session", "--threads", "--memory-limit",
    ]
    private static let flags: Set<String> = ["--read-only"]
    private static let commands: Set<String> = ["shell", "query", "crawl", "crawler", "classifier", "serve"]

    /// Options of the program as a whole, which need no command.
    private static let programOptions: Set<String> = [
        "-h", "--help", "--help-hidden", "--version", "--generate-completion-script", "--experimental-dump-help",
    ]

    /// The arguments with leading global options moved behind the command's name; where there is none, `shell` on a
    /// terminal, else `query`.
    static func withCommand(_ arguments: [String]) -> [String] {
        var globals: [String] = []
        var index = 0
        while index < arguments.count {
            let argument = arguments[index]
            if flags.contains(argument) || valued.contains(where: { argument.hasPrefix($0 + "=") }) {
                globals.append(argument)
                index += 1
            } else if valued.contains(argument), index + 1 < arguments.count {
                globals += arguments[index...index + 1]
                index += 2
            } else {
                break
            }
        }
        guard index < arguments.count else { return [isatty(0) == 1 ? "shell" : "query"] + globals }
        if arguments[index].hasPrefix("-"), !programOptions.contains(arguments[index]) {
            return ["query"] + arguments
        }
        guard commands.contains(arguments[index]), !globals.isEmpty else { return arguments }
        var rest = Array(arguments[index...])
        // `crawler run` and its like have their options behind the second word.
        let depth = ["crawler", "classifier"].contains(rest[0]) && rest.count > 1 ? 2 : 1
        rest.insert(contentsOf: globals, at: depth)
        return rest
    }

    var catalogFolder: String {
        if let catalog, !catalog.isEmpty { return catalog }
        if let variable = getenv("ATHENA_LITE_CATALOG"), variable.pointee != 0 { return String(cString: variable) }
        if access(".athena-lite", F_OK) == 0 { return ".athena-lite" }
        let home = getenv("HOME").map { String(cString: $0) } ?? "."
        return home + "/.athena-lite"
    }

    func makeEngine() -> Engine { Engine(catalogFolder: catalogFolder, isReadOnly: readOnly) }

    /// - Parameters:
    ///   - usesDatabase: whether `--database` names one that exists (a crawl makes it).
    ///   - keepsResults: whether results are kept as files unless `--session` says otherwise.
    func makeSession(_ engine: Engine, usesDatabase: Bool = true, keepsResults: Bool = false) throws -> Session {
        var properties: [(String, String)] = keepsResults ? [("results.keep", "true")] : []
        for text in session {
            guard let sign = text.firstIndex(of: "=") else {
                throw ValidationError("--session takes KEY=VALUE, not '\(text)'")
            }
            properties.append((String(text[..<sign]), String(text[text.index(after: sign)...])))
        }
        if let threads { properties.append(("threads", String(threads))) }
        if let memoryLimit { properties.append(("memory_limit", memoryLimit)) }
        let made: Session
        do {
            made = try Session(engine: engine, workgroup: workgroup, properties: properties)
        } catch let error as QueryError where error.code == .invalidSessionProperty {
            // No statement failed: an option was wrong.
            try TextFile.report(error.description)
            throw ExitRequest.wrongUsage
        }
        if let database, usesDatabase { try made.use(database) }
        return made
    }
}
