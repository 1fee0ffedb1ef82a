import Foundation
import Metastore
import SQLTypes
import Testing

/// The catalog's file: versions, damage, folders that cannot be written, several processes, kills.
@Suite struct CatalogFileTests {
    // MARK: - Versions

    @Test func olderCatalogsAreBroughtUpToDate() throws {
        let folder = try CatalogFolder()
        // A catalog as version 1 left it: what later versions added is taken away.
        do { try folder.store().createTable(CatalogFolder.table("t")) }
        try SQLiteFile(folder.file).lines("DROP TABLE classifiers; DROP TABLE catalog_version; PRAGMA user_version=1;")
        let store = folder.store()
        #expect(try store.tableNames("default") == ["t"])
        try store.saveClassifier(ClassifierRecord(name: "c", configuration: .null))
        #expect(try store.classifiers().map(\.name) == ["c"])
        #expect(try SQLiteFile(folder.file).lines("PRAGMA user_version") == ["3"])
    }

    @Test func aNewerCatalogIsLeftAlone() throws {
        let folder = try CatalogFolder()
        do { try folder.store().createTable(CatalogFolder.table("t")) }
        try SQLiteFile(folder.file).lines("PRAGMA user_version=999")
        for readOnly in [false, true] {
            let error = #expect(throws: QueryError.self) { try folder.store(readOnly: readOnly).databaseNames() }
            #expect(error?.text.contains("made by a newer athena-lite") == true)
        }
        #expect(try SQLiteFile(folder.file).lines("PRAGMA user_version") == ["999"])
    }

    // MARK: - Damage

