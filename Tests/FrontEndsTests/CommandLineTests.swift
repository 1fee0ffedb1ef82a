import Foundation
import Testing

/// The contract of `athena-lite query`: sources, exit codes, errors, output files.
@Suite struct CommandLineTests {
    // MARK: - Sources and exit codes

    @Test func runsSourcesInOrder() throws {
        let folder = Folder()
        try folder.write("two.sql", "SELECT 2 AS n;\nSELECT 3 AS n")
        let outcome = try Program.run(
            ["query", "-e", "SELECT 1 AS n", "-f", "two.sql", "--execute", "SELECT 4 AS n", "--file=two.sql"],
            in: folder)
        #expect(outcome.status == 0)
        #expect(outcome.output == [1, 2, 3, 4, 2, 3].map { "\"n\"\n\"\($0)\"\n" }.joined(separator: "\n"))
        #expect(outcome.errors.isEmpty)
    }

    @Test func readsStandardInput() throws {
        for arguments in [[], ["query"]] {
            let outcome = try Program.run(arguments, input: "-- a comment\n;;SELECT 1 AS n;\n-- the end", in: Folder())
            #expect(outcome.output == "\"n\"\n\"1\"\n")
            #expect(outcome.status == 0)
        }
        #expect(try Program.run([], input: "", in: Folder()).status == 0)
    }

    @Test func optionsWithoutACommandAreThoseOfQuery() throws {
        let folder = Folder()
        let outcome = try Program.run(["--format", "json", "-e", "SELECT 1 AS n"], in: folder)
        #expect(outcome.output == #"{"columns":[{"name":"n","type":"integer"}],"rows":[[1]]}"# + "\n")
        let piped = try Program.run(
            ["--session", "timezone=Asia/Tokyo"], input: "SELECT current_timezone() AS z", in: folder)
        #expect(piped.output == "\"z\"\n\"Asia/Tokyo\"\n")
    }

    @Test func oneSessionForAll() throws {
        let outcome = try Program.run(
            ["query", "-e", "CREATE DATABASE d", "-e", "USE d", "-e", "SELECT current_schema"], in: Folder())
        #expect(outcome.output == "\"_col0\"\n\"d\"\n")
    }

    @Test func stopsAtTheFirstError() throws {
        let outcome = try Program.run(["query", "-e", "SELECT 1; SELECT x; SELECT 3"], in: Folder())
        #expect(outcome.status == 1)
        #expect(outcome.output == "\"_col0\"\n\"1\"\n")
        #expect(outcome.errors == "COLUMN_NOT_FOUND: line 1:8: Column 'x' cannot be resolved\n")
    }

    @Test func continuesOnError() throws {
        let outcome = try Program.run(
            ["query", "--continue-on-error", "-e", "SELECT 1; SELECT x; SELECT 3"], in: Folder())
        #expect(outcome.status == 1)
        #expect(outcome.output == "\"_col0\"\n\"1\"\n\n\"_col0\"\n\"3\"\n")
    }

    @Test func wrongUsageIsTwo() throws {
        let folder = Folder()
        for arguments in [
            ["query", "--formt", "csv"], ["query", "--format", "xml"], ["query", "-f", "nothing.sql"], ["nothing"],
            ["query", "--session", "timezone"], ["query", "--session", "timezon=UTC"], ["query", "--threads", "x"],
            ["query", "--memory-limit", "much"], ["serve"], ["crawl"],
        ] {
            let outcome = try Program.run(arguments, in: folder)
            #expect(outcome.status == 2, "\(arguments): \(outcome.status)")
            #expect(outcome.output.isEmpty, "\(arguments)")
            #expect(!outcome.errors.isEmpty, "\(arguments)")
        }
    }

