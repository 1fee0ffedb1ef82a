import Crawling
import Foundation
import SQLTypes
import Testing

/// What the crawler takes as one table, and why it says so.
@Suite struct GroupingTests {
    /// A CSV of integer columns.
    static func csv(_ columns: [String], rows: Int = 3) -> String {
        var text = columns.joined(separator: ",") + "\n"
        for row in 0..<rows { text += columns.indices.map { String(row * 10 + $0) }.joined(separator: ",") + "\n" }
        return text
    }

    /// `common` shared columns and `extra` of its own.
    static func columns(_ common: Int, _ own: String, _ extra: Int) -> [String] {
        (0..<common).map { "c\($0)" } + (0..<extra).map { "\(own)\($0)" }
    }

    // MARK: - Partition folders

    @Test func namedFoldersArePartitions() throws {
        let lake = try Lake([
            "sales/Year=2023/month=1/a.csv": Self.csv(["id", "n"]),
            "sales/Year=2023/month=2/a.csv": Self.csv(["id", "n"]),
            "sales/Year=2024/month=1/a.csv": Self.csv(["id", "n"]), "sales/_SUCCESS": "", "sales/.hidden/a.csv": "x\n",
            "sales/Year=2024/month=1/_temporary/b.csv": "1,2,3\n4,5,6\n",
        ])
        let table = try #require(lake.crawl()["sales"])
        #expect(table.shape == "id bigint, n bigint")
        #expect(table.keys == "year string, month string")
        #expect(table.values == ["2023/1", "2023/2", "2024/1"])
        #expect(try lake.rows("SELECT count(*), max(month) FROM sales WHERE year = '2023'") == ["6|2"])
    }

    @Test func keysGetTypesWhenAsked() throws {
        let lake = try Lake([
            "t/year=2023/day=2023-01-01/code=01/a.csv": Self.csv(["id", "n"]),
            "t/year=2024/day=2024-01-01/code=2/a.csv": Self.csv(["id", "n"]),
        ])
        #expect(try lake.crawl().tables[0].keys == "year string, day string, code string")
        let table = try #require(try lake.crawl { $0.infersPartitionTypes = true }["t"])
        #expect(table.keys == "year int, day date, code string")
        #expect(try lake.rows("SELECT DISTINCT day FROM t WHERE year > 2023") == ["2024-01-01"])
    }

    @Test func partitionValuesAreUnescaped() throws {
        let lake = try Lake([
            "t/at=2024-01-01 10%3A00/a.csv": Self.csv(["id", "n"]),
            "t/at=__HIVE_DEFAULT_PARTITION__/a.csv": Self.csv(["id", "n"]),
            "t/at=Grüße & mehr/a.csv": Self.csv(["id", "n"]),
        ])
        _ = try lake.crawl()
        #expect(try lake.rows("SELECT DISTINCT at FROM t") == ["2024-01-01 10:00", "Grüße & mehr", "NULL"])
    }

    @Test func foldersOfTheSameValues() throws {
        let lake = try Lake([
            "t/p=a b/1.csv": Self.csv(["id", "n"]), "t/p=a%20b/1.csv": Self.csv(["id", "n"]),
            "t/p=c/1.csv": Self.csv(["id", "n"]),
        ])
        let report = try lake.crawl()
        #expect(report["t"]?.values == ["a b", "c"])
        #expect(report.warnings.contains { $0.contains("it has the partition values of") })
        #expect(try lake.rows("SELECT count(*) FROM t") == ["6"])
    }

    @Test func linksThatLeadBack() throws {
        let lake = try Lake(["t/p=1/1.csv": Self.csv(["id", "n"])])
        try FileManager.default.createSymbolicLink(
            atPath: lake.root + "/t/p=1/loop", withDestinationPath: lake.root + "/t")
        try FileManager.default.createSymbolicLink(
            atPath: lake.root + "/t/p=2", withDestinationPath: lake.root + "/t/p=1")
        #expect(try lake.crawl()["t"]?.values == ["1", "2"])
        #expect(try lake.rows("SELECT count(*) FROM t") == ["6"])
    }

