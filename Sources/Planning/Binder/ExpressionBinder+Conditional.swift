import Expressions
import SQLSyntax
import SQLTypes

/// CASE, and the calls that evaluate their arguments only where needed: IF, COALESCE, NULLIF, TRY.
extension ExpressionBinder {
    func bindSearchedCase(
        _ clauses: [WhenClause], _ otherwise: Expression?, at position: SourcePosition
    ) throws -> BoundExpression {
        let conditions = try clauses.map { clause -> BoundExpression in
            let bound = try bind(clause.condition)
            guard bound.type == .boolean || bound.type == .unknown else {
                throw QueryError(
                    .typeMismatch,
                    "CASE WHEN clause must evaluate to a boolean (actual: \(bound.type.displayName))",
                    at: clause.condition.position)
            }
            return coercion.coerce(bound, to: .boolean)
        }
        return try caseWhen(conditions, clauses, otherwise, at: position)
    }

    func bindSimpleCase(
        _ operand: Expression, _ clauses: [WhenClause], _ otherwise: Expression?, at position: SourcePosition
    ) throws -> BoundExpression {
        let value = try bind(operand)
        let conditions = try clauses.map { clause -> BoundExpression in
            let candidate = try bind(clause.condition)
            guard TypeCoercion.commonSuperType(value.type, candidate.type) != nil else {
                throw QueryError(
                    .typeMismatch,
                    "CASE operand type does not match WHEN clause operand type: \(value.type.displayName) vs \(candidate.type.displayName)",
                    at: clause.condition.position)
            }
            return try compare(.equal, value, candidate, at: clause.condition.position)
        }
        return try caseWhen(conditions, clauses, otherwise, at: position)
    }

    private func caseWhen(
        _ conditions: [BoundExpression], _ clauses: [WhenClause], _ otherwise: Expression?,
        at position: SourcePosition
    ) throws -> BoundExpression {
        var results = try clauses.map { try bind($0.result) }
        results.append(try otherwise.map(bind) ?? .null(.unknown))
        let type = try commonType(of: results.map(\.type), "CASE results") { index in
            index < clauses.count ? clauses[index].result.position : otherwise?.position ?? position
        }
        let converted = results.map { coercion.coerce($0, to: type) }
        return .caseWhen(
            branches: zip(conditions, converted).map { CaseBranch(condition: $0, result: $1) },
            otherwise: converted[converted.count - 1], type: type)
    }

    /// The common type of a list; `position` tells where its `i`-th member stands.
    func commonType(
        of types: [DataType], _ members: String, at position: (Int) -> SourcePosition
    ) throws -> DataType {
        var common = DataType.unknown
        for (index, type) in types.enumerated() {
            guard let next = TypeCoercion.commonSuperType(common, type) else {
                var seen: Set<DataType> = []
                let names = types.filter { seen.insert($0).inserted }.map(\.displayName).joined(separator: ", ")
                throw QueryError(
                    .typeMismatch,
                    "All \(members) must be the same type or coercible to a common type. Cannot find common type between \(common.displayName) and \(type.displayName), all types (without duplicates): [\(names)]",
                    at: position(index))
            }
            common = next
        }
        return common
    }

    /// IF, COALESCE, NULLIF and TRY; nil for every other name.
    func bindConditionalCall(
        _ call: SQLSyntax.FunctionCall, _ name: String, at position: SourcePosition
    ) throws -> BoundExpression? {
        func require(_ counts: ClosedRange<Int>, _ shown: String) throws {
            guard counts.contains(call.arguments.count) else {
                throw QueryError(.invalidArguments, "Invalid number of arguments for '\(shown)' function", at: position)
            }
        }
        switch name {
        case "if":
            try require(2...3, "if")
            let bound = try bind(call.arguments[0])
            guard bound.type == .boolean || bound.type == .unknown else {
                throw QueryError(
                    .typeMismatch, "IF condition must evaluate to a boolean (actual: \(bound.type.displayName))",
                    at: call.arguments[0].position)
            }
            let results = try [
                bind(call.arguments[1]), call.arguments.count == 3 ? bind(call.arguments[2]) : .null(.unknown),
            ]
            guard let type = TypeCoercion.commonSuperType(results.map(\.type)) else {
                throw QueryError(
                    .typeMismatch,
                    "Result types for IF must be the same: \(results[0].type.displayName) vs \(results[1].type.displayName)",
                    at: position)
            }
            return .caseWhen(
                branches: [
                    CaseBranch(
                        condition: coercion.coerce(bound, to: .boolean), result: coercion.coerce(results[0], to: type))
                ], otherwise: coercion.coerce(results[1], to: type), type: type)
        case "coalesce":
            try require(2...Int.max, "coalesce")
            let values = try call.arguments.map(bind)
            let type = try commonType(of: values.map(\.type), "COALESCE operands") { call.arguments[$0].position }
            return .coalesce(values.map { coercion.coerce($0, to: type) }, type: type)
        case "nullif":
            try require(2...2, "nullif")
            let first = try bind(call.arguments[0])
            let second = try bind(call.arguments[1])
            guard let type = TypeCoercion.commonSuperType(first.type, second.type), type.isComparable else {
                throw QueryError(
                    .typeMismatch,
                    "Types are not comparable with NULLIF: \(first.type.displayName) vs \(second.type.displayName)",
                    at: position)
            }
            if first.type == type { return .nullIf(first, coercion.coerce(second, to: type)) }
            // The result keeps the first operand's type.
            let equal = BoundExpression.comparison(
                .equal, coercion.coerce(first, to: type), coercion.coerce(second, to: type))
            return .caseWhen(
                branches: [CaseBranch(condition: equal, result: .null(first.type))], otherwise: first, type: first.type)
        case "try":
            try require(1...1, "try")
            return .tryExpression(try bind(call.arguments[0]))
        default: return nil
        }
    }
}
