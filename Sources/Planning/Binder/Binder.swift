import Expressions
import Functions
import Metastore
import SQLSyntax
import SQLTypes

/// Turns a query's syntax tree into a logical plan: looks up names, checks and converts types, and spells subqueries
/// as dependent joins.
///
/// ```
/// Query ── QueryBinder ──┬─ CommonTables        WITH
///                        ├─ SelectBinder ───────┬─ FromBinder        FROM: tables, joins, UNNEST, views
///                        │                      ├─ GroupByBinder     GROUP BY, grouping sets
///                        │                      ├─ SelectListBinder  SELECT items
///                        │                      └─ OrderingBinder    ORDER BY
///                        └─ SetOperationBinder  UNION, INTERSECT, EXCEPT, VALUES
///          every expression goes through ExpressionBinder (one file per family)
/// ```
public struct Binder {
    private let catalog: any CatalogReader
    private let functions: FunctionRegistry
    private let session: BindingSession

    public init(catalog: any CatalogReader, functions: FunctionRegistry, session: BindingSession) {
        self.catalog = catalog
        self.functions = functions
        self.session = session
    }

    /// The query's plan before any optimisation.
    ///
    /// - Throws: what Trino's analyser reports, with line and column.
    public func bind(_ query: Query) throws -> QueryPlan {
        let context = makeContext(describesParameters: false)
        let bound = try QueryBinder(context: context, environment: environment).bind(query, isRoot: true)
        return QueryPlan(plan: PlanFinish(context: context).finish(bound.plan), outputs: bound.outputs)
    }

    /// Types of the `?` of a query, by index, from what they are used for; `unknown` where nothing says it.
    public func describeParameters(_ query: Query, count: Int) throws -> [DataType] {
        let context = makeContext(describesParameters: true)
        _ = try QueryBinder(context: context, environment: environment).bind(query, isRoot: true)
        return (0..<count).map { context.parameterTypes[$0] ?? .unknown }
    }

    /// A constant expression outside queries (SET SESSION, EXECUTE arguments, table properties).
    public func bindConstant(_ expression: Expression) throws -> BoundExpression {
        let context = makeContext(describesParameters: false)
        let stage = Stage(clause: "Constant expression")
        let binder = ExpressionBinder(context: context, environment: environment, scope: Scope([]), stage: stage)
        let bound = try binder.bind(expression)
        guard stage.steps.isEmpty else {
            throw QueryError(
                .expressionNotConstant, "Constant expression cannot contain a subquery", at: expression.position)
        }
        return bound
    }

    private var environment: BindingEnvironment { BindingEnvironment(database: session.database) }

    private func makeContext(describesParameters: Bool) -> BindingContext {
        BindingContext(
            catalog: catalog, functions: functions, session: session, describesParameters: describesParameters)
    }
}

/// A query's plan inside the binder: what it gives under which names.
struct BoundQuery {
    struct Output {
        /// Nil for an expression without a name.
        var name: String?
        var column: ColumnReference
    }

    var plan: LogicalPlan
    var columns: [Output]

    /// Names as clients see them: `_col0` for unnamed columns.
    var outputs: [QueryPlan.Output] {
        columns.enumerated().map { QueryPlan.Output(name: $1.name ?? "_col\($0)", column: $1.column) }
    }
}
