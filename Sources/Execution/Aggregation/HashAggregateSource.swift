import Columnar
import SQLTypes
import Synchronization

/// Merges the workers' groups and gives them out: keys first, then the results of the calls.
///
/// `@unchecked Sendable`: `plan` is written by `prepare` before workers start.
final class HashAggregateSource: SourceOperator, @unchecked Sendable {
    typealias Row = UnsafeMutableRawPointer

    let name = "HashAggregate"
    private let aggregation: HashAggregation
    /// Which keys and calls come out, in order.
    private let keys: [Int]
    private let calls: [Int]
    private let settings: ExecutionSettings

    private enum Work {
        /// All groups are merged.
        case groups(RowPointerList)
        /// To be merged per partition: rows by worker.
        case partitions([any PartitionSource])
    }

    private var work = Work.groups(RowPointerList())
    private var queue = MorselQueue(count: 0)
    private var locals: [LocalGroups] = []
    private var keeper: RowTable

    /// Below this many groups one thread merges faster than two can be started.
    private static let serialMergeLimit = 20_000

    init(_ aggregation: HashAggregation, keys: [Int], calls: [Int], settings: ExecutionSettings) {
        self.aggregation = aggregation
        self.keys = keys
        self.calls = calls
        self.settings = settings
        keeper = RowTable(aggregation.layout.row)
    }

    private var chunk: Int { max(settings.batchRowCount, 1) }

    func prepare(_ context: ExecutionContext) throws -> Int {
        locals = aggregation.allLocals
        for local in locals { keeper.shareMemory(of: local.table.rows) }
        let isPartitioned = locals.contains { $0.partitions != nil }
        let total = locals.reduce(0) { $0 + $1.table.count }
        if !isPartitioned, locals.count <= 1 || total <= Self.serialMergeLimit {
            let groups = try mergeSerially(total)
            work = .groups(groups)
            let chunks = (groups.count + chunk - 1) / chunk
            queue = MorselQueue(count: chunks)
            return max(1, chunks / 4)
        }
        let sources: [any PartitionSource] =
            isPartitioned
            ? locals.map { $0.usePartitions() }
            : locals.map { PartitionedPointers($0.table.rows) }
        work = .partitions(sources)
        queue = MorselQueue(count: PartitionedRows.partitionCount)
        return context.settings.threads
    }

    private func mergeSerially(_ total: Int) throws -> RowPointerList {
        let groups = RowPointerList(capacity: total)
        guard let largest = locals.max(by: { $0.table.count < $1.table.count }) else { return groups }
        largest.table.rows.forEachRun { groups.append($0, $1) }
        for local in locals where local !== largest {
            try local.table.rows.forEachRun { run, count in
                try largest.table.merge(run, count, heads: groups) { try largest.kernels.combine($0, $1, $2) }
            }
        }
        return groups
    }

    func makeLocal(_ worker: WorkerContext) throws -> any LocalSource {
        switch work {
        case .groups(let groups): return GroupReader(self, groups, try aggregation.layout.makeKernelSet())
        case .partitions(let sources):
            return PartitionReader(self, sources, try aggregation.layout.makeKernelSet(), worker.context)
        }
    }

    /// The output rows of groups.
    private func batch(_ groups: UnsafePointer<Row>, _ count: Int, _ kernels: KernelSet) throws -> Batch {
        var columns: [Vector] = []
        columns.reserveCapacity(keys.count + calls.count)
        for key in keys { columns.append(keeper.gather(field: key, groups, count: count)) }
        for call in calls { columns.append(try kernels.kernels[call].finalize(groups, count: count)) }
        kernels.destroy(groups, count)
        return Batch(columns: columns, rowCount: count)
    }

    private final class GroupReader: LocalSource {
        let source: HashAggregateSource
        let groups: RowPointerList
        let kernels: KernelSet
        var morsel = 0

        init(_ source: HashAggregateSource, _ groups: RowPointerList, _ kernels: KernelSet) {
            self.source = source
            self.groups = groups
            self.kernels = kernels
        }

