import Columnar
import SQLTypes
import Synchronization

/// A source and the transforms behind it, not yet closed by a sink.
public struct Pipeline: Sendable {
    public struct Step: Sendable {
        public var transform: any TransformOperator
        public var metrics: OperatorMetrics
    }

    public var source: any SourceOperator
    public var sourceMetrics: OperatorMetrics
    public var steps: [Step] = []
    /// Batches must reach the sink in the source's order: one worker runs it.
    public var isOrdered: Bool

    public init(source: any SourceOperator, metrics: OperatorMetrics, isOrdered: Bool = false) {
        self.source = source
        sourceMetrics = metrics
        self.isOrdered = isOrdered
    }
}

/// Pipelines that run one after another into one sink, which is completed when all are done.
///
/// The order matters: a RIGHT join's unmatched rows are a pipeline after the one that probes.
public final class Stage: Sendable {
    public let pipelines: [Pipeline]
    public let sink: any SinkOperator
    public let sinkMetrics: OperatorMetrics

    public init(pipelines: [Pipeline], sink: any SinkOperator, metrics: OperatorMetrics) {
        self.pipelines = pipelines
        self.sink = sink
        sinkMetrics = metrics
    }

    public func run(_ context: ExecutionContext) throws {
        let locals = WorkerSlots<any LocalConsumer>(context.settings.threads)
        for pipeline in pipelines {
            try context.cancellation.check()
            try run(pipeline, locals, context)
        }
        let made = locals.all
        if !made.isEmpty {
            let start = monotonicNanoseconds()
            let slots = ConsumerList(made)
            try context.pool.forEach(made.count) { index, _ in try slots.consumers[index].finish() }
            sinkMetrics.add(rows: 0, batches: 0, nanoseconds: monotonicNanoseconds() - start)
        }
        let start = monotonicNanoseconds()
        try sink.complete(context)
        sinkMetrics.add(rows: 0, batches: 0, nanoseconds: monotonicNanoseconds() - start)
        if context.settings.collectsMetrics { sinkMetrics.bytes.store(sink.heldByteCount, ordering: .relaxed) }
    }

    private func run(
        _ pipeline: Pipeline, _ locals: WorkerSlots<any LocalConsumer>, _ context: ExecutionContext
    ) throws {
        let useful = try pipeline.source.prepare(context)
        let workers = pipeline.isOrdered ? 1 : max(1, min(useful, context.settings.threads))
        let failure = FirstFailure()
        context.pool.run(workers: workers) { index in
            var morsel = 0
            do {
                try self.work(pipeline, WorkerContext(index: index, context: context), locals, failure, &morsel)
            } catch {
                failure.record(error, morsel: morsel)
            }
        }
        try failure.rethrow()
        if context.settings.collectsMetrics {
            pipeline.sourceMetrics.bytesRead.store(pipeline.source.readByteCount, ordering: .relaxed)
        }
    }

    /// One worker's share of a pipeline.
    private func work(
        _ pipeline: Pipeline, _ worker: WorkerContext, _ locals: WorkerSlots<any LocalConsumer>,
        _ failure: FirstFailure, _ morsel: inout Int
    ) throws {
        let context = worker.context
        let collectsMetrics = context.settings.collectsMetrics
        let sinkLocal = try locals.value(worker.index) { try sink.makeLocal(worker) }
        var consumer: any LocalConsumer = collectsMetrics ? MeteredConsumer(sinkLocal) : sinkLocal
        // From the last step to the first.
        var meters: [MeteredConsumer] = []
        if let meter = consumer as? MeteredConsumer { meters.append(meter) }
        var chain: [any LocalConsumer] = []
        for step in pipeline.steps.reversed() {
            consumer = try step.transform.makeLocal(worker, downstream: consumer)
            if collectsMetrics {
                let meter = MeteredConsumer(consumer)
                meters.append(meter)
                consumer = meter
            }
            chain.append(consumer)
        }
        let start = collectsMetrics ? monotonicNanoseconds() : 0
        let source = try pipeline.source.makeLocal(worker)
        do {
            while true {
                try context.cancellation.check()
                guard let batch = try source.next() else { break }
                morsel = source.morsel
                if failure.stops(morsel) { break }
                if batch.selectedCount == 0 { continue }
                if try consumer.push(batch) == .finished { break }
            }
        } catch {
            morsel = source.morsel
            throw error
        }
        if !failure.stops(Int.max - 1) {
            morsel = Int.max - 1
            for consumer in chain.reversed() { try consumer.finish() }
        }
        if collectsMetrics {
            report(pipeline, meters, elapsed: monotonicNanoseconds() - start)
        }
    }

    /// `meters`: the sink's, then the steps' from last to first; times include what lies below.
    private func report(_ pipeline: Pipeline, _ meters: [MeteredConsumer], elapsed: Int) {
        guard let sinkMeter = meters.first, let top = meters.last else { return }
        sinkMetrics.add(rows: sinkMeter.rows, batches: sinkMeter.batches, nanoseconds: sinkMeter.nanoseconds)
        for (position, step) in pipeline.steps.reversed().enumerated() {
            let below = meters[position]
            let own = meters[position + 1]
            step.metrics.add(
                rows: below.rows, batches: below.batches, nanoseconds: max(own.nanoseconds - below.nanoseconds, 0))
        }
        pipeline.sourceMetrics.add(
            rows: top.rows, batches: top.batches, nanoseconds: max(elapsed - top.nanoseconds, 0))
    }
}

/// One value per worker, made on first use by that worker.
///
/// `@unchecked Sendable`: slot i is touched by worker i alone while workers run, and by the query's thread when none
/// does.
public final class WorkerSlots<Value>: @unchecked Sendable {
    private let slots: UnsafeMutablePointer<Value?>
    public let count: Int

    public init(_ count: Int) {
        self.count = max(count, 1)
        slots = .allocate(capacity: self.count)
        slots.initialize(repeating: nil, count: self.count)
    }

    deinit {
        slots.deinitialize(count: count)
        slots.deallocate()
    }

    public func value(_ index: Int, make: () throws -> Value) rethrows -> Value {
        if let value = slots[index] { return value }
        let value = try make()
        slots[index] = value
        return value
    }

    public subscript(index: Int) -> Value? {
        get { slots[index] }
        set { slots[index] = newValue }
    }

    /// Those that were made.
    public var all: [Value] { (0..<count).compactMap { slots[$0] } }
}

/// Hands local consumers to the workers that finish them.
///
/// `@unchecked Sendable`: each consumer is finished by one worker.
private final class ConsumerList: @unchecked Sendable {
    let consumers: [any LocalConsumer]
    init(_ consumers: [any LocalConsumer]) { self.consumers = consumers }
}
