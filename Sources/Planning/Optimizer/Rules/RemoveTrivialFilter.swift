import Expressions
import SQLTypes

/// A filter that is TRUE goes; one that is FALSE or NULL leaves no rows, and empty inputs empty what stands on them.
///
/// ```
/// Filter[FALSE](R)            ==>   Values[]
/// Join[INNER](Values[], R)    ==>   Values[]
/// ```
struct RemoveTrivialFilter: OptimizerRule {
    func apply(to plan: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan? {
        plan.rewrittenBottomUp(Self.rewrite)
    }

    private static func rewrite(_ node: LogicalPlan) -> LogicalPlan? {
        func empty() -> LogicalPlan { .values(columns: node.outputColumns, rows: []) }
        switch node {
        case .filter(let input, let predicate):
            if predicate == .true { return input }
            if predicate.conjuncts.contains(where: {
                if case .constant(let value, _) = $0 { return value.isNull || value == .boolean(false) }
                return false
            }) {
                return empty()
            }
            return input.isEmpty ? empty() : nil
        case .project(let input, _), .sort(let input, _), .topN(let input, _, _, _, _), .limit(let input, _, _),
            .sample(let input, _), .assignUniqueID(let input, _):
            if case .limit(_, let count, _) = node, count == 0 { return empty() }
            if case .topN(_, _, let count, _, _) = node, count == 0 { return empty() }
            return input.isEmpty ? empty() : nil
        case .aggregate(let aggregate):
            guard aggregate.input.isEmpty, !aggregate.keys.isEmpty, aggregate.groupingSets == nil else { return nil }
            return empty()
        case .window(let window): return window.input.isEmpty ? empty() : nil
        case .unnest(let unnest): return unnest.input.isEmpty ? empty() : nil
        case .join(let join):
            switch join.kind {
            case .inner, .cross, .semi:
                if join.left.isEmpty || join.right.isEmpty { return empty() }
                if case .constant(let value, _) = join.residual, value != .boolean(true), join.kind != .semi {
                    return empty()
                }
                return nil
            case .left:
                if join.left.isEmpty { return empty() }
                guard join.right.isEmpty else { return nil }
                return nullExtended(join.left, join.right.outputColumns)
            case .anti: return join.left.isEmpty ? empty() : (join.right.isEmpty ? join.left : nil)
            case .mark:
                if join.left.isEmpty { return empty() }
                guard join.right.isEmpty, let mark = join.markColumn else { return nil }
                return .project(
                    join.left, join.left.outputColumns.map { Assignment($0, .column($0)) } + [Assignment(mark, .false)])
            case .right:
                if join.right.isEmpty { return empty() }
                guard join.left.isEmpty else { return nil }
                return nullExtended(join.right, join.left.outputColumns)
            case .full: return nil
            }
        case .union(let union):
            let kept = union.inputs.indices.filter { !union.inputs[$0].isEmpty }
            if kept.count == union.inputs.count { return nil }
            if kept.isEmpty { return empty() }
            if kept.count == 1 {
                return .project(
                    union.inputs[kept[0]],
                    zip(union.columns, union.inputColumns[kept[0]]).map { Assignment($0, .column($1)) })
            }
            return .union(
                Union(
                    inputs: kept.map { union.inputs[$0] }, columns: union.columns,
                    inputColumns: kept.map { union.inputColumns[$0] }))
        case .scan, .values, .dependentJoin, .enforceSingleRow, .shared, .sharedScan, .recursive, .tableFunction:
            return nil
        }
    }

    private static func nullExtended(_ plan: LogicalPlan, _ columns: [ColumnReference]) -> LogicalPlan {
        .project(
            plan,
            plan.outputColumns.map { Assignment($0, .column($0)) } + columns.map { Assignment($0, .null($0.type)) })
    }
}
