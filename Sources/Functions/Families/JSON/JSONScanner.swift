import Columnar
import SQLTypes

/// Finds a value in a JSON text without building a tree: the text is checked and walked once, and what the path does
/// not name is skipped.
///
/// ```
/// {"id": 7, "nested": {"city": "Rome", "k": [1, 2]}}     $.nested.city
///  skip  ^  skip        ^ found: the bytes "Rome"
/// ```
/// The answer is that of the tree (`JSONPath.find(_: JSONValue)`): of members of one name the last counts, and a text
/// that is not JSON has no values. Names with escapes and surrogates are left to the tree.
struct JSONScanner {
    enum Answer {
        /// No such value, or no JSON.
        case missing
        /// The value's bytes, without blanks around them.
        case found(Range<Int>)
        /// The tree has to decide.
        case unsure
    }

    private let text: UnsafeBufferPointer<UInt8>
    private let base: UnsafePointer<UInt8>
    private let end: Int
    private let path: JSONPath
    private let isExact: Bool
    private var place = 0
    private var found: Range<Int>?
    private var isUnsure = false
    private var hasWideText = false

    /// - Parameter isExact: members of arrays and elements of what is no array, which SQL's lax paths have, are left to
    ///   the tree.
    static func find(_ text: UnsafeBufferPointer<UInt8>, _ path: JSONPath, isExact: Bool = false) -> Answer {
        guard let base = text.baseAddress else { return .missing }
        var scanner = JSONScanner(text: text, base: base, path: path, isExact: isExact)
        return scanner.run()
    }

    private init(
        text: UnsafeBufferPointer<UInt8>, base: UnsafePointer<UInt8>, path: JSONPath, isExact: Bool
    ) {
        self.text = text
        self.base = base
        self.path = path
        self.isExact = isExact
        end = text.count
    }

    private mutating func run() -> Answer {
        let isValid = search(0)
        if isUnsure { return .unsure }
        guard isValid else { return .missing }
        skipBlanks()
        guard place == end else { return .missing }
        // Only strings hold more than ASCII; what is no UTF-8 is no JSON.
        if hasWideText, String(validating: text, as: UTF8.self) == nil { return .missing }
        return found.map { .found($0) } ?? .missing
    }

    // MARK: Values

    /// Reads a value at which the path's steps before `step` have led. False for what is not JSON.
    private mutating func search(_ step: Int) -> Bool {
        skipBlanks()
        guard step < path.steps.count else {
            let start = place
            guard skipValue(depth: step) else { return false }
            found = start..<place
            return true
        }
        switch path.steps[step] {
        case .member(let name):
            guard place < end, base[place] == UInt8(ascii: "{") else { return skipOther(depth: step) }
            return members(depth: step) { scanner, key in
                guard scanner.isEqual(key, name) else { return scanner.skipValue(depth: step + 1) }
                scanner.found = nil
                return scanner.search(step + 1)
            }
        case .element(let wanted):
            guard place < end, base[place] == UInt8(ascii: "[") else { return skipOther(depth: step) }
            return elements(depth: step) { scanner, index in
                index == wanted ? scanner.search(step + 1) : scanner.skipValue(depth: step + 1)
            }
        }
    }

    /// A value that is not of the kind that the path's step wants.
    private mutating func skipOther(depth: Int) -> Bool {
        if isExact { isUnsure = true }
        return !isExact && skipValue(depth: depth)
    }

    private func isEqual(_ key: Range<Int>, _ name: [UInt8]) -> Bool {
        guard key.count == name.count else { return false }
        for index in 0..<name.count where base[key.lowerBound + index] != name[index] { return false }
        return true
    }