    @Test func unnamedFoldersAreNumbered() throws {
        let lake = try Lake([
            "logs/2024/01/a.csv": Self.csv(["id", "n"]), "logs/2024/02/a.csv": Self.csv(["id", "n"]),
            "logs/2023/12/a.csv": Self.csv(["id", "n"]), "other/a.csv": Self.csv(["x", "y", "z"]),
        ])
        let report = try lake.crawl()
        #expect(report.names == ["logs", "other"])
        #expect(report["logs"]?.keys == "partition_0 string, partition_1 string")
        #expect(report["logs"]?.values == ["2023/12", "2024/01", "2024/02"])
        #expect(report.warnings.contains { $0.contains("--table-level") })
    }

    @Test func aKeyThatIsAColumnToo() throws {
        let lake = try Lake([
            "j/year=2023/a.json": "{\"year\":1,\"v\":2}\n", "c/year=2023/a.csv": "v,year\n1,2\n3,4\n",
        ])
        let report = try lake.crawl()
        #expect(report["j"]?.shape == "v int")
        #expect(report["j"]?.says("column year of the files left out") == true)
        // Text is read by position: the column stays, under another name.
        #expect(report["c"]?.shape == "v bigint, year_2 bigint")
        #expect(try lake.rows("SELECT * FROM c") == ["1|2|2023", "3|4|2023"])
    }

    @Test func otherDepthsAreOtherTables() throws {
        let lake = try Lake([
            "m/a=1/b=1/x.csv": Self.csv(["id", "n"]), "m/a=2/x.csv": Self.csv(["id", "n"]),
        ])
        let report = try lake.crawl()
        #expect(report.tables.count == 2)
        #expect(report.tables.allSatisfy { $0.says("have other levels") })
    }

    @Test func filesBesidePartitionsAreTables() throws {
        let lake = try Lake([
            "sales/year=2023/a.csv": Self.csv(["id", "n"]), "sales/year=2024/a.csv": Self.csv(["id", "n"]),
            "sales/summary.csv": Self.csv(["total", "tax"]),
        ])
        let report = try lake.crawl()
        #expect(report.names == ["sales", "summary_csv"])
        #expect(report["summary_csv"]?.says("beside partition folders") == true)
        #expect(try lake.rows("SELECT count(*) FROM sales") == ["6"])
        #expect(try lake.rows("SELECT count(*) FROM summary_csv") == ["3"])
    }

    // MARK: - Similarity

    @Test(arguments: ["d", "p="]) func similarFoldersAreOneTable(_ prefix: String) throws {
        // 8 of 10 columns are common: 0.8.
        let lake = try Lake([
            "t/\(prefix)1/a.csv": Self.csv(Self.columns(8, "x", 2)),
            "t/\(prefix)2/a.csv": Self.csv(Self.columns(8, "y", 2)),
        ])
        let report = try lake.crawl()
        #expect(report.names == ["t"])
        #expect(report["t"]?.columns.count == 12)
        #expect(report["t"]?.says("2 schemas, similarity 0.80") == true)
    }

