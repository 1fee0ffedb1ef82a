/// A date, time of day and zone read from text, before it has a type.
public struct ParsedDateTime: Sendable {
    public var date = CivilDate(year: 1970, month: 1, day: 1)
    /// Picoseconds of the day, 0 ..< 86,400 x 10^12.
    public var picosOfDay: Int64 = 0
    /// Digits of the fraction as written (0 to 12).
    public var precision = 0
    /// The zone as written, without blanks around it.
    public var zone: String?
    public var hasTime = false

    /// Days since 1970-01-01.
    public var days: Int { date.days }
}

/// Dates and times from text.
public enum DateTimeText {
    /// `[+-]yyyy-m-d`, blanks around it allowed; nil when it is no date.
    public static func parseDate(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        if bytes.count == 10, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-") {
            // The usual form.
            let y0 = Int(bytes[0] &- 48), y1 = Int(bytes[1] &- 48), y2 = Int(bytes[2] &- 48), y3 = Int(bytes[3] &- 48)
            let m0 = Int(bytes[5] &- 48), m1 = Int(bytes[6] &- 48), d0 = Int(bytes[8] &- 48), d1 = Int(bytes[9] &- 48)
            if max(max(max(y0, y1), max(y2, y3)), max(max(m0, m1), max(d0, d1))) <= 9 {
                let date = CivilDate(year: y0 * 1000 + y1 * 100 + y2 * 10 + y3, month: m0 * 10 + m1, day: d0 * 10 + d1)
                return date.isValid ? date.days : nil
            }
        }
        var scanner = TextScanner(bytes)
        scanner.skipBlanks()
        guard let date = scanner.date() else { return nil }
        scanner.skipBlanks()
        return scanner.isAtEnd && date.isValid ? date.days : nil
    }

    /// `yyyy-m-d[ hh:mm[:ss[.f]]][ zone]`; nil when it is none. The parts are in range.
    public static func parseTimestamp(
        _ bytes: UnsafeBufferPointer<UInt8>, allowsT: Bool = false
    ) -> ParsedDateTime? {
        var scanner = TextScanner(bytes)
        scanner.skipBlanks()
        var parsed = ParsedDateTime()
        guard let date = scanner.date(), date.isValid else { return nil }
        parsed.date = date
        scanner.trimEnd()
        if scanner.isAtEnd { return parsed }
        guard scanner.accept(" ") || (allowsT && scanner.accept("T")) else { return nil }
        scanner.skipBlanks()
        if scanner.isAtEnd { return parsed }
        if scanner.peek >= 48, scanner.peek <= 57 {
            guard let time = scanner.timeOfDay() else { return nil }
            parsed.picosOfDay = time.picos
            parsed.precision = time.precision
            parsed.hasTime = true
        }
        scanner.skipBlanks()
        if !scanner.isAtEnd { parsed.zone = scanner.rest() }
        return parsed
    }

    /// `hh:mm[:ss[.f]][ +hh:mm]`; nil when it is none. The zone is an offset.
    public static func parseTime(_ bytes: UnsafeBufferPointer<UInt8>) -> (
        picos: Int64, precision: Int, offsetMinutes: Int?
    )? {
        var scanner = TextScanner(bytes)
        scanner.skipBlanks()
        scanner.trimEnd()
        guard let time = scanner.timeOfDay() else { return nil }
        scanner.skipBlanks()
        if scanner.isAtEnd { return (time.picos, time.precision, nil) }
        let isNegative = scanner.peek == UInt8(ascii: "-")
        guard scanner.accept("+") || scanner.accept("-") else { return nil }
        guard let hours = scanner.number(2...2), scanner.accept(":"), let minutes = scanner.number(2...2),
            scanner.isAtEnd,
            minutes < 60, hours * 60 + minutes <= 840
        else { return nil }
        let total = hours * 60 + minutes
        return (time.picos, time.precision, isNegative ? -total : total)
    }
}

