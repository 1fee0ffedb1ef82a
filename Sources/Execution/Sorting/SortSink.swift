import Columnar
import SQLTypes
import Synchronization

/// Sorts: every worker sorts the rows it saw, then all workers merge the runs, each a range of the result.
///
/// `@unchecked Sendable`: slot i belongs to worker i while the stage runs; `sorted` is written by `complete`.
final class SortSink: SinkOperator, @unchecked Sendable {
    typealias Row = UnsafeMutableRawPointer

    let name = "Sort"
    private let encoder: SortKeyEncoder
    private let keys: [Int]
    private let columns: [Int]
    private let types: [DataType]
    private let runs: WorkerSlots<SortRows>
    private let context: ExecutionContext
    private let reservation: MemoryReservation
    /// Rows in order, after `complete`.
    fileprivate private(set) var sorted = RowPointerList()
    fileprivate private(set) var keeper: SortRows?
    private var others: [SortRows] = []
    var heldByteCount: Int { reservation.byteCount }

    init(_ encoder: SortKeyEncoder, keys: [Int], columns: [Int], types: [DataType], context: ExecutionContext) {
        self.encoder = encoder
        self.keys = keys
        self.columns = columns
        self.types = types
        self.context = context
        runs = WorkerSlots(context.settings.threads)
        reservation = MemoryReservation("Sort", context.memory)
    }

    func makeLocal(_ worker: WorkerContext) throws -> any LocalConsumer {
        let rows = SortRows(encoder, keys: keys, columns: columns, types: types)
        runs[worker.index] = rows
        return Local(rows, reservation, context)
    }

    private final class Local: LocalConsumer {
        let rows: SortRows
        let reservation: MemoryReservation
        let context: ExecutionContext
        var reserved = 0

        init(_ rows: SortRows, _ reservation: MemoryReservation, _ context: ExecutionContext) {
            self.rows = rows
            self.reservation = reservation
            self.context = context
        }

        func push(_ batch: Batch) throws -> PushResult {
            rows.add(batch)
            let now = rows.byteCount
            try reservation.grow(by: now - reserved)
            reserved = max(reserved, now)
            return .needsMore
        }

        func finish() throws { try rows.sort { try context.cancellation.check() } }
    }

    func complete(_ context: ExecutionContext) throws {
        let made = runs.all.filter { $0.count > 0 }
        guard let first = made.first else { return }
        keeper = first
        others = Array(made.dropFirst())
        for other in others { first.table.shareMemory(of: other.table) }
        let total = made.reduce(0) { $0 + $1.count }
        sorted = RowPointerList(capacity: total)
        sorted.count = total
        let target = UnsafeMutablePointer<Row>(sorted.pointers)
        if made.count == 1 {
            for index in 0..<total { target[index] = first.entries[index].row }
            return
        }
        let parts = total < 50_000 ? 1 : context.settings.threads * 4
        let merger = RunMerger(made)
        let cuts = merger.cuts(parts)
        let output = Output(target)
        try context.pool.forEach(parts) { part, _ in
            try merger.merge(from: cuts[part], to: cuts[part + 1], into: output.rows) {
                try context.cancellation.check()
            }
        }
    }

    /// Where workers write disjoint ranges.
    private struct Output: @unchecked Sendable {
        let rows: UnsafeMutablePointer<Row>
        init(_ rows: UnsafeMutablePointer<Row>) { self.rows = rows }
    }
}

/// Merges sorted runs by ranges of keys.
///
/// `@unchecked Sendable`: runs are only read.
private final class RunMerger: @unchecked Sendable {
    private let runs: [SortRows]
    private let orderer: SortOrderer

    init(_ runs: [SortRows]) {
        self.runs = runs
        orderer = runs[0].orderer
    }

    /// Positions in every run at which `parts` ranges begin and end.
    func cuts(_ parts: Int) -> [[Int]] {
        var cuts = [[Int](repeating: 0, count: runs.count)]
        let longest = runs.max { $0.count < $1.count } ?? runs[0]
        for part in 1..<max(parts, 1) {
            let splitter = longest.entries[longest.count * part / parts]
            cuts.append(runs.map { orderer.lowerBound($0.entries, $0.count, splitter) })
        }
        cuts.append(runs.map(\.count))
        return cuts
    }

    func merge(
        from: [Int], to: [Int], into target: UnsafeMutablePointer<UnsafeMutableRawPointer>, _ check: () throws -> Void
    ) throws {
        var place = from.reduce(0, +)
        var heads = from
        if runs.count == 2 {
            // The usual case, without a search for the least head.
            let left = runs[0].entries
            let right = runs[1].entries
            var (i, j) = (from[0], from[1])
            let (iEnd, jEnd) = (to[0], to[1])
            while i < iEnd, j < jEnd {
                if orderer.precedes(right[j], left[i]) {
                    target[place] = right[j].row
                    j &+= 1
                } else {
                    target[place] = left[i].row
                    i &+= 1
                }
                place &+= 1
                if place & 0xffff == 0 { try check() }
            }
            while i < iEnd {
                target[place] = left[i].row
                i &+= 1
                place &+= 1
            }
            while j < jEnd {
                target[place] = right[j].row
                j &+= 1
                place &+= 1
            }
            return
        }
        while true {
            var least: Int?
            for run in runs.indices where heads[run] < to[run] {
                if let known = least {
                    if orderer.precedes(runs[run].entries[heads[run]], runs[known].entries[heads[known]]) {
                        least = run
                    }
                } else {
                    least = run
                }
            }
            guard let least else { return }
            target[place] = runs[least].entries[heads[least]].row
            heads[least] += 1
            place += 1
            if place & 0xffff == 0 { try check() }
        }
    }
}

/// Gives sorted rows out, in order.
final class SortedSource: SourceOperator {
    let name = "Sort"
    private let sink: SortSink
    private let range: Mutex<(next: Int, end: Int)>
    private let offset: Int
    private let limit: Int

    init(_ sink: SortSink, offset: Int = 0, limit: Int = Int.max) {
        self.sink = sink
        self.offset = offset
        self.limit = limit
        range = Mutex((0, 0))
    }

    func prepare(_ context: ExecutionContext) throws -> Int {
        let count = sink.sorted.count
        let start = min(offset, count)
        let (end, overflow) = start.addingReportingOverflow(limit)
        range.withLock { $0 = (start, overflow ? count : min(end, count)) }
        return 1
    }

    func makeLocal(_ worker: WorkerContext) throws -> any LocalSource {
        Local(self, chunk: worker.context.settings.batchRowCount)
    }

    private final class Local: LocalSource {
        let source: SortedSource
        let chunk: Int
        var morsel = 0

        init(_ source: SortedSource, chunk: Int) {
            self.source = source
            self.chunk = chunk
        }

        func next() throws -> Batch? {
            let (start, count) = source.range.withLock { range in
                let count = min(chunk, range.end - range.next)
                defer { range.next += count }
                return (range.next, count)
            }
            guard count > 0, let keeper = source.sink.keeper else { return nil }
            morsel = start
            return Batch(columns: keeper.gather(source.sink.sorted.pointers + start, count), rowCount: count)
        }
    }
}
