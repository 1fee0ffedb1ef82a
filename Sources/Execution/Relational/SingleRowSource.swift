import Columnar
import SQLTypes

/// The one row of a scalar subquery: NULLs when there is none, an error when there are more.
final class SingleRowSource: SourceOperator {
    let name = "EnforceSingleRow"
    private let rows: MaterializedRows
    private let types: [DataType]

    init(_ rows: MaterializedRows, types: [DataType]) {
        self.rows = rows
        self.types = types
    }

    func prepare(_ context: ExecutionContext) throws -> Int {
        guard rows.rowCount <= 1 else {
            throw QueryError(.subqueryMultipleRows, "Scalar sub-query has returned multiple rows")
        }
        return 1
    }

    func makeLocal(_ worker: WorkerContext) throws -> any LocalSource {
        let row = rows.batches.first { $0.rowCount > 0 }
        return Local(row ?? Batch(columns: types.map { .constant(.null, $0, count: 1) }, rowCount: 1))
    }

    private final class Local: LocalSource {
        var batch: Batch?
        let morsel = 0
        init(_ batch: Batch) { self.batch = batch }

        func next() throws -> Batch? {
            defer { batch = nil }
            return batch
        }
    }
}
