import Columnar
import SQLTypes
import Storage

/// Apache Parquet.
///
/// Reading goes downwards through the folders: `Scan` chooses row groups and rows, `Columns` turns pages into vectors
/// of the table's types, `Encodings` unpacks values, `Metadata` parses footers, page headers and indexes.
/// A split's range is a range of rows of the file.
public struct ParquetFormat: FileFormat {
    public var name: String { "parquet" }

    /// A file is cut into at least this many splits where it is large enough, so that a few workers finish together.
    private static let splitsPerFile = 4
    /// Rows below which a row group is not cut.
    private static let smallestCut = 32_768
    /// Rows above which a row group is always cut.
    private static let largestSplit = 1 << 20

    public init() {}

    public func splits(of file: FileEntry, _ description: StorageDescription, _ context: ScanContext) throws -> [Split]
    {
        let footer = try FooterParser.cached(file, context)
        let groups = footer.rowGroups.filter { $0.rowCount > 0 }
        var splits: [Split] = []
        let wanted = (Self.splitsPerFile + max(groups.count, 1) - 1) / max(groups.count, 1)
        for group in groups {
            var pieces = min(wanted, max(group.rowCount / Self.smallestCut, 1))
            pieces = max(pieces, (group.rowCount + Self.largestSplit - 1) / Self.largestSplit)
            var first = 0
            for piece in 1...pieces {
                // Cuts at multiples of a batch keep batches whole.
                var end = group.rowCount / pieces * piece / Batch.defaultRowCount * Batch.defaultRowCount
                if piece == pieces { end = group.rowCount }
                guard end > first else { continue }
                let share = Double(end - first) / Double(group.rowCount)
                splits.append(
                    Split(
                        file: file, description: description,
                        range: group.firstRow + first..<group.firstRow + end, rowCount: end - first,
                        byteCount: Int(Double(max(group.byteCount, 0)) * share)))
                first = end
            }
        }
        return splits
    }

    public func open(_ split: Split, _ request: ScanRequest, _ context: ScanContext) throws -> any BatchReader {
        try ParquetReader(split, request, context)
    }

    public func schema(of file: FileEntry, _ context: ScanContext) throws -> [SchemaColumn]? {
        let footer = try FooterParser.cached(file, context)
        let mapping = TypeMapping(timestampPrecision: context.options.timestampPrecision)
        return footer.root.children.map { SchemaColumn(name: $0.name, type: mapping.type(of: $0)) }
    }

    public func summary(
        of file: FileEntry, _ description: StorageDescription, _ context: ScanContext
    ) throws -> FileSummary? {
        let footer = try FooterParser.cached(file, context)
        let mapping = TypeMapping(timestampPrecision: context.options.timestampPrecision)
        var columns: [String: ColumnSummary] = [:]
        for node in footer.root.children where node.isLeaf && node.repetition != .repeated {
            let type = mapping.leafType(node)
            guard let adapter = ValueAdapter(node, as: type), columns[node.lowerName] == nil else { continue }
            columns[node.lowerName] = Self.summary(footer, node, adapter)
        }
        let distinct = try DistinctEstimate.all(footer, mapping, file, context)
        for node in footer.root.children where node.isLeaf && columns[node.lowerName]?.distinctCount == nil {
            columns[node.lowerName]?.distinctCount = distinct[node.leafIndex]
        }
        return FileSummary(rowCount: footer.rowCount, byteCount: file.byteCount, columns: columns)
    }

    private static func summary(_ footer: ParquetFooter, _ node: SchemaNode, _ adapter: ValueAdapter) -> ColumnSummary {
        var summary = ColumnSummary(
            type: adapter.type, nullCount: 0, minimum: nil, maximum: nil, boundsAreExact: true, distinctCount: nil,
            byteCount: 0)
        var isKnown = true
        var distinct: Int? = 0
        for (number, group) in footer.rowGroups.enumerated() where group.rowCount > 0 {
            let chunk = footer.chunk(number, node.leafIndex)
            let bounds = ColumnBounds(footer, rowGroup: number, node, adapter)
            summary.byteCount += chunk.packedByteCount
            if let total = summary.nullCount, let nulls = bounds.nullCount { summary.nullCount = total + nulls }
            if bounds.nullCount == nil { summary.nullCount = nil }
            if let known = distinct, chunk.statistics.distinctCount >= 0 {
                distinct = max(known, chunk.statistics.distinctCount)
            } else {
                distinct = nil
            }
            // A group of nulls alone has no bounds and needs none.
            if bounds.nullCount == group.rowCount { continue }
            guard let low = bounds.minimum, let high = bounds.maximum else {
                isKnown = false
                continue
            }
            if !bounds.areExact { summary.boundsAreExact = false }
            if let kept = summary.minimum {
                if let order = Value.compare(low, kept, as: adapter.type), order < 0 { summary.minimum = low }
            } else {
                summary.minimum = low
            }
            if let kept = summary.maximum {
                if let order = Value.compare(high, kept, as: adapter.type), order > 0 { summary.maximum = high }
            } else {
                summary.maximum = high
            }
        }
        if !isKnown {
            summary.minimum = nil
            summary.maximum = nil
        }
        if summary.minimum == nil { summary.boundsAreExact = false }
        if let distinct, distinct > 0 { summary.distinctCount = distinct }
        return summary
    }
}
