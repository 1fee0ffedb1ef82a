import SQLTypes

/// A number of a JSON path with SQL's arithmetic: exact while both operands are, else floating.
enum SQLJSONNumber {
    case exact(Int128, scale: Int)
    case double(Double)

    /// - Parameter isDocument: the digits stand in a document, where a fraction makes a double; in a path it makes a
    ///   decimal.
    init?(_ digits: String, isDocument: Bool = false) {
        var copy = digits
        let isExact = !copy.utf8.contains { $0 == 0x65 || $0 == 0x45 || (isDocument && $0 == 0x2e) }
        let fraction =
            copy.utf8.firstIndex(of: 0x2e).map { copy.utf8.distance(from: $0, to: copy.utf8.endIndex) - 1 } ?? 0
        if isExact, fraction <= 38, let value = copy.withUTF8({ NumberText.parseDecimal($0, scale: fraction) }) {
            self = .exact(value, scale: fraction)
        } else if let value = copy.withUTF8({ NumberText.parseDouble($0) }), value.isFinite {
            self = .double(value)
        } else {
            return nil
        }
    }

    var double: Double {
        switch self {
        case .exact(let value, let scale): Decimal.double(value, scale: scale)
        case .double(let value): value
        }
    }

    /// The number as JSON shows it; nil for what JSON cannot show.
    var json: JSONValue? {
        switch self {
        case .exact(let value, let scale):
            return .number(ValueText.print(.int128(value), .decimal(precision: 38, scale: scale)))
        case .double(let value):
            guard value.isFinite else { return nil }
            var text: [UInt8] = []
            FloatText.append(value, to: &text)
            return .number(String(decoding: text, as: UTF8.self))
        }
    }

    /// The value as an index; nil for fractions.
    var index: Int? {
        switch self {
        case .exact(let value, let scale):
            let power = scale <= 38 ? Decimal.power(scale) : 0
            guard power > 0, value % power == 0 else { return nil }
            return Int(exactly: value / power)
        case .double(let value): return Int(exactly: value)
        }
    }

    static func order(_ left: SQLJSONNumber, _ right: SQLJSONNumber) -> Int {
        if case .exact(let a, let aScale) = left, case .exact(let b, let bScale) = right {
            let scale = max(aScale, bScale)
            if let x = Decimal.rescale(a, from: aScale, to: scale), let y = Decimal.rescale(b, from: bScale, to: scale)
            {
                return x < y ? -1 : (x == y ? 0 : 1)
            }
        }
        return left.double < right.double ? -1 : (left.double == right.double ? 0 : 1)
    }

    /// Nil when the result overflows or a divisor is zero.
    static func apply(_ op: SQLJSONPath.Operator, _ left: SQLJSONNumber, _ right: SQLJSONNumber) -> SQLJSONNumber? {
        guard case .exact(let a, let aScale) = left, case .exact(let b, let bScale) = right else {
            return floating(op, left.double, right.double)
        }
        let scale = max(aScale, bScale)
        switch op {
        case .multiply:
            let (product, overflow) = a.multipliedReportingOverflow(by: b)
            return overflow || aScale + bScale > 38 ? nil : .exact(product, scale: aScale + bScale)
        case .divide:
            guard b != 0 else { return nil }
            // The quotient has the larger scale of both, rounded half up; integers stay integers, cut.
            if scale == 0 { return .exact(a / b, scale: 0) }
            return Decimal.divide(a, b, shiftedBy: scale - aScale + bScale).map { .exact($0, scale: scale) }
        case .modulus:
            guard b != 0 else { return nil }
            return Decimal.modulus(a, aScale, b, bScale).map { .exact($0, scale: scale) }
        case .add, .subtract:
            guard let x = Decimal.rescale(a, from: aScale, to: scale),
                let y = Decimal.rescale(b, from: bScale, to: scale)
            else { return nil }
            let (result, overflow) = op == .add ? x.addingReportingOverflow(y) : x.subtractingReportingOverflow(y)
            return overflow ? nil : .exact(result, scale: scale)
        }
    }

    private static func floating(_ op: SQLJSONPath.Operator, _ left: Double, _ right: Double) -> SQLJSONNumber? {
        switch op {
        case .add: return .double(left + right)
        case .subtract: return .double(left - right)
        case .multiply: return .double(left * right)
        case .divide: return .double(left / right)
        case .modulus: return .double(left.truncatingRemainder(dividingBy: right))
        }
    }

    var negated: SQLJSONNumber? {
        switch self {
        case .exact(let value, let scale): value == Int128.min ? nil : .exact(-value, scale: scale)
        case .double(let value): .double(-value)
        }
    }

    func rounded(_ rule: FloatingPointRoundingRule) -> SQLJSONNumber? {
        switch self {
        case .double(let value): return .double(value.rounded(rule))
        case .exact(let value, let scale):
            guard scale > 0 else { return self }
            let power = Decimal.power(min(scale, 38))
            let rest = value % power
            let whole = value / power
            if rest == 0 { return .exact(whole, scale: 0) }
            return .exact(rule == .up ? (rest > 0 ? whole + 1 : whole) : (rest < 0 ? whole - 1 : whole), scale: 0)
        }
    }

    var magnitude: SQLJSONNumber? {
        switch self {
        case .exact(let value, _): value < 0 ? negated : self
        case .double(let value): .double(value.magnitude)
        }
    }
}
