import SQLTypes

/// How a text format spells values, beyond their usual text.
public struct TextValueRules: Hashable, Sendable {
    /// Tried in order before the usual forms.
    public var timestampPatterns: [TimestampPattern] = []
    /// Bare numbers are dates (days since 1970) and timestamps (milliseconds since 1970), as in OpenCSV.
    public var acceptsEpochNumbers = false
    /// `12.9` is an integer too (its fraction is dropped), as Hive reads it.
    public var dropsFractions = true

    public init() {}
}

/// Reads one scalar type from text into a lane of a vector. The slow but complete path: it takes every form the rules
/// allow, blanks around included. Loops over columns try `TextParsing` first and come here for what it refuses.
public struct ScalarParser: Sendable {
    public enum Kind: UInt8, Sendable {
        case boolean, int8, int16, int32, int64, float, double, shortDecimal, longDecimal, string, boundedString, char
        case binary, date, shortTimestamp, longTimestamp, unsupported
    }

    public let type: DataType
    public let kind: Kind
    public let rules: TextValueRules
    /// Digits of a decimal or of a timestamp's fraction; characters of a varchar or char.
    public let precision: Int
    public let scale: Int
    /// 10 to the power of `precision`, for decimals of up to 18 digits.
    public let limit: Int64

    public init(_ type: DataType, _ rules: TextValueRules) {
        self.type = type
        self.rules = rules
        var precision = 0
        var scale = 0
        switch type {
        case .boolean: kind = .boolean
        case .tinyint: kind = .int8
        case .smallint: kind = .int16
        case .integer: kind = .int32
        case .bigint: kind = .int64
        case .real: kind = .float
        case .double: kind = .double
        case .decimal(let digits, let fraction):
            precision = digits
            scale = fraction
            kind = digits <= DataType.maxShortDecimalPrecision ? .shortDecimal : .longDecimal
        case .varchar(let length):
            kind = length == nil ? .string : .boundedString
            precision = length ?? 0
        case .json: kind = .string
        case .char(let length):
            kind = .char
            precision = length
        case .varbinary: kind = .binary
        case .date: kind = .date
        case .timestamp(let digits):
            precision = digits
            kind = digits <= 6 ? .shortTimestamp : .longTimestamp
        default: kind = .unsupported
        }
        self.precision = precision
        self.scale = scale
        limit = kind == .shortDecimal ? Int64(truncatingIfNeeded: TextParsing.powerOfTen(precision)) : 0
    }

    /// Whether the type's values are text or bytes, so that an empty field is a value.
    public var isText: Bool {
        switch kind {
        case .string, .boundedString, .char, .binary: true
        default: false
        }
    }

    /// Writes the value to `lane` (room for one value of the type). Text longer than a view refers to the input, which
    /// the caller keeps alive; other bytes go to `heap`.
    public func parse(
        _ first: UnsafePointer<UInt8>, _ last: UnsafePointer<UInt8>, into lane: UnsafeMutableRawPointer,
        heap: @autoclosure () -> StringHeap
    ) -> Bool {
        if isText {
            let view: StringView
            switch kind {
            case .boundedString: view = Self.bounded(first, last, precision)
            case .char: view = Self.padded(first, last, precision)
            case .binary: view = Base64Text.decoded(first, last, heap())
            default: view = StringView(first, last - first)
            }
            lane.storeBytes(of: view, as: StringView.self)
            return true
        }
        var start = first
        var end = last
        while start < end, start[0] <= 0x20 { start += 1 }
        while start < end, end[-1] <= 0x20 { end -= 1 }
        switch kind {
        case .boolean:
            var value = false
            guard TextParsing.boolean(start, end, &value) else { return false }
            lane.storeBytes(of: value ? 1 : 0, as: UInt8.self)
        case .int8: return integer(start, end, lane, Int8.self)
        case .int16: return integer(start, end, lane, Int16.self)
        case .int32: return integer(start, end, lane, Int32.self)
        case .int64: return integer(start, end, lane, Int64.self)
        case .float:
            var value: Float = 0
            guard TextParsing.float(start, Self.withoutSuffix(start, end), &value) else { return false }
            lane.storeBytes(of: value, as: Float.self)
        case .double:
            var value = 0.0
            guard TextParsing.double(start, Self.withoutSuffix(start, end), &value) else { return false }
            lane.storeBytes(of: value, as: Double.self)
        case .shortDecimal:
            var value: Int64 = 0
            guard
                TextParsing.shortDecimal(
                    start, end, precision: precision, scale: scale, limit: limit, powers: TextParsing.powersOfTen,
                    &value)
            else { return false }
            lane.storeBytes(of: value, as: Int64.self)
        case .longDecimal:
            var value: Int128 = 0
            guard TextParsing.decimal(start, end, precision: precision, scale: scale, &value) else { return false }
            lane.storeBytes(of: value, as: Int128.self)
        case .date:
            var value: Int32 = 0
            if TextParsing.date(start, end, &value)
                || (rules.acceptsEpochNumbers && TextParsing.integer(start, end, &value))
            {
                lane.storeBytes(of: value, as: Int32.self)
                return true
            }
            guard let moment = patternMoment(start, end) else { return false }
            let days = (moment.seconds - (moment.seconds < 0 ? 86_399 : 0)) / 86_400
            guard let narrow = Int32(exactly: days) else { return false }
            lane.storeBytes(of: narrow, as: Int32.self)
        case .shortTimestamp:
            guard let moment = moment(start, end),
                let value = moment.microseconds(precision: precision, powers: TextParsing.powersOfTen)
            else { return false }
            lane.storeBytes(of: value, as: Int64.self)
        case .longTimestamp:
            guard let moment = moment(start, end) else { return false }
            lane.storeBytes(
                of: moment.picosecondCount(precision: precision, powers: TextParsing.powersOfTen), as: Int128.self)
        case .string, .boundedString, .char, .binary, .unsupported: return false
        }
        return true
    }

