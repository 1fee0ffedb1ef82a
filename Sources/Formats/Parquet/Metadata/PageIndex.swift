import Columnar
import Storage

/// A chunk's page index: where its data pages lie (OffsetIndex) and what values they hold (ColumnIndex).
final class ChunkPageIndex: Sendable {
    struct Page: Sendable {
        var offset: Int
        var byteCount: Int
        /// First row in the row group.
        var firstRow: Int
    }

    struct Bounds: Sendable {
        var isNullPage: Bool
        var minimum: [UInt8]
        var maximum: [UInt8]
        /// Negative when unknown.
        var nullCount: Int
    }

    /// Ascending by row; empty when there is no usable offset index.
    let pages: [Page]
    /// One per page, or empty.
    let bounds: [Bounds]

    init(pages: [Page], bounds: [Bounds]) {
        self.pages = pages
        self.bounds = bounds.count == pages.count ? bounds : []
    }

    /// The position of the page that holds `row`.
    func page(of row: Int) -> Int? {
        guard let first = pages.first, first.firstRow <= row else { return nil }
        var (low, high) = (0, pages.count - 1)
        while low < high {
            let middle = (low + high + 1) / 2
            if pages[middle].firstRow <= row { low = middle } else { high = middle - 1 }
        }
        return low
    }

    /// The index of a chunk, read now unless it is kept. Damage only makes it empty: it is not needed for answers.
    static func load(
        _ footer: ParquetFooter, rowGroup: Int, leaf: Int, withBounds: Bool, _ source: any ByteSource,
        _ metrics: ScanMetrics
    ) throws -> ChunkPageIndex {
        let position = (rowGroup * footer.leaves.count + leaf) * 2 + (withBounds ? 1 : 0)
        if let kept = footer.pageIndexes.withLock({ $0[position] }) { return kept }
        let chunk = footer.chunk(rowGroup, leaf)
        let rowCount = footer.rowGroups[rowGroup].rowCount
        var pages: [Page] = []
        if let bytes = try read(chunk.offsetIndexOffset, chunk.offsetIndexByteCount, source, metrics) {
            pages = parseOffsets(bytes, chunk, rowCount, source.entry.byteCount) ?? []
        }
        var bounds: [Bounds] = []
        if withBounds, !pages.isEmpty,
            let bytes = try read(chunk.columnIndexOffset, chunk.columnIndexByteCount, source, metrics)
        {
            bounds = parseBounds(bytes) ?? []
        }
        let made = ChunkPageIndex(pages: pages, bounds: bounds)
        footer.pageIndexes.withLock { kept in
            if kept.count > 4096 { kept.removeAll() }
            kept[position] = made
        }
        return made
    }

    private static func read(
        _ offset: Int, _ count: Int, _ source: any ByteSource, _ metrics: ScanMetrics
    ) throws -> Buffer? {
        guard offset > 0, count > 0, count <= source.entry.byteCount, offset <= source.entry.byteCount - count else {
            return nil
        }
        let buffer = Buffer(byteCount: count)
        let read = try source.read(at: offset, into: UnsafeMutableRawBufferPointer(start: buffer.pointer, count: count))
        metrics.bytesRead.add(read)
        return read == count ? buffer : nil
    }

    private static func parseOffsets(
        _ bytes: Buffer, _ chunk: ColumnChunk, _ rowCount: Int, _ fileByteCount: Int
    ) -> [Page]? {
        var pages: [Page] = []
        var reader = ThriftReader(bytes.pointer.assumingMemoryBound(to: UInt8.self), count: bytes.byteCount)
        reader.structure { reader, field, kind in
            guard field == 1 else {
                reader.skip(kind)
                return
            }
            reader.list(kind) { reader, kind in
                var page = Page(offset: 0, byteCount: 0, firstRow: 0)
                reader.structure(kind) { reader, field, kind in
                    switch field {
                    case 1: page.offset = reader.integer(kind)
                    case 2: page.byteCount = reader.integer(kind)
                    case 3: page.firstRow = reader.integer(kind)
                    default: reader.skip(kind)
                    }
                }
                pages.append(page)
            }
        }
        guard !reader.failed, let first = pages.first, first.firstRow == 0 else { return nil }
        for index in pages.indices {
            let page = pages[index]
            guard page.offset >= chunk.start, page.byteCount > 0, page.offset < fileByteCount, page.firstRow <= rowCount
            else { return nil }
            if index > 0 {
                let before = pages[index - 1]
                guard before.firstRow <= page.firstRow, before.offset < page.offset else { return nil }
            }
        }
        return pages
    }

    private static func parseBounds(_ bytes: Buffer) -> [Bounds]? {
        var nullPages: [Bool] = []
        var minima: [[UInt8]] = []
        var maxima: [[UInt8]] = []
        var nullCounts: [Int] = []
        var reader = ThriftReader(bytes.pointer.assumingMemoryBound(to: UInt8.self), count: bytes.byteCount)
        reader.structure { reader, field, kind in
            switch field {
            case 1: reader.list(kind) { reader, _ in nullPages.append(reader.listedBoolean()) }
            case 2: reader.list(kind) { reader, kind in minima.append(Array(reader.binary(kind))) }
            case 3: reader.list(kind) { reader, kind in maxima.append(Array(reader.binary(kind))) }
            case 5: reader.list(kind) { reader, kind in nullCounts.append(reader.integer(kind)) }
            default: reader.skip(kind)
            }
        }
        guard !reader.failed, minima.count == nullPages.count, maxima.count == nullPages.count else { return nil }
        return nullPages.indices.map { page in
            Bounds(
                isNullPage: nullPages[page], minimum: minima[page], maximum: maxima[page],
                nullCount: nullCounts.count == nullPages.count ? nullCounts[page] : -1)
        }
    }
}
