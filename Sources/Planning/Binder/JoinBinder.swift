import Expressions
import SQLSyntax
import SQLTypes

/// Binds joins: ON, USING, NATURAL, and right sides that see the left (LATERAL, UNNEST).
struct JoinBinder {
    let context: BindingContext
    let environment: BindingEnvironment

    func bind(
        _ kind: SQLSyntax.Join.Kind, left: BoundRelation, _ rightSyntax: Relation, criteria: SQLSyntax.Join.Criteria,
        at position: SourcePosition
    ) throws -> BoundRelation {
        if let unnest = UnnestBinder.Request(rightSyntax) {
            return try UnnestBinder(context: context, environment: environment).bind(
                unnest, kind, left: left, criteria: criteria, at: position)
        }
        if let lateral = Self.lateral(rightSyntax) {
            return try bindLateral(kind, left, lateral.query, lateral.alias, criteria, at: position)
        }
        let right = try FromBinder(context: context, environment: environment).bind(rightSyntax)
        switch criteria {
        case .none:
            return BoundRelation(
                plan: .join(Join(kind: .cross, left: left.plan, right: right.plan)), fields: left.fields + right.fields)
        case .on(let condition):
            return try JoinConditionBinder(context: context, environment: environment).join(
                kind.planKind, left, right, on: condition)
        case .using(let names):
            return try joinUsing(kind, left, right, names, at: position)
        case .natural:
            let rightNames = Set(right.fields.compactMap { $0.isHidden ? nil : $0.name?.lowercased() })
            var seen: Set<String> = []
            let shared = left.fields.compactMap { field -> Identifier? in
                guard !field.isHidden, let name = field.name, rightNames.contains(name.lowercased()),
                    seen.insert(name.lowercased()).inserted
                else { return nil }
                return Identifier(name, at: position)
            }
            if shared.isEmpty {
                return BoundRelation(
                    plan: .join(
                        Join(kind: kind == .inner ? .cross : kind.planKind, left: left.plan, right: right.plan)),
                    fields: left.fields + right.fields)
            }
            return try joinUsing(kind, left, right, shared, at: position)
        }
    }

    // MARK: USING

    /// Merged columns first (unqualified), then what is left of both sides.
    private func joinUsing(
        _ kind: SQLSyntax.Join.Kind, _ left: BoundRelation, _ right: BoundRelation, _ names: [Identifier],
        at position: SourcePosition
    ) throws -> BoundRelation {
        var seen: Set<String> = []
        let coercion = Coercion(context: context)
        var leftKeys: [BoundExpression] = []
        var rightKeys: [BoundExpression] = []
        var leftColumns: Set<ColumnReference> = []
        var rightColumns: Set<ColumnReference> = []
        for name in names {
            guard seen.insert(name.canonical).inserted else {
                throw QueryError(
                    .duplicateColumnName, "Column '\(name.canonical)' appears multiple times in USING clause",
                    at: name.position)
            }
            let leftField = try field(name, left, side: "left")
            let rightField = try field(name, right, side: "right")
            guard let type = TypeCoercion.commonSuperType(leftField.column.type, rightField.column.type),
                type.isComparable
            else {
                throw QueryError(
                    .typeMismatch,
                    "Column types of left and right side are not equal: \(leftField.column.type.displayName) vs \(rightField.column.type.displayName)",
                    at: name.position)
            }
            leftKeys.append(coercion.coerce(.column(leftField.column), to: type))
            rightKeys.append(coercion.coerce(.column(rightField.column), to: type))
            leftColumns.insert(leftField.column)
            rightColumns.insert(rightField.column)
        }
        var leftBuilder = PlanBuilder(left.plan, context: context)
        var rightBuilder = PlanBuilder(right.plan, context: context)
        let leftReferences = leftBuilder.compute(leftKeys, name: "key")
        let rightReferences = rightBuilder.compute(rightKeys, name: "key")
        let join = LogicalPlan.join(
            Join(
                kind: kind.planKind, left: leftBuilder.plan, right: rightBuilder.plan,
                equalities: zip(leftReferences, rightReferences).map { Join.Equality($0, $1) }))
        var builder = PlanBuilder(join, context: context)
        let merged: [BoundExpression] = zip(leftReferences, rightReferences).map { leftKey, rightKey in
            switch kind {
            case .inner, .left, .cross: .column(leftKey)
            case .right: .column(rightKey)
            case .full: .coalesce([.column(leftKey), .column(rightKey)], type: leftKey.type)
            }
        }
        let columns = builder.compute(merged, name: "key")
        let mergedFields = zip(names, columns).map { Scope.Field(name: $0.value, column: $1) }
        return BoundRelation(
            plan: builder.plan,
            fields: mergedFields + left.fields.filter { !leftColumns.contains($0.column) }
                + right.fields.filter { !rightColumns.contains($0.column) })
    }

