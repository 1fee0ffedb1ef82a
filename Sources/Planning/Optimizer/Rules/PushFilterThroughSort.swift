import Expressions

/// Sorting, numbering and naming rows work on fewer rows after a filter.
///
/// ```
/// Filter[p](Sort[k](R))   ==>   Sort[k](Filter[p](R))
/// ```
struct PushFilterThroughSort: NodeRule {
    func rewrite(_ node: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan? {
        guard case .filter(let input, let predicate) = node else { return nil }
        switch input {
        case .sort(let inner, let keys): return .sort(.filter(inner, predicate), keys)
        case .assignUniqueID(let inner, let column):
            guard predicate.columns.isDisjoint(with: [column]), predicate.isDeterministic else { return nil }
            return .assignUniqueID(.filter(inner, predicate), column)
        case .shared(let id, let definition, let body):
            return .shared(id: id, definition: definition, body: .filter(body, predicate))
        default: return nil
        }
    }
}
