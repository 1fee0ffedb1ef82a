import SQLTypes

/// Cuts a statement's bytes into tokens, one at a time, without looking at the grammar.
///
/// Comments and blanks fall away. The dialect decides about backslashes in strings; it may be changed between tokens.
/// Columns count code points.
struct Lexer {
    let source: SourceText
    var dialect: Dialect
    private let bytes: UnsafeMutablePointer<UInt8>
    private let count: Int
    private let keywords = KeywordTable.shared
    private(set) var offset: Int
    private var line: Int = 1
    /// The offset of the line's first byte, plus the continuation bytes seen on the line.
    private var columnOrigin: Int

    init(_ source: SourceText, dialect: Dialect, from offset: Int = 0) {
        self.source = source
        self.dialect = dialect
        bytes = source.bytes
        count = source.byteCount
        self.offset = offset
        columnOrigin = offset
    }

    /// The line of the next byte to read.
    var currentLine: Int { line }

    /// The next token; `.end` at the end of the text, again and again.
    ///
    /// - Throws: SYNTAX_ERROR at the start of a string, name or comment that is not closed.
    mutating func next() throws(QueryError) -> Token {
        try skipBlanks()
        let start = offset
        let tokenLine = line
        let column = start &- columnOrigin &+ 1
        var keyword: Keyword?
        let kind: TokenKind
        let byte = bytes[start]
        switch ByteClass.table[byte] {
        case .letter:
            if bytes[start &+ 1] == Self.quote, byte | 0x20 == 0x78 {
                offset = start &+ 1
                try skipQuoted(Self.quote, escapes: false, what: "binary literal", start: start)
                kind = .binary
            } else if bytes[start &+ 1] == 0x26, bytes[start &+ 2] == Self.quote, byte | 0x20 == 0x75 {
                offset = start &+ 2
                try skipQuoted(Self.quote, escapes: false, what: "string literal", start: start)
                kind = .unicodeString
            } else {
                var end = start &+ 1
                while ByteClass.table.isWord(bytes[end]) { end &+= 1 }
                offset = end
                keyword = keywords.find(bytes + start, end &- start)
                kind = .word
            }
        case .digit:
            kind = skipNumber()
        case .quote:
            if byte == Self.quote {
                try skipQuoted(byte, escapes: dialect == .hive, what: "string literal", start: start)
                kind = .string
            } else if byte == 0x22 {
                try skipQuoted(byte, escapes: dialect == .hive, what: "quoted identifier", start: start)
                kind = .quoted
            } else {
                try skipQuoted(byte, escapes: false, what: "quoted identifier", start: start)
                kind = .backquoted
            }
        case .symbol:
            kind = skipSymbol(byte)
        case .blank, .other:
            if start >= count {
                kind = .end
            } else {
                offset = start &+ 1
                // The whole code point.
                while bytes[offset] & 0xC0 == 0x80 {
                    offset &+= 1
                    columnOrigin &+= 1
                }
                kind = .other
            }
        }
        return Token(
            kind: kind, keyword: keyword, start: UInt32(truncatingIfNeeded: start),
            end: UInt32(truncatingIfNeeded: offset), line: UInt32(truncatingIfNeeded: tokenLine),
            column: UInt32(truncatingIfNeeded: column))
    }

    private static let quote: UInt8 = 0x27

    private mutating func skipBlanks() throws(QueryError) {
        while true {
            let byte = bytes[offset]
            if byte == 0x20 || byte == 0x09 || byte == 0x0D {
                offset &+= 1
            } else if byte == 0x0A {
                offset &+= 1
                line &+= 1
                columnOrigin = offset
            } else if byte == 0x2D, bytes[offset &+ 1] == 0x2D {
                while offset < count, bytes[offset] != 0x0A {
                    if bytes[offset] & 0xC0 == 0x80 { columnOrigin &+= 1 }
                    offset &+= 1
                }
            } else if byte == 0x2F, bytes[offset &+ 1] == 0x2A {
                try skipBlockComment()
            } else if byte == 0xC2, bytes[offset &+ 1] == 0xA0 {
                // A no-break space, as pasted from web pages.
                offset &+= 2
                columnOrigin &+= 1
            } else if byte == 0xEF, bytes[offset &+ 1] == 0xBB, bytes[offset &+ 2] == 0xBF {
                // A byte order mark.
                offset &+= 3
                columnOrigin &+= 2
            } else {
                return
            }
        }
    }

