import Crawling
import Foundation
import Metastore
import SQLTypes
import Testing

/// What a second crawl does with what the first one wrote.
@Suite struct RecrawlTests {
    private func lake() throws -> Lake {
        let lake = try Lake([
            "t/p=1/a.csv": "id,v\n1,1\n2,2\n", "t/p=2/a.csv": "id,v\n3,3\n4,4\n", "u/a.csv": "x,y,z\n1,2,3\n4,5,6\n",
        ])
        #expect(try lake.crawl().tables.map(\.action) == [.created, .created])
        lake.files.forget()
        lake.reopen()
        return lake
    }

    @Test func nothingNew() throws {
        let lake = try lake()
        let report = try lake.crawl()
        #expect(report.tables.map(\.action) == [.unchanged, .unchanged])
        #expect(report.filesSampled == 0)
        #expect(report.bytesSampled == 0)
        #expect(lake.files.opened.isEmpty)
    }

    @Test func newPartitionsAndColumns() throws {
        let lake = try lake()
        try lake.put("t/p=3/a.csv", "id,v,w\n5,5,2024-01-01\n6,6,2024-01-02\n")
        let report = try lake.crawl { $0.combinesCompatibleSchemas = true }
        #expect(report["t"]?.action == .updated)
        #expect(report["t"]?.says("1 new partition") == true)
        #expect(report["t"]?.says("new column w date") == true)
        #expect(report["u"]?.action == .unchanged)
        #expect(lake.files.opened.allSatisfy { $0.contains("p=3") })
        #expect(try lake.rows("SELECT p, count(*), count(w) FROM t GROUP BY p") == ["1|2|0", "2|2|0", "3|2|2"])
    }

    @Test func changedTypes() throws {
        let lake = try lake()
        try lake.put("u/a.csv", "x,y,z\n1,2.5,3\n4,5,six\n")
        let report = try lake.crawl()
        #expect(report["u"]?.says("column y was bigint, is double") == true)
        #expect(report["u"]?.says("column z was bigint, is string") == true)
        #expect(try lake.rows("SELECT y, z FROM u") == ["2.5|3", "5.0|six"])
    }

    @Test func updateBehaviorLog() throws {
        let lake = try lake()
        try lake.put("u/a.csv", "x,y,z\n1,2.5,3\n")
        try lake.put("t/p=3/a.csv", "id,v\n5,5\n")
        let report = try lake.crawl { $0.updateBehavior = .log }
        #expect(report["u"]?.action == .unchanged)
        #expect(report["u"]?.says("not changed (update behavior LOG): column y was bigint, is double") == true)
        // What is new is made whatever the behaviour.
        #expect(report["t"]?.says("1 new partition") == true)
        #expect(try lake.table("u")?.storage.columns.map(\.typeName) == ["bigint", "bigint", "bigint"])
    }

    @Test(arguments: CrawlOptions.DeleteBehavior.allCases)
    func removedFolders(_ behavior: CrawlOptions.DeleteBehavior) throws {
        let lake = try lake()
        try lake.remove("t/p=2")
        try lake.remove("u")
        let report = try lake.crawl { $0.deleteBehavior = behavior }
        let partitions = try lake.engine.store.partitions("default", "t", matching: nil)
        switch behavior {
        case .log:
            #expect(report.names == ["t"])
            #expect(report["t"]?.action == .unchanged)
            #expect(report.warnings.count == 2)
            #expect(partitions.count == 2)
            #expect(try lake.table("u") != nil)
        case .delete:
            #expect(report["t"]?.action == .updated)
            #expect(report["u"]?.action == .deleted)
            #expect(partitions.map(\.values) == [["1"]])
            #expect(try lake.table("u") == nil)
        case .deprecate:
            #expect(report["t"]?.action == .updated)
            #expect(report["u"]?.action == .deprecated)
            #expect(partitions.first { $0.values == ["2"] }?.parameters["DEPRECATED_BY_CRAWLER"] != nil)
            #expect(try lake.table("u")?.parameters["DEPRECATED_BY_CRAWLER"] != nil)
            // Said once; and undone when the files are back.
            #expect(try lake.crawl().tables.map(\.action) == [.unchanged])
            try lake.put("u/a.csv", "x,y,z\n1,2,3\n4,5,6\n")
            try lake.put("t/p=2/a.csv", "id,v\n3,3\n4,4\n")
            let again = try lake.crawl()
            #expect(again["u"]?.action == .updated)
            #expect(again["u"]?.says("its files are back") == true)
            #expect(try lake.table("u")?.parameters["DEPRECATED_BY_CRAWLER"] == nil)
            let back = try lake.engine.store.partition("default", "t", values: ["2"])
            #expect(back?.parameters["DEPRECATED_BY_CRAWLER"] == nil)
        }
    }

    /// A crawler of the same name over another folder leaves the tables of the first alone.
    @Test func otherIncludePaths() throws {
        let lake = try lake()
        try lake.put("other/w/a.csv", "k,l,m,n\n1,2,3,4\n5,6,7,8\n")
        let report = try lake.crawl("other")
        #expect(report.names == ["w"])
        #expect(try lake.table("u")?.parameters["DEPRECATED_BY_CRAWLER"] == nil)
    }

