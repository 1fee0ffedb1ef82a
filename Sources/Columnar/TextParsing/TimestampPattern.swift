import SQLTypes

/// One of the Java date patterns in `timestamp.formats`, compiled: `yyyy-MM-dd'T'HH:mm:ss.SSSXXX`, `millis`.
public struct TimestampPattern: Sendable, Hashable {
    private enum Part: Hashable {
        case literal([UInt8])
        case year(Int), month(Int), monthName, day(Int), dayOfYear(Int), dayName
        case hour(Int), hour12(Int), minute(Int), second(Int), fraction(Int), halfOfDay
        case zone
    }

    private var parts: [Part]
    /// The text is milliseconds since 1970 (`millis`), or in its finer kin.
    private var epochUnit: Int?

    /// - Throws: INVALID_TABLE_PROPERTY for letters that are not understood.
    public init(_ pattern: String) throws {
        parts = []
        switch pattern {
        case "millis": epochUnit = 1_000
        case "seconds": epochUnit = 1
        case "micros": epochUnit = 1_000_000
        case "nanos": epochUnit = 1_000_000_000
        default: epochUnit = nil
        }
        if epochUnit != nil { return }
        let bytes = Array(pattern.utf8)
        var at = 0
        var literal: [UInt8] = []
        func flush(_ parts: inout [Part]) {
            if !literal.isEmpty { parts.append(.literal(literal)) }
            literal = []
        }
        while at < bytes.count {
            let byte = bytes[at]
            if byte == UInt8(ascii: "'") {
                at += 1
                if at < bytes.count, bytes[at] == byte {
                    literal.append(byte)
                    at += 1
                    continue
                }
                while at < bytes.count, bytes[at] != byte {
                    literal.append(bytes[at])
                    at += 1
                }
                at += 1
                continue
            }
            guard (byte | 0x20) >= UInt8(ascii: "a"), (byte | 0x20) <= UInt8(ascii: "z") else {
                if byte != UInt8(ascii: "["), byte != UInt8(ascii: "]") { literal.append(byte) }
                at += 1
                continue
            }
            flush(&parts)
            var count = 0
            while at < bytes.count, bytes[at] == byte {
                count += 1
                at += 1
            }
            switch byte {
            case UInt8(ascii: "y"), UInt8(ascii: "u"): parts.append(.year(count))
            case UInt8(ascii: "M"), UInt8(ascii: "L"): parts.append(count >= 3 ? .monthName : .month(count))
            case UInt8(ascii: "d"): parts.append(.day(count))
            case UInt8(ascii: "D"): parts.append(.dayOfYear(count))
            case UInt8(ascii: "E"): parts.append(.dayName)
            case UInt8(ascii: "H"): parts.append(.hour(count))
            case UInt8(ascii: "h"), UInt8(ascii: "K"): parts.append(.hour12(count))
            case UInt8(ascii: "k"): parts.append(.hour(count))
            case UInt8(ascii: "m"): parts.append(.minute(count))
            case UInt8(ascii: "s"): parts.append(.second(count))
            case UInt8(ascii: "S"): parts.append(.fraction(count))
            case UInt8(ascii: "n"): parts.append(.fraction(9))
            case UInt8(ascii: "a"): parts.append(.halfOfDay)
            case UInt8(ascii: "X"), UInt8(ascii: "x"), UInt8(ascii: "Z"), UInt8(ascii: "z"), UInt8(ascii: "V"),
                UInt8(ascii: "O"):
                parts.append(.zone)
            default:
                throw QueryError(
                    .invalidTableProperty,
                    "Letter '\(Character(UnicodeScalar(byte)))' of timestamp format is not understood: \(pattern)")
            }
        }
        flush(&parts)
    }

    private static let monthNames: [[UInt8]] = [
        "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
        "december",
    ].map { Array($0.utf8) }
    private static let dayNames: [[UInt8]] = [
        "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
    ].map { Array($0.utf8) }

