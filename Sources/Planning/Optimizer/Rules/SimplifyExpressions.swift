import Expressions

/// Folds constants and simplifies every expression of the plan.
///
/// ```
/// Filter[d < DATE '1998-12-01' - INTERVAL '90' DAY AND TRUE]   ==>   Filter[d < DATE '1998-09-02']
/// ```
struct SimplifyExpressions: OptimizerRule {
    func apply(to plan: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan? {
        let simplifier = ExpressionSimplifier(folder: context.folder)
        return plan.rewrittenBottomUp { node in
            guard !node.expressions.isEmpty else { return nil }
            var isChanged = false
            let new = node.mappingExpressions { expression in
                let simple = simplifier.simplify(expression)
                if simple != expression { isChanged = true }
                return simple
            }
            return isChanged ? new : nil
        }
    }
}
