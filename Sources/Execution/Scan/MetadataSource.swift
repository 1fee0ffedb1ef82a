import Columnar
import Planning
import SQLTypes
import Synchronization

/// Rows of a metadata table, made when the query runs.
final class MetadataSource: SourceOperator {
    let name = "MetadataScan"
    private let provider: any MetadataTable
    private let ordinals: [Int]
    private let types: [DataType]
    private let batches = Mutex<[Batch]>([])

    init(_ provider: any MetadataTable, ordinals: [Int], types: [DataType]) {
        self.provider = provider
        self.ordinals = ordinals
        self.types = types
    }

    func prepare(_ context: ExecutionContext) throws -> Int {
        let made = Batch.list(
            try provider.rows().map { row in ordinals.map { row[$0] } }, types: types,
            rowsPerBatch: context.settings.batchRowCount)
        batches.withLock { $0 = made.reversed() }
        return 1
    }

    func makeLocal(_ worker: WorkerContext) throws -> any LocalSource { Local(self) }

    private final class Local: LocalSource {
        let source: MetadataSource
        let morsel = 0
        init(_ source: MetadataSource) { self.source = source }
        func next() throws -> Batch? { source.batches.withLock { $0.popLast() } }
    }
}

extension Batch {
    /// Rows of values as batches.
    static func list(_ rows: [[Value]], types: [DataType], rowsPerBatch: Int) -> [Batch] {
        stride(from: 0, to: rows.count, by: rowsPerBatch).map { start in
            let part = rows[start..<min(start + rowsPerBatch, rows.count)]
            return Batch(
                columns: types.indices.map { column in Vector.fromValues(part.map { $0[column] }, types[column]) },
                rowCount: part.count)
        }
    }
}
