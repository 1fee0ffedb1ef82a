extension TextParsing {
    /// Powers of ten that fit 64 bits, by exponent 0...19.
    // Written once here, then only read.
    nonisolated(unsafe) public static let powersOfTen: UnsafePointer<UInt64> = {
        let powers = UnsafeMutablePointer<UInt64>.allocate(capacity: 20)
        var power: UInt64 = 1
        for exponent in 0..<20 {
            powers[exponent] = power
            power = power &* 10
        }
        return UnsafePointer(powers)
    }()

    /// A decimal with up to 18 digits as its unscaled value at `scale`; more digits after the point are rounded half
    /// away from zero. False also for values of more than `precision` digits. `limit` is 10 to the power of `precision`,
    /// `powers` is `powersOfTen` (taken once by the caller's loop).
    @inlinable @inline(__always)
    public static func shortDecimal(
        _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, precision: Int, scale: Int,
        limit: Int64, powers: UnsafePointer<UInt64>, _ result: inout Int64
    ) -> Bool {
        var at = start
        var isNegative = false
        if at < end, at[0] == 0x2d {
            isNegative = true
            at += 1
        }
        let count = end - at
        var unscaled: UInt64 = 0
        var fraction = 0
        if count > 0, count <= 16, pointedDigits(at, count, &unscaled, &fraction), fraction <= scale {
            let power = powers[scale &- fraction]
            let (product, overflow) = unscaled.multipliedReportingOverflow(by: power)
            guard !overflow, product < UInt64(truncatingIfNeeded: limit) else { return false }
            let value = Int64(truncatingIfNeeded: product)
            result = isNegative ? 0 &- value : value
            return true
        }
        var wide: Int128 = 0
        guard decimal(start, end, precision: precision, scale: scale, &wide) else { return false }
        result = Int64(truncatingIfNeeded: wide)
        return true
    }

    /// 1 to 16 bytes of digits with at most one point, whose place is returned as the count of digits after it.
    @inlinable @inline(__always)
    static func pointedDigits(
        _ start: UnsafePointer<UInt8>, _ count: Int, _ number: inout UInt64, _ fraction: inout Int
    ) -> Bool {
        let tailCount = count < 8 ? count : 8
        let leadCount = count &- tailCount
        let shift = UInt64(64 &- 8 &* tailCount)
        let word = UnsafeRawPointer(start + leadCount).loadUnaligned(as: UInt64.self)
        let aligned = (word &<< shift) | (0x3030_3030_3030_3030 & ((1 &<< shift) &- 1))
        // The lowest zero byte of `difference` is the point.
        let difference = aligned ^ 0x2e2e_2e2e_2e2e_2e2e
        let hit = (difference &- 0x0101_0101_0101_0101) & ~difference & 0x8080_8080_8080_8080
        var tail: UInt64 = 0
        if hit != 0 {
            let place = UInt64(hit.trailingZeroBitCount) & ~7
            let below = (1 &<< place) &- 1
            // What stands before the point moves up over it.
            let closed = (aligned & ~((below &<< 8) | 0xff)) | ((aligned & below) &<< 8) | 0x30
            guard eightDigits(closed, &tail) else { return false }
            fraction = 7 &- Int(place &>> 3)
            // A lone point, or one without digits around it, is no number.
            if tailCount == 1 { return false }
            guard leadCount > 0 else {
                number = tail
                return true
            }
            var lead: UInt64 = 0
            guard shortDigits(start, leadCount, &lead) else { return false }
            number = lead &* 10_000_000 &+ tail
            return true
        }
        guard eightDigits(aligned, &tail) else { return false }
        fraction = 0
        guard leadCount > 0 else {
            number = tail
            return true
        }
        var lead: UInt64 = 0
        guard shortDigits(start, leadCount, &lead) else { return false }
        number = lead &* 100_000_000 &+ tail
        return true
    }

    /// Any decimal: sign, digits, point, exponent; to `scale`, rounded half away from zero.
    /// False when the text is no number or has more than `precision` digits at that scale.
    public static func decimal(
        _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, precision: Int, scale: Int, _ result: inout Int128
    ) -> Bool {
        var at = start
        var isNegative = false
        if at < end, at[0] == 0x2d || at[0] == 0x2b {
            isNegative = at[0] == 0x2d
            at += 1
        }
        // Up to 39 significant digits are kept; the place of the first dropped digit decides rounding.
        var unscaled: UInt128 = 0
        var kept = 0
        var exponent = 0
        var anyDigits = false
        var afterPoint = false
        var droppedFirst: UInt8 = 0
        var dropped = 0
        scan: while at < end {
            let byte = at[0]
            switch byte {
            case 0x30...0x39:
                anyDigits = true
                if kept < 38 {
                    if kept > 0 || byte != 0x30 { kept += 1 }
                    unscaled = unscaled &* 10 &+ UInt128(byte &- 0x30)
                    if afterPoint { exponent -= 1 }
                } else {
                    if dropped == 0 { droppedFirst = byte &- 0x30 }
                    dropped += 1
                    if !afterPoint { exponent += 1 }
                }
            case 0x2e:
                if afterPoint { return false }
                afterPoint = true
            case 0x65, 0x45: break scan
            default: return false
            }
            at += 1
        }
        guard anyDigits else { return false }
        if at < end {
            at += 1
            var power: Int32 = 0
            guard at < end, integer(at, end, &power), power > -100_000, power < 100_000 else { return false }
            exponent += Int(power)
        }
        var shift = exponent + scale
        if unscaled == 0 {
            result = 0
            return true
        }
        if shift > 0 {
            guard shift <= 38 else { return false }
            while shift > 0 {
                let (product, overflow) = unscaled.multipliedReportingOverflow(by: 10)
                if overflow { return false }
                unscaled = product
                shift -= 1
            }
        } else if shift == 0 {
            if droppedFirst >= 5 { unscaled += 1 }
        } else {
            var last: UInt128 = 0
            while shift < 0 {
                last = unscaled % 10
                unscaled /= 10
                shift += 1
                if unscaled == 0, shift < 0 {
                    last = 0
                    break
                }
            }
            if last >= 5 { unscaled += 1 }
        }
        guard unscaled < UInt128(powerOfTen(precision)) else { return false }
        result = isNegative ? -Int128(unscaled) : Int128(unscaled)
        return true
    }

    /// 10 to the power of 0...38.
    @inlinable
    public static func powerOfTen(_ exponent: Int) -> Int128 {
        var power: Int128 = 1
        for _ in 0..<exponent { power &*= 10 }
        return power
    }
}
