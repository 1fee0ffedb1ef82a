import Columnar
import SQLTypes
import Synchronization

/// Hands batches to the result consumer, one at a time, columns in the order of the outputs.
final class ResultSink: SinkOperator {
    let name = "Output"
    private let consumer: any ResultConsumer
    private let positions: [Int]
    private let isFull = Mutex<Bool>(false)

    init(_ consumer: any ResultConsumer, positions: [Int]) {
        self.consumer = consumer
        self.positions = positions
    }

    func makeLocal(_ worker: WorkerContext) throws -> any LocalConsumer { Local(self) }
    func complete(_ context: ExecutionContext) throws {}

    private func take(_ batch: Batch) throws -> PushResult {
        try isFull.withLock { isFull in
            if isFull { return .finished }
            let result = try consumer.take(batch)
            if result == .finished { isFull = true }
            return result
        }
    }

    private final class Local: LocalConsumer {
        let sink: ResultSink
        init(_ sink: ResultSink) { self.sink = sink }

        func push(_ batch: Batch) throws -> PushResult {
            let chosen = Batch(
                columns: sink.positions.map { batch.columns[$0] }, rowCount: batch.rowCount,
                selection: batch.selection)
            return try sink.take(chosen)
        }
    }
}
