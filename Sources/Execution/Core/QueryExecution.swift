import Columnar
import Planning
import SQLTypes

/// A planned query: stages in the order in which they run, the last one feeding the result sink.
///
/// ```
/// let execution = try PhysicalPlanner(context).plan(query, into: consumer)
/// try execution.run()
/// ```
/// The first error by morsel order ends the query; cancellation is looked at between batches.
public final class QueryExecution: Sendable {
    public let context: ExecutionContext
    public let stages: [Stage]
    /// By position of the node in the logical plan, counted in pre-order.
    public let metrics: [Int: [OperatorMetrics]]

    public init(context: ExecutionContext, stages: [Stage], metrics: [Int: [OperatorMetrics]]) {
        self.context = context
        self.stages = stages
        self.metrics = metrics
    }

    public func run() throws {
        for stage in stages {
            try context.cancellation.check()
            try stage.run(context)
        }
    }
}

/// Takes the result: batches in the order of the plan's outputs, one call at a time.
public protocol ResultConsumer: AnyObject, Sendable {
    /// May wait (a slow client). `finished` ends the query early.
    func take(_ batch: Batch) throws -> PushResult
}
