import Foundation
import Metastore
import SQLTypes
import Testing

/// The catalog's contents and its transactions.
@Suite struct MetastoreTests {
    @Test func everythingComesBack() throws {
        let folder = try CatalogFolder()
        var table = CatalogFolder.table("t", keys: ["p", "q"])
        table.comment = "it's a \"table\""
        table.owner = "me"
        table.storage.bucketColumns = ["x"]
        table.storage.bucketCount = 4
        table.storage.parameters = ["s": "ünï\u{1f600}"]
        do {
            let store = folder.store()
            #expect(try store.databaseNames() == ["default"])
            try store.createDatabase(Database(name: "d", comment: "c", location: "/l", parameters: ["k": "v"]))
            try store.createTable(table)
            try store.addPartitions("default", "t", [CatalogFolder.partition(table, ["1", ""])])
        }
        let store = folder.store()
        #expect(try store.database("d") == Database(name: "d", comment: "c", location: "/l", parameters: ["k": "v"]))
        var found = try #require(try store.table("default", "t"))
        #expect(found.createdAt > 0)
        found.createdAt = 0
        found.updatedAt = 0
        #expect(found == table)
        let partition = try #require(try store.partition("default", "t", values: ["1", ""]))
        #expect(partition.storage.location == "/data/t/1//")
        #expect(partition.storage.columns == table.storage.columns)
    }

