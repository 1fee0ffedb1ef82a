import Glibc
import SQLTypes
import Storage
import Testing

/// Listings and reads of real folders.
@Suite struct PosixFileSystemTests {
    @Test func listingsLeaveOutHiddenNames() throws {
        let system = PosixFileSystem()
        let files = try system.listFiles(ParquetFixture.folder, cancellation: Cancellation())
        #expect(files.contains { $0.path.hasSuffix("/bad/PARQUET-1481.parquet") })
        #expect(files.map(\.path) == files.map(\.path).sorted())
        #expect(!files.contains { $0.path.contains("/.") || $0.path.contains("/_") })
    }

    @Test func missingFoldersAreEmpty() throws {
        let system = PosixFileSystem()
        #expect(try system.listFiles("/nowhere/at/all", cancellation: Cancellation()).isEmpty)
        #expect(try system.listFolder("/nowhere/at/all").isEmpty)
        #expect(try system.stat("/nowhere/at/all") == nil)
    }

    @Test func aReplacedFileIsAnError() throws {
        let system = PosixFileSystem()
        var entry = try #require(try system.stat(ParquetFixture.folder + "/alltypes_plain.parquet"))
        entry.inode &+= 1
        let error = #expect(throws: QueryError.self) { _ = try system.open(entry) }
        #expect(error?.code == .hiveCannotOpenSplit)
    }

    @Test func cancelledListingsEnd() {
        let cancellation = Cancellation()
        cancellation.cancel()
        #expect(throws: QueryError.self) {
            try PosixFileSystem().listFiles(ParquetFixture.folder, cancellation: cancellation)
        }
    }
}
