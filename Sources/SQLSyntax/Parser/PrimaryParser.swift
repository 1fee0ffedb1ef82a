import SQLTypes

/// What a pair of parentheses holds.
enum QueryOrExpression {
    case query(Query)
    case expression(Expression)
}

/// primary: literals, names, calls, constructors, subqueries
extension Parser {
    /// primary = atom { '[' value ']' | '.' identifier } ;
    mutating func parsePrimary() throws(QueryError) -> Expression {
        let start = index
        let primary = try parsePostfix(parseAtom())
        if token.kind == .dot { starPrimaryIndex = start }
        return primary
    }

    /// The subscripts and fields after an atom. A `.` before `*` is left for the SELECT list.
    mutating func parsePostfix(_ atom: Expression) throws(QueryError) -> Expression {
        var result = atom
        while true {
            if token.kind == .leftBracket {
                advance()
                let position = try parseNestedValue()
                try expect(.rightBracket)
                try link()
                result = Expression(.element(result, index: position), at: atom.position)
            } else if token.kind == .dot, peek().kind != .star {
                advance()
                let field = try parseIdentifier()
                try link()
                result = Expression(.dereference(result, field), at: atom.position)
            } else {
                if index == recordedIndex {
                    expectations.insert("'['")
                    expectations.insert("'.'")
                }
                return result
            }
        }
    }

    private mutating func parseAtom() throws(QueryError) -> Expression {
        let place = position
        switch token.kind {
        case .word:
            if let keyword = token.keyword { return try parseKeywordAtom(keyword, place) }
            return try parseNameAtom()
        case .quoted, .backquoted, .digitWord:
            return try parseNameAtom()
        case .integer, .decimal, .double:
            guard let number = try takeNumber(isNegative: false, at: place) else { throw mismatch() }
            return number
        case .string, .unicodeString:
            return Expression(.string(try parseString()), at: place)
        case .binary:
            let token = self.token
            advance()
            return Expression(.binary(try decodeBinary(token)), at: place)
        case .question:
            advance()
            parameterCount += 1
            return Expression(.parameter(parameterCount - 1), at: place)
        case .leftParenthesis:
            return try parseParentheses()
        default:
            note("<expression>")
            throw mismatch()
        }
    }

    /// An atom that begins with a word that some rule knows.
    private mutating func parseKeywordAtom(
        _ keyword: Keyword, _ place: SourcePosition
    ) throws(QueryError) -> Expression {
        if let special = try parseSpecialForm(keyword, place) { return special }
        if keyword.isReserved {
            note("<expression>")
            throw mismatch()
        }
        return try parseNameAtom()
    }

    /// An atom that begins with a name: a typed literal, a call, a measure or a column.
    private mutating func parseNameAtom() throws(QueryError) -> Expression {
        let first = token
        guard isIdentifier(first) else {
            note("<expression>")
            throw mismatch()
        }
        switch peek().kind {
        case .string, .unicodeString:
            let name = try parseIdentifier()
            let type = TypeName(.named(name, []), at: name.position)
            return Expression(.typed(type, try parseString()), at: name.position)
        case .leftParenthesis:
            return try parseCall(processingMode: nil)
        case .dot:
            if isQualifiedCall(from: index) { return try parseCall(processingMode: nil) }
        case .word:
            if peek().keyword == .over, windowFollows(at: index + 1) {
                let name = try parseIdentifier()
                advance()
                return Expression(.measure(name, try parseWindow()), at: name.position)
            }
            if let mode = processingMode() { return try parseCall(after: mode) }
        case .backquoted:
            if let mode = processingMode() { return try parseCall(after: mode) }
        case .quoted:
            if dialect == .hive {
                let name = try parseIdentifier()
                return Expression(
                    .typed(TypeName(.named(name, []), at: name.position), try parseString()), at: name.position)
            }
            if let mode = processingMode() { return try parseCall(after: mode) }
        default: break
        }
        let name = try parseIdentifier()
        return Expression(.identifier(name), at: name.position)
    }

    /// RUNNING or FINAL, if a call follows it.
    private func processingMode() -> ProcessingMode? {
        guard token.keyword == .running || token.keyword == .final, isQualifiedCall(from: index + 1) else { return nil }
        return token.keyword == .running ? .running : .final
    }

    private mutating func parseCall(after mode: ProcessingMode) throws(QueryError) -> Expression {
        advance()
        return try parseCall(processingMode: mode)
    }

