import Expressions

/// ```
/// Filter[x > 1]               Union[x]
///   Union[x]          ==>       Filter[a > 1](R)
///     R[a]                      Filter[b > 1](S)
///     S[b]
/// ```
struct PushFilterThroughUnion: NodeRule {
    func rewrite(_ node: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan? {
        guard case .filter(.union(var union), let predicate) = node else { return nil }
        for index in union.inputs.indices {
            let map = Dictionary(zip(union.columns, union.inputColumns[index]), uniquingKeysWith: { first, _ in first })
            union.inputs[index] = .filter(union.inputs[index], predicate.mappingColumns { map[$0] ?? $0 })
        }
        return .union(union)
    }
}
