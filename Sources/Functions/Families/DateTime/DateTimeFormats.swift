import SQLTypes

/// Texts of the calendar in English.
enum CalendarNames {
    static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]
    static let days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
}

/// A local date and time as formats see it.
struct LocalDateTime {
    var days: Int
    var picosOfDay: Int64
    var zone: TimeZone?
    /// Offset from UTC in seconds, 0 without a zone.
    var offset: Int64 = 0

    init(local picos: Int128, zone: TimeZone? = nil, offset: Int64 = 0) {
        let day = floorDivide(picos, Int128(TimeUnit.picosPerDay))
        days = Int(truncatingIfNeeded: day)
        picosOfDay = Int64(truncatingIfNeeded: picos - day * Int128(TimeUnit.picosPerDay))
        self.zone = zone
        self.offset = offset
    }

    var date: CivilDate { CivilDate(days: days) }
    var hour: Int { Int(picosOfDay / TimeUnit.picosPerSecond) / 3600 }
    var minute: Int { Int(picosOfDay / TimeUnit.picosPerSecond) / 60 % 60 }
    var second: Int { Int(picosOfDay / TimeUnit.picosPerSecond) % 60 }
    var hour12: Int { hour % 12 == 0 ? 12 : hour % 12 }
    /// Digits after the second, `digits` of them, cut.
    func fraction(_ digits: Int) -> Int {
        let picos = picosOfDay % TimeUnit.picosPerSecond
        return digits > 12 ? Int(picos) : Int(picos / Decimal.shortPowers[12 - digits])
    }
}

/// A place in a text that is being read by a format.
struct FormatReader {
    let bytes: UnsafeBufferPointer<UInt8>
    var place = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    var isAtEnd: Bool { place >= bytes.count }

    mutating func literal(_ byte: UInt8) -> Bool {
        guard place < bytes.count, bytes[place] == byte else { return false }
        place += 1
        return true
    }

    /// 1 to `limit` digits.
    mutating func number(_ limit: Int) -> Int? {
        var value = 0
        let start = place
        while place < bytes.count, place - start < limit, bytes[place] &- 48 <= 9 {
            value = value &* 10 &+ Int(bytes[place] &- 48)
            place += 1
        }
        return place > start ? value : nil
    }

    /// Digits of a fraction as picoseconds.
    mutating func fraction(_ limit: Int) -> Int64? {
        let start = place
        guard let value = number(min(limit, 12)) else { return nil }
        return Int64(value) * Decimal.shortPowers[12 - (place - start)]
    }

    /// The index of the longest name that stands here, in any case.
    mutating func name(_ names: [String], abbreviated: Bool) -> Int? {
        var best: (index: Int, count: Int)?
        for (index, name) in names.enumerated() {
            let full = Array(name.utf8)
            for wanted in abbreviated ? [Array(full.prefix(3)), full] : [full, Array(full.prefix(3))] {
                guard place + wanted.count <= bytes.count, wanted.count > best?.count ?? 0 else { continue }
                let isHere = wanted.indices.allSatisfy { bytes[place + $0] | 32 == wanted[$0] | 32 }
                if isHere { best = (index, wanted.count) }
            }
        }
        guard let best else { return nil }
        place += best.count
        return best.index
    }
}

/// Fields collected while a text is read, and the local time they make.
struct ParsedFields {
    var year: Int?
    var month: Int?
    var day: Int?
    var dayOfYear: Int?
    var weekYear: Int?
    var week: Int?
    var dayOfWeek: Int?
    var hour: Int?
    var hour12: Int?
    var isAfternoon: Bool?
    var minute = 0
    var second = 0
    var picos: Int64 = 0
    var zone: TimeZone?

