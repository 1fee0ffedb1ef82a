import Columnar
import Functions
import SQLTypes
import Synchronization

/// Aggregates without GROUP BY: one row of states per worker, always exactly one result row.
///
/// `@unchecked Sendable`: slot i belongs to worker i while a stage runs; between stages nobody runs.
final class UngroupedAggregation: @unchecked Sendable {
    typealias Row = UnsafeMutableRawPointer

    /// One worker's row.
    final class Local {
        let kernels: KernelSet
        let row: Row
        private let buffer: Buffer

        init(_ layout: AggregateLayout) throws {
            kernels = try layout.makeKernelSet()
            buffer = Buffer(byteCount: layout.row.stride)
            row = buffer.pointer
            withUnsafePointer(to: row) { kernels.initialize($0, 1) }
        }

        deinit { withUnsafePointer(to: row) { kernels.destroy($0, 1) } }
    }

    let layout: AggregateLayout
    private let locals: WorkerSlots<Local>
    private let reservation: MemoryReservation

    init(layout: AggregateLayout, context: ExecutionContext) {
        self.layout = layout
        locals = WorkerSlots(context.settings.threads)
        reservation = MemoryReservation("Aggregate", context.memory)
    }

    func local(_ worker: Int) throws -> Local { try locals.value(worker) { try Local(layout) } }

    /// The one result row.
    func result(calls: [Int]) throws -> Batch {
        let all = locals.all
        let first = try all.first ?? Local(layout)
        for other in all.dropFirst() {
            try withUnsafePointer(to: first.row) { target in
                try withUnsafePointer(to: other.row) { try first.kernels.combine(target, $0, 1) }
            }
        }
        let columns = try calls.map { call in
            try withUnsafePointer(to: first.row) { try first.kernels.kernels[call].finalize($0, count: 1) }
        }
        for index in 0..<locals.count { locals[index] = nil }
        return Batch(columns: columns, rowCount: 1)
    }

    func checkMemory(_ kernels: KernelSet, _ last: inout Int) throws {
        let now = kernels.heapByteCount
        if now > last {
            try reservation.grow(by: now - last)
            last = now
        }
    }
}

final class UngroupedAggregateSink: SinkOperator {
    let name = "Aggregate"
    private let aggregation: UngroupedAggregation
    private let input: AggregateInput

    init(_ aggregation: UngroupedAggregation, _ input: AggregateInput) {
        self.aggregation = aggregation
        self.input = input
    }

    func makeLocal(_ worker: WorkerContext) throws -> any LocalConsumer {
        Local(aggregation, try aggregation.local(worker.index), input)
    }

    func complete(_ context: ExecutionContext) throws {}

    private final class Local: LocalConsumer {
        let aggregation: UngroupedAggregation
        let local: UngroupedAggregation.Local
        let updater: StateUpdater
        var heapBytes = 0

        init(_ aggregation: UngroupedAggregation, _ local: UngroupedAggregation.Local, _ input: AggregateInput) {
            self.aggregation = aggregation
            self.local = local
            updater = StateUpdater(local.kernels, input.calls)
        }

        func push(_ batch: Batch) throws -> PushResult {
            try updater.updateOne(batch, local.row)
            try aggregation.checkMemory(local.kernels, &heapBytes)
            return .needsMore
        }
    }
}

/// Gives out the result row.
final class UngroupedAggregateSource: SourceOperator {
    let name = "Aggregate"
    private let aggregation: UngroupedAggregation
    private let calls: [Int]
    private let queue = MorselQueue(count: 1)

    init(_ aggregation: UngroupedAggregation, calls: [Int]) {
        self.aggregation = aggregation
        self.calls = calls
    }

    func prepare(_ context: ExecutionContext) throws -> Int { 1 }
    func makeLocal(_ worker: WorkerContext) throws -> any LocalSource { Local(self) }

    private final class Local: LocalSource {
        let source: UngroupedAggregateSource
        let morsel = 0
        init(_ source: UngroupedAggregateSource) { self.source = source }

        func next() throws -> Batch? {
            guard source.queue.pull() != nil else { return nil }
            return try source.aggregation.result(calls: source.calls)
        }
    }
}