    /// The moment that the text names, or nil when it does not follow the pattern.
    public func parse(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> TextParsing.Moment? {
        if let epochUnit { return Self.epoch(start, end, unit: epochUnit) }
        var at = start
        var year = 1970
        var month = 1
        var day = 1
        var dayOfYear: Int?
        var hour = 0
        var minute = 0
        var second = 0
        var picoseconds = 0
        var isAfternoon: Bool?
        var offset = 0
        for (index, part) in parts.enumerated() {
            // A number directly before another one has a fixed width.
            let nextIsNumber = index + 1 < parts.count && Self.isNumber(parts[index + 1])
            func number(_ count: Int, _ most: Int) -> Int? {
                TextParsing.number(&at, nextIsNumber ? min(end, at + count) : end, most: most)
            }
            switch part {
            case .literal(let bytes):
                guard end - at >= bytes.count else { return nil }
                for (offset, byte) in bytes.enumerated() where at[offset] != byte { return nil }
                at += bytes.count
            case .year(let count):
                var isNegative = false
                if at < end, at[0] == UInt8(ascii: "-") {
                    isNegative = true
                    at += 1
                }
                guard let value = number(count, 9) else { return nil }
                year = count == 2 && value < 100 ? (value < 70 ? 2000 + value : 1900 + value) : value
                if isNegative { year = -year }
            case .month(let count):
                guard let value = number(count, 2) else { return nil }
                month = value
            case .monthName:
                guard let value = Self.name(Self.monthNames, &at, end) else { return nil }
                month = value + 1
            case .day(let count):
                guard let value = number(count, 2) else { return nil }
                day = value
            case .dayOfYear(let count):
                guard let value = number(count, 3) else { return nil }
                dayOfYear = value
            case .dayName:
                guard Self.name(Self.dayNames, &at, end) != nil else { return nil }
            case .hour(let count), .hour12(let count):
                guard let value = number(count, 2) else { return nil }
                hour = value
            case .minute(let count):
                guard let value = number(count, 2) else { return nil }
                minute = value
            case .second(let count):
                guard let value = number(count, 2) else { return nil }
                second = value
            case .fraction(let count):
                var unit = 100_000_000_000
                let first = at
                let limit = nextIsNumber ? min(end, at + count) : end
                while at < limit, at[0] &- 0x30 <= 9 {
                    picoseconds &+= Int(at[0] &- 0x30) &* unit
                    unit /= 10
                    at += 1
                }
                if at == first { return nil }
            case .halfOfDay:
                guard end - at >= 2, at[1] | 0x20 == UInt8(ascii: "m") else { return nil }
                switch at[0] | 0x20 {
                case UInt8(ascii: "a"): isAfternoon = false
                case UInt8(ascii: "p"): isAfternoon = true
                default: return nil
                }
                at += 2
            case .zone:
                guard let value = TextParsing.zoneOffset(&at, end) else { return nil }
                offset = value
            }
        }
        guard at == end else { return nil }
        if let isAfternoon {
            guard (1...12).contains(hour) else { return nil }
            hour = hour % 12 + (isAfternoon ? 12 : 0)
        }
        if hour == 24 { hour = 0 }
        guard hour < 24, minute < 60, second < 60 else { return nil }
        let days: Int
        if let dayOfYear {
            guard (1...(TextParsing.isLeap(year) ? 366 : 365)).contains(dayOfYear) else { return nil }
            days = TextParsing.days(year: year, month: 1, day: 1) + dayOfYear - 1
        } else {
            guard (1...12).contains(month), day >= 1, day <= TextParsing.monthLength(year, month) else { return nil }
            days = TextParsing.days(year: year, month: month, day: day)
        }
        return TextParsing.Moment(
            seconds: days &* 86_400 &+ hour * 3600 + minute * 60 + second - offset, picoseconds: picoseconds)
    }

    /// A count of units since 1970, with an optional fraction that is kept.
    public static func epoch(
        _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, unit: Int
    ) -> TextParsing.Moment? {
        var picos: Int128 = 0
        guard TextParsing.decimal(start, end, precision: 38, scale: 12, &picos) else { return nil }
        picos /= Int128(unit)
        let second: Int128 = 1_000_000_000_000
        var seconds = picos / second
        var rest = picos % second
        if rest < 0 {
            rest += second
            seconds -= 1
        }
        guard let whole = Int(exactly: seconds), abs(whole) < 1 << 53 else { return nil }
        return TextParsing.Moment(seconds: whole, picoseconds: Int(rest))
    }

    private static func isNumber(_ part: Part) -> Bool {
        switch part {
        case .year, .month, .day, .dayOfYear, .hour, .hour12, .minute, .second, .fraction: true
        case .literal, .monthName, .dayName, .halfOfDay, .zone: false
        }
    }

    /// A full English name or its first three letters, in any case.
    private static func name(
        _ names: [[UInt8]], _ at: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>
    ) -> Int? {
        for (index, name) in names.enumerated() {
            var count = 0
            while count < name.count, at + count < end, at[count] | 0x20 == name[count] { count += 1 }
            if count == name.count || count == 3 {
                at += count
                return index
            }
        }
        return nil
    }
}
