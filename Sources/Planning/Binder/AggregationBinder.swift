import Expressions
import SQLSyntax
import SQLTypes

/// Puts the aggregation of a SELECT into its plan and tells how the clauses above read it.
struct AggregationBinder {
    let context: BindingContext
    let scope: Scope
    let collector: AggregateCollector

    /// `grouping` nil: one group of all rows.
    func aggregate(
        _ builder: inout PlanBuilder, _ grouping: Grouping?, position: SourcePosition
    ) throws -> GroupingRewriter {
        builder.attach(collector.inputs.steps)
        var expressions = grouping?.expressions ?? []
        if grouping?.isPlain == true, let kept = Self.withoutConstants(expressions) { expressions = kept }
        let keys = builder.computeOwn(expressions, name: "group")
        var calls: [AggregateCall] = []
        for call in collector.calls {
            let orderColumns = builder.compute(call.orderBy.map(\.expression), name: "order")
            calls.append(
                AggregateCall(
                    output: call.output, function: call.function, signature: call.signature,
                    arguments: builder.arguments(call.arguments, isDistinct: call.isDistinct),
                    isDistinct: call.isDistinct,
                    filter: call.filter.map { builder.compute($0, name: "filter") },
                    orderBy: SortKey.distinct(
                        zip(call.orderBy, orderColumns).map {
                            SortKey($1, isAscending: $0.isAscending, nullsFirst: $0.nullsFirst)
                        })))
        }
        var outputs = keys
        var groupID: ColumnReference?
        var sets: [[Int]]?
        if let grouping, !grouping.isPlain {
            outputs = keys.map { context.columns.make($0.name, $0.type) }
            groupID = context.columns.make("groupid", .bigint)
            sets = grouping.sets
        }
        builder.replace(
            .aggregate(
                Aggregate(
                    input: builder.plan, keys: keys, groupingSets: sets, keyOutputs: outputs, groupID: groupID,
                    calls: calls)))
        var byExpression: [BoundExpression: ColumnReference] = [:]
        for (expression, output) in zip(expressions, outputs) {
            // A literal means the same above the aggregation, unless a grouping set leaves it out.
            if sets == nil, case .constant = expression { continue }
            byExpression[expression] = output
        }
        return GroupingRewriter(
            keys: byExpression, sourceColumns: Set(scope.fields.map(\.column)),
            groupingValues: try groupingValues(grouping, groupID, at: position))
    }

    /// Literals part no groups; one stays if there is nothing else, since GROUP BY gives no row for no input.
    private static func withoutConstants(_ expressions: [BoundExpression]) -> [BoundExpression]? {
        let kept = expressions.filter { if case .constant = $0 { false } else { true } }
        return kept.isEmpty ? nil : kept
    }

    /// `grouping(a, b)` per set: bit i from the right is 1 when the i-th argument from the right is not in the set.
    private func groupingValues(
        _ grouping: Grouping?, _ groupID: ColumnReference?, at position: SourcePosition
    ) throws -> [ColumnReference: BoundExpression] {
        var values: [ColumnReference: BoundExpression] = [:]
        for call in collector.groupingCalls {
            let type = call.output.type
            guard let grouping else {
                throw QueryError(
                    .missingGroupBy,
                    "A GROUPING() operation can only be used with a corresponding GROUPING SET/CUBE/ROLLUP/GROUP BY clause",
                    at: position)
            }
            let positions = try zip(call.arguments, call.names).map { argument, name -> Int in
                guard let position = grouping.expressions.firstIndex(of: argument) else {
                    throw QueryError(
                        .invalidArguments,
                        "The arguments to GROUPING() must be expressions referenced by the GROUP BY at the associated query level. Mismatch due to \(name).",
                        at: call.position)
                }
                return position
            }
            func mask(_ set: [Int]) -> BoundExpression {
                var bits: Int64 = 0
                for position in positions { bits = bits << 1 | (set.contains(position) ? 0 : 1) }
                return .constant(.int(bits), type)
            }
            let sets = grouping.sets
            guard let groupID, let last = sets.last else {
                values[call.output] = mask(sets.first ?? [])
                continue
            }
            let branches = sets.dropLast().enumerated().map { index, set in
                CaseBranch(
                    condition: .comparison(.equal, .column(groupID), .constant(.int(Int64(index)), .bigint)),
                    result: mask(set))
            }
            values[call.output] = .caseWhen(branches: branches, otherwise: mask(last), type: type)
        }
        return values
    }
}

