import Expressions
import SQLSyntax
import SQLTypes

/// Binds a query: WITH, the body, and ORDER BY, OFFSET and LIMIT over bodies that are not a plain SELECT (a SELECT
/// takes its own, because ORDER BY sees its FROM).
struct QueryBinder {
    let context: BindingContext
    let environment: BindingEnvironment

    /// `isRoot`: the order of rows is seen by the client. Elsewhere ORDER BY without a limit has no effect.
    func bind(_ query: Query, isRoot: Bool = false) throws -> BoundQuery {
        try context.descend(at: query.position) {
            if let function = query.functions.first {
                _ = function
                throw QueryError(
                    .notSupported, "Inline functions (WITH FUNCTION) are not supported", at: query.position)
            }
            var environment = environment
            if let with = query.with {
                environment = try CommonTableBinder(context: context).bind(with, in: environment)
            }
            let inner = QueryBinder(context: context, environment: environment)
            let ordering = try Ordering(query, context: context, keepsOrder: isRoot)
            if case .select(let select) = query.body {
                return try SelectBinder(context: context, environment: environment).bind(select, ordering: ordering)
            }
            let isPlain = query.orderBy.isEmpty && query.offset == nil && query.limit == nil
            let body = try inner.bind(query.body, isRoot: isRoot && isPlain)
            return isPlain ? body : try inner.order(body, ordering)
        }
    }

    func bind(_ body: Query.Body, isRoot: Bool = false) throws -> BoundQuery {
        switch body {
        case .select(let select):
            return try SelectBinder(context: context, environment: environment).bind(select, ordering: .none)
        case .setOperation(let operation):
            return try SetOperationBinder(context: context, environment: environment).bind(operation)
        case .table(let name):
            let relation = Relation(.table(name, period: nil), at: name.position)
            let bound = try FromBinder(context: context, environment: environment).bind(relation)
            let fields = bound.fields.filter { !$0.isHidden }
            return BoundQuery(
                plan: bound.plan, columns: fields.map { BoundQuery.Output(name: $0.name, column: $0.column) })
        case .values(let rows):
            return try ValuesBinder(context: context, environment: environment).bind(rows)
        case .query(let query):
            return try bind(query, isRoot: isRoot)
        }
    }

    /// ORDER BY over output columns alone.
    private func order(_ body: BoundQuery, _ ordering: Ordering) throws -> BoundQuery {
        let scope = Scope(
            body.columns.map { Scope.Field(name: $0.name, column: $0.column) }, parent: environment.outer)
        let stage = Stage(clause: "ORDER BY clause", allowsWindows: true)
        let binder = ExpressionBinder(context: context, environment: environment, scope: scope, stage: stage)
        var keys: [PendingWindow.Order] = []
        for item in ordering.items {
            let expression: BoundExpression
            if let index = try Ordering.ordinal(item.expression, count: body.columns.count) {
                expression = .column(body.columns[index].column)
            } else {
                expression = try binder.bind(item.expression)
            }
            keys.append(try ordering.key(expression, item))
        }
        var builder = PlanBuilder(body.plan, context: context)
        builder.attach(stage.steps)
        ordering.apply(to: &builder, keys: keys)
        return BoundQuery(plan: builder.plan, columns: body.columns)
    }
}
