import Columnar
import Planning
import SQLTypes
import Synchronization

/// WITH RECURSIVE: the rows of the base, then those of the step over the last round's rows, until a round gives none.
final class RecursiveSource: SourceOperator {
    let name = "Recursive"
    private let id: Int
    private let base: LogicalPlan
    private let step: LogicalPlan
    private let columnCount: Int
    private let maxDepth: Int
    private let shared: [Int: MaterializedRows]
    private let batches = Mutex<[Batch]>([])

    init(
        id: Int, base: LogicalPlan, step: LogicalPlan, columnCount: Int, maxDepth: Int, shared: [Int: MaterializedRows]
    ) {
        self.id = id
        self.base = base
        self.step = step
        self.columnCount = columnCount
        self.maxDepth = maxDepth
        self.shared = shared
    }

    func prepare(_ context: ExecutionContext) throws -> Int {
        let last = MaterializedRows(context.memory)
        last.replace(with: try run(base, last: nil, context))
        var all = last.batches
        var depth = 1
        while last.rowCount > 0 {
            try context.cancellation.check()
            if depth > maxDepth {
                throw QueryError(
                    .notSupported,
                    "Recursion depth limit exceeded (\(maxDepth)). Use 'max_recursion_depth' session property to modify the limit."
                )
            }
            let round = try run(step, last: last, context)
            last.replace(with: round)
            all += round
            depth += 1
        }
        let result = Array(all.reversed())
        batches.withLock { $0 = result }
        return 1
    }

    /// Runs a plan of its own to the end.
    private func run(_ plan: LogicalPlan, last: MaterializedRows?, _ context: ExecutionContext) throws -> [Batch] {
        let planner = PhysicalPlanner(context)
        planner.sharedResults = shared
        if let last { planner.sharedResults[id] = last }
        let columns = plan.outputColumns
        let collector = MaterializedRows(context.memory)
        let query = QueryPlan(
            plan: plan, outputs: columns.prefix(columnCount).map { QueryPlan.Output(name: $0.name, column: $0) })
        try planner.plan(query, into: Collector(collector)).run()
        return collector.batches
    }

    private final class Collector: ResultConsumer {
        private let rows: MaterializedRows
        init(_ rows: MaterializedRows) { self.rows = rows }

        func take(_ batch: Batch) throws -> PushResult {
            rows.replace(with: rows.batches + [batch.compacted()])
            return .needsMore
        }
    }

    func makeLocal(_ worker: WorkerContext) throws -> any LocalSource { Local(self) }

    private final class Local: LocalSource {
        let source: RecursiveSource
        let morsel = 0
        init(_ source: RecursiveSource) { self.source = source }
        func next() throws -> Batch? { source.batches.withLock { $0.popLast() } }
    }
}
