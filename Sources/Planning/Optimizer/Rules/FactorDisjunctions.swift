import Expressions

/// Takes conjuncts that all terms of an OR share out of it.
///
/// ```
/// Filter[(k = l AND a = 1) OR (k = l AND a = 2)]   ==>   Filter[k = l AND (a = 1 OR a = 2)]
/// ```
struct FactorDisjunctions: NodeRule {
    func rewrite(_ node: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan? {
        switch node {
        case .filter, .join: break
        default: return nil
        }
        var isChanged = false
        let new = node.mappingExpressions { predicate in
            .conjunction(
                predicate.conjuncts.map { conjunct in
                    guard let factored = Self.factored(conjunct) else { return conjunct }
                    isChanged = true
                    return factored
                })
        }
        return isChanged ? new : nil
    }

    private static func factored(_ condition: BoundExpression) -> BoundExpression? {
        guard case .or = condition else { return nil }
        let terms = condition.disjuncts.map(\.conjuncts)
        guard terms.count > 1, let first = terms.first else { return nil }
        // The shared part is evaluated first afterwards: it must not raise where another conjunct came before.
        let others = terms.dropFirst().map(Set.init)
        let shared = first.filter { part in
            part.isDeterministic && part.cannotRaise && others.allSatisfy { $0.contains(part) }
        }
        if shared.isEmpty { return nil }
        let sharedSet = Set(shared)
        let rest = terms.map { term in BoundExpression.conjunction(term.filter { !sharedSet.contains($0) }) }
        // One term has nothing else: the OR holds whenever the shared part does.
        if rest.contains(.true) { return .conjunction(shared) }
        return .conjunction(shared + [.disjunction(rest)])
    }
}
