import Columnar
import SQLTypes

/// Picks and reorders columns.
final class SelectColumnsOperator: TransformOperator {
    let name = "Select"
    private let positions: [Int]

    init(_ positions: [Int]) { self.positions = positions }

    func makeLocal(_ worker: WorkerContext, downstream: any LocalConsumer) throws -> any LocalConsumer {
        Local(positions, downstream)
    }

    private final class Local: LocalConsumer {
        let positions: [Int]
        let downstream: any LocalConsumer

        init(_ positions: [Int], _ downstream: any LocalConsumer) {
            self.positions = positions
            self.downstream = downstream
        }

        func push(_ batch: Batch) throws -> PushResult {
            try downstream.push(
                Batch(
                    columns: positions.map { batch.columns[$0] }, rowCount: batch.rowCount, selection: batch.selection))
        }
    }
}
