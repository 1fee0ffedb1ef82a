import SQLTypes

/// Looking at tokens, taking them, and saying what was expected.
extension Parser {
    @inline(__always)
    var token: Token { tokens.base[index] }

    /// The token `distance` ahead, at most 12; never notes an expectation.
    @inline(__always)
    func peek(_ distance: Int = 1) -> Token { tokens.base[min(index &+ distance, tokens.count)] }

    var position: SourcePosition { token.position }

    @inline(__always)
    mutating func advance() {
        if index < tokens.count { index &+= 1 }
    }

    // MARK: Keywords

    @inline(__always)
    mutating func at(_ keyword: Keyword) -> Bool {
        if tokens.base[index].keyword == keyword { return true }
        if index == recordedIndex { expectations.insert("'\(keyword.rawValue)'") }
        return false
    }

    @inline(__always)
    mutating func take(_ keyword: Keyword) -> Bool {
        guard at(keyword) else { return false }
        index &+= 1
        return true
    }

    /// Takes both keywords, or nothing if they do not follow each other.
    mutating func take(_ first: Keyword, _ second: Keyword) -> Bool {
        guard at(first) else { return false }
        guard peek().keyword == second else {
            if index &+ 1 == recordedIndex { expectations.insert("'\(second.rawValue)'") }
            return false
        }
        index &+= 2
        return true
    }

    mutating func expect(_ keyword: Keyword) throws(QueryError) {
        if !take(keyword) { throw mismatch() }
    }

    mutating func expect(_ first: Keyword, _ second: Keyword) throws(QueryError) {
        try expect(first)
        try expect(second)
    }

    /// Takes the first of `keywords` that is there.
    mutating func takeOne(of keywords: Keyword...) -> Keyword? {
        for keyword in keywords where take(keyword) { return keyword }
        return nil
    }

    mutating func expectOne(of keywords: Keyword...) throws(QueryError) -> Keyword {
        for keyword in keywords where take(keyword) { return keyword }
        throw mismatch()
    }

    // MARK: Other tokens

    @inline(__always)
    mutating func at(_ kind: TokenKind) -> Bool {
        if tokens.base[index].kind == kind { return true }
        if index == recordedIndex { expectations.insert(kind.symbol.map { "'\($0)'" } ?? Self.category(kind)) }
        return false
    }

    @inline(__always)
    mutating func take(_ kind: TokenKind) -> Bool {
        guard at(kind) else { return false }
        advance()
        return true
    }

    mutating func expect(_ kind: TokenKind) throws(QueryError) {
        if !take(kind) { throw mismatch() }
    }

    mutating func expectEnd() throws(QueryError) {
        if !at(TokenKind.end) { throw mismatch() }
    }

    private static func category(_ kind: TokenKind) -> String {
        switch kind {
        case .end: "<EOF>"
        case .string: "<string>"
        case .integer: "<integer>"
        case .word, .quoted, .backquoted, .digitWord: "<identifier>"
        default: "<literal>"
        }
    }

    // MARK: Failing

    /// Notes that a rule was tried at the current token.
    mutating func note(_ rule: String) {
        if index == recordedIndex { expectations.insert(rule) }
    }

    /// The error of the current token; its list of expectations is filled in by `Parser.run`.
    mutating func mismatch() -> QueryError {
        mismatchIndex = index
        return QueryError(.syntaxError, "mismatched input", at: position)
    }

    func mismatchError(at index: Int) -> QueryError {
        let token = tokens.base[index]
        let text = token.kind == .end ? "<EOF>" : source.text(of: token)
        // Names of rules after the plain tokens.
        let list = expectations.sorted { left, right in
            let leftIsRule = left.utf8.first == UInt8(ascii: "<")
            let rightIsRule = right.utf8.first == UInt8(ascii: "<")
            return leftIsRule != rightIsRule ? rightIsRule : left < right
        }
        let expected = list.isEmpty ? "" : ". Expecting: " + list.joined(separator: ", ")
        return QueryError(.syntaxError, "mismatched input '\(text)'\(expected)", at: token.position)
    }

    /// A syntax error with its own sentence, at `position` or the current token.
    func failure(_ message: String, at position: SourcePosition? = nil) -> QueryError {
        QueryError(.syntaxError, message, at: position ?? self.position)
    }

    // MARK: Lists

    /// `element (',' element)*`
    @inline(__always)
    mutating func list<Element>(
        _ element: (inout Parser) throws(QueryError) -> Element
    ) throws(QueryError) -> [Element] {
        var elements = [try element(&self)]
        while take(.comma) { elements.append(try element(&self)) }
        return elements
    }

    /// `'(' element (',' element)* ')'`
    @inline(__always)
    mutating func parenthesised<Element>(
        _ element: (inout Parser) throws(QueryError) -> Element
    ) throws(QueryError) -> [Element] {
        try expect(.leftParenthesis)
        let elements = try list(element)
        try expect(.rightParenthesis)
        return elements
    }
}
