import Expressions
import SQLTypes

/// Unnests a correlated subquery that is an aggregate without GROUP BY, with projections and HAVING above it, when it
/// is correlated by equalities: group by the correlated columns, then outer-join.
///
/// ```
/// DependentJoin[scalar c]                    Project[.., c := 0.2 * a]
///   L                                          Join[LEFT, k = l.k]
///   Project[0.2 * a]                   ==>       L
///     Aggregate[a := avg(x)]                     Aggregate[k; a := avg(x)]
///       Filter[k = l.k](R)                         R
/// ```
/// Left rows without a group get what the aggregate gives for no rows (0 for count, else NULL).
struct DecorrelateScalarAggregate: NodeRule {
    func rewrite(_ node: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan? {
        guard case .dependentJoin(let join) = node, !join.right.containsDependentJoin else { return nil }
        let outer = join.right.freeColumns.intersection(join.left.outputColumns)
        if outer.isEmpty { return nil }
        switch join.kind {
        case .quantified, .inSet, .exists: return nil
        case .inner, .left, .scalar: break
        }
        guard var shape = Self.shape(join.right) else { return nil }
        let conditions = CorrelatedConditions(outer: outer, context: context)
        guard let pulled = try conditions.pull(shape.aggregate.input), !pulled.conditions.isEmpty,
            let keys = conditions.keys(of: pulled)
        else { return nil }
        var aggregate = shape.aggregate
        aggregate.input = pulled.plan
        aggregate.keys = keys
        aggregate.keyOutputs = keys
        var plan = LogicalPlan.join(
            Join(
                kind: .left, left: join.left, right: .aggregate(aggregate),
                residual: .conjunction(pulled.conditions)))
        // Results for groups that do not exist.
        var defaults: [ColumnReference: BoundExpression] = [:]
        for call in aggregate.calls where Subqueries.valueOfNoRows(call) != nil {
            defaults[call.output] = Subqueries.defaulted(call, call.output)
        }
        shape.replace(defaults)
        let passed = join.left.outputColumns.map { Assignment($0, .column($0)) }
        let holds = BoundExpression.conjunction(shape.conditions)
        switch join.kind {
        case .scalar(let column):
            guard let value = shape.outputs.first?.expression else { return nil }
            return .project(plan, passed + [Assignment(column, Self.guarded(value, by: holds))])
        case .inner:
            if holds != .true { plan = .filter(plan, holds) }
            plan = .project(plan, passed + shape.outputs)
            return join.condition == .true ? plan : .filter(plan, join.condition)
        case .left:
            var map: [ColumnReference: BoundExpression] = [:]
            for output in shape.outputs { map[output.column] = output.expression }
            let matches = BoundExpression.conjunction([holds, join.condition.replacingColumns { map[$0] }])
            return .project(
                plan, passed + shape.outputs.map { Assignment($0.column, Self.guarded($0.expression, by: matches)) })
        case .exists, .inSet, .quantified: return nil
        }
    }

    private static func guarded(_ value: BoundExpression, by condition: BoundExpression) -> BoundExpression {
        if condition == .true { return value }
        return .caseWhen(
            branches: [CaseBranch(condition: condition, result: value)], otherwise: .null(value.type), type: value.type)
    }

    /// A global aggregate with what stands above it: its outputs and conditions in terms of the aggregate's columns.
    private struct Shape {
        var aggregate: Aggregate
        var outputs: [Assignment]
        var conditions: [BoundExpression]

        mutating func replace(_ map: [ColumnReference: BoundExpression]) {
            if map.isEmpty { return }
            outputs = outputs.map { Assignment($0.column, $0.expression.replacingColumns { map[$0] }) }
            conditions = conditions.map { $0.replacingColumns { map[$0] } }
        }
    }

    private static func shape(_ plan: LogicalPlan) -> Shape? {
        switch plan {
        case .aggregate(let node):
            guard node.keys.isEmpty, node.groupingSets == nil else { return nil }
            return Shape(
                aggregate: node, outputs: node.calls.map { Assignment($0.output, .column($0.output)) }, conditions: [])
        case .project(let input, let assignments):
            guard var inner = shape(input) else { return nil }
            var map: [ColumnReference: BoundExpression] = [:]
            for output in inner.outputs { map[output.column] = output.expression }
            inner.outputs = assignments.map { Assignment($0.column, $0.expression.replacingColumns { map[$0] }) }
            return inner
        case .filter(let input, let predicate):
            guard var inner = shape(input) else { return nil }
            var map: [ColumnReference: BoundExpression] = [:]
            for output in inner.outputs { map[output.column] = output.expression }
            inner.conditions += predicate.conjuncts.map { $0.replacingColumns { map[$0] } }
            return inner
        case .sort(let input, _), .enforceSingleRow(let input): return shape(input)
        case .limit(let input, let count, 0): return count == 0 ? nil : shape(input)
        case .topN(let input, _, let count, 0, _): return count == 0 ? nil : shape(input)
        default: return nil
        }
    }
}
