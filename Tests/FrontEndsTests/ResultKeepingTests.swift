import Foundation
import SQLTypes
import Testing

/// Kept results: files, their metadata, and their use by later queries.
@Suite struct ResultKeepingTests {
    private func json(_ text: String) throws -> JSONValue { try JSONValue.parse(text) }

    @Test func queryKeepsNothingUnlessAsked() throws {
        let folder = Folder()
        _ = try Program.run(["query", "--catalog", "c", "-e", "SELECT 1"], in: folder)
        #expect(!folder.names("c").contains("results"))
    }

    @Test func keepsTheBytesOfTheCSVFormat() throws {
        let folder = Folder()
        let sql = "SELECT 1 AS n, 'a \"b\"' AS t, CAST(NULL AS varchar) AS e, '' AS f"
        let outcome = try Program.run(
            ["query", "--catalog", "c", "--session", "results.keep=true", "-e", sql], in: folder)
        let names = folder.names("c/results")
        #expect(names.count == 2)
        let name = try #require(names.first { $0.hasSuffix(".csv") })
        #expect(try folder.read("c/results/" + name) == outcome.output)
        let metadata = try json(try folder.read("c/results/\(name).metadata"))
        #expect(metadata["QueryExecutionId"]?.stringValue == String(name.dropLast(4)))
        #expect(metadata["StatementType"] == .string("DML"))
        #expect(metadata["RowCount"] == .int(1))
        let columns = try #require(metadata["ColumnInfo"]?.arrayValue)
        #expect(columns.compactMap { $0["Name"]?.stringValue } == ["n", "t", "e", "f"])
        #expect(columns.compactMap { $0["Type"]?.stringValue } == ["integer", "varchar", "varchar", "varchar"])
    }

    @Test func keepsOtherStatementsAsText() throws {
        let folder = Folder()
        let outcome = try Program.run(
            [
                "query", "--catalog", "c", "--session", "results.keep=true", "--format", "tsv", "-e",
                "CREATE DATABASE d; SHOW DATABASES",
            ], in: folder)
        #expect(outcome.status == 0)
        let texts = try folder.names("c/results").filter { $0.hasSuffix(".txt") }.map {
            try folder.read("c/results/" + $0)
        }
        #expect(Set(texts) == ["", "d\ndefault\ninformation_schema\n"])
        #expect(folder.names("c/results").filter { $0.hasSuffix(".txt.metadata") }.count == 2)
    }

    @Test func keepsNothingOfFailures() throws {
        let folder = Folder()
        _ = try Program.run(
            [
                "query", "--catalog", "c", "--session", "results.keep=true", "-e",
                "SELECT 1 / (n - 5000) FROM UNNEST(sequence(1, 9999)) t(n)",
            ], in: folder)
        #expect(folder.names("c/results").isEmpty)
    }

