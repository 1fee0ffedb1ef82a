import SQLTypes

/// The types of texts: what CSV fields and JSON strings look like.
enum TextTypeInference {
    /// The type of one field. Blanks around it are ignored; an empty field is `null`.
    static func type(_ bytes: ArraySlice<UInt8>) -> InferredType {
        var bytes = bytes
        while let first = bytes.first, first == 0x20 || first == 0x09 { bytes.removeFirst() }
        while let last = bytes.last, last == 0x20 || last == 0x09 { bytes.removeLast() }
        guard let first = bytes.first else { return .null }
        switch first {
        case 0x30...0x39, UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."):
            return number(bytes) ?? dateTime(bytes) ?? .string
        case UInt8(ascii: "t"), UInt8(ascii: "T"), UInt8(ascii: "f"), UInt8(ascii: "F"):
            let text = String(decoding: bytes, as: UTF8.self).lowercased()
            return text == "true" || text == "false" ? .boolean : .string
        case UInt8(ascii: "N"):
            return bytes.elementsEqual("NaN".utf8) ? .double : .string
        default: return .string
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

    private static func number(_ bytes: ArraySlice<UInt8>) -> InferredType? {
        var rest = bytes
        if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
        let whole = rest.prefix(while: isDigit)
        rest = rest.dropFirst(whole.count)
        if rest.isEmpty, !whole.isEmpty {
            // Leading zeros are codes, not numbers.
            if whole.count > 1, whole.first == 0x30 { return nil }
            if whole.count < 19 || Int64(String(decoding: bytes, as: UTF8.self)) != nil { return .bigint }
            // A double would lose digits of what is most often an identifier.
            return whole.count <= DataType.maxDecimalPrecision ? .huge : .string
        }
        var digits = whole.count
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            let fraction = rest.prefix(while: isDigit)
            digits += fraction.count
            rest = rest.dropFirst(fraction.count)
        }
        guard digits > 0 else { return nil }
        if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
            rest.removeFirst()
            if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
            guard let first = rest.first, isDigit(first) else { return nil }
            rest = rest.dropFirst(rest.prefix(while: isDigit).count)
        }
        if whole.count > 1, whole.first == 0x30 { return nil }
        return rest.isEmpty ? .double : nil
    }

    /// `yyyy-MM-dd` and `yyyy-MM-dd HH:mm:ss[.f]` with a blank or T, and an optional Z.
    private static func dateTime(_ bytes: ArraySlice<UInt8>) -> InferredType? {
        let text = Array(bytes)
        func number(_ start: Int, _ count: Int) -> Int? {
            guard start + count <= text.count else { return nil }
            var value = 0
            for byte in text[start..<start + count] {
                guard isDigit(byte) else { return nil }
                value = value * 10 + Int(byte - 0x30)
            }
            return value
        }
        guard text.count >= 10, let year = number(0, 4), text[4] == UInt8(ascii: "-"), let month = number(5, 2),
            text[7] == UInt8(ascii: "-"), let day = number(8, 2), (1...12).contains(month), day >= 1,
            day <= CivilDate.daysInMonth(year, month)
        else { return nil }
        if text.count == 10 { return .date }
        guard text.count >= 19, text[10] == 0x20 || text[10] == UInt8(ascii: "T"), let hour = number(11, 2), hour < 24,
            text[13] == UInt8(ascii: ":"), let minute = number(14, 2), minute < 60, text[16] == UInt8(ascii: ":"),
            let second = number(17, 2), second < 60
        else { return nil }
        var rest = text[19...]
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            let fraction = rest.prefix(while: isDigit)
            guard (1...9).contains(fraction.count) else { return nil }
            rest = rest.dropFirst(fraction.count)
        }
        return rest.isEmpty || rest.elementsEqual("Z".utf8) ? .timestamp : nil
    }
}
