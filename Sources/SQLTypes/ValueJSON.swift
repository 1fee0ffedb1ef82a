/// Values as the line protocol and the json formats write them (interfaces: section 4, Values).
public enum ValueJSON {
    /// Appends the JSON of a value: integers and floats as numbers, decimals and dates as strings, varbinary as base64,
    /// json as a string of its text (NULL and JSON's null differ), a map as `[[key, value], ...]`, a row as an array.
    /// `bigintAsText` writes bigint as a string, for readers whose numbers are doubles.
    public static func append(
        _ value: Value, _ type: DataType, bigintAsText: Bool = false, to text: inout [UInt8]
    ) {
        switch (value, type) {
        case (.null, _): text.append(contentsOf: "null".utf8)
        case (.boolean(let flag), _): text.append(contentsOf: (flag ? "true" : "false").utf8)
        case (.int(let number), .bigint) where bigintAsText:
            text.append(UInt8(ascii: "\""))
            ValueText.appendInteger(number, to: &text)
            text.append(UInt8(ascii: "\""))
        case (.int(let number), .tinyint), (.int(let number), .smallint), (.int(let number), .integer),
            (.int(let number), .bigint):
            ValueText.appendInteger(number, to: &text)
        case (.int, _), (.int128, _):
            // Digits and punctuation alone: nothing to escape.
            text.append(UInt8(ascii: "\""))
            ValueText.append(value, type, to: &text)
            text.append(UInt8(ascii: "\""))
        case (.real(let number), _):
            appendNumber(number.isFinite, &text) { FloatText.append(number, to: &$0) }
        case (.double(let number), _):
            appendNumber(number.isFinite, &text) { FloatText.append(number, to: &$0) }
        case (.bytes(let bytes), .varbinary), (.bytes(let bytes), .sketch):
            text.append(UInt8(ascii: "\""))
            Base64Text.append(bytes, to: &text)
            text.append(UInt8(ascii: "\""))
        case (.bytes(let bytes), .char(let length)):
            var padded = bytes
            ValueText.appendPadding(bytes, length, to: &padded)
            JSONText.appendString(padded, to: &text)
        case (.bytes(let bytes), _): JSONText.appendString(bytes, to: &text)
        case (.array(let elements), .array(let element)):
            appendList(elements.count, &text) { append(elements[$0], element, bigintAsText: bigintAsText, to: &$1) }
        case (.map(let keys, let values), .map(let keyType, let valueType)):
            appendList(min(keys.count, values.count), &text) { index, text in
                text.append(UInt8(ascii: "["))
                append(keys[index], keyType, bigintAsText: bigintAsText, to: &text)
                text.append(UInt8(ascii: ","))
                append(values[index], valueType, bigintAsText: bigintAsText, to: &text)
                text.append(UInt8(ascii: "]"))
            }
        case (.row(let values), .row(let fields)):
            appendList(min(values.count, fields.count), &text) {
                append(values[$0], fields[$0].type, bigintAsText: bigintAsText, to: &$1)
            }
        case (.array, _), (.map, _), (.row, _): text.append(contentsOf: "null".utf8)
        }
    }

    private static func appendNumber(_ isFinite: Bool, _ text: inout [UInt8], _ body: (inout [UInt8]) -> Void) {
        if !isFinite { text.append(UInt8(ascii: "\"")) }
        body(&text)
        if !isFinite { text.append(UInt8(ascii: "\"")) }
    }

    private static func appendList(_ count: Int, _ text: inout [UInt8], _ body: (Int, inout [UInt8]) -> Void) {
        text.append(UInt8(ascii: "["))
        for index in 0..<count {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            body(index, &text)
        }
        text.append(UInt8(ascii: "]"))
    }
}

/// Base64 (RFC 4648) with padding.
public enum Base64Text {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// The bytes of a text; nil when it is not base64. Padding may be missing.
    public static func parse(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        var word: UInt32 = 0
        var bitCount = 0
        var digits = text.utf8[...]
        while digits.last == UInt8(ascii: "=") { digits.removeLast() }
        for digit in digits {
            guard let value = alphabet.firstIndex(of: digit) else { return nil }
            word = word << 6 | UInt32(value)
            bitCount += 6
            if bitCount >= 8 {
                bitCount -= 8
                bytes.append(UInt8(truncatingIfNeeded: word >> UInt32(bitCount)))
            }
        }
        return bitCount < 6 ? bytes : nil
    }

    public static func append(_ bytes: [UInt8], to text: inout [UInt8]) {
        var index = 0
        while index < bytes.count {
            let count = min(3, bytes.count - index)
            var word: UInt32 = 0
            for offset in 0..<3 { word = word << 8 | (offset < count ? UInt32(bytes[index + offset]) : 0) }
            for offset in 0..<4 {
                text.append(
                    offset <= count ? alphabet[Int((word >> UInt32(18 - offset * 6)) & 63)] : UInt8(ascii: "="))
            }
            index += 3
        }
    }
}