    private mutating func skipBlockComment() throws(QueryError) {
        let position = SourcePosition(line: line, column: offset &- columnOrigin &+ 1)
        offset &+= 2
        while offset < count {
            let byte = bytes[offset]
            if byte == 0x2A, bytes[offset &+ 1] == 0x2F {
                offset &+= 2
                return
            }
            passed(byte)
        }
        throw QueryError(.syntaxError, "unterminated comment", at: position)
    }

    /// Moves over one byte of a comment or quoted text, keeping line and column.
    @inline(__always)
    private mutating func passed(_ byte: UInt8) {
        offset &+= 1
        if byte == 0x0A {
            line &+= 1
            columnOrigin = offset
        } else if byte & 0xC0 == 0x80 {
            columnOrigin &+= 1
        }
    }

    /// Moves from an opening quote to after the closing one; a doubled quote stays inside.
    private mutating func skipQuoted(
        _ quote: UInt8, escapes: Bool, what: StaticString, start: Int
    ) throws(QueryError) {
        let position = SourcePosition(line: line, column: start &- columnOrigin &+ 1)
        offset &+= 1
        while offset < count {
            let byte = bytes[offset]
            if byte == quote {
                offset &+= 1
                if bytes[offset] != quote { return }
                offset &+= 1
            } else if escapes, byte == 0x5C, offset &+ 1 < count {
                offset &+= 1
                passed(bytes[offset])
            } else {
                passed(byte)
            }
        }
        throw QueryError(.syntaxError, "unterminated \(what)", at: position)
    }

    /// The longest of an integer, a decimal, a double and a word that begins with a digit.
    private mutating func skipNumber() -> TokenKind {
        let start = offset
        var wordEnd = start
        var hasUnderscore = false
        var isDigits = true
        while ByteClass.table.isWord(bytes[wordEnd]) {
            if bytes[wordEnd] == 0x5F {
                hasUnderscore = true
            } else if !Self.isDigit(bytes[wordEnd]) {
                isDigits = false
            }
            wordEnd &+= 1
        }
        var exponentEnd = start
        if isDigits {
            offset = wordEnd
            if hasUnderscore, !Self.areDigitGroups(bytes + start, wordEnd &- start) { return .digitWord }
            guard bytes[wordEnd] == 0x2E else { return .integer }
            return skipFraction(integerHasUnderscore: hasUnderscore)
        }
        // Digits, then letters: 0xFF, 1e5, 1e+5, or a word.
        if bytes[start] == 0x30, Self.isRadixInteger(bytes + start, wordEnd &- start) {
            offset = wordEnd
            return .integer
        }
        exponentEnd = start
        while Self.isDigit(bytes[exponentEnd]) { exponentEnd &+= 1 }
        if let end = exponent(from: exponentEnd), end >= wordEnd {
            offset = end
            return .double
        }
        offset = wordEnd
        return .digitWord
    }

    /// After the integer part, at the dot.
    private mutating func skipFraction(integerHasUnderscore: Bool) -> TokenKind {
        offset &+= 1
        let fraction = offset
        while Self.isDigit(bytes[offset]) { offset &+= 1 }
        if !integerHasUnderscore, let end = exponent(from: offset) {
            offset = end
            return .double
        }
        // Underscores between digits.
        while offset > fraction, bytes[offset] == 0x5F, Self.isDigit(bytes[offset &+ 1]) {
            offset &+= 1
            while Self.isDigit(bytes[offset]) { offset &+= 1 }
        }
        return .decimal
    }