/// Rewrites expressions over FROM's columns into expressions over an aggregation's output.
///
/// ```
/// SELECT a + 1, upper(b) || 'x', sum(c)      keys: [a + 1: $g1, upper(b): $g2]
///        $g1    concat($g2, 'x')  $sum
/// ```
struct GroupingRewriter {
    /// Output column by grouped expression.
    let keys: [BoundExpression: ColumnReference]
    /// Columns that may not be read above the aggregation.
    let sourceColumns: Set<ColumnReference>
    let groupingValues: [ColumnReference: BoundExpression]

    private struct NotGrouped: Error {}

    /// - Throws: EXPRESSION_NOT_AGGREGATE naming the whole expression, as Trino does.
    func rewrite(_ expression: BoundExpression, of syntax: Expression) throws -> BoundExpression {
        do {
            return try rewritten(expression)
        } catch is NotGrouped {
            throw QueryError(
                .expressionNotAggregate,
                "'\(ExpressionText.describe(syntax))' must be an aggregate expression or appear in GROUP BY clause",
                at: syntax.position)
        }
    }

    func rewrite(_ item: SelectItemBinding, at position: SourcePosition) throws -> BoundExpression {
        if let syntax = item.syntax { return try rewrite(item.expression, of: syntax) }
        do {
            return try rewritten(item.expression)
        } catch is NotGrouped {
            throw QueryError(
                .expressionNotAggregate, "Column \(item.origin ?? "") not in GROUP BY clause", at: position)
        }
    }

    func rewrite(_ step: PlanStep, at position: SourcePosition) throws -> PlanStep {
        do {
            switch step {
            case .window(let window): return .window(try window.mapExpressions(rewritten))
            case .subquery(var subquery):
                switch subquery.kind {
                case .scalar, .exists: break
                case .inSet(let value): subquery.kind = .inSet(try rewritten(value))
                case .quantified(let value, let comparison, let isAll):
                    subquery.kind = .quantified(try rewritten(value), comparison, isAll: isAll)
                }
                subquery.plan = try rewriteOuterColumns(subquery)
                return .subquery(subquery)
            }
        } catch is NotGrouped {
            throw QueryError(
                .expressionNotAggregate,
                "'\(step.output.name)' must be an aggregate expression or appear in GROUP BY clause", at: position)
        }
    }

    /// A correlated subquery above the aggregation may read grouped columns only.
    private func rewriteOuterColumns(_ subquery: PendingSubquery) throws -> LogicalPlan {
        var replacements: [ColumnReference: ColumnReference] = [:]
        for column in subquery.plan.freeColumns where sourceColumns.contains(column) {
            guard let output = keys[.column(column)] else {
                throw QueryError(
                    .expressionNotAggregate, "Subquery uses '\(column.name)' which must appear in GROUP BY clause",
                    at: subquery.position)
            }
            if output != column { replacements[column] = output }
        }
        return replacements.isEmpty ? subquery.plan : subquery.plan.replacingColumns(replacements)
    }

    private func rewritten(_ expression: BoundExpression) throws -> BoundExpression {
        if let output = keys[expression] { return .column(output) }
        if case .column(let column) = expression {
            if let value = groupingValues[column] { return value }
            if sourceColumns.contains(column) { throw NotGrouped() }
            return expression
        }
        let children = expression.children
        if children.isEmpty { return expression }
        return expression.withChildren(try children.map(rewritten))
    }
}
