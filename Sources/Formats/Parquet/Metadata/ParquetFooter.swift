import Columnar
import Storage
import Synchronization

/// A parsed footer: the schema and where every column chunk lies. Shared by all readers of the file.
///
/// Statistics stay in the footer's bytes until they are asked for: chunks hold positions, no objects, so a footer of
/// thousands of chunks parses without an allocation for each.
///
/// `@unchecked Sendable`: `bytes` is only read after `init`.
final class ParquetFooter: @unchecked Sendable {
    let rowCount: Int
    let root: SchemaNode
    let leaves: [SchemaNode]
    let rowGroups: [RowGroup]
    /// Chunk of leaf `l` in row group `g` at `g * leaves.count + l`.
    let chunks: ContiguousArray<ColumnChunk>
    /// Leaves whose min_value and max_value follow the order of their type.
    let hasTypeOrder: [Bool]
    let bytes: Buffer
    /// Page indexes by position in `chunks`.
    let pageIndexes = Mutex<[Int: ChunkPageIndex]>([:])
    /// Estimates of distinct values by leaf; empty until asked for.
    let distinctCounts = Mutex<[Int?]>([])

    init(
        rowCount: Int, root: SchemaNode, leaves: [SchemaNode], rowGroups: [RowGroup],
        chunks: ContiguousArray<ColumnChunk>, hasTypeOrder: [Bool], bytes: Buffer
    ) {
        self.rowCount = rowCount
        self.root = root
        self.leaves = leaves
        self.rowGroups = rowGroups
        self.chunks = chunks
        self.hasTypeOrder = hasTypeOrder
        self.bytes = bytes
    }

    func chunk(_ rowGroup: Int, _ leaf: Int) -> ColumnChunk { chunks[rowGroup * leaves.count + leaf] }

    /// Bytes of the footer.
    func slice(_ span: Span) -> [UInt8]? {
        guard span.count >= 0 else { return nil }
        let start = bytes.pointer.assumingMemoryBound(to: UInt8.self) + Int(span.offset)
        return Array(UnsafeBufferPointer(start: start, count: Int(span.count)))
    }

    /// A run of the footer's bytes; `count` is negative when there is none.
    struct Span: Sendable {
        var offset: Int32 = 0
        var count: Int32 = -1
    }
}

struct RowGroup: Sendable {
    var rowCount = 0
    /// Rows of the file before this group.
    var firstRow = 0
    var byteCount = 0
}

/// Where one column of one row group lies, and what is known of its values.
struct ColumnChunk: Sendable {
    var stored = -1
    var codec = 0
    var valueCount = 0
    var unpackedByteCount = 0
    var packedByteCount = 0
    var dataPageOffset = 0
    /// 0: none known.
    var dictionaryPageOffset = 0
    var offsetIndexOffset = 0
    var offsetIndexByteCount = 0
    var columnIndexOffset = 0
    var columnIndexByteCount = 0
    var bloomOffset = 0
    var bloomByteCount = 0
    /// encoding_stats say that every data page uses the dictionary.
    var hasOnlyDictionaryPages = false
    var isEncrypted = false
    var isInOtherFile = false
    var hasMetadata = false
    var statistics = ChunkStatistics()

    /// Where the first page starts.
    var start: Int {
        dictionaryPageOffset > 0 && dictionaryPageOffset < dataPageOffset ? dictionaryPageOffset : dataPageOffset
    }
}

/// `Statistics` by position in the footer. Counts are negative when missing.
struct ChunkStatistics: Sendable {
    var minimum = ParquetFooter.Span()
    var maximum = ParquetFooter.Span()
    var oldMinimum = ParquetFooter.Span()
    var oldMaximum = ParquetFooter.Span()
    var nullCount = -1
    var distinctCount = -1
    var nanCount = -1
    var minimumIsExact = false
    var maximumIsExact = false
}
