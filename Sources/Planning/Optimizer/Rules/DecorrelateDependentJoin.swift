import Expressions
import SQLTypes

/// Unnests a correlated subquery by lifting its correlated conditions into the join.
///
/// ```
/// DependentJoin[EXISTS m]               Join[MARK m, k = l.k]
///   L                            ==>      L
///   Filter[k = l.k AND y > 1](R)          Filter[y > 1](R)
/// ```
struct DecorrelateDependentJoin: NodeRule {
    func rewrite(_ node: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan? {
        guard case .dependentJoin(let join) = node, !join.right.containsDependentJoin else { return nil }
        if case .quantified = join.kind { return nil }
        let outer = join.right.freeColumns.intersection(join.left.outputColumns)
        if outer.isEmpty { return nil }
        var right = join.right
        // What a subquery returns does not matter to EXISTS.
        if case .exists = join.kind { right = Self.strippedForExistence(right) }
        if case .inSet = join.kind { right = Self.strippedForMembership(right) }
        if case .exists(let column) = join.kind, right.givesOneRow {
            return .project(
                join.left, join.left.outputColumns.map { Assignment($0, .column($0)) } + [Assignment(column, .true)])
        }
        let conditions = CorrelatedConditions(outer: outer, context: context)
        guard let pulled = try conditions.pull(right) else { return nil }
        // A projection may have hidden columns that the conditions read.
        let available = pulled.plan.outputSet.union(outer)
        guard
            pulled.conditions.allSatisfy({ condition in
                condition.columns.allSatisfy { available.contains($0) || !right.makesColumn($0) }
            })
        else { return nil }
        let result = try Subqueries.join(
            join, left: join.left, right: pulled.plan, conditions: pulled.conditions,
            equalKeys: conditions.keys(of: pulled), context)
        return result.narrowed(to: node, whenWiderThan: join)
    }

    /// Without what changes only columns, order or duplicates.
    private static func strippedForExistence(_ plan: LogicalPlan) -> LogicalPlan {
        switch plan {
        case .project(let input, _), .sort(let input, _): return strippedForExistence(input)
        case .limit(let input, let count, 0):
            if count == 0 { return plan }
            return strippedForExistence(input)
        case .topN(let input, _, let count, 0, _):
            if count == 0 { return plan }
            return strippedForExistence(input)
        case .aggregate(let node):
            if node.groupingSets == nil, !node.keys.isEmpty { return strippedForExistence(node.input) }
            return plan
        case .window(let node): return strippedForExistence(node.input)
        default: return plan
        }
    }

    private static func strippedForMembership(_ plan: LogicalPlan) -> LogicalPlan {
        switch plan {
        case .sort(let input, _): return strippedForMembership(input)
        case .aggregate(let node):
            if node.groupingSets == nil, !node.keys.isEmpty, node.calls.isEmpty, node.keys == node.keyOutputs {
                return strippedForMembership(node.input)
            }
            return plan
        default: return plan
        }
    }
}

extension LogicalPlan {
    var containsDependentJoin: Bool {
        if case .dependentJoin = self { return true }
        return inputs.contains(where: \.containsDependentJoin)
    }

    func makesColumn(_ column: ColumnReference) -> Bool {
        columnsMade.contains(column) || inputs.contains { $0.makesColumn(column) }
    }

    /// Lateral joins give exactly the columns of both sides: the columns that were lifted for conditions are cut off.
    func narrowed(to node: LogicalPlan, whenWiderThan join: DependentJoin) -> LogicalPlan {
        switch join.kind {
        case .inner, .left: withOutputs(node.outputColumns)
        case .scalar, .exists, .inSet, .quantified: self
        }
    }
}