    private func field(_ name: Identifier, _ relation: BoundRelation, side: String) throws -> Scope.Field {
        let scope = Scope(relation.fields)
        guard let match = try scope.resolve(QualifiedName([name])) else {
            let near = NearNames.hint(
                name.canonical, among: relation.fields.compactMap { $0.isHidden ? nil : $0.name?.lowercased() })
            throw QueryError(
                .columnNotFound, "Column '\(name.canonical)' is missing from \(side) side of join" + near,
                at: name.position)
        }
        return match.field
    }

    // MARK: LATERAL

    private static func lateral(_ relation: Relation) -> (query: Query, alias: Alias?)? {
        switch relation.kind {
        case .lateral(let query): return (query, nil)
        case .aliased(let inner, let alias):
            if case .lateral(let query) = inner.kind { return (query, alias) }
            return nil
        default: return nil
        }
    }

    private func bindLateral(
        _ kind: SQLSyntax.Join.Kind, _ left: BoundRelation, _ query: Query, _ alias: Alias?,
        _ criteria: SQLSyntax.Join.Criteria, at position: SourcePosition
    ) throws -> BoundRelation {
        var inner = environment
        inner.outer = Scope(left.fields, parent: environment.outer)
        let bound = try QueryBinder(context: context, environment: inner).bind(query)
        var right = FromBinder.relation(bound)
        if let alias { right = try FromBinder.apply(alias, to: right) }
        let fields = left.fields + right.fields
        var condition = BoundExpression.true
        let stage = Stage(clause: "JOIN clause")
        switch criteria {
        case .none: break
        case .on(let expression):
            let binder = ExpressionBinder(
                context: context, environment: environment, scope: Scope(fields, parent: environment.outer),
                stage: stage)
            condition = try binder.bindCondition(expression, clause: "JOIN ON clause")
        case .using, .natural:
            throw QueryError(.notSupported, "JOIN USING with LATERAL is not supported", at: position)
        }
        guard stage.steps.isEmpty else {
            throw QueryError(
                .notSupported, "Subqueries in the ON clause of a LATERAL join are not supported", at: position)
        }
        let joinKind: DependentJoin.Kind
        switch kind {
        case .inner, .cross: joinKind = .inner
        case .left: joinKind = .left
        case .right, .full:
            throw QueryError(
                .invalidColumnReference, "LATERAL reference not allowed in \(kind.rawValue) JOIN", at: position)
        }
        let isCorrelated = !bound.plan.freeColumns.isDisjoint(with: Set(left.plan.outputColumns))
        if !isCorrelated {
            let plan = Join(
                kind: joinKind.isLeft ? .left : (condition == .true ? .cross : .inner), left: left.plan,
                right: right.plan, residual: condition)
            return BoundRelation(plan: .join(plan), fields: fields)
        }
        return BoundRelation(
            plan: .dependentJoin(
                DependentJoin(
                    kind: joinKind, left: left.plan, right: right.plan, condition: condition, position: position)),
            fields: fields)
    }
}

extension DependentJoin.Kind {
    var isLeft: Bool {
        if case .left = self { return true }
        return false
    }
}

extension SQLSyntax.Join.Kind {
    /// The plan's word for it.
    var planKind: Join.Kind {
        switch self {
        case .cross: .cross
        case .inner: .inner
        case .left: .left
        case .right: .right
        case .full: .full
        }
    }
}
