import Columnar
import SQLTypes

/// A file format: how files are cut into splits, read, sampled and summarised. One per folder of `Formats`.
public protocol FileFormat: Sendable {
    /// `parquet`, `delimited`, `json`.
    var name: String { get }
    /// Pieces of one file that workers can read on their own, in order. May read the footer (through `context`'s cache).
    func splits(of file: FileEntry, _ description: StorageDescription, _ context: ScanContext) throws -> [Split]
    /// A reader over one split. Called on the worker that reads.
    func open(_ split: Split, _ request: ScanRequest, _ context: ScanContext) throws -> any BatchReader
    /// Exact facts about a file without reading its data, where the format has them (nil: it has none).
    func summary(of file: FileEntry, _ description: StorageDescription, _ context: ScanContext) throws -> FileSummary?
    /// The file's own schema, where the format has one: columns with Hive-compatible types.
    func schema(of file: FileEntry, _ context: ScanContext) throws -> [SchemaColumn]?
}

/// How files of a table or partition are stored: the SerDe and its properties, resolved from the catalog.
public struct StorageDescription: Hashable, Sendable {
    /// SerDe class name.
    public var serde: String
    /// SERDEPROPERTIES and TBLPROPERTIES that readers look at (`field.delim`, `skip.header.line.count`, ...).
    public var properties: [String: String]
    /// All data columns of the table (or partition) in declared order: text formats are positional.
    public var columns: [SchemaColumn]

    public init(serde: String, properties: [String: String], columns: [SchemaColumn]) {
        self.serde = serde
        self.properties = properties
        self.columns = columns
    }
}

public struct SchemaColumn: Hashable, Sendable {
    public var name: String
    public var type: DataType

    public init(name: String, type: DataType) {
        self.name = name
        self.type = type
    }
}

/// A piece of a file: a byte range (text) or a run of row groups (Parquet).
public struct Split: Sendable {
    public var file: FileEntry
    public var description: StorageDescription
    /// Bytes for text formats, row group numbers for Parquet.
    public var range: Range<Int>
    /// Rows, when known.
    public var rowCount: Int?
    /// Bytes this split stands for, for scheduling and progress.
    public var byteCount: Int
    /// What the splits of one file share, where its format needs that (where records begin).
    public var shared: (any AnyObject & Sendable)?

    public init(
        file: FileEntry, description: StorageDescription, range: Range<Int>, rowCount: Int?, byteCount: Int,
        shared: (any AnyObject & Sendable)? = nil
    ) {
        self.file = file
        self.description = description
        self.range = range
        self.rowCount = rowCount
        self.byteCount = byteCount
        self.shared = shared
    }
}

/// What a scan wants of a split.
public struct ScanRequest: Sendable {
    /// Data columns to return, in order; readers match by name (case-insensitive), or by position for text.
    /// A column that the file lacks is NULL in every row.
    public var columns: [RequestedColumn]
    /// Conditions that every returned row meets; readers apply them before they decode the other columns.
    public var filters: [any ScanFilter]
    public var batchRowCount: Int

    public init(columns: [RequestedColumn], filters: [any ScanFilter] = [], batchRowCount: Int = Batch.defaultRowCount)
    {
        self.columns = columns
        self.filters = filters
        self.batchRowCount = batchRowCount
    }
}

public struct RequestedColumn: Hashable, Sendable {
    public var name: String
    /// The type that batches must have.
    public var type: DataType
    /// Position among the declared columns, for positional formats.
    public var ordinal: Int
    /// Struct fields that are wanted, as paths of lower-case names below the column; nil means all.
    public var fields: [[String]]?

    public init(name: String, type: DataType, ordinal: Int, fields: [[String]]? = nil) {
        self.name = name
        self.type = type
        self.ordinal = ordinal
        self.fields = fields
    }
}

