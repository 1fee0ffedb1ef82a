/// Arithmetic on unscaled decimals, with Trino's rounding (half away from zero) and limits (38 digits).
public enum Decimal {
    /// 10^0 to 10^38.
    // Written once, then only read.
    nonisolated(unsafe) public static let powers: UnsafePointer<Int128> = {
        let table = UnsafeMutablePointer<Int128>.allocate(capacity: 39)
        var power: Int128 = 1
        for exponent in 0..<39 {
            table[exponent] = power
            if exponent < 38 { power *= 10 }
        }
        return UnsafePointer(table)
    }()

    /// 10^0 to 10^18.
    nonisolated(unsafe) public static let shortPowers: UnsafePointer<Int64> = {
        let table = UnsafeMutablePointer<Int64>.allocate(capacity: 19)
        for exponent in 0..<19 { table[exponent] = Int64(powers[exponent]) }
        return UnsafePointer(table)
    }()

    /// 10^`exponent`, for exponents of 0 to 38.
    @inlinable
    public static func power(_ exponent: Int) -> Int128 { powers[exponent] }

    /// Whether `value` needs more than `precision` digits.
    @inlinable
    public static func overflows(_ value: Int128, precision: Int) -> Bool {
        let limit = powers[precision]
        return value >= limit || value <= -limit
    }

