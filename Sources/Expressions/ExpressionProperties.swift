import Functions
import SQLTypes

extension BoundExpression {
    public var isConstant: Bool { if case .constant = self { true } else { false } }

    /// No row makes it raise: it may be reordered, pushed down, and run early or on dictionary entries.
    public var cannotRaise: Bool {
        switch self {
        case .constant, .column: true
        case .tryExpression: true
        case .call(let call): call.cannotRaise
        case .cast(let inner, let type, let isTry):
            (isTry || CastKernels.cannotRaise(from: inner.type, to: type)) && inner.cannotRaise
        case .comparison(_, let left, let right):
            (!left.type.isNested) && left.cannotRaise && right.cannotRaise
        case .and, .or, .not, .isNull, .inList, .caseWhen, .coalesce, .nullIf, .field, .makeRow, .lambda:
            children.allSatisfy(\.cannotRaise)
        }
    }

    /// A lambda lies in it.
    var holdsLambda: Bool {
        if case .lambda = self { return true }
        return children.contains(where: \.holdsLambda)
    }

    /// A rough price per row, to order the terms of an AND before anything is measured: 1 is a comparison of numbers.
    public var evaluationCost: Int {
        let own: Int
        switch self {
        case .constant, .column: own = 0
        case .call(let call): own = call.function.name == "$like" || call.function.name.hasPrefix("regexp") ? 20 : 4
        case .comparison(_, let left, _): own = left.type.physical == .string ? 3 : 1
        case .inList: own = 3
        case .cast: own = 6
        case .and, .or, .not, .isNull, .nullIf, .field, .makeRow: own = 1
        case .caseWhen, .coalesce: own = 4
        case .tryExpression, .lambda: own = 20
        }
        return children.reduce(own) { min($0 + $1.evaluationCost, 1_000_000) }
    }
}

extension FunctionCall {
    /// See `BoundExpression.cannotRaise`; a constant divisor that is not 0 takes the risk out of a division.
    var cannotRaise: Bool {
        let isSafe =
            function.cannotRaise || function.cannotRaiseFor?(signature) == true || dividesByConstant || truncatesToUnit
        return isSafe && arguments.allSatisfy(\.cannotRaise)
    }

    /// `date_trunc` raises for nothing but its unit.
    private var truncatesToUnit: Bool {
        guard function.name == "date_trunc", arguments.count == 2, case .constant(.bytes(let unit), _) = arguments[0]
        else { return false }
        return DateTimeUnits.isUnit(String(decoding: unit, as: UTF8.self), of: arguments[1].type)
    }

    private var dividesByConstant: Bool {
        guard function.name == "$divide" || function.name == "$modulus", arguments.count == 2,
            case .constant(let value, let type) = arguments[1], type.isInteger, case .int(let divisor) = value
        else { return false }
        // The most negative number over -1 overflows.
        return divisor != 0 && divisor != -1
    }
}
