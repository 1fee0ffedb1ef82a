/// Values from text, as CAST(varchar AS type) reads them: partition values, parameters, literals.
public enum ValueParser {
    /// The value that `text` spells; raises INVALID_CAST_ARGUMENT or NUMERIC_VALUE_OUT_OF_RANGE in Trino's wording.
    public static func parse(_ text: String, as type: DataType) throws -> Value {
        var copy = text
        return try copy.withUTF8 { try parse($0, as: type) }
    }

    public static func parse(_ bytes: UnsafeBufferPointer<UInt8>, as type: DataType) throws -> Value {
        switch type {
        case .unknown: return .null
        case .boolean: return .boolean(try boolean(bytes))
        case .tinyint, .smallint, .integer, .bigint: return .int(try integer(bytes, type))
        case .real:
            guard let value = NumberText.parseReal(trimmed(bytes)) else { throw failure(bytes, "REAL") }
            return .real(value)
        case .double:
            guard let value = NumberText.parseDouble(trimmed(bytes)) else { throw failure(bytes, "DOUBLE") }
            return .double(value)
        case .decimal(let precision, let scale):
            let value = try decimal(bytes, precision, scale)
            return precision <= DataType.maxShortDecimalPrecision
                ? .int(Int64(truncatingIfNeeded: value)) : .int128(value)
        case .varchar(let length):
            return .bytes(Array(length.map { UTF8Text.prefix(bytes, characters: $0) } ?? bytes))
        case .char(let length): return .bytes(Array(UTF8Text.charValue(bytes, length: length)))
        case .varbinary, .sketch: return .bytes(Array(bytes))
        case .json: return .bytes(try JSONText.canonical(bytes))
        case .date: return .int(Int64(try date(bytes)))
        case .time(let precision): return .int(try time(bytes, precision))
        case .timeWithTimeZone(let precision): return .int128(try timeWithZone(bytes, precision))
        case .timestamp(let precision): return try timestamp(bytes, precision)
        case .timestampWithTimeZone(let precision): return .int128(try timestampWithZone(bytes, precision, zone: .utc))
        case .intervalYearToMonth:
            guard let months = IntervalText.parseMonths(bytes) else {
                throw castFailure(bytes, "interval year to month")
            }
            return .int(months)
        case .intervalDayToSecond:
            guard let milliseconds = IntervalText.parseMilliseconds(bytes) else {
                throw castFailure(bytes, "interval day to second")
            }
            return .int(milliseconds)
        case .uuid:
            guard let bits = UUIDText.parse(bytes) else {
                throw QueryError(.invalidCastArgument, "Cannot cast value to UUID: " + string(bytes))
            }
            return .int128(bits)
        case .ipaddress:
            guard let bits = IPAddressText.parse(bytes) else {
                throw QueryError(.invalidCastArgument, "Cannot cast value to IPADDRESS: " + string(bytes))
            }
            return .int128(bits)
        case .array, .map, .row, .function:
            throw QueryError(.typeMismatch, "Cannot cast varchar to \(type.displayName)")
        }
    }

    public static func boolean(_ bytes: UnsafeBufferPointer<UInt8>) throws -> Bool {
        switch string(bytes).lowercasedASCII {
        case "t", "true", "1": return true
        case "f", "false", "0": return false
        default:
            throw QueryError(.invalidCastArgument, "Cannot cast '\(string(bytes))' to BOOLEAN")
        }
    }

    /// Of a tinyint, smallint, integer or bigint.
    public static func integer(_ bytes: UnsafeBufferPointer<UInt8>, _ type: DataType) throws -> Int64 {
        if let value = NumberText.parseInteger(bytes) {
            switch type {
            case .tinyint: if Int8(exactly: value) != nil { return value }
            case .smallint: if Int16(exactly: value) != nil { return value }
            case .integer: if Int32(exactly: value) != nil { return value }
            default: return value
            }
        }
        // Trino reads integers with Long.parseLong and friends: too big and misspelled are one error.
        throw failure(bytes, type == .integer ? "INT" : type.displayName.uppercased())
    }

    public static func decimal(_ bytes: UnsafeBufferPointer<UInt8>, _ precision: Int, _ scale: Int) throws -> Int128 {
        guard let value = NumberText.parseDecimal(bytes, scale: scale) else {
            throw QueryError(
                .invalidCastArgument,
                "Cannot cast VARCHAR '\(string(bytes))' to DECIMAL(\(precision), \(scale)). Value is not a number.")
        }
        guard !Decimal.overflows(value, precision: precision) else {
            throw QueryError(
                .invalidCastArgument,
                "Cannot cast VARCHAR '\(string(bytes))' to DECIMAL(\(precision), \(scale)). Value too large.")
        }
        return value
    }

    public static func date(_ bytes: UnsafeBufferPointer<UInt8>) throws -> Int {
        guard let days = DateTimeText.parseDate(bytes) else { throw castFailure(bytes, "date") }
        return days
    }

