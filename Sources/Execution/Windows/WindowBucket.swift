import Columnar
import Functions
import SQLTypes

/// One bucket's rows in order, with the borders of partitions and peer groups. Positions count in this order.
final class WindowBucket {
    let source: WindowRows
    let context: ExecutionContext
    let count: Int
    /// Row number at each position.
    let rows: UnsafePointer<UInt32>
    var rowsOwner: AnyObject { source.order }
    /// Per position, first position of its partition, and one past its last.
    let partitionStart: UnsafeMutablePointer<UInt32>
    let partitionEnd: UnsafeMutablePointer<UInt32>
    private let borders: Buffer
    private var peers: Buffer?

    init(_ source: WindowRows, start: Int, count: Int, _ context: ExecutionContext) throws {
        self.source = source
        self.context = context
        self.count = count
        // The bucket's run of `order` belongs to the worker that has taken the bucket.
        let mutable = source.order.pointer.assumingMemoryBound(to: UInt32.self) + start
        try source.rowOrder.sort(mutable, count, context.cancellation)
        rows = UnsafePointer(mutable)
        borders = Buffer(byteCount: count * 8)
        partitionStart = borders.pointer.assumingMemoryBound(to: UInt32.self)
        partitionEnd = partitionStart + count
        Self.fillRuns(
            Self.sameAsPrevious(source.partitionColumns, rows, count), count,
            partitionStart, partitionEnd)
    }

    /// 1 where a position's columns equal those of the position before it (position 0: 0).
    private static func sameAsPrevious(_ columns: [Vector], _ rows: UnsafePointer<UInt32>, _ count: Int) -> Buffer {
        let buffer = Buffer(byteCount: max(count, 1))
        let flags = buffer.pointer.assumingMemoryBound(to: UInt8.self)
        flags.update(repeating: 1, count: count)
        flags[0] = 0
        for column in columns where count > 1 {
            Comparison.clearDifferent(column, rows + 1, column, rows, count: count - 1, flags: flags + 1)
        }
        return buffer
    }

    private static func fillRuns(
        _ same: Buffer, _ count: Int, _ starts: UnsafeMutablePointer<UInt32>, _ ends: UnsafeMutablePointer<UInt32>
    ) {
        let flags = same.pointer.assumingMemoryBound(to: UInt8.self)
        var start = 0
        for position in 1...count where position == count || flags[position] == 0 {
            for inner in start..<position {
                starts[inner] = UInt32(truncatingIfNeeded: start)
                ends[inner] = UInt32(truncatingIfNeeded: position)
            }
            start = position
        }
    }

    /// Per position, first position of its peer group, and one past its last: rows of a partition that are equal in
    /// the order columns.
    var peerBorders: (start: UnsafeMutablePointer<UInt32>, end: UnsafeMutablePointer<UInt32>) {
        if let peers {
            let start = peers.pointer.assumingMemoryBound(to: UInt32.self)
            return (start, start + count)
        }
        let buffer = Buffer(byteCount: count * 8)
        let start = buffer.pointer.assumingMemoryBound(to: UInt32.self)
        let same = Self.sameAsPrevious(source.specification.orderBy.map { source.columns[$0.column] }, rows, count)
        let flags = same.pointer.assumingMemoryBound(to: UInt8.self)
        for position in 0..<count where partitionStart[position] == UInt32(truncatingIfNeeded: position) {
            flags[position] = 0
        }
        Self.fillRuns(same, count, start, start + count)
        peers = buffer
        return (start, start + count)
    }

    /// `column` at positions `start ..< start + count`.
    func slice(_ column: Int, from start: Int, count: Int) -> Vector {
        JoinColumns.pick(source.columns[column], rows + start, count: count, owner: rowsOwner)
    }

    /// An argument at positions `start ..< start + count`.
    func slice(_ argument: WindowSpecification.Argument, from start: Int, count: Int) -> Vector {
        switch argument {
        case .column(let column): slice(column, from: start, count: count)
        case .constant(let value, let type): .constant(value, type, count: count)
        }
    }

    /// A BIGINT (or narrower) argument at each position.
    func integers(_ argument: WindowSpecification.Argument) -> (UnsafePointer<Int64>, UnsafePointer<UInt8>, Buffer) {
        let buffer = Buffer(byteCount: count * 9)
        let values = buffer.pointer.assumingMemoryBound(to: Int64.self)
        let valid = UnsafeMutableRawPointer(values + count).assumingMemoryBound(to: UInt8.self)
        switch argument {
        case .constant(let value, _):
            var number: Int64?
            if case .int(let constant) = value { number = constant }
            values.update(repeating: number ?? 0, count: count)
            valid.update(repeating: number == nil ? 0 : 1, count: count)
        case .column(let column):
            values.update(repeating: 0, count: count)
            valid.update(repeating: 0, count: count)
            let chunk = ConstantLanes.limit
            var start = 0
            while start < count {
                let length = min(chunk, count - start)
                IntegerLanes.forEach(slice(column, from: start, count: length), Rows(count: length)) { row, value in
                    values[start + row] = value
                    valid[start + row] = 1
                }
                start += length
            }
        }
        return (UnsafePointer(values), UnsafePointer(valid), buffer)
    }

    /// Prepares one call over this bucket.
    func open(_ index: Int) throws -> any WindowCallState {
        let call = source.specification.calls[index]
        switch call.function {
        case .aggregate(let function): return try AggregateWindowState.open(self, call, function)
        case .window(let function):
            switch function.kind {
            case .rowNumber, .rank, .denseRank, .percentRank, .cumeDist, .ntile:
                return try RankingState(self, call, function.kind)
            case .firstValue, .lastValue, .nthValue, .lag, .lead:
                guard let values = source.valueSources[index] else {
                    throw QueryError(.genericInternalError, "A value window function has no values")
                }
                return try ValueState(self, call, function.kind, values)
            }
        }
    }
}

/// One window call over one bucket.
protocol WindowCallState: AnyObject {
    /// Results at positions `start ..< start + count`; asked for in ascending order.
    func results(from start: Int, count: Int) throws -> Vector
}