    /// Local picoseconds since 1970; nil when a field is out of range.
    func local() -> Int128? {
        var days: Int
        if let dayOfYear {
            let year = year ?? 1970
            guard dayOfYear >= 1, dayOfYear <= (CivilDate.isLeap(year) ? 366 : 365) else { return nil }
            days = CivilDate.days(year, 1, 1) + dayOfYear - 1
        } else if week != nil || weekYear != nil, month == nil {
            let first = CivilDate.days(weekYear ?? year ?? 1970, 1, 4)
            let monday = first - (CivilDate.dayOfWeek(first) - 1)
            guard (1...53).contains(week ?? 1), (1...7).contains(dayOfWeek ?? 1) else { return nil }
            days = monday + ((week ?? 1) - 1) * 7 + (dayOfWeek ?? 1) - 1
        } else {
            let date = CivilDate(year: year ?? 1970, month: month ?? 1, day: day ?? 1)
            guard date.isValid else { return nil }
            days = date.days
            if let dayOfWeek, day == nil, month == nil, year == nil {
                days += dayOfWeek - CivilDate.dayOfWeek(days)
            }
        }
        var clock = hour ?? 0
        if let hour12 {
            guard (0...12).contains(hour12) else { return nil }
            clock = hour12 % 12 + (isAfternoon == true ? 12 : 0)
        } else if isAfternoon == true, let hour, hour < 12 {
            clock = hour + 12
        }
        guard (0...23).contains(clock), (0...59).contains(minute), (0...59).contains(second) else { return nil }
        let seconds = Int64(clock * 3600 + minute * 60 + second)
        return Int128(days) * Int128(TimeUnit.picosPerDay) + Int128(seconds * TimeUnit.picosPerSecond + picos)
    }
}

/// MySQL's formats, of `date_format` and `date_parse`: `%Y-%m-%d %H:%i:%s`.
struct MySQLFormat {
    private enum Part {
        case literal(UInt8)
        case field(UInt8)
    }

    private var parts: [Part] = []

    /// Raises INVALID_FUNCTION_ARGUMENT for fields that MySQL has and Trino refuses.
    init(_ format: String) throws {
        var isEscaped = false
        for byte in format.utf8 {
            if isEscaped {
                isEscaped = false
                switch byte {
                case UInt8(ascii: "D"), UInt8(ascii: "U"), UInt8(ascii: "u"), UInt8(ascii: "V"), UInt8(ascii: "w"),
                    UInt8(ascii: "X"):
                    throw QueryError(
                        .invalidFunctionArgument,
                        "%\(Character(Unicode.Scalar(byte))) not supported in date format string")
                case UInt8(ascii: "a"), UInt8(ascii: "b"), UInt8(ascii: "c"), UInt8(ascii: "d"), UInt8(ascii: "e"),
                    UInt8(ascii: "f"), UInt8(ascii: "H"), UInt8(ascii: "h"), UInt8(ascii: "I"), UInt8(ascii: "i"),
                    UInt8(ascii: "j"), UInt8(ascii: "k"), UInt8(ascii: "l"), UInt8(ascii: "M"), UInt8(ascii: "m"),
                    UInt8(ascii: "p"), UInt8(ascii: "r"), UInt8(ascii: "S"), UInt8(ascii: "s"), UInt8(ascii: "T"),
                    UInt8(ascii: "v"), UInt8(ascii: "W"), UInt8(ascii: "x"), UInt8(ascii: "Y"), UInt8(ascii: "y"):
                    parts.append(.field(byte))
                default: parts.append(.literal(byte))
                }
            } else if byte == UInt8(ascii: "%") {
                isEscaped = true
            } else {
                parts.append(.literal(byte))
            }
        }
        if isEscaped { parts.append(.literal(UInt8(ascii: "%"))) }
    }

    func append(_ value: LocalDateTime, to text: inout [UInt8]) {
        for part in parts {
            switch part {
            case .literal(let byte): text.append(byte)
            case .field(let field): append(field, value, &text)
            }
        }
    }

