/// The words and marks of a type's text, with one byte of look-ahead. Used by `HiveTypeParser` and `TrinoTypeParser`.
struct TypeText {
    private let bytes: [UInt8]
    private var offset = 0
    private var depth = 0

    /// Types nest no deeper than this; real ones stay below ten.
    static let maxDepth = 200

    init(_ text: String) { bytes = Array(text.utf8) }

    /// The next byte that is not blank, or 0 at the end.
    mutating func peek() -> UInt8 {
        while offset < bytes.count, bytes[offset] <= 0x20 { offset += 1 }
        return offset < bytes.count ? bytes[offset] : 0
    }

    mutating func take(_ mark: Character) -> Bool {
        guard let byte = mark.asciiValue, peek() == byte else { return false }
        offset += 1
        return true
    }

    mutating func expect(_ mark: Character) throws {
        guard take(mark) else { throw error("expected '\(mark)'") }
    }

    var isAtEnd: Bool { mutating get { peek() == 0 && offset >= bytes.count } }

    /// A word of letters, digits and underscores, in lower case; empty if there is none.
    mutating func word() -> String {
        _ = peek()
        let start = offset
        while offset < bytes.count, Self.isWord(bytes[offset]) { offset += 1 }
        return String(decoding: bytes[start..<offset], as: UTF8.self).lowercased()
    }

    /// Takes `expected` if it is the next word.
    mutating func takeWord(_ expected: String) -> Bool {
        let saved = offset
        if word() == expected { return true }
        offset = saved
        return false
    }

    /// The position, to come back to.
    var mark: Int {
        get { offset }
        set { offset = newValue }
    }

    mutating func number() throws -> Int {
        _ = peek()
        let start = offset
        while offset < bytes.count, bytes[offset] >= 0x30, bytes[offset] <= 0x39 { offset += 1 }
        guard let number = Int(String(decoding: bytes[start..<offset], as: UTF8.self)) else {
            throw error("expected a number")
        }
        return number
    }

    /// The text between two `quote`s, doubled ones inside standing for one; nil if there is none.
    mutating func quoted(_ quote: UInt8) throws -> String? {
        guard peek() == quote else { return nil }
        var text: [UInt8] = []
        offset += 1
        while offset < bytes.count {
            let byte = bytes[offset]
            offset += 1
            if byte == quote {
                guard offset < bytes.count, bytes[offset] == quote else { return String(decoding: text, as: UTF8.self) }
                offset += 1
            }
            text.append(byte)
        }
        throw error("a quote is not closed")
    }

    /// Everything up to `stop`, trimmed.
    mutating func text(upTo stop: UInt8) -> String {
        _ = peek()
        let start = offset
        while offset < bytes.count, bytes[offset] != stop { offset += 1 }
        var end = offset
        while end > start, bytes[end - 1] <= 0x20 { end -= 1 }
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }

    mutating func nested<T>(_ body: (inout TypeText) throws -> T) throws -> T {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maxDepth else { throw error("the type is nested too deeply") }
        return try body(&self)
    }

    func error(_ reason: String) -> QueryError {
        let text = String(decoding: bytes.prefix(500), as: UTF8.self)
        return QueryError(.typeNotFound, "Unknown type: \(text) (\(reason) at character \(min(offset, 500) + 1))")
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        (byte >= 0x30 && byte <= 0x39) || (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A) || byte == 0x5F
    }
}
