import Columnar
import Glibc
import SQLTypes
import Storage

/// Guesses how many distinct values the columns of a file have, from the size of one dictionary each: a small read a
/// column, kept with the footer.
enum DistinctEstimate {
    /// Columns beyond this many are not looked at.
    private static let columnLimit = 256
    private static let headerByteCount = 64

    /// By leaf; nil where nothing is known.
    static func all(
        _ footer: ParquetFooter, _ mapping: TypeMapping, _ file: FileEntry, _ context: ScanContext
    ) throws -> [Int?] {
        let kept = footer.distinctCounts.withLock { $0 }
        if kept.count == footer.leaves.count { return kept }
        var estimates = [Int?](repeating: nil, count: footer.leaves.count)
        // The fullest row group stands for the file.
        if let sample = footer.rowGroups.indices.max(by: {
            footer.rowGroups[$0].rowCount < footer.rowGroups[$1].rowCount
        }),
            footer.rowGroups[sample].rowCount > 0, footer.leaves.count <= columnLimit
        {
            let source = try context.fileSystem.open(file)
            for node in footer.root.children where node.isLeaf && node.repetition != .repeated {
                guard let adapter = ValueAdapter(node, as: mapping.leafType(node)) else { continue }
                estimates[node.leafIndex] = try estimate(footer, sample, node, adapter, source, context.metrics)
            }
        }
        footer.distinctCounts.withLock { [estimates] in $0 = estimates }
        return estimates
    }

    private static func estimate(
        _ footer: ParquetFooter, _ sample: Int, _ node: SchemaNode, _ adapter: ValueAdapter, _ source: any ByteSource,
        _ metrics: ScanMetrics
    ) throws -> Int? {
        let total = footer.rowCount
        let span = integerSpan(footer, node, adapter)
        let chunk = footer.chunk(sample, node.leafIndex)
        guard chunk.hasOnlyDictionaryPages, chunk.dictionaryPageOffset > 0,
            chunk.dictionaryPageOffset < source.entry.byteCount, !chunk.isEncrypted, !chunk.isInOtherFile
        else { return span.map { min($0, total) } }
        let buffer = Buffer(byteCount: headerByteCount)
        let room = UnsafeMutableRawBufferPointer(start: buffer.pointer, count: headerByteCount)
        let read = try source.read(at: chunk.dictionaryPageOffset, into: room)
        metrics.bytesRead.add(read)
        let bytes = UnsafePointer(buffer.pointer.assumingMemoryBound(to: UInt8.self))
        guard let (header, _) = PageHeader.parse(bytes, count: read),
            header.kind == PageHeader.Kind.dictionary.rawValue, header.valueCount > 0
        else { return span.map { min($0, total) } }
        let rows = footer.rowGroups[sample].rowCount
        var guess = drawnFrom(seen: min(header.valueCount, rows), rows: rows, limit: total)
        // Clustered columns: each row group has values of its own.
        if let span, let own = groupSpan(footer, sample, node, adapter), own > 0, own < span {
            guess = max(guess, Int(min(Double(header.valueCount) * Double(span) / Double(own), Double(total))))
        }
        if let span { guess = min(guess, span) }
        return max(min(guess, total), 1)
    }

    /// How many values there are when `rows` random draws show `seen` of them: the root of
    /// `n * (1 - exp(-rows / n)) = seen`.
    private static func drawnFrom(seen: Int, rows: Int, limit: Int) -> Int {
        guard seen > 0, rows > 0 else { return 1 }
        var (low, high) = (Double(seen), Double(max(limit, seen)))
        for _ in 0..<50 {
            let middle = (low + high) / 2
            if middle * (1 - exp(-Double(rows) / middle)) < Double(seen) { low = middle } else { high = middle }
        }
        return Int(high)
    }

    /// Largest minus smallest value plus one, of integers; nil when unknown.
    private static func integerSpan(_ footer: ParquetFooter, _ node: SchemaNode, _ adapter: ValueAdapter) -> Int? {
        var (low, high) = (Int64.max, Int64.min)
        for group in footer.rowGroups.indices where footer.rowGroups[group].rowCount > 0 {
            let bounds = ColumnBounds(footer, rowGroup: group, node, adapter)
            if bounds.nullCount == footer.rowGroups[group].rowCount { continue }
            guard case .int(let least)? = bounds.minimum, case .int(let most)? = bounds.maximum else { return nil }
            low = min(low, least)
            high = max(high, most)
        }
        return span(low, high)
    }

    private static func groupSpan(
        _ footer: ParquetFooter, _ group: Int, _ node: SchemaNode, _ adapter: ValueAdapter
    ) -> Int? {
        let bounds = ColumnBounds(footer, rowGroup: group, node, adapter)
        guard case .int(let low)? = bounds.minimum, case .int(let high)? = bounds.maximum else { return nil }
        return span(low, high)
    }

    private static func span(_ low: Int64, _ high: Int64) -> Int? {
        guard low <= high else { return nil }
        let (difference, overflow) = high.subtractingReportingOverflow(low)
        return overflow || difference == .max ? nil : Int(difference) + 1
    }
}
