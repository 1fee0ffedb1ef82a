import Expressions
import SQLTypes

/// Sums of a small integer column plus constants share one sum and one count.
///
/// ```
/// Aggregate[sum(x), sum(x + 1), sum(x + 2)]  ==>  Project[s, s + 1 * c, s + 2 * c]
///                                                   Aggregate[s := sum(x), c := count(x)]
/// ```
/// For integers of 32 bits at most: their sums and counts cannot overflow a BIGINT.
struct RewriteSumOfOffset: NodeRule {
    func rewrite(_ node: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan? {
        guard case .aggregate(var aggregate) = node, aggregate.groupingSets == nil,
            case .project(let input, var assignments) = aggregate.input
        else { return nil }
        var definitions: [ColumnReference: BoundExpression] = [:]
        for assignment in assignments { definitions[assignment.column] = assignment.expression }
        struct Offset {
            var base: BoundExpression
            var constant: Int64
            var isSubtracted: Bool
        }
        var offsets: [Int: Offset] = [:]
        for (index, call) in aggregate.calls.enumerated() {
            guard call.function.name == "sum", !call.isDistinct, call.filter == nil, call.arguments.count == 1,
                case .column(let argument) = call.arguments[0], call.output.type == .bigint,
                case .call(let sum)? = definitions[argument], sum.arguments.count == 2,
                sum.function.name == "$add" || sum.function.name == "$subtract",
                Self.isSmall(sum.arguments[0].type) || Self.isWidened(sum.arguments[0]),
                case .constant(.int(let constant), _) = sum.arguments[1], Int32(exactly: constant) != nil,
                !sum.arguments[0].columns.isEmpty, sum.arguments[0].isDeterministic
            else { continue }
            offsets[index] = Offset(
                base: sum.arguments[0], constant: constant, isSubtracted: sum.function.name == "$subtract")
        }
        // One such sum alone is as cheap as it is.
        if offsets.count < 2 { return nil }
        var bases: [BoundExpression: (sum: ColumnReference, count: ColumnReference)] = [:]
        var calls: [AggregateCall] = []
        var results: [Assignment] = []
        for (index, call) in aggregate.calls.enumerated() {
            guard let offset = offsets[index] else {
                calls.append(call)
                results.append(Assignment(call.output, .column(call.output)))
                continue
            }
            if bases[offset.base] == nil {
                let column: ColumnReference
                if let known = assignments.first(where: { $0.expression == offset.base }) {
                    column = known.column
                } else {
                    column = context.columns.make("base", offset.base.type)
                    assignments.append(Assignment(column, offset.base))
                }
                let sum = try context.aggregate("sum", [column])
                let count = try context.aggregate("count", [column])
                calls += [sum, count]
                bases[offset.base] = (sum.output, count.output)
            }
            guard let base = bases[offset.base] else { return nil }
            let shift = try context.call(
                "$multiply", [.constant(.int(offset.constant), .bigint), .column(base.count)])
            let total = try context.call(offset.isSubtracted ? "$subtract" : "$add", [.column(base.sum), shift])
            guard total.type == call.output.type else { return nil }
            results.append(Assignment(call.output, total))
        }
        aggregate.calls = calls
        aggregate.input = .project(input, assignments)
        let keys = aggregate.keyOutputs.map { Assignment($0, .column($0)) }
        return .project(.aggregate(aggregate), keys + results)
    }

    private static func isSmall(_ type: DataType) -> Bool {
        switch type {
        case .tinyint, .smallint, .integer: true
        default: false
        }
    }

    private static func isWidened(_ expression: BoundExpression) -> Bool {
        if case .cast(let inner, .bigint, _) = expression { return isSmall(inner.type) }
        return false
    }
}
