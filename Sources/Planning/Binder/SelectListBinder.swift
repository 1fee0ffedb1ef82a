import Expressions
import SQLSyntax
import SQLTypes

/// One column of a SELECT list.
struct SelectItemBinding {
    var name: String?
    var expression: BoundExpression
    /// Nil for columns of `*`.
    var syntax: Expression?
    /// For columns of `*`: `'t.a'`, or the position of an unnamed one.
    var origin: String?
}

/// Binds a SELECT list: expressions, `*`, `t.*` and `(row).*`.
struct SelectListBinder {
    let binder: ExpressionBinder

    func bind(_ items: [SelectItem]) throws -> [SelectItemBinding] {
        var result: [SelectItemBinding] = []
        for item in items {
            switch item {
            case .expression(let expression, let alias):
                let bound = try binder.bind(expression)
                result.append(
                    SelectItemBinding(
                        name: alias?.value ?? Self.name(of: expression), expression: bound, syntax: expression))
            case .all(let star):
                let fields = binder.scope.visibleFields
                guard !fields.isEmpty else {
                    throw QueryError(
                        .columnNotFound, "SELECT * not allowed in queries without FROM clause", at: star.position)
                }
                result += Self.items(fields)
            case .allOf(let base, let columns):
                result += try expand(base, columns)
            }
        }
        return result
    }

    /// `t.*` or `(row).*`.
    private func expand(_ base: Expression, _ aliases: [Identifier]?) throws -> [SelectItemBinding] {
        let expanded: [SelectItemBinding]
        if let name = base.asQualifiedName, let fields = relationFields(name) {
            expanded = Self.items(fields)
        } else {
            if let name = base.asQualifiedName, try binder.scope.resolve(name) == nil {
                throw QueryError(
                    .tableNotFound, "Unable to resolve reference \(name.displayName)" + nearRelation(name),
                    at: base.position)
            }
            let row = try binder.bind(base)
            guard case .row(let fields) = row.type else {
                if case .identifier(let name) = base.kind {
                    throw QueryError(
                        .tableNotFound, "Unable to resolve reference \(name.canonical)", at: base.position)
                }
                throw QueryError(.typeMismatch, "expected expression of type Row", at: base.position)
            }
            expanded = fields.enumerated().map { index, field in
                SelectItemBinding(
                    name: field.name, expression: .field(row, index: index, type: field.type), syntax: nil)
            }
        }
        guard let aliases else { return expanded }
        guard aliases.count == expanded.count else {
            throw QueryError(
                .mismatchedColumnAliases,
                "Column alias list has \(aliases.count) entries but relation has \(expanded.count) columns",
                at: aliases.first?.position ?? base.position)
        }
        return zip(expanded, aliases).map { item, alias in
            SelectItemBinding(name: alias.value, expression: item.expression, syntax: nil)
        }
    }

    private static func items(_ fields: [Scope.Field]) -> [SelectItemBinding] {
        fields.enumerated().map { index, field in
            let origin = field.name.map { name in
                field.relation?.last.map { "'\($0).\(name)'" } ?? "'\(name)'"
            }
            return SelectItemBinding(
                name: field.name, expression: .column(field.column), syntax: nil, origin: origin ?? "\(index + 1)")
        }
    }

    private func relationFields(_ name: QualifiedName) -> [Scope.Field]? {
        var scope: Scope? = binder.scope
        while let current = scope {
            if let fields = current.fields(of: name) { return fields }
            scope = current.parent
        }
        return nil
    }

    private func nearRelation(_ name: QualifiedName) -> String {
        NearNames.hint(name.last.canonical, among: binder.scope.fields.compactMap { $0.relation?.last })
    }

    /// The name of an output column without an alias.
    static func name(of expression: Expression) -> String? {
        switch expression.kind {
        case .identifier(let name): name.value
        case .dereference(_, let field): field.value
        default: nil
        }
    }
}

/// Output names that ORDER BY may use, with what they stand for.
struct OutputAliases {
    private var expressions: [String: [BoundExpression]] = [:]

    init(_ items: [SelectItemBinding]) {
        for item in items {
            guard let name = item.name?.lowercased() else { continue }
            expressions[name, default: []].append(item.expression)
        }
    }

    /// - Throws: AMBIGUOUS_NAME when two columns have the name.
    func resolve(_ name: Identifier) throws -> BoundExpression? {
        guard let found = expressions[name.canonical], let first = found.first else { return nil }
        guard found.count == 1 else {
            throw QueryError(.ambiguousName, "Column '\(name.canonical)' is ambiguous", at: name.position)
        }
        return first
    }
}