    private mutating func skipValue(depth: Int) -> Bool {
        skipBlanks()
        guard place < end, depth <= JSONValue.maxDepth else { return false }
        switch base[place] {
        case UInt8(ascii: "{"): return members(depth: depth) { scanner, _ in scanner.skipValue(depth: depth + 1) }
        case UInt8(ascii: "["): return elements(depth: depth) { scanner, _ in scanner.skipValue(depth: depth + 1) }
        case UInt8(ascii: "\""): return skipString() != nil
        case UInt8(ascii: "t"): return skipWord("true")
        case UInt8(ascii: "f"): return skipWord("false")
        case UInt8(ascii: "n"): return skipWord("null")
        default:
            guard let last = JSONText.numberEnd(text, from: place) else { return false }
            place = last
            return true
        }
    }

    /// Reads an object; `value` reads each member's value.
    @inline(__always)
    private mutating func members(depth: Int, _ value: (inout JSONScanner, Range<Int>) -> Bool) -> Bool {
        place += 1
        skipBlanks()
        if accept(UInt8(ascii: "}")) { return true }
        while true {
            skipBlanks()
            guard place < end, base[place] == UInt8(ascii: "\""), let key = skipString(isName: true) else {
                return false
            }
            skipBlanks()
            guard accept(UInt8(ascii: ":")), value(&self, key) else { return false }
            skipBlanks()
            if accept(UInt8(ascii: ",")) { continue }
            return accept(UInt8(ascii: "}"))
        }
    }

    /// Reads an array; `value` reads each element.
    @inline(__always)
    private mutating func elements(depth: Int, _ value: (inout JSONScanner, Int) -> Bool) -> Bool {
        place += 1
        skipBlanks()
        if accept(UInt8(ascii: "]")) { return true }
        var index = 0
        while true {
            guard value(&self, index) else { return false }
            index += 1
            skipBlanks()
            if accept(UInt8(ascii: ",")) { continue }
            return accept(UInt8(ascii: "]"))
        }
    }

    // MARK: Tokens

    @inline(__always)
    private mutating func skipBlanks() {
        while place < end, JSONText.isBlank(base[place]) { place &+= 1 }
    }

    @inline(__always)
    private mutating func accept(_ byte: UInt8) -> Bool {
        guard place < end, base[place] == byte else { return false }
        place &+= 1
        return true
    }

    private mutating func skipWord(_ word: StaticString) -> Bool {
        guard end - place >= word.utf8CodeUnitCount else { return false }
        for index in 0..<word.utf8CodeUnitCount where base[place + index] != word.utf8Start[index] { return false }
        place += word.utf8CodeUnitCount
        return true
    }

    /// Reads a string; the range of its content, nil for what is none.
    private mutating func skipString(isName: Bool = false) -> Range<Int>? {
        place &+= 1
        let start = place
        let raw = UnsafeRawPointer(base)
        while true {
            // Eight bytes at once while none of them is a quote, an escape, a control character or beyond ASCII.
            while place &+ 8 <= end {
                let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: place, as: UInt64.self))
                let special = Self.special(word)
                if special != 0 {
                    place &+= special.trailingZeroBitCount &>> 3
                    break
                }
                place &+= 8
            }
            guard place < end else { return nil }
            let byte = base[place]
            if byte == UInt8(ascii: "\"") {
                place &+= 1
                return start..<place &- 1
            }
            if byte < 0x20 { return nil }
            if byte == UInt8(ascii: "\\") {
                guard place + 1 < end else { return nil }
                switch base[place + 1] {
                case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
                    UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
                    place &+= 2
                default:
                    isUnsure = true
                    return nil
                }
                if isName {
                    isUnsure = true
                    return nil
                }
                continue
            }
            if byte >= 0x80 { hasWideText = true }
            place &+= 1
        }
    }

    /// The high bit of each byte that ends a run of plain text; exact up to the first of them.
    @inline(__always)
    private static func special(_ word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        let quotes = word ^ (ones &* 0x22)
        let escapes = word ^ (ones &* 0x5c)
        let quoteHits = (quotes &- ones) & ~quotes
        let escapeHits = (escapes &- ones) & ~escapes
        let controls = (word &- ones &* 0x20) & ~word
        return (quoteHits | escapeHits | controls | word) & highs
    }
}