    @Test func serverAndShellKeep() throws {
        let folder = Folder()
        let server = try Program.run(
            ["serve", "--stdio", "--catalog", "c"], input: #"{"id":1,"method":"execute","params":{"sql":"SELECT 1"}}"#,
            in: folder)
        let last = try json(String(try #require(server.output.split(separator: "\n").last)))
        let location = try #require(last["result"]?["stats"]?["output_location"]?.stringValue)
        #expect(location.hasPrefix("/"))
        #expect(try String(contentsOfFile: location, encoding: .utf8) == "\"_col0\"\n\"1\"\n")
        _ = try Program.run(["shell", "--catalog", "d"], input: "SELECT 1;", in: folder)
        #expect(folder.names("d/results").count == 2)
        _ = try Program.run(
            ["shell", "--catalog", "e", "--session", "results.keep=false"], input: "SELECT 1;", in: folder)
        #expect(!folder.names("e").contains("results"))
    }

    // MARK: - Reuse

    /// A table of one CSV file whose times lie in the past, and a server over it.
    private func makeTable(_ folder: Folder, rows: String = "1\n2\n") throws {
        try folder.write("data/n.csv", rows)
        try Self.age(folder.path + "/data/n.csv")
        let ddl = """
            CREATE EXTERNAL TABLE t (n int) ROW FORMAT DELIMITED FIELDS TERMINATED BY ','
            LOCATION '\(folder.path)/data/'
            """
        #expect(try Program.run(["query", "-e", ddl], in: folder).status == 0)
    }

    /// A file counts as settled when it has not changed for two seconds, its change time included, which cannot be set.
    private static func age(_ path: String) throws {
        var status = stat()
        guard stat(path, &status) == 0 else { return }
        while time(nil) < status.st_ctim.tv_sec + 3 { usleep(100_000) }
    }

    /// Runs statements in one server; each as the text of its rows and whether it was reused.
    private func run(_ folder: Folder, _ statements: [String], minutes: Int = 60) throws -> [String] {
        let requests = statements.enumerated().map { index, sql in
            JSONValue.object([
                .init("id", .int(index)), .init("method", .string("execute")),
                .init("params", .object([.init("sql", .string(sql))])),
            ]).text
        }
        let outcome = try Program.run(
            ["serve", "--stdio", "--catalog", ".athena-lite", "--session", "result_reuse_minutes=\(minutes)"],
            input: requests.joined(separator: "\n"), in: folder)
        var texts = [String](repeating: "", count: statements.count)
        for line in outcome.output.split(separator: "\n") {
            let event = try json(String(line))
            let id = try #require(event["id"]?.intValue)
            if let rows = event["rows"] { texts[id] += rows.text }
            if event["result"]?["stats"]?["reused"] == .bool(true) { texts[id] += " reused" }
            if let error = event["error"] { texts[id] += error.text }
        }
        return texts
    }

    @Test func reusesEqualQueries() throws {
        let folder = Folder()
        try makeTable(folder)
        let sql = "SELECT sum(n) AS s FROM t"
        #expect(
            try run(folder, [sql, sql, "SELECT  sum(n) AS s FROM t"]) == ["[[3]]", "[[3]] reused", "[[3]]"])
        // Another process, too; but not without the setting.
        #expect(try run(folder, [sql]) == ["[[3]] reused"])
        #expect(try run(folder, [sql], minutes: 0) == ["[[3]]"])
    }

    @Test func runsAgainWhenFilesChange() throws {
        let folder = Folder()
        try makeTable(folder)
        let queries = ["SELECT sum(n) FROM t", "SELECT count(*) FROM t"]
        #expect(try run(folder, queries) == ["[[3]]", "[[2]]"])
        #expect(try run(folder, queries) == ["[[3]] reused", "[[2]] reused"])
        try folder.write("data/more.csv", "10\n")
        #expect(try run(folder, queries) == ["[[13]]", "[[3]]"])
        try FileManager.default.removeItem(atPath: folder.path + "/data/more.csv")
        #expect(try run(folder, queries) == ["[[3]] reused", "[[2]] reused"])
        try folder.write("data/n.csv", "5\n6\n")
        #expect(try run(folder, queries) == ["[[11]]", "[[2]]"])
    }

    @Test func runsAgainWhenTheCatalogChanges() throws {
        let folder = Folder()
        try makeTable(folder)
        #expect(try run(folder, ["CREATE VIEW v AS SELECT n FROM t", "SELECT max(n) FROM v"]) == ["", "[[2]]"])
        #expect(try run(folder, ["SELECT max(n) FROM v"]) == ["[[2]] reused"])
        #expect(
            try run(folder, ["CREATE OR REPLACE VIEW v AS SELECT -n AS n FROM t", "SELECT max(n) FROM v"])
                == ["", "[[-1]]"])
    }

    @Test func runsAgainWhenTheAnswerMayDiffer() throws {
        let folder = Folder()
        try makeTable(folder)
        let varying = [
            "SELECT now() > TIMESTAMP '2020-01-01 00:00:00 UTC' FROM t", "SELECT current_date > DATE '2020-01-01'",
            "SELECT random() < 2 FROM t", "SELECT count(*) FROM t TABLESAMPLE BERNOULLI (100)",
            "SELECT count(*) > 0 FROM information_schema.tables", "SELECT length(CAST(uuid() AS varchar))",
        ]
        for answers in [try run(folder, varying), try run(folder, varying)] {
            #expect(!answers.contains { $0.contains("reused") })
        }
        // Settings and database are part of the question.
        let zone = "SELECT CAST(TIMESTAMP '2020-01-01 00:00:00 UTC' AS timestamp(0))"
        let answers = try run(
            folder,
            [
                zone, "SET SESSION timezone = 'Asia/Tokyo'", zone, "SET SESSION timezone = 'UTC'", zone,
                "CREATE DATABASE d",
                zone, "USE d", zone,
            ])
        #expect([0, 2, 4, 6, 8].map { answers[$0].contains("reused") } == [false, false, true, false, false])
    }

    @Test func readsEveryTypeBack() throws {
        let folder = Folder()
        let sql = """
            SELECT * FROM (VALUES
              (true, tinyint '-1', smallint '2', 3, bigint '-9223372036854775808', real '0.1', 1e-5, DECIMAL '1.50',
               'a "b", \n', CAST('ab' AS char(4)), X'00ff', DATE '-0001-01-01', TIMESTAMP '2017-01-01 00:00:00.123',
               TIMESTAMP '2017-07-01 00:00:00.000001 Europe/Berlin', JSON '{"a":[1,null]}',
               UUID '12151fd2-7586-11e9-8f9e-2a86e4085a59', IPADDRESS '2001:db8::1', '', infinity(),
               CAST('-12345678901234567890123456789012345.678' AS decimal(38,3))),
              (NULL, NULL, NULL, NULL, NULL, NULL, nan(), NULL, NULL, NULL, X'', NULL, NULL, NULL, JSON 'null', NULL, NULL,
               NULL, NULL, NULL)) AS t
            """
        let answers = try run(folder, [sql, sql])
        #expect(answers[1] == answers[0] + " reused")
        // Nested values are not read back from text.
        let nested = try run(folder, ["SELECT ARRAY[1]", "SELECT ARRAY[1]"])
        #expect(nested == ["[[[1]]]", "[[[1]]]"])
    }
}
