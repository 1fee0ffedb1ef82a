import Columnar
import SQLTypes
import Synchronization

/// All rows of a window's input, as one vector per column, with the row numbers put into buckets: partitions are whole
/// in their bucket, so that buckets are sorted and computed one by one by any worker.
///
/// `@unchecked Sendable`: everything below `inputs` is written by `complete`, then only read.
final class WindowRows: SinkOperator, @unchecked Sendable {
    let name = "Window"
    let specification: WindowSpecification
    let reservation: MemoryReservation
    private let inputs = Mutex<[Batch]>([])

    private(set) var columns: [Vector] = []
    private(set) var rowCount = 0
    /// Row numbers by bucket, and where buckets start.
    private(set) var order = Buffer(byteCount: 4)
    private(set) var bucketStarts: [Int] = [0]
    /// Sorts a bucket's rows by partition and order columns.
    private(set) var rowOrder = RowOrder([])
    /// What tells partitions apart: the columns, or numbers that stand for them.
    private(set) var partitionColumns: [Vector] = []
    /// Per call, what a value function points into.
    private(set) var valueSources: [ValueSource?] = []

    /// Rows of a bucket, about: they and their states fit a second-level cache.
    private static let bucketRowCount = 16 << 10
    private static let largestBucketCount = 1024

    init(_ specification: WindowSpecification, _ budget: MemoryBudget) {
        self.specification = specification
        reservation = MemoryReservation("Window", budget)
    }

    func makeLocal(_ worker: WorkerContext) throws -> any LocalConsumer { Local(self) }

    private final class Local: LocalConsumer {
        let rows: WindowRows
        var batches: [Batch] = []
        init(_ rows: WindowRows) { self.rows = rows }

        func push(_ batch: Batch) throws -> PushResult {
            let kept = batch.compacted()
            try rows.reservation.grow(
                by: kept.columns.reduce(128) {
                    $0 + ($1.isConstant ? 0 : kept.rowCount * ($1.codes != nil ? 4 : $1.physical.byteCount))
                })
            batches.append(kept)
            return .needsMore
        }

        func finish() throws {
            rows.inputs.withLock { $0.append(contentsOf: batches) }
            batches = []
        }
    }

    func complete(_ context: ExecutionContext) throws {
        let batches = inputs.withLock { inputs in
            defer { inputs = [] }
            return inputs
        }
        let assembler = ColumnAssembler(batches, context: context)
        rowCount = assembler.total
        guard rowCount < Int(UInt32.max) else {
            throw QueryError(.genericInsufficientResources, "A window has too many rows")
        }
        try reservation.grow(by: rowCount * 12)
        columns = try assembler.assemble(specification.types.enumerated().map { ($0, $1) })
        try context.cancellation.check()
        let hashes = try makeBuckets(context)
        partitionColumns = specification.partitionBy.map { columns[$0] }
        if !RowOrder(partitionKeys).isExact, let numbers = try numberPartitions(hashes, context) {
            partitionColumns = [numbers]
        }
        rowOrder = RowOrder(
            partitionKeys
                + specification.orderBy.map {
                    RowOrder.Key(column: columns[$0.column], isAscending: $0.isAscending, nullsFirst: $0.nullsFirst)
                })
        valueSources = try specification.calls.map { call in
            guard case .window(let function) = call.function else { return nil }
            switch function.kind {
            case .rowNumber, .rank, .denseRank, .percentRank, .cumeDist, .ntile: return nil
            case .firstValue, .lastValue, .nthValue, .lag, .lead:
                return try ValueSource(call, function.kind, columns: columns, rowCount: rowCount)
            }
        }
    }

    private var partitionKeys: [RowOrder.Key] {
        partitionColumns.map { RowOrder.Key(column: $0, isAscending: true, nullsFirst: false) }
    }