    @Test func ownersChangesStay() throws {
        let lake = try lake()
        var table = try #require(try lake.table("u"))
        table.comment = "mine"
        table.parameters["owner.note"] = "keep"
        table.storage.columns[0].comment = "the x"
        try lake.engine.store.updateTable(table)
        try lake.put("u/a.csv", "x,y,z,w\n1,2,3,4\n4,5,6,7\n")
        #expect(try lake.crawl()["u"]?.action == .updated)
        let after = try #require(try lake.table("u"))
        #expect(after.comment == "mine")
        #expect(after.parameters["owner.note"] == "keep")
        #expect(after.storage.columns.map(\.comment) == ["the x", nil, nil, nil])
        #expect(after.storage.columns.map(\.name) == ["x", "y", "z", "w"])
    }

    @Test func partitionsInheritOrHaveTheirOwn() throws {
        let files = ["t/p=1/a.csv": "a,b,c,d,e\n1,2,3,4,5\n", "t/p=2/a.csv": "a,b,c,d,e,f\n1,2,3,4,5.5,6\n"]
        func columns(_ inherits: Bool) throws -> [Int] {
            let lake = try Lake(files)
            _ = try lake.crawl { $0.partitionsInherit = inherits }
            #expect(try lake.rows("SELECT a, e, f FROM t") == ["1|5.0|NULL", "1|5.5|6"])
            return try lake.engine.store.partitions("default", "t", matching: nil).map { $0.storage.columns.count }
        }
        #expect(try columns(true) == [6, 6])
        #expect(try columns(false) == [5, 6])
    }

    // MARK: - New folders only

    @Test func newFoldersOnly() throws {
        let lake = try lake()
        try lake.put("t/p=1/b.csv", "id,v\n9,9\n")
        try lake.put("t/p=3/a.csv", "id,v\n5,5\n6,6\n")
        try lake.put("new/x/a.csv", "a,b,c,d\n1,2,3,4\n")
        try lake.remove("u")
        let report = try lake.crawl { $0.recrawlBehavior = .newFoldersOnly }
        #expect(report["t"]?.says("1 new partition") == true)
        #expect(report["new"]?.action == .created)
        // Both behaviours are LOG: what is gone stays, and known folders are not looked into.
        #expect(try lake.table("u")?.parameters["DEPRECATED_BY_CRAWLER"] == nil)
        #expect(Set(lake.files.listed) == [lake.root, lake.root + "/t", lake.root + "/t/p=3", lake.root + "/new"])
        #expect(lake.files.opened.allSatisfy { $0.contains("p=3") || $0.contains("/new/") })
        #expect(try lake.rows("SELECT DISTINCT p FROM t") == ["1", "2", "3"])
        lake.files.forget()
        let again = try lake.crawl { $0.recrawlBehavior = .newFoldersOnly }
        #expect(again.tables.allSatisfy { $0.action == .unchanged })
        #expect(lake.files.opened.isEmpty)
    }

    @Test func newFoldersDoNotChangeTables() throws {
        let lake = try lake()
        try lake.put("t/p=3/a.csv", "id,v,extra\n5,5.5,1\n")
        let report = try lake.crawl {
            $0.recrawlBehavior = .newFoldersOnly
            $0.combinesCompatibleSchemas = true
        }
        #expect(report["t"]?.says("not changed (only new folders are crawled)") == true)
        #expect(try lake.table("t")?.storage.columns.map(\.typeName) == ["bigint", "bigint"])
    }

    // MARK: - Plans and many files

    @Test func aPlanWritesNothing() throws {
        let lake = try lake()
        try lake.put("new/a.csv", "a,b,c,d\n1,2,3,4\n5,6,7,8\n")
        try lake.remove("u")
        func catalog() throws -> [String: Data] {
            let folder = lake.folder + "/catalog"
            return try Dictionary(
                uniqueKeysWithValues: FileManager.default.contentsOfDirectory(atPath: folder).map { name in
                    (name, try Data(contentsOf: URL(fileURLWithPath: folder + "/" + name)))
                })
        }
        lake.reopen()
        let before = try catalog()
        let report = try lake.crawl(plan: true)
        #expect(report["new"]?.action == .created)
        #expect(report["t"]?.action == .unchanged)
        #expect(report["u"]?.action == .deprecated)
        let after = try catalog()
        #expect(after["metastore.sqlite"] == before["metastore.sqlite"])
        #expect((after["metastore.sqlite-wal"] ?? Data()) == (before["metastore.sqlite-wal"] ?? Data()))
        // A catalog that does not exist is not made.
        let fresh = try Lake(["t/a.csv": "a,b\n1,2\n"])
        #expect(try fresh.crawl(plan: true)["t"]?.action == .created)
        #expect(!FileManager.default.fileExists(atPath: fresh.folder + "/catalog"))
    }

    @Test func manyUnchangedFilesAreNotOpened() throws {
        let lake = try Lake([:])
        for number in 0..<10_000 { try lake.put("t/p=\(number / 100)/\(number % 100).csv", "id,v\n\(number),x\n") }
        #expect(try lake.crawl().filesSampled == 10_000)
        lake.reopen()
        lake.files.forget()
        let report = try lake.crawl()
        #expect(lake.files.opened.isEmpty)
        #expect(report.filesSeen == 10_000)
        #expect(report.tables.map(\.action) == [.unchanged])
        #expect(report["t"]?.partitions.count == 100)
    }

    @Test func samplesOfSomeFiles() throws {
        let lake = try Lake([:])
        for number in 0..<20 { try lake.put("t/\(number).csv", "id,v\n\(number),x\n") }
        let report = try lake.crawl { $0.sampleSize = 3 }
        #expect(report.filesSampled == 3)
        #expect(report.filesSeen == 20)
        #expect(try lake.rows("SELECT count(*) FROM t") == ["20"])
    }
}
