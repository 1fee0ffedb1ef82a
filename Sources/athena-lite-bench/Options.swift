/// The command line of athena-lite-bench.
struct Options {
    enum Suite: String, CaseIterable {
        case tpch, csv, startup
    }

    static let usage = """
        usage: athena-lite-bench [tpch] [csv] [startup] --data FOLDER [--texts FOLDER] [--python PROGRAM] [--runs N]
                                 [--threads N]
               athena-lite-bench [--catalog DIR] [--database NAME] [--peer 'COMMAND ARG...'] [--runs N] [--threads N]
                                 [--session KEY=VALUE]... FILE.sql...

        The first form runs the suites (all by default) against DuckDB, each statement in turns, and prints the minima
        of the runs and their ratio. FOLDER is what `make bench-data` fills: FOLDER/parquet and FOLDER/csv with a
        folder a table; the texts are those of testdata/bench. The second form times any statements over a catalog,
        alone or against any peer.
        """

    var suites: [Suite] = []
    var data = ""
    var texts = "testdata/bench"
    var python = "python3"
    var catalog = ".athena-lite"
    var database = "default"
    var runs = 5
    var threads = 2
    var peer: [String] = []
    var properties: [(String, String)] = [
        ("history.keep", "false"), ("parse_decimal_literals_as_double", "false"),
    ]
    var files: [String] = []

    init(arguments: [String]) throws {
        var rest = arguments[...]
        func value(_ option: String, _ rest: inout ArraySlice<String>) throws -> String {
            guard let value = rest.popFirst() else { throw BenchmarkError("\(option) needs a value\n\(Self.usage)") }
            return value
        }
        func number(_ option: String, _ rest: inout ArraySlice<String>) throws -> Int {
            guard let number = Int(try value(option, &rest)), number > 0 else {
                throw BenchmarkError("\(option) takes a number above 0")
            }
            return number
        }
        while let argument = rest.popFirst() {
            switch argument {
            case "--data": data = try value(argument, &rest)
            case "--texts": texts = try value(argument, &rest)
            case "--python": python = try value(argument, &rest)
            case "--catalog": catalog = try value(argument, &rest)
            case "--database": database = try value(argument, &rest)
            case "--runs": runs = try number(argument, &rest)
            case "--threads": threads = try number(argument, &rest)
            case "--session":
                let parts = try value(argument, &rest).split(separator: "=", maxSplits: 1).map(String.init)
                guard parts.count == 2 else { throw BenchmarkError("--session takes KEY=VALUE") }
                properties.append((parts[0], parts[1]))
            case "--peer": peer = try value(argument, &rest).split(separator: " ").map(String.init)
            case "--help", "-h": throw BenchmarkError(Self.usage)
            default:
                if let suite = Suite(rawValue: argument) { suites.append(suite) } else { files.append(argument) }
            }
        }
        properties.append(("threads", String(threads)))
        guard files.isEmpty != data.isEmpty, files.isEmpty || suites.isEmpty else { throw BenchmarkError(Self.usage) }
        if files.isEmpty, suites.isEmpty { suites = Suite.allCases }
    }
}

struct BenchmarkError: Error {
    var message: String

    init(_ message: String) { self.message = message }
}