    /// Picoseconds of the day, rounded to `precision`.
    public static func time(_ bytes: UnsafeBufferPointer<UInt8>, _ precision: Int) throws -> Int64 {
        guard let parsed = DateTimeText.parseTime(bytes), parsed.offsetMinutes == nil else {
            throw castFailure(bytes, "time")
        }
        return DateTimeMath.round(parsed.picos, to: Decimal.shortPowers[12 - precision]) % TimeUnit.picosPerDay
    }

    public static func timeWithZone(_ bytes: UnsafeBufferPointer<UInt8>, _ precision: Int) throws -> Int128 {
        guard let parsed = DateTimeText.parseTime(bytes) else { throw castFailure(bytes, "time with time zone") }
        let rounded = DateTimeMath.round(parsed.picos, to: Decimal.shortPowers[12 - precision]) % TimeUnit.picosPerDay
        return DateTimeMath.packedTime(local: rounded, offsetMinutes: parsed.offsetMinutes ?? 0)
    }

    /// The layout of timestamp(`precision`).
    public static func timestamp(_ bytes: UnsafeBufferPointer<UInt8>, _ precision: Int) throws -> Value {
        guard let parsed = DateTimeText.parseTimestamp(bytes), parsed.zone == nil,
            let value = DateTimeMath.timestamp(picos: DateTimeMath.picos(parsed), precision: precision)
        else { throw castFailure(bytes, "timestamp") }
        return value
    }

    /// A text without zone is in `zone`.
    public static func timestampWithZone(
        _ bytes: UnsafeBufferPointer<UInt8>, _ precision: Int, zone sessionZone: TimeZone
    ) throws -> Int128 {
        guard let parsed = DateTimeText.parseTimestamp(bytes) else {
            throw castFailure(bytes, "timestamp with time zone")
        }
        var zone = sessionZone
        if let name = parsed.zone {
            guard let found = TimeZone.named(name) else { throw castFailure(bytes, "timestamp with time zone") }
            zone = found
        }
        let rounded = DateTimeMath.round(DateTimeMath.picos(parsed), to: Decimal.power(12 - precision))
        return DateTimeMath.packed(DateTimeMath.utcPicos(local: rounded, in: zone), zone.id)
    }

    // MARK: Errors

    static func string(_ bytes: UnsafeBufferPointer<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

    private static func failure(_ bytes: UnsafeBufferPointer<UInt8>, _ name: String) -> QueryError {
        QueryError(.invalidCastArgument, "Cannot cast '\(string(bytes))' to \(name)")
    }

    private static func castFailure(_ bytes: UnsafeBufferPointer<UInt8>, _ name: String) -> QueryError {
        QueryError(.invalidCastArgument, "Value cannot be cast to \(name): \(string(bytes))")
    }

    /// Without blanks at both ends, which Java's parsers of floating numbers take (those of other numbers do not).
    static func trimmed(_ bytes: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
        var start = 0
        var end = bytes.count
        while start < end, bytes[start] == 32 { start += 1 }
        while end > start, bytes[end - 1] == 32 { end -= 1 }
        return UnsafeBufferPointer(rebasing: bytes[start..<end])
    }
}

/// UTF-8 text by code points.
public enum UTF8Text {
    /// The first `characters` code points.
    public static func prefix(_ bytes: UnsafeBufferPointer<UInt8>, characters: Int) -> UnsafeBufferPointer<UInt8> {
        if bytes.count <= characters { return bytes }
        var index = 0
        var left = characters
        while index < bytes.count {
            if bytes[index] & 0xc0 != 0x80 {
                if left == 0 { return UnsafeBufferPointer(rebasing: bytes[..<index]) }
                left &-= 1
            }
            index &+= 1
        }
        return bytes
    }

    /// Code points (bytes that do not continue one).
    public static func characterCount(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        var count = 0
        for index in 0..<bytes.count { count &+= bytes[index] & 0xc0 != 0x80 ? 1 : 0 }
        return count
    }

    /// The stored form of char(`length`): cut, without blanks at its end.
    public static func charValue(_ bytes: UnsafeBufferPointer<UInt8>, length: Int) -> UnsafeBufferPointer<UInt8> {
        let cut = prefix(bytes, characters: length)
        var end = cut.count
        while end > 0, cut[end - 1] == 32 { end -= 1 }
        return UnsafeBufferPointer(rebasing: cut[..<end])
    }
}

/// UUIDs as 128 bits, big-endian.
public enum UUIDText {
    /// `12151fd2-7586-11e9-8f9e-2a86e4085a59`, any case; nil when it is none.
    public static func parse(_ bytes: UnsafeBufferPointer<UInt8>) -> Int128? {
        guard bytes.count == 36 else { return nil }
        var bits: UInt128 = 0
        for (index, byte) in bytes.enumerated() {
            if index == 8 || index == 13 || index == 18 || index == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            guard let digit = hexValue(byte) else { return nil }
            bits = bits << 4 | UInt128(digit)
        }
        return Int128(bitPattern: bits)
    }

    static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 48...57: byte - 48
        case 65...70: byte - 55
        case 97...102: byte - 87
        default: nil
        }
    }
}
