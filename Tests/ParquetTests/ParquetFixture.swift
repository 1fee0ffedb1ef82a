import Columnar
import Glibc
import Parquet
import SQLTypes
import Storage

/// Reads the Parquet files of `testdata` in the ways that tests need.
struct ParquetFixture {
    static let folder: String = {
        var parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        parts.removeLast(3)
        return parts.joined(separator: "/") + "/testdata/parquet"
    }()

    static let description = StorageDescription(serde: "", properties: [:], columns: [])

    let entry: FileEntry
    let context: ScanContext
    let schema: [SchemaColumn]

    init(_ name: String, options: ScanOptions = ScanOptions(timestampPrecision: 9)) throws {
        let system = PosixFileSystem()
        guard let entry = try system.stat(Self.folder + "/" + name) else {
            throw QueryError(.hiveFileNotFound, "No test file \(name)")
        }
        self.entry = entry
        context = ScanContext(fileSystem: system, options: options)
        schema = try ParquetFormat().schema(of: entry, context) ?? []
    }

    /// Files of a folder below `testdata/parquet` with an ending.
    static func names(ending: String, in subfolder: String = "") throws -> [String] {
        try PosixFileSystem().listFolder(folder + subfolder).filter { $0.hasSuffix(ending) }
    }

    static func lines(_ name: String) throws -> [String] {
        let system = PosixFileSystem()
        guard let entry = try system.stat(folder + "/" + name) else { return [] }
        var bytes = [UInt8](repeating: 0, count: entry.byteCount)
        let source = try system.open(entry)
        _ = try bytes.withUnsafeMutableBytes { try source.read(at: 0, into: $0) }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    var allColumns: [RequestedColumn] {
        schema.enumerated().map { RequestedColumn(name: $1.name, type: $1.type, ordinal: $0) }
    }

    func column(_ name: String, as type: DataType? = nil) -> RequestedColumn {
        let found = schema.first { $0.name == name }
        return RequestedColumn(name: name, type: type ?? found?.type ?? .bigint, ordinal: 0)
    }

    /// All rows of `columns` that pass, split by split.
    func rows(
        _ columns: [RequestedColumn]? = nil, filters: [any ScanFilter] = [], batchRowCount: Int = 2048
    ) throws -> [[Value]] {
        var rows: [[Value]] = []
        for split in try ParquetFormat().splits(of: entry, Self.description, context) {
            rows += try self.rows(split, columns ?? allColumns, filters, batchRowCount)
        }
        return rows
    }

    func rows(
        _ split: Split, _ columns: [RequestedColumn], _ filters: [any ScanFilter] = [], _ batchRowCount: Int = 2048
    ) throws -> [[Value]] {
        var rows: [[Value]] = []
        let request = ScanRequest(columns: columns, filters: filters, batchRowCount: batchRowCount)
        let reader = try ParquetFormat().open(split, request, context)
        while let batch = try reader.next() {
            batch.rows.forEach { row in rows.append(batch.columns.map { $0.value(at: row) }) }
        }
        return rows
    }

    func split(_ range: Range<Int>) -> Split {
        Split(file: entry, description: Self.description, range: range, rowCount: nil, byteCount: 0)
    }

    /// A value in the notation of the expected files.
    static func text(_ value: Value) -> String {
        switch value {
        case .null: "null"
        case .boolean(let flag): flag ? "true" : "false"
        case .int(let number): "\(number)"
        case .int128(let number): "\(number)"
        case .real(let number): number.isNaN ? "\"nan\"" : "\"f\(String(number.bitPattern, radix: 16))\""
        case .double(let number): number.isNaN ? "\"nan\"" : "\"d\(String(number.bitPattern, radix: 16))\""
        case .bytes(let bytes):
            "\"x" + bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined() + "\""
        case .array(let elements): text(elements)
        case .map(let keys, let values): "[" + text(keys) + "," + text(values) + "]"
        case .row(let fields): text(fields)
        }
    }

    static func text(_ values: [Value]) -> String { "[" + values.map { text($0) }.joined(separator: ",") + "]" }
}

/// `column <comparison> value`, decided value by value.
final class ComparisonFilter: ScanFilter, ScanFilterEvaluator {
    let columns: [Int]
    let cannotRaise: Bool
    private let type: DataType
    private let comparison: DomainComparison
    private let value: Value
    private let prunes: Bool

    init(
        _ column: Int, _ type: DataType, _ comparison: DomainComparison, _ value: Value, prunes: Bool = true,
        cannotRaise: Bool = true
    ) {
        columns = [column]
        self.type = type
        self.comparison = comparison
        self.value = value
        self.prunes = prunes
        self.cannotRaise = cannotRaise
    }

    func domain(of column: Int) -> Domain {
        prunes && columns == [column] ? .comparison(comparison, value, type: type) : .all
    }

    func makeEvaluator() -> any ScanFilterEvaluator { self }

    func passes(_ candidate: Value) -> Bool {
        guard !candidate.isNull else { return false }
        guard let order = Value.compare(candidate, value, as: type) else { return comparison == .notEqual }
        return switch comparison {
        case .equal: order == 0
        case .notEqual: order != 0
        case .less: order < 0
        case .lessOrEqual: order <= 0
        case .greater: order > 0
        case .greaterOrEqual: order >= 0
        }
    }

    func select(_ vectors: [Vector], _ rows: Rows) -> Selection {
        var passing: [Int] = []
        rows.forEach { row in if passes(vectors[0].value(at: row)) { passing.append(row) } }
        return Selection(passing)
    }
}
