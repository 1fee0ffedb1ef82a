import Expressions

/// Conditions on group keys hold for all rows of a group or for none.
///
/// ```
/// Filter[k = 1 AND c > 2]           Filter[c > 2]
///   Aggregate[k; c]          ==>      Aggregate[k; c]
///     R                                 Filter[k = 1](R)
/// ```
struct PushFilterThroughAggregate: NodeRule {
    func rewrite(_ node: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan? {
        guard case .filter(.aggregate(var aggregate), let predicate) = node, !aggregate.keys.isEmpty else {
            return nil
        }
        var map: [ColumnReference: BoundExpression] = [:]
        for (index, output) in aggregate.keyOutputs.enumerated() {
            // A key outside a grouping set is NULL in its rows.
            if let sets = aggregate.groupingSets, !sets.allSatisfy({ $0.contains(index) }) { continue }
            map[output] = .column(aggregate.keys[index])
        }
        var below: [BoundExpression] = []
        var above: [BoundExpression] = []
        for conjunct in predicate.conjuncts {
            let columns = conjunct.columns
            let isPushable =
                !columns.isEmpty && columns.allSatisfy { map[$0] != nil } && conjunct.isDeterministic
                && conjunct.cannotRaise
            if isPushable {
                below.append(conjunct.replacingColumns { map[$0] })
            } else {
                above.append(conjunct)
            }
        }
        if below.isEmpty { return nil }
        aggregate.input = .filter(aggregate.input, .conjunction(below))
        return above.isEmpty ? .aggregate(aggregate) : .filter(.aggregate(aggregate), .conjunction(above))
    }
}
