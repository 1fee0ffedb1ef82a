extension TextParsing {
    /// Powers of ten that a Double holds exactly.
    // Written once here, then only read.
    @usableFromInline
    nonisolated(unsafe) static let exactPowers: UnsafePointer<Double> = {
        let powers = UnsafeMutablePointer<Double>.allocate(capacity: 23)
        var power = 1.0
        for exponent in 0..<23 {
            powers[exponent] = power
            power *= 10
        }
        return UnsafePointer(powers)
    }()

    /// A decimal number as mantissa and power of ten. `isExact` is false when digits were dropped.
    @frozen @usableFromInline
    struct DecimalParts {
        @usableFromInline var mantissa: UInt64 = 0
        @usableFromInline var exponent = 0
        @usableFromInline var isNegative = false
        @usableFromInline var isExact = true

        @inlinable @inline(__always)
        init() {}

        @inlinable @inline(__always)
        mutating func read(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> Bool {
            var at = start
            if at < end, at[0] == 0x2d || at[0] == 0x2b {
                isNegative = at[0] == 0x2d
                at += 1
            }
            let first = at
            while at < end {
                let digit = at[0] &- 0x30
                if digit > 9 { break }
                mantissa = mantissa &* 10 &+ UInt64(digit)
                at += 1
            }
            var count = at - first
            if at < end, at[0] == 0x2e {
                at += 1
                let fraction = at
                while at < end {
                    let digit = at[0] &- 0x30
                    if digit > 9 { break }
                    mantissa = mantissa &* 10 &+ UInt64(digit)
                    at += 1
                }
                exponent = fraction - at
                count &+= at - fraction
            }
            if count == 0 { return false }
            // 19 digits always fit; leading zeros make this stricter than need be.
            if count > 19 { isExact = false }
            if at < end {
                guard at[0] | 0x20 == 0x65 else { return false }
                at += 1
                var power: Int32 = 0
                guard at < end, integer(at, end, &power) else { return false }
                exponent &+= Int(power)
            }
            return true
        }
    }

    /// A double: decimal digits with an optional exponent, `NaN`, `Infinity`, `-Infinity` (any case, also `inf`).
    /// The result is the nearest double.
    @inlinable @inline(__always)
    public static func double(
        _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ result: inout Double
    ) -> Bool {
        var parts = DecimalParts()
        guard parts.read(start, end) else { return namedDouble(start, end, &result) }
        // Clinger's fast path: both numbers are exact, so one operation rounds once.
        if parts.isExact, parts.mantissa <= 1 &<< 53, parts.exponent >= -22, parts.exponent <= 22 {
            let value = Double(parts.mantissa)
            let power = exactPowers[parts.exponent < 0 ? 0 &- parts.exponent : parts.exponent]
            let scaled = parts.exponent < 0 ? value / power : value * power
            result = parts.isNegative ? -scaled : scaled
            return true
        }
        return slowDouble(start, end, parts, &result)
    }

    @inlinable @inline(__always)
    public static func float(
        _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ result: inout Float
    ) -> Bool {
        var parts = DecimalParts()
        guard parts.read(start, end) else {
            var wide = 0.0
            guard namedDouble(start, end, &wide) else { return false }
            result = Float(wide)
            return true
        }
        if parts.isExact, parts.mantissa <= 1 &<< 24, parts.exponent >= -10, parts.exponent <= 10 {
            let value = Float(parts.mantissa)
            let power = Float(exactPowers[parts.exponent < 0 ? 0 &- parts.exponent : parts.exponent])
            let scaled = parts.exponent < 0 ? value / power : value * power
            result = parts.isNegative ? -scaled : scaled
            return true
        }
        return slowFloat(start, end, &result)
    }

    @usableFromInline
    static func slowDouble(
        _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ parts: DecimalParts, _ result: inout Double
    ) -> Bool {
        if parts.isExact {
            if parts.mantissa == 0 {
                result = parts.isNegative ? -0.0 : 0
                return true
            }
            if let value = EiselLemire.double(parts.mantissa, parts.exponent) {
                result = parts.isNegative ? -value : value
                return true
            }
        }
        let text = String(decoding: UnsafeBufferPointer(start: start, count: end - start), as: UTF8.self)
        guard let value = Double(text) else { return false }
        result = value
        return true
    }

    @usableFromInline
    static func slowFloat(
        _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ result: inout Float
    ) -> Bool {
        let text = String(decoding: UnsafeBufferPointer(start: start, count: end - start), as: UTF8.self)
        guard let value = Float(text) else { return false }
        result = value
        return true
    }

    @usableFromInline
    static func namedDouble(
        _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ result: inout Double
    ) -> Bool {
        var at = start
        var isNegative = false
        if at < end, at[0] == 0x2d || at[0] == 0x2b {
            isNegative = at[0] == 0x2d
            at += 1
        }
        let count = end - at
        if count == 3 {
            let word = UInt32(at[0] | 0x20) | UInt32(at[1] | 0x20) &<< 8 | UInt32(at[2] | 0x20) &<< 16
            if word == 0x6e_616e {
                result = .nan
                return true
            }
            guard word == 0x66_6e69 else { return false }
        } else {
            guard count == 8 else { return false }
            let name: StaticString = "infinity"
            for index in 0..<8 where at[index] | 0x20 != name.utf8Start[index] { return false }
        }
        result = isNegative ? -Double.infinity : Double.infinity
        return true
    }
}

/// The nearest double to `mantissa * 10^exponent` by one wide multiplication (Lemire, "Number Parsing at a Gigabyte
/// per Second", 2021), for the many numbers that Clinger's path cannot take. Answers nil where it is not sure.
enum EiselLemire {
    private static let smallest = -342
    private static let largest = 308

    /// 128 bits of each power of five, normalised, rounded down (up by one unit for negative powers), high word first.
    private static let powers: [(high: UInt64, low: UInt64)] = (smallest...largest).map(power)

    /// 5^exponent to 128 bits, computed exactly in multi-word integers.
    private static func power(_ exponent: Int) -> (high: UInt64, low: UInt64) {
        if exponent >= 0 {
            var words: [UInt32] = [1]
            for _ in 0..<exponent { multiply(&words, by: 5) }
            return topBits(words)
        }
        // 2^b / 5^-exponent, with b large enough for 128 bits, rounded up.
        var divisor: [UInt32] = [1]
        for _ in 0..<(-exponent) { multiply(&divisor, by: 5) }
        let bits = bitCount(divisor)
        let shift = bits - 1 + 128
        var quotient = (high: UInt64(0), low: UInt64(0))
        // Long division of 2^shift, one bit at a time: the remainder starts at 2^(bits - 1).
        var remainder = [UInt32](repeating: 0, count: divisor.count + 1)
        remainder[(bits - 1) >> 5] = 1 << UInt32((bits - 1) & 31)
        var started = false
        var produced = 0
        var step = 0
        if isAtLeast(remainder, divisor) {
            subtract(&remainder, divisor)
            quotient.low = 1
            started = true
            produced = 1
        }
        while produced < 128, step < shift {
            double(&remainder)
            step += 1
            let bit: UInt64 = isAtLeast(remainder, divisor) ? 1 : 0
            if bit == 1 {
                subtract(&remainder, divisor)
                started = true
            }
            if started {
                quotient.high = quotient.high << 1 | quotient.low >> 63
                quotient.low = quotient.low << 1 | bit
                produced += 1
            }
        }
        let (low, carry) = quotient.low.addingReportingOverflow(1)
        quotient.low = low
        if carry { quotient.high &+= 1 }
        return quotient
    }

    private static func multiply(_ words: inout [UInt32], by factor: UInt32) {
        var carry: UInt64 = 0
        for index in words.indices {
            let product = UInt64(words[index]) * UInt64(factor) + carry
            words[index] = UInt32(truncatingIfNeeded: product)
            carry = product >> 32
        }
        if carry > 0 { words.append(UInt32(truncatingIfNeeded: carry)) }
    }

    private static func double(_ words: inout [UInt32]) {
        var carry: UInt32 = 0
        for index in words.indices {
            let next = words[index] >> 31
            words[index] = words[index] << 1 | carry
            carry = next
        }
    }

    private static func isAtLeast(_ left: [UInt32], _ right: [UInt32]) -> Bool {
        for index in left.indices.reversed() {
            let other = index < right.count ? right[index] : 0
            if left[index] != other { return left[index] > other }
        }
        return true
    }

    private static func subtract(_ left: inout [UInt32], _ right: [UInt32]) {
        var borrow: Int64 = 0
        for index in left.indices {
            let difference = Int64(left[index]) - Int64(index < right.count ? right[index] : 0) - borrow
            borrow = difference < 0 ? 1 : 0
            left[index] = UInt32(truncatingIfNeeded: difference)
        }
    }

    private static func bitCount(_ words: [UInt32]) -> Int {
        guard let last = words.last else { return 0 }
        return (words.count - 1) * 32 + (32 - last.leadingZeroBitCount)
    }

    private static func topBits(_ words: [UInt32]) -> (high: UInt64, low: UInt64) {
        let count = bitCount(words)
        var value = (high: UInt64(0), low: UInt64(0))
        for offset in 0..<128 {
            let bit = count - 1 - offset
            let isSet = bit >= 0 && words[bit >> 5] >> UInt32(bit & 31) & 1 == 1
            value.high = value.high << 1 | value.low >> 63
            value.low = value.low << 1 | (isSet ? 1 : 0)
        }
        return value
    }

    static func double(_ mantissa: UInt64, _ exponent: Int) -> Double? {
        guard exponent >= smallest, exponent <= largest, mantissa != 0 else { return nil }
        let zeros = mantissa.leadingZeroBitCount
        let normal = mantissa << UInt64(zeros)
        let power = powers[exponent - smallest]
        var (high, low) = normal.multipliedFullWidth(by: power.high)
        if high & 0x1ff == 0x1ff {
            let (secondHigh, _) = normal.multipliedFullWidth(by: power.low)
            let (sum, carry) = low.addingReportingOverflow(secondHigh)
            low = sum
            if carry { high &+= 1 }
            if low == .max { return nil }
        }
        let upper = high >> 63
        var fraction = high >> (upper + 9)
        // floor(log2(10^exponent)) + 63, by a fixed-point multiplication.
        var binary = ((152_170 + 65_536) * exponent) >> 16
        binary += 1024 + 63 - zeros + Int(upper) - 1
        guard binary > 0, binary < 2046 else { return nil }
        if low <= 1, fraction & 3 == 1, exponent >= -4, exponent <= 23 {
            // Maybe exactly halfway between two doubles.
            if fraction << (upper + 9) == high { return nil }
        }
        fraction += fraction & 1
        fraction >>= 1
        if fraction >= 1 << 53 {
            fraction = 1 << 52
            binary += 1
        }
        guard binary < 2047 else { return nil }
        return Double(bitPattern: (fraction & ((1 << 52) - 1)) | UInt64(binary) << 52)
    }
}
