import Expressions

/// ```
/// Filter[p](Filter[q](R))   ==>   Filter[q AND p](R)
/// ```
struct MergeFilters: NodeRule {
    func rewrite(_ node: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan? {
        guard case .filter(.filter(let input, let inner), let outer) = node else { return nil }
        var terms = inner.conjuncts
        for conjunct in outer.conjuncts where !(conjunct.isDeterministic && terms.contains(conjunct)) {
            terms.append(conjunct)
        }
        return .filter(input, .conjunction(terms))
    }
}
