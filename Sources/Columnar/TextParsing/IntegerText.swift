/// Numbers, dates and the like from bytes of text, without a String in between.
///
/// Every function takes the text as two pointers and reads up to `TextParsing.overread` bytes past its end, which the
/// caller's block must have (`Buffer.padding` is enough). They write nothing when they return false: the text is no
/// value of the type. No function accepts blanks around a value; callers trim where their format allows them.
public enum TextParsing {
    /// Bytes past the end of the text that may be read.
    public static let overread = 16

    /// Eight ASCII digits, first in the lowest byte, as a number; nil in `isNumber` terms when one is not a digit.
    @inlinable @inline(__always)
    static func eightDigits(_ word: UInt64, _ number: inout UInt64) -> Bool {
        var digits = word ^ 0x3030_3030_3030_3030
        if ((digits &+ 0x7676_7676_7676_7676) | digits) & 0x8080_8080_8080_8080 != 0 { return false }
        digits = (digits &* 2561) &>> 8
        digits = ((digits & 0x00ff_00ff_00ff_00ff) &* 6_553_601) &>> 16
        digits = ((digits & 0x0000_ffff_0000_ffff) &* 42_949_672_960_001) &>> 32
        number = digits
        return true
    }

    /// 1 to 8 digits.
    @inlinable @inline(__always)
    static func shortDigits(_ start: UnsafePointer<UInt8>, _ count: Int, _ number: inout UInt64) -> Bool {
        let shift = UInt64(64 &- 8 &* count)
        let word = UnsafeRawPointer(start).loadUnaligned(as: UInt64.self)
        // The digits go to the high bytes, zeros before them.
        return eightDigits((word &<< shift) | (0x3030_3030_3030_3030 & ((1 &<< shift) &- 1)), &number)
    }

    /// 1 to 16 digits.
    @inlinable @inline(__always)
    static func digits(_ start: UnsafePointer<UInt8>, _ count: Int, _ number: inout UInt64) -> Bool {
        if count <= 8 { return count > 0 && shortDigits(start, count, &number) }
        guard count <= 16 else { return false }
        var high: UInt64 = 0
        var low: UInt64 = 0
        guard shortDigits(start, count &- 8, &high), shortDigits(start + (count &- 8), 8, &low) else { return false }
        number = high &* 100_000_000 &+ low
        return true
    }

    /// An optionally signed integer of any width up to 64 bits.
    @inlinable @inline(__always)
    public static func integer<T: FixedWidthInteger & SignedInteger>(
        _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ result: inout T
    ) -> Bool {
        var at = start
        var isNegative = false
        if at < end, at[0] == 0x2d || at[0] == 0x2b {
            isNegative = at[0] == 0x2d
            at += 1
        }
        let count = end - at
        var magnitude: UInt64 = 0
        if count <= 16 {
            guard digits(at, count, &magnitude) else { return false }
        } else {
            guard longDigits(at, count, &magnitude) else { return false }
        }
        let limit = UInt64(truncatingIfNeeded: T.max) &+ (isNegative ? 1 : 0)
        if magnitude > limit { return false }
        let value = T(truncatingIfNeeded: magnitude)
        result = isNegative ? 0 &- value : value
        return true
    }

    /// 17 and more digits: leading zeros are allowed, values above 2^64 are not.
    @usableFromInline
    static func longDigits(_ start: UnsafePointer<UInt8>, _ count: Int, _ number: inout UInt64) -> Bool {
        var value: UInt64 = 0
        for index in 0..<count {
            let digit = start[index] &- 0x30
            guard digit <= 9 else { return false }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(digit))
            if overflow || carry { return false }
            value = sum
        }
        number = value
        return true
    }

    /// An integer with a fraction that is dropped, as Hive reads `12.9` into an int: digits, a point, digits.
    public static func truncatedInteger<T: FixedWidthInteger & SignedInteger>(
        _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ result: inout T
    ) -> Bool {
        var point = start
        while point < end, point[0] != 0x2e { point += 1 }
        guard point < end, point > start else { return integer(start, end, &result) }
        var at = point + 1
        while at < end {
            guard at[0] &- 0x30 <= 9 else { return false }
            at += 1
        }
        return integer(start, point, &result)
    }

    /// `true` or `false` in any letter case.
    @inlinable @inline(__always)
    public static func boolean(
        _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ result: inout Bool
    ) -> Bool {
        let count = end - start
        guard count == 4 || count == 5 else { return false }
        let word = UnsafeRawPointer(start).loadUnaligned(as: UInt32.self) | 0x2020_2020
        if count == 4 {
            result = true
            return word == 0x6575_7274
        }
        result = false
        return word == 0x736c_6166 && start[4] | 0x20 == 0x65
    }
}
