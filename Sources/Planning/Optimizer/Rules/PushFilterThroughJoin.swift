import Expressions
import SQLTypes

/// Moves the conditions above a join, and its own, to the lowest place where their columns are known.
///
/// ```
/// Filter[a.x = 1 AND b.y = 2 AND a.k = b.k]        Join[INNER, k = k]
///   Join[CROSS]                              ==>     Filter[x = 1](A)
///     A                                              Filter[y = 2](B)
///     B
/// ```
/// Which conditions may pass depends on the join: those on a side that is kept whole (the left of a LEFT join) go
/// down from above the join, those on the other side go down from its ON clause.
///
/// A condition that may raise stays where it is, as rows that the join would have dropped must not raise. A copy in
/// TRY goes down in its place and drops the rows for which it is false.
struct PushFilterThroughJoin: NodeRule {
    func rewrite(_ node: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan? {
        switch node {
        case .filter(.join(let join), let predicate): return pushed(predicate.conjuncts, through: join)
        case .join(let join): return lowered(join)
        default: return nil
        }
    }

    private struct Sides {
        var left: [BoundExpression] = []
        var right: [BoundExpression] = []
        var here: [BoundExpression] = []
        /// Conditions went down (as themselves or guarded).
        var isChanged = false
    }

    // MARK: Conditions above the join

    private func pushed(_ conjuncts: [BoundExpression], through join: Join) -> LogicalPlan? {
        var node = join
        switch join.kind {
        case .inner, .cross:
            // Everything becomes the join's condition; `lowered` takes it on from there.
            node.kind = .inner
            var terms = join.residual.conjuncts
            guard conjuncts.allSatisfy(\.isDeterministic) else {
                let movable = conjuncts.filter(\.isDeterministic)
                if movable.isEmpty { return nil }
                node.residual = .conjunction(terms + movable)
                return .filter(.join(node), .conjunction(conjuncts.filter { !$0.isDeterministic }))
            }
            for conjunct in conjuncts where !terms.contains(conjunct) { terms.append(conjunct) }
            node.residual = .conjunction(terms)
            return .join(node)
        case .left, .semi, .anti, .mark:
            let sides = split(conjuncts, left: join.left, right: nil)
            guard sides.isChanged else { return nil }
            node.left = filtered(join.left, sides.left)
            return filtered(.join(node), sides.here)
        case .right:
            let sides = split(conjuncts, left: nil, right: join.right)
            guard sides.isChanged else { return nil }
            node.right = filtered(join.right, sides.right)
            return filtered(.join(node), sides.here)
        case .full: return nil
        }
    }

    // MARK: The join's own conditions

    private func lowered(_ join: Join) -> LogicalPlan? {
        if join.residual == .true { return nil }
        var node = join
        let sides: Sides
        switch join.kind {
        case .inner, .cross, .semi: sides = split(join.residual.conjuncts, left: join.left, right: join.right)
        case .left, .anti, .mark: sides = split(join.residual.conjuncts, left: nil, right: join.right)
        case .right: sides = split(join.residual.conjuncts, left: join.left, right: nil)
        case .full: return nil
        }
        guard sides.isChanged else { return nil }
        node.left = filtered(join.left, sides.left)
        node.right = filtered(join.right, sides.right)
        node.residual = .conjunction(sides.here)
        if node.kind == .cross, node.residual != .true { node.kind = .inner }
        return .join(node)
    }

    private func filtered(_ plan: LogicalPlan, _ conjuncts: [BoundExpression]) -> LogicalPlan {
        conjuncts.isEmpty ? plan : .filter(plan, .conjunction(conjuncts))
    }

    /// Sorts conditions by the side that has all their columns; a nil side takes none.
    private func split(_ conjuncts: [BoundExpression], left: LogicalPlan?, right: LogicalPlan?) -> Sides {
        let leftColumns = left?.outputSet ?? []
        let rightColumns = right?.outputSet ?? []
        var sides = Sides()
        for conjunct in conjuncts {
            let columns = conjunct.columns
            guard conjunct.isDeterministic, !columns.isEmpty else {
                sides.here.append(conjunct)
                continue
            }
            let isLeft = left != nil && columns.isSubset(of: leftColumns)
            let isRight = !isLeft && right != nil && columns.isSubset(of: rightColumns)
            guard isLeft || isRight else {
                sides.here.append(conjunct)
                continue
            }
            if conjunct.cannotRaise {
                if isLeft { sides.left.append(conjunct) } else { sides.right.append(conjunct) }
                sides.isChanged = true
                continue
            }
            sides.here.append(conjunct)
            // NULL of TRY means an error or NULL: let the row through to the condition itself.
            let guarded = BoundExpression.comparison(.isDistinctFrom, .tryExpression(conjunct), .false)
            guard let side = isLeft ? left : right, !side.knows(guarded) else { continue }
            if isLeft { sides.left.append(guarded) } else { sides.right.append(guarded) }
            sides.isChanged = true
        }
        return sides
    }
}

extension LogicalPlan {
    /// Conditions that every row of the plan meets, over its output columns.
    var knownConditions: Set<BoundExpression> {
        switch self {
        case .scan(let scan): return Set(scan.filter)
        case .filter(let input, let predicate): return input.knownConditions.union(predicate.conjuncts)
        case .project(let input, let assignments):
            var map: [ColumnReference: ColumnReference] = [:]
            for assignment in assignments {
                guard let source = assignment.expression.asColumn else { continue }
                map[source] = assignment.column
            }
            var known: Set<BoundExpression> = []
            for condition in input.knownConditions where condition.columns.allSatisfy({ map[$0] != nil }) {
                known.insert(condition.mappingColumns { map[$0] ?? $0 })
            }
            return known
        case .aggregate(let node):
            guard node.groupingSets == nil else { return [] }
            let keys = Set(node.keys)
            return node.input.knownConditions.filter { $0.columns.isSubset(of: keys) }
        case .join(let join):
            switch join.kind {
            case .inner, .cross:
                return join.left.knownConditions.union(join.right.knownConditions).union(join.residual.conjuncts)
            case .left, .semi, .anti, .mark: return join.left.knownConditions
            case .right: return join.right.knownConditions
            case .full: return []
            }
        case .sort(let input, _), .topN(let input, _, _, _, _), .limit(let input, _, _), .sample(let input, _),
            .assignUniqueID(let input, _):
            return input.knownConditions
        case .window(let node): return node.input.knownConditions
        case .unnest(let node):
            let passed = Set(node.passThrough)
            return node.input.knownConditions.filter { $0.columns.isSubset(of: passed) }
        case .shared(_, _, let body): return body.knownConditions
        case .values, .dependentJoin, .union, .enforceSingleRow, .sharedScan, .recursive, .tableFunction: return []
        }
    }
}

extension LogicalPlan {
    /// Whether the condition, over output columns, is among the conditions that rows are known to meet, followed down
    /// to where it was pushed.
    func knows(_ condition: BoundExpression) -> Bool {
        switch self {
        case .scan(let scan): return scan.filter.contains(condition)
        case .filter(let input, let predicate): return predicate.conjuncts.contains(condition) || input.knows(condition)
        case .project(let input, let assignments):
            var map: [ColumnReference: BoundExpression] = [:]
            for assignment in assignments { map[assignment.column] = assignment.expression }
            return input.knows(condition.replacingColumns { map[$0] })
        case .aggregate(let node):
            let keys = Set(node.keys)
            return node.groupingSets == nil && condition.columns.isSubset(of: keys) && node.input.knows(condition)
        case .join(let join):
            switch join.kind {
            case .inner, .cross:
                if join.residual.conjuncts.contains(condition) { return true }
                let columns = condition.columns
                if columns.isSubset(of: join.left.outputSet) { return join.left.knows(condition) }
                return columns.isSubset(of: join.right.outputSet) && join.right.knows(condition)
            case .left, .semi, .anti, .mark:
                return condition.columns.isSubset(of: join.left.outputSet) && join.left.knows(condition)
            case .right: return condition.columns.isSubset(of: join.right.outputSet) && join.right.knows(condition)
            case .full: return false
            }
        case .union(let union):
            return zip(union.inputs, union.inputColumns).allSatisfy { input, columns in
                let map = Dictionary(zip(union.columns, columns), uniquingKeysWith: { first, _ in first })
                return input.knows(condition.mappingColumns { map[$0] ?? $0 })
            }
        case .sort(let input, _), .topN(let input, _, _, _, _), .limit(let input, _, _), .sample(let input, _),
            .assignUniqueID(let input, _):
            return input.knows(condition)
        case .window(let node): return node.input.knows(condition)
        case .unnest(let node): return condition.columns.isSubset(of: node.passThrough) && node.input.knows(condition)
        case .shared(_, _, let body): return body.knows(condition)
        case .values(_, let rows): return rows.isEmpty
        case .dependentJoin, .enforceSingleRow, .sharedScan, .recursive, .tableFunction: return false
        }
    }
}
