extension TextParsing {
    /// Days from 1970-01-01 to a date of the proleptic Gregorian calendar (Hinnant, "chrono-Compatible Low-Level Date
    /// Algorithms"). The month and day must be in range.
    @inlinable @inline(__always)
    public static func days(year: Int, month: Int, day: Int) -> Int {
        let shifted = month <= 2 ? year &- 1 : year
        let era = (shifted >= 0 ? shifted : shifted &- 399) / 400
        let yearOfEra = shifted &- era &* 400
        let monthFromMarch = month > 2 ? month &- 3 : month &+ 9
        let dayOfYear = (153 &* monthFromMarch &+ 2) / 5 &+ day &- 1
        let dayOfEra = yearOfEra &* 365 &+ yearOfEra / 4 &- yearOfEra / 100 &+ dayOfYear
        return era &* 146_097 &+ dayOfEra &- 719_468
    }

    @inlinable @inline(__always)
    static func isLeap(_ year: Int) -> Bool { year & 3 == 0 && (year % 100 != 0 || year % 400 == 0) }

    @inlinable @inline(__always)
    static func monthLength(_ year: Int, _ month: Int) -> Int {
        if month == 2 { return isLeap(year) ? 29 : 28 }
        return 30 &+ ((month &+ month &>> 3) & 1)
    }

    /// `yyyy-MM-dd`, exactly ten bytes.
    @inlinable @inline(__always)
    static func tenByteDate(_ start: UnsafePointer<UInt8>, _ days: inout Int) -> Bool {
        let word = UnsafeRawPointer(start).loadUnaligned(as: UInt64.self)
        // yyyy-MM-: the two hyphens, then six digits.
        guard word & 0xff00_00ff_0000_0000 == 0x2d00_002d_0000_0000 else { return false }
        let digits = word ^ 0x2d30_302d_3030_3030
        let tens = UInt64(start[8] &- 0x30)
        let ones = UInt64(start[9] &- 0x30)
        if ((digits &+ 0x0076_7600_7676_7676) | digits) & 0x8080_8080_8080_8080 != 0 || tens > 9 || ones > 9 {
            return false
        }
        let year =
            Int(digits & 15) &* 1000 &+ Int(digits &>> 8 & 15) &* 100 &+ Int(digits &>> 16 & 15) &* 10
            &+ Int(digits &>> 24 & 15)
        let month = Int(digits &>> 40 & 15) &* 10 &+ Int(digits &>> 48 & 15)
        let day = Int(tens &* 10 &+ ones)
        guard month >= 1, month <= 12, day >= 1, day <= 28 || day <= monthLength(year, month) else { return false }
        days = self.days(year: year, month: month, day: day)
        return true
    }

    /// A date as days since 1970: `yyyy-MM-dd`, with one-digit months and days, and a time of day that is dropped.
    @inlinable @inline(__always)
    public static func date(
        _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ result: inout Int32
    ) -> Bool {
        var days = 0
        if end - start == 10, tenByteDate(start, &days) {
            result = Int32(truncatingIfNeeded: days)
            return true
        }
        return looseDate(start, end, &result)
    }

    @usableFromInline
    static func looseDate(
        _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ result: inout Int32
    ) -> Bool {
        var at = start
        var days = 0
        guard datePart(&at, end, &days) else { return false }
        if at < end {
            // A timestamp read as a date keeps its day.
            guard at[0] == 0x20 || at[0] == 0x54, timeOfDay(&at, end) != nil else { return false }
        }
        guard let value = Int32(exactly: days) else { return false }
        result = value
        return true
    }

    /// `[-+]y{1,9}-M{1,2}-d{1,2}`.
    static func datePart(_ at: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ days: inout Int) -> Bool {
        var isNegative = false
        if at < end, at[0] == 0x2d || at[0] == 0x2b {
            isNegative = at[0] == 0x2d
            at += 1
        }
        guard let year = number(&at, end, most: 9), at < end, at[0] == 0x2d else { return false }
        at += 1
        guard let month = number(&at, end, most: 2), at < end, at[0] == 0x2d else { return false }
        at += 1
        guard let day = number(&at, end, most: 2) else { return false }
        let signed = isNegative ? 0 &- year : year
        guard (1...12).contains(month), day >= 1, day <= monthLength(signed, month) else { return false }
        days = self.days(year: signed, month: month, day: day)
        return true
    }

    /// Up to `most` digits.
    static func number(_ at: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, most: Int) -> Int? {
        var value = 0
        var count = 0
        while at < end, at[0] &- 0x30 <= 9 {
            count += 1
            if count > most { return nil }
            value = value &* 10 &+ Int(at[0] &- 0x30)
            at += 1
        }
        return count == 0 ? nil : value
    }

    /// A blank or `T`, then `HH:mm[:ss[.fraction]]`, an optional zone (`Z`, `+02:00`, `-0800`); nothing may follow.
    /// Seconds of the day (less the zone's offset) and nanoseconds.
    static func timeOfDay(
        _ at: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>
    ) -> (seconds: Int, picoseconds: Int)? {
        guard at < end, at[0] == 0x20 || at[0] == 0x54 || at[0] == 0x74 else { return nil }
        at += 1
        guard let hour = number(&at, end, most: 2), hour < 24, at < end, at[0] == 0x3a else { return nil }
        at += 1
        guard let minute = number(&at, end, most: 2), minute < 60 else { return nil }
        var second = 0
        var picoseconds = 0
        if at < end, at[0] == 0x3a {
            at += 1
            guard let value = number(&at, end, most: 2), value < 60 else { return nil }
            second = value
            if at < end, at[0] == 0x2e || at[0] == 0x2c {
                at += 1
                var unit = 100_000_000_000
                let first = at
                while at < end, at[0] &- 0x30 <= 9 {
                    picoseconds &+= Int(at[0] &- 0x30) &* unit
                    unit /= 10
                    at += 1
                }
                if at == first { return nil }
            }
        }
        var seconds = hour * 3600 + minute * 60 + second
        if at < end {
            guard let offset = zoneOffset(&at, end), at == end else { return nil }
            seconds -= offset
        }
        return (seconds, picoseconds)
    }

