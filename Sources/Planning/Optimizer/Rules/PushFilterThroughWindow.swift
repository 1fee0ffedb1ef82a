import Expressions

/// Conditions on partition keys drop whole partitions.
///
/// ```
/// Filter[k = 1 AND r < 3]              Filter[r < 3]
///   Window[PARTITION BY k; r]   ==>      Window[PARTITION BY k; r]
///     R                                    Filter[k = 1](R)
/// ```
struct PushFilterThroughWindow: NodeRule {
    func rewrite(_ node: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan? {
        guard case .filter(.window(var window), let predicate) = node else { return nil }
        let keys = Set(window.partitionBy)
        var below: [BoundExpression] = []
        var above: [BoundExpression] = []
        for conjunct in predicate.conjuncts {
            let columns = conjunct.columns
            if !columns.isEmpty, columns.isSubset(of: keys), conjunct.isDeterministic, conjunct.cannotRaise {
                below.append(conjunct)
            } else {
                above.append(conjunct)
            }
        }
        if below.isEmpty { return nil }
        window.input = .filter(window.input, .conjunction(below))
        return above.isEmpty ? .window(window) : .filter(.window(window), .conjunction(above))
    }
}
