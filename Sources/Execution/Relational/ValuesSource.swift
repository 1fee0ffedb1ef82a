import Columnar
import Expressions
import Functions
import SQLTypes
import Synchronization

/// Rows of constant expressions; also the one row without columns of a SELECT without FROM.
final class ValuesSource: SourceOperator {
    let name = "Values"
    private let rows: [[BoundExpression]]
    private let types: [DataType]
    private let context: EvaluationContext
    private let batches = Mutex<[Batch]>([])

    init(_ rows: [[BoundExpression]], types: [DataType], context: EvaluationContext) {
        self.rows = rows
        self.types = types
        self.context = context
    }

    func prepare(_ context: ExecutionContext) throws -> Int {
        let one = Batch(columns: [], rowCount: 1)
        let values = try rows.map { row in
            try row.map { expression -> Value in
                if case .constant(let value, _) = expression { return value }
                let compiled = try CompiledExpression(expression, layout: [:], context: self.context)
                return try compiled.evaluate(one).value(at: 0)
            }
        }
        var made: [Batch]
        if types.isEmpty {
            made = rows.isEmpty ? [] : [Batch(columns: [], rowCount: rows.count)]
        } else {
            made = Batch.list(values, types: types, rowsPerBatch: context.settings.batchRowCount)
        }
        made.reverse()
        batches.withLock { $0 = made }
        return 1
    }

    func makeLocal(_ worker: WorkerContext) throws -> any LocalSource { Local(self) }

    private final class Local: LocalSource {
        let source: ValuesSource
        let morsel = 0
        init(_ source: ValuesSource) { self.source = source }
        func next() throws -> Batch? { source.batches.withLock { $0.popLast() } }
    }
}
