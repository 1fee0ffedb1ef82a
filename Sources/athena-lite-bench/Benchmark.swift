import Engine
import Glibc
import SQLTypes

/// Times statements against a peer, interleaved, so that a drift of the machine's speed hits both.
///
/// The peer is any program that reads one SQL text a line (line ends as blanks) and answers each with its time in
/// milliseconds on a line of its own: `testdata/bench/duckdb_peer.py` is one.
struct Benchmark {
    private var catalog = ".athena-lite"
    private var database = "default"
    private var runs = 5
    private var peer: [String] = []
    private var properties: [(String, String)] = [
        ("history.keep", "false"), ("parse_decimal_literals_as_double", "false"),
    ]
    private var files: [String] = []

    static let usage = """
        usage: athena-lite-bench [--catalog DIR] [--database NAME] [--runs N] [--session KEY=VALUE] [--peer 'COMMAND ARG...'] FILE.sql...
        """

    init(arguments: [String]) throws {
        var rest = arguments[...]
        func value(_ option: String, _ rest: inout ArraySlice<String>) throws -> String {
            guard let value = rest.popFirst() else { throw BenchmarkError("\(option) needs a value\n\(Self.usage)") }
            return value
        }
        while let argument = rest.popFirst() {
            switch argument {
            case "--catalog": catalog = try value(argument, &rest)
            case "--database": database = try value(argument, &rest)
            case "--runs":
                guard let count = Int(try value(argument, &rest)), count > 0 else {
                    throw BenchmarkError("--runs takes a number above 0")
                }
                runs = count
            case "--session":
                let parts = try value(argument, &rest).split(separator: "=", maxSplits: 1).map(String.init)
                guard parts.count == 2 else { throw BenchmarkError("--session takes KEY=VALUE") }
                properties.append((parts[0], parts[1]))
            case "--peer": peer = try value(argument, &rest).split(separator: " ").map(String.init)
            case "--help", "-h": throw BenchmarkError(Self.usage)
            default: files.append(argument)
            }
        }
        guard !files.isEmpty else { throw BenchmarkError(Self.usage) }
    }

    func run() throws {
        let engine = Engine(catalogFolder: catalog)
        let session: Session
        do {
            session = try Session(engine: engine, database: database, properties: properties)
        } catch let error as QueryError {
            throw BenchmarkError(error.description)
        }
        let peer = try self.peer.isEmpty ? nil : PeerProcess(self.peer)
        var logarithms = 0.0
        var count = 0
        print("statement\tathena-lite ms\tpeer ms\tratio")
        for file in files {
            let sql = try Self.read(file)
            var ours = Double.infinity
            var theirs = Double.infinity
            for _ in 0..<runs {
                do {
                    let outcome = try session.execute(sql, to: ForgettingSink())
                    ours = min(ours, outcome.statistics.planning + outcome.statistics.execution)
                } catch let error as QueryError {
                    throw BenchmarkError("\(file): \(error)")
                }
                if let peer { theirs = min(theirs, try peer.time(sql)) }
            }
            let name = file.split(separator: "/").last.map(String.init) ?? file
            if peer == nil {
                print("\(name)\t\(Self.text(ours))")
            } else {
                print("\(name)\t\(Self.text(ours))\t\(Self.text(theirs))\t\(Self.text(ours / theirs))")
                logarithms += log(ours / theirs)
                count += 1
            }
            fflush(nil)
        }
        if count > 0 { print("geometric mean of ratios\t\t\t\(Self.text(exp(logarithms / Double(count))))") }
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        print("peak memory of athena-lite: \(usage.ru_maxrss / 1024) MiB")
    }

    private static func text(_ number: Double) -> String { String(Double(Int(number * 100 + 0.5)) / 100) }

    private static func read(_ path: String) throws -> String {
        guard let file = fopen(path, "r") else { throw BenchmarkError("The file \(path) cannot be read") }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        while true {
            let byte = fgetc(file)
            if byte == EOF { break }
            bytes.append(UInt8(truncatingIfNeeded: byte))
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

struct BenchmarkError: Error {
    var message: String

    init(_ message: String) { self.message = message }
}