    /// Whether a name of one or more parts and then `(` stand at `start`.
    func isQualifiedCall(from start: Int) -> Bool {
        var next = start
        guard isIdentifier(tokens.base[next]) else { return false }
        next += 1
        while tokens.base[next].kind == .dot, isIdentifier(tokens.base[next + 1]) { next += 2 }
        return tokens.base[next].kind == .leftParenthesis
    }

    // MARK: Lambdas

    /// lambda = ( identifier | '(' [ identifier { ',' identifier } ] ')' ) '->' expression ;
    mutating func parseLambda() throws(QueryError) -> Expression {
        let place = position
        var parameters: [Identifier] = []
        if take(.leftParenthesis) {
            if !at(.rightParenthesis) {
                parameters = try list { parser throws(QueryError) in try parser.parseIdentifier() }
            }
            try expect(.rightParenthesis)
        } else {
            parameters = [try parseIdentifier()]
        }
        try expect(.arrow)
        return Expression(.lambda(parameters, body: try parseExpression()), at: place)
    }

    /// Whether the parameters of a lambda and `->` stand at the current token.
    func lambdaFollows() -> Bool {
        guard token.kind == .leftParenthesis else { return peek().kind == .arrow && isIdentifier(token) }
        var next = index + 1
        if tokens.base[next].kind != .rightParenthesis {
            while true {
                guard isIdentifier(tokens.base[next]) else { return false }
                next += 1
                guard tokens.base[next].kind == .comma else { break }
                next += 1
            }
            guard tokens.base[next].kind == .rightParenthesis else { return false }
        }
        return tokens.base[next + 1].kind == .arrow
    }

    // MARK: Parentheses

    /// '(' query ')' | '(' expression ')' | '(' expression ',' expression { ',' expression } ')'
    private mutating func parseParentheses() throws(QueryError) -> Expression {
        let place = position
        advance()
        let content = try parseQueryOrExpression()
        return try closeParentheses(content, place)
    }

    private mutating func closeParentheses(
        _ content: QueryOrExpression, _ place: SourcePosition
    ) throws(QueryError) -> Expression {
        switch content {
        case .query(let query):
            try expect(.rightParenthesis)
            return Expression(.subquery(query), at: place)
        case .expression(let first):
            if take(.rightParenthesis) { return first }
            guard at(.comma) else { throw mismatch() }
            var fields = [first]
            while take(.comma) { fields.append(try parseExpression()) }
            try expect(.rightParenthesis)
            return Expression(.row(fields), at: place)
        }
    }

    /// Whether the first token after the parentheses that open at `start` begins a query.
    func startsQuery(after start: Int) -> Bool {
        var next = start
        while tokens.base[next].kind == .leftParenthesis { next += 1 }
        switch tokens.base[next].keyword {
        case .select, .with, .values, .table: return true
        default: return false
        }
    }

    /// A query or an expression, after `(`.
    ///
    /// `((SELECT 1) UNION SELECT 2)` and `((SELECT 1) + 2)` begin alike: the inner parentheses are read first, and
    /// what follows them decides.
    mutating func parseQueryOrExpression() throws(QueryError) -> QueryOrExpression {
        guard startsQuery(after: index) else {
            if index == recordedIndex { expectations.insert("<query>") }
            return .expression(try parseExpression())
        }
        guard token.kind == .leftParenthesis else { return .query(try parseQuery()) }
        let frame = try enter()
        let result = try parseAfterInnerParentheses()
        try leave(frame)
        return result
    }

    private mutating func parseAfterInnerParentheses() throws(QueryError) -> QueryOrExpression {
        let place = position
        advance()
        let content = try parseQueryOrExpression()
        if case .query(let inner) = content {
            try expect(.rightParenthesis)
            if token.kind == .rightParenthesis { return .query(inner) }
            if queryContinues() {
                return .query(try parseQuery(after: .query(inner), at: place))
            }
            return .expression(try parseExpression(after: Expression(.subquery(inner), at: place)))
        }
        return .expression(try parseExpression(after: closeParentheses(content, place)))
    }

    /// Whether what follows a query in parentheses makes it part of a larger query.
    func queryContinues() -> Bool {
        switch token.keyword {
        case .union, .intersect, .except, .order: true
        case .limit, .offset, .fetch: clauseFollows()
        default: false
        }
    }

    /// The rest of an expression whose first atom is read.
    private mutating func parseExpression(after atom: Expression) throws(QueryError) -> Expression {
        let unary = try parseZoned(parsePostfix(atom))
        let predicate = try parsePredicate(parseValue(after: unary))
        return try parseBoolean(after: predicate)
    }
}