/// A condition that the scan applies: a conjunct of WHERE over a few columns, or a join's dynamic filter.
///
/// Made by Execution over compiled expressions; readers know only this protocol. One filter object is shared by all
/// workers; `makeEvaluator` gives each reader its own state.
public protocol ScanFilter: AnyObject, Sendable {
    /// Positions in `ScanRequest.columns` that the condition reads; one or more.
    var columns: [Int] { get }
    /// What the condition says about one column, for pruning by statistics, as of now (dynamic filters get narrower).
    /// `.all` when nothing.
    func domain(of column: Int) -> Domain
    /// No valid row makes the condition raise: it may run early and on dictionary entries.
    var cannotRaise: Bool { get }
    func makeEvaluator() throws -> any ScanFilterEvaluator
}

public protocol ScanFilterEvaluator: AnyObject {
    /// The rows of `rows` for which the condition is true; `vectors` are in the order of the filter's `columns`.
    func select(_ vectors: [Vector], _ rows: Rows) throws -> Selection
}

/// Yields the rows of one split.
public protocol BatchReader: AnyObject {
    /// The next rows, or nil at the end. Every returned row meets all filters; a batch may carry a selection.
    func next() throws -> Batch?
}

/// What readers share during a query.
public final class ScanContext: Sendable {
    public let fileSystem: any FileSystem
    public let metrics: ScanMetrics
    public let cancellation: Cancellation
    /// Parsed footers and the like, kept between queries.
    public let footers: FooterCache
    /// Session properties that readers look at.
    public let options: ScanOptions

    public init(
        fileSystem: any FileSystem, metrics: ScanMetrics = ScanMetrics(), cancellation: Cancellation = Cancellation(),
        footers: FooterCache = FooterCache(), options: ScanOptions = ScanOptions()
    ) {
        self.fileSystem = fileSystem
        self.metrics = metrics
        self.cancellation = cancellation
        self.footers = footers
        self.options = options
    }

    /// The same context with counters of its own, which add to this one's.
    public func withOwnMetrics() -> ScanContext {
        ScanContext(
            fileSystem: fileSystem, metrics: ScanMetrics(addingTo: metrics), cancellation: cancellation,
            footers: footers, options: options)
    }
}

public struct ScanOptions: Sendable {
    /// `bad_data`: what a value that cannot be read does.
    public enum BadData: String, Sendable { case fail, null, skip }

    public var badData: BadData
    /// 3, 6 or 9: `hive.timestamp_precision`.
    public var timestampPrecision: Int
    public var verifiesChecksums: Bool
    /// Compressed files may be unpacked on a thread of their own, ahead of the worker that reads them.
    public var unpacksAhead: Bool

    public init(
        badData: BadData = .fail, timestampPrecision: Int = 3, verifiesChecksums: Bool = false,
        unpacksAhead: Bool = true
    ) {
        self.badData = badData
        self.timestampPrecision = timestampPrecision
        self.verifiesChecksums = verifiesChecksums
        self.unpacksAhead = unpacksAhead
    }
}

/// Exact facts about a file.
public struct FileSummary: Sendable {
    public var rowCount: Int
    public var byteCount: Int
    /// By lower-case column name (top-level primitive columns only).
    public var columns: [String: ColumnSummary]

    public init(rowCount: Int, byteCount: Int, columns: [String: ColumnSummary]) {
        self.rowCount = rowCount
        self.byteCount = byteCount
        self.columns = columns
    }
}

/// Facts about one column of a file.
public struct ColumnSummary: Sendable {
    /// The file's type for the column, as the format maps it.
    public var type: DataType
    public var nullCount: Int?
    public var minimum: Value?
    public var maximum: Value?
    /// The bounds are values that occur (usable for min() and max()), not merely bounds.
    public var boundsAreExact: Bool
    /// An estimate (dictionary size), for join order.
    public var distinctCount: Int?
    /// Compressed bytes in the file.
    public var byteCount: Int

    public init(
        type: DataType, nullCount: Int?, minimum: Value?, maximum: Value?, boundsAreExact: Bool, distinctCount: Int?,
        byteCount: Int
    ) {
        self.type = type
        self.nullCount = nullCount
        self.minimum = minimum
        self.maximum = maximum
        self.boundsAreExact = boundsAreExact
        self.distinctCount = distinctCount
        self.byteCount = byteCount
    }
}