    private func append(_ field: UInt8, _ value: LocalDateTime, _ text: inout [UInt8]) {
        func padded(_ number: Int, _ width: Int = 2) { ValueText.appendPadded(number, width, to: &text) }
        func plain(_ number: Int) { ValueText.appendInteger(Int64(number), to: &text) }
        func clock(_ hour: Int) {
            padded(hour)
            text.append(58)
            padded(value.minute)
            text.append(58)
            padded(value.second)
        }
        func year(_ year: Int) {
            if year < 0 { text.append(UInt8(ascii: "-")) }
            padded(abs(year), 4)
        }
        switch field {
        case UInt8(ascii: "a"):
            text.append(contentsOf: CalendarNames.days[CivilDate.dayOfWeek(value.days) - 1].utf8.prefix(3))
        case UInt8(ascii: "b"): text.append(contentsOf: CalendarNames.months[value.date.month - 1].utf8.prefix(3))
        case UInt8(ascii: "c"): plain(value.date.month)
        case UInt8(ascii: "d"): padded(value.date.day)
        case UInt8(ascii: "e"): plain(value.date.day)
        case UInt8(ascii: "f"): padded(value.fraction(6), 6)
        case UInt8(ascii: "H"): padded(value.hour)
        case UInt8(ascii: "h"), UInt8(ascii: "I"): padded(value.hour12)
        case UInt8(ascii: "i"): padded(value.minute)
        case UInt8(ascii: "j"): padded(value.date.dayOfYear, 3)
        case UInt8(ascii: "k"): plain(value.hour)
        case UInt8(ascii: "l"): plain(value.hour12)
        case UInt8(ascii: "M"): text.append(contentsOf: CalendarNames.months[value.date.month - 1].utf8)
        case UInt8(ascii: "m"): padded(value.date.month)
        case UInt8(ascii: "p"): text.append(contentsOf: (value.hour < 12 ? "AM" : "PM").utf8)
        case UInt8(ascii: "r"):
            clock(value.hour12)
            text.append(contentsOf: (value.hour < 12 ? " AM" : " PM").utf8)
        case UInt8(ascii: "S"), UInt8(ascii: "s"): padded(value.second)
        case UInt8(ascii: "T"): clock(value.hour)
        case UInt8(ascii: "v"): padded(CivilDate.isoWeek(value.days).week)
        case UInt8(ascii: "W"): text.append(contentsOf: CalendarNames.days[CivilDate.dayOfWeek(value.days) - 1].utf8)
        case UInt8(ascii: "x"): year(CivilDate.isoWeek(value.days).year)
        case UInt8(ascii: "Y"): year(value.date.year)
        case UInt8(ascii: "y"): padded(floorModulo(value.date.year, 100))
        default: break
        }
    }

    /// The fields of a text; nil when it does not have the format.
    func parse(_ bytes: UnsafeBufferPointer<UInt8>) -> ParsedFields? {
        var reader = FormatReader(bytes)
        var fields = ParsedFields()
        for part in parts {
            switch part {
            case .literal(let byte): guard reader.literal(byte) else { return nil }
            case .field(let field): guard Self.read(field, &reader, &fields) else { return nil }
            }
        }
        return reader.isAtEnd ? fields : nil
    }

