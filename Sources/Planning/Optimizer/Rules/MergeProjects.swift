import Expressions

/// ```
/// Project[y := x + 1]                Project[y := a * 2 + 1]
///   Project[x := a * 2]      ==>       R
///     R
/// ```
/// Not when a computed column would be computed more than once, nor below functions like random().
struct MergeProjects: NodeRule {
    func rewrite(_ node: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan? {
        guard case .project(.project(let input, let inner), let outer) = node else { return nil }
        var map: [ColumnReference: BoundExpression] = [:]
        for assignment in inner { map[assignment.column] = assignment.expression }
        var uses: [ColumnReference: Int] = [:]
        for assignment in outer {
            assignment.expression.forEachNode { part in
                if case .column(let column) = part { uses[column, default: 0] += 1 }
            }
            // A lambda's body runs once per element, and TRY catches the errors of what it is given.
            var isDelicate = false
            assignment.expression.forEachNode { part in
                switch part {
                case .lambda, .tryExpression: isDelicate = true
                default: break
                }
            }
            if isDelicate { for column in assignment.expression.columns { uses[column, default: 0] += 1 } }
        }
        for (column, count) in uses {
            guard let expression = map[column] else { continue }
            switch expression {
            case .column, .constant: continue
            default:
                if count > 1 || !expression.isDeterministic { return nil }
            }
        }
        // Errors and effects of columns that are no longer used are gone, which is allowed.
        return .project(input, outer.map { Assignment($0.column, $0.expression.replacingColumns { map[$0] }) })
    }
}
