import Columnar
import SQLTypes
import Storage

/// The rows of one split of a Parquet file: goes through its row groups, leaves out what metadata and dictionaries
/// rule out, and hands out batches.
final class ParquetReader: BatchReader {
    private let footer: ParquetFooter
    private let source: any ByteSource
    private let request: ScanRequest
    private let context: ScanContext
    private let plans: [ColumnPlan]
    private let rows: Range<Int>
    private let decompressor = PageDecompressor()
    private var filters: [FilterState] = []
    /// Filters that the row group at hand still needs.
    private var active: [FilterState] = []
    private var nextRowGroup = 0
    private var scan: RowGroupScan?
    private var ready: [Batch] = []
    private var windowRowCount: Int
    private var windowsSinceOrder = 0

    /// Windows after which the order of filters is looked at again.
    private static let windowsPerOrder = 8

    init(_ split: Split, _ request: ScanRequest, _ context: ScanContext) throws {
        source = try context.fileSystem.open(split.file)
        footer = try FooterParser.cached(source, context)
        self.request = request
        self.context = context
        let file = split.file.path
        let footer = footer
        let isPositional = split.description.properties["parquet.column.index.access"]?.lowercased() == "true"
        plans = try request.columns.map { try ColumnPlan($0, in: footer, isPositional: isPositional, file: file) }
        rows = split.range.clamped(to: 0..<footer.rowCount)
        windowRowCount = max(request.batchRowCount, 1)
        filters = try request.filters.map { try FilterState($0) }
        if split.range.lowerBound == 0 { context.metrics.filesRead.add(1) }
    }

    func next() throws -> Batch? {
        while true {
            if let batch = ready.popLast() { return batch }
            try context.cancellation.check()
            guard let scan else {
                guard try openNextRowGroup() else { return nil }
                continue
            }
            guard let window = try scan.next(active, windowRowCount: windowRowCount) else {
                self.scan = nil
                continue
            }
            context.metrics.rowsRead.add(window.rowCount)
            adapt(window.rowCount, window.passed)
            ready = window.batches.reversed()
        }
    }

    /// Larger windows where few rows pass, so that batches do not get tiny; cheap and selective filters first.
    private func adapt(_ rowCount: Int, _ passed: Int) {
        guard !active.isEmpty else { return }
        let batch = max(request.batchRowCount, 1)
        if passed * 8 < rowCount, windowRowCount < batch * RowGroupScan.windowGrowthLimit {
            windowRowCount *= 2
        } else if passed > batch, windowRowCount > batch {
            windowRowCount = max(windowRowCount / 2, batch)
        }
        windowsSinceOrder += 1
        if windowsSinceOrder >= Self.windowsPerOrder {
            windowsSinceOrder = 0
            order(&active)
            for filter in active { filter.fade() }
        }
    }

    /// Filters that can raise stay behind the others, in the order in which they were given.
    private func order(_ list: inout [FilterState]) {
        guard list.count > 1 else { return }
        let safe = list.filter(\.cannotRaise).sorted { $0.rank < $1.rank }
        list = safe + filters.filter { filter in !filter.cannotRaise && list.contains { $0 === filter } }
    }

    // MARK: Row groups

    private func openNextRowGroup() throws -> Bool {
        while nextRowGroup < footer.rowGroups.count {
            let number = nextRowGroup
            let group = footer.rowGroups[number]
            nextRowGroup += 1
            let whole = group.firstRow..<group.firstRow + group.rowCount
            let wanted = whole.clamped(to: rows)
            guard !wanted.isEmpty else {
                if whole.lowerBound >= rows.upperBound { break }
                continue
            }
            let local = wanted.lowerBound - group.firstRow..<wanted.upperBound - group.firstRow
            if request.columns.isEmpty {
                ready = emptyBatches(local.count)
                return true
            }
            let pruner = RowGroupPruner(
                footer: footer, plans: plans, columns: request.columns, filters: request.filters, source: source,
                metrics: context.metrics)
            let ranges = try pruner.rows(of: number, within: local)
            if ranges.isEmpty {
                context.metrics.rowGroupsPruned.add(1)
                continue
            }
            let rowCount = ranges.reduce(0) { $0 + $1.count }
            let isSparse = rowCount * Self.sparseShare < group.rowCount
            let readers = try plans.map { try reader($0, number, isSparse) }
            guard try decideOnDictionaries(readers, ranges) else {
                context.metrics.rowGroupsPruned.add(1)
                continue
            }
            scan = RowGroupScan(
                columns: readers, types: request.columns.map(\.type), ranges: ranges,
                batchRowCount: max(request.batchRowCount, 1), context)
            return true
        }
        return false
    }

