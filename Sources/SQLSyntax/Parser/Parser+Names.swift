import SQLTypes

/// identifier, qualifiedName, string
extension Parser {
    /// Whether `token` can be a name.
    @inline(__always)
    func isIdentifier(_ token: Token) -> Bool {
        switch token.kind {
        case .word:
            guard let keyword = token.keyword else { return true }
            return dialect == .trino ? !keyword.isReserved : !keyword.isReservedInHive
        case .quoted, .backquoted, .digitWord: return true
        default: return false
        }
    }

    /// identifier = IDENTIFIER | QUOTED_IDENTIFIER | nonReserved ;
    mutating func parseIdentifier() throws(QueryError) -> Identifier {
        let token = self.token
        guard isIdentifier(token) else {
            note("<identifier>")
            throw mismatch()
        }
        let identifier = try makeIdentifier(token)
        index &+= 1
        return identifier
    }

    /// A word that is a name even if it is reserved, as for struct fields.
    mutating func parseAnyWord() throws(QueryError) -> Identifier {
        if token.kind == .word {
            let identifier = Identifier(source.text(of: token), at: position)
            index &+= 1
            return identifier
        }
        return try parseIdentifier()
    }

    func makeIdentifier(_ token: Token) throws(QueryError) -> Identifier {
        switch token.kind {
        case .word:
            return Identifier(source.text(of: token), at: token.position)
        case .quoted:
            if dialect == .hive {
                return try delimited(decodeHiveString(token), token)
            }
            return try delimited(decodeQuoted(token, quote: 0x22), token)
        case .backquoted:
            guard dialect == .hive else {
                throw failure(
                    "backquoted identifiers are not supported; use double quotes to quote identifiers",
                    at: token.position)
            }
            return try delimited(decodeQuoted(token, quote: 0x60), token)
        default:
            guard dialect == .hive else {
                throw failure(
                    "identifiers must not start with a digit; surround the identifier with double quotes",
                    at: token.position)
            }
            return Identifier(source.text(of: token), at: token.position)
        }
    }

    private func delimited(_ value: String, _ token: Token) throws(QueryError) -> Identifier {
        if value.isEmpty { throw failure("Zero-length delimited identifier not allowed", at: token.position) }
        return Identifier(value, isDelimited: true, at: token.position)
    }

    /// qualifiedName = identifier { '.' identifier } ;
    mutating func parseQualifiedName() throws(QueryError) -> QualifiedName {
        var parts = [try parseIdentifier()]
        while take(.dot) { parts.append(try parseIdentifier()) }
        return QualifiedName(parts)
    }

    /// '(' identifier { ',' identifier } ')'
    mutating func parseIdentifierList() throws(QueryError) -> [Identifier] {
        try parenthesised { parser throws(QueryError) in try parser.parseIdentifier() }
    }

    /// columnAliases, if a parenthesis follows.
    mutating func parseColumnAliases() throws(QueryError) -> [Identifier]? {
        at(.leftParenthesis) ? try parseIdentifierList() : nil
    }

    // MARK: Strings

    func isString(_ token: Token) -> Bool {
        switch token.kind {
        case .string, .unicodeString: true
        case .quoted: dialect == .hive
        default: false
        }
    }

    /// Whether the current token is a string.
    mutating func atString() -> Bool {
        if isString(token) { return true }
        note("<string>")
        return false
    }

    /// string = STRING | UNICODE_STRING [ 'UESCAPE' STRING ] ;
    mutating func parseString() throws(QueryError) -> String {
        guard atString() else { throw mismatch() }
        let token = self.token
        index &+= 1
        if token.kind == .unicodeString { return try parseUnicodeString(token) }
        return dialect == .hive ? decodeHiveString(token) : decodeQuoted(token, quote: 0x27)
    }

    /// A string, if one is there.
    mutating func takeString() throws(QueryError) -> String? {
        atString() ? try parseString() : nil
    }

    /// `keyword string`, if the keyword is there.
    mutating func takeString(after keyword: Keyword) throws(QueryError) -> String? {
        take(keyword) ? try parseString() : nil
    }

    /// The text between quotes, with doubled quotes halved.
    func decodeQuoted(_ token: Token, quote: UInt8) -> String {
        let start = Int(token.start) + 1
        let end = Int(token.end) - 1
        let bytes = source.bytes
        var offset = start
        while offset < end, bytes[offset] != quote { offset &+= 1 }
        if offset == end { return source.text(start, end) }
        var decoded: [UInt8] = []
        decoded.reserveCapacity(end - start)
        offset = start
        while offset < end {
            decoded.append(bytes[offset])
            offset &+= bytes[offset] == quote ? 2 : 1
        }
        return String(decoding: decoded, as: UTF8.self)
    }

