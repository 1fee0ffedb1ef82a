/// JSON as bytes: strings, numbers and the canonical form that the JSON type stores.
public enum JSONText {
    @inlinable
    public static func isBlank(_ byte: UInt8) -> Bool { byte == 32 || byte == 10 || byte == 13 || byte == 9 }

    /// The text in double quotes with escapes.
    public static func appendString(_ bytes: some Sequence<UInt8>, to text: inout [UInt8]) {
        text.append(UInt8(ascii: "\""))
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                text.append(UInt8(ascii: "\\"))
                text.append(byte)
            case 10: text.append(contentsOf: "\\n".utf8)
            case 13: text.append(contentsOf: "\\r".utf8)
            case 9: text.append(contentsOf: "\\t".utf8)
            case 8: text.append(contentsOf: "\\b".utf8)
            case 12: text.append(contentsOf: "\\f".utf8)
            case 0..<32:
                text.append(contentsOf: "\\u00".utf8)
                // Jackson writes these in upper case.
                text.append(byte >> 4 < 10 ? 48 + byte >> 4 : 55 + byte >> 4)
                text.append(byte & 15 < 10 ? 48 + byte & 15 : 55 + byte & 15)
            default: text.append(byte)
            }
        }
        text.append(UInt8(ascii: "\""))
    }

    /// Where the number that begins at `start` ends; nil when there is none.
    public static func numberEnd(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
        var index = start
        let end = bytes.count
        func digits() -> Bool {
            let first = index
            while index < end, bytes[index] &- 48 <= 9 { index += 1 }
            return index > first
        }
        if index < end, bytes[index] == UInt8(ascii: "-") { index += 1 }
        let first = index
        guard digits() else { return nil }
        if bytes[first] == 48, index > first + 1 { return nil }
        if index < end, bytes[index] == UInt8(ascii: ".") {
            index += 1
            guard digits() else { return nil }
        }
        if index < end, bytes[index] | 32 == UInt8(ascii: "e") {
            index += 1
            if index < end, bytes[index] == UInt8(ascii: "+") || bytes[index] == UInt8(ascii: "-") { index += 1 }
            guard digits() else { return nil }
        }
        return index
    }

    /// Appends the content of the string literal at `start` (a double quote) and returns the place after it.
    public static func unescape(
        _ bytes: UnsafeBufferPointer<UInt8>, from start: Int, into content: inout [UInt8]
    ) throws -> Int {
        var index = start + 1
        func fault(_ reason: String) -> QueryError {
            QueryError(.invalidFunctionArgument, "Cannot convert value to JSON: \(reason) at byte \(index)")
        }
        func hex4() throws -> UInt32 {
            guard index + 4 <= bytes.count else { throw fault("bad escape") }
            var value: UInt32 = 0
            for _ in 0..<4 {
                guard let digit = UUIDText.hexValue(bytes[index]) else { throw fault("bad escape") }
                value = value << 4 | UInt32(digit)
                index += 1
            }
            return value
        }
        while index < bytes.count {
            let byte = bytes[index]
            if byte == UInt8(ascii: "\"") { return index + 1 }
            if byte < 32 { throw fault("control character in a string") }
            index += 1
            guard byte == UInt8(ascii: "\\") else {
                content.append(byte)
                continue
            }
            guard index < bytes.count else { break }
            let escape = bytes[index]
            index += 1
            switch escape {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(escape)
            case UInt8(ascii: "n"): content.append(10)
            case UInt8(ascii: "r"): content.append(13)
            case UInt8(ascii: "t"): content.append(9)
            case UInt8(ascii: "b"): content.append(8)
            case UInt8(ascii: "f"): content.append(12)
            case UInt8(ascii: "u"):
                var code = try hex4()
                if code >= 0xd800, code < 0xdc00, index + 1 < bytes.count, bytes[index] == UInt8(ascii: "\\"),
                    bytes[index + 1] == UInt8(ascii: "u")
                {
                    let saved = index
                    index += 2
                    let low = try hex4()
                    if low >= 0xdc00, low < 0xe000 {
                        code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00)
                    } else {
                        index = saved
                    }
                }
                // A lone surrogate becomes the replacement character.
                let scalar = Unicode.Scalar(code) ?? "\u{fffd}"
                content.append(contentsOf: UTF8.encode(scalar).map { Array($0) } ?? [])
            default: throw fault("bad escape")
            }
        }
        throw fault("unexpected end of a string")
    }

    /// The form that JSON values are stored in: no blanks, object members sorted by name (the last of equal names
    /// wins), numbers as Jackson rereads them.
    public static func canonical(_ bytes: UnsafeBufferPointer<UInt8>) throws -> [UInt8] {
        do {
            let document = try JSONValue.parse(bytes: Array(bytes))
            var text: [UInt8] = []
            text.reserveCapacity(bytes.count)
            canonical(document).write(to: &text)
            return text
        } catch {
            throw QueryError(.invalidFunctionArgument, "Cannot convert value to JSON: '\(ValueParser.string(bytes))'")
        }
    }

    private static func canonical(_ value: JSONValue) -> JSONValue {
        switch value {
        case .array(let elements): return .array(elements.map(canonical))
        case .object(let members):
            var last: [String: JSONValue] = [:]
            for member in members { last[member.key] = canonical(member.value) }
            let names = last.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            return .object(names.map { JSONValue.Member($0, last[$0] ?? .null) })
        case .number(let digits): return .number(canonicalNumber(digits))
        case .null, .bool, .string: return value
        }
    }

    /// The same document with numbers as Jackson rereads them; members stay as they are.
    public static func withCanonicalNumbers(_ value: JSONValue) -> JSONValue {
        switch value {
        case .array(let elements): .array(elements.map(withCanonicalNumbers))
        case .object(let members): .object(members.map { JSONValue.Member($0.key, withCanonicalNumbers($0.value)) })
        case .number(let digits): .number(canonicalNumber(digits))
        case .null, .bool, .string: value
        }
    }

    /// Integers as written, other numbers as doubles print.
    private static func canonicalNumber(_ digits: String) -> String {
        var copy = digits
        return copy.withUTF8 { bytes in
            if NumberText.isIntegerForm(bytes) { return digits }
            guard let value = NumberText.parseDouble(bytes), value.isFinite else { return digits }
            var text: [UInt8] = []
            FloatText.append(value, to: &text)
            return String(decoding: text, as: UTF8.self)
        }
    }
}
