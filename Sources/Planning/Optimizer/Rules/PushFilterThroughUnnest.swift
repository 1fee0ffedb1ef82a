import Expressions

/// Conditions on columns that UNNEST passes on run before it.
///
/// ```
/// Filter[k = 1 AND e > 2]          Filter[e > 2]
///   Unnest[e := a; pass k]   ==>     Unnest[e := a; pass k]
///     R                                Filter[k = 1](R)
/// ```
struct PushFilterThroughUnnest: NodeRule {
    func rewrite(_ node: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan? {
        guard case .filter(.unnest(var unnest), let predicate) = node else { return nil }
        let passed = Set(unnest.passThrough)
        var below: [BoundExpression] = []
        var above: [BoundExpression] = []
        for conjunct in predicate.conjuncts {
            let columns = conjunct.columns
            if !columns.isEmpty, columns.isSubset(of: passed), conjunct.isDeterministic, conjunct.cannotRaise {
                below.append(conjunct)
            } else {
                above.append(conjunct)
            }
        }
        if below.isEmpty { return nil }
        unnest.input = .filter(unnest.input, .conjunction(below))
        return above.isEmpty ? .unnest(unnest) : .filter(.unnest(unnest), .conjunction(above))
    }
}
