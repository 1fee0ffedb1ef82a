import Expressions

/// ```
/// Limit[5](Limit[10](R))      ==>   Limit[5](R)
/// Limit[5](Sort[k](R))        ==>   TopN[5, k](R)
/// Limit[5](TopN[10, k](R))    ==>   TopN[5, k](R)
/// ```
struct MergeLimits: NodeRule {
    func rewrite(_ node: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan? {
        guard case .limit(let input, let count, let offset) = node else { return nil }
        if count == nil, offset == 0 { return input }
        switch input {
        case .limit(let inner, let innerCount, let innerOffset):
            let (start, isTooLarge) = innerOffset.addingReportingOverflow(offset)
            if isTooLarge { return nil }
            let rest = innerCount.map { max(0, $0 - offset) }
            let merged: Int? =
                switch (count, rest) {
                case (let a?, let b?): min(a, b)
                case (let a?, nil): a
                case (nil, let b): b
                }
            return .limit(inner, count: merged, offset: start)
        case .sort(let inner, let keys):
            guard let count else { return nil }
            return .topN(inner, keys, count: count, offset: offset, withTies: false)
        case .topN(let inner, let keys, let innerCount, let innerOffset, false):
            let (start, isTooLarge) = innerOffset.addingReportingOverflow(offset)
            if isTooLarge { return nil }
            let rest = max(0, innerCount - offset)
            return .topN(inner, keys, count: count.map { min($0, rest) } ?? rest, offset: start, withTies: false)
        default:
            // At most one row is left as it is by any limit of one and more.
            if let count, count > 0, offset == 0, input.givesAtMostOneRow { return input }
            return nil
        }
    }
}
