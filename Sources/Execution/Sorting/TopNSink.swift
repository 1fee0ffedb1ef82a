import Columnar
import SQLTypes
import Synchronization

/// ORDER BY ... LIMIT n: every worker keeps candidates, cut back to the best n from time to time; rows behind the
/// n-th best row seen so far are dropped on arrival, and its first key goes to the scan as a filter.
///
/// `@unchecked Sendable`: slot i belongs to worker i while the stage runs; the result is written by `complete`.
final class TopNSink: SinkOperator, @unchecked Sendable {
    typealias Row = UnsafeMutableRawPointer

    let name = "TopN"
    private let encoder: SortKeyEncoder
    private let keys: [Int]
    private let columns: [Int]
    private let types: [DataType]
    /// Rows wanted, the offset included.
    private let count: Int
    private let withTies: Bool
    private let candidates: WorkerSlots<Candidates>
    private let threshold = Mutex<SortPrefix?>(nil)
    private let filter: TopNFilter?
    private let context: ExecutionContext
    private let reservation: MemoryReservation
    fileprivate private(set) var result: [Batch] = []
    private let offset: Int

    init(
        _ encoder: SortKeyEncoder, keys: [Int], columns: [Int], types: [DataType], count: Int, offset: Int,
        withTies: Bool, filter: TopNFilter?, context: ExecutionContext
    ) {
        self.encoder = encoder
        self.keys = keys
        self.columns = columns
        self.types = types
        self.count = offset + count
        self.offset = offset
        self.withTies = withTies
        self.filter = filter
        self.context = context
        candidates = WorkerSlots(context.settings.threads)
        reservation = MemoryReservation("TopN", context.memory)
    }

    func makeLocal(_ worker: WorkerContext) throws -> any LocalConsumer {
        let made = Candidates(self)
        candidates[worker.index] = made
        return made
    }

    /// One worker's rows.
    private final class Candidates: LocalConsumer {
        let sink: TopNSink
        var rows: SortRows
        var threshold: SortPrefix?
        var reserved = 0
        /// Candidates at which they are cut back.
        let limit: Int

        init(_ sink: TopNSink) {
            self.sink = sink
            rows = sink.makeRows()
            limit = max(sink.count &* 2, 4096)
        }

        func push(_ batch: Batch) throws -> PushResult {
            let prefixes = rows.prefixes(batch)
            if let shared = sink.threshold.withLock({ $0 }), threshold.map({ shared < $0 }) ?? true {
                threshold = shared
            }
            guard let threshold else {
                rows.add(batch, prefixes)
                try cutBack()
                return .needsMore
            }
            let total = batch.selectedCount
            let buffer = Buffer(byteCount: total * 4)
            let kept = buffer.pointer.assumingMemoryBound(to: UInt32.self)
            // Equal prefixes may still be better when keys are longer, or wanted as ties.
            let keepsEqual = !sink.encoder.isPrefixEnough || sink.withTies
            var keptCount = 0
            var position = 0
            batch.rows.forEach { row in
                kept[keptCount] = UInt32(truncatingIfNeeded: row)
                let prefix = prefixes[position]
                let isKept = prefix < threshold || (keepsEqual && prefix == threshold)
                prefixes[keptCount] = prefix
                keptCount &+= Int(unsafeBitCast(isKept, to: UInt8.self))
                position &+= 1
            }
            if keptCount == 0 { return .needsMore }
            let part = Batch(
                columns: batch.columns, rowCount: batch.rowCount, selection: Selection(buffer, count: keptCount))
            rows.add(part, prefixes)
            try cutBack()
            return .needsMore
        }

        func finish() throws { try rows.sort { try sink.context.cancellation.check() } }

        private func cutBack() throws {
            let now = rows.byteCount
            if now > reserved {
                try sink.reservation.grow(by: now - reserved)
                reserved = now
            }
            guard rows.count >= limit, sink.count > 0 else { return }
            try rows.sort { try sink.context.cancellation.check() }
            let kept = sink.keptCount(rows)
            // All are ties: nothing can be dropped, and looking again has to wait.
            guard kept < rows.count else { return }
            let last = rows.entries[sink.count - 1]
            threshold = last.prefix
            let isBest = sink.threshold.withLock { shared in
                if let shared, !(last.prefix < shared) { return false }
                shared = last.prefix
                return true
            }
            if isBest, let filter = sink.filter, let keyColumn = sink.columns.firstIndex(of: sink.keys[0]) {
                let address = last.row
                let vector = withUnsafePointer(to: address) { rows.table.gather(field: keyColumn, $0, count: 1) }
                filter.publish(vector)
            }
            // Survivors move to a new table, so that the dropped rows' memory goes.
            let fresh = sink.makeRows()
            fresh.add(first: kept, of: rows)
            rows = fresh
        }
    }

    /// Rows of the best `count` in sorted rows, with ties where they are wanted.
    private func keptCount(_ rows: SortRows) -> Int {
        var kept = min(count, rows.count)
        guard withTies, kept > 0 else { return kept }
        while kept < rows.count, rows.orderer.compare(rows.entries[kept - 1], rows.entries[kept]) == 0 { kept += 1 }
        return kept
    }

    private func makeRows() -> SortRows { SortRows(encoder, keys: keys, columns: columns, types: types) }

    func complete(_ context: ExecutionContext) throws {
        let made = candidates.all.map(\.rows).filter { $0.count > 0 }
        guard let first = made.first else { return }
        for other in made.dropFirst() { first.table.shareMemory(of: other.table) }
        // Few rows each: one list, merged by taking the least head.
        var heads = [Int](repeating: 0, count: made.count)
        let list = RowPointerList(capacity: min(count, made.reduce(0) { $0 + $1.count }) + 16)
        var last: SortEntry?
        while true {
            var least: Int?
            for run in made.indices where heads[run] < made[run].count {
                if let known = least {
                    if first.orderer.precedes(made[run].entries[heads[run]], made[known].entries[heads[known]]) {
                        least = run
                    }
                } else {
                    least = run
                }
            }
            guard let least else { break }
            let entry = made[least].entries[heads[least]]
            heads[least] += 1
            if list.count >= count {
                guard withTies, let last, first.orderer.compare(last, entry) == 0 else { break }
            }
            list.reserve(1)
            list.end.initialize(to: entry.row)
            list.count += 1
            last = entry
        }
        var start = min(offset, list.count)
        while start < list.count {
            let part = min(context.settings.batchRowCount, list.count - start)
            result.append(Batch(columns: first.gather(list.pointers + start, part), rowCount: part))
            start += part
        }
        for index in 0..<candidates.count { candidates[index] = nil }
    }

    /// The result, for `TopNSource`.
    fileprivate var batches: [Batch] { result }
}

/// Gives the best rows out, in order.
final class TopNSource: SourceOperator {
    let name = "TopN"
    private let sink: TopNSink
    private let queue = Mutex<Int>(0)

    init(_ sink: TopNSink) { self.sink = sink }

    func prepare(_ context: ExecutionContext) throws -> Int { 1 }
    func makeLocal(_ worker: WorkerContext) throws -> any LocalSource { Local(self) }

    private final class Local: LocalSource {
        let source: TopNSource
        var morsel = 0
        init(_ source: TopNSource) { self.source = source }

        func next() throws -> Batch? {
            let number = source.queue.withLock { number in
                defer { number += 1 }
                return number
            }
            morsel = number
            let batches = source.sink.batches
            return number < batches.count ? batches[number] : nil
        }
    }
}