    /// The moment a timestamp's text names by the rules.
    public func moment(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> TextParsing.Moment? {
        if let moment = patternMoment(start, end) { return moment }
        var moment = TextParsing.Moment(seconds: 0, picoseconds: 0)
        if TextParsing.timestamp(start, end, &moment) { return moment }
        return rules.acceptsEpochNumbers ? TimestampPattern.epoch(start, end, unit: 1000) : nil
    }

    private func patternMoment(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> TextParsing.Moment? {
        for pattern in rules.timestampPatterns {
            if let moment = pattern.parse(start, end) { return moment }
        }
        return nil
    }

    private func integer<T: FixedWidthInteger & SignedInteger>(
        _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ lane: UnsafeMutableRawPointer, _: T.Type
    ) -> Bool {
        var value: T = 0
        if TextParsing.integer(start, end, &value)
            || (rules.dropsFractions && TextParsing.truncatedInteger(start, end, &value))
        {
            lane.storeBytes(of: value, as: T.self)
            return true
        }
        // With an exponent: `1E3`.
        var scaled: Int128 = 0
        guard rules.dropsFractions, TextParsing.decimal(start, end, precision: 38, scale: 10, &scaled),
            let whole = T(exactly: scaled / 10_000_000_000)
        else { return false }
        lane.storeBytes(of: whole, as: T.self)
        return true
    }

    /// Java's parser takes `1.5f` and `1.5d`.
    private static func withoutSuffix(
        _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>
    ) -> UnsafePointer<UInt8> {
        guard end - start >= 2, end[-2] &- 0x30 <= 9 || end[-2] == 0x2e else { return end }
        switch end[-1] | 0x20 {
        case 0x64, 0x66: return end - 1
        default: return end
        }
    }

    /// The first `count` code points.
    @inlinable @inline(__always)
    public static func bounded(
        _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ count: Int
    ) -> StringView {
        end - start <= count ? StringView(start, end - start) : cut(start, end, count)
    }

    @usableFromInline
    static func cut(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ count: Int) -> StringView {
        var at = start
        var left = count
        while at < end {
            if at[0] & 0xc0 != 0x80 {
                if left == 0 { break }
                left -= 1
            }
            at += 1
        }
        return StringView(start, at - start)
    }

    /// The first `count` code points without blanks at the end.
    public static func padded(
        _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ count: Int
    ) -> StringView {
        var stop = start + bounded(start, end, count).count
        while stop > start, stop[-1] == 0x20 { stop -= 1 }
        return StringView(start, stop - start)
    }
}

/// Bytes in text: base64 where the text is that, else the text's own bytes, as Hive reads binary columns.
public enum Base64Text {
    public static func decoded(
        _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ heap: StringHeap
    ) -> StringView {
        var count = end - start
        guard count > 0, count % 4 == 0 else { return StringView(start, count) }
        if end[-1] == 0x3d { count -= end[-2] == 0x3d ? 2 : 1 }
        let target = heap.allocate(count * 3 / 4 + 4)
        var written = 0
        var bits: UInt32 = 0
        for index in 0..<count {
            guard let digit = value(start[index]) else { return StringView(start, end - start) }
            bits = bits << 6 | digit
            if index & 3 == 3 {
                target[written] = UInt8(truncatingIfNeeded: bits >> 16)
                target[written + 1] = UInt8(truncatingIfNeeded: bits >> 8)
                target[written + 2] = UInt8(truncatingIfNeeded: bits)
                written += 3
                bits = 0
            }
        }
        switch count & 3 {
        case 2:
            target[written] = UInt8(truncatingIfNeeded: bits >> 4)
            written += 1
        case 3:
            target[written] = UInt8(truncatingIfNeeded: bits >> 10)
            target[written + 1] = UInt8(truncatingIfNeeded: bits >> 2)
            written += 2
        default: break
        }
        return StringView(target, written)
    }

    private static func value(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