    /// Hashes of the partition columns by row number.
    private func hashPartitions(_ context: ExecutionContext) throws -> Buffer {
        let hashes = Buffer(byteCount: max(rowCount, 1) * 8)
        nonisolated(unsafe) let lanes = hashes.pointer.assumingMemoryBound(to: UInt64.self)
        let keys = specification.partitionBy.map { columns[$0] }
        let chunk = 64 << 10
        let count = rowCount
        try context.pool.forEach((count + chunk - 1) / chunk, workers: context.settings.threads) { item, _ in
            let start = item * chunk
            let length = min(chunk, count - start)
            Hashing.hash(keys.map { $0.slice(offset: start, count: length) }, Rows(count: length), into: lanes + start)
        }
        return hashes
    }

    /// Numbers the partitions of each bucket, so that long strings and other columns that do not fit a sort code need
    /// not be compared while sorting. Nil when two partitions have one hash.
    private func numberPartitions(_ known: Buffer?, _ context: ExecutionContext) throws -> Vector? {
        let hashes = try known ?? hashPartitions(context)
        nonisolated(unsafe) let lanes = hashes.pointer.assumingMemoryBound(to: UInt64.self)
        let target = Buffer(byteCount: max(rowCount, 1) * 4)
        nonisolated(unsafe) let numbers = target.pointer.assumingMemoryBound(to: UInt32.self)
        nonisolated(unsafe) let rows = order.pointer.assumingMemoryBound(to: UInt32.self)
        let starts = bucketStarts
        let keys = specification.partitionBy.map { columns[$0] }
        let collision = CollisionFlag()
        try context.pool.forEach(starts.count - 1, workers: context.settings.threads) { bucket, _ in
            try context.cancellation.check()
            let count = starts[bucket + 1] - starts[bucket]
            if count > 0, !Self.number(rows + starts[bucket], count, lanes, keys, numbers) {
                collision.isSet.store(true, ordering: .relaxed)
            }
        }
        if collision.isSet.load(ordering: .relaxed) { return nil }
        return Vector(type: .integer, count: rowCount, values: UnsafeRawPointer(numbers), owners: [target])
    }

    private final class CollisionFlag: Sendable {
        let isSet = Atomic<Bool>(false)
    }

    /// Numbers the partitions of one bucket's rows; false when rows of one hash differ.
    private static func number(
        _ rows: UnsafePointer<UInt32>, _ count: Int, _ hashes: UnsafePointer<UInt64>, _ keys: [Vector],
        _ numbers: UnsafeMutablePointer<UInt32>
    ) -> Bool {
        var capacity = 16
        while capacity < count * 2 { capacity *= 2 }
        // One past the first row of each partition; 0 is a free slot.
        let slotsBuffer = Buffer(byteCount: capacity * 4)
        let slots = slotsBuffer.pointer.assumingMemoryBound(to: UInt32.self)
        slots.update(repeating: 0, count: capacity)
        let firstsBuffer = Buffer(byteCount: count * 4)
        let firsts = firstsBuffer.pointer.assumingMemoryBound(to: UInt32.self)
        var made: UInt32 = 0
        for index in 0..<count {
            let row = rows[index]
            let hash = hashes[Int(row)]
            var slot = Int(truncatingIfNeeded: hash) & (capacity - 1)
            while slots[slot] != 0, hashes[Int(slots[slot] &- 1)] != hash { slot = (slot &+ 1) & (capacity - 1) }
            if slots[slot] == 0 {
                slots[slot] = row &+ 1
                numbers[Int(row)] = made
                made &+= 1
            } else {
                numbers[Int(row)] = numbers[Int(slots[slot] &- 1)]
            }
            firsts[index] = slots[slot] &- 1
        }
        let flagsBuffer = Buffer(byteCount: count)
        let flags = flagsBuffer.pointer.assumingMemoryBound(to: UInt8.self)
        flags.update(repeating: 1, count: count)
        for key in keys { Comparison.clearDifferent(key, rows, key, firsts, count: count, flags: flags) }
        for index in 0..<count where flags[index] == 0 { return false }
        return true
    }

