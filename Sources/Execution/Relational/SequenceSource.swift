import Columnar
import SQLTypes
import Synchronization

/// The numbers of `TABLE(sequence(start, stop, step))`.
final class SequenceSource: SourceOperator {
    let name = "Sequence"
    private let start: Int64
    private let stop: Int64
    private let step: Int64
    private let next: Mutex<Int64?>

    init(start: Int64, stop: Int64, step: Int64) {
        self.start = start
        self.stop = stop
        self.step = step
        next = Mutex((step > 0 ? start <= stop : start >= stop) ? start : nil)
    }

    func prepare(_ context: ExecutionContext) throws -> Int { 1 }
    func makeLocal(_ worker: WorkerContext) throws -> any LocalSource {
        Local(self, worker.context.settings.batchRowCount)
    }

    private final class Local: LocalSource {
        let source: SequenceSource
        let chunk: Int
        let morsel = 0

        init(_ source: SequenceSource, _ chunk: Int) {
            self.source = source
            self.chunk = chunk
        }

        func next() throws -> Batch? {
            source.next.withLock { next in
                guard var value = next else { return nil }
                let builder = FlatBuilder(.bigint, capacity: chunk)
                let target = builder.pointer(as: Int64.self)
                var count = 0
                next = nil
                while count < chunk {
                    target[count] = value
                    count += 1
                    let (following, overflow) = value.addingReportingOverflow(source.step)
                    if overflow || (source.step > 0 ? following > source.stop : following < source.stop) { break }
                    value = following
                    if count == chunk { next = following }
                }
                return Batch(columns: [builder.finish(count: count)], rowCount: count)
            }
        }
    }
}
