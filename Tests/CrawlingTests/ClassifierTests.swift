import Crawling
import Metastore
import SQLTypes
import Testing

/// Custom classifiers: of the catalog and of one crawl, CSV and JSON.
@Suite struct ClassifierTests {
    @Test(arguments: [
        ("$.data.items[*]", ["1|x", "2|y"]), ("$.data.items", ["1|x", "2|y"]), ("$['data']['items'][1]", ["2|y"]),
        ("$.more.*", ["3|z", "4|w"]),
    ]) func jsonPaths(_ path: String, _ rows: [String]) throws {
        let document = """
            {"meta": {"count": 2, "items": [{"id": 9, "s": "not this"}]},
             "data": {"items": [{"id": 1, "s": "x"},
                                {"id": 2, "s": "y"}]},
             "more": {"k1": {"id": 3, "s": "z"}, "k2": {"id": 4, "s": "w"}}}

            """
        let lake = try Lake(["t/a.json": document])
        try lake.engine.store.saveClassifier(
            ClassifierRecord(
                name: "items",
                configuration: CustomClassifier.json(try JSONClassifierSettings(name: "items", path: path)).json))
        let report = try lake.crawl { $0.classifiers = [.named("items")] }
        #expect(report["t"]?.shape == "id int, s string")
        #expect(report["t"]?.classification == "json")
        #expect(try lake.rows("SELECT * FROM t") == rows)
    }

    @Test func severalDocumentsAndFiles() throws {
        let line = #"{"rows": [{"a": "x, \"y\" ]}"}, {"a": null}], "n": 1}"# + "\n"
        let settings = try JSONClassifierSettings(name: "r", path: "$.rows[*]")
        let lake = try Lake(["t/1.json": line + line, "t/2.json": "\u{feff}" + line])
        _ = try lake.crawl { $0.classifiers = [.json(settings)] }
        #expect(try lake.rows("SELECT count(*), count(a), max(a) FROM t") == ["6|3|x, \"y\" ]}"])
    }

    @Test func badPaths() {
        for text in ["", "a", "$.", "$x", "$[", "$[x]", "$['a", "$..a", "$[-1]"] {
            #expect(throws: QueryError.self) { try JSONClassifierSettings(name: "x", path: text) }
        }
    }

    @Test func typesAndSerdeOfTheClassifier() throws {
        let lake = try Lake(["t/a.csv": "1;2.50;x\n2;3.25;y\n"])
        var settings = CSVClassifierSettings(name: "c")
        settings.delimiter = UInt8(ascii: ";")
        settings.columns = ["id", "price", "name"]
        settings.types = ["int", "decimal(10,2)", "string"]
        settings.serde = .openCSV
        settings.header = .absent
        try lake.engine.store.saveClassifier(
            ClassifierRecord(name: "c", configuration: CustomClassifier.csv(settings).json))
        let report = try lake.crawl { $0.classifiers = [.named("c")] }
        #expect(report["t"]?.shape == "id int, price decimal(10,2), name string")
        #expect(try lake.table("t")?.storage.serde == StoredFormat.csv.serde)
        #expect(try lake.rows("SELECT * FROM t") == ["1|2.50|x", "2|3.25|y"])
        // Unchanged files keep what they were taken for.
        #expect(try lake.crawl()["t"]?.action == .unchanged)
    }

    @Test func unknownNamesListNearOnes() throws {
        let lake = try Lake(["t/a.csv": "1;2\n"])
        try lake.engine.store.saveClassifier(
            ClassifierRecord(
                name: "semicolon", configuration: CustomClassifier.csv(CSVClassifierSettings(name: "semicolon")).json))
        let error = #expect(throws: QueryError.self) { try lake.crawl { $0.classifiers = [.named("semicolons")] } }
        #expect(error?.code == .notFound)
        #expect(error?.text.contains("semicolon") == true)
    }

    @Test func storedOptionsComeBack() throws {
        var options = CrawlOptions(name: "n", database: "d", paths: ["/a", "s3://b/"])
        options.exclusions = ["**.tmp"]
        options.tablePrefix = "p_"
        options.combinesCompatibleSchemas = true
        options.tableLevel = 3
        options.tableThreshold = 10
        options.sampleSize = 5
        options.updateBehavior = .log
        options.deleteBehavior = .delete
        options.recrawlBehavior = .newFoldersOnly
        options.partitionsInherit = false
        options.infersPartitionTypes = true
        options.usesGlueTypes = true
        var csv = CSVClassifierSettings(name: "c")
        csv.delimiter = 9
        csv.quote = UInt8(ascii: "'")
        csv.columns = ["a", "b"]
        csv.types = ["int", "string"]
        csv.allowsSingleColumn = true
        csv.serde = .lazySimple
        options.classifiers = [.named("x"), .csv(csv), .json(try JSONClassifierSettings(name: "j", path: "$.a[*]"))]
        let json = try JSONValue.parse(options.json.text)
        #expect(CrawlOptions(name: "n", json: json) == options)
    }
}
