import Expressions

/// A projection that passes on all columns of its input does nothing.
///
/// ```
/// Project[a, b](R[a, b])   ==>   R
/// ```
struct RemoveRedundantProject: NodeRule {
    func rewrite(_ node: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan? {
        guard case .project(let input, let assignments) = node,
            assignments.allSatisfy({ $0.expression.asColumn == $0.column })
        else { return nil }
        let columns = input.outputColumns
        guard columns.count == assignments.count, Set(columns) == Set(assignments.map(\.column)) else { return nil }
        return input
    }
}
