import Columnar
import SQLTypes
import Synchronization

/// GROUP BY: the state that sinks fill and `HashAggregateSource` reads.
///
/// ```
/// workers: batches -> LocalGroups (table, later partitions)
/// source:  few groups: merged at once.  Many: per partition, all workers' rows are merged and given out
/// ```
/// `@unchecked Sendable`: slot i of the locals belongs to worker i while a stage runs; between stages nobody runs.
final class HashAggregation: @unchecked Sendable {
    let layout: AggregateLayout
    let keyTypes: [DataType]
    private let context: ExecutionContext
    private let locals: WorkerSlots<LocalGroups>

    init(layout: AggregateLayout, keyTypes: [DataType], context: ExecutionContext) {
        self.layout = layout
        self.keyTypes = keyTypes
        self.context = context
        locals = WorkerSlots(context.settings.threads)
    }

    func local(_ worker: Int) throws -> LocalGroups {
        try locals.value(worker) {
            try LocalGroups(
                layout, keyTypes: keyTypes, budget: context.memory, threads: context.settings.threads)
        }
    }

    var allLocals: [LocalGroups] { locals.all.filter { !$0.isEmpty } }

    /// Gives the states' memory back once everything was read.
    func clear() { for index in 0..<locals.count { locals[index] = nil } }
}

/// Feeds an aggregation.
final class HashAggregateSink: SinkOperator {
    let name = "HashAggregate"
    private let aggregation: HashAggregation
    private let input: AggregateInput

    init(_ aggregation: HashAggregation, _ input: AggregateInput) {
        self.aggregation = aggregation
        self.input = input
    }

    func makeLocal(_ worker: WorkerContext) throws -> any LocalConsumer {
        Local(try aggregation.local(worker.index), input)
    }

    func complete(_ context: ExecutionContext) throws {}
    var heldByteCount: Int { aggregation.allLocals.reduce(0) { $0 + $1.heldByteCount } }

    private final class Local: LocalConsumer {
        let groups: LocalGroups
        let input: AggregateInput
        let updater: StateUpdater

        init(_ groups: LocalGroups, _ input: AggregateInput) {
            self.groups = groups
            self.input = input
            updater = StateUpdater(groups.kernels, input.calls)
        }

        func push(_ batch: Batch) throws -> PushResult {
            try groups.add(batch, input, updater)
            return .needsMore
        }
    }
}

/// Hands every batch to several sinks: one aggregation per grouping set or DISTINCT column.
final class FanOutSink: SinkOperator {
    let name: String
    private let sinks: [any SinkOperator]

    init(_ sinks: [any SinkOperator], name: String) {
        self.sinks = sinks
        self.name = name
    }

    func makeLocal(_ worker: WorkerContext) throws -> any LocalConsumer {
        Local(try sinks.map { try $0.makeLocal(worker) })
    }

    func complete(_ context: ExecutionContext) throws { for sink in sinks { try sink.complete(context) } }
    var heldByteCount: Int { sinks.reduce(0) { $0 + $1.heldByteCount } }

    private final class Local: LocalConsumer {
        let consumers: [any LocalConsumer]
        init(_ consumers: [any LocalConsumer]) { self.consumers = consumers }

        func push(_ batch: Batch) throws -> PushResult {
            for consumer in consumers { _ = try consumer.push(batch) }
            return .needsMore
        }

        func finish() throws { for consumer in consumers { try consumer.finish() } }
    }
}
