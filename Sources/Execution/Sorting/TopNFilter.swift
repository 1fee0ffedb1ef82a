import Columnar
import Planning
import SQLTypes
import Storage
import Synchronization

/// The threshold of a top-N as a condition for scans: values of the first sort key that are worse than the n-th best
/// row so far are left out, row groups of them too.
final class TopNFilter: DynamicColumnFilter {
    private let key: SortKey
    private let bound = Mutex<Vector?>(nil)

    init(_ key: SortKey) { self.key = key }

    /// `vector`: one row, the key of the n-th best row.
    func publish(_ vector: Vector) { bound.withLock { $0 = vector } }

    private var current: Vector? { bound.withLock { $0 } }

    var domain: Domain {
        guard let current else { return .all }
        let value = current.value(at: 0)
        if value.isNull {
            // NULLS FIRST and only NULLs so far: nothing else can come before. NULLS LAST: everything can.
            return key.nullsFirst ? Domain(ranges: [], allowsNull: true) : .all
        }
        // NaN is above everything, in ways that statistics do not know.
        switch value {
        case .double, .real: return .all
        default: break
        }
        let limit = Domain.Bound(value, isInclusive: true)
        return Domain(
            ranges: [key.isAscending ? .init(low: nil, high: limit) : .init(low: limit, high: nil)],
            allowsNull: key.nullsFirst)
    }

    func makeEvaluator() throws -> any ScanFilterEvaluator { Evaluator(self) }

    private final class Evaluator: ScanFilterEvaluator {
        private let filter: TopNFilter
        init(_ filter: TopNFilter) { self.filter = filter }

        func select(_ vectors: [Vector], _ rows: Rows) throws -> Selection {
            let vector = vectors[0]
            guard let bound = filter.current, !bound.isNull(0) else { return all(rows) }
            let isAscending = filter.key.isAscending
            switch vector.physical {
            case .int8: return select(vector, rows, bound, isAscending, Int8.self)
            case .int16: return select(vector, rows, bound, isAscending, Int16.self)
            case .int32: return select(vector, rows, bound, isAscending, Int32.self)
            case .int64: return select(vector, rows, bound, isAscending, Int64.self)
            case .string:
                let data = vector.view.data.assumingMemoryBound(to: StringView.self)
                let limit = bound.pointer(as: StringView.self)[0]
                let view = vector.view
                return keep(vector, rows) { row in
                    let order = StringView.compare(data[view.index(row)], limit)
                    return isAscending ? order <= 0 : order >= 0
                }
            case .boolean, .int128, .float, .double, .list, .map, .row: return all(rows)
            }
        }

        private func all(_ rows: Rows) -> Selection {
            if let selection = rows.selection { return selection }
            return Selection(0..<rows.count)
        }

        @inline(__always)
        private func select<T: FixedWidthInteger>(
            _ vector: Vector, _ rows: Rows, _ bound: Vector, _ isAscending: Bool, _: T.Type
        ) -> Selection {
            let view = vector.view
            let data = view.data.assumingMemoryBound(to: T.self)
            let limit = bound.pointer(as: T.self)[0]
            return isAscending
                ? keep(vector, rows) { data[view.index($0)] <= limit }
                : keep(vector, rows) { data[view.index($0)] >= limit }
        }

        @inline(__always)
        private func keep(_ vector: Vector, _ rows: Rows, _ passes: (Int) -> Bool) -> Selection {
            let buffer = Buffer(byteCount: max(rows.selectedCount, 1) * 4)
            let kept = buffer.pointer.assumingMemoryBound(to: UInt32.self)
            let validity = vector.view.validity
            let keepsNull = filter.key.nullsFirst
            var count = 0
            rows.forEach { row in
                kept[count] = UInt32(truncatingIfNeeded: row)
                let isKept = Validity.isValid(validity, row) ? passes(row) : keepsNull
                count &+= Int(unsafeBitCast(isKept, to: UInt8.self))
            }
            return Selection(buffer, count: count)
        }
    }
}
