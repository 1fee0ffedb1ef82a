import Columnar
import SQLTypes
import Synchronization

/// Rows that were computed once and can be read any number of times, from the start: shared subplans, the rounds of a
/// recursive query, the input of `enforceSingleRow`.
public final class MaterializedRows: SinkOperator {
    public let name = "Materialize"
    private let kept = Mutex<[Batch]>([])
    private let reservation: MemoryReservation

    public init(_ budget: MemoryBudget) { reservation = MemoryReservation("Materialize", budget) }

    public var batches: [Batch] { kept.withLock { $0 } }
    public var heldByteCount: Int { reservation.byteCount }
    public var rowCount: Int { batches.reduce(0) { $0 + $1.selectedCount } }

    /// Replaces the rows.
    func replace(with batches: [Batch]) { kept.withLock { $0 = batches } }

    public func makeLocal(_ worker: WorkerContext) throws -> any LocalConsumer { Local(self) }
    public func complete(_ context: ExecutionContext) throws {}

    private final class Local: LocalConsumer {
        let sink: MaterializedRows
        var batches: [Batch] = []
        init(_ sink: MaterializedRows) { self.sink = sink }

        func push(_ batch: Batch) throws -> PushResult {
            let compact = batch.compacted()
            try sink.reservation.grow(by: compact.columns.reduce(64) { $0 + $1.physical.byteCount * compact.rowCount })
            batches.append(compact)
            return .needsMore
        }

        func finish() throws {
            sink.kept.withLock { $0.append(contentsOf: batches) }
            batches = []
        }
    }
}

/// Reads kept rows; `columns` picks from them.
final class MaterializedSource: SourceOperator {
    let name = "SharedScan"
    private let rows: MaterializedRows
    private let columns: [Int]
    private let work = Mutex<(batches: [Batch], queue: MorselQueue)>(([], MorselQueue(count: 0)))

    init(_ rows: MaterializedRows, columns: [Int]) {
        self.rows = rows
        self.columns = columns
    }

    func prepare(_ context: ExecutionContext) throws -> Int {
        let batches = rows.batches
        work.withLock { $0 = (batches, MorselQueue(count: batches.count)) }
        return max(1, batches.count / 8)
    }

    func makeLocal(_ worker: WorkerContext) throws -> any LocalSource {
        let (batches, queue) = work.withLock { $0 }
        return Local(batches, queue, columns)
    }

    private final class Local: LocalSource {
        let batches: [Batch]
        let queue: MorselQueue
        let columns: [Int]
        var morsel = 0

        init(_ batches: [Batch], _ queue: MorselQueue, _ columns: [Int]) {
            self.batches = batches
            self.queue = queue
            self.columns = columns
        }

        func next() throws -> Batch? {
            guard let number = queue.pull() else { return nil }
            morsel = number
            let batch = batches[number]
            return Batch(
                columns: columns.map { batch.columns[$0] }, rowCount: batch.rowCount, selection: batch.selection)
        }
    }
}
