import Glibc

/// Numbers from text: strict grammars, no allocation on the usual paths.
public enum NumberText {
    /// An optional sign and digits; nil for anything else and outside 64 bits.
    public static func parseInteger(_ bytes: UnsafeBufferPointer<UInt8>) -> Int64? {
        var index = 0
        var isNegative = false
        guard bytes.count > 0 else { return nil }
        if bytes[0] == UInt8(ascii: "-") || bytes[0] == UInt8(ascii: "+") {
            isNegative = bytes[0] == UInt8(ascii: "-")
            index = 1
            if bytes.count == 1 { return nil }
        }
        var value: UInt64 = 0
        if bytes.count &- index <= 18 {
            while index < bytes.count {
                let digit = bytes[index] &- 48
                if digit > 9 { return nil }
                value = value &* 10 &+ UInt64(digit)
                index &+= 1
            }
            return isNegative ? 0 &- Int64(value) : Int64(value)
        }
        while index < bytes.count {
            let digit = bytes[index] &- 48
            if digit > 9 { return nil }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(digit))
            if overflow || carry { return nil }
            value = sum
            index &+= 1
        }
        if isNegative {
            guard value <= 1 << 63 else { return nil }
            return Int64(truncatingIfNeeded: 0 &- value)
        }
        return Int64(exactly: value)
    }

    /// Whether the text has the form of an integer, whatever its size.
    public static func isIntegerForm(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var index = 0
        if bytes.count > 0, bytes[0] == UInt8(ascii: "-") || bytes[0] == UInt8(ascii: "+") { index = 1 }
        if index == bytes.count { return false }
        while index < bytes.count {
            if bytes[index] &- 48 > 9 { return false }
            index += 1
        }
        return true
    }

    /// `[+-] digits [. digits] [e [+-] digits]`, `NaN`, `Infinity`; nil for anything else.
    public static func parseDouble(_ bytes: UnsafeBufferPointer<UInt8>) -> Double? {
        guard let number = scan(bytes) else { return parseSpecial(bytes) }
        // Clinger's fast path: the digits and the power of ten are exact doubles, so one rounding happens.
        if number.isExact, number.mantissa <= 1 << 53, number.exponent >= -22, number.exponent <= 22 {
            let mantissa = Double(number.mantissa)
            let value =
                number.exponent < 0
                ? mantissa / Decimal.exactDoublePower(-number.exponent)
                : mantissa * Decimal.exactDoublePower(number.exponent)
            return number.isNegative ? -value : value
        }
        return withCText(bytes) { strtod($0, nil) }
    }

    /// As `parseDouble`, rounded once to a real.
    public static func parseReal(_ bytes: UnsafeBufferPointer<UInt8>) -> Float? {
        guard let number = scan(bytes) else { return parseSpecial(bytes).map { Float($0) } }
        if number.isExact, number.mantissa <= 1 << 24, number.exponent >= -10, number.exponent <= 10 {
            let mantissa = Float(number.mantissa)
            let power = Float(Decimal.exactDoublePower(abs(number.exponent)))
            let value = number.exponent < 0 ? mantissa / power : mantissa * power
            return number.isNegative ? -value : value
        }
        return withCText(bytes) { strtof($0, nil) }
    }

    /// The unscaled value at `scale`, rounded half away from zero; nil when the text is no number or exceeds 38 digits.
    public static func parseDecimal(_ bytes: UnsafeBufferPointer<UInt8>, scale: Int) -> Int128? {
        guard let parsed = scanDecimal(bytes) else { return nil }
        return Decimal.rescaleWide(parsed.unscaled, from: parsed.scale, to: scale)
    }

    /// A decimal literal's unscaled value, precision and scale as written: `0.10` has precision 2 and scale 2.
    public static func parseDecimal(
        _ bytes: UnsafeBufferPointer<UInt8>
    ) -> (unscaled: Int128, precision: Int, scale: Int)? {
        guard let parsed = scanDecimal(bytes) else { return nil }
        var unscaled = parsed.unscaled
        var scale = parsed.scale
        if scale < 0 {
            guard let scaled = Decimal.rescale(unscaled, from: scale, to: 0) else { return nil }
            unscaled = scaled
            scale = 0
        }
        guard scale <= 38, !Decimal.overflows(unscaled, precision: 38) else { return nil }
        var digits = 0
        while digits < 38, unscaled.magnitude >= UInt128(Decimal.power(digits)) { digits += 1 }
        return (unscaled, max(digits, scale, 1), scale)
    }

    private struct Scanned {
        var mantissa: UInt64 = 0
        var exponent = 0
        var isNegative = false
        /// All digits are in the mantissa.
        var isExact = true
    }

    private static func scan(_ bytes: UnsafeBufferPointer<UInt8>) -> Scanned? {
        var number = Scanned()
        var index = 0
        let end = bytes.count
        if index < end, bytes[index] == UInt8(ascii: "-") || bytes[index] == UInt8(ascii: "+") {
            number.isNegative = bytes[index] == UInt8(ascii: "-")
            index &+= 1
        }
        var digits = 0
        var significant = 0
        var sawPoint = false
        while index < end {
            let byte = bytes[index]
            let digit = byte &- 48
            if digit <= 9 {
                digits &+= 1
                if significant > 0 || digit != 0 { significant &+= 1 }
                if significant <= 19 {
                    number.mantissa = number.mantissa &* 10 &+ UInt64(digit)
                    if sawPoint { number.exponent &-= 1 }
                } else {
                    if digit != 0 { number.isExact = false }
                    if !sawPoint { number.exponent &+= 1 }
                }
            } else if byte == UInt8(ascii: "."), !sawPoint {
                sawPoint = true
            } else {
                break
            }
            index &+= 1
        }
        guard digits > 0 else { return nil }
        if index < end, bytes[index] | 32 == UInt8(ascii: "e") {
            index &+= 1
            var isNegative = false
            if index < end, bytes[index] == UInt8(ascii: "-") || bytes[index] == UInt8(ascii: "+") {
                isNegative = bytes[index] == UInt8(ascii: "-")
                index &+= 1
            }
            guard index < end else { return nil }
            var exponent = 0
            while index < end {
                let digit = bytes[index] &- 48
                if digit > 9 { return nil }
                if exponent < 100_000 { exponent = exponent &* 10 &+ Int(digit) }
                index &+= 1
            }
            number.exponent &+= isNegative ? -exponent : exponent
        }
        return index == end ? number : nil
    }

    private static func scanDecimal(_ bytes: UnsafeBufferPointer<UInt8>) -> (unscaled: Int128, scale: Int)? {
        guard let number = scan(bytes) else { return nil }
        if number.isExact {
            let value = Int128(number.mantissa)
            return (number.isNegative ? -value : value, -number.exponent)
        }
        // More than 19 digits: read them again in 128 bits, keeping 38 digits and one to round by.
        var value: Int128 = 0
        var scale = 0
        var digits = 0
        var sawPoint = false
        for byte in bytes {
            let digit = byte &- 48
            if digit <= 9 {
                if digits > 0 || digit != 0 { digits += 1 }
                if digits <= 38 {
                    value = value * 10 + Int128(digit)
                    if sawPoint { scale += 1 }
                } else {
                    if !sawPoint { return nil }
                    if digits == 39, digit >= 5 { value += 1 }
                }
            } else if byte == UInt8(ascii: ".") {
                sawPoint = true
            } else if byte | 32 == UInt8(ascii: "e") {
                break
            }
        }
        // The exponent that `scan` found counts from the digits it kept.
        var written = 0
        if let mark = bytes.firstIndex(where: { $0 | 32 == UInt8(ascii: "e") }) {
            written = Int(parseInteger(UnsafeBufferPointer(rebasing: bytes[(mark + 1)...])) ?? 0)
        }
        return (number.isNegative ? -value : value, scale - written)
    }

    private static func parseSpecial(_ bytes: UnsafeBufferPointer<UInt8>) -> Double? {
        var index = 0
        var isNegative = false
        if index < bytes.count, bytes[index] == UInt8(ascii: "-") || bytes[index] == UInt8(ascii: "+") {
            isNegative = bytes[index] == UInt8(ascii: "-")
            index += 1
        }
        let rest = bytes[index...]
        if rest.elementsEqual("NaN".utf8) { return .nan }
        if rest.elementsEqual("Infinity".utf8) { return isNegative ? -.infinity : .infinity }
        return nil
    }

    private static func withCText<Result>(
        _ bytes: UnsafeBufferPointer<UInt8>, _ body: (UnsafePointer<CChar>) -> Result
    ) -> Result {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: bytes.count + 1) { room in
            for index in 0..<bytes.count { room[index] = CChar(bitPattern: bytes[index]) }
            room[bytes.count] = 0
            return body(UnsafePointer(room.baseAddress.unsafelyUnwrapped))
        }
    }
}

extension Decimal {
    /// `rescale` for scales outside 0...38, as exponents make them.
    static func rescaleWide(_ value: Int128, from scale: Int, to target: Int) -> Int128? {
        if scale - target > 38 { return 0 }
        return rescale(value, from: scale, to: target)
    }
}
