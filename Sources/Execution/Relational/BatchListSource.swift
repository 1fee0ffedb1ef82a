import Columnar
import SQLTypes

/// Batches that are known when the query is planned: VALUES, metadata tables, tests.
public final class BatchListSource: SourceOperator {
    public let name: String
    private let batches: [Batch]
    private let queue: MorselQueue

    public init(_ batches: [Batch], name: String = "Values") {
        self.name = name
        self.batches = batches
        queue = MorselQueue(count: batches.count)
    }

    public func prepare(_ context: ExecutionContext) throws -> Int { max(1, batches.count / 4) }
    public func makeLocal(_ worker: WorkerContext) throws -> any LocalSource { Local(self) }

    private final class Local: LocalSource {
        let source: BatchListSource
        var morsel = 0
        init(_ source: BatchListSource) { self.source = source }

        func next() throws -> Batch? {
            guard let number = source.queue.pull() else { return nil }
            morsel = number
            return source.batches[number]
        }
    }
}