    /// Batches without columns, for count(*).
    private func emptyBatches(_ count: Int) -> [Batch] {
        var batches: [Batch] = []
        var left = count
        let limit = max(request.batchRowCount, 1) * 16
        while left > 0 {
            batches.append(Batch(columns: [], rowCount: min(left, limit)))
            left -= min(left, limit)
        }
        context.metrics.rowsRead.add(count)
        return batches
    }

    /// Decides filters of one column on the column's dictionary; false when no row can pass.
    private func decideOnDictionaries(_ readers: [any ColumnReader], _ ranges: [Range<Int>]) throws -> Bool {
        let rowCount = ranges.reduce(0) { $0 + $1.count }
        active = []
        for filter in filters {
            filter.forgetDictionary(rowsAhead: rowCount)
            var isNeeded = true
            if filter.cannotRaise, filter.columns.count == 1, readers.indices.contains(filter.columns[0]),
                let reader = readers[filter.columns[0]] as? FlatColumnReader,
                let dictionary = try reader.wholeChunkDictionary(), dictionary.count <= rowCount
            {
                switch try filter.decide(dictionary) {
                case .none: return false
                case .all: isNeeded = false
                case .some: break
                }
            }
            if isNeeded { active.append(filter) }
        }
        order(&active)
        return true
    }

    /// Where fewer than one of this many rows are wanted, pages are read one by one.
    private static let sparseShare = 4

    private func reader(_ plan: ColumnPlan, _ rowGroup: Int, _ isSparse: Bool) throws -> any ColumnReader {
        switch plan {
        case .missing(let type): return MissingColumnReader(type)
        case .flat(let node, let adapter):
            let pages = try stream(node, adapter, rowGroup, isFlat: true, isSparse)
            let (footer, source, metrics) = (footer, source, context.metrics)
            return FlatColumnReader(pages, type: adapter.type) {
                let chunk = footer.chunk(rowGroup, node.leafIndex)
                guard chunk.offsetIndexOffset > 0, chunk.packedByteCount >= Self.indexPaysFrom else { return nil }
                return try ChunkPageIndex.load(
                    footer, rowGroup: rowGroup, leaf: node.leafIndex, withBounds: false, source, metrics)
            }
        case .nested(let shape, let leaves):
            let readers = try leaves.map { leaf in
                LevelReader(
                    try stream(leaf.node, leaf.adapter, rowGroup, isFlat: false, isSparse), type: leaf.adapter?.type)
            }
            return NestedColumnReader(shape, readers)
        }
    }

    /// Chunks from this size on are worth reading an offset index for, to jump over pages.
    private static let indexPaysFrom = 64 << 10

    private func stream(
        _ node: SchemaNode, _ adapter: ValueAdapter?, _ rowGroup: Int, isFlat: Bool, _ isSparse: Bool
    ) throws -> PageStream {
        let chunk = footer.chunk(rowGroup, node.leafIndex)
        let place = ChunkPlace(file: source.entry.path, rowGroup: rowGroup, column: node.path)
        return try PageStream(
            leaf: node, chunk: chunk, adapter: adapter,
            source: ChunkSource(source, chunk, place, context.metrics, isSparse: isSparse), decompressor: decompressor,
            verifiesChecksums: context.options.verifiesChecksums, isFlat: isFlat)
    }
}
