import Expressions

/// DISTINCT over rows that differ already is a projection, and a semi join's right side needs no DISTINCT.
///
/// ```
/// Aggregate[k, s](Aggregate[k; s := sum(x)](R))   ==>   Project[k, s](Aggregate[k; s := sum(x)](R))
/// ```
struct RemoveRedundantDistinct: NodeRule {
    func rewrite(_ node: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan? {
        switch node {
        case .aggregate(let aggregate):
            guard aggregate.calls.isEmpty, aggregate.groupingSets == nil, aggregate.groupID == nil,
                !aggregate.keys.isEmpty
            else { return nil }
            if aggregate.input.isUnique(on: Set(aggregate.keys)) {
                return .project(
                    aggregate.input, zip(aggregate.keyOutputs, aggregate.keys).map { Assignment($0, .column($1)) })
            }
            return nil
        case .join(var join):
            switch join.kind {
            case .semi, .anti, .mark: break
            case .inner, .left, .right, .full, .cross: return nil
            }
            guard case .aggregate(let aggregate) = join.right, aggregate.calls.isEmpty,
                aggregate.groupingSets == nil, aggregate.groupID == nil, !aggregate.keys.isEmpty
            else { return nil }
            join.right = .project(
                aggregate.input, zip(aggregate.keyOutputs, aggregate.keys).map { Assignment($0, .column($1)) })
            return .join(join)
        default: return nil
        }
    }
}
