import Expressions
import SQLTypes

/// A lateral right side that only computes on, filters or unnests the left row runs on the left rows themselves.
///
/// ```
/// DependentJoin[INNER]                 Unnest[a; pass L]
///   L                                    Project[.., a := l.array]
///   Unnest[a]                  ==>         L
///     Project[a := l.array]
///       Values[one row]
/// ```
/// LEFT JOIN LATERAL does so only for a single UNNEST, which can keep rows without elements by itself.
struct ReplaceLateralRow: NodeRule {
    func rewrite(_ node: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan? {
        guard case .dependentJoin(let join) = node else { return nil }
        switch join.kind {
        case .inner:
            guard let plan = replace(join.right, with: join.left, keepsEmpty: false) else { return nil }
            return join.condition == .true ? plan : .filter(plan, join.condition)
        case .left:
            guard join.condition == .true, Self.isPlainUnnest(join.right) else { return nil }
            return replace(join.right, with: join.left, keepsEmpty: true)
        case .scalar(let column):
            // One value per row: `(SELECT l.x + 1)`.
            guard join.right.givesOneRow, let value = join.right.outputColumns.first,
                let plan = replace(join.right, with: join.left, keepsEmpty: false)
            else { return nil }
            return .project(
                plan,
                join.left.outputColumns.map { Assignment($0, .column($0)) } + [Assignment(column, .column(value))])
        case .exists, .inSet, .quantified: return nil
        }
    }

    /// `plan` with its one-row leaf replaced by the left side, whose columns are passed on; nil for other shapes.
    private func replace(_ plan: LogicalPlan, with left: LogicalPlan, keepsEmpty: Bool) -> LogicalPlan? {
        let columns = left.outputColumns
        switch plan {
        case .values(let own, let rows):
            guard rows.count == 1, rows[0].count == own.count else { return nil }
            if own.isEmpty { return left }
            let assignments = zip(own, rows[0]).map { Assignment($0, $1) }
            return .project(left, columns.map { Assignment($0, .column($0)) } + assignments)
        case .project(let input, let assignments):
            guard let inner = replace(input, with: left, keepsEmpty: keepsEmpty) else { return nil }
            let known = Set(columns)
            let own = assignments.filter { !known.contains($0.column) }
            return .project(inner, columns.map { Assignment($0, .column($0)) } + own)
        case .filter(let input, let predicate):
            guard let inner = replace(input, with: left, keepsEmpty: keepsEmpty) else { return nil }
            return .filter(inner, predicate)
        case .unnest(var node):
            guard let inner = replace(node.input, with: left, keepsEmpty: keepsEmpty) else { return nil }
            node.input = inner
            node.passThrough = columns + node.passThrough.filter { !columns.contains($0) }
            if keepsEmpty { node.keepsEmpty = true }
            return .unnest(node)
        default: return nil
        }
    }

    /// Project* Unnest Project* Values: a row without elements gives NULLs in all columns of the right side, unless a
    /// projection above makes something else of them.
    private static func isPlainUnnest(_ plan: LogicalPlan) -> Bool {
        switch plan {
        case .project(let input, let assignments):
            assignments.allSatisfy { $0.expression.asColumn != nil } && isPlainUnnest(input)
        case .unnest(let node): node.passThrough.isEmpty && isRow(node.input)
        default: false
        }
    }

    private static func isRow(_ plan: LogicalPlan) -> Bool {
        switch plan {
        case .values(_, let rows): rows.count == 1
        case .project(let input, _): isRow(input)
        default: false
        }
    }
}
