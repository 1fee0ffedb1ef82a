/// Values as the text that results show (interfaces: value text), appended as UTF-8.
public enum ValueText {
    /// The text of a value of `type`; NULL is `NULL`, inside collections `null`.
    public static func print(_ value: Value, _ type: DataType) -> String {
        if value.isNull { return "NULL" }
        var text: [UInt8] = []
        append(value, type, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends the text of a value; NULL as `null`.
    public static func append(_ value: Value, _ type: DataType, to text: inout [UInt8]) {
        switch (value, type) {
        case (.null, _): text.append(contentsOf: "null".utf8)
        case (.boolean(let flag), _): text.append(contentsOf: (flag ? "true" : "false").utf8)
        case (.int(let number), _): appendInt(number, type, to: &text)
        case (.int128(let number), _): appendInt128(number, type, to: &text)
        case (.real(let number), _): FloatText.append(number, to: &text)
        case (.double(let number), _): FloatText.append(number, to: &text)
        case (.bytes(let bytes), .varbinary), (.bytes(let bytes), .sketch): appendHex(bytes, to: &text)
        case (.bytes(let bytes), .char(let length)):
            text.append(contentsOf: bytes)
            appendPadding(bytes, length, to: &text)
        case (.bytes(let bytes), _): text.append(contentsOf: bytes)
        case (.array(let elements), .array(let element)):
            text.append(UInt8(ascii: "["))
            for (index, item) in elements.enumerated() {
                if index > 0 { text.append(contentsOf: ", ".utf8) }
                append(item, element, to: &text)
            }
            text.append(UInt8(ascii: "]"))
        case (.map(let keys, let values), .map(let keyType, let valueType)):
            text.append(UInt8(ascii: "{"))
            for index in 0..<min(keys.count, values.count) {
                if index > 0 { text.append(contentsOf: ", ".utf8) }
                append(keys[index], keyType, to: &text)
                text.append(UInt8(ascii: "="))
                append(values[index], valueType, to: &text)
            }
            text.append(UInt8(ascii: "}"))
        case (.row(let values), .row(let fields)):
            text.append(UInt8(ascii: "{"))
            for index in 0..<min(values.count, fields.count) {
                if index > 0 { text.append(contentsOf: ", ".utf8) }
                text.append(contentsOf: (fields[index].name ?? "field\(index)").utf8)
                text.append(UInt8(ascii: "="))
                append(values[index], fields[index].type, to: &text)
            }
            text.append(UInt8(ascii: "}"))
        case (.array, _), (.map, _), (.row, _): text.append(contentsOf: "null".utf8)
        }
    }

    /// A value of an Int64 (or narrower) layout.
    public static func appendInt(_ number: Int64, _ type: DataType, to text: inout [UInt8]) {
        switch type {
        case .decimal(_, let scale): appendShortDecimal(number, scale: scale, to: &text)
        case .date: appendDate(Int(number), to: &text)
        case .time(let precision): appendTime(number, precision: precision, to: &text)
        case .timestamp(let precision): appendTimestamp(micros: number, precision: precision, to: &text)
        case .intervalYearToMonth: appendInterval(months: number, to: &text)
        case .intervalDayToSecond: appendInterval(milliseconds: number, to: &text)
        default: appendInteger(number, to: &text)
        }
    }

    /// A value of an Int128 layout.
    public static func appendInt128(_ number: Int128, _ type: DataType, to text: inout [UInt8]) {
        switch type {
        case .decimal(_, let scale): appendDecimal(number, scale: scale, to: &text)
        case .timestamp(let precision): appendTimestamp(picos: number, precision: precision, to: &text)
        case .timestampWithTimeZone(let precision): appendTimestampWithZone(number, precision: precision, to: &text)
        case .timeWithTimeZone(let precision): appendTimeWithZone(number, precision: precision, to: &text)
        case .uuid: appendUUID(number, to: &text)
        case .ipaddress: IPAddressText.append(number, to: &text)
        default: appendDecimal(number, scale: 0, to: &text)
        }
    }

    // MARK: Numbers

    public static func appendInteger(_ number: Int64, to text: inout [UInt8]) {
        var magnitude = number.magnitude
        if number < 0 { text.append(UInt8(ascii: "-")) }
        if magnitude < 10 {
            text.append(48 &+ UInt8(truncatingIfNeeded: magnitude))
            return
        }
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var place = 20
            while magnitude > 0 {
                place &-= 1
                digits[place] = 48 &+ UInt8(truncatingIfNeeded: magnitude % 10)
                magnitude /= 10
            }
            text.append(contentsOf: UnsafeBufferPointer(rebasing: digits[place..<20]))
        }
    }

    /// With leading zeros to at least `width` digits.
    public static func appendPadded(_ number: Int, _ width: Int, to text: inout [UInt8]) {
        var limit = 10
        var digits = 1
        while digits < width {
            if number < limit { text.append(48) }
            limit &*= 10
            digits &+= 1
        }
        appendInteger(Int64(number), to: &text)
    }

    public static func appendShortDecimal(_ unscaled: Int64, scale: Int, to text: inout [UInt8]) {
        guard scale > 0 else { return appendInteger(unscaled, to: &text) }
        if unscaled < 0 { text.append(UInt8(ascii: "-")) }
        let power = UInt64(Decimal.shortPowers[min(scale, 18)])
        let magnitude = unscaled.magnitude
        appendUnsigned(magnitude / power, to: &text)
        text.append(UInt8(ascii: "."))
        appendFraction(magnitude % power, digits: scale, to: &text)
    }

    public static func appendDecimal(_ unscaled: Int128, scale: Int, to text: inout [UInt8]) {
        if let short = Int64(exactly: unscaled), scale <= 18 {
            return appendShortDecimal(short, scale: scale, to: &text)
        }
        if unscaled < 0 { text.append(UInt8(ascii: "-")) }
        let (whole, fraction) = unscaled.magnitude.quotientAndRemainder(dividingBy: UInt128(Decimal.power(scale)))
        appendWide(whole, width: 1, to: &text)
        if scale > 0 {
            text.append(UInt8(ascii: "."))
            appendWide(fraction, width: scale, to: &text)
        }
    }

    private static func appendWide(_ number: UInt128, width: Int, to text: inout [UInt8]) {
        let chunk: UInt128 = 1_000_000_000_000_000_000
        var parts: [UInt64] = []
        var rest = number
        repeat {
            parts.append(UInt64(truncatingIfNeeded: rest % chunk))
            rest /= chunk
        } while rest > 0
        var digits: [UInt8] = []
        appendUnsigned(parts[parts.count - 1], to: &digits)
        for part in parts.dropLast().reversed() { appendFraction(part, digits: 18, to: &digits) }
        for _ in 0..<max(0, width - digits.count) { text.append(48) }
        text.append(contentsOf: digits)
    }

    private static func appendUnsigned(_ number: UInt64, to text: inout [UInt8]) {
        if let signed = Int64(exactly: number) { return appendInteger(signed, to: &text) }
        appendInteger(Int64(number / 10), to: &text)
        text.append(48 + UInt8(number % 10))
    }

    /// Exactly `digits` digits, with leading zeros.
    static func appendFraction(_ number: UInt64, digits: Int, to text: inout [UInt8]) {
        let start = text.count
        for _ in 0..<digits { text.append(48) }
        var rest = number
        var place = start + digits
        while rest > 0, place > start {
            place -= 1
            text[place] = 48 + UInt8(rest % 10)
            rest /= 10
        }
    }

    // MARK: Dates and times

    public static func appendDate(_ days: Int, to text: inout [UInt8]) {
        let date = CivilDate(days: days)
        appendYear(date.year, to: &text)
        text.append(UInt8(ascii: "-"))
        appendTwo(date.month, to: &text)
        text.append(UInt8(ascii: "-"))
        appendTwo(date.day, to: &text)
    }

    private static func appendYear(_ year: Int, to text: inout [UInt8]) {
        if year < 0 {
            text.append(UInt8(ascii: "-"))
        } else if year > 9999 {
            text.append(UInt8(ascii: "+"))
        }
        appendPadded(abs(year), 4, to: &text)
    }

    @inline(__always)
    private static func appendTwo(_ number: Int, to text: inout [UInt8]) {
        text.append(48 &+ UInt8(truncatingIfNeeded: number / 10))
        text.append(48 &+ UInt8(truncatingIfNeeded: number % 10))
    }

    private static func appendClock(_ seconds: Int, to text: inout [UInt8]) {
        appendTwo(seconds / 3600, to: &text)
        text.append(UInt8(ascii: ":"))
        appendTwo(seconds / 60 % 60, to: &text)
        text.append(UInt8(ascii: ":"))
        appendTwo(seconds % 60, to: &text)
    }

    /// Picoseconds of the day.
    public static func appendTime(_ picos: Int64, precision: Int, to text: inout [UInt8]) {
        appendClock(Int(picos / TimeUnit.picosPerSecond), to: &text)
        guard precision > 0 else { return }
        text.append(UInt8(ascii: "."))
        let fraction = UInt64(picos % TimeUnit.picosPerSecond)
        appendFraction(fraction / UInt64(Decimal.shortPowers[12 - precision]), digits: precision, to: &text)
    }

    public static func appendTimestamp(micros: Int64, precision: Int, separator: UInt8 = 32, to text: inout [UInt8]) {
        let days = floorDivide(micros, TimeUnit.microsPerDay)
        appendDate(Int(days), to: &text)
        text.append(separator)
        appendTime((micros &- days &* TimeUnit.microsPerDay) &* TimeUnit.picosPerMicro, precision: precision, to: &text)
    }

    public static func appendTimestamp(picos: Int128, precision: Int, separator: UInt8 = 32, to text: inout [UInt8]) {
        let days = floorDivide(picos, Int128(TimeUnit.picosPerDay))
        appendDate(Int(truncatingIfNeeded: days), to: &text)
        text.append(separator)
        let rest = picos - days * Int128(TimeUnit.picosPerDay)
        appendTime(Int64(truncatingIfNeeded: rest), precision: precision, to: &text)
    }

    public static func appendTimestampWithZone(_ packed: Int128, precision: Int, to text: inout [UInt8]) {
        let zone = TimeZone.zone(id: DateTimeMath.zoneId(packed: packed))
        let local = DateTimeMath.localPicos(utc: DateTimeMath.picos(packed: packed), in: zone)
        appendTimestamp(picos: local, precision: precision, to: &text)
        text.append(32)
        text.append(contentsOf: zone.name.utf8)
    }

    public static func appendTimeWithZone(_ packed: Int128, precision: Int, to text: inout [UInt8]) {
        appendTime(DateTimeMath.localTime(packed: packed), precision: precision, to: &text)
        appendOffset(TimeZone.fixedMinutes(id: DateTimeMath.zoneId(packed: packed)) ?? 0, to: &text)
    }

    /// `+05:30`.
    public static func appendOffset(_ minutes: Int, to text: inout [UInt8]) {
        text.append(UInt8(ascii: minutes < 0 ? "-" : "+"))
        appendTwo(abs(minutes) / 60, to: &text)
        text.append(UInt8(ascii: ":"))
        appendTwo(abs(minutes) % 60, to: &text)
    }

    /// `3-2`.
    public static func appendInterval(months: Int64, to text: inout [UInt8]) {
        if months < 0 { text.append(UInt8(ascii: "-")) }
        appendUnsigned(months.magnitude / 12, to: &text)
        text.append(UInt8(ascii: "-"))
        appendUnsigned(months.magnitude % 12, to: &text)
    }

    /// `2 03:04:05.678`.
    public static func appendInterval(milliseconds: Int64, to text: inout [UInt8]) {
        if milliseconds < 0 { text.append(UInt8(ascii: "-")) }
        let magnitude = milliseconds.magnitude
        let day = UInt64(TimeUnit.millisPerDay)
        appendUnsigned(magnitude / day, to: &text)
        text.append(32)
        let rest = Int64(magnitude % day)
        appendTime(rest * TimeUnit.picosPerMilli, precision: 3, to: &text)
    }

    // MARK: Bytes

    /// `68 69`.
    public static func appendHex(_ bytes: some Sequence<UInt8>, to text: inout [UInt8]) {
        var isFirst = true
        for byte in bytes {
            if !isFirst { text.append(32) }
            isFirst = false
            text.append(hexDigit(byte >> 4))
            text.append(hexDigit(byte & 15))
        }
    }

    static func hexDigit(_ value: UInt8) -> UInt8 { value < 10 ? 48 &+ value : 87 &+ value }

    public static func appendUUID(_ bits: Int128, to text: inout [UInt8]) {
        let unsigned = UInt128(bitPattern: bits)
        for index in 0..<16 {
            if index == 4 || index == 6 || index == 8 || index == 10 { text.append(UInt8(ascii: "-")) }
            let byte = UInt8(truncatingIfNeeded: unsigned >> UInt128(120 - index * 8))
            text.append(hexDigit(byte >> 4))
            text.append(hexDigit(byte & 15))
        }
    }

    /// The blanks that fill a char(n) value up to its length.
    public static func appendPadding(_ bytes: some Sequence<UInt8>, _ length: Int, to text: inout [UInt8]) {
        var count = 0
        for byte in bytes where byte & 0xc0 != 0x80 { count += 1 }
        while count < length {
            text.append(32)
            count += 1
        }
    }
}