    @Test func errorsAreTrinos() throws {
        let folder = try CatalogFolder()
        let store = folder.store()
        let table = CatalogFolder.table("t", keys: ["p"])
        try store.createTable(table)
        try store.addPartitions("default", "t", [CatalogFolder.partition(table, ["1"])])
        func code(_ body: () throws -> Void) -> ErrorCode? {
            do { try body() } catch { return (error as? QueryError)?.code }
            return nil
        }
        #expect(code { try store.createTable(table) } == .tableAlreadyExists)
        #expect(code { try store.createTable(table, ifNotExists: true) } == nil)
        #expect(code { try store.createDatabase(Database(name: "default")) } == .schemaAlreadyExists)
        #expect(code { try store.dropDatabase("default") } == .notSupported)
        #expect(code { try store.dropDatabase("none") } == .schemaNotFound)
        #expect(code { try store.addPartitions("default", "none", []) } == .tableNotFound)
        #expect(
            code { try store.addPartitions("default", "t", [CatalogFolder.partition(table, ["1"])]) } == .alreadyExists)
        try store.createDatabase(Database(name: "d"))
        var other = table
        other.database = "d"
        try store.createTable(other)
        #expect(code { try store.dropDatabase("d") } == .schemaNotEmpty)
        try store.dropDatabase("d", cascade: true)
        #expect(try store.databaseNames() == ["default"])
        #expect(try store.dropTable("default", "none") == false)
    }

    @Test func aFailedTransactionLeavesNothing() throws {
        let folder = try CatalogFolder()
        let store = folder.store()
        #expect(throws: QueryError.self) {
            try store.transaction {
                try store.createTable(CatalogFolder.table("one"))
                try store.transaction { try store.createTable(CatalogFolder.table("two")) }
                #expect(try store.tableNames("default") == ["one", "two"])
                throw QueryError(.genericUserError, "no")
            }
        }
        #expect(try store.tableNames("default").isEmpty)
        try store.createTable(CatalogFolder.table("three"))
        #expect(try folder.store().tableNames("default") == ["three"])
    }

    @Test func readersSeeCommittedStatesOnly() throws {
        let folder = try CatalogFolder()
        let writer = folder.store()
        let reader = folder.store()
        try writer.createTable(CatalogFolder.table("one"))
        try writer.transaction {
            try writer.createTable(CatalogFolder.table("two"))
            #expect(try reader.tableNames("default") == ["one"])
        }
        #expect(try reader.tableNames("default") == ["one", "two"])
    }

    @Test func droppedTablesTakeTheirPartitions() throws {
        let folder = try CatalogFolder()
        let store = folder.store()
        let table = CatalogFolder.table("t", keys: ["p"])
        try store.createTable(table)
        try store.addPartitions("default", "t", [CatalogFolder.partition(table, ["1"])])
        try store.saveColumnStatistics("default", "t", ["x": .int(1)])
        #expect(try store.dropTable("default", "t"))
        try store.createTable(table)
        #expect(try store.partitions("default", "t", matching: nil).isEmpty)
        #expect(try store.columnStatistics("default", "t").isEmpty)
    }

    @Test func renamedTablesKeepTheirPartitions() throws {
        let folder = try CatalogFolder()
        let store = folder.store()
        let table = CatalogFolder.table("t", keys: ["p"])
        try store.createTable(table)
        try store.addPartitions("default", "t", [CatalogFolder.partition(table, ["1"])])
        try store.createDatabase(Database(name: "d"))
        try store.renameTable("default", "t", to: "u", in: "d")
        #expect(try store.partitions("d", "u", matching: nil).count == 1)
        #expect(try store.table("default", "t") == nil)
    }

    // MARK: - Partitions

    @Test func partitionsByValue() throws {
        let folder = try CatalogFolder()
        let store = folder.store()
        let table = CatalogFolder.table("t", keys: ["p", "q"])
        try store.createTable(table)
        let values = [["1", "a"], ["1", "b"], ["2", "a"], [Partition.nullValue, "a"], ["10", ""]]
        #expect(try store.addPartitions("default", "t", values.map { CatalogFolder.partition(table, $0) }) == 5)
        func found(_ allowed: [Int: Set<String>]) throws -> [[String]] {
            try store.partitions("default", "t", matching: PartitionFilter(allowedValues: allowed)).map(\.values)
                .sorted { $0.joined(separator: "/") < $1.joined(separator: "/") }
        }
        #expect(try found([0: ["1"]]) == [["1", "a"], ["1", "b"]])
        #expect(try found([0: ["1", "2"], 1: ["a"]]) == [["1", "a"], ["2", "a"]])
        #expect(try found([1: [""]]) == [["10", ""]])
        #expect(try found([0: []]).isEmpty)
        #expect(try found([0: ["3"]]).isEmpty)
        #expect(try found([:]).count == 5)
        #expect(try found([1: Set((0..<600).map(String.init) + ["a"])]).count == 3)
        #expect(try store.dropPartition("default", "t", values: ["1", "a"]))
        #expect(try !store.dropPartition("default", "t", values: ["1", "a"]))
        #expect(try found([0: ["1"]]) == [["1", "b"]])
        var changed = CatalogFolder.partition(table, ["2", "a"])
        changed.storage.columns.append(CatalogColumn(name: "y", typeName: "int"))
        changed.storage.location = "/elsewhere/"
        changed.parameters = ["rows": "2"]
        try store.updatePartition("default", "t", changed)
        let after = try #require(try store.partition("default", "t", values: ["2", "a"]))
        #expect(after.storage == changed.storage)
        #expect(after.parameters == ["rows": "2"])
    }

    /// One of 100,000 partitions is found without reading the others.
    @Test func manyPartitionsAreFoundByIndex() throws {
        let folder = try CatalogFolder()
        let store = folder.store()
        let table = CatalogFolder.table("t", keys: ["day", "hour"])
        try store.createTable(table)
        let all = (0..<100_000).map { CatalogFolder.partition(table, ["d\($0 / 24)", String($0 % 24)]) }
        #expect(try store.addPartitions("default", "t", all) == 100_000)
        #expect(try store.partitions("default", "t", matching: nil).count == 100_000)
        let one = try store.partition("default", "t", values: ["d4000", "7"])
        #expect(one?.storage.location == "/data/t/d4000/7/")
        let plan = try SQLiteFile(folder.file).lines(
            """
            EXPLAIN QUERY PLAN SELECT spec, location, storage_id, parameters, created_at FROM partitions
            WHERE table_id = 1 AND id IN (SELECT partition_id FROM partition_values WHERE table_id = 1 AND position = 0
            AND value IN ('d4000'))
            """)
        #expect(
            plan.contains { $0.contains("partition_values USING PRIMARY KEY (table_id=? AND position=? AND value=?)") })
        #expect(!plan.contains { $0.contains("SCAN") }, "\(plan)")
        // Their storages differ in the location alone, which is kept apart.
        #expect(try SQLiteFile(folder.file).lines("SELECT count(*) FROM partition_storages") == ["1"])
    }

    // MARK: - Crawlers, queries, statements

    @Test func crawlersAndTheirRuns() throws {
        let folder = try CatalogFolder()
        let store = folder.store()
        try store.saveCrawler(CrawlerRecord(name: "c", configuration: .object([.init("a", .int(1))])))
        try store.saveCrawler(CrawlerRecord(name: "c", configuration: .object([.init("a", .int(2))])))
        #expect(try store.crawlers().map(\.configuration.text) == [#"{"a":2}"#])
        try store.saveRun(CrawlerRun(id: "1", crawler: "c", state: .running, startedAt: 5))
        try store.saveRun(
            CrawlerRun(id: "1", crawler: "c", state: .completed, startedAt: 5, finishedAt: 7, report: .null))
        try store.saveRun(CrawlerRun(id: "2", crawler: "c", state: .failed, startedAt: 9))
        #expect(try store.runs(of: "c").map(\.id) == ["2", "1"])
        #expect(try store.runs(of: "c", limit: 1).map(\.id) == ["2"])
        try store.updateCrawledFiles(
            "c", changed: [CrawledFile(path: "/a", byteCount: 1, modified: 2, schema: "s")], removed: [])
        #expect(try store.crawledFiles("c")["/a"]?.byteCount == 1)
        try store.updateCrawledFiles("c", changed: [], removed: ["/a"])
        #expect(try store.crawledFiles("c").isEmpty)
        #expect(try store.deleteCrawler("c"))
        #expect(try !store.deleteCrawler("c"))
        #expect(try store.runs(of: "c").isEmpty)
    }
}
