import Columnar
import Functions
import Planning
import SQLTypes

/// The frames of all positions of a bucket: `start[p] ..< end[p]` (empty when `end <= start`), always inside the
/// partition.
final class WindowFrames {
    let start: UnsafeMutablePointer<UInt32>
    let end: UnsafeMutablePointer<UInt32>
    private let buffer: Buffer

    /// Every frame begins where the partition does.
    let startsAtPartition: Bool
    let endsAtPartition: Bool

    /// - Throws: INVALID_WINDOW_FRAME for NULL or negative offsets.
    init(_ bucket: WindowBucket, _ frame: WindowSpecification.Frame) throws {
        let count = bucket.count
        buffer = Buffer(byteCount: count * 8)
        start = buffer.pointer.assumingMemoryBound(to: UInt32.self)
        end = start + count
        if case .unboundedPreceding = frame.start { startsAtPartition = true } else { startsAtPartition = false }
        if case .unboundedFollowing = frame.end { endsAtPartition = true } else { endsAtPartition = false }
        try fill(bucket, frame.unit, frame.start, isStart: true, start)
        try fill(bucket, frame.unit, frame.end, isStart: false, end)
    }

    /// One side of all frames.
    private func fill(
        _ bucket: WindowBucket, _ unit: WindowFrame.Unit, _ bound: WindowSpecification.Bound, isStart: Bool,
        _ target: UnsafeMutablePointer<UInt32>
    ) throws {
        let count = bucket.count
        switch bound {
        case .unboundedPreceding: target.update(from: bucket.partitionStart, count: count)
        case .unboundedFollowing: target.update(from: bucket.partitionEnd, count: count)
        case .currentRow:
            switch unit {
            case .rows:
                for position in 0..<count {
                    target[position] = UInt32(truncatingIfNeeded: isStart ? position : position + 1)
                }
            case .range, .groups:
                let peers = bucket.peerBorders
                target.update(from: isStart ? peers.start : peers.end, count: count)
            }
        case .preceding(let column), .following(let column):
            var isPreceding = false
            if case .preceding = bound { isPreceding = true }
            switch unit {
            case .rows: try fillRows(bucket, column, isPreceding, isStart, target)
            case .groups: try fillGroups(bucket, column, isPreceding, isStart, target)
            case .range: try fillRange(bucket, column, isStart, target)
            }
        }
    }

    private static func offset(
        _ values: UnsafePointer<Int64>, _ valid: UnsafePointer<UInt8>, _ position: Int, _ isStart: Bool
    ) throws -> Int {
        guard valid[position] != 0 else {
            throw QueryError(
                .invalidWindowFrame, "Window frame \(isStart ? "starting" : "ending") offset must not be null")
        }
        guard values[position] >= 0 else {
            throw QueryError(.invalidWindowFrame, "Window frame \(values[position]) offset must not be negative")
        }
        // No bucket has more rows.
        return Int(min(values[position], Int64(UInt32.max)))
    }

    private func fillRows(
        _ bucket: WindowBucket, _ column: Int, _ isPreceding: Bool, _ isStart: Bool,
        _ target: UnsafeMutablePointer<UInt32>
    ) throws {
        let (values, valid, owner) = bucket.integers(.column(column))
        for position in 0..<bucket.count {
            let offset = try Self.offset(values, valid, position, isStart)
            let row = isPreceding ? position - offset : position + offset
            let low = Int(bucket.partitionStart[position])
            let high = Int(bucket.partitionEnd[position])
            target[position] = UInt32(truncatingIfNeeded: max(low, min(isStart ? row : row + 1, high)))
        }
        withExtendedLifetime(owner) {}
    }

    private func fillGroups(
        _ bucket: WindowBucket, _ column: Int, _ isPreceding: Bool, _ isStart: Bool,
        _ target: UnsafeMutablePointer<UInt32>
    ) throws {
        let (values, valid, owner) = bucket.integers(.column(column))
        let peers = bucket.peerBorders
        // First positions of all groups, and each position's group.
        var starts: [UInt32] = []
        var groupOf = [Int](repeating: 0, count: bucket.count)
        for position in 0..<bucket.count {
            if Int(peers.start[position]) == position { starts.append(UInt32(truncatingIfNeeded: position)) }
            groupOf[position] = starts.count - 1
        }
        for position in 0..<bucket.count {
            let offset = try Self.offset(values, valid, position, isStart)
            let firstGroup = groupOf[Int(bucket.partitionStart[position])]
            let lastGroup = groupOf[Int(bucket.partitionEnd[position]) - 1]
            let group = isPreceding ? groupOf[position] - offset : groupOf[position] + offset
            if isStart {
                target[position] =
                    group > lastGroup ? bucket.partitionEnd[position] : starts[max(group, firstGroup)]
            } else {
                target[position] =
                    group < firstGroup ? bucket.partitionStart[position] : peers.end[Int(starts[min(group, lastGroup)])]
            }
        }
        withExtendedLifetime(owner) {}
    }

    /// Positions whose sort key reaches the bound's value. Rows with a NULL key see the NULL rows.
    private func fillRange(
        _ bucket: WindowBucket, _ boundColumn: Int, _ isStart: Bool, _ target: UnsafeMutablePointer<UInt32>
    ) throws {
        guard let order = bucket.source.specification.orderBy.first else {
            throw QueryError(.invalidWindowFrame, "Window frame of type RANGE PRECEDING or FOLLOWING requires ORDER BY")
        }
        let keys = bucket.source.columns[order.column]
        let bounds = bucket.source.columns[boundColumn]
        let peers = bucket.peerBorders
        var position = 0
        while position < bucket.count {
            // Rows of the partition with a key: low ..< high.
            let partitionStart = Int(bucket.partitionStart[position])
            let partitionEnd = Int(bucket.partitionEnd[position])
            var low = partitionStart
            var high = partitionEnd
            if keys.isNull(Int(bucket.rows[low])) { low = Int(peers.end[low]) }
            if low < high, keys.isNull(Int(bucket.rows[high - 1])) { high = Int(peers.start[high - 1]) }
            var guess = low
            for current in partitionStart..<partitionEnd {
                let row = Int(bucket.rows[current])
                if keys.isNull(row) {
                    target[current] = isStart ? peers.start[current] : peers.end[current]
                    continue
                }
                guard !bounds.isNull(row) else {
                    throw QueryError(.invalidWindowFrame, "Window frame offset value must not be negative or null")
                }
                // Whether the row at a position comes before the border.
                func isBefore(_ other: Int) -> Bool {
                    let comparison = Comparison.compare(keys, Int(bucket.rows[other]), bounds, row)
                    let ordered = order.isAscending ? comparison : -comparison
                    return isStart ? ordered < 0 : ordered <= 0
                }
                // The border mostly moves on by a few rows.
                var steps = 0
                while guess < high, steps < 8, isBefore(guess) {
                    guess += 1
                    steps += 1
                }
                let isFound = (guess == high || !isBefore(guess)) && (guess == low || isBefore(guess - 1))
                if !isFound {
                    var first = low
                    var last = high
                    while first < last {
                        let middle = (first + last) / 2
                        if isBefore(middle) { first = middle + 1 } else { last = middle }
                    }
                    guess = first
                }
                target[current] = UInt32(truncatingIfNeeded: guess)
            }
            position = partitionEnd
        }
    }
}