    /// `value / 10^digits`, rounded half away from zero; `digits` of 0 or more.
    @inlinable
    public static func dividedByPower(_ value: Int128, _ digits: Int) -> Int128 {
        if digits == 0 { return value }
        if digits > 38 { return 0 }
        let power = powers[digits]
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: power)
        let magnitude = remainder < 0 ? -remainder : remainder
        guard magnitude >= power - magnitude else { return quotient }
        return value < 0 ? quotient &- 1 : quotient &+ 1
    }

    /// The value with another scale, rounded; nil when it leaves 38 digits.
    @inlinable
    public static func rescale(_ value: Int128, from scale: Int, to target: Int) -> Int128? {
        if target <= scale { return dividedByPower(value, scale - target) }
        if value == 0 { return 0 }
        let digits = target - scale
        guard digits <= 38 else { return nil }
        let (product, overflow) = value.multipliedReportingOverflow(by: powers[digits])
        return overflow || overflows(product, precision: 38) ? nil : product
    }

    /// `left / right` rounded half away from zero, where left is first multiplied by 10^`digits`; nil on overflow.
    /// `right` is not zero.
    public static func divide(_ left: Int128, _ right: Int128, shiftedBy digits: Int) -> Int128? {
        guard digits <= 76 else { return left == 0 ? 0 : nil }
        let negative = (left < 0) != (right < 0)
        let divisor = right.magnitude
        var quotient: UInt128
        let remainder: UInt128
        if digits == 0 {
            (quotient, remainder) = left.magnitude.quotientAndRemainder(dividingBy: divisor)
        } else {
            let first = min(digits, 38)
            var product = left.magnitude.multipliedFullWidth(by: UInt128(powers[first]))
            if digits > 38 {
                guard product.high == 0 else { return nil }
                product = product.low.multipliedFullWidth(by: UInt128(powers[digits - 38]))
            }
            if product.high == 0 {
                (quotient, remainder) = product.low.quotientAndRemainder(dividingBy: divisor)
            } else {
                guard product.high < divisor else { return nil }
                (quotient, remainder) = divisor.dividingFullWidth((product.high, product.low))
            }
        }
        if remainder >= divisor - remainder { quotient += 1 }
        guard quotient < UInt128(powers[38]) else { return nil }
        let result = Int128(quotient)
        return negative ? -result : result
    }

    /// The remainder of `left / right` at a common scale, with the sign of `left`; nil on overflow.
    public static func modulus(_ left: Int128, _ leftScale: Int, _ right: Int128, _ rightScale: Int) -> Int128? {
        if leftScale >= rightScale {
            // A divisor too big to be written at the wider scale exceeds every dividend.
            let (divisor, overflow) = right.multipliedReportingOverflow(by: powers[leftScale - rightScale])
            return overflow ? left : left % divisor
        }
        let digits = rightScale - leftScale
        let (scaled, overflow) = left.multipliedReportingOverflow(by: powers[digits])
        if !overflow { return scaled % right }
        // The dividend does not fit: reduce it modulo the divisor digit by digit.
        let divisor = right.magnitude
        let product = left.magnitude.multipliedFullWidth(by: UInt128(powers[digits]))
        let high = product.high % divisor
        let remainder = divisor.dividingFullWidth((high, product.low)).remainder
        let result = Int128(truncatingIfNeeded: remainder)
        return left < 0 ? -result : result
    }

    /// The nearest double.
    @inlinable
    public static func double(_ value: Int128, scale: Int) -> Double {
        if value.magnitude <= 1 << 53, scale <= 22 {
            // Both operands are exact, so one rounding happens.
            return Double(Int64(truncatingIfNeeded: value)) / exactDoublePower(scale)
        }
        return slowDouble(value, scale: scale)
    }

    @usableFromInline
    static func slowDouble(_ value: Int128, scale: Int) -> Double {
        var text: [UInt8] = []
        ValueText.appendDecimal(value, scale: scale, to: &text)
        return text.withUnsafeBufferPointer { NumberText.parseDouble($0) } ?? .nan
    }

    /// 10^exponent for exponents of 0 to 22, where doubles are exact.
    @inlinable
    public static func exactDoublePower(_ exponent: Int) -> Double { nearestDouble(Int128(powers[exponent])) }

    /// The double nearest to an integer. (`Double(value)` takes the standard library's generic path, which is some
    /// fifty times slower.)
    @inlinable
    public static func nearestDouble(_ value: Int128) -> Double {
        let low = Int64(truncatingIfNeeded: value)
        if Int128(low) == value { return Double(low) }
        let magnitude = value.magnitude
        // The top 64 bits, with a mark for the ones cut off: the conversion to 53 bits then rounds as for them all.
        let shift = max(0, 64 &- magnitude.leadingZeroBitCount)
        let top = UInt64(truncatingIfNeeded: magnitude &>> UInt128(truncatingIfNeeded: shift))
        let isCut = magnitude &<< UInt128(truncatingIfNeeded: 128 &- shift) != 0 && shift > 0
        let scale = Double(sign: .plus, exponent: shift, significand: 1)
        let result = Double(top | (isCut ? 1 : 0)) * scale
        return value < 0 ? -result : result
    }

    /// A double as an unscaled decimal, rounded half away from zero on its shortest text; nil when it does not fit.
    public static func fromDouble(_ value: Double, precision: Int, scale: Int) -> Int128? {
        guard value.isFinite else { return nil }
        var text: [UInt8] = []
        FloatText.append(value, to: &text)
        guard let parsed = text.withUnsafeBufferPointer({ NumberText.parseDecimal($0, scale: scale) }) else {
            return nil
        }
        return overflows(parsed, precision: precision) ? nil : parsed
    }

    /// A real as an unscaled decimal, see `fromDouble`.
    public static func fromReal(_ value: Float, precision: Int, scale: Int) -> Int128? {
        guard value.isFinite else { return nil }
        var text: [UInt8] = []
        FloatText.append(value, to: &text)
        guard let parsed = text.withUnsafeBufferPointer({ NumberText.parseDecimal($0, scale: scale) }) else {
            return nil
        }
        return overflows(parsed, precision: precision) ? nil : parsed
    }

    /// Result types of Trino's decimal operators.
    public static func additionType(_ p1: Int, _ s1: Int, _ p2: Int, _ s2: Int) -> DataType {
        let scale = max(s1, s2)
        return .decimal(precision: min(38, max(p1 - s1, p2 - s2) + scale + 1), scale: scale)
    }

    public static func multiplicationType(_ p1: Int, _ s1: Int, _ p2: Int, _ s2: Int) -> DataType? {
        let scale = s1 + s2
        return scale > 38 ? nil : .decimal(precision: min(38, p1 + p2), scale: scale)
    }

    public static func divisionType(_ p1: Int, _ s1: Int, _ p2: Int, _ s2: Int) -> DataType {
        .decimal(precision: min(38, p1 + s2 + max(s2 - s1, 0)), scale: max(s1, s2))
    }

    public static func modulusType(_ p1: Int, _ s1: Int, _ p2: Int, _ s2: Int) -> DataType {
        let scale = max(s1, s2)
        return .decimal(precision: max(1, min(p2 - s2, p1 - s1) + scale), scale: scale)
    }
}
