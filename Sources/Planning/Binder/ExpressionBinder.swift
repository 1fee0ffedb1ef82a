import Expressions
import SQLSyntax
import SQLTypes

/// Turns an expression's syntax tree into a typed `BoundExpression`. This file is the table of what is bound where;
/// each family has its own file.
///
/// ```
/// +Names        a, t.a, row.field, ?            +Comparison   = < IN BETWEEN LIKE IS NULL
/// +Arithmetic   + - * / % || AT TIME ZONE       +Conditional  CASE IF COALESCE NULLIF TRY
/// +Calls        scalar functions, lambdas       +Aggregates   sum(x), listagg, grouping()
/// +Windows      f() OVER (...)                  +Subqueries   (SELECT), EXISTS, IN, ALL
/// +Special      CAST EXTRACT TRIM CURRENT_* ARRAY ROW a[i]
/// +JSON         json_exists json_value json_query json_object json_array
/// ```
struct ExpressionBinder {
    let context: BindingContext
    let environment: BindingEnvironment
    let scope: Scope
    let stage: Stage
    /// The WINDOW clause's names.
    var windows: NamedWindows = .none
    /// Output names that win over columns: in ORDER BY.
    var aliases: OutputAliases?
    /// Parameters of the enclosing lambdas, innermost last.
    var lambdas: [[String: ColumnReference]] = []
    /// What encloses this expression, for refusals: nil, or `Lambda expression` and the like.
    var enclosing: Enclosing = .clause

    enum Enclosing {
        case clause
        case lambda
        case aggregate(name: String)
        case window
    }

    init(
        context: BindingContext, environment: BindingEnvironment, scope: Scope, stage: Stage,
        windows: NamedWindows = .none
    ) {
        self.context = context
        self.environment = environment
        self.scope = scope
        self.stage = stage
        self.windows = windows
    }

    /// The same binder where output names are seen.
    func seeing(_ aliases: OutputAliases) -> ExpressionBinder {
        var copy = self
        copy.aliases = aliases
        return copy
    }

    var coercion: Coercion { Coercion(context: context) }

    func bind(_ expression: Expression) throws -> BoundExpression {
        try context.descend(at: expression.position) {
            do { return try bindNode(expression) } catch let error as QueryError {
                throw error.at(expression.position)
            }
        }
    }

    /// WHERE, HAVING, ON: BOOLEAN.
    func bindCondition(_ expression: Expression, clause: String) throws -> BoundExpression {
        if stage.position == nil { stage.position = expression.position }
        let bound = try bind(expression)
        guard bound.type == .boolean || bound.type == .unknown else {
            throw QueryError(
                .typeMismatch, "\(clause) must evaluate to a boolean: actual type \(bound.type.displayName)",
                at: expression.position)
        }
        return coercion.coerce(bound, to: .boolean)
    }

