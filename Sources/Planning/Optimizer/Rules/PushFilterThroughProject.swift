import Expressions

/// ```
/// Filter[x > 1]                     Project[x := a + b]
///   Project[x := a + b]      ==>      Filter[a + b > 1]
///     R                                 R
/// ```
/// Conditions over columns that are computed with functions like random() stay above.
struct PushFilterThroughProject: NodeRule {
    func rewrite(_ node: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan? {
        guard case .filter(.project(let input, let assignments), let predicate) = node else { return nil }
        var map: [ColumnReference: BoundExpression] = [:]
        for assignment in assignments { map[assignment.column] = assignment.expression }
        var below: [BoundExpression] = []
        var above: [BoundExpression] = []
        for conjunct in predicate.conjuncts {
            if conjunct.columns.allSatisfy({ map[$0]?.isDeterministic ?? true }) {
                below.append(conjunct.replacingColumns { map[$0] })
            } else {
                above.append(conjunct)
            }
        }
        if below.isEmpty { return nil }
        let project = LogicalPlan.project(.filter(input, .conjunction(below)), assignments)
        return above.isEmpty ? project : .filter(project, .conjunction(above))
    }
}
