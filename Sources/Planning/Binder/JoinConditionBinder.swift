import Expressions
import SQLSyntax
import SQLTypes

/// Binds an ON condition and splits it: equalities between the sides become keys, the rest is the residual.
///
/// ```
/// a.x = b.y AND a.z + 1 = b.w AND a.v < b.v       equalities: x = y, $key = w     residual: v < v
///                                                 left input: Project[..., $key = z + 1]
/// ```
struct JoinConditionBinder {
    let context: BindingContext
    let environment: BindingEnvironment

    func join(
        _ kind: Join.Kind, _ left: BoundRelation, _ right: BoundRelation, on syntax: Expression
    ) throws -> BoundRelation {
        let fields = left.fields + right.fields
        let stage = Stage(clause: "JOIN clause")
        let binder = ExpressionBinder(
            context: context, environment: environment, scope: Scope(fields, parent: environment.outer), stage: stage)
        let condition = try binder.bindCondition(syntax, clause: "JOIN ON clause")
        var leftBuilder = PlanBuilder(left.plan, context: context)
        var rightBuilder = PlanBuilder(right.plan, context: context)
        if !stage.steps.isEmpty {
            if kind == .inner {
                var builder = PlanBuilder(
                    .join(Join(kind: .cross, left: left.plan, right: right.plan)), context: context)
                builder.attach(stage.steps)
                builder.filter(condition)
                return BoundRelation(plan: builder.plan, fields: fields)
            }
            for step in stage.steps { try attach(step, &leftBuilder, &rightBuilder) }
        }
        var equalities: [Join.Equality] = []
        var residual: [BoundExpression] = []
        let leftColumns = Set(leftBuilder.plan.outputColumns)
        let rightColumns = Set(rightBuilder.plan.outputColumns)
        for term in condition.conjuncts {
            guard case .comparison(.equal, let a, let b) = term, a.isDeterministic, b.isDeterministic else {
                residual.append(term)
                continue
            }
            let aColumns = a.columns
            let bColumns = b.columns
            if aColumns.isEmpty || bColumns.isEmpty {
                residual.append(term)
            } else if aColumns.isSubset(of: leftColumns), bColumns.isSubset(of: rightColumns) {
                equalities.append(
                    Join.Equality(leftBuilder.compute(a, name: "key"), rightBuilder.compute(b, name: "key")))
            } else if aColumns.isSubset(of: rightColumns), bColumns.isSubset(of: leftColumns) {
                equalities.append(
                    Join.Equality(leftBuilder.compute(b, name: "key"), rightBuilder.compute(a, name: "key")))
            } else {
                residual.append(term)
            }
        }
        let plan = Join(
            kind: kind, left: leftBuilder.plan, right: rightBuilder.plan, equalities: equalities,
            residual: .conjunction(residual))
        return BoundRelation(plan: .join(plan), fields: fields)
    }

    /// A subquery in an outer join's condition is computed on the side whose columns it reads.
    private func attach(_ step: PlanStep, _ left: inout PlanBuilder, _ right: inout PlanBuilder) throws {
        guard case .subquery(let subquery) = step else { return }
        var read = subquery.plan.freeColumns
        switch subquery.kind {
        case .scalar, .exists: break
        case .inSet(let value), .quantified(let value, _, _): read.formUnion(value.columns)
        }
        if read.isDisjoint(with: Set(right.plan.outputColumns)) {
            left.attach([step])
        } else if read.isDisjoint(with: Set(left.plan.outputColumns)) {
            right.attach([step])
        } else {
            throw QueryError(
                .notSupported, "Subquery in the ON clause of an outer join reads columns of both sides",
                at: subquery.position)
        }
    }
}
