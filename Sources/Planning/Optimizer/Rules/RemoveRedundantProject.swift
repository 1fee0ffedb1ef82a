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
        // In the same order too: some inputs are read by position.
        return input.outputColumns == assignments.map(\.column) ? input : nil
    }
}
