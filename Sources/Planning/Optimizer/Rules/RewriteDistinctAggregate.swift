import Expressions

/// Aggregates over the distinct values of one column become two plain ones.
///
/// ```
/// Aggregate[k; count(DISTINCT x)]          Aggregate[k; count(x)]
///   R                              ==>       Aggregate[k, x](R)
/// ```
/// Aggregates that do not care about duplicates (min, max ...) lose their DISTINCT.
struct RewriteDistinctAggregate: NodeRule {
    private static let ignoresDuplicates: Set<String> = [
        "min", "max", "bool_and", "bool_or", "every", "arbitrary", "any_value", "approx_distinct",
        "bitwise_and_agg", "bitwise_or_agg",
    ]

    func rewrite(_ node: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan? {
        guard case .aggregate(var aggregate) = node, aggregate.calls.contains(where: \.isDistinct) else { return nil }
        var isChanged = false
        for index in aggregate.calls.indices
        where aggregate.calls[index].isDistinct && Self.ignoresDuplicates.contains(aggregate.calls[index].function.name)
        {
            aggregate.calls[index].isDistinct = false
            isChanged = true
        }
        if isChanged { return .aggregate(aggregate) }
        guard aggregate.groupingSets == nil, let first = aggregate.calls.first, first.arguments.count == 1,
            case .column(let value) = first.arguments[0],
            aggregate.calls.allSatisfy({ call in
                call.arguments.count == 1 && call.arguments[0] == .column(value) && call.filter == nil
                    && call.orderBy.isEmpty
                    && (call.isDistinct || Self.ignoresDuplicates.contains(call.function.name))
            }), !aggregate.keys.contains(value)
        else { return nil }
        aggregate.input = .aggregate(Aggregate(input: aggregate.input, keys: aggregate.keys + [value], calls: []))
        for index in aggregate.calls.indices { aggregate.calls[index].isDistinct = false }
        return .aggregate(aggregate)
    }
}
