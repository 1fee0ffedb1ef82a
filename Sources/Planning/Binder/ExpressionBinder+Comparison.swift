import Expressions
import SQLSyntax
import SQLTypes

/// Comparisons and predicates. Operands are brought to their common type.
extension ExpressionBinder {
    func bindComparison(
        _ op: Expressions.ComparisonOperator, _ left: Expression, _ right: Expression, at position: SourcePosition
    ) throws -> BoundExpression {
        try compare(op, try bind(left), try bind(right), at: position)
    }

    func compare(
        _ op: Expressions.ComparisonOperator, _ left: BoundExpression, _ right: BoundExpression,
        at position: SourcePosition
    ) throws -> BoundExpression {
        guard let type = TypeCoercion.commonSuperType(left.type, right.type),
            op.needsOrder ? type.isOrderable : type.isComparable
        else {
            throw QueryError(
                .typeMismatch,
                "Cannot apply operator: \(left.type.displayName) \(op.rawValue) \(right.type.displayName)"
                    + ComparisonAdvice.text(left, right),
                at: position)
        }
        let a = coercion.coerce(left, to: type)
        let b = coercion.coerce(right, to: type)
        // `(a, b) = (c, d)` as `a = c AND b = d`: the same answer in three-valued logic, and joins see the keys.
        if case .makeRow(let fields, _) = a, case .makeRow(let others, _) = b, fields.count == others.count {
            let pairs = zip(fields, others)
            switch op {
            case .equal: return .conjunction(pairs.map { .comparison(.equal, $0, $1) })
            case .notEqual: return .disjunction(pairs.map { .comparison(.notEqual, $0, $1) })
            default: break
            }
        }
        return .comparison(op, a, b)
    }

    func bindBetween(
        _ value: Expression, _ lower: Expression, _ upper: Expression, _ isNegated: Bool, at position: SourcePosition
    ) throws -> BoundExpression {
        let bound = try bind(value)
        let low = try bind(lower)
        let high = try bind(upper)
        guard let type = TypeCoercion.commonSuperType([bound.type, low.type, high.type]), type.isOrderable else {
            throw QueryError(
                .typeMismatch,
                "Cannot check if \(bound.type.displayName) is BETWEEN \(low.type.displayName) and \(high.type.displayName)",
                at: position)
        }
        let operand = coercion.coerce(bound, to: type)
        let test = BoundExpression.and([
            .comparison(.greaterOrEqual, operand, coercion.coerce(low, to: type)),
            .comparison(.lessOrEqual, operand, coercion.coerce(high, to: type)),
        ])
        return isNegated ? .not(test) : test
    }

    func bindInList(
        _ value: Expression, _ list: [Expression], _ isNegated: Bool, at position: SourcePosition
    ) throws -> BoundExpression {
        let bound = try bind(value)
        let items = try list.map(bind)
        guard let type = TypeCoercion.commonSuperType([bound.type] + items.map(\.type)) else {
            let other = items.first { TypeCoercion.commonSuperType(bound.type, $0.type) == nil }
            throw QueryError(
                .typeMismatch,
                other.map {
                    "IN value and list items must be the same type: \(bound.type.displayName) vs \($0.type.displayName)"
                }
                    ?? "All IN list values must be the same type or coercible to a common type",
                at: position)
        }
        guard type.isComparable else {
            throw QueryError(.typeMismatch, "Cannot use type \(type.displayName) for IN predicate", at: position)
        }
        let operand = coercion.coerce(bound, to: type)
        let values = items.map { coercion.coerce($0, to: type) }
        let test: BoundExpression
        if case .makeRow = operand, values.allSatisfy({ if case .makeRow = $0 { true } else { false } }) {
            test = .disjunction(try values.map { try compare(.equal, operand, $0, at: position) })
        } else if values.count == 1 {
            test = .comparison(.equal, operand, values[0])
        } else {
            test = .inList(operand, values)
        }
        return isNegated ? .not(test) : test
    }

    func bindLike(
        _ value: Expression, _ pattern: Expression, _ escape: Expression?, _ isNegated: Bool,
        at position: SourcePosition
    ) throws -> BoundExpression {
        let bound = try bind(value)
        guard bound.type.isCharacter || bound.type == .unknown else {
            throw QueryError(
                .typeMismatch,
                "Left side of LIKE expression must evaluate to a varchar (actual: \(bound.type.displayName))",
                at: value.position)
        }
        let patternValue = try bind(pattern)
        guard patternValue.type.isCharacter || patternValue.type == .unknown else {
            throw QueryError(
                .typeMismatch,
                "Pattern for LIKE expression must evaluate to a varchar (actual: \(patternValue.type.displayName))",
                at: pattern.position)
        }
        var arguments = [bound, coercion.coerce(patternValue, to: .varcharUnbounded)]
        if let escape {
            let escapeValue = try bind(escape)
            guard escapeValue.type.isCharacter || escapeValue.type == .unknown else {
                throw QueryError(
                    .typeMismatch,
                    "Escape for LIKE expression must evaluate to a varchar (actual: \(escapeValue.type.displayName))",
                    at: escape.position)
            }
            arguments.append(coercion.coerce(escapeValue, to: .varcharUnbounded))
        }
        let test = try call("$like", arguments, at: position)
        return isNegated ? .not(test) : test
    }
}

extension Expressions.ComparisonOperator {
    /// `<` and the like need an order, the others equality alone.
    var needsOrder: Bool {
        switch self {
        case .less, .lessOrEqual, .greater, .greaterOrEqual: true
        case .equal, .notEqual, .isDistinctFrom, .isNotDistinctFrom: false
        }
    }
}
