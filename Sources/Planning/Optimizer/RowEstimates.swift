/// Estimates for people: the rows that EXPLAIN shows beside each node.
public struct RowEstimates {
    private var estimator: CardinalityEstimator

    public init(_ statistics: any StatisticsProvider) { estimator = CardinalityEstimator(statistics) }

    /// Expected rows of a node; nil when statistics cannot be read. Nodes of a shared definition are asked first.
    public mutating func rows(_ plan: LogicalPlan) -> Int? {
        guard let estimate = try? estimator.estimate(plan), estimate.rowCount.isFinite else { return nil }
        return Int(min(estimate.rowCount, 1e18))
    }
}