    private func bindNode(_ node: Expression) throws -> BoundExpression {
        switch node.kind {
        case .null: return .null(.unknown)
        case .boolean(let value): return .constant(.boolean(value), .boolean)
        case .integer, .decimal, .double, .string, .binary, .typed, .interval: return try bindLiteral(node)
        case .parameter(let index): return try bindParameter(index, at: node.position)
        case .identifier(let name): return try bindIdentifier(name)
        case .dereference(let base, let field): return try bindDereference(node, base, field)

        case .not(let inner):
            return .not(try bindBoolean(inner, in: "NOT expression"))
        case .and(let terms):
            return .conjunction(try terms.map { try bindBoolean($0, in: "Logical expression term") })
        case .or(let terms):
            return .disjunction(try terms.map { try bindBoolean($0, in: "Logical expression term") })
        case .concat(let operands): return try bindConcat(operands, at: node.position)
        case .arithmetic(let op, let left, let right): return try bindArithmetic(op, left, right, at: node.position)
        case .negate(let inner): return try bindNegate(inner, at: node.position)
        case .plus(let inner): return try bindPlus(inner, at: node.position)
        case .atTimeZone(let value, let zone): return try bindAtTimeZone(value, zone, at: node.position)

        case .comparison(let op, let left, let right):
            return try bindComparison(op.bound, left, right, at: node.position)
        case .isDistinctFrom(let left, let right, let isNegated):
            return try bindComparison(
                isNegated ? .isNotDistinctFrom : .isDistinctFrom, left, right, at: node.position)
        case .isNull(let inner, let isNegated):
            let test = BoundExpression.isNull(try bind(inner))
            return isNegated ? .not(test) : test
        case .between(let value, let lower, let upper, let isNegated):
            return try bindBetween(value, lower, upper, isNegated, at: node.position)
        case .inList(let value, let list, let isNegated):
            return try bindInList(value, list, isNegated, at: node.position)
        case .like(let value, let pattern, let escape, let isNegated):
            return try bindLike(value, pattern, escape, isNegated, at: node.position)

        case .inQuery(let value, let query, let isNegated):
            let test = try bindIn(value, query, at: node.position)
            return isNegated ? .not(test) : test
        case .quantifiedComparison(let op, let quantifier, let value, let query):
            return try bindQuantified(op.bound, quantifier, value, query, at: node.position)
        case .exists(let query): return try bindExists(query, at: node.position)
        case .subquery(let query): return try bindScalarSubquery(query, at: node.position)

        case .row(let fields): return try bindRow(fields)
        case .array(let elements): return try bindArray(elements, at: node.position)
        case .element(let base, let index): return try bindSubscript(base, index, at: node.position)
        case .lambda:
            throw QueryError(.typeMismatch, "Lambda expression should always be used inside a function")

        case .call(let call): return try bindCall(call, at: node.position)
        case .listagg(let call): return try bindListAggregate(call, at: node.position)
        case .grouping(let names): return try bindGrouping(names, at: node.position)
        case .cast(let inner, let type, let isSafe): return try bindCast(inner, type, isSafe, at: node.position)
        case .simpleCase(let operand, let branches, let otherwise):
            return try bindSimpleCase(operand, branches, otherwise, at: node.position)
        case .searchedCase(let branches, let otherwise):
            return try bindSearchedCase(branches, otherwise, at: node.position)
        case .trim(let mode, let source, let characters):
            return try bindTrim(mode, source, characters, at: node.position)
        case .extract(let field, let value): return try bindExtract(field, value, at: node.position)
        case .current(let value, let precision): return try bindCurrent(value, precision, at: node.position)

        case .measure:
            throw QueryError(.notSupported, "Row pattern recognition in windows is not supported")
        case .jsonExists(let call): return try bindJSONExists(call, at: node.position)
        case .jsonValue(let call): return try bindJSONValue(call, at: node.position)
        case .jsonQuery(let call): return try bindJSONQuery(call, at: node.position)
        case .jsonObject(let call): return try bindJSONObject(call, at: node.position)
        case .jsonArray(let call): return try bindJSONArray(call, at: node.position)
        }
    }

    /// An operand of AND, OR or NOT.
    private func bindBoolean(_ expression: Expression, in place: String) throws -> BoundExpression {
        let bound = try bind(expression)
        guard bound.type == .boolean || bound.type == .unknown else {
            throw QueryError(
                .typeMismatch,
                "\(place) must evaluate to a boolean (actual: \(bound.type.displayName))", at: expression.position)
        }
        return coercion.coerce(bound, to: .boolean)
    }

    /// A call of a scalar function or operator, with its arguments converted.
    func call(_ name: String, _ arguments: [BoundExpression], at position: SourcePosition) throws -> BoundExpression {
        do {
            let (function, signature) = try context.functions.resolveScalar(
                name: name, argumentTypes: arguments.map(\.type))
            return .call(
                Expressions.FunctionCall(
                    function: function, signature: signature,
                    arguments: zip(arguments, signature.arguments).map { coercion.coerce($0, to: $1) },
                    position: position))
        } catch let error as QueryError {
            throw error.at(position)
        }
    }
}

extension SQLSyntax.ComparisonOperator {
    var bound: Expressions.ComparisonOperator {
        switch self {
        case .equal: .equal
        case .notEqual: .notEqual
        case .less: .less
        case .lessOrEqual: .lessOrEqual
        case .greater: .greater
        case .greaterOrEqual: .greaterOrEqual
        }
    }
}
