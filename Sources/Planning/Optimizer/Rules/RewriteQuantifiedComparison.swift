import Expressions
import SQLTypes

/// Turns `value <op> ALL|ANY (subquery)` into IN or into a comparison with the subquery's extremes.
///
/// ```
/// DependentJoin[x = ANY]                    DependentJoin[x IN]
///
/// DependentJoin[x < ALL]                    Project[CASE count(*) = 0: TRUE; NOT x < min: FALSE;
///   L                                ==>              count(*) <> count(y): NULL; else x < min]
///   R[y]                                      DependentJoin[INNER]
///                                               L
///                                               Aggregate[count(*), count(y), min(y)](R)
/// ```
struct RewriteQuantifiedComparison: NodeRule {
    func rewrite(_ node: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan? {
        guard case .dependentJoin(var join) = node,
            case .quantified(let column, let value, let right, let comparison, let isAll) = join.kind
        else { return nil }
        switch (comparison, isAll) {
        case (.equal, false):
            join.kind = .inSet(column, value: value, right: right)
            return .dependentJoin(join)
        case (.notEqual, true):
            let isIn = context.columns.make("in", .boolean)
            join.kind = .inSet(isIn, value: value, right: right)
            return .project(
                .dependentJoin(join),
                join.left.outputColumns.map { Assignment($0, .column($0)) }
                    + [Assignment(column, .not(.column(isIn)))])
        default: break
        }
        let all = try context.aggregate("count", [])
        let known = try context.aggregate("count", [right])
        var calls = [all, known]
        var tests: [BoundExpression] = []
        func extreme(_ name: String) throws -> BoundExpression {
            let call = try context.aggregate(name, [right])
            calls.append(call)
            return .column(call.output)
        }
        switch comparison {
        case .less, .lessOrEqual: tests = [.comparison(comparison, .column(value), try extreme(isAll ? "min" : "max"))]
        case .greater, .greaterOrEqual:
            tests = [.comparison(comparison, .column(value), try extreme(isAll ? "max" : "min"))]
        case .equal, .notEqual, .isDistinctFrom, .isNotDistinctFrom:
            tests = [
                .comparison(comparison, .column(value), try extreme("min")),
                .comparison(comparison, .column(value), try extreme("max")),
            ]
        }
        let holds: BoundExpression = isAll ? .conjunction(tests) : .disjunction(tests)
        let zero = BoundExpression.constant(.int(0), .bigint)
        let result = BoundExpression.caseWhen(
            branches: [
                CaseBranch(
                    condition: .comparison(.equal, .column(all.output), zero), result: isAll ? .true : .false),
                CaseBranch(condition: isAll ? .not(holds) : holds, result: isAll ? .false : .true),
                CaseBranch(
                    condition: .comparison(.notEqual, .column(all.output), .column(known.output)),
                    result: .null(.boolean)),
            ], otherwise: holds, type: .boolean)
        join.right = .aggregate(Aggregate(input: join.right, keys: [], calls: calls))
        join.kind = .inner
        return .project(
            .dependentJoin(join),
            join.left.outputColumns.map { Assignment($0, .column($0)) } + [Assignment(column, result)])
    }
}
