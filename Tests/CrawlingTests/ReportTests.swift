import Crawling
import SQLTypes
import Testing

/// The report's forms, and the properties that tables get.
@Suite struct ReportTests {
    private func lake() throws -> Lake {
        try Lake([
            "sales/year=2023/a.csv": "id,note\n1,x\n2,\"y, z\"\n", "sales/year=2024/a.csv": "id,note\n3,x\n4,y\n5,z\n",
            "events/a.json": "{\"UserId\": 1, \"at\": \"2024-01-01\"}\n", "events/skip.tmp": "{}",
        ])
    }

    @Test func jsonIsTheContracts() throws {
        let lake = try lake()
        let report = try lake.crawl { $0.exclusions = ["**.tmp"] }
        guard case .object(let members) = report.json else { throw QueryError(.genericInternalError, "no object") }
        #expect(
            members.map(\.key) == [
                "database", "run_id", "state", "tables", "warnings", "files_seen", "files_sampled", "bytes_sampled",
                "elapsed_ms",
            ])
        let json = try JSONValue.parse(report.json.text)
        #expect(json["database"]?.stringValue == "default")
        #expect(json["state"]?.stringValue == "SUCCEEDED")
        #expect(json["files_seen"]?.intValue == 3)
        #expect(json["files_sampled"]?.intValue == 3)
        #expect((json["bytes_sampled"]?.intValue ?? 0) > 0)
        #expect(json["warnings"]?.arrayValue?.isEmpty == true)
        let tables = try #require(json["tables"]?.arrayValue)
        let sales = try #require(tables.first { $0["name"]?.stringValue == "sales" })
        guard case .object(let fields) = sales else { throw QueryError(.genericInternalError, "no object") }
        #expect(
            fields.map(\.key) == [
                "name", "action", "location", "classification", "columns", "partition_keys", "partitions", "properties",
                "reasons",
            ])
        #expect(sales["action"]?.stringValue == "created")
        #expect(sales["location"]?.stringValue == lake.root + "/sales/")
        #expect(sales["columns"]?.text == #"[["id","bigint"],["note","string"]]"#)
        #expect(sales["partition_keys"]?.text == #"[["year","string"]]"#)
        #expect(sales["partitions"]?.text == #"[["2023"],["2024"]]"#)
        #expect(sales["properties"]?["classification"]?.stringValue == "csv")
    }

    @Test func propertiesAreGlues() throws {
        let lake = try lake()
        try lake.crawl { $0.exclusions = ["**.tmp"] }
        let table = try #require(try lake.table("sales"))
        let expected = [
            "UPDATED_BY_CRAWLER": "lake", "CrawlerSchemaSerializerVersion": "1.0",
            "CrawlerSchemaDeserializerVersion": "1.0",
            "CRAWL_RUN_ID": "run1", "classification": "csv", "compressionType": "none", "typeOfData": "file",
            "objectCount": "2", "recordCount": "5", "averageRecordSize": "6", "sizeKey": "41", "delimiter": ",",
            "columnsOrdered": "true", "areColumnsQuoted": "true", "skip.header.line.count": "1",
            "partition_filtering.enabled": "true", "exclusions": "[\"\(lake.root)/**.tmp\"]", "EXTERNAL": "TRUE",
        ]
        for (key, value) in expected { #expect(table.parameters[key] == value, "\(key)") }
        #expect(table.storage.serde == "org.apache.hadoop.hive.serde2.OpenCSVSerde")
        #expect(table.storage.inputFormat == "org.apache.hadoop.mapred.TextInputFormat")
        #expect(table.storage.serdeParameters == ["separatorChar": ",", "quoteChar": "\"", "escapeChar": "\\"])
        let partition = try #require(try lake.engine.store.partition("default", "sales", values: ["2024"]))
        #expect(partition.parameters["objectCount"] == "1")
        #expect(partition.parameters["recordCount"] == "3")
        #expect(partition.parameters["classification"] == "csv")
        let events = try #require(try lake.table("events"))
        #expect(events.storage.serde == "org.openx.data.jsonserde.JsonSerDe")
        #expect(events.storage.serdeParameters["paths"] == "UserId,at")
        // Excluded files are not read either.
        #expect(try lake.rows("SELECT * FROM events") == ["1|2024-01-01"])
    }

    @Test func glueTypesAreLazySimple() throws {
        let lake = try lake()
        try lake.crawl { $0.usesGlueTypes = true }
        let table = try #require(try lake.table("sales"))
        #expect(table.storage.serde == "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe")
        #expect(table.storage.serdeParameters["field.delim"] == ",")
    }

    @Test func textSaysWhatAndWhy() throws {
        let lake = try lake()
        let text = try lake.crawl { $0.exclusions = ["*.tmp"] }.text
        for part in [
            "sales: created, csv, 2 columns, 2 partitions by year", "delimiter ',', quote '\"'",
            "id bigint, note string",
            "the exclusion '*.tmp' matches no file", "Succeeded: 2 tables",
        ] { #expect(text.contains(part), "\(part) is missing in:\n\(text)") }
    }

    @Test func locationsKeepTheirForm() throws {
        let lake = try Lake(["bucket/t/a.csv": "a,b\n1,2\n"])
        let options = CrawlOptions(name: "c", paths: ["s3://bucket/"])
        let session = try lake.session([("s3.root", lake.root)])
        let report = try lake.engine.crawl(
            options, session: session, runID: "r", plansOnly: false, cancellation: Cancellation())
        #expect(report.tables.map(\.location) == ["s3://bucket/t/"])
    }

    @Test func runsAreKept() throws {
        let lake = try lake()
        try lake.crawl()
        #expect(throws: QueryError.self) {
            try lake.crawl("nowhere") { $0.paths = [lake.folder + "/nowhere"] }
        }
        let runs = try lake.engine.store.runs(of: "lake")
        #expect(runs.map(\.state).contains(.completed) == true)
        #expect(runs.first { $0.state == .completed }?.report?["state"]?.stringValue == "SUCCEEDED")
    }
}
