import Expressions

/// An outer join whose NULL rows are dropped above it is an inner join (or a one-sided one), and RIGHT is LEFT with
/// the sides exchanged.
///
/// ```
/// Filter[b.y > 1]                 Filter[b.y > 1]
///   Join[LEFT, k = k]     ==>       Join[INNER, k = k]
///     A                               A
///     B                               B
/// ```
struct ConvertOuterJoin: OptimizerRule {
    func apply(to plan: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan? {
        var isChanged = false
        let result = convert(plan, nonNull: [], conditions: [], &isChanged)
        return isChanged ? result : nil
    }

    /// `nonNull`: columns whose NULLs are dropped above; `conditions`: the filter right above.
    private func convert(
        _ plan: LogicalPlan, nonNull: Set<ColumnReference>, conditions: [BoundExpression], _ isChanged: inout Bool
    ) -> LogicalPlan {
        switch plan {
        case .filter(let input, let predicate):
            var rejected = nonNull
            for column in predicate.columns where predicate.rejectsNulls(of: [column]) { rejected.insert(column) }
            return .filter(
                convert(input, nonNull: rejected, conditions: predicate.conjuncts, &isChanged), predicate)
        case .project(let input, let assignments):
            var rejected: Set<ColumnReference> = []
            for assignment in assignments where nonNull.contains(assignment.column) {
                for column in assignment.expression.columns where assignment.expression.isNull(whenNull: [column]) {
                    rejected.insert(column)
                }
            }
            return .project(convert(input, nonNull: rejected, conditions: [], &isChanged), assignments)
        case .sort(let input, let keys):
            return .sort(convert(input, nonNull: nonNull, conditions: conditions, &isChanged), keys)
        case .aggregate(var node):
            var rejected: Set<ColumnReference> = []
            if node.groupingSets == nil {
                for (key, output) in zip(node.keys, node.keyOutputs) where nonNull.contains(output) {
                    rejected.insert(key)
                }
            }
            node.input = convert(node.input, nonNull: rejected, conditions: [], &isChanged)
            return .aggregate(node)
        case .join(var join):
            convertKind(&join, nonNull: nonNull, conditions: conditions, &isChanged)
            var left: Set<ColumnReference> = []
            var right: Set<ColumnReference> = []
            switch join.kind {
            case .inner, .cross, .semi:
                left = nonNull
                right = join.kind == .semi ? [] : nonNull
                for column in join.residual.columns where join.residual.rejectsNulls(of: [column]) {
                    left.insert(column)
                    right.insert(column)
                }
                for equality in join.equalities where !equality.isNullSafe {
                    left.insert(equality.left)
                    right.insert(equality.right)
                }
            case .left, .anti, .mark:
                left = nonNull
                // Right rows with a NULL key match nothing.
                if !join.isNullAware {
                    for equality in join.equalities where !equality.isNullSafe { right.insert(equality.right) }
                }
            case .right:
                right = nonNull
                for equality in join.equalities where !equality.isNullSafe { left.insert(equality.left) }
            case .full: break
            }
            join.left = convert(join.left, nonNull: left, conditions: [], &isChanged)
            join.right = convert(join.right, nonNull: right, conditions: [], &isChanged)
            return .join(join)
        case .shared(let id, let definition, let body):
            let columns = definition.outputColumns
            return .shared(
                id: id,
                definition: convert(definition, nonNull: [], conditions: [], &isChanged).withOutputs(columns),
                body: convert(body, nonNull: nonNull, conditions: conditions, &isChanged))
        default:
            let inputs = plan.inputs
            if inputs.isEmpty { return plan }
            if case .recursive = plan { return plan }
            return plan.withInputs(inputs.map { convert($0, nonNull: [], conditions: [], &isChanged) })
        }
    }

    private func convertKind(
        _ join: inout Join, nonNull: Set<ColumnReference>, conditions: [BoundExpression], _ isChanged: inout Bool
    ) {
        func rejects(_ columns: Set<ColumnReference>) -> Bool {
            !nonNull.isDisjoint(with: columns)
                || conditions.contains { condition in
                    !condition.columns.isDisjoint(with: columns) && condition.rejectsNulls(of: columns)
                }
        }
        switch join.kind {
        case .left:
            if rejects(join.right.outputSet) {
                join.kind = .inner
                isChanged = true
            }
        case .right:
            isChanged = true
            if rejects(join.left.outputSet) {
                join.kind = .inner
            } else {
                Self.exchange(&join)
                join.kind = .left
            }
        case .full:
            let dropsRightOnly = rejects(join.left.outputSet)
            let dropsLeftOnly = rejects(join.right.outputSet)
            if dropsRightOnly || dropsLeftOnly { isChanged = true }
            switch (dropsLeftOnly, dropsRightOnly) {
            case (true, true): join.kind = .inner
            case (false, true): join.kind = .left
            case (true, false):
                Self.exchange(&join)
                join.kind = .left
            case (false, false): break
            }
        case .inner, .cross, .semi, .anti, .mark: break
        }
    }

    static func exchange(_ join: inout Join) {
        swap(&join.left, &join.right)
        join.equalities = join.equalities.map { Join.Equality($0.right, $0.left, isNullSafe: $0.isNullSafe) }
    }
}
