import Expressions

/// A sort below an operator that does not keep the order of its input is left out.
///
/// ```
/// Aggregate[k; count](Sort[x](R))   ==>   Aggregate[k; count](R)
/// ```
struct RemoveRedundantSort: OptimizerRule {
    func apply(to plan: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan? {
        var isChanged = false
        let result = Self.remove(plan, orderMatters: true, &isChanged)
        return isChanged ? result : nil
    }

    private static func remove(_ plan: LogicalPlan, orderMatters: Bool, _ isChanged: inout Bool) -> LogicalPlan {
        if case .sort(let input, _) = plan, !orderMatters || input.givesAtMostOneRow {
            isChanged = true
            return remove(input, orderMatters: orderMatters, &isChanged)
        }
        let inputs = plan.inputs
        if inputs.isEmpty { return plan }
        let passesOrder: (Int) -> Bool = { index in
            switch plan {
            case .filter, .project, .limit, .unnest, .enforceSingleRow, .assignUniqueID, .sample: orderMatters
            case .shared: index == 1 && orderMatters
            case .scan, .values, .aggregate, .join, .dependentJoin, .sort, .topN, .union, .window, .sharedScan,
                .recursive, .tableFunction:
                false
            }
        }
        // A limit takes the first rows: which those are is decided by the order below it.
        var isLimit = false
        if case .limit = plan { isLimit = true }
        return plan.withInputs(
            inputs.indices.map { remove(inputs[$0], orderMatters: isLimit || passesOrder($0), &isChanged) })
    }
}
