import Expressions

/// ```
/// Union[x]
///   Union[y]                 Union[x]
///     R               ==>      R
///     S                        S
///   T                          T
/// ```
struct FlattenUnions: NodeRule {
    func rewrite(_ node: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan? {
        guard case .union(let union) = node else { return nil }
        if union.inputs.count == 1 {
            return .project(
                union.inputs[0], zip(union.columns, union.inputColumns[0]).map { Assignment($0, .column($1)) })
        }
        var inputs: [LogicalPlan] = []
        var columns: [[ColumnReference]] = []
        var isChanged = false
        for (input, own) in zip(union.inputs, union.inputColumns) {
            guard case .union(let inner) = Self.behindProjection(input) else {
                inputs.append(input)
                columns.append(own)
                continue
            }
            isChanged = true
            var names: [ColumnReference: ColumnReference] = [:]
            if case .project(_, let assignments) = input {
                for assignment in assignments { names[assignment.column] = assignment.expression.asColumn }
            }
            let positions = own.map { inner.columns.firstIndex(of: names[$0] ?? $0) ?? 0 }
            for index in inner.inputs.indices {
                inputs.append(inner.inputs[index])
                columns.append(positions.map { inner.inputColumns[index][$0] })
            }
        }
        guard isChanged else { return nil }
        return .union(Union(inputs: inputs, columns: union.columns, inputColumns: columns))
    }

    /// Looks through a projection that only renames.
    private static func behindProjection(_ plan: LogicalPlan) -> LogicalPlan {
        if case .project(let input, let assignments) = plan, case .union = input,
            assignments.allSatisfy({ $0.expression.asColumn != nil })
        {
            return input
        }
        return plan
    }
}
