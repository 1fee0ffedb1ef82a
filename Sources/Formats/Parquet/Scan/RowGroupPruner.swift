import Columnar
import SQLTypes
import Storage

/// Decides from metadata which row groups, and which rows of them, can hold rows that pass the filters.
struct RowGroupPruner {
    let footer: ParquetFooter
    let plans: [ColumnPlan]
    let columns: [RequestedColumn]
    let filters: [any ScanFilter]
    let source: any ByteSource
    let metrics: ScanMetrics

    /// Single values looked up in a Bloom filter.
    private static let bloomValueLimit = 64

    /// The rows of a row group that may pass, as ascending ranges within `rows`; empty: none.
    func rows(of rowGroup: Int, within rows: Range<Int>) throws -> [Range<Int>] {
        var ranges = [rows]
        for filter in filters {
            for column in filter.columns where plans.indices.contains(column) {
                let domain = filter.domain(of: column)
                if domain.isAll { continue }
                switch plans[column] {
                case .missing:
                    if !domain.allowsNull { return [] }
                case .flat(let node, let adapter):
                    guard try mayPass(domain, rowGroup, node, adapter) else { return [] }
                    ranges = try pageRows(domain, rowGroup, node, adapter, ranges)
                    if ranges.isEmpty { return [] }
                case .nested: break
                }
            }
        }
        return ranges
    }

    private func mayPass(_ domain: Domain, _ rowGroup: Int, _ node: SchemaNode, _ adapter: ValueAdapter) throws -> Bool
    {
        let bounds = ColumnBounds(footer, rowGroup: rowGroup, node, adapter)
        guard
            domain.overlaps(
                min: bounds.minimum, max: bounds.maximum, nullCount: bounds.knownNullCount(adapter),
                rowCount: footer.rowGroups[rowGroup].rowCount, type: adapter.type)
        else { return false }
        let chunk = footer.chunk(rowGroup, node.leafIndex)
        guard chunk.bloomOffset > 0, !domain.allowsNull || bounds.knownNullCount(adapter) == 0,
            let values = domain.discreteValues, values.count <= Self.bloomValueLimit,
            let filter = try BloomFilter.load(chunk, source, metrics)
        else { return true }
        return values.contains { value in
            switch PlainBytes(value, node, adapter) {
            case .bytes(let bytes): filter.mayContain(BloomFilter.hash(bytes))
            case .impossible: false
            case .unknown: true
            }
        }
    }

    /// The rows of pages whose values may pass.
    private func pageRows(
        _ domain: Domain, _ rowGroup: Int, _ node: SchemaNode, _ adapter: ValueAdapter, _ ranges: [Range<Int>]
    ) throws -> [Range<Int>] {
        let chunk = footer.chunk(rowGroup, node.leafIndex)
        guard chunk.columnIndexOffset > 0, chunk.offsetIndexOffset > 0,
            ColumnBounds.hasUsablePageIndex(footer, node, adapter)
        else { return ranges }
        let index = try ChunkPageIndex.load(
            footer, rowGroup: rowGroup, leaf: node.leafIndex, withBounds: true, source, metrics)
        guard !index.bounds.isEmpty, index.pages.count > 1 else { return ranges }
        let rowCount = footer.rowGroups[rowGroup].rowCount
        var kept: [Range<Int>] = []
        for (position, page) in index.pages.enumerated() {
            let end = position + 1 < index.pages.count ? index.pages[position + 1].firstRow : rowCount
            guard end > page.firstRow else { continue }
            let stated = index.bounds[position]
            let passes: Bool
            if stated.isNullPage {
                passes = domain.allowsNull
            } else {
                let bounds = ColumnBounds(stated, node, adapter)
                passes = domain.overlaps(
                    min: bounds.minimum, max: bounds.maximum, nullCount: bounds.knownNullCount(adapter),
                    type: adapter.type)
            }
            guard passes else {
                metrics.pagesPruned.add(1)
                continue
            }
            if let last = kept.last, last.upperBound == page.firstRow {
                kept[kept.count - 1] = last.lowerBound..<end
            } else {
                kept.append(page.firstRow..<end)
            }
        }
        return Self.intersection(ranges, kept)
    }

    static func intersection(_ left: [Range<Int>], _ right: [Range<Int>]) -> [Range<Int>] {
        var result: [Range<Int>] = []
        var (i, j) = (0, 0)
        while i < left.count, j < right.count {
            let low = max(left[i].lowerBound, right[j].lowerBound)
            let high = min(left[i].upperBound, right[j].upperBound)
            if low < high { result.append(low..<high) }
            if left[i].upperBound < right[j].upperBound { i += 1 } else { j += 1 }
        }
        return result
    }
}

/// A table value as the file would store it in plain encoding, for Bloom filters.
enum PlainBytes {
    case bytes([UInt8])
    /// No stored value is equal to it.
    case impossible
    case unknown

    init(_ value: Value, _ node: SchemaNode, _ adapter: ValueAdapter) {
        switch (adapter.rule, value) {
        case (.same, .bytes(let bytes)) where node.stored == .byteArray: self = .bytes(bytes)
        case (.fixedToBytes, .bytes(let bytes)):
            self = bytes.count == node.fixedByteCount ? .bytes(bytes) : .impossible
        case (.same, .int(let number)), (.widenSigned32, .int(let number)), (.narrow32, .int(let number)):
            if node.stored == .int32 {
                guard let small = Int32(exactly: number) else {
                    self = .impossible
                    return
                }
                self = .bytes(withUnsafeBytes(of: small.littleEndian, Array.init))
            } else if node.stored == .int64 {
                self = .bytes(withUnsafeBytes(of: number.littleEndian, Array.init))
            } else {
                self = .unknown
            }
        default: self = .unknown
        }
    }
}
