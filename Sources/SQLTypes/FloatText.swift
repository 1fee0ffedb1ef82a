/// Doubles and reals as text: the shortest digits that read back as the same value, in Java's forms.
///
/// ```
/// 1.0   0.001   1.0E10   1.5E-5   NaN   -Infinity          append            (results, JSON)
/// 1.0E0 1.0E-3  1.0E10   1.5E-5   NaN   -Infinity   0E0    appendScientific  (CAST to varchar)
/// ```
public enum FloatText {
    /// Java's `Double.toString`.
    public static func append(_ value: Double, to text: inout [UInt8]) {
        guard value.isFinite else { return appendSpecial(value.isNaN, value.sign == .minus, &text) }
        // Small whole numbers are the usual case.
        if let small = Int64(exactly: value), small.magnitude < 10_000_000, small != 0 || value.sign == .plus {
            ValueText.appendInteger(small, to: &text)
            text.append(UInt8(ascii: "."))
            text.append(UInt8(ascii: "0"))
            return
        }
        appendDigits(Digits(value.description), &text)
    }

    /// Java's `Float.toString`.
    public static func append(_ value: Float, to text: inout [UInt8]) {
        guard value.isFinite else { return appendSpecial(value.isNaN, value.sign == .minus, &text) }
        appendDigits(Digits(value.description), &text)
    }

    /// The form of CAST(double AS varchar): always with an exponent.
    public static func appendScientific(_ value: Double, to text: inout [UInt8]) {
        guard value.isFinite else { return appendSpecial(value.isNaN, value.sign == .minus, &text) }
        appendExponentForm(Digits(value.description), &text)
    }

    /// The form of CAST(real AS varchar).
    public static func appendScientific(_ value: Float, to text: inout [UInt8]) {
        guard value.isFinite else { return appendSpecial(value.isNaN, value.sign == .minus, &text) }
        appendExponentForm(Digits(value.description), &text)
    }

    /// The shortest digits of a finite number: `0.d1d2d3... x 10^pointPlace`.
    struct Digits {
        var isNegative = false
        /// Without zeros at either end; empty for zero.
        var digits: [UInt8] = []
        /// Digits before the decimal point.
        var pointPlace = 0

        /// From the standard library's shortest form, `-12.5`, `1e-05` or `5e+20`.
        init(_ description: String) {
            digits.reserveCapacity(20)
            var sawPoint = false
            var exponent = 0
            var exponentIsNegative = false
            var inExponent = false
            for byte in description.utf8 {
                switch byte {
                case UInt8(ascii: "-"): if inExponent { exponentIsNegative = true } else { isNegative = true }
                case UInt8(ascii: "."): sawPoint = true
                case UInt8(ascii: "e"): inExponent = true
                case UInt8(ascii: "+"): break
                default:
                    if inExponent {
                        exponent = exponent * 10 + Int(byte - 48)
                    } else if digits.isEmpty && byte == 48 {
                        if sawPoint { pointPlace -= 1 }
                    } else {
                        digits.append(byte)
                        if !sawPoint { pointPlace += 1 }
                    }
                }
            }
            pointPlace += exponentIsNegative ? -exponent : exponent
            while digits.last == 48 { digits.removeLast() }
            if digits.isEmpty { pointPlace = 1 }
        }
    }

    private static func appendSpecial(_ isNaN: Bool, _ isNegative: Bool, _ text: inout [UInt8]) {
        text.append(contentsOf: (isNaN ? "NaN" : isNegative ? "-Infinity" : "Infinity").utf8)
    }

    private static func appendDigits(_ number: Digits, _ text: inout [UInt8]) {
        // Plain from 10^-3 below 10^7.
        guard number.digits.isEmpty || (number.pointPlace > -3 && number.pointPlace <= 7) else {
            return appendExponentForm(number, &text)
        }
        if number.isNegative { text.append(UInt8(ascii: "-")) }
        if number.pointPlace <= 0 || number.digits.isEmpty {
            text.append(UInt8(ascii: "0"))
        } else {
            for index in 0..<number.pointPlace {
                text.append(index < number.digits.count ? number.digits[index] : 48)
            }
        }
        text.append(UInt8(ascii: "."))
        if number.pointPlace < 0 { for _ in 0..<(-number.pointPlace) { text.append(48) } }
        if number.digits.count > max(number.pointPlace, 0) {
            text.append(contentsOf: number.digits[max(number.pointPlace, 0)...])
        } else {
            text.append(48)
        }
    }

    private static func appendExponentForm(_ number: Digits, _ text: inout [UInt8]) {
        if number.isNegative { text.append(UInt8(ascii: "-")) }
        guard let first = number.digits.first else {
            text.append(contentsOf: "0E0".utf8)
            return
        }
        text.append(first)
        text.append(UInt8(ascii: "."))
        if number.digits.count > 1 { text.append(contentsOf: number.digits[1...]) } else { text.append(48) }
        text.append(UInt8(ascii: "E"))
        ValueText.appendInteger(Int64(number.pointPlace - 1), to: &text)
    }
}
