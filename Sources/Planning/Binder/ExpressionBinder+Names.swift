import Expressions
import SQLSyntax
import SQLTypes

/// Literals, parameters, columns and row fields.
extension ExpressionBinder {
    func bindLiteral(_ node: Expression) throws -> BoundExpression {
        let literal: (value: Value, type: DataType)
        switch node.kind {
        case .integer(let value): literal = Literal.integer(value)
        case .decimal(let text):
            literal =
                context.session.parseDecimalLiteralsAsDouble ? try Literal.double(text) : try Literal.decimal(text)
        case .double(let value): literal = (.double(value), .double)
        case .string(let text): literal = Literal.string(text)
        case .binary(let bytes): literal = (.bytes(bytes), .varbinary)
        case .typed(let name, let text): literal = try Literal.typed(try name.resolve(in: .trino), text)
        case .interval(let interval):
            guard let from = IntervalUnit(rawValue: interval.from.rawValue) else {
                throw QueryError(.invalidLiteral, "'\(interval.text)' is not a valid INTERVAL literal")
            }
            literal = try Literal.interval(
                interval.text, isNegative: interval.isNegative, from: from,
                to: interval.to.flatMap { IntervalUnit(rawValue: $0.rawValue) })
        default: return .null(.unknown)
        }
        return .constant(literal.value, literal.type)
    }

    // MARK: Parameters

    func bindParameter(_ index: Int, at position: SourcePosition) throws -> BoundExpression {
        if context.describesParameters {
            let type = context.parameterTypes[index] ?? .unknown
            return .column(ColumnReference(id: -index - 1, name: "?", type: type))
        }
        guard let parameters = context.session.parameters, index < parameters.count else {
            throw Self.missingParameter(index, context, at: position)
        }
        return .constant(parameters[index].value, parameters[index].type)
    }

    static func missingParameter(
        _ index: Int, _ context: BindingContext, at position: SourcePosition
    ) -> QueryError {
        QueryError(
            .invalidParameterUsage,
            "Incorrect number of parameters: expected at least \(index + 1) but found \(context.session.parameters?.count ?? 0)",
            at: position)
    }

    // MARK: Columns

    func bindIdentifier(_ name: Identifier) throws -> BoundExpression {
        let canonical = name.canonical
        for parameters in lambdas.reversed() {
            if let parameter = parameters[canonical] { return .column(parameter) }
        }
        if let output = try aliases?.resolve(name) { return output }
        let qualified = QualifiedName([name])
        guard let match = try scope.resolve(qualified) else { throw scope.notFound(qualified, at: name.position) }
        return use(match.field)
    }

    /// `a.b`: a column `b` of relation `a`, or a field `b` of the row `a`.
    func bindDereference(_ node: Expression, _ base: Expression, _ field: Identifier) throws -> BoundExpression {
        if let name = node.asQualifiedName {
            let first = name.parts[0].canonical
            let isLambdaParameter = lambdas.contains { $0[first] != nil }
            if !isLambdaParameter {
                if let match = try scope.resolve(name) {
                    var result = use(match.field)
                    for part in match.rest { result = try self.field(part, of: result, at: node.position, name) }
                    return result
                }
                guard let aliases, try aliases.resolve(name.parts[0]) != nil else {
                    throw notFound(name, at: node.position)
                }
            }
        }
        return try self.field(field, of: try bind(base), at: node.position, node.asQualifiedName)
    }

    private func use(_ field: Scope.Field) -> BoundExpression {
        if field.isHidden { context.usedHiddenColumns.insert(field.column.id) }
        return .column(field.column)
    }

    /// A field of a row by name; the first of equal names, without regard to case.
    private func field(
        _ name: Identifier, of row: BoundExpression, at position: SourcePosition, _ whole: QualifiedName?
    ) throws -> BoundExpression {
        guard case .row(let fields) = row.type else {
            throw QueryError(
                .typeMismatch, "Expression \(ExpressionText.describe(row)) is not of type ROW", at: position)
        }
        let canonical = name.canonical
        let found = fields.indices.filter { fields[$0].name?.lowercased() == canonical }
        guard let index = found.first else {
            let near = NearNames.hint(canonical, among: fields.compactMap { $0.name?.lowercased() })
            throw QueryError(
                .columnNotFound, "Column '\(whole?.displayName ?? canonical)' cannot be resolved" + near, at: position)
        }
        guard found.count == 1 else {
            throw QueryError(.ambiguousName, "Ambiguous row field reference: \(canonical)", at: position)
        }
        return .field(row, index: index, type: fields[index].type)
    }

    /// Suggests columns of the named relation if there is one, else other relations.
    private func notFound(_ name: QualifiedName, at position: SourcePosition) -> QueryError {
        let relation = QualifiedName(Array(name.parts.dropLast()))
        if let fields = scope.fields(of: relation) {
            let near = NearNames.hint(name.last.canonical, among: fields.compactMap { $0.name?.lowercased() })
            return QueryError(.columnNotFound, "Column '\(name.displayName)' cannot be resolved" + near, at: position)
        }
        let relations = Set(scope.fields.compactMap { $0.relation?.last })
        let near = NearNames.hint(relation.last.canonical, among: relations)
        return QueryError(.columnNotFound, "Column '\(name.displayName)' cannot be resolved" + near, at: position)
    }
}