    @Test func aDamagedFileIsNamedAndLeftAlone() throws {
        let folder = try CatalogFolder()
        let bytes = Data((0..<8192).map { UInt8(truncatingIfNeeded: $0 &* 7 + 13) })
        FileManager.default.createFile(atPath: folder.file, contents: bytes)
        for readOnly in [false, true] {
            let error = #expect(throws: QueryError.self) { try folder.store(readOnly: readOnly).databaseNames() }
            #expect(error?.code == .hiveMetastoreError)
            #expect(error?.text.contains(folder.file) == true)
            #expect(error?.text.contains("damaged") == true)
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.file)) == bytes)
    }

    @Test func damagedPagesAreAnError() throws {
        let folder = try CatalogFolder()
        let table = CatalogFolder.table("t", keys: ["p"])
        do {
            let store = folder.store()
            try store.createTable(table)
            try store.addPartitions("default", "t", (0..<5000).map { CatalogFolder.partition(table, [String($0)]) })
        }
        try SQLiteFile(folder.file).lines("PRAGMA wal_checkpoint(TRUNCATE)")
        var bytes = try Data(contentsOf: URL(fileURLWithPath: folder.file))
        for index in stride(from: 4096 * 20, to: bytes.count, by: 1) { bytes[index] = 0xa5 }
        try bytes.write(to: URL(fileURLWithPath: folder.file))
        let error = #expect(throws: QueryError.self) {
            try folder.store().partitions("default", "t", matching: nil)
        }
        #expect(error?.text.contains("damaged") == true, "\(error.map(\.text) ?? "")")
    }

    @Test func anotherKindOfFileInTheWay() throws {
        let folder = try CatalogFolder()
        try "text".write(toFile: folder.path + "/file", atomically: true, encoding: .utf8)
        let error = #expect(throws: QueryError.self) {
            try MetastoreStore(folder: folder.path + "/file/catalog").databaseNames()
        }
        #expect(error?.text.contains("cannot be made") == true)
    }

    // MARK: - Read-only

    @Test func readOnlyCatalogs() throws {
        let folder = try CatalogFolder()
        let missing = #expect(throws: QueryError.self) { try folder.store(readOnly: true).databaseNames() }
        #expect(missing?.text.contains("does not exist") == true)
        do { try folder.store().createTable(CatalogFolder.table("t")) }
        let store = folder.store(readOnly: true)
        #expect(try store.tableNames("default") == ["t"])
        let refused = #expect(throws: QueryError.self) { try store.dropTable("default", "t") }
        #expect(refused?.code == .permissionDenied)
        // Changes that others make are seen.
        try folder.store().createTable(CatalogFolder.table("u"))
        #expect(try store.tableNames("default") == ["t", "u"])
    }

    /// Root may write everywhere, so the test runs as another user where it can.
    @Test(.enabled(if: getuid() == 0)) func aFolderThatCannotBeWritten() throws {
        let folder = try CatalogFolder()
        do { try folder.store().createTable(CatalogFolder.table("t")) }
        try SQLiteFile(folder.file).lines("PRAGMA wal_checkpoint(TRUNCATE)")
        for name in ["-wal", "-shm"] { unlink(folder.file + name) }
        chmod(folder.path, 0o555)
        let child = try Program.run(
            ["--catalog", folder.path, "--read-only", "query", "-e", "SHOW TABLES"], asNobody: true)
        #expect(child.status == 0, "\(child.errors)")
        #expect(child.output.contains("\"t\""))
        let writer = try Program.run(["--catalog", folder.path, "query", "-e", "DROP TABLE t"], asNobody: true)
        #expect(writer.status == 1)
        #expect(writer.errors.contains("--read-only"), "\(writer.errors)")
    }

    // MARK: - Several processes

    @Test func processesWriteAtOnce() throws {
        let folder = try CatalogFolder()
        let children = try (0..<8).map { number in
            try Program.start(
                ["--catalog", folder.path, "query"]
                    + (0..<5).flatMap { item in
                        ["-e", "CREATE EXTERNAL TABLE t\(number)_\(item) (x int) LOCATION '/tmp/none/'"]
                    })
        }
        for child in children {
            let result = child.wait()
            #expect(result.status == 0, "\(result.errors)")
        }
        #expect(try folder.store().tableNames("default").count == 40)
        #expect(try SQLiteFile(folder.file).lines("PRAGMA integrity_check") == ["ok"])
    }

    @Test func aWaitingWriterGetsItsTurn() throws {
        let folder = try CatalogFolder()
        let store = folder.store()
        try store.createTable(CatalogFolder.table("t"))
        let child = try store.transaction {
            let child = try Program.start(["--catalog", folder.path, "query", "-e", "DROP TABLE t"])
            usleep(300_000)
            #expect(try store.table("default", "t") != nil)
            return child
        }
        #expect(child.wait().status == 0)
        #expect(try store.table("default", "t") == nil)
    }

    /// Killed at any moment, a writer leaves whole statements or nothing.
    @Test func killedWritersLeaveWholeStatements() throws {
        let folder = try CatalogFolder()
        let statement =
            "ALTER TABLE p ADD IF NOT EXISTS "
            + (0..<300).map { "PARTITION (k='RUN-\($0)')" }.joined(separator: " ")
        let setUp = try Program.run([
            "--catalog", folder.path, "query", "-e",
            "CREATE EXTERNAL TABLE p (x int) PARTITIONED BY (k string) LOCATION '/tmp/none/'",
        ])
        #expect(setUp.status == 0, "\(setUp.errors)")
        for run in 0..<8 {
            var arguments = ["--catalog", folder.path, "query"]
            for part in 0..<10 {
                arguments += ["-e", statement.split(separator: "RUN").joined(separator: "\(run)x\(part)")]
            }
            let child = try Program.start(arguments)
            usleep(UInt32(10_000 + run * 15_000))
            child.kill()
            let store = folder.store()
            #expect(try store.partitions("default", "p", matching: nil).count % 300 == 0)
            #expect(try SQLiteFile(folder.file).lines("PRAGMA integrity_check") == ["ok"])
            #expect(try SQLiteFile(folder.file).lines("PRAGMA foreign_key_check").isEmpty)
        }
    }
}