        func next() throws -> Batch? {
            guard let number = source.queue.pull() else { return nil }
            morsel = number
            let start = number * source.chunk
            let count = min(source.chunk, groups.count - start)
            return try source.batch(groups.pointers + start, count, kernels)
        }
    }

    private final class PartitionReader: LocalSource {
        let source: HashAggregateSource
        let sources: [any PartitionSource]
        let kernels: KernelSet
        let context: ExecutionContext
        var morsel = 0
        var heads = RowPointerList()
        var position = 0
        /// Memory of the rows that are being given out.
        var held: [Buffer] = []

        init(
            _ source: HashAggregateSource, _ sources: [any PartitionSource], _ kernels: KernelSet,
            _ context: ExecutionContext
        ) {
            self.source = source
            self.sources = sources
            self.kernels = kernels
            self.context = context
        }

        deinit { kernels.destroy(heads.pointers + position, heads.count - position) }

        func next() throws -> Batch? {
            while position >= heads.count {
                guard let number = source.queue.pull() else { return nil }
                morsel = number
                try merge(number)
            }
            let count = min(source.chunk, heads.count - position)
            let batch = try source.batch(heads.pointers + position, count, kernels)
            position += count
            return batch
        }

        private func merge(_ partition: Int) throws {
            heads.count = 0
            position = 0
            held = []
            let rowCount = sources.reduce(0) { $0 + $1.rowCount(partition) }
            if rowCount == 0 { return }
            // Sized for few repetitions: growing later costs more than clearing some slots.
            var slotCount = 1024
            while slotCount < rowCount, slotCount < 1 << 15 { slotCount *= 2 }
            let table = GroupTable(source.aggregation.layout.row, slotCount: slotCount)
            heads.reserve(min(rowCount, 1 << 16))
            for source in sources {
                try source.forEachRun(partition) { run, count in
                    try table.merge(run, count, heads: heads) { try kernels.combine($0, $1, $2) }
                }
                try context.cancellation.check()
                held += source.takeBlocks(partition)
            }
        }
    }
}

/// One worker's rows by partition.
protocol PartitionSource: AnyObject {
    func rowCount(_ partition: Int) -> Int
    func forEachRun(
        _ partition: Int, _ body: (UnsafePointer<UnsafeMutableRawPointer>, Int) throws -> Void) throws
    /// Hands the memory of the rows over, where it belongs to the partition.
    func takeBlocks(_ partition: Int) -> [Buffer]
}

extension PartitionedRows: PartitionSource {}

/// Rows that stay where they are, listed by partition.
final class PartitionedPointers: PartitionSource {
    typealias Row = UnsafeMutableRawPointer
    private let starts: [Int]
    private let list: RowPointerList

    init(_ rows: RowTable) {
        let count = PartitionedRows.partitionCount
        var sizes = [Int](repeating: 0, count: count + 1)
        rows.forEachRun { run, runCount in
            for index in 0..<runCount { sizes[PartitionedRows.partition(of: RowTable.hash(of: run[index])) + 1] += 1 }
        }
        for partition in 0..<count { sizes[partition + 1] += sizes[partition] }
        starts = sizes
        list = RowPointerList(capacity: rows.rowCount)
        var next = sizes
        let target = list.pointers
        rows.forEachRun { run, runCount in
            for index in 0..<runCount {
                let partition = PartitionedRows.partition(of: RowTable.hash(of: run[index]))
                target[next[partition]] = run[index]
                next[partition] += 1
            }
        }
        list.count = rows.rowCount
    }

    func rowCount(_ partition: Int) -> Int { starts[partition + 1] - starts[partition] }

    func forEachRun(_ partition: Int, _ body: (UnsafePointer<Row>, Int) throws -> Void) throws {
        var start = starts[partition]
        while start < starts[partition + 1] {
            let count = min(Batch.defaultRowCount, starts[partition + 1] - start)
            try body(list.pointers + start, count)
            start += count
        }
    }

    func takeBlocks(_ partition: Int) -> [Buffer] { [] }
}
