import Expressions
import SQLSyntax
import SQLTypes

/// Arithmetic, concatenation and AT TIME ZONE. Operators are functions with a `$` name.
extension ExpressionBinder {
    func bindArithmetic(
        _ op: ArithmeticOperator, _ left: Expression, _ right: Expression, at position: SourcePosition
    ) throws -> BoundExpression {
        try call(op.functionName, [try bind(left), try bind(right)], at: position)
    }

    func bindNegate(_ inner: Expression, at position: SourcePosition) throws -> BoundExpression {
        let bound = try bind(inner)
        if case .constant(.int(let value), .integer) = bound, let negated = Int32(exactly: 0 &- value) {
            return .constant(.int(Int64(negated)), .integer)
        }
        return try call("$negate", [bound], at: position)
    }

    func bindPlus(_ inner: Expression, at position: SourcePosition) throws -> BoundExpression {
        let bound = try bind(inner)
        switch bound.type {
        case .intervalDayToSecond, .intervalYearToMonth, .unknown: return bound
        default:
            guard bound.type.isNumeric else {
                throw QueryError(
                    .typeMismatch, "Unary '+' operator cannot by applied to \(bound.type.displayName) type",
                    at: position)
            }
            return bound
        }
    }

    /// `a || b || c`: text and binary in one call; arrays pair by pair, because an element may stand beside an array.
    func bindConcat(_ operands: [Expression], at position: SourcePosition) throws -> BoundExpression {
        let bound = try operands.map(bind)
        let isFlat = bound.allSatisfy { operand in
            switch operand.type {
            case .varchar, .unknown: true
            default: false
            }
        }
        if isFlat { return try call("concat", bound, at: position) }
        var result = bound[0]
        for operand in bound.dropFirst() { result = try call("concat", [result, operand], at: position) }
        return result
    }

    func bindAtTimeZone(
        _ value: Expression, _ zone: Expression, at position: SourcePosition
    ) throws -> BoundExpression {
        var bound = try bind(value)
        switch bound.type {
        case .timestamp(let precision):
            bound = coercion.coerce(bound, to: .timestampWithTimeZone(precision: precision))
        case .time(let precision): bound = coercion.coerce(bound, to: .timeWithTimeZone(precision: precision))
        case .timestampWithTimeZone, .timeWithTimeZone, .unknown: break
        default:
            throw QueryError(
                .typeMismatch,
                "Type of value must be a time or timestamp with or without time zone (actual \(bound.type.displayName))",
                at: value.position)
        }
        let zoneValue = try bind(zone)
        guard zoneValue.type.isCharacter || zoneValue.type == .intervalDayToSecond || zoneValue.type == .unknown else {
            throw QueryError(
                .typeMismatch, "Time zone must be a string or an interval (actual \(zoneValue.type.displayName))",
                at: zone.position)
        }
        return try call("at_timezone", [bound, zoneValue], at: position)
    }
}

extension ArithmeticOperator {
    var functionName: String {
        switch self {
        case .add: "$add"
        case .subtract: "$subtract"
        case .multiply: "$multiply"
        case .divide: "$divide"
        case .modulus: "$modulus"
        }
    }
}
