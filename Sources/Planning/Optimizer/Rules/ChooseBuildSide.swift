import Expressions

/// Builds the hash table of a join over the side that is expected to be smaller.
///
/// ```
/// Join[INNER](Scan[region], Scan[nation])   ==>   Join[INNER, builds left](Scan[region], Scan[nation])
/// ```
struct ChooseBuildSide: OptimizerRule {
    /// Building the left side of a semi or left join costs more: matches must be remembered.
    static let reversedAdvantage = 0.5

    func apply(to plan: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan? {
        var chooser = Chooser(estimator: CardinalityEstimator(context))
        return try chooser.choose(plan)
    }

    private struct Chooser {
        var estimator: CardinalityEstimator

        mutating func choose(_ plan: LogicalPlan) throws -> LogicalPlan {
            if case .shared(let id, let definition, let body) = plan {
                let new = try choose(definition)
                estimator.shared[id] = (new.outputColumns, try estimator.estimate(new))
                return .shared(id: id, definition: new, body: try choose(body))
            }
            let inputs = plan.inputs
            if inputs.isEmpty { return plan }
            var new: [LogicalPlan] = []
            for input in inputs { new.append(try choose(input)) }
            let node = plan.withInputs(new)
            guard case .join(var join) = node else { return node }
            let left = try estimator.estimate(join.left)
            let right = try estimator.estimate(join.right)
            let leftSize = left.rowCount * left.rowWidth(of: join.left.outputColumns)
            let rightSize = right.rowCount * right.rowWidth(of: join.right.outputColumns)
            switch join.kind {
            case .inner, .cross: join.buildsLeft = leftSize < rightSize
            case .left, .semi, .anti, .mark:
                join.buildsLeft =
                    !join.isNullAware && !join.equalities.isEmpty
                    && leftSize < rightSize * ChooseBuildSide.reversedAdvantage
            case .right, .full: join.buildsLeft = nil
            }
            return .join(join)
        }
    }
}