    /// The end of an exponent that begins at `start`.
    private func exponent(from start: Int) -> Int? {
        guard bytes[start] | 0x20 == 0x65 else { return nil }
        var end = start &+ 1
        if bytes[end] == 0x2B || bytes[end] == 0x2D { end &+= 1 }
        guard Self.isDigit(bytes[end]) else { return nil }
        while Self.isDigit(bytes[end]) { end &+= 1 }
        return end
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

    /// Digits with single underscores between them.
    private static func areDigitGroups(_ text: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        if text[count &- 1] == 0x5F { return false }
        for index in 1..<count where text[index] == 0x5F && text[index &- 1] == 0x5F { return false }
        return true
    }

    /// `0x1F`, `0o17` or `0b1`, with single underscores before digits.
    private static func isRadixInteger(_ text: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        guard count > 2 else { return false }
        let radix = text[1] | 0x20
        var afterUnderscore = false
        for index in 2..<count {
            let byte = text[index]
            if byte == 0x5F {
                if afterUnderscore { return false }
                afterUnderscore = true
                continue
            }
            afterUnderscore = false
            switch radix {
            case 0x78: if !(isDigit(byte) || (byte | 0x20) &- 0x61 < 6) { return false }
            case 0x6F: if byte &- 0x30 >= 8 { return false }
            case 0x62: if byte &- 0x30 >= 2 { return false }
            default: return false
            }
        }
        return !afterUnderscore
    }

    private mutating func skipSymbol(_ byte: UInt8) -> TokenKind {
        let following = bytes[offset &+ 1]
        func one(_ kind: TokenKind) -> (TokenKind, Int) { (kind, 1) }
        let (kind, length): (TokenKind, Int)
        switch byte {
        case 0x2E:
            if Self.isDigit(following) { return skipFraction(integerHasUnderscore: false) }
            (kind, length) = one(.dot)
        case 0x2C: (kind, length) = one(.comma)
        case 0x28: (kind, length) = one(.leftParenthesis)
        case 0x29: (kind, length) = one(.rightParenthesis)
        case 0x5B: (kind, length) = one(.leftBracket)
        case 0x5D: (kind, length) = one(.rightBracket)
        case 0x7B: (kind, length) = following == 0x2D ? (.leftExclusion, 2) : (.leftBrace, 1)
        case 0x7D: (kind, length) = one(.rightBrace)
        case 0x3D: (kind, length) = following == 0x3E ? (.fatArrow, 2) : (.equal, 1)
        case 0x21: (kind, length) = following == 0x3D ? (.notEqual, 2) : (.other, 1)
        case 0x3C:
            (kind, length) = following == 0x3D ? (.lessOrEqual, 2) : following == 0x3E ? (.notEqual, 2) : (.less, 1)
        case 0x3E: (kind, length) = following == 0x3D ? (.greaterOrEqual, 2) : (.greater, 1)
        case 0x2B: (kind, length) = one(.plus)
        case 0x2D:
            (kind, length) = following == 0x3E ? (.arrow, 2) : following == 0x7D ? (.rightExclusion, 2) : (.minus, 1)
        case 0x2A: (kind, length) = one(.star)
        case 0x2F: (kind, length) = one(.slash)
        case 0x25: (kind, length) = one(.percent)
        case 0x7C: (kind, length) = following == 0x7C ? (.concat, 2) : (.bar, 1)
        case 0x3F: (kind, length) = one(.question)
        case 0x3B: (kind, length) = one(.semicolon)
        case 0x3A: (kind, length) = one(.colon)
        case 0x5E: (kind, length) = one(.caret)
        case 0x24: (kind, length) = one(.dollar)
        default: (kind, length) = one(.other)
        }
        offset &+= length
        return kind
    }
}
