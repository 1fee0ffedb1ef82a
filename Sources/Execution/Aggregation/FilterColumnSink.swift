import Columnar
import SQLTypes

/// Lets only rows through whose BOOLEAN column is true: FILTER of a DISTINCT aggregate.
final class FilterColumnSink: SinkOperator {
    var name: String { inner.name }
    private let inner: any SinkOperator
    private let column: Int

    init(_ inner: any SinkOperator, column: Int) {
        self.inner = inner
        self.column = column
    }

    func makeLocal(_ worker: WorkerContext) throws -> any LocalConsumer {
        Local(try inner.makeLocal(worker), column)
    }

    func complete(_ context: ExecutionContext) throws { try inner.complete(context) }

    private final class Local: LocalConsumer {
        let inner: any LocalConsumer
        let column: Int

        init(_ inner: any LocalConsumer, _ column: Int) {
            self.inner = inner
            self.column = column
        }

        func push(_ batch: Batch) throws -> PushResult {
            let view = batch.columns[column].view
            let data = view.data.assumingMemoryBound(to: UInt8.self)
            let buffer = Buffer(byteCount: max(batch.selectedCount, 1) * 4)
            let kept = buffer.pointer.assumingMemoryBound(to: UInt32.self)
            var count = 0
            batch.rows.forEach { row in
                kept[count] = UInt32(truncatingIfNeeded: row)
                let keeps = view.isValid(row) && data[view.index(row)] != 0
                count &+= Int(unsafeBitCast(keeps, to: UInt8.self))
            }
            if count == 0 { return .needsMore }
            return try inner.push(
                Batch(columns: batch.columns, rowCount: batch.rowCount, selection: Selection(buffer, count: count)))
        }

        func finish() throws { try inner.finish() }
    }
}
