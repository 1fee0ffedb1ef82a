import Expressions
import SQLSyntax
import SQLTypes

/// Binds UNNEST: arrays give one column, maps two, arrays of rows one per field.
struct UnnestBinder {
    let context: BindingContext
    let environment: BindingEnvironment

    /// `UNNEST(...) [WITH ORDINALITY] [AS t (a, b)]` as a relation of FROM.
    struct Request {
        var expressions: [Expression]
        var withOrdinality: Bool
        var alias: Alias?

        init?(_ relation: Relation) {
            switch relation.kind {
            case .unnest(let expressions, let withOrdinality):
                (self.expressions, self.withOrdinality) = (expressions, withOrdinality)
            case .aliased(let inner, let alias):
                guard case .unnest(let expressions, let withOrdinality) = inner.kind else { return nil }
                (self.expressions, self.withOrdinality, self.alias) = (expressions, withOrdinality, alias)
            default: return nil
            }
        }
    }

    func bind(
        _ request: Request, _ kind: SQLSyntax.Join.Kind, left: BoundRelation, criteria: SQLSyntax.Join.Criteria,
        at position: SourcePosition
    ) throws -> BoundRelation {
        let keepsEmpty = try checkKind(kind, criteria, at: position)
        let stage = Stage(clause: "UNNEST")
        let binder = ExpressionBinder(
            context: context, environment: environment, scope: Scope(left.fields, parent: environment.outer),
            stage: stage)
        var builder = PlanBuilder(left.plan, context: context)
        let values = try request.expressions.map { expression in
            let bound = try binder.bind(expression)
            if case .constant(.null, .unknown) = bound { return BoundExpression.null(.array(.unknown)) }
            return bound
        }
        builder.attach(stage.steps)
        let inputs = builder.computeOwn(values, name: "unnest")
        var items: [Unnest.Item] = []
        var right: [Scope.Field] = []
        func add(_ name: String?, _ type: DataType) -> ColumnReference {
            let column = context.columns.make(name ?? "field", type)
            right.append(Scope.Field(name: name, column: column))
            return column
        }
        for (index, input) in inputs.enumerated() {
            switch input.type {
            case .array(.row(let fields)):
                items.append(Unnest.Item(column: input, outputs: fields.map { add($0.name, $0.type) }))
            case .array(let element): items.append(Unnest.Item(column: input, outputs: [add(nil, element)]))
            case .map(let key, let value):
                items.append(Unnest.Item(column: input, outputs: [add(nil, key), add(nil, value)]))
            default:
                throw QueryError(
                    .typeMismatch, "Cannot unnest type: \(input.type.displayName)",
                    at: request.expressions[index].position)
            }
        }
        let ordinality = request.withOrdinality ? add("ordinality", .bigint) : nil
        let plan = LogicalPlan.unnest(
            Unnest(
                input: builder.plan, items: items, ordinality: ordinality, keepsEmpty: keepsEmpty,
                passThrough: left.plan.outputColumns))
        var relation = BoundRelation(plan: plan, fields: right)
        if let alias = request.alias { relation = try FromBinder.apply(alias, to: relation) }
        relation.fields = left.fields + relation.fields
        return try filtered(relation, criteria)
    }

    private func checkKind(
        _ kind: SQLSyntax.Join.Kind, _ criteria: SQLSyntax.Join.Criteria, at position: SourcePosition
    ) throws -> Bool {
        switch kind {
        case .cross, .inner: return false
        case .left:
            if case .on(let condition) = criteria, condition.kind == .boolean(true) { return true }
            throw QueryError(
                .notSupported, "LEFT JOIN involving UNNEST is only supported with condition ON TRUE", at: position)
        case .right, .full:
            throw QueryError(
                .notSupported, "\(kind.rawValue) JOIN involving UNNEST is only supported with condition ON TRUE",
                at: position)
        }
    }

    /// INNER JOIN UNNEST ... ON condition.
    private func filtered(_ relation: BoundRelation, _ criteria: SQLSyntax.Join.Criteria) throws -> BoundRelation {
        switch criteria {
        case .none: return relation
        case .on(let condition):
            let stage = Stage(clause: "JOIN clause")
            let binder = ExpressionBinder(
                context: context, environment: environment,
                scope: Scope(relation.fields, parent: environment.outer), stage: stage)
            let predicate = try binder.bindCondition(condition, clause: "JOIN ON clause")
            var builder = PlanBuilder(relation.plan, context: context)
            builder.attach(stage.steps)
            builder.filter(predicate)
            return BoundRelation(plan: builder.plan, fields: relation.fields)
        case .using, .natural:
            throw QueryError(.notSupported, "JOIN USING involving UNNEST is not supported")
        }
    }
}
