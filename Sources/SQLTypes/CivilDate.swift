/// A day of the proleptic Gregorian calendar, and its arithmetic on days since 1970-01-01.
///
/// Conversions follow Howard Hinnant's "chrono-compatible low-level date algorithms": eras of 400 years that start on
/// 1 March, so that the leap day is the last of its year.
public struct CivilDate: Hashable, Sendable {
    /// Year 0 is 1 BC.
    public var year: Int
    /// 1 to 12.
    public var month: Int
    /// 1 to 31.
    public var day: Int

    @inlinable
    public init(year: Int, month: Int, day: Int) {
        self.year = year
        self.month = month
        self.day = day
    }

    /// The date of a day number.
    @inlinable
    public init(days: Int) {
        let shifted = days &+ 719_468
        let era = (shifted >= 0 ? shifted : shifted &- 146_096) / 146_097
        let dayOfEra = shifted &- era &* 146_097
        let yearOfEra = (dayOfEra &- dayOfEra / 1460 &+ dayOfEra / 36_524 &- dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra &- (365 &* yearOfEra &+ yearOfEra / 4 &- yearOfEra / 100)
        let shiftedMonth = (5 &* dayOfYear &+ 2) / 153
        day = dayOfYear &- (153 &* shiftedMonth &+ 2) / 5 &+ 1
        month = shiftedMonth < 10 ? shiftedMonth &+ 3 : shiftedMonth &- 9
        year = yearOfEra &+ era &* 400 &+ (month <= 2 ? 1 : 0)
    }

    /// Days since 1970-01-01.
    @inlinable
    public var days: Int { Self.days(year, month, day) }

    @inlinable
    public static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let shiftedYear = month <= 2 ? year &- 1 : year
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear &- 399) / 400
        let yearOfEra = shiftedYear &- era &* 400
        let dayOfYear = (153 &* (month > 2 ? month &- 3 : month &+ 9) &+ 2) / 5 &+ day &- 1
        let dayOfEra = yearOfEra &* 365 &+ yearOfEra / 4 &- yearOfEra / 100 &+ dayOfYear
        return era &* 146_097 &+ dayOfEra &- 719_468
    }

    @inlinable
    public static func isLeap(_ year: Int) -> Bool { year & 3 == 0 && (year % 100 != 0 || year % 400 == 0) }

    @inlinable
    public static func daysInMonth(_ year: Int, _ month: Int) -> Int {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Whether the parts name a day.
    public var isValid: Bool {
        month >= 1 && month <= 12 && day >= 1 && day <= Self.daysInMonth(year, month)
            && year > -300_000_000 && year < 300_000_000
    }

    /// The same day `months` later; the day is cut to the month's end.
    @inlinable
    public func addingMonths(_ months: Int) -> CivilDate {
        let total = year &* 12 &+ (month &- 1) &+ months
        let newYear = floorDivide(total, 12)
        let newMonth = total &- newYear &* 12 &+ 1
        return CivilDate(year: newYear, month: newMonth, day: min(day, Self.daysInMonth(newYear, newMonth)))
    }

    /// 1 (Monday) to 7 (Sunday) of a day number.
    @inlinable
    public static func dayOfWeek(_ days: Int) -> Int { floorModulo(days &+ 3, 7) &+ 1 }

    /// 1 to 366.
    @inlinable
    public var dayOfYear: Int { days &- Self.days(year, 1, 1) &+ 1 }

    /// ISO 8601 week and the year it belongs to.
    public static func isoWeek(_ days: Int) -> (year: Int, week: Int) {
        // The week's Thursday decides its year.
        let thursday = days - (dayOfWeek(days) - 4)
        let year = CivilDate(days: thursday).year
        return (year, (thursday - Self.days(year, 1, 1)) / 7 + 1)
    }
}

/// Division that rounds down.
@inlinable @inline(__always)
public func floorDivide<T: FixedWidthInteger & SignedInteger>(_ value: T, _ divisor: T) -> T {
    let quotient = value / divisor
    return (value % divisor != 0) && ((value < 0) != (divisor < 0)) ? quotient &- 1 : quotient
}

/// The remainder of `floorDivide`: it has the divisor's sign.
@inlinable @inline(__always)
public func floorModulo<T: FixedWidthInteger & SignedInteger>(_ value: T, _ divisor: T) -> T {
    let remainder = value % divisor
    return remainder != 0 && ((remainder < 0) != (divisor < 0)) ? remainder &+ divisor : remainder
}

/// Lengths in the units that values are stored in.
public enum TimeUnit {
    public static let microsPerSecond: Int64 = 1_000_000
    public static let microsPerDay: Int64 = 86_400_000_000
    public static let millisPerDay: Int64 = 86_400_000
    public static let picosPerMicro: Int64 = 1_000_000
    public static let picosPerMilli: Int64 = 1_000_000_000
    public static let picosPerSecond: Int64 = 1_000_000_000_000
    public static let picosPerDay: Int64 = 86_400_000_000_000_000
}
