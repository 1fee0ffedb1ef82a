import Expressions
import SQLTypes

/// Turns a dependent join whose right side reads nothing of the left into a plain join.
///
/// ```
/// DependentJoin[scalar c]            Project[.., c := v]
///   L                        ==>       Join[CROSS]
///   R[v]                                 L
///                                        EnforceSingleRow(R)
/// ```
/// EXISTS becomes a cross join with `count(*) > 0` over at most one row, IN a mark join that knows NOT IN's NULLs.
struct RemoveUncorrelatedDependentJoin: NodeRule {
    func rewrite(_ node: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan? {
        guard case .dependentJoin(let join) = node else { return nil }
        if !join.right.freeColumns.isDisjoint(with: join.left.outputColumns) { return nil }
        let passed = join.left.outputColumns.map { Assignment($0, .column($0)) }
        switch join.kind {
        case .inner:
            let kind: Join.Kind = join.condition == .true ? .cross : .inner
            return .join(Join(kind: kind, left: join.left, right: join.right, residual: join.condition))
        case .left:
            return .join(Join(kind: .left, left: join.left, right: join.right, residual: join.condition))
        case .scalar(let column):
            guard let value = join.right.outputColumns.first else { return nil }
            let right = join.right.givesOneRow ? join.right : .enforceSingleRow(join.right)
            let cross = LogicalPlan.join(Join(kind: .cross, left: join.left, right: right))
            return .project(cross, passed + [Assignment(column, .column(value))])
        case .exists(let column):
            if join.right.givesOneRow { return .project(join.left, passed + [Assignment(column, .true)]) }
            let count = try context.aggregate("count", [])
            let counted = LogicalPlan.aggregate(
                Aggregate(input: .limit(join.right, count: 1, offset: 0), keys: [], calls: [count]))
            let exists = BoundExpression.comparison(
                .greater, .column(count.output), .constant(.int(0), count.output.type))
            let tested = LogicalPlan.project(counted, [Assignment(column, exists)])
            return .join(Join(kind: .cross, left: join.left, right: tested))
        case .inSet(let column, let value, let member):
            return .join(
                Join(
                    kind: .mark, left: join.left, right: join.right, equalities: [Join.Equality(value, member)],
                    markColumn: column, isNullAware: true))
        case .quantified: return nil
        }
    }
}
