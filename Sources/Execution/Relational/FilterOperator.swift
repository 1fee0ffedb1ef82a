import Columnar
import Expressions
import SQLTypes

/// Narrows the selection to the rows for which a predicate is true.
public final class FilterOperator: TransformOperator {
    public let name = "Filter"
    private let predicate: BoundExpression
    private let layout: [Int: Int]

    public init(_ predicate: BoundExpression, layout: [Int: Int]) {
        self.predicate = predicate
        self.layout = layout
    }

    public func makeLocal(_ worker: WorkerContext, downstream: any LocalConsumer) throws -> any LocalConsumer {
        Local(
            try CompiledExpression(predicate, layout: layout, context: worker.context.evaluation), downstream)
    }

    private final class Local: LocalConsumer {
        let compiled: CompiledExpression
        let downstream: any LocalConsumer

        init(_ compiled: CompiledExpression, _ downstream: any LocalConsumer) {
            self.compiled = compiled
            self.downstream = downstream
        }

        func push(_ batch: Batch) throws -> PushResult {
            let kept = try compiled.select(batch, rows: batch.rows)
            if kept.count == 0 { return .needsMore }
            if kept.count == batch.rowCount {
                return try downstream.push(Batch(columns: batch.columns, rowCount: batch.rowCount))
            }
            let narrowed = Batch(columns: batch.columns, rowCount: batch.rowCount, selection: kept)
            return try downstream.push(narrowed.compactedWhenSparse())
        }
    }
}
