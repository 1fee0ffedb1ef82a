import Testing

/// JSON files: shapes of documents, nested types, and that queries read them so.
@Suite struct JSONCrawlTests {
    @Test func typesOfValues() throws {
        let lake = try Lake([
            "t/a.json": """
            {"i": 1, "l": 1, "d": 1, "s": "x", "b": true, "n": null, "day": "2024-01-01", "at": "2024-01-01T10:00:00Z", "code": "007", "huge": 92233720368547758080, "mixed": 1}
            {"i": 2, "l": 3000000000, "d": 1.5, "s": "", "b": false, "n": null, "day": "2024-01-02", "at": "2024-01-02 10:00:00", "code": "12", "huge": 1, "mixed": "x"}

            """
        ])
        let table = try #require(lake.crawl()["t"])
        #expect(
            table.shape
                == "i int, l bigint, d double, s string, b boolean, n string, day date, at timestamp, code string, "
                + "huge decimal(38,0), mixed string")
        #expect(
            try lake.rows("SELECT i, l, d, s, b, n, day, code, huge, mixed FROM t") == [
                "1|1|1.0|x|true|NULL|2024-01-01|007|92233720368547758080|1",
                "2|3000000000|1.5||false|NULL|2024-01-02|12|1|x",
            ])
    }

    @Test func nestedTypes() throws {
        let lake = try Lake([
            "t/a.json": """
            {"o": {"a": 1, "b": {"c": "x"}}, "l": [1, 2.5], "r": [{"k": 1}, {"k": 2, "m": true}], "e": {}, "w": {"first name": 1, "x:y": "z", "a-b": 2}, "days": {"2024-01-01": 1, "2024-01-02": 2}}
            {"o": {"a": null, "b": {"c": "y", "d": 1}}, "l": [], "r": [], "e": {"k": "v"}, "w": {}, "days": {"2024-01-03": 3}}

            """
        ])
        let table = try #require(lake.crawl()["t"])
        #expect(
            table.shape
                == "o struct<a:int,b:struct<c:string,d:int>>, l array<double>, r array<struct<k:int,m:boolean>>, "
                + "e struct<k:string>, w struct<first name:int,`x:y`:string,a-b:int>, days map<string,int>")
        #expect(
            try lake.rows("SELECT o.b.d, l, r[1].m, w.\"x:y\", days['2024-01-02'] FROM t WHERE cardinality(l) > 0") == [
                "NULL|[1.0, 2.5]|NULL|z|2"
            ])
    }

    @Test(arguments: [
        "{\"a\":1,\"b\":\"x\"}\n{\"a\":2,\"b\":\"y\"}\n", "{\"a\":1,\"b\":\"x\"}{\"a\":2,\"b\":\"y\"}",
        "{\n  \"a\": 1,\n  \"b\": \"x\"\n}\n{\n  \"a\": 2,\n  \"b\": \"y\"\n}\n",
        "[{\"a\":1,\"b\":\"x\"},{\"a\":2,\"b\":\"y\"}]",
        "[\n  {\n    \"a\": 1, \"b\": \"x\"\n  },\n  {\"a\": 2, \"b\": \"y\"}\n]\n",
        "\u{feff}{\"a\":1,\"b\":\"x\"}\r\n{\"a\":2,\"b\":\"y\"}\r\n",
        "[{\"a\":1,\"b\":\"x\"}]\n[{\"a\":2,\"b\":\"y\"}]\n",
    ]) func shapesOfDocuments(_ text: String) throws {
        let lake = try Lake(["t/a.json": text])
        let table = try #require(lake.crawl()["t"])
        #expect(table.shape == "a int, b string")
        #expect(table.properties["recordCount"] == "2")
        #expect(try lake.rows("SELECT * FROM t") == ["1|x", "2|y"])
    }

    /// An array longer than the sample is sampled from its start.
    @Test func aLongArray() throws {
        let items = (0..<60_000).map { "  {\"id\": \($0), \"text\": \"some words to fill the line\"}" }
        let lake = try Lake(["t/a.json": "[\n" + items.joined(separator: ",\n") + "\n]\n"])
        #expect(try lake.crawl()["t"]?.shape == "id int, text string")
        #expect(try lake.rows("SELECT count(*), max(id) FROM t") == ["60000|59999"])
    }

    @Test func keysKeepTheirCase() throws {
        let lake = try Lake(["t/a.json": "{\"UserId\": 1, \"userName\": \"x\"}\n{\"UserId\": 2, \"userName\": \"y\"}\n"]
        )
        let table = try #require(lake.crawl()["t"])
        #expect(table.shape == "userid int, username string")
        #expect(try lake.table("t")?.storage.serdeParameters["paths"] == "UserId,userName")
        #expect(try lake.rows("SELECT username FROM t WHERE UserID = 2") == ["y"])
    }

    /// Absent keys are nulls: files with other optional keys are of one schema.
    @Test func optionalKeys() throws {
        var files: [String: String] = [:]
        for number in 0..<8 { files["t/\(number).json"] = "{\"id\": 1, \"k\(number % 4)\": 2}\n" }
        files["t/all.json"] = "{\"id\": 1, \"k0\": 1, \"k1\": 1, \"k2\": 1, \"k3\": 1}\n"
        let lake = try Lake(files)
        let report = try lake.crawl()
        #expect(report.names == ["t"])
        #expect(try lake.rows("SELECT count(*), count(k0), count(k3) FROM t") == ["9|3|3"])
    }

    @Test func aBrokenLineIsNamed() throws {
        let lake = try Lake(["t/a.json": "{\"a\":1}\n{\"a\":2}\nnot json\n"])
        let report = try lake.crawl()
        #expect(report["t"]?.shape == "a int")
        #expect(
            report.warnings.contains { $0.contains("cannot be read") && $0.contains("a.json") && $0.contains("line 3") }
        )
    }

    @Test func scalarsAreNoTable() throws {
        let lake = try Lake(["t/a.json": "[1, 2, 3]\n", "u/a.json": "{\"a\": 1\n"])
        let report = try lake.crawl()
        #expect(report.tables.isEmpty)
        #expect(report.warnings.contains { $0.contains("2 files of no known format") })
    }
}