    private func makeBuckets(_ context: ExecutionContext) throws -> Buffer? {
        order = Buffer(byteCount: max(rowCount, 1) * 4)
        let rows = order.pointer.assumingMemoryBound(to: UInt32.self)
        var bits = 0
        if !specification.partitionBy.isEmpty {
            while rowCount >> bits > Self.bucketRowCount, 1 << bits < Self.largestBucketCount { bits += 1 }
        }
        if bits == 0 {
            for row in 0..<rowCount { rows[row] = UInt32(truncatingIfNeeded: row) }
            bucketStarts = [0, rowCount]
            return nil
        }
        let hashes = try hashPartitions(context)
        let lanes = hashes.pointer.assumingMemoryBound(to: UInt64.self)
        let count = rowCount
        let shift = UInt64(64 - bits)
        var starts = [Int](repeating: 0, count: (1 << bits) + 1)
        starts.withUnsafeMutableBufferPointer { starts in
            for row in 0..<count { starts[Int(truncatingIfNeeded: lanes[row] &>> shift) + 1] &+= 1 }
            for bucket in 1..<starts.count { starts[bucket] &+= starts[bucket - 1] }
        }
        bucketStarts = starts
        starts.withUnsafeMutableBufferPointer { next in
            for row in 0..<count {
                let bucket = Int(truncatingIfNeeded: lanes[row] &>> shift)
                rows[next[bucket]] = UInt32(truncatingIfNeeded: row)
                next[bucket] &+= 1
            }
        }
        return hashes
    }
}

/// Gives the rows of a window with its functions' results, bucket by bucket in the order of each partition.
final class WindowSource: SourceOperator {
    let name = "WindowRows"
    private let rows: WindowRows
    private let queue = Mutex<MorselQueue>(MorselQueue(count: 0))

    init(_ rows: WindowRows) { self.rows = rows }

    func prepare(_ context: ExecutionContext) throws -> Int {
        let count = rows.bucketStarts.count - 1
        queue.withLock { $0 = MorselQueue(count: max(count, 0)) }
        return max(count, 1)
    }

    func makeLocal(_ worker: WorkerContext) throws -> any LocalSource {
        Local(rows, queue.withLock { $0 }, worker.context)
    }

    private final class Local: LocalSource {
        let rows: WindowRows
        let queue: MorselQueue
        let context: ExecutionContext
        let batchRowCount: Int
        var morsel = 0
        var bucket: WindowBucket?
        var calls: [any WindowCallState] = []
        var position = 0

        init(_ rows: WindowRows, _ queue: MorselQueue, _ context: ExecutionContext) {
            self.rows = rows
            self.queue = queue
            self.context = context
            batchRowCount = min(context.settings.batchRowCount, ConstantLanes.limit)
        }

        func next() throws -> Batch? {
            while true {
                if let bucket, position < bucket.count { return try take(bucket) }
                bucket = nil
                calls = []
                guard let number = queue.pull() else { return nil }
                morsel = number
                let start = rows.bucketStarts[number]
                let count = rows.bucketStarts[number + 1] - start
                if count == 0 { continue }
                try context.cancellation.check()
                let opened = try WindowBucket(rows, start: start, count: count, context)
                calls = try rows.specification.calls.indices.map { try opened.open($0) }
                bucket = opened
                position = 0
            }
        }

        private func take(_ bucket: WindowBucket) throws -> Batch {
            let count = min(batchRowCount, bucket.count - position)
            let codes = bucket.rows + position
            var columns = rows.specification.passThrough.map {
                JoinColumns.pick(rows.columns[$0], codes, count: count, owner: bucket.rowsOwner)
            }
            for call in calls { columns.append(try call.results(from: position, count: count)) }
            position += count
            return Batch(columns: columns, rowCount: count)
        }
    }
}
