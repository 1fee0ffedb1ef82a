import Expressions
import SQLTypes

/// A plan without its correlated conditions, and those conditions: they now hold over the plan's output and the
/// outer columns.
struct PulledPlan {
    var plan: LogicalPlan
    var conditions: [BoundExpression]

    /// A correlated equality's inner side, a column of the plan.
    static func key(of condition: BoundExpression, outer: Set<ColumnReference>) -> ColumnReference? {
        guard case .comparison(let comparison, let left, let right) = condition,
            comparison == .equal || comparison == .isNotDistinctFrom
        else { return nil }
        if let column = left.asColumn, !outer.contains(column), right.columns.isSubset(of: outer),
            !right.columns.isEmpty
        {
            return column
        }
        if let column = right.asColumn, !outer.contains(column), left.columns.isSubset(of: outer),
            !left.columns.isEmpty
        {
            return column
        }
        return nil
    }
}

/// Lifts the conditions of a correlated subquery that read outer columns above it, as far as its operators allow.
///
/// ```
/// Aggregate[k2; sum(x)]                       conditions: k = l.k
///   Filter[k = l.k AND y > 1]          ==>    Aggregate[k, k2; sum(x)]
///     R                                         Filter[y > 1](R)
/// ```
/// Only equalities with an inner column pass aggregates, windows and limits: each value of that column is one group.
struct CorrelatedConditions {
    let outer: Set<ColumnReference>
    let context: OptimizerContext

    /// nil when the correlation cannot be lifted.
    func pull(_ plan: LogicalPlan) throws -> PulledPlan? {
        if plan.freeColumns.isDisjoint(with: outer) { return PulledPlan(plan: plan, conditions: []) }
        switch plan {
        case .filter(let input, let predicate):
            guard var inner = try pull(input) else { return nil }
            var kept: [BoundExpression] = []
            var computed: [Assignment] = []
            for conjunct in predicate.conjuncts {
                if conjunct.columns.isDisjoint(with: outer) {
                    kept.append(conjunct)
                } else {
                    guard conjunct.isDeterministic else { return nil }
                    inner.conditions.append(normalized(conjunct, &computed))
                }
            }
            if !kept.isEmpty { inner.plan = .filter(inner.plan, .conjunction(kept)) }
            if !computed.isEmpty {
                inner.plan = .project(
                    inner.plan, inner.plan.outputColumns.map { Assignment($0, .column($0)) } + computed)
            }
            return inner
        case .project(let input, var assignments):
            guard assignments.allSatisfy({ $0.expression.columns.isDisjoint(with: outer) }),
                let inner = try pull(input)
            else { return nil }
            let present = Set(assignments.map(\.column))
            for column in needed(inner) where !present.contains(column) {
                assignments.append(Assignment(column, .column(column)))
            }
            return PulledPlan(plan: .project(inner.plan, assignments), conditions: inner.conditions)
        case .aggregate(var node):
            // Without keys there is a row even for no input: see DecorrelateScalarAggregate.
            guard node.groupingSets == nil, !node.keys.isEmpty, let inner = try pull(node.input),
                let keys = keys(of: inner)
            else { return nil }
            node.input = inner.plan
            for key in keys where !node.keys.contains(key) {
                node.keys.append(key)
                node.keyOutputs.append(key)
            }
            return PulledPlan(plan: .aggregate(node), conditions: inner.conditions)
        case .join(var node):
            switch node.kind {
            case .inner, .cross:
                guard let left = try pull(node.left), let right = try pull(node.right) else { return nil }
                var conditions = left.conditions + right.conditions
                var kept: [BoundExpression] = []
                for conjunct in node.residual.conjuncts {
                    if conjunct.columns.isDisjoint(with: outer) {
                        kept.append(conjunct)
                    } else {
                        guard conjunct.isDeterministic else { return nil }
                        conditions.append(conjunct)
                    }
                }
                node.left = left.plan
                node.right = right.plan
                node.residual = .conjunction(kept)
                return PulledPlan(plan: .join(node), conditions: conditions)
            case .left, .semi, .anti, .mark:
                guard node.right.freeColumns.isDisjoint(with: outer), node.residual.columns.isDisjoint(with: outer),
                    let left = try pull(node.left)
                else { return nil }
                node.left = left.plan
                return PulledPlan(plan: .join(node), conditions: left.conditions)
            case .right, .full: return nil
            }
        case .sort(let input, _): return try pull(input)
        case .topN(let input, let sortKeys, let count, let offset, let withTies):
            guard let inner = try pull(input), let keys = keys(of: inner) else { return nil }
            return try ranked(
                inner, keys, orderBy: sortKeys, count: count, offset: offset, function: withTies ? "rank" : "row_number"
            )
        case .limit(let input, let count, let offset):
            var source = input
            var sortKeys: [SortKey] = []
            if case .sort(let inner, let keys) = input { (source, sortKeys) = (inner, keys) }
            guard let inner = try pull(source), let keys = keys(of: inner) else { return nil }
            return try ranked(inner, keys, orderBy: sortKeys, count: count, offset: offset, function: "row_number")
        case .window(var node):
            guard let inner = try pull(node.input), let keys = keys(of: inner) else { return nil }
            node.input = inner.plan
            for key in keys where !node.partitionBy.contains(key) { node.partitionBy.append(key) }
            return PulledPlan(plan: .window(node), conditions: inner.conditions)
        case .unnest(var node):
            guard let inner = try pull(node.input) else { return nil }
            node.input = inner.plan
            for column in needed(inner) where !node.passThrough.contains(column) { node.passThrough.append(column) }
            return PulledPlan(plan: .unnest(node), conditions: inner.conditions)
        case .assignUniqueID(let input, let column):
            guard let inner = try pull(input) else { return nil }
            return PulledPlan(plan: .assignUniqueID(inner.plan, column), conditions: inner.conditions)
        case .shared(let id, let definition, let body):
            guard definition.freeColumns.isDisjoint(with: outer), let inner = try pull(body) else { return nil }
            return PulledPlan(
                plan: .shared(id: id, definition: definition, body: inner.plan), conditions: inner.conditions)
        case .scan, .values, .dependentJoin, .union, .enforceSingleRow, .sample, .sharedScan, .recursive,
            .tableFunction:
            return nil
        }
    }

