import Expressions
import SQLTypes

/// Turns equalities of a join's condition into join keys, computing the two sides below the join where they are not
/// columns.
///
/// ```
/// Join[INNER, a.x + 1 = b.y]          Join[INNER, k = y]
///   A                         ==>       Project[.., k := TRY(x + 1)](A)
///   B                                   B
/// ```
/// TRY, because rows that match nothing must not raise.
struct ExtractJoinKeys: NodeRule {
    func rewrite(_ node: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan? {
        guard case .join(var join) = node, join.residual != .true, !join.isNullAware else { return nil }
        let left = join.left.outputSet
        let right = join.right.outputSet
        var kept: [BoundExpression] = []
        var leftKeys: [Assignment] = []
        var rightKeys: [Assignment] = []
        var isChanged = false
        for conjunct in join.residual.conjuncts {
            guard case .comparison(let comparison, let first, let second) = conjunct,
                comparison == .equal || comparison == .isNotDistinctFrom, first.type == second.type,
                first.type.isComparable, conjunct.isDeterministic
            else {
                kept.append(conjunct)
                continue
            }
            let (a, b) = (first.columns, second.columns)
            guard !a.isEmpty, !b.isEmpty else {
                kept.append(conjunct)
                continue
            }
            let isNullSafe = comparison == .isNotDistinctFrom
            let equality: Join.Equality
            if a.isSubset(of: left), b.isSubset(of: right) {
                guard let one = key(first, isNullSafe, &leftKeys, context),
                    let other = key(second, isNullSafe, &rightKeys, context)
                else {
                    kept.append(conjunct)
                    continue
                }
                equality = Join.Equality(one, other, isNullSafe: isNullSafe)
            } else if a.isSubset(of: right), b.isSubset(of: left) {
                guard let one = key(second, isNullSafe, &leftKeys, context),
                    let other = key(first, isNullSafe, &rightKeys, context)
                else {
                    kept.append(conjunct)
                    continue
                }
                equality = Join.Equality(one, other, isNullSafe: isNullSafe)
            } else {
                kept.append(conjunct)
                continue
            }
            if !join.equalities.contains(equality) { join.equalities.append(equality) }
            isChanged = true
        }
        guard isChanged else { return nil }
        if join.kind == .cross { join.kind = .inner }
        join.left = extended(join.left, leftKeys)
        join.right = extended(join.right, rightKeys)
        join.residual = .conjunction(kept)
        return .join(join)
    }

    private func key(
        _ expression: BoundExpression, _ isNullSafe: Bool, _ keys: inout [Assignment], _ context: OptimizerContext
    ) -> ColumnReference? {
        if let column = expression.asColumn { return column }
        var value = expression
        if !expression.cannotRaise {
            // NULL in place of an error would match a NULL.
            if isNullSafe { return nil }
            value = .tryExpression(expression)
        }
        if let known = keys.first(where: { $0.expression == value }) { return known.column }
        let column = context.columns.make("key", expression.type)
        keys.append(Assignment(column, value))
        return column
    }

    private func extended(_ plan: LogicalPlan, _ keys: [Assignment]) -> LogicalPlan {
        if keys.isEmpty { return plan }
        return .project(plan, plan.outputColumns.map { Assignment($0, .column($0)) } + keys)
    }
}
