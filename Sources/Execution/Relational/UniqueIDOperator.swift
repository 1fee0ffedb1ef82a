import Columnar
import SQLTypes
import Synchronization

/// Adds a BIGINT column that is different in every row: workers draw ranges from one counter.
final class UniqueIDOperator: TransformOperator {
    let name = "AssignUniqueId"
    private let next = Atomic<Int>(0)

    func makeLocal(_ worker: WorkerContext, downstream: any LocalConsumer) throws -> any LocalConsumer {
        Local(self, downstream)
    }

    private final class Local: LocalConsumer {
        let shared: UniqueIDOperator
        let downstream: any LocalConsumer

        init(_ shared: UniqueIDOperator, _ downstream: any LocalConsumer) {
            self.shared = shared
            self.downstream = downstream
        }

        func push(_ batch: Batch) throws -> PushResult {
            let start = shared.next.wrappingAdd(batch.rowCount, ordering: .relaxed).oldValue
            let builder = FlatBuilder(.bigint, capacity: batch.rowCount)
            let target = builder.pointer(as: Int64.self)
            for row in 0..<batch.rowCount { target[row] = Int64(start &+ row) }
            var made = batch
            made.columns.append(builder.finish(count: batch.rowCount))
            return try downstream.push(made)
        }
    }
}
