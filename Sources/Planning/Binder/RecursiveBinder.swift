import Expressions
import SQLSyntax
import SQLTypes

/// WITH RECURSIVE: `name(columns) AS (base UNION ALL step)`, where the step reads `name` once.
struct RecursiveBinder {
    let context: BindingContext
    let environment: BindingEnvironment

    /// Nil when the query does not refer to itself: then it is an ordinary WITH query.
    func bind(_ named: NamedQuery) throws -> CommonTable? {
        let name = named.name.canonical
        let query = named.query
        let references = TableReferences.count(of: name, in: query)
        if references == 0 { return nil }
        guard let columns = named.columns else {
            throw QueryError(
                .missingColumnAliases, "missing column aliases in recursive WITH query", at: named.name.position)
        }
        guard query.orderBy.isEmpty, query.limit == nil, query.offset == nil else {
            throw QueryError(
                .invalidRecursiveReference,
                "immediate ORDER BY, OFFSET or LIMIT clause in recursive WITH query is not supported",
                at: query.position)
        }
        guard query.with == nil else {
            throw QueryError(.nestedRecursive, "immediate WITH clause in recursive query", at: query.position)
        }
        guard case .setOperation(let union) = query.body, union.operation == .union, union.operands.count == 2 else {
            throw QueryError(
                .invalidRecursiveReference, "recursive reference outside of step relation of recursive query",
                at: query.position)
        }
        guard !union.isDistinct else {
            throw QueryError(
                .notSupported, "UNION DISTINCT in recursive WITH query is not supported: use UNION ALL",
                at: union.position)
        }
        guard TableReferences.count(of: name, in: union.operands[0]) == 0 else {
            throw QueryError(
                .invalidRecursiveReference, "WITH table name is referenced in the base relation of recursion",
                at: query.position)
        }
        guard references == 1 else {
            throw QueryError(
                .invalidRecursiveReference, "multiple recursive references in the step relation of recursion",
                at: query.position)
        }
        return try bind(named, columns, base: union.operands[0], step: union.operands[1])
    }

    private func bind(
        _ named: NamedQuery, _ columns: [Identifier], base baseBody: Query.Body, step stepBody: Query.Body
    ) throws -> CommonTable {
        let name = named.name.canonical
        let base = try QueryBinder(context: context, environment: environment).bind(baseBody)
        guard columns.count == base.columns.count else {
            throw QueryError(
                .mismatchedColumnAliases,
                "Column alias list has \(columns.count) entries but relation has \(base.columns.count) columns",
                at: named.name.position)
        }
        let types = zip(columns, base.columns).map { (name: Optional($0.value), type: $1.column.type) }
        let id = context.makeSharedID()
        var inner = environment
        inner.commonTables[name] = CommonTable(name: name, source: .recursiveStep(id: id), columns: types)
        let step = try QueryBinder(context: context, environment: inner).bind(stepBody)
        guard step.columns.count == types.count else {
            throw QueryError(
                .typeMismatch,
                "base and step relations of recursion have different number of fields: \(types.count), \(step.columns.count)",
                at: named.query.position)
        }
        var builder = PlanBuilder(step.plan, context: context)
        let coercion = Coercion(context: context)
        var stepColumns: [BoundExpression] = []
        for (index, output) in step.columns.enumerated() {
            guard TypeCoercion.canCoerce(output.column.type, to: types[index].type) else {
                throw QueryError(
                    .typeMismatch,
                    "recursion step relation output type (\(output.column.type.displayName)) is not coercible to recursion base relation output type (\(types[index].type.displayName)) at column \(index + 1)",
                    at: named.query.position)
            }
            stepColumns.append(coercion.coerce(.column(output.column), to: types[index].type))
        }
        let references = builder.compute(stepColumns)
        let outputs = types.map { context.columns.make($0.name ?? "", $0.type) }
        let plan = LogicalPlan.recursive(
            id: id, columns: outputs,
            base: base.plan.narrowed(to: base.columns.map(\.column), context: context),
            step: builder.plan.narrowed(to: references, context: context),
            maxDepth: context.session.maxRecursionDepth)
        let definition = context.makeSharedID()
        context.sharedDefinitions.append(BindingContext.SharedDefinition(id: definition, plan: plan))
        return CommonTable(name: name, source: .shared(id: definition), columns: types)
    }
}

/// Counts references to a WITH name in the FROM clauses of a query, inner WITH queries of the same name excepted.
enum TableReferences {
    static func count(of name: String, in query: Query) -> Int {
        var total = 0
        for named in query.with?.queries ?? [] {
            total += count(of: name, in: named.query)
            if named.name.canonical == name { return total }
        }
        return total + count(of: name, in: query.body)
    }

    static func count(of name: String, in body: Query.Body) -> Int {
        switch body {
        case .select(let select):
            return select.from.reduce(0) { $0 + count(of: name, in: $1) }
        case .setOperation(let operation): return operation.operands.reduce(0) { $0 + count(of: name, in: $1) }
        case .table(let table): return isReference(table, name) ? 1 : 0
        case .values: return 0
        case .query(let query): return count(of: name, in: query)
        }
    }

    private static func count(of name: String, in relation: Relation) -> Int {
        switch relation.kind {
        case .table(let table, _): isReference(table, name) ? 1 : 0
        case .aliased(let inner, _), .sampled(let inner, _, _): count(of: name, in: inner)
        case .subquery(let query), .lateral(let query): count(of: name, in: query)
        case .join(let join): count(of: name, in: join.left) + count(of: name, in: join.right)
        case .unnest, .matchRecognize, .tableFunction, .jsonTable: 0
        }
    }

    private static func isReference(_ table: QualifiedName, _ name: String) -> Bool {
        table.parts.count == 1 && table.last.canonical == name
    }
}
