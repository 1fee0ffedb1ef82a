import Expressions

/// Group keys that are computed from other group keys, or are constants, are computed after grouping.
///
/// ```
/// Aggregate[x, y; count]                 Project[x, y := x - 1, count]
///   Project[x, y := x - 1]       ==>       Aggregate[x; count]
///     R                                      Project[x](R)
/// ```
struct RemoveDependentGroupKeys: NodeRule {
    func rewrite(_ node: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan? {
        guard case .aggregate(var aggregate) = node, aggregate.groupingSets == nil, aggregate.keys.count > 1,
            aggregate.keys == aggregate.keyOutputs, case .project(let input, let assignments) = aggregate.input
        else { return nil }
        var definitions: [ColumnReference: BoundExpression] = [:]
        for assignment in assignments { definitions[assignment.column] = assignment.expression }
        // Keys that are plain columns of the input, by the column they show.
        var shown: [ColumnReference: ColumnReference] = [:]
        for key in aggregate.keys {
            if let source = definitions[key]?.asColumn, shown[source] == nil { shown[source] = key }
        }
        var kept: [ColumnReference] = []
        var dependent: [Assignment] = []
        for key in aggregate.keys {
            guard let expression = definitions[key], expression.isDeterministic else {
                kept.append(key)
                continue
            }
            let columns = expression.columns
            let isFirstShow = expression.asColumn.map { shown[$0] == key } ?? false
            // Values that compare equal may still differ (-0.0 and 0.0, text of zones): a function of them may too.
            let isExact = columns.allSatisfy { column in
                switch column.type {
                case .real, .double, .timestampWithTimeZone, .timeWithTimeZone: expression.asColumn != nil
                default: true
                }
            }
            if isFirstShow || !isExact || !columns.allSatisfy({ shown[$0] != nil }) {
                kept.append(key)
            } else {
                dependent.append(Assignment(key, expression.mappingColumns { shown[$0] ?? $0 }))
            }
        }
        if dependent.isEmpty || kept.isEmpty && !aggregate.keys.isEmpty && dependent.count == aggregate.keys.count {
            // All keys constant: one must stay, for no rows give no group.
            guard dependent.count == aggregate.keys.count, dependent.count > 1, let first = aggregate.keys.first
            else { return nil }
            kept = [first]
            dependent.removeAll { $0.column == first }
        }
        aggregate.keys = kept
        aggregate.keyOutputs = kept
        aggregate.input = .project(input, assignments)
        let outputs = LogicalPlan.aggregate(aggregate).outputColumns.map { Assignment($0, .column($0)) }
        return .project(.aggregate(aggregate), outputs + dependent)
    }
}
