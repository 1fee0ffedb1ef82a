import Expressions
import Functions
import SQLTypes

/// How the pieces of an unnested subquery are put together again, shared by the unnesting rules.
enum Subqueries {
    /// Joins `left` with an unnested right side so that the result has the columns of the dependent join.
    ///
    /// `conditions` say which right rows belong to a left row. `equalKeys` are columns of `right` that are equal for
    /// all right rows of one left row, when the conditions are equalities only (nil otherwise).
    static func join(
        _ node: DependentJoin, left: LogicalPlan, right: LogicalPlan, conditions: [BoundExpression],
        equalKeys: [ColumnReference]?, _ context: OptimizerContext
    ) throws -> LogicalPlan {
        let condition = BoundExpression.conjunction(conditions + node.condition.conjuncts)
        switch node.kind {
        case .inner:
            return .join(Join(kind: .inner, left: left, right: right, residual: condition))
        case .left:
            return .join(Join(kind: .left, left: left, right: right, residual: condition))
        case .exists(let column):
            return .join(Join(kind: .mark, left: left, right: right, residual: condition, markColumn: column))
        case .inSet(let column, let value, let member):
            return .join(
                Join(
                    kind: .mark, left: left, right: right, equalities: [Join.Equality(value, member)],
                    residual: condition, markColumn: column, isNullAware: true))
        case .scalar(let column):
            return try scalar(
                column, node, left: left, right: right, condition: condition, equalKeys: equalKeys, context)
        case .quantified:
            throw QueryError(.genericInternalError, "A quantified comparison was not rewritten before unnesting")
        }
    }

    private static func scalar(
        _ column: ColumnReference, _ node: DependentJoin, left: LogicalPlan, right: LogicalPlan,
        condition: BoundExpression, equalKeys: [ColumnReference]?, _ context: OptimizerContext
    ) throws -> LogicalPlan {
        guard let value = node.right.outputColumns.first else {
            throw QueryError(.genericInternalError, "A scalar subquery has no column")
        }
        let passed = left.outputColumns.map { Assignment($0, .column($0)) }
        if node.right.givesAtMostOneRow {
            let join = LogicalPlan.join(Join(kind: .left, left: left, right: right, residual: condition))
            return .project(join, passed + [Assignment(column, .column(value))])
        }
        // A second row for one left row is an error: number the rows and look at the numbers that matched.
        let number = try context.ranking("row_number")
        let numbered: LogicalPlan
        if let equalKeys {
            let window = LogicalPlan.window(Window(input: right, partitionBy: equalKeys, orderBy: [], calls: [number]))
            numbered = .join(Join(kind: .left, left: left, right: window, residual: condition))
        } else {
            let row = context.columns.make("unique", .bigint)
            let join = LogicalPlan.join(
                Join(kind: .left, left: .assignUniqueID(left, row), right: right, residual: condition))
            numbered = .window(Window(input: join, partitionBy: [row], orderBy: [], calls: [number]))
        }
        let isFirst = try context.call("$single_row", [.column(number.output)])
        let checked = BoundExpression.caseWhen(
            branches: [CaseBranch(condition: isFirst, result: .column(value))], otherwise: .null(value.type),
            type: value.type)
        return .project(numbered, passed + [Assignment(column, checked)])
    }

    /// What an aggregate gives for no rows, where that is not NULL.
    static func valueOfNoRows(_ call: AggregateCall) -> BoundExpression? {
        switch call.function.name {
        case "count", "count_if", "approx_distinct": .constant(.int(0), call.output.type)
        default: nil
        }
    }

    /// The call's result where a left join may have found no group.
    static func defaulted(_ call: AggregateCall, _ column: ColumnReference) -> BoundExpression {
        guard let value = valueOfNoRows(call) else { return .column(column) }
        return .coalesce([.column(column), value], type: column.type)
    }

    /// The limit above a ranking: rows `offset + 1 ... offset + count` of each group.
    static func rankFilter(_ rank: ColumnReference, count: Int?, offset: Int) -> BoundExpression {
        var conditions: [BoundExpression] = []
        if let count {
            let (last, isTooLarge) = offset.addingReportingOverflow(count)
            if !isTooLarge {
                conditions.append(
                    .comparison(.lessOrEqual, .column(rank), .constant(.int(Int64(last)), rank.type)))
            }
        }
        if offset > 0 {
            conditions.append(.comparison(.greater, .column(rank), .constant(.int(Int64(offset)), rank.type)))
        }
        return .conjunction(conditions)
    }
}
