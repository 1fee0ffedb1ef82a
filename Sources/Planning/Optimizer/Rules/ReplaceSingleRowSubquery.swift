import Expressions
import SQLTypes

/// EXISTS over a subquery that always gives one row is TRUE; IN over it is a comparison with its value.
///
/// ```
/// DependentJoin[c := x IN]             Project[.., c := x = v]
///   L                          ==>       DependentJoin[scalar v]
///   Aggregate[max(y)](R)                   L
///                                          Aggregate[max(y)](R)
/// ```
struct ReplaceSingleRowSubquery: NodeRule {
    func rewrite(_ node: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan? {
        guard case .dependentJoin(var join) = node, join.right.givesOneRow else { return nil }
        let passed = join.left.outputColumns.map { Assignment($0, .column($0)) }
        switch join.kind {
        case .exists(let column): return .project(join.left, passed + [Assignment(column, .true)])
        case .inSet(let column, let value, let member):
            guard join.right.outputColumns.first == member else { return nil }
            let scalar = context.fresh(member)
            join.kind = .scalar(scalar)
            return .project(
                .dependentJoin(join),
                passed + [Assignment(column, .comparison(.equal, .column(value), .column(scalar)))])
        case .inner, .left, .scalar, .quantified: return nil
        }
    }
}
