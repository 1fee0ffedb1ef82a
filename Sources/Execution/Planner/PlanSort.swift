import Columnar
import Expressions
import Planning
import SQLTypes

extension PhysicalPlanner {
    func planSort(_ input: LogicalPlan, _ keys: [SortKey], required: Set<ColumnReference>) throws -> Fragment {
        let (sink, columns) = try makeSort(input, keys, required: required)
        return fragment(SortedSource(sink), columns: columns, isOrdered: true)
    }

    private func makeSort(
        _ input: LogicalPlan, _ keys: [SortKey], required: Set<ColumnReference>
    ) throws -> (SortSink, [ColumnReference]) {
        let fragment = try planSorted(input, keys, required: required, filter: nil)
        let columns = fragment.columns.filter(required.contains)
        let sink = SortSink(
            Self.encoder(keys), keys: try fragment.positions(of: keys.map(\.column)),
            columns: try fragment.positions(of: columns), types: columns.map(\.type), context: context)
        close(fragment, with: sink, metrics: makeMetrics(sink.name))
        return (sink, columns)
    }

    private func planSorted(
        _ input: LogicalPlan, _ keys: [SortKey], required: Set<ColumnReference>, filter: TopNFilter?
    ) throws -> Fragment {
        let needed = required.union(keys.map(\.column))
        var fragment: Fragment
        if let filter, let first = keys.first {
            fragment = try withoutDynamicFilters {
                try withDynamicFilters([(first.column, filter)]) { try plan(input, required: needed) }
            }
        } else {
            fragment = try withoutDynamicFilters { try plan(input, required: needed) }
        }
        fragment.isOrdered = false
        return fragment
    }

    static func encoder(_ keys: [SortKey]) -> SortKeyEncoder {
        SortKeyEncoder(
            keys.map { SortKeyColumn(type: $0.column.type, isAscending: $0.isAscending, nullsFirst: $0.nullsFirst) })
    }

    /// Above this many rows a whole sort is not slower than cutting candidates back.
    private static let largestTopN = 100_000

    func planTopN(
        _ input: LogicalPlan, _ keys: [SortKey], count: Int, offset: Int, withTies: Bool,
        required: Set<ColumnReference>
    ) throws -> Fragment {
        if count == 0 {
            let columns = input.outputColumns.filter(required.contains)
            return fragment(BatchListSource([]), columns: columns, isOrdered: true)
        }
        let wanted = count.addingReportingOverflow(offset)
        if !withTies, wanted.overflow || wanted.partialValue > Self.largestTopN {
            let (sink, columns) = try makeSort(input, keys, required: required)
            return fragment(SortedSource(sink, offset: offset, limit: count), columns: columns, isOrdered: true)
        }
        if wanted.overflow { throw QueryError(.invalidLimitClause, "OFFSET and FETCH FIRST are too large") }
        let filter = keys.first.flatMap { Self.passesThreshold(input, $0) ? TopNFilter($0) : nil }
        let fragment = try planSorted(input, keys, required: required, filter: filter)
        // The first key is kept, for the threshold.
        var columns = fragment.columns.filter(required.contains)
        if filter != nil, let first = keys.first?.column, !columns.contains(first) { columns.append(first) }
        let sink = TopNSink(
            Self.encoder(keys), keys: try fragment.positions(of: keys.map(\.column)),
            columns: try fragment.positions(of: columns), types: columns.map(\.type), count: count, offset: offset,
            withTies: withTies, filter: filter, context: context)
        close(fragment, with: sink, metrics: makeMetrics(sink.name))
        return self.fragment(TopNSource(sink), columns: columns, isOrdered: true)
    }

    /// Whether leaving rows out of the scan that are worse than the threshold leaves only rows out of the input that
    /// are worse. Not below an outer join's other side, where a missing row becomes NULLs.
    private static func passesThreshold(_ plan: LogicalPlan, _ key: SortKey) -> Bool {
        switch plan {
        case .scan: return true
        case .filter(let input, _): return passesThreshold(input, key)
        case .project(let input, let assignments):
            guard let assignment = assignments.first(where: { $0.column == key.column }),
                case .column(let source) = assignment.expression
            else { return false }
            var renamed = key
            renamed.column = source
            return passesThreshold(input, renamed)
        case .join(let join):
            switch join.kind {
            case .inner, .cross:
                let side = join.left.outputColumns.contains(key.column) ? join.left : join.right
                return passesThreshold(side, key)
            case .left, .semi, .anti, .mark:
                return join.left.outputColumns.contains(key.column) && passesThreshold(join.left, key)
            case .right, .full: return false
            }
        default: return false
        }
    }
}