    private static func read(_ field: UInt8, _ reader: inout FormatReader, _ fields: inout ParsedFields) -> Bool {
        func set(_ number: Int?, _ target: inout Int?) -> Bool {
            target = number
            return number != nil
        }
        func clock(_ reader: inout FormatReader, _ fields: inout ParsedFields) -> Int? {
            guard let hour = reader.number(2), reader.literal(58), let minute = reader.number(2), reader.literal(58),
                let second = reader.number(2)
            else { return nil }
            fields.minute = minute
            fields.second = second
            return hour
        }
        switch field {
        case UInt8(ascii: "a"), UInt8(ascii: "W"):
            guard let index = reader.name(CalendarNames.days, abbreviated: field == UInt8(ascii: "a")) else {
                return false
            }
            fields.dayOfWeek = index + 1
        case UInt8(ascii: "b"), UInt8(ascii: "M"):
            guard let index = reader.name(CalendarNames.months, abbreviated: field == UInt8(ascii: "b")) else {
                return false
            }
            fields.month = index + 1
        case UInt8(ascii: "c"), UInt8(ascii: "m"): return set(reader.number(2), &fields.month)
        case UInt8(ascii: "d"), UInt8(ascii: "e"): return set(reader.number(2), &fields.day)
        case UInt8(ascii: "f"):
            guard let picos = reader.fraction(9) else { return false }
            fields.picos = picos
        case UInt8(ascii: "H"), UInt8(ascii: "k"): return set(reader.number(2), &fields.hour)
        case UInt8(ascii: "h"), UInt8(ascii: "I"), UInt8(ascii: "l"): return set(reader.number(2), &fields.hour12)
        case UInt8(ascii: "i"):
            guard let minute = reader.number(2) else { return false }
            fields.minute = minute
        case UInt8(ascii: "j"): return set(reader.number(3), &fields.dayOfYear)
        case UInt8(ascii: "p"): return readHalf(&reader, &fields)
        case UInt8(ascii: "r"):
            guard let hour = clock(&reader, &fields), reader.literal(32) else { return false }
            fields.hour12 = hour
            return readHalf(&reader, &fields)
        case UInt8(ascii: "S"), UInt8(ascii: "s"):
            guard let second = reader.number(2) else { return false }
            fields.second = second
        case UInt8(ascii: "T"): return set(clock(&reader, &fields), &fields.hour)
        case UInt8(ascii: "v"): return set(reader.number(2), &fields.week)
        case UInt8(ascii: "x"): return set(reader.number(4), &fields.weekYear)
        case UInt8(ascii: "Y"):
            let isNegative = reader.literal(UInt8(ascii: "-"))
            guard let year = reader.number(4) else { return false }
            fields.year = isNegative ? -year : year
        case UInt8(ascii: "y"):
            guard let year = reader.number(2) else { return false }
            // 70 to 99 are of the last century, as in MySQL.
            fields.year = year < 70 ? 2000 + year : 1900 + year
        default: return false
        }
        return true
    }

    private static func readHalf(_ reader: inout FormatReader, _ fields: inout ParsedFields) -> Bool {
        guard reader.place + 2 <= reader.bytes.count, reader.bytes[reader.place + 1] | 32 == UInt8(ascii: "m") else {
            return false
        }
        switch reader.bytes[reader.place] | 32 {
        case UInt8(ascii: "a"): fields.isAfternoon = false
        case UInt8(ascii: "p"): fields.isAfternoon = true
        default: return false
        }
        reader.place += 2
        return true
    }
}

/// Joda's formats, of `format_datetime` and `parse_datetime`: `yyyy-MM-dd HH:mm:ss`.
struct JodaFormat {
    private enum Part {
        case literal([UInt8])
        /// A pattern letter and how often it stands.
        case field(UInt8, Int)
    }

    private var parts: [Part] = []