    @Test(arguments: ["d", "p="]) func unlikeFoldersAreTables(_ prefix: String) throws {
        // 7 of 10: not over 0.7.
        let lake = try Lake([
            "t/\(prefix)1/a.csv": Self.csv(Self.columns(7, "x", 3)),
            "t/\(prefix)2/a.csv": Self.csv(Self.columns(7, "y", 3)),
        ])
        let report = try lake.crawl()
        #expect(report.tables.count == 2)
        #expect(
            report.tables.allSatisfy {
                $0.says("similarity 0.70, more than 0.70 needed") && $0.says("--grouping combine")
            })
        let combined = try lake.crawl { $0.combinesCompatibleSchemas = true }
        #expect(combined.tables.first { $0.action == .created }?.columns.count == 13)
    }

    @Test func sixSchemasAreSixTables() throws {
        var files: [String: String] = [:]
        for number in 1...6 {
            files["t/p=\(number)/a.csv"] = Self.csv(Self.columns(18, "x\(number)", number <= 5 ? 2 : 1))
        }
        let lake = try Lake(files)
        let report = try lake.crawl()
        #expect(report.tables.count == 6)
        #expect(report.tables.allSatisfy { $0.says("6 schemas (5 at most make one table)") })
        try lake.remove("t/p=6")
        let fewer = try lake.crawl { $0.deleteBehavior = .delete }
        #expect(fewer["t"]?.values == ["1", "2", "3", "4", "5"])
        #expect(try lake.rows("SELECT count(*), count(x10), count(x51) FROM t") == ["15|3|3"])
    }

    @Test func widerTypesAreNoOtherSchema() throws {
        var files: [String: String] = [:]
        for number in 0..<8 { files["t/p=\(number)/a.csv"] = "id,v\n1,\(number % 2 == 0 ? "1" : "1.5")\n" }
        let lake = try Lake(files)
        let report = try lake.crawl()
        #expect(report["t"]?.shape == "id bigint, v double")
    }

    /// Folders that are named as partitions may gain columns, however many.
    @Test func columnsAddedOverTime() throws {
        var files: [String: String] = [:]
        for month in 1...8 { files["t/month=\(month)/a.csv"] = Self.csv(Self.columns(2, "x", month)) }
        let lake = try Lake(files)
        let report = try lake.crawl()
        #expect(report.names == ["t"])
        #expect(report["t"]?.columns.count == 10)
        #expect(report["t"]?.says("with 3 to 10 of the columns") == true)
        #expect(try lake.rows("SELECT count(c0), count(x0), count(x7) FROM t") == ["24|24|3"])
    }

    @Test func similarFoldersBelowTheIncludePath() throws {
        let lake = try Lake([
            "jan/a.csv": Self.csv(Self.columns(8, "x", 1)), "feb/a.csv": Self.csv(Self.columns(8, "y", 1)),
        ])
        let report = try lake.crawl()
        #expect(report.names == ["lake"])
        #expect(report["lake"]?.keys == "partition_0 string")
        #expect(report["lake"]?.values == ["feb", "jan"])
        let apart = try lake.crawl { $0.tableLevel = 2 }
        #expect(apart.tables.filter { $0.action == .created }.map(\.name).sorted() == ["feb", "jan"])
    }

    @Test func tableLevelAndThreshold() throws {
        let lake = try Lake([
            "a/x/1.csv": Self.csv(["id", "n"]), "a/y/1.csv": Self.csv(["other", "thing", "more"]),
            "b/x/1.csv": Self.csv(["id", "n"]),
        ])
        let report = try lake.crawl { $0.tableLevel = 2 }
        #expect(report.names == ["a", "b"])
        #expect(report["a"]?.keys == "partition_0 string")
        #expect(report["a"]?.columns.count == 5)
        #expect(throws: QueryError.self) { try lake.crawl { $0.tableThreshold = 1 } }
        lake.reopen()
        #expect(try lake.engine.store.tableNames("default") == ["a", "b"])
    }

    // MARK: - One folder

    @Test func filesOfUnlikeSchemasAreTables() throws {
        let lake = try Lake(["d/users.csv": Self.csv(["id", "n"]), "d/orders.csv": Self.csv(["a", "b", "c"])])
        let report = try lake.crawl()
        #expect(report.names == ["orders_csv", "users_csv"])
        #expect(report["users_csv"]?.says("unlike schemas") == true)
        #expect(try lake.rows("SELECT count(*) FROM users_csv") == ["3"])
    }

    @Test func aStrangerIsExcluded() throws {
        let lake = try Lake([
            "d/1.csv": Self.csv(["id", "n"]), "d/2.csv": Self.csv(["id", "n"]), "d/3.csv": Self.csv(["id", "n"]),
            "d/manifest.json": "{\"files\":[1,2]}\n", "d/README [old].md": "# Read me\n\nIt is data.\n",
        ])
        let report = try lake.crawl()
        #expect(report.names == ["d", "manifest_json"])
        #expect(report.warnings.contains { $0.contains("1 file below") && $0.contains("manifest.json") })
        #expect(report.warnings.contains { $0.contains("no known format") && $0.contains("README [old].md") })
        #expect(try lake.rows("SELECT count(*), sum(id) FROM d") == ["9|90"])
        #expect(try lake.rows("SELECT * FROM manifest_json") == ["[1, 2]"])
    }

    @Test func aStrangerAmongPartitionsIsExcluded() throws {
        let lake = try Lake([
            "t/p=1/1.csv": Self.csv(["id", "n"]), "t/p=1/2.csv": Self.csv(["id", "n"]), "t/p=1/notes.txt": "hello\n",
            "t/p=2/1.csv": Self.csv(["id", "n"]), "t/p=2/photo.png": "\u{89}PNG....",
        ])
        let report = try lake.crawl()
        #expect(report.names == ["t"])
        #expect(try lake.rows("SELECT count(*) FROM t") == ["9"])
    }

    @Test func manyStrangersShareAPattern() throws {
        var files: [String: String] = [:]
        for part in 0..<5 {
            files["t/p=\(part)/data.csv"] = Self.csv(["id", "n"])
            files["t/p=\(part)/_ignored.csv"] = "x\n"
            files["t/p=\(part)/notes\(part).md"] = "some words\n"
            files["t/p=\(part)/report.csv"] = "total;of;all\n1;2;x\n"
        }
        files["t/p=0/data.csv"] = Self.csv(["id", "n"], rows: 4)
        files["t/p=0/more.csv"] = Self.csv(["id", "n"])
        for part in 1..<5 { files["t/p=\(part)/more.csv"] = Self.csv(["id", "n"]) }
        let lake = try Lake(files)
        let report = try lake.crawl()
        #expect(report.names == ["t"])
        let exclusions = try #require(try lake.table("t")?.parameters["exclusions"])
        #expect(exclusions == "[\"\(lake.root)/t/**.md\",\"\(lake.root)/t/**/report.csv\"]")
        #expect(try lake.rows("SELECT count(*) FROM t") == ["31"])
        // The same on the next crawl.
        #expect(try lake.crawl()["t"]?.action == .unchanged)
    }

    @Test func columnsInAnotherOrder() throws {
        let files = ["a.csv": "id,name,age\n1,x,30\n2,y,40\n", "b.csv": "name,id,age\nz,3,50\nw,4,60\n"]
        let lake = try Lake(Dictionary(uniqueKeysWithValues: files.map { ("one/\($0)", $1) }))
        // Text is read by position: in one folder these cannot be one table.
        let apart = try lake.crawl()
        #expect(apart.names == ["a_csv", "b_csv"])
        #expect(apart["a_csv"]?.says("columns in another order") == true)
        // Partitions keep their own order.
        let other = try Lake(["t/m=1/a.csv": files["a.csv"] ?? "", "t/m=2/b.csv": files["b.csv"] ?? ""])
        let report = try other.crawl()
        #expect(report["t"]?.shape == "id bigint, name string, age bigint")
        #expect(report["t"]?.says("order of their own") == true)
        #expect(try other.rows("SELECT id, name, age, m FROM t") == ["1|x|30|1", "2|y|40|1", "3|z|50|2", "4|w|60|2"])
        #expect(try other.rows("SELECT age FROM t WHERE name = 'z'") == ["50"])
    }

    @Test func layoutsOfPartitionsMayDiffer() throws {
        let lake = try Lake([
            "t/m=1/a.csv": "id,name\n1,x\n2,y\n", "t/m=2/a.csv": "id;name\n3;z\n4;w\n",
            "t/m=3/a.csv": "5,q\n6,r\n", "t/m=4/a.csv": "# note\nid,name,more\n7,\"s, t\",1.5\n8,u,2.5\n",
        ])
        let report = try lake.crawl { $0.combinesCompatibleSchemas = true }
        #expect(report["t"]?.shape == "id bigint, name string, more double")
        #expect(
            try lake.rows("SELECT id, name, more FROM t")
                == ["1|x|NULL", "2|y|NULL", "3|z|NULL", "4|w|NULL", "5|q|NULL", "6|r|NULL", "7|s, t|1.5", "8|u|2.5"])
    }

    @Test func delimitersInOneFolderMayNot() throws {
        let lake = try Lake(["t/a.csv": "id,name\n1,x\n2,y\n", "t/b.csv": "id;name\n3;z\n4;w\n"])
        let report = try lake.crawl()
        #expect(report.names == ["a_csv", "b_csv"])
        #expect(report["a_csv"]?.says("delimiters ',' and ';'") == true)
    }

    @Test func aHeaderIsLearnedFromNeighbours() throws {
        let lake = try Lake([
            "t/a.csv": "city,country\nBerlin (Mitte),DE\nParis 1er,FR\nRome 2,IT\n",
            "t/b.csv": "city,country\nOslo,NO\n",
            "t/c.csv": "city,country\n",
        ])
        let report = try lake.crawl()
        #expect(report["t"]?.shape == "city string, country string")
        #expect(try lake.rows("SELECT count(*), max(city) FROM t") == ["4|Rome 2"])
    }

    @Test func emptyFilesDoNotCount() throws {
        let lake = try Lake(["t/a.csv": Self.csv(["id", "n"]), "t/b.csv": "", "u/x.csv": ""])
        let report = try lake.crawl()
        #expect(report.names == ["t"])
        #expect(report.filesSeen == 1)
        let nothing = try Lake(["u/x.csv": ""])
        #expect(try nothing.crawl().warnings.contains { $0.contains("hold no files") })
    }

    // MARK: - Merging

    @Test func columnsAreMerged() throws {
        let lake = try Lake([
            "t/p=1/a.csv": "a,b,c,d,e\n1,1,2024-01-01,x,1\n2,2,2024-01-02,y,2\n",
            "t/p=2/a.csv": "a,b,c,d,e,f\n1,1.5,2024-01-01 10:00:00,x,yes,1\n2,2,2024-01-02 11:00:00,y,no,2\n",
        ])
        let report = try lake.crawl()
        #expect(report.tables.count == 2)
        let combined = try lake.crawl { $0.combinesCompatibleSchemas = true }
        let merged = try #require(combined["t"])
        #expect(merged.shape == "a bigint, b double, c timestamp, d string, e string, f bigint")
        #expect(merged.says("column e is string: some files have bigint, others string"))
        #expect(
            try lake.rows("SELECT a, b, c, e, f FROM t WHERE a = 1") == [
                "1|1.0|2024-01-01 00:00:00.000|1|NULL", "1|1.5|2024-01-01 10:00:00.000|yes|1",
            ])
    }

    @Test func namesOfTables() throws {
        let lake = try Lake([
            "Sales Data-2024/a.csv": Self.csv(["a1", "b"]), "sales_data_2024/a.csv": Self.csv(["a2", "b", "c"]),
            "Ünïcode/a.csv": Self.csv(["a3", "b", "c", "d"]), "x.y/a.csv": Self.csv(["a4", "c"]),
        ])
        let report = try lake.crawl { $0.tablePrefix = "P_" }
        #expect(report.tables.count == 4)
        let taken = report.names.filter { $0.hasPrefix("p_sales_data_2024") }.sorted { $0.count < $1.count }
        #expect(taken.count == 2)
        #expect(taken.first == "p_sales_data_2024")
        #expect(taken.last?.count == "p_sales_data_2024".count + 17)
        #expect(report.names.contains("p_x_y"))
        #expect(report.names.allSatisfy { $0.allSatisfy { "abcdefghijklmnopqrstuvwxyz0123456789_".contains($0) } })
        // The names stay the same.
        #expect(try lake.crawl { $0.tablePrefix = "P_" }.names == report.names)
        let long = try Lake([String(repeating: "n", count: 200) + "/a.csv": Self.csv(["a", "b"])])
        #expect(try long.crawl().names == [String(repeating: "n", count: 128)])
        let single = try Lake(["d/x.csv": Self.csv(["a", "b"])])
        #expect(try single.crawl("d/x.csv").names == ["x_csv"])
    }
}