    /// `Z`, `UTC`, `+hh`, `+hh:mm` or `+hhmm`, after optional blanks, in seconds.
    static func zoneOffset(_ at: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> Int? {
        while at < end, at[0] == 0x20 { at += 1 }
        guard at < end else { return nil }
        if at[0] | 0x20 == 0x7a {
            at += 1
            return 0
        }
        if end - at >= 3, at[0] == 0x55, at[1] == 0x54, at[2] == 0x43 {
            at += 3
            return 0
        }
        guard at[0] == 0x2b || at[0] == 0x2d else { return nil }
        let isNegative = at[0] == 0x2d
        at += 1
        guard end - at >= 2, at[0] &- 0x30 <= 9, at[1] &- 0x30 <= 9 else { return nil }
        let hours = Int(at[0] &- 0x30) * 10 + Int(at[1] &- 0x30)
        at += 2
        var minutes = 0
        if at < end {
            if at[0] == 0x3a { at += 1 }
            guard let value = number(&at, end, most: 2) else { return nil }
            minutes = value
        }
        guard hours <= 18, minutes < 60 else { return nil }
        let seconds = hours * 3600 + minutes * 60
        return isNegative ? -seconds : seconds
    }

    /// A moment without zone: seconds since 1970 and picoseconds in the second.
    @frozen
    public struct Moment: Sendable {
        public var seconds: Int
        public var picoseconds: Int

        @inlinable @inline(__always)
        public init(seconds: Int, picoseconds: Int) {
            self.seconds = seconds
            self.picoseconds = picoseconds
        }

        /// Microseconds rounded half up to `precision` (at most 6) digits; nil where they do not fit.
        @inlinable @inline(__always)
        public func microseconds(precision: Int, powers: UnsafePointer<UInt64>) -> Int64? {
            // Picoseconds in one unit of the precision.
            let unit = Int(truncatingIfNeeded: powers[12 &- precision])
            let rounded = (picoseconds &+ unit / 2) / unit
            let micros = rounded &* Int(truncatingIfNeeded: powers[6 &- precision])
            let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
            let (sum, carry) = product.addingReportingOverflow(micros)
            return overflow || carry ? nil : Int64(sum)
        }

        /// Picoseconds rounded half up to `precision` (7...12) digits.
        public func picosecondCount(precision: Int, powers: UnsafePointer<UInt64>) -> Int128 {
            let unit = Int(truncatingIfNeeded: powers[12 &- precision])
            let rounded = (picoseconds &+ unit / 2) / unit &* unit
            return Int128(seconds) * 1_000_000_000_000 + Int128(rounded)
        }
    }

    /// A timestamp: a date, or a date, a blank or `T`, and a time of day with up to 12 digits of fraction and an
    /// optional zone, which is applied (the result is in UTC).
    @inlinable @inline(__always)
    public static func timestamp(
        _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ result: inout Moment
    ) -> Bool {
        // yyyy-MM-dd HH:mm:ss[.SSS...]
        let count = end - start
        var days = 0
        if count >= 19, start[10] == 0x20 || start[10] == 0x54, tenByteDate(start, &days) {
            let word = UnsafeRawPointer(start).loadUnaligned(fromByteOffset: 11, as: UInt64.self)
            let digits = word ^ 0x3030_3a30_303a_3030
            if word & 0x0000_ff00_00ff_0000 == 0x0000_3a00_003a_0000,
                ((digits &+ 0x7676_0076_7600_7676) | digits) & 0x8080_8080_8080_8080 == 0
            {
                let hour = Int(digits & 15) &* 10 &+ Int(digits &>> 8 & 15)
                let minute = Int(digits &>> 24 & 15) &* 10 &+ Int(digits &>> 32 & 15)
                let second = Int(digits &>> 48 & 15) &* 10 &+ Int(digits &>> 56 & 15)
                guard hour < 24, minute < 60, second < 60 else { return false }
                var picoseconds = 0
                var at = start + 19
                // A point needs a digit after it: without one the slow path refuses the text.
                if end - at >= 2, at[0] == 0x2e {
                    at += 1
                    var unit = 100_000_000_000
                    while at < end {
                        let digit = at[0] &- 0x30
                        if digit > 9 { break }
                        picoseconds &+= Int(digit) &* unit
                        unit /= 10
                        at += 1
                    }
                }
                if at == end {
                    result = Moment(
                        seconds: days &* 86_400 &+ hour &* 3600 &+ minute &* 60 &+ second, picoseconds: picoseconds)
                    return true
                }
            }
        }
        return looseTimestamp(start, end, &result)
    }

    @usableFromInline
    static func looseTimestamp(
        _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ result: inout Moment
    ) -> Bool {
        var at = start
        var days = 0
        guard datePart(&at, end, &days) else { return false }
        var time = (seconds: 0, picoseconds: 0)
        if at < end {
            guard let value = timeOfDay(&at, end) else { return false }
            time = value
        }
        result = Moment(seconds: days &* 86_400 &+ time.seconds, picoseconds: time.picoseconds)
        return true
    }
}
