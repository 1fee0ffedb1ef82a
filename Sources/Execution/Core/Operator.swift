import Columnar
import SQLTypes

/// What a consumer says after a batch: go on, or stop the source (LIMIT is full).
public enum PushResult: Sendable { case needsMore, finished }

/// A part of a pipeline that all workers share: the operator's *global* state, `Sendable` and guarded. What a worker
/// needs for itself lies in the *local* object that `makeLocal` gives it.
///
/// ```
/// Source.next() -> Batch -> Transform.push -> Transform.push -> ... -> Sink.push
///                                                                      Sink.finish   once per worker
///                                                                      Sink.complete once
/// ```
/// Batches hold up to `settings.batchRowCount` rows (some operators give fewer), may carry a selection, and are only
/// read. Work is counted per batch, never per row.
public protocol PhysicalOperator: AnyObject, Sendable {
    /// For metrics: `Scan`, `HashAggregate`.
    var name: String { get }
    /// Bytes that the operator holds when its stage is complete, for metrics.
    var heldByteCount: Int { get }
    /// Bytes that the operator read from files, for metrics.
    var readByteCount: Int { get }
}

extension PhysicalOperator {
    public var heldByteCount: Int { 0 }
    public var readByteCount: Int { 0 }
}

/// The worker that a local object belongs to.
public struct WorkerContext: Sendable {
    /// 0..<workers of the pipeline. Worker 0 is the thread that runs the query.
    public let index: Int
    public let context: ExecutionContext

    public init(index: Int, context: ExecutionContext) {
        self.index = index
        self.context = context
    }
}

/// Where a pipeline's batches come from.
public protocol SourceOperator: PhysicalOperator {
    /// Called once, before any worker starts and after all earlier stages are complete: lists the work. Returns how
    /// many workers are worth starting (1 for work under a millisecond).
    func prepare(_ context: ExecutionContext) throws -> Int
    func makeLocal(_ worker: WorkerContext) throws -> any LocalSource
}

/// One worker's view of a source.
public protocol LocalSource: AnyObject {
    /// The next batch, or nil when there is no more work for this worker.
    func next() throws -> Batch?
    /// Number of the morsel that the last batch came from; morsels are handed out in ascending order. Of several
    /// errors the one of the lowest morsel is reported.
    var morsel: Int { get }
}

/// Changes batches on their way.
public protocol TransformOperator: PhysicalOperator {
    func makeLocal(_ worker: WorkerContext, downstream: any LocalConsumer) throws -> any LocalConsumer
}

/// Takes all batches of one or more pipelines.
public protocol SinkOperator: PhysicalOperator {
    /// Called at most once per worker and stage.
    func makeLocal(_ worker: WorkerContext) throws -> any LocalConsumer
    /// Called once, on the query's thread, after every worker's `finish`: merges local states. May spread work over
    /// `context.pool`.
    func complete(_ context: ExecutionContext) throws
}

/// One worker's end of a transform or sink.
public protocol LocalConsumer: AnyObject {
    /// Takes a batch with at least one selected row. After `finished` further batches may come and are ignored.
    func push(_ batch: Batch) throws -> PushResult
    /// The worker has no more input: transforms push what they hold downstream (the driver then finishes the
    /// consumer below), sinks hand their state over.
    func finish() throws
}

extension LocalConsumer {
    public func finish() throws {}
}
