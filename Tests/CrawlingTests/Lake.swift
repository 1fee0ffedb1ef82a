import Columnar
import Crawling
import Engine
import Foundation
import Metastore
import SQLTypes
import Storage
import Synchronization

/// A folder of files, a catalog beside it, and the crawler and the engine over both.
final class Lake {
    let folder: String
    /// The include path.
    let root: String
    let files = CountingFileSystem()
    private(set) var engine: Engine
    private var runCount = 0

    init() throws {
        var template = Array("/tmp/athena-lite-lake-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw QueryError(.genericInternalError, "no temporary folder") }
        folder = String(cString: made)
        root = folder + "/lake"
        engine = Engine(catalogFolder: folder + "/catalog", fileSystem: files)
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// With files by path below the include path.
    convenience init(_ files: [String: String]) throws {
        try self.init()
        for (path, text) in files { try put(path, text) }
    }

    func put(_ path: String, _ text: String) throws { try put(path, Array(text.utf8)) }

    func put(_ path: String, _ bytes: [UInt8]) throws {
        let full = root + "/" + path
        let parent = String(full[..<(full.lastIndex(of: "/") ?? full.startIndex)])
        try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
        guard FileManager.default.createFile(atPath: full, contents: Data(bytes)) else {
            throw QueryError(.genericInternalError, "cannot write \(full)")
        }
    }

    func remove(_ path: String) throws { try FileManager.default.removeItem(atPath: root + "/" + path) }

    @discardableResult
    func crawl(
        _ path: String = "", plan: Bool = false, _ change: (inout CrawlOptions) -> Void = { _ in }
    ) throws -> CrawlReport {
        var options = CrawlOptions(name: "lake", paths: [path.isEmpty ? root : root + "/" + path])
        change(&options)
        runCount += 1
        return try engine.crawl(
            options, session: try Session(engine: engine), runID: "run\(runCount)", plansOnly: plan,
            cancellation: Cancellation())
    }

    /// The rows of a query, cells by `|`, sorted.
    func rows(_ sql: String) throws -> [String] {
        let sink = Lines()
        _ = try Session(engine: engine, properties: [("history.keep", "false")]).execute(sql, to: sink)
        return sink.lines.sorted()
    }

    func session(_ properties: [(String, String)] = []) throws -> Session {
        try Session(engine: engine, properties: properties)
    }

    func table(_ name: String) throws -> Table? { try engine.store.table("default", name) }

    /// As another process would: a new engine over the same catalog.
    func reopen() { engine = Engine(catalogFolder: folder + "/catalog", fileSystem: files) }
}

private final class Lines: StatementSink {
    private var columns: [ResultColumn] = []
    private(set) var lines: [String] = []

    func begin(_ columns: [ResultColumn]) throws { self.columns = columns }

    func write(_ batch: Batch) throws {
        for row in 0..<batch.rowCount {
            lines.append(
                zip(batch.columns, columns).map { vector, column in
                    let value = vector.value(at: row)
                    return value.isNull ? "NULL" : ValueText.print(value, column.type)
                }.joined(separator: "|"))
        }
    }
}

/// The machine's files, with what is opened and listed written down.
final class CountingFileSystem: FileSystem {
    private let inner = PosixFileSystem()
    private let state = Mutex((opened: [String](), listed: [String]()))

    var opened: [String] { state.withLock { $0.opened } }
    var listed: [String] { state.withLock { $0.listed } }
    func forget() { state.withLock { $0 = ([], []) } }

    func open(_ entry: FileEntry) throws -> any ByteSource {
        state.withLock { $0.opened.append(entry.path) }
        return try inner.open(entry)
    }

    func stat(_ path: String) throws -> FileEntry? { try inner.stat(path) }

    func listFiles(_ folder: String, cancellation: Cancellation) throws -> [FileEntry] {
        state.withLock { $0.listed.append(folder) }
        return try inner.listFiles(folder, cancellation: cancellation)
    }

    func listFolder(_ folder: String) throws -> [String] {
        state.withLock { $0.listed.append(folder) }
        return try inner.listFolder(folder)
    }
}

extension CrawlReport {
    var names: [String] { tables.map(\.name).sorted() }

    subscript(_ name: String) -> TableReport? { tables.first { $0.name == name } }
}

extension CrawlReport.TableReport {
    /// `id bigint, name string`.
    var shape: String { columns.map { "\($0.name) \($0.typeName)" }.joined(separator: ", ") }
    var keys: String { partitionKeys.map { "\($0.name) \($0.typeName)" }.joined(separator: ", ") }
    /// `2024/1`, sorted.
    var values: [String] { partitions.map { $0.joined(separator: "/") }.sorted() }

    func says(_ part: String) -> Bool { reasons.contains { $0.contains(part) } }
}
