import Expressions
import Metastore
import SQLSyntax
import SQLTypes

/// Expands a view: parses its text, binds it in the view's own database, and compares the columns with the stored ones.
struct ViewBinder {
    let context: BindingContext

    func bind(_ view: Table, at position: SourcePosition, _ relation: [String]) throws -> BoundRelation {
        let key = "\(view.database).\(view.name)"
        guard !context.viewStack.contains(key) else {
            throw QueryError(.viewIsRecursive, "View is recursive: '\(relation.joined(separator: "."))'", at: position)
        }
        guard context.viewStack.count < BindingContext.maxViewDepth else {
            throw QueryError(
                .notSupported, "Views are nested too deeply: more than \(BindingContext.maxViewDepth) levels",
                at: position)
        }
        guard let text = view.viewText else {
            throw QueryError(.hiveInvalidViewData, "View '\(key)' has no query text", at: position)
        }
        context.viewStack.append(key)
        defer { context.viewStack.removeLast() }
        let query: Query
        do {
            query = try ViewText.parse(text)
        } catch let error as QueryError {
            throw QueryError(
                .invalidView, "Failed parsing stored view '\(relation.joined(separator: "."))': \(error.text)",
                at: position)
        }
        let bound: BoundQuery
        do {
            let environment = BindingEnvironment(database: view.viewDatabase ?? view.database)
            bound = try QueryBinder(context: context, environment: environment).bind(query)
        } catch let error as QueryError where error.code != .viewIsRecursive && error.code != .viewIsStale {
            throw QueryError(
                .invalidView, "Failed analyzing stored view '\(relation.joined(separator: "."))': \(error.text)",
                at: position)
        } catch let error as QueryError {
            throw QueryError(error.code, error.message, at: position)
        }
        return try check(bound, view, relation, at: position)
    }

    /// The stored columns name the view's columns; their types must still hold what the query gives.
    private func check(
        _ bound: BoundQuery, _ view: Table, _ relation: [String], at position: SourcePosition
    ) throws -> BoundRelation {
        let stored = view.storage.columns
        func stale(_ reason: String) -> QueryError {
            QueryError(
                .viewIsStale, "View '\(relation.joined(separator: "."))' is stale or in invalid state: \(reason)",
                at: position)
        }
        guard !stored.isEmpty else {
            return BoundRelation(
                plan: bound.plan,
                fields: bound.outputs.map { Scope.Field(relation: relation, name: $0.name, column: $0.column) })
        }
        guard stored.count == bound.columns.count else {
            throw stale(
                "stored view column count (\(stored.count)) does not match column count derived from the view query analysis (\(bound.columns.count))"
            )
        }
        var builder = PlanBuilder(bound.plan, context: context)
        var values: [BoundExpression] = []
        for (index, column) in stored.enumerated() {
            let actual = bound.columns[index]
            let wanted = try storedType(column, actual.column.type)
            guard TypeCoercion.canCoerce(actual.column.type, to: wanted) else {
                throw stale(
                    "column [\(actual.name ?? "_col\(index)")] of type \(actual.column.type.displayName) projected from query view at position \(index) cannot be coerced to column [\(column.name)] of type \(wanted.displayName) stored in view definition"
                )
            }
            values.append(Coercion(context: context).coerce(.column(actual.column), to: wanted))
        }
        let columns = builder.compute(values)
        return BoundRelation(
            plan: builder.plan,
            fields: zip(stored, columns).map { Scope.Field(relation: relation, name: $0.name, column: $1) })
    }

    /// Hive has no type for some of Trino's: then the stored text says less than the query, whose type holds.
    private func storedType(_ column: CatalogColumn, _ actual: DataType) throws -> DataType {
        let stored = try TableTypes(timestampPrecision: context.session.timestampPrecision).type(of: column)
        switch (stored, actual) {
        case (.timestamp, .timestamp), (.timestamp, .timestampWithTimeZone): return actual
        case (.varchar(nil), _) where !actual.isStorableInHive: return actual
        default: return stored
        }
    }
}

extension DataType {
    /// Whether Hive's DDL has a word for the type.
    var isStorableInHive: Bool {
        switch self {
        case .boolean, .tinyint, .smallint, .integer, .bigint, .real, .double, .decimal, .varchar, .char, .varbinary,
            .date, .timestamp:
            true
        case .array(let element): element.isStorableInHive
        case .map(let key, let value): key.isStorableInHive && value.isStorableInHive
        case .row(let fields): fields.allSatisfy { $0.name != nil && $0.type.isStorableInHive }
        case .unknown, .time, .timeWithTimeZone, .timestampWithTimeZone, .intervalYearToMonth, .intervalDayToSecond,
            .json, .uuid, .ipaddress, .function, .sketch:
            false
        }
    }
}