    init(_ format: String) throws {
        let bytes = Array(format.utf8)
        guard !bytes.isEmpty else { throw QueryError(.invalidFunctionArgument, "Invalid pattern specification") }
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            let isLetter = (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122)
            if isLetter {
                var count = 1
                while index + count < bytes.count, bytes[index + count] == byte { count += 1 }
                guard "GCYxwedyDMdaKhHkmsSzZE".utf8.contains(byte) else {
                    throw QueryError(
                        .invalidFunctionArgument, "Illegal pattern component: \(Character(Unicode.Scalar(byte)))")
                }
                parts.append(.field(byte, count))
                index += count
            } else if byte == UInt8(ascii: "'") {
                var text: [UInt8] = []
                index += 1
                if index < bytes.count, bytes[index] == byte {
                    text.append(byte)
                    index += 1
                } else {
                    while index < bytes.count {
                        if bytes[index] == byte {
                            index += 1
                            // Two quotes are one inside a quoted text.
                            guard index < bytes.count, bytes[index] == byte else { break }
                        }
                        text.append(bytes[index])
                        index += 1
                    }
                }
                parts.append(.literal(text))
            } else {
                parts.append(.literal([byte]))
                index += 1
            }
        }
    }

    func append(_ value: LocalDateTime, to text: inout [UInt8]) {
        for part in parts {
            switch part {
            case .literal(let bytes): text.append(contentsOf: bytes)
            case .field(let letter, let count): append(letter, count, value, &text)
            }
        }
    }

    private func append(_ letter: UInt8, _ count: Int, _ value: LocalDateTime, _ text: inout [UInt8]) {
        func padded(_ number: Int) {
            if number < 0 { text.append(UInt8(ascii: "-")) }
            ValueText.appendPadded(abs(number), count, to: &text)
        }
        func year(_ year: Int) {
            if count == 2 { ValueText.appendPadded(floorModulo(year, 100), 2, to: &text) } else { padded(year) }
        }
        switch letter {
        case UInt8(ascii: "G"): text.append(contentsOf: (value.date.year > 0 ? "AD" : "BC").utf8)
        case UInt8(ascii: "C"): padded(value.date.year / 100)
        case UInt8(ascii: "Y"), UInt8(ascii: "y"): year(value.date.year)
        case UInt8(ascii: "x"): year(CivilDate.isoWeek(value.days).year)
        case UInt8(ascii: "w"): padded(CivilDate.isoWeek(value.days).week)
        case UInt8(ascii: "e"): padded(CivilDate.dayOfWeek(value.days))
        case UInt8(ascii: "E"):
            let name = CalendarNames.days[CivilDate.dayOfWeek(value.days) - 1]
            text.append(contentsOf: count >= 4 ? Array(name.utf8) : Array(name.utf8.prefix(3)))
        case UInt8(ascii: "D"): padded(value.date.dayOfYear)
        case UInt8(ascii: "M"):
            guard count >= 3 else { return padded(value.date.month) }
            let name = CalendarNames.months[value.date.month - 1]
            text.append(contentsOf: count >= 4 ? Array(name.utf8) : Array(name.utf8.prefix(3)))
        case UInt8(ascii: "d"): padded(value.date.day)
        case UInt8(ascii: "a"): text.append(contentsOf: (value.hour < 12 ? "AM" : "PM").utf8)
        case UInt8(ascii: "K"): padded(value.hour % 12)
        case UInt8(ascii: "h"): padded(value.hour12)
        case UInt8(ascii: "H"): padded(value.hour)
        case UInt8(ascii: "k"): padded(value.hour == 0 ? 24 : value.hour)
        case UInt8(ascii: "m"): padded(value.minute)
        case UInt8(ascii: "s"): padded(value.second)
        case UInt8(ascii: "S"):
            let digits = min(count, 12)
            ValueText.appendPadded(value.fraction(digits), digits, to: &text)
            for _ in digits..<count { text.append(48) }
        case UInt8(ascii: "z"): text.append(contentsOf: (value.zone ?? .utc).name.utf8)
        case UInt8(ascii: "Z"):
            if count >= 3 {
                text.append(contentsOf: (value.zone ?? .utc).name.utf8)
            } else {
                var offset: [UInt8] = []
                ValueText.appendOffset(Int(value.offset / 60), to: &offset)
                text.append(contentsOf: count == 1 ? offset.filter { $0 != 58 } : offset)
            }
        default: break
        }
    }

    /// The fields of a text; nil when it does not have the format.
    func parse(_ bytes: UnsafeBufferPointer<UInt8>) -> ParsedFields? {
        var reader = FormatReader(bytes)
        var fields = ParsedFields()
        for (index, part) in parts.enumerated() {
            switch part {
            case .literal(let literal):
                for byte in literal where !reader.literal(byte) { return nil }
            case .field(let letter, let count):
                // A number next to a number has exactly its width.
                var isFollowedByNumber = false
                if index + 1 < parts.count, case .field(let next, let nextCount) = parts[index + 1] {
                    isFollowedByNumber = !"GEazZ".utf8.contains(next) && !(next == UInt8(ascii: "M") && nextCount >= 3)
                }
                guard Self.read(letter, count, isFollowedByNumber, &reader, &fields) else { return nil }
            }
        }
        return reader.isAtEnd ? fields : nil
    }

    private static func read(
        _ letter: UInt8, _ count: Int, _ isTight: Bool, _ reader: inout FormatReader, _ fields: inout ParsedFields
    ) -> Bool {
        func number(_ limit: Int, _ reader: inout FormatReader) -> Int? { reader.number(isTight ? count : limit) }
        func year(_ reader: inout FormatReader) -> Int? {
            let start = reader.place
            let isNegative = reader.literal(UInt8(ascii: "-"))
            guard let year = number(9, &reader) else { return nil }
            if count == 2, reader.place - start == 2 {
                // Joda's pivot: within 50 years around this century's turn.
                return year < 70 ? 2000 + year : 1900 + year
            }
            return isNegative ? -year : year
        }
        switch letter {
        case UInt8(ascii: "Y"), UInt8(ascii: "y"): fields.year = year(&reader); return fields.year != nil
        case UInt8(ascii: "x"): fields.weekYear = year(&reader); return fields.weekYear != nil
        case UInt8(ascii: "C"): return number(2, &reader) != nil
        case UInt8(ascii: "w"): fields.week = number(2, &reader); return fields.week != nil
        case UInt8(ascii: "e"): fields.dayOfWeek = number(1, &reader); return fields.dayOfWeek != nil
        case UInt8(ascii: "D"): fields.dayOfYear = number(3, &reader); return fields.dayOfYear != nil
        case UInt8(ascii: "M"):
            if count >= 3 {
                guard let index = reader.name(CalendarNames.months, abbreviated: count == 3) else { return false }
                fields.month = index + 1
                return true
            }
            fields.month = number(2, &reader)
            return fields.month != nil
        case UInt8(ascii: "d"): fields.day = number(2, &reader); return fields.day != nil
        case UInt8(ascii: "E"):
            guard let index = reader.name(CalendarNames.days, abbreviated: count < 4) else { return false }
            fields.dayOfWeek = index + 1
            return true
        case UInt8(ascii: "a"):
            guard let index = reader.name(["AM", "PM"], abbreviated: false) else { return false }
            fields.isAfternoon = index == 1
            return true
        case UInt8(ascii: "K"), UInt8(ascii: "h"): fields.hour12 = number(2, &reader); return fields.hour12 != nil
        case UInt8(ascii: "H"): fields.hour = number(2, &reader); return fields.hour != nil
        case UInt8(ascii: "k"):
            guard let hour = number(2, &reader) else { return false }
            fields.hour = hour == 24 ? 0 : hour
            return true
        case UInt8(ascii: "m"):
            guard let minute = number(2, &reader) else { return false }
            fields.minute = minute
            return true
        case UInt8(ascii: "s"):
            guard let second = number(2, &reader) else { return false }
            fields.second = second
            return true
        case UInt8(ascii: "S"):
            guard let picos = reader.fraction(isTight ? count : max(count, 9)) else { return false }
            fields.picos = picos
            return true
        case UInt8(ascii: "G"):
            return reader.name(["BC", "AD"], abbreviated: false) != nil
        case UInt8(ascii: "z"), UInt8(ascii: "Z"): return readZone(&reader, &fields)
        default: return false
        }
    }

    private static func readZone(_ reader: inout FormatReader, _ fields: inout ParsedFields) -> Bool {
        var end = reader.place
        while end < reader.bytes.count {
            let byte = reader.bytes[end]
            let isPart =
                (byte >= 48 && byte <= 58) || (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122)
                || byte == UInt8(ascii: "/") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "+")
                || byte == UInt8(ascii: "-")
            guard isPart else { break }
            end += 1
        }
        let name = String(decoding: reader.bytes[reader.place..<end], as: UTF8.self)
        guard let zone = TimeZone.named(name) else { return false }
        fields.zone = zone
        reader.place = end
        return true
    }
}