    @Test func helpAndVersion() throws {
        let folder = Folder()
        let help = try Program.run(["--help"], in: folder)
        #expect(help.status == 0)
        for command in ["shell", "query", "crawl", "crawler", "serve"] { #expect(help.output.contains(command)) }
        let version = try Program.run(["--version"], in: folder)
        #expect(version.output.hasPrefix("athena-lite "))
        #expect(version.status == 0)
    }

    @Test func globalOptionsStandAnywhere() throws {
        let folder = Folder()
        for arguments in [
            ["--session", "timezone=Asia/Tokyo", "query", "-e", "SELECT current_timezone()"],
            ["query", "-e", "SELECT current_timezone()", "--session", "timezone=Asia/Tokyo"],
        ] {
            #expect(try Program.run(arguments, in: folder).output == "\"_col0\"\n\"Asia/Tokyo\"\n")
        }
    }

    @Test func findsTheCatalog() throws {
        let folder = Folder()
        _ = try Program.run(["query", "-e", "SELECT 1"], in: folder)
        #expect(folder.names().contains(".athena-lite"), "HOME is the folder")
        _ = try Program.run(["query", "--catalog", "a", "-e", "SELECT 1"], in: folder)
        _ = try Program.run(["query", "-e", "SELECT 1"], in: folder, environment: ["ATHENA_LITE_CATALOG": "b"])
        #expect(folder.names("a").contains("metastore.sqlite"))
        #expect(folder.names("b").contains("metastore.sqlite"))
    }

    @Test func interruptIs130() throws {
        let folder = Folder()
        try folder.addLake()
        let output = try PipeEnds()
        let child = try Child(
            Program.path,
            [
                "query", "-e", "SELECT 1",
                "-e", "SELECT count(*) FROM flights a CROSS JOIN flights b CROSS JOIN flights c",
                "-e", "SELECT 3",
            ], in: folder,
            descriptors: [
                open("/dev/null", O_RDONLY), output.write, open(folder.path + "/err", O_WRONLY | O_CREAT, 0o644),
            ])
        let reader = TimedReader(output.read)
        #expect(reader.line() == "\"_col0\"")
        #expect(reader.line() == "\"1\"")
        // The second statement runs now, or is about to.
        usleep(200_000)
        child.signal(SIGINT)
        #expect(reader.rest().isEmpty)
        #expect(child.wait() == 130)
        #expect(try folder.read("err") == "USER_CANCELED: Query was canceled\n")
    }

    @Test func brokenPipeIsQuiet() throws {
        let folder = Folder()
        let output = try PipeEnds()
        let child = try Child(
            Program.path,
            ["query", "-e", "SELECT n FROM UNNEST(sequence(1, 10000)) t(n) CROSS JOIN UNNEST(sequence(1, 10000))"],
            in: folder,
            descriptors: [
                open("/dev/null", O_RDONLY), output.write, open(folder.path + "/err", O_WRONLY | O_CREAT, 0o644),
            ])
        do {
            let reader = TimedReader(output.read)
            #expect(reader.line() == "\"n\"")
        }
        #expect(child.wait() == 0)
        #expect(try folder.read("err").isEmpty)
    }

    // MARK: - Errors

    @Test func errorsOfFilesNameTheirLine() throws {
        let folder = Folder()
        try folder.write("report.sql", "-- heading\nSELECT 1;\n\n-- second\nSELECT\n  x;\n")
        let outcome = try Program.run(["query", "-f", "report.sql"], in: folder)
        #expect(outcome.errors == "report.sql:6: COLUMN_NOT_FOUND: line 3:3: Column 'x' cannot be resolved\n")
        try folder.write("divide.sql", "SELECT 1;\nSELECT 1/0;\n")
        let second = try Program.run(["query", "-f", "divide.sql"], in: folder)
        #expect(second.errors == "divide.sql:2: DIVISION_BY_ZERO: line 1:9: Division by zero\n")
    }

    @Test func unclosedTextIsASyntaxErrorAtItsStart() throws {
        let folder = Folder()
        for (sql, place) in [("SELECT 'abc", "1:8"), ("SELECT 1 /* abc", "1:10"), ("SELECT \"abc", "1:8")] {
            let outcome = try Program.run(["query", "-e", sql], in: folder)
            #expect(outcome.errors.hasPrefix("SYNTAX_ERROR: line \(place): "), "\(sql): \(outcome.errors)")
        }
    }

    @Test func unknownNamesListNearOnes() throws {
        let folder = Folder()
        try folder.addLake()
        let column = try Program.run(["query", "-e", "SELECT dep_dela FROM flights"], in: folder)
        #expect(column.errors.hasPrefix("COLUMN_NOT_FOUND: line 1:8: Column 'dep_dela' cannot be resolved"))
        #expect(column.errors.contains("dep_delay"))
        let table = try Program.run(["query", "-e", "SELECT 1 FROM flight"], in: folder)
        #expect(table.errors.hasPrefix("TABLE_NOT_FOUND: line 1:15: "))
        #expect(table.errors.contains("flights"))
        let function = try Program.run(["query", "-e", "SELECT lenght('x')"], in: folder)
        #expect(function.errors.hasPrefix("FUNCTION_NOT_FOUND: line 1:8: "))
        #expect(function.errors.contains("length"))
        let database = try Program.run(["query", "--database", "defualt", "-e", "SELECT 1"], in: folder)
        #expect(database.errors.hasPrefix("SCHEMA_NOT_FOUND: "))
        #expect(database.errors.contains("default"))
        #expect(database.status == 1)
    }

    @Test func damagedFilesAreNamed() throws {
        let folder = Folder()
        try folder.write("data/broken.parquet", "PAR1 this is not a Parquet file PAR1")
        try folder.write("numbers/n.csv", "1\nx\n")
        let ddl = """
            CREATE EXTERNAL TABLE broken (x int) STORED AS PARQUET LOCATION '\(folder.path)/data/';
            CREATE EXTERNAL TABLE numbers (n int) ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde'
            LOCATION '\(folder.path)/numbers/'
            """
        #expect(try Program.run(["query", "-e", ddl], in: folder).status == 0)
        let parquet = try Program.run(["query", "-e", "SELECT * FROM broken"], in: folder)
        #expect(parquet.status == 1)
        #expect(parquet.errors.hasPrefix("HIVE_BAD_DATA: "))
        #expect(parquet.errors.contains("\(folder.path)/data/broken.parquet"))
        let text = try Program.run(["query", "-e", "SELECT * FROM numbers"], in: folder)
        #expect(text.errors.hasPrefix("HIVE_BAD_DATA: "))
        #expect(text.errors.contains("\(folder.path)/numbers/n.csv"))
        #expect(text.errors.contains("line 2"))
        #expect(text.errors.contains("column 'n'"))
    }

    @Test func emptyFoldersSayThatTheyAre() throws {
        let folder = Folder()
        try folder.write("empty/_hidden", "x")
        let ddl = "CREATE EXTERNAL TABLE e (x int) LOCATION '\(folder.path)/empty/'"
        #expect(try Program.run(["query", "-e", ddl], in: folder).status == 0)
        let outcome = try Program.run(["query", "-e", "SELECT * FROM e"], in: folder)
        #expect(outcome.status == 0)
        #expect(outcome.output == "\"x\"\n")
        #expect(outcome.errors.hasPrefix("warning: Table default.e has no data: its location \(folder.path)/empty/"))
        #expect(outcome.errors.contains("1 hidden name"))
    }

    @Test func readOnlyChangesNothing() throws {
        let folder = Folder()
        try folder.addLake()
        let before = folder.names(".athena-lite")
        let query = try Program.run(["--read-only", "query", "-e", "SELECT count(*) FROM airlines"], in: folder)
        #expect(query.output == "\"_col0\"\n\"16\"\n")
        let change = try Program.run(["query", "--read-only", "-e", "CREATE DATABASE d"], in: folder)
        #expect(change.status == 1)
        #expect(change.errors.hasPrefix("PERMISSION_DENIED: "))
        #expect(folder.names(".athena-lite").filter { !$0.contains("-") } == before.filter { !$0.contains("-") })
        let missing = try Program.run(["query", "--read-only", "--catalog", "none", "-e", "SHOW TABLES"], in: folder)
        #expect(missing.status == 1)
        #expect(!folder.names().contains("none"))
    }

    /// A line for each operator: what a node builds apart from what it then gives, with rows, time and bytes.
    @Test func explainAnalyzeShowsOperators() throws {
        let folder = Folder()
        try folder.addLake()
        let sql = "SELECT a.name, count(*) FROM flights f JOIN airlines a ON f.carrier = a.carrier GROUP BY a.name"
        let outcome = try Program.run(["query", "--format", "tsv", "-e", "EXPLAIN ANALYZE " + sql], in: folder)
        let lines = outcome.output.split(separator: "\n").map { $0.drop { "│├└─ ".contains($0) } }
        func operators(_ name: String) -> [Substring] { lines.filter { $0.hasPrefix(name + ": ") } }
        let build = try #require(operators("JoinBuild").first)
        #expect(build.hasPrefix("JoinBuild: 16 rows in, "))
        #expect(build.hasSuffix(" bytes held"))
        let probe = try #require(operators("HashJoinProbe").first)
        #expect(probe.contains(" rows out, ") && probe.hasSuffix(" ms"))
        let scans = operators("Scan")
        #expect(scans.count == 2 && scans.allSatisfy { $0.hasSuffix(" bytes read") })
        #expect(operators("HashAggregate").count == 2)
    }

    // MARK: - Parameters

    @Test func parametersGoToStatementsInOrder() throws {
        let folder = Folder()
        let outcome = try Program.run(
            [
                "query", "--param", "40", "--param", "2", "--param", "DATE '2017-01-02'", "-e",
                "SELECT ? + ? AS n; SELECT 'none' AS n; SELECT ? AS n",
            ], in: folder)
        #expect(outcome.output == "\"n\"\n\"42\"\n\n\"n\"\n\"none\"\n\n\"n\"\n\"2017-01-02\"\n")
        let prepared = try Program.run(
            ["query", "--param", "'x'", "-e", "PREPARE p FROM SELECT ? AS a; EXECUTE p USING 1; SELECT ? AS b"],
            in: folder)
        #expect(prepared.output == "\"a\"\n\"1\"\n\n\"b\"\n\"x\"\n", "\(prepared.errors)")
    }

    @Test func wrongNumbersOfParametersAreErrors() throws {
        let folder = Folder()
        let few = try Program.run(["query", "--param", "1", "-e", "SELECT ?, ?"], in: folder)
        #expect(few.errors == "INVALID_PARAMETER_USAGE: Incorrect number of parameters: expected 2 but found 1\n")
        #expect(few.status == 1)
        let many = try Program.run(["query", "--param", "1", "--param", "2", "-e", "SELECT ?"], in: folder)
        #expect(many.errors.hasPrefix("INVALID_PARAMETER_USAGE: "))
        #expect(many.status == 1)
    }

    // MARK: - Files

    @Test func writesOneFileAStatement() throws {
        let folder = Folder()
        let outcome = try Program.run(
            ["query", "--output", "r-{n}.csv", "-e", "SELECT 1 AS n; CREATE DATABASE d; SELECT x; SELECT 4"], in: folder
        )
        #expect(outcome.status == 1)
        #expect(outcome.output.isEmpty)
        #expect(try folder.read("r-1.csv") == "\"n\"\n\"1\"\n")
        #expect(!folder.names().contains { $0.hasPrefix("r-3") || $0.hasPrefix("r-4") || $0.hasSuffix(".tmp") })
    }

    @Test func writesOneFileForAll() throws {
        let folder = Folder()
        _ = try Program.run(["query", "--output", "r.csv", "-e", "SELECT 1 AS n; SELECT 2 AS n"], in: folder)
        #expect(try folder.read("r.csv") == "\"n\"\n\"1\"\n\n\"n\"\n\"2\"\n")
        // A failure leaves the file of before.
        let failed = try Program.run(["query", "--output", "r.csv", "-e", "SELECT 3 AS n; SELECT x"], in: folder)
        #expect(failed.status == 1)
        #expect(try folder.read("r.csv") == "\"n\"\n\"1\"\n\n\"n\"\n\"2\"\n")
        #expect(!folder.names().contains { $0.hasSuffix(".tmp") })
        let missing = try Program.run(["query", "--output", "no/folder/r.csv", "-e", "SELECT 1"], in: folder)
        #expect(missing.status == 2)
    }

    @Test func writesTimings() throws {
        let folder = Folder()
        let outcome = try Program.run(
            [
                "query", "--timing-json", "t.json", "-e",
                "SELECT n FROM UNNEST(sequence(1, 7)) t(n); SELECT x; SELECT 3",
            ],
            in: folder)
        #expect(outcome.status == 1)
        #expect(outcome.errors == "COLUMN_NOT_FOUND: line 1:8: Column 'x' cannot be resolved\n")
        let lines = try folder.read("t.json").split(separator: "\n")
        #expect(lines.count == 2)
        let first = try #require(try JSONSerialization.jsonObject(with: Data(lines[0].utf8)) as? [String: Any])
        #expect(
            Set(first.keys) == [
                "statement", "engine_ms", "planning_ms", "rows", "bytes_scanned", "peak_memory_bytes", "state",
            ])
        #expect(first["rows"] as? Int == 7)
        #expect(first["state"] as? String == "SUCCEEDED")
        let second = try #require(try JSONSerialization.jsonObject(with: Data(lines[1].utf8)) as? [String: Any])
        #expect(second["state"] as? String == "FAILED")
        #expect(second["statement"] as? Int == 2)
    }
}
