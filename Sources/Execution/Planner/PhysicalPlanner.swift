import Columnar
import Expressions
import Functions
import Planning
import SQLTypes

/// Turns an optimised logical plan into stages of pipelines.
///
/// This file is the dispatch table; each node family has its own extension (`PlanScan`, `PlanAggregate`, `PlanSort`,
/// `PlanJoin` ...). Planning is a walk from the root: inputs that a node must have whole before it gives rows
/// (a join's build side, a sort) are closed by a sink with `close` and run as earlier stages.
public final class PhysicalPlanner {
    public let context: ExecutionContext
    public private(set) var stages: [Stage] = []
    private var metrics: [Int: [OperatorMetrics]] = [:]
    /// Pre-order number of the node that is being planned.
    private var currentNode = 0
    /// Number of the node that is planned next; joins, which plan their build side first, set it.
    var nextNode = 0
    /// Conditions on columns that arise at run time and that scans below may apply. Nodes through which they may not
    /// be pushed plan their input with `withoutDynamicFilters`.
    var dynamicFilters: [ColumnReference: [any DynamicColumnFilter]] = [:]
    /// Shared subplans by id.
    var sharedResults: [Int: MaterializedRows] = [:]

    public init(_ context: ExecutionContext) { self.context = context }

    /// Plans a whole query into `consumer`.
    public func plan(_ query: QueryPlan, into consumer: any ResultConsumer) throws -> QueryExecution {
        let columns = query.outputs.map(\.column)
        let fragment = try plan(query.plan, required: Set(columns))
        let sink = ResultSink(consumer, positions: try fragment.positions(of: columns))
        close(fragment, with: sink, metrics: OperatorMetrics(sink.name))
        return QueryExecution(context: context, stages: stages, metrics: metrics)
    }

    /// Plans a node. `required`: the columns of its output that are read; others may be left out of the batches.
    public func plan(_ node: LogicalPlan, required: Set<ColumnReference>) throws -> Fragment {
        let outer = currentNode
        currentNode = nextNode
        nextNode += 1
        defer { currentNode = outer }
        switch node {
        case .scan(let scan): return try planScan(scan, required: required)
        case .values(let columns, let rows): return try planValues(columns, rows)
        case .filter(let input, let predicate): return try planFilter(input, predicate, required: required)
        case .project(let input, let assignments): return try planProject(input, assignments, required: required)
        case .aggregate(let node): return try planAggregate(node, required: required)
        case .join(let node): return try planJoin(node, required: required)
        case .dependentJoin:
            throw QueryError(.genericInternalError, "A dependent join was left in the plan")
        case .sort(let input, let keys): return try planSort(input, keys, required: required)
        case .topN(let input, let keys, let count, let offset, let withTies):
            return try planTopN(input, keys, count: count, offset: offset, withTies: withTies, required: required)
        case .limit(let input, let count, let offset):
            return try planLimit(input, count: count, offset: offset, required: required)
        case .union(let node): return try planUnion(node, required: required)
        case .window(let node): return try planWindow(node, required: required)
        case .unnest(let node): return try planUnnest(node, required: required)
        case .enforceSingleRow(let input): return try planEnforceSingleRow(input, required: required)
        case .assignUniqueID(let input, let column): return try planUniqueID(input, column, required: required)
        case .sample(let input, let fraction): return try planSample(input, fraction, required: required)
        case .shared(let id, let definition, let body):
            return try planShared(id, definition, body, required: required)
        case .sharedScan(let id, let columns): return try planSharedScan(id, columns)
        case .recursive(let id, let columns, let base, let step, let maxDepth):
            return try planRecursive(id, columns, base: base, step: step, maxDepth: maxDepth)
        case .tableFunction(let name, let arguments, let columns):
            return try planTableFunction(name, arguments, columns)
        }
    }

    /// Metrics of an operator of the node that is being planned.
    public func makeMetrics(_ name: String) -> OperatorMetrics {
        let made = OperatorMetrics(name)
        metrics[currentNode, default: []].append(made)
        return made
    }

    /// Closes `fragment`'s pipelines with `sink`: they run as a stage before everything that is closed later.
    public func close(_ fragment: Fragment, with sink: any SinkOperator, metrics: OperatorMetrics) {
        stages.append(Stage(pipelines: fragment.pipelines, sink: sink, metrics: metrics))
    }

    /// Adds a transform to `fragment` under the current node's metrics.
    public func append(
        _ transform: any TransformOperator, to fragment: inout Fragment, columns: [ColumnReference]
    ) {
        fragment.append(transform, metrics: makeMetrics(transform.name), columns: columns)
    }

    /// A fragment that reads `source`.
    public func fragment(
        _ source: any SourceOperator, columns: [ColumnReference], isOrdered: Bool = false
    ) -> Fragment {
        Fragment(source: source, metrics: makeMetrics(source.name), columns: columns, isOrdered: isOrdered)
    }

    /// Plans with `filters` offered to the scans below, in addition to those that hold already.
    public func withDynamicFilters<Result>(
        _ filters: [(ColumnReference, any DynamicColumnFilter)], _ body: () throws -> Result
    ) rethrows -> Result {
        let outer = dynamicFilters
        defer { dynamicFilters = outer }
        for (column, filter) in filters { dynamicFilters[column, default: []].append(filter) }
        return try body()
    }

    /// Plans an input through which no condition on its output may be pushed, except on columns in `keeping`.
    public func withoutDynamicFilters<Result>(
        keeping: Set<ColumnReference> = [], _ body: () throws -> Result
    ) rethrows -> Result {
        let outer = dynamicFilters
        defer { dynamicFilters = outer }
        dynamicFilters = outer.filter { keeping.contains($0.key) }
        return try body()
    }
}
