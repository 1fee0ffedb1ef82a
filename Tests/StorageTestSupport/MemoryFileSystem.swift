import Columnar
import SQLTypes
import Storage

/// Files in memory, for tests of readers.
public struct MemoryFileSystem: FileSystem {
    private let files: [String: [UInt8]]

    public init(_ files: [String: [UInt8]]) { self.files = files }

    public func entry(_ path: String) -> FileEntry {
        FileEntry(path: path, byteCount: files[path]?.count ?? 0, inode: 1, modified: 1, changed: 1)
    }

    public func open(_ entry: FileEntry) throws -> any ByteSource {
        guard let bytes = files[entry.path] else { throw QueryError(.hiveFileNotFound, "no file \(entry.path)") }
        return MemorySource(entry: entry, bytes: bytes)
    }

    public func stat(_ path: String) throws -> FileEntry? { files[path] == nil ? nil : entry(path) }

    public func listFiles(_ folder: String, cancellation: Cancellation) throws -> [FileEntry] {
        files.keys.filter { $0.hasPrefix(folder) }.sorted().map { entry($0) }
    }

    public func listFolder(_ folder: String) throws -> [String] { files.keys.sorted() }
}

public final class MemorySource: ByteSource {
    public let entry: FileEntry
    private let bytes: [UInt8]

    public init(entry: FileEntry, bytes: [UInt8]) {
        self.entry = entry
        self.bytes = bytes
    }

    public convenience init(_ path: String, _ bytes: [UInt8]) {
        self.init(
            entry: FileEntry(path: path, byteCount: bytes.count, inode: 1, modified: 1, changed: 1), bytes: bytes)
    }

    public func read(at offset: Int, into target: UnsafeMutableRawBufferPointer) throws -> Int {
        let count = max(0, min(target.count, bytes.count - offset))
        if count > 0 { target.copyBytes(from: bytes[offset..<offset + count]) }
        return count
    }
}

/// A seeded generator (SplitMix64), so that a failing case can be made again.
public struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    public init(_ seed: UInt64) { state = seed }

    public mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

/// Reads a text file through a format and shows its values.
public struct TextTable {
    public var format: any FileFormat
    public var description: StorageDescription
    public var options = ScanOptions(timestampPrecision: 6)
    public var filters: [any ScanFilter] = []
    public var batchRowCount = Batch.defaultRowCount
    public var path = "file"

    public init(_ format: any FileFormat, serde: String, columns: String, _ properties: [String: String] = [:]) throws {
        self.format = format
        let columns = try columns.split(separator: ";").map { item in
            let parts = item.split(separator: ":", maxSplits: 1)
            return SchemaColumn(name: String(parts[0]), type: try HiveTypeParser.parse(String(parts[1])))
        }
        description = StorageDescription(serde: serde, properties: properties, columns: columns)
    }

    /// All rows as values, from all splits in order; `wanted` are column names (nil: all).
    public func rows(_ bytes: [UInt8], wanted: [String]? = nil, metrics: ScanMetrics = ScanMetrics()) throws
        -> [[Value]]
    {
        let files = MemoryFileSystem([path: bytes])
        let context = ScanContext(fileSystem: files, metrics: metrics, options: options)
        let columns = (wanted ?? description.columns.map(\.name)).compactMap { name -> RequestedColumn? in
            guard let ordinal = description.columns.firstIndex(where: { $0.name == name }) else { return nil }
            return RequestedColumn(name: name, type: description.columns[ordinal].type, ordinal: ordinal)
        }
        let request = ScanRequest(columns: columns, filters: filters, batchRowCount: batchRowCount)
        var rows: [[Value]] = []
        for split in try format.splits(of: files.entry(path), description, context) {
            let reader = try format.open(split, request, context)
            while let batch = try reader.next() {
                let batch = batch.compacted()
                for row in 0..<batch.rowCount { rows.append(batch.columns.map { $0.value(at: row) }) }
            }
        }
        return rows
    }

    /// The rows of a text as `a|b|NULL` lines.
    public func shown(_ text: String, wanted: [String]? = nil) throws -> [String] {
        try rows(Array(text.utf8), wanted: wanted).map { $0.map(Self.show).joined(separator: "|") }
    }

    public func count(_ bytes: [UInt8]) throws -> Int { try rows(bytes, wanted: []).count }

    public static func show(_ value: Value) -> String {
        switch value {
        case .null: "NULL"
        case .boolean(let value): String(value)
        case .int(let value): String(value)
        case .int128(let value): String(value)
        case .real(let value): String(value)
        case .double(let value): String(value)
        case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
        case .array(let values): "[" + values.map(show).joined(separator: ", ") + "]"
        case .map(let keys, let values):
            "{" + zip(keys, values).map { "\(show($0))=\(show($1))" }.joined(separator: ", ") + "}"
        case .row(let values): "(" + values.map(show).joined(separator: ", ") + ")"
        }
    }
}

/// Lets rows through whose integer in one column is even.
public final class EvenFilter: ScanFilter {
    public let columns: [Int]
    public let cannotRaise = true

    public init(column: Int) { columns = [column] }

    public func domain(of column: Int) -> Domain { .all }

    public func makeEvaluator() throws -> any ScanFilterEvaluator { Evaluator() }

    private final class Evaluator: ScanFilterEvaluator {
        func select(_ vectors: [Vector], _ rows: Rows) throws -> Selection {
            Selection(
                (0..<rows.count).filter { row in
                    if case .int(let value) = vectors[0].value(at: row) { value % 2 == 0 } else { false }
                })
        }
    }
}
