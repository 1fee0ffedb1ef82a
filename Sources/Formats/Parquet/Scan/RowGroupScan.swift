import Columnar
import SQLTypes
import Storage

/// Reads wanted rows of one row group: filter columns first, the others only for rows that pass.
///
/// ```
/// window of rows -> filter columns -> filters, cheapest first -> few left: gather, else a selection
///                -> other columns, unpacking only pages with rows left -> batches
/// ```
final class RowGroupScan {
    private let columns: [any ColumnReader]
    private let types: [DataType]
    /// Row up to which each column was read or passed.
    private var positions: [Int]
    private var ranges: [Range<Int>]
    private let batchRowCount: Int
    private let context: ScanContext

    init(
        columns: [any ColumnReader], types: [DataType], ranges: [Range<Int>], batchRowCount: Int,
        _ context: ScanContext
    ) {
        self.context = context
        self.columns = columns
        self.types = types
        positions = [Int](repeating: 0, count: columns.count)
        self.ranges = ranges.reversed()
        self.batchRowCount = batchRowCount
    }

    /// Rows of the window in work: all of them, or those at `kept`.
    private struct Window {
        var rows: Range<Int>
        /// Positions in `rows` of the lanes; nil: every row is a lane.
        var kept: Selection?
        var laneCount: Int
        /// Lanes that pass so far; nil: all.
        var selection: Selection?
        var loaded: [Vector?]
        /// Lanes whose value in some column its type cannot hold; NULL so far.
        var bad: [BadLane] = []

        var passing: Int { selection?.count ?? laneCount }
    }

    /// Fewer than one of this many rows left: the rows are gathered.
    private static let gathersBelow = 4
    /// Windows grow to this many batches where few rows pass.
    static let windowGrowthLimit = 8

    /// The next window's batches; empty when no row of it passes, nil at the end.
    func next(_ filters: [FilterState], windowRowCount: Int) throws -> (batches: [Batch], rowCount: Int, passed: Int)? {
        guard let range = ranges.last else { return nil }
        let rows = range.lowerBound..<min(range.upperBound, range.lowerBound + windowRowCount)
        if rows.upperBound == range.upperBound {
            ranges.removeLast()
        } else {
            ranges[ranges.count - 1] = rows.upperBound..<range.upperBound
        }
        var window = Window(
            rows: rows, kept: nil, laneCount: rows.count, selection: nil,
            loaded: [Vector?](repeating: nil, count: columns.count))
        for filter in filters {
            let before = window.passing
            let started = FilterState.clock()
            try apply(filter, &window)
            filter.record(rowsIn: before, rowsOut: window.passing, nanoseconds: FilterState.clock() &- started)
            if window.passing == 0 { return ([], rows.count, 0) }
        }
        for column in columns.indices where window.loaded[column] == nil { try load(column, &window) }
        if !window.bad.isEmpty {
            try settleBad(&window)
            if window.passing == 0 { return ([], rows.count, 0) }
        }
        let vectors = window.loaded.compactMap { $0 }
        let batch = Batch(columns: vectors, rowCount: window.laneCount, selection: window.selection)
        return (Self.cut(batch, batchRowCount), rows.count, window.passing)
    }

    private func apply(_ filter: FilterState, _ window: inout Window) throws {
        var vectors: [Vector] = []
        for column in filter.columns {
            if window.loaded[column] == nil { try load(column, &window) }
            if let vector = window.loaded[column] { vectors.append(vector) }
        }
        let passing = try filter.select(vectors, Rows(count: window.laneCount, selection: window.selection))
        if passing.count == window.passing { return }
        guard passing.count * Self.gathersBelow < window.laneCount else {
            window.selection = passing
            return
        }
        // Few are left: from here on only they are lanes.
        for column in window.loaded.indices {
            window.loaded[column] = window.loaded[column]?.gather(passing.indices, count: passing.count)
        }
        window.bad = BadLane.gathered(window.bad, at: passing.indices, passing.count)
        if let kept = window.kept {
            let buffer = Buffer(byteCount: max(passing.count, 1) * 4)
            let target = buffer.pointer.assumingMemoryBound(to: UInt32.self)
            for index in 0..<passing.count { target[index] = kept.indices[Int(passing.indices[index])] }
            window.kept = Selection(buffer, count: passing.count)
        } else {
            window.kept = passing
        }
        window.laneCount = passing.count
        window.selection = nil
    }

    private func load(_ column: Int, _ window: inout Window) throws {
        let reader = columns[column]
        reader.skip(window.rows.lowerBound - positions[column])
        positions[column] = window.rows.upperBound
        if let kept = window.kept {
            window.loaded[column] = try reader.read(window.rows.count, at: kept.indices, kept.count)
        } else {
            window.loaded[column] = try reader.read(window.rows.count)
        }
        if !reader.bad.isEmpty { window.bad = (window.bad + reader.bad).sorted { $0.position < $1.position } }
    }

    /// Applies `bad_data` to the rows that are left.
    private func settleBad(_ window: inout Window) throws {
        var passing: [Int] = []
        Rows(count: window.laneCount, selection: window.selection).forEach { passing.append($0) }
        let counted = Set(passing)
        let hits = window.bad.filter { counted.contains($0.position) }
        guard let first = hits.first else { return }
        switch context.options.badData {
        case .fail: throw first.error
        case .null: context.metrics.badValues.add(hits.count)
        case .skip:
            let dropped = Set(hits.map(\.position))
            context.metrics.badValues.add(dropped.count)
            window.selection = Selection(passing.filter { !dropped.contains($0) })
        }
    }

    /// Pieces of at most `limit` lanes.
    static func cut(_ batch: Batch, _ limit: Int) -> [Batch] {
        guard batch.rowCount > limit else { return [batch] }
        var pieces: [Batch] = []
        var start = 0
        var taken = 0
        while start < batch.rowCount {
            let count = min(limit, batch.rowCount - start)
            var selection: Selection?
            var isEmpty = false
            if let all = batch.selection {
                let first = taken
                while taken < all.count, Int(all.indices[taken]) < start + count { taken += 1 }
                isEmpty = taken == first
                let buffer = Buffer(byteCount: max(taken - first, 1) * 4)
                let target = buffer.pointer.assumingMemoryBound(to: UInt32.self)
                for index in first..<taken {
                    target[index - first] = all.indices[index] &- UInt32(truncatingIfNeeded: start)
                }
                selection = Selection(buffer, count: taken - first)
            }
            if !isEmpty {
                pieces.append(
                    Batch(
                        columns: batch.columns.map { $0.slice(offset: start, count: count) }, rowCount: count,
                        selection: selection))
            }
            start += count
        }
        return pieces
    }
}
