import Expressions
import SQLSyntax
import SQLTypes

/// A relation of FROM: its plan and the columns that names may mean.
struct BoundRelation {
    var plan: LogicalPlan
    var fields: [Scope.Field]

    /// The relation that adds no column and no row: FROM of a SELECT without FROM.
    static let oneRow = BoundRelation(plan: .values(columns: [], rows: [[]]), fields: [])
}

/// Binds FROM. Tables are `TableBinder`'s, joins `JoinBinder`'s, UNNEST `UnnestBinder`'s.
struct FromBinder {
    let context: BindingContext
    let environment: BindingEnvironment

    /// The comma list: cross joins from left to right, where LATERAL and UNNEST see what stands before them.
    func bindFrom(_ relations: [Relation]) throws -> BoundRelation {
        guard let first = relations.first else { return .oneRow }
        var result = try bind(first)
        let joins = JoinBinder(context: context, environment: environment)
        for relation in relations.dropFirst() {
            result = try joins.bind(.cross, left: result, relation, criteria: .none, at: relation.position)
        }
        return result
    }

    func bind(_ relation: Relation) throws -> BoundRelation {
        try context.descend(at: relation.position) {
            switch relation.kind {
            case .table(let name, let period):
                if period != nil {
                    throw QueryError(
                        .notSupported, "This connector does not support versioned tables", at: relation.position)
                }
                return try TableBinder(context: context, environment: environment).bind(name)
            case .aliased(let inner, let alias):
                return try Self.apply(alias, to: try bind(inner))
            case .subquery(let query):
                return Self.relation(try QueryBinder(context: context, environment: environment).bind(query))
            case .join(let join):
                let left = try bind(join.left)
                return try JoinBinder(context: context, environment: environment).bind(
                    join.kind, left: left, join.right, criteria: join.criteria, at: relation.position)
            case .lateral, .unnest:
                // First in FROM: nothing stands before it.
                return try JoinBinder(context: context, environment: environment).bind(
                    .cross, left: .oneRow, relation, criteria: .none, at: relation.position)
            case .sampled(let inner, _, let percentage):
                let bound = try bind(inner)
                return BoundRelation(
                    plan: .sample(bound.plan, fraction: try fraction(percentage)), fields: bound.fields)
            case .tableFunction(let call):
                return try TableFunctionBinder(context: context, environment: environment).bind(
                    call, at: relation.position)
            case .matchRecognize:
                throw QueryError(.notSupported, "MATCH_RECOGNIZE is not supported", at: relation.position)
            case .jsonTable:
                throw QueryError(.notSupported, "JSON_TABLE is not supported", at: relation.position)
            }
        }
    }

    /// A derived table's columns, not yet named by an alias.
    static func relation(_ query: BoundQuery) -> BoundRelation {
        BoundRelation(
            plan: query.plan, fields: query.columns.map { Scope.Field(name: $0.name, column: $0.column) })
    }

    /// `AS t (a, b)`.
    static func apply(_ alias: Alias, to relation: BoundRelation) throws -> BoundRelation {
        var result = relation
        let qualifier = [alias.name.canonical]
        if let columns = alias.columns {
            let visible = relation.fields.filter { !$0.isHidden }
            guard columns.count == visible.count else {
                throw QueryError(
                    .mismatchedColumnAliases,
                    "Column alias list has \(columns.count) entries but '\(alias.name.canonical)' has \(visible.count) columns available",
                    at: alias.name.position)
            }
            result.fields = zip(visible, columns).map { field, name in
                Scope.Field(relation: qualifier, name: name.value, column: field.column)
            }
        } else {
            for index in result.fields.indices { result.fields[index].relation = qualifier }
        }
        return result
    }

    /// The share of rows that TABLESAMPLE keeps.
    private func fraction(_ percentage: Expression) throws -> Double {
        let stage = Stage(clause: "Sample percentage")
        let binder = ExpressionBinder(context: context, environment: environment, scope: Scope([]), stage: stage)
        let bound = try binder.bind(percentage)
        let number: Double?
        switch Coercion(context: context).coerce(bound, to: .double) {
        case .constant(.double(let value), _): number = value
        case .column where context.describesParameters: number = 100
        default: number = nil
        }
        guard let number else {
            throw QueryError(
                .typeMismatch, "Sample percentage should be a numeric expression", at: percentage.position)
        }
        guard number >= 0, number <= 100 else {
            throw QueryError(
                .numericValueOutOfRange, "Sample percentage must be between 0.0 and 100.0 inclusive",
                at: percentage.position)
        }
        return number / 100
    }
}
