import Columnar
import SQLTypes
import Synchronization

/// OFFSET and LIMIT over any rows: workers draw from one shared number of rows.
final class LimitOperator: TransformOperator {
    let name = "Limit"
    private let offset: Int
    /// Offset plus count; `Int.max` without LIMIT.
    private let end: Int
    private let seen = Atomic<Int>(0)

    init(count: Int?, offset: Int) {
        self.offset = offset
        let (sum, overflow) = offset.addingReportingOverflow(count ?? Int.max)
        end = overflow ? Int.max : sum
    }

    func makeLocal(_ worker: WorkerContext, downstream: any LocalConsumer) throws -> any LocalConsumer {
        Local(self, downstream)
    }

    private final class Local: LocalConsumer {
        let limit: LimitOperator
        let downstream: any LocalConsumer

        init(_ limit: LimitOperator, _ downstream: any LocalConsumer) {
            self.limit = limit
            self.downstream = downstream
        }

        func push(_ batch: Batch) throws -> PushResult {
            let count = batch.selectedCount
            // Only rows below `end` are taken; once it is reached nothing is counted any more, so it cannot wrap.
            if limit.seen.load(ordering: .relaxed) >= limit.end { return .finished }
            let start = limit.seen.wrappingAdd(count, ordering: .relaxed).oldValue
            let first = max(limit.offset - start, 0)
            let last = min(limit.end - start, count)
            if first < last {
                let taken = first == 0 && last == count ? batch : batch.sliced(first..<last)
                if try downstream.push(taken) == .finished { return .finished }
            }
            return limit.end - start <= count ? .finished : .needsMore
        }
    }
}

extension Batch {
    /// Few selected rows among many lanes are gathered: what comes next works on lanes.
    func compactedWhenSparse() -> Batch {
        guard let selection, selection.count &* 4 < rowCount else { return self }
        return compacted()
    }

    /// The selected rows `range`, counted among the selected.
    func sliced(_ range: Range<Int>) -> Batch {
        if let selection {
            return Batch(
                columns: columns, rowCount: rowCount,
                selection: Selection(range.lazy.map { Int(selection.indices[$0]) }.map { $0 }))
        }
        return Batch(
            columns: columns.map { $0.slice(offset: range.lowerBound, count: range.count) }, rowCount: range.count)
    }
}
