import Expressions
import SQLSyntax
import SQLTypes

/// Subqueries in expressions: each becomes a column of a dependent join on the clause's plan.
extension ExpressionBinder {
    func bindScalarSubquery(_ query: Query, at position: SourcePosition) throws -> BoundExpression {
        let bound = try bindSubquery(query, at: position)
        let (plan, result) = try singleColumn(bound, at: position)
        return try add(.scalar, plan, result, result.name, result.type, at: position)
    }

    func bindExists(_ query: Query, at position: SourcePosition) throws -> BoundExpression {
        let bound = try bindSubquery(query, at: position)
        return try add(.exists, bound.plan, nil, "exists", .boolean, at: position)
    }

    func bindIn(_ value: Expression, _ query: Query, at position: SourcePosition) throws -> BoundExpression {
        let (operand, plan, result) = try bindOperands(value, query, at: position) { left, right in
            "Value expression and result of subquery must be of the same type: \(left) vs \(right)"
        }
        return try add(.inSet(operand), plan, result, "in", .boolean, at: position)
    }

    func bindQuantified(
        _ op: Expressions.ComparisonOperator, _ quantifier: Quantifier, _ value: Expression, _ query: Query,
        at position: SourcePosition
    ) throws -> BoundExpression {
        let (operand, plan, result) = try bindOperands(value, query, at: position) { left, right in
            "Value expression and result of subquery must be of the same type: \(left) vs \(right)"
        }
        if op.needsOrder, !operand.type.isOrderable {
            throw QueryError(
                .typeMismatch,
                "Type [\(operand.type.displayName)] must be orderable in order to be used in quantified comparison",
                at: position)
        }
        switch (op, quantifier) {
        case (.equal, .any), (.equal, .some): return try add(.inSet(operand), plan, result, "in", .boolean, at: position)
        case (.notEqual, .all):
            return .not(try add(.inSet(operand), plan, result, "in", .boolean, at: position))
        default:
            return try add(
                .quantified(operand, op, isAll: quantifier == .all), plan, result, "quantified", .boolean, at: position)
        }
    }

    // MARK: Parts

    private func bindSubquery(_ query: Query, at position: SourcePosition) throws -> BoundQuery {
        if case .lambda = enclosing {
            throw QueryError(.notSupported, "Lambda expression cannot contain subqueries", at: position)
        }
        var inner = environment
        inner.outer = scope
        return try QueryBinder(context: context, environment: inner).bind(query)
    }

    /// The subquery's column; several columns are one row value.
    private func singleColumn(
        _ query: BoundQuery, at position: SourcePosition
    ) throws -> (LogicalPlan, ColumnReference) {
        if query.columns.count == 1 { return (query.plan, query.columns[0].column) }
        let fields = query.columns.map { RowField(name: $0.name, type: $0.column.type) }
        let row = BoundExpression.makeRow(query.columns.map { .column($0.column) }, type: .row(fields))
        var builder = PlanBuilder(query.plan, context: context)
        let column = builder.compute(row, name: "row")
        return (builder.plan.narrowed(to: [column], context: context), column)
    }

    /// Both sides of IN or a quantified comparison in their common type.
    private func bindOperands(
        _ value: Expression, _ query: Query, at position: SourcePosition, mismatch: (String, String) -> String
    ) throws -> (BoundExpression, LogicalPlan, ColumnReference) {
        let operand = try bind(value)
        let bound = try bindSubquery(query, at: position)
        if case .row(let fields) = operand.type, fields.count > 1, bound.columns.count > 1,
            fields.count != bound.columns.count
        {
            throw QueryError(
                .typeMismatch, "Subquery must return \(fields.count) columns but it returns \(bound.columns.count)",
                at: position)
        }
        let (plan, result) = try singleColumn(bound, at: position)
        guard let type = TypeCoercion.commonSuperType(operand.type, result.type), type.isComparable else {
            throw QueryError(
                .typeMismatch, mismatch(Self.rowName(operand.type), Self.rowName(result.type)), at: position)
        }
        if result.type == type { return (coercion.coerce(operand, to: type), plan, result) }
        var builder = PlanBuilder(plan, context: context)
        let converted = builder.compute(coercion.coerce(.column(result), to: type), name: result.name)
        return (
            coercion.coerce(operand, to: type), builder.plan.narrowed(to: [converted], context: context), converted
        )
    }

    /// Trino compares rows, also of one column.
    private static func rowName(_ type: DataType) -> String {
        if case .row = type { return type.displayName }
        return "row(\(type.displayName))"
    }

    private func add(
        _ kind: PendingSubquery.Kind, _ plan: LogicalPlan, _ result: ColumnReference?, _ name: String,
        _ type: DataType, at position: SourcePosition
    ) throws -> BoundExpression {
        try context.addSubquery(at: position)
        let output = context.columns.make(name, type)
        // The value is the right plan's only column.
        let narrowed = result.map { plan.narrowed(to: [$0], context: context) } ?? plan
        stage.steps.append(
            .subquery(
                PendingSubquery(kind: kind, plan: narrowed, result: result, output: output, position: position)))
        return .column(output)
    }
}