/// Reads fixed little grammars from bytes.
struct TextScanner {
    private let bytes: UnsafeBufferPointer<UInt8>
    private(set) var place = 0
    private var end: Int

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
        end = bytes.count
    }

    var isAtEnd: Bool { place >= end }
    var peek: UInt8 { place < end ? bytes[place] : 0 }

    mutating func skipBlanks() { while place < end, bytes[place] == 32 { place += 1 } }
    mutating func trimEnd() { while end > place, bytes[end - 1] == 32 { end -= 1 } }

    mutating func accept(_ mark: Unicode.Scalar) -> Bool {
        guard place < end, bytes[place] == UInt8(ascii: mark) else { return false }
        place += 1
        return true
    }

    /// Decimal digits, as many as there are up to the range's end; nil with fewer than its start.
    mutating func number(_ digits: ClosedRange<Int>) -> Int? {
        var value = 0
        var count = 0
        while place < end, count < digits.upperBound {
            let digit = bytes[place] &- 48
            if digit > 9 { break }
            value = value &* 10 &+ Int(digit)
            count += 1
            place += 1
        }
        return count >= digits.lowerBound ? value : nil
    }

    mutating func rest() -> String {
        trimEnd()
        defer { place = end }
        return String(decoding: bytes[place..<end], as: UTF8.self)
    }

    mutating func date() -> CivilDate? {
        let isNegative = peek == UInt8(ascii: "-")
        if isNegative || peek == UInt8(ascii: "+") { place += 1 }
        guard let year = number(4...9), accept("-"), let month = number(1...2), accept("-"), let day = number(1...2)
        else {
            return nil
        }
        return CivilDate(year: isNegative ? -year : year, month: month, day: day)
    }

    mutating func timeOfDay() -> (picos: Int64, precision: Int)? {
        guard let hour = number(1...2), hour < 24, accept(":"), let minute = number(1...2), minute < 60 else {
            return nil
        }
        var picos = Int64(hour * 3600 + minute * 60) * TimeUnit.picosPerSecond
        var precision = 0
        if accept(":") {
            guard let second = number(1...2), second < 60 else { return nil }
            picos += Int64(second) * TimeUnit.picosPerSecond
            if accept(".") {
                let start = place
                guard let fraction = number(1...12) else { return nil }
                precision = place - start
                picos += Int64(fraction) * Decimal.shortPowers[12 - precision]
            }
        }
        if peek >= 48, peek <= 57 { return nil }
        return (picos, precision)
    }
}

/// Conversions between the layouts of date and time types.
public enum DateTimeMath {
    /// Rounds to a multiple of `unit`, halves up.
    @inlinable
    public static func round(_ value: Int64, to unit: Int64) -> Int64 {
        unit <= 1 ? value : floorDivide(value &+ unit / 2, unit) &* unit
    }

    @inlinable
    public static func round(_ value: Int128, to unit: Int128) -> Int128 {
        unit <= 1 ? value : floorDivide(value &+ unit / 2, unit) &* unit
    }

    /// Picoseconds since 1970 of a local date and time.
    public static func picos(_ parsed: ParsedDateTime) -> Int128 {
        Int128(parsed.days) * Int128(TimeUnit.picosPerDay) + Int128(parsed.picosOfDay)
    }

    /// Picoseconds since 1970 as the value of timestamp(`precision`), rounded; nil outside the range.
    public static func timestamp(picos: Int128, precision: Int) -> Value? {
        let rounded = round(picos, to: Decimal.power(12 - precision))
        if precision > 6 { return .int128(rounded) }
        let micros = rounded / Int128(TimeUnit.picosPerMicro)
        return Int64(exactly: micros).map { .int($0) }
    }

    /// The instant of a local time in a zone, in UTC picoseconds.
    public static func utcPicos(local picos: Int128, in zone: TimeZone) -> Int128 {
        let seconds = Int64(truncatingIfNeeded: floorDivide(picos, Int128(TimeUnit.picosPerSecond)))
        return picos - Int128(zone.offset(atLocal: seconds)) * Int128(TimeUnit.picosPerSecond)
    }

    /// The local time of an instant in a zone, in picoseconds.
    public static func localPicos(utc picos: Int128, in zone: TimeZone) -> Int128 {
        let seconds = Int64(truncatingIfNeeded: floorDivide(picos, Int128(TimeUnit.picosPerSecond)))
        return picos + Int128(zone.offset(atUTC: seconds)) * Int128(TimeUnit.picosPerSecond)
    }

    /// `UTC picoseconds << 16 | zone id`.
    @inlinable
    public static func packed(_ picos: Int128, _ zone: UInt16) -> Int128 { picos &<< 16 | Int128(zone) }
    @inlinable
    public static func picos(packed: Int128) -> Int128 { packed &>> 16 }
    @inlinable
    public static func zoneId(packed: Int128) -> UInt16 { UInt16(truncatingIfNeeded: packed & 0xffff) }

    /// The value of time(p) with time zone: UTC picoseconds of the day.
    public static func packedTime(local picos: Int64, offsetMinutes: Int) -> Int128 {
        let utc = floorModulo(picos - Int64(offsetMinutes) * 60 * TimeUnit.picosPerSecond, TimeUnit.picosPerDay)
        return packed(Int128(utc), TimeZone.fixedId(minutes: offsetMinutes))
    }

    /// Local picoseconds of the day of a time(p) with time zone.
    public static func localTime(packed: Int128) -> Int64 {
        let utc = Int64(truncatingIfNeeded: picos(packed: packed))
        let minutes = TimeZone.fixedMinutes(id: zoneId(packed: packed)) ?? 0
        return floorModulo(utc + Int64(minutes) * 60 * TimeUnit.picosPerSecond, TimeUnit.picosPerDay)
    }
}
