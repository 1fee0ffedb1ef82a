import Columnar
import Expressions
import Metastore
import Planning
import SQLTypes
import Storage

/// What a scan does with each file: the request to its reader, and how the output's columns are put together.
struct ScanPlan: Sendable {
    /// Where an output column comes from.
    enum Piece: Sendable {
        /// Position in the reader's batches.
        case data(Int)
        /// Position in the partition's values.
        case partitionKey(Int, DataType)
        case hidden(HiddenColumn)
    }

    enum HiddenColumn: String, Sendable {
        case path = "$path"
        case fileSize = "$file_size"
        case fileModifiedTime = "$file_modified_time"
        case partition = "$partition"
    }

    var table: Table
    var partitions: [Partition]?
    var partitionKeyTypes: [DataType]
    /// Columns that readers return: those of the output, then those that only filters read.
    var requested: [RequestedColumn]
    var pieces: [Piece]
    /// References of `pieces`, in order: those of the output, then those that only the residual reads.
    var columns: [ColumnReference]
    var outputCount: Int
    /// Conditions that readers apply.
    var filters: [any ScanFilter]
    /// Conditions on partition keys and hidden columns alone, tested once per file.
    var fileFilters: [BoundExpression]
    /// The other conditions, tested on whole batches.
    var residual: [BoundExpression]
}

/// A split with the facts of its file that are columns.
struct ScanMorsel: Sendable {
    var split: Split
    var format: any FileFormat
    /// Per piece: the constant, for pieces that do not come from the reader.
    var constants: [Value]
    /// Where the requested columns stand in the file, where its partition has the columns in another order than the
    /// table.
    var ordinals: [Int]?
}

extension ScanPlan.HiddenColumn {
    /// The column's value in every row of a file.
    func value(file: FileEntry, partition: Partition?, keys: [String]) -> Value {
        switch self {
        case .path: .string(file.path)
        case .fileSize: .int(Int64(file.byteCount))
        case .fileModifiedTime:
            // Milliseconds as UTC picoseconds with zone 0.
            .int128((Int128(file.modified / 1_000_000) * 1_000_000_000) << 16)
        case .partition:
            .string(partition.map { PartitionFolder.path(keys: keys, values: $0.values) } ?? "")
        }
    }
}