    /// Columns of the plan that its conditions read.
    private func needed(_ pulled: PulledPlan) -> [ColumnReference] {
        let read = pulled.conditions.reduce(into: Set<ColumnReference>()) { $0.formUnion($1.columns) }
        return pulled.plan.outputColumns.filter { read.contains($0) }
    }

    /// The inner columns of the conditions, when all are equalities.
    func keys(of pulled: PulledPlan) -> [ColumnReference]? {
        var keys: [ColumnReference] = []
        for condition in pulled.conditions {
            guard let key = PulledPlan.key(of: condition, outer: outer) else { return nil }
            if !keys.contains(key) { keys.append(key) }
        }
        return keys
    }

    /// `f(inner) = g(outer)` with f computed into a column, so that it can become a group key.
    private func normalized(_ conjunct: BoundExpression, _ computed: inout [Assignment]) -> BoundExpression {
        guard case .comparison(let comparison, let left, let right) = conjunct,
            comparison == .equal || comparison == .isNotDistinctFrom
        else { return conjunct }
        func column(_ side: BoundExpression) -> BoundExpression {
            if side.asColumn != nil || !side.cannotRaise { return side }
            let column = context.columns.make("key", side.type)
            computed.append(Assignment(column, side))
            return .column(column)
        }
        if right.columns.isSubset(of: outer), left.columns.isDisjoint(with: outer), !left.columns.isEmpty {
            return .comparison(comparison, column(left), right)
        }
        if left.columns.isSubset(of: outer), right.columns.isDisjoint(with: outer), !right.columns.isEmpty {
            return .comparison(comparison, left, column(right))
        }
        return conjunct
    }

    private func ranked(
        _ inner: PulledPlan, _ keys: [ColumnReference], orderBy: [SortKey], count: Int?, offset: Int, function: String
    ) throws -> PulledPlan? {
        let rank = try context.ranking(function)
        let window = LogicalPlan.window(Window(input: inner.plan, partitionBy: keys, orderBy: orderBy, calls: [rank]))
        let filter = Subqueries.rankFilter(rank.output, count: count, offset: offset)
        let limited = filter == .true ? window : .filter(window, filter)
        return PulledPlan(plan: limited.withOutputs(inner.plan.outputColumns), conditions: inner.conditions)
    }
}