    private mutating func parseUnicodeString(_ token: Token) throws(QueryError) -> String {
        var escape: Unicode.Scalar = "\\"
        if take(.uescape) {
            let place = position
            guard self.token.kind != .unicodeString else { throw mismatch() }
            let text = try parseString()
            let scalars = Array(text.unicodeScalars)
            guard scalars.count == 1 else {
                throw failure("Invalid Unicode escape character '\(text)'", at: place)
            }
            let refused: Set<Unicode.Scalar> = ["+", "'", "\"", " "]
            if refused.contains(scalars[0]) || scalars[0].properties.isWhitespace || Self.hexValue(scalars[0]) != nil {
                throw failure("Invalid Unicode escape character '\(text)'", at: place)
            }
            escape = scalars[0]
        }
        // Skip `U&`, then decode as an ordinary string.
        var body = token
        body.start += 2
        return try decodeUnicodeEscapes(decodeQuoted(body, quote: 0x27), escape, token.position)
    }

    private func decodeUnicodeEscapes(
        _ text: String, _ escape: Unicode.Scalar, _ position: SourcePosition
    ) throws(QueryError) -> String {
        var result = String.UnicodeScalarView()
        let scalars = Array(text.unicodeScalars)
        var index = 0
        while index < scalars.count {
            let scalar = scalars[index]
            index += 1
            guard scalar == escape else {
                result.append(scalar)
                continue
            }
            if index < scalars.count, scalars[index] == escape {
                result.append(escape)
                index += 1
                continue
            }
            var digits = 4
            if index < scalars.count, scalars[index] == "+" {
                digits = 6
                index += 1
            }
            guard index + digits <= scalars.count else { throw failure("Incomplete escape sequence", at: position) }
            var value: UInt32 = 0
            for scalar in scalars[index..<index + digits] {
                guard let digit = Self.hexValue(scalar) else {
                    throw failure("Invalid hexadecimal digit: \(scalar)", at: position)
                }
                value = value << 4 | digit
            }
            index += digits
            guard let decoded = Unicode.Scalar(value) else {
                throw failure("Invalid escaped character: \(String(value, radix: 16, uppercase: true))", at: position)
            }
            result.append(decoded)
        }
        return String(result)
    }

    static func hexValue(_ scalar: Unicode.Scalar) -> UInt32? {
        switch scalar {
        case "0"..."9": scalar.value - 0x30
        case "a"..."f": scalar.value - 0x61 + 10
        case "A"..."F": scalar.value - 0x41 + 10
        default: nil
        }
    }

    /// A string of Hive's DDL: backslash escapes as Hive reads them, doubled quotes halved.
    func decodeHiveString(_ token: Token) -> String {
        let end = Int(token.end) - 1
        let bytes = source.bytes
        let quote = bytes[Int(token.start)]
        var offset = Int(token.start) + 1
        var decoded: [UInt8] = []
        decoded.reserveCapacity(end - offset)
        while offset < end {
            let byte = bytes[offset]
            offset += 1
            if byte == quote {
                decoded.append(byte)
                offset += 1
            } else if byte == 0x5C, offset < end {
                appendHiveEscape(&offset, end, &decoded)
            } else {
                decoded.append(byte)
            }
        }
        return String(decoding: decoded, as: UTF8.self)
    }

    private func appendHiveEscape(_ offset: inout Int, _ end: Int, _ decoded: inout [UInt8]) {
        let bytes = source.bytes
        let byte = bytes[offset]
        // Three octal digits, or `u` and four hexadecimal ones.
        if offset + 2 < end, byte == 0x30 || byte == 0x31, bytes[offset + 1] &- 0x30 < 8, bytes[offset + 2] &- 0x30 < 8
        {
            let value = (byte - 0x30) << 6 | (bytes[offset + 1] - 0x30) << 3 | (bytes[offset + 2] - 0x30)
            decoded.append(contentsOf: String(Unicode.Scalar(value)).utf8)
            offset += 3
            return
        }
        if byte == 0x75, offset + 4 < end,
            let value = UInt32(source.text(offset + 1, offset + 5), radix: 16), let scalar = Unicode.Scalar(value)
        {
            decoded.append(contentsOf: String(scalar).utf8)
            offset += 5
            return
        }
        offset += 1
        switch byte {
        case 0x30: decoded.append(0)
        case 0x62: decoded.append(0x08)
        case 0x6E: decoded.append(0x0A)
        case 0x72: decoded.append(0x0D)
        case 0x74: decoded.append(0x09)
        case 0x5A: decoded.append(0x1A)
        // LIKE patterns keep their escapes.
        case 0x25, 0x5F: decoded.append(contentsOf: [0x5C, byte])
        default: decoded.append(byte)
        }
    }
}
