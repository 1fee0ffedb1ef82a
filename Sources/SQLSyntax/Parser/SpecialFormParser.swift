import SQLTypes

/// The atoms that begin with a keyword of their own: CASE, CAST, EXTRACT, TRIM, CURRENT_DATE, ...
extension Parser {
    /// Nil when the word is an ordinary name here.
    mutating func parseSpecialForm(_ keyword: Keyword, _ place: SourcePosition) throws(QueryError) -> Expression? {
        let opens = peek().kind == .leftParenthesis
        switch keyword {
        case .null:
            advance()
            return Expression(.null, at: place)
        case .true, .false:
            advance()
            return Expression(.boolean(keyword == .true), at: place)
        case .case: return try parseCase()
        case .cast: return try parseCast(isSafe: false)
        case .tryCast where opens: return try parseCast(isSafe: true)
        case .exists:
            advance()
            return Expression(.exists(try parseQueryInParentheses()), at: place)
        case .interval where intervalFollows():
            return Expression(.interval(try parseInterval()), at: place)
        case .double where peek().keyword == .precision && isString(peek(2)):
            let type = TypeName(.named(Identifier("double", at: place), []), at: place)
            index += 2
            return Expression(.typed(type, try parseString()), at: place)
        case .row where opens:
            advance()
            return Expression(
                .row(try parenthesised { parser throws(QueryError) in try parser.parseExpression() }), at: place)
        case .array where peek().kind == .leftBracket:
            index += 2
            var elements: [Expression] = []
            if !at(.rightBracket) {
                elements = try list { parser throws(QueryError) in try parser.parseExpression() }
            }
            try expect(.rightBracket)
            return Expression(.array(elements), at: place)
        case .extract: return try parseExtract()
        case .trim: return try parseTrim()
        case .position where opens: return try parsePosition()
        case .substring where opens: return try parseSubstring()
        case .normalize: return try parseNormalize()
        case .grouping:
            advance()
            try expect(.leftParenthesis)
            var names: [QualifiedName] = []
            if !at(.rightParenthesis) {
                names = try list { parser throws(QueryError) in try parser.parseQualifiedName() }
            }
            try expect(.rightParenthesis)
            return Expression(.grouping(names), at: place)
        case .listagg: return try parseListagg()
        case .currentDate, .currentTime, .currentTimestamp, .localtime, .localtimestamp, .currentUser, .currentCatalog,
            .currentSchema, .currentPath:
            return try parseCurrent(keyword)
        case .jsonExists, .jsonValue, .jsonQuery, .jsonObject, .jsonArray: return try parseJSONCall(keyword)
        default: return nil
        }
    }

    /// case = 'CASE' [ expression ] when { when } [ 'ELSE' expression ] 'END' ;
    private mutating func parseCase() throws(QueryError) -> Expression {
        let place = position
        try expect(.case)
        let operand = at(.when) ? nil : try parseExpression()
        var clauses: [WhenClause] = []
        repeat {
            try expect(.when)
            let condition = try parseExpression()
            try expect(.then)
            clauses.append(WhenClause(condition: condition, result: try parseExpression()))
        } while at(.when)
        let otherwise = take(.else) ? try parseExpression() : nil
        try expect(Keyword.end)
        if let operand { return Expression(.simpleCase(operand, clauses, otherwise: otherwise), at: place) }
        return Expression(.searchedCase(clauses, otherwise: otherwise), at: place)
    }

    /// cast = ( 'CAST' | 'TRY_CAST' ) '(' expression 'AS' type ')' ;
    private mutating func parseCast(isSafe: Bool) throws(QueryError) -> Expression {
        let place = position
        advance()
        try expect(.leftParenthesis)
        let value = try parseExpression()
        try expect(.as)
        let type = try parseType()
        try expect(.rightParenthesis)
        return Expression(.cast(value, to: type, isSafe: isSafe), at: place)
    }

    /// extract = 'EXTRACT' '(' identifier 'FROM' value ')' ;
    private mutating func parseExtract() throws(QueryError) -> Expression {
        let place = position
        advance()
        try expect(.leftParenthesis)
        let name = try parseIdentifier()
        guard let field = ExtractField(rawValue: name.value.uppercased()) else {
            throw failure("Invalid EXTRACT field: \(name.value)", at: name.position)
        }
        try expect(.from)
        let value = try parseNestedValue()
        try expect(.rightParenthesis)
        return Expression(.extract(field, from: value), at: place)
    }

    /// trim = 'TRIM' '(' [ [ side ] [ value ] 'FROM' ] value ')' | 'TRIM' '(' value ',' value ')' ;
    private mutating func parseTrim() throws(QueryError) -> Expression {
        let place = position
        advance()
        try expect(.leftParenthesis)
        var mode: TrimMode?
        // A side is a keyword only if FROM or a value follows it.
        switch (token.keyword, peek().kind) {
        case (_, .rightParenthesis), (_, .comma), (_, .dot), (_, .leftBracket): break
        case (.leading, _): mode = .leading
        case (.trailing, _): mode = .trailing
        case (.both, _): mode = .both
        default: break
        }
        if mode != nil { advance() }
        if take(.from) {
            let source = try parseNestedValue()
            try expect(.rightParenthesis)
            return Expression(.trim(mode ?? .both, source: source, characters: nil), at: place)
        }
        let first = try parseNestedValue()
        let result: Expression.Kind
        if take(.from) {
            result = .trim(mode ?? .both, source: try parseNestedValue(), characters: first)
        } else if mode != nil {
            throw mismatch()
        } else if take(.comma) {
            result = .trim(.both, source: first, characters: try parseNestedValue())
        } else {
            result = .trim(.both, source: first, characters: nil)
        }
        try expect(.rightParenthesis)
        return Expression(result, at: place)
    }

    /// position = 'POSITION' '(' value 'IN' value ')' : strpos with its arguments exchanged.
    ///
    /// With anything but IN after the value it is the call of a function of this name.
    private mutating func parsePosition() throws(QueryError) -> Expression? {
        let place = position
        guard valueFollows(at: index + 2) else { return nil }
        let name = QualifiedName([try parseIdentifier()])
        advance()
        let needle = try parseNestedValue()
        guard take(.in) else { return try parseCall(name, firstArgument: argument(after: needle)) }
        let text = try parseNestedValue()
        try expect(.rightParenthesis)
        return Expression(.call(FunctionCall(name: Self.name("strpos", place), arguments: [text, needle])), at: place)
    }

    /// substring = 'SUBSTRING' '(' value 'FROM' value [ 'FOR' value ] ')' : the call with commas.
    private mutating func parseSubstring() throws(QueryError) -> Expression? {
        let place = position
        guard valueFollows(at: index + 2) else { return nil }
        let name = QualifiedName([try parseIdentifier()])
        advance()
        let text = try parseNestedValue()
        guard take(.from) else { return try parseCall(name, firstArgument: argument(after: text)) }
        var arguments = [text, try parseNestedValue()]
        if take(.for) { arguments.append(try parseNestedValue()) }
        try expect(.rightParenthesis)
        return Expression(.call(FunctionCall(name: Self.name("substring", place), arguments: arguments)), at: place)
    }

    /// Whether the first argument at `start` begins as a value does, and not with a quantifier, NOT, `*` or nothing.
    private func valueFollows(at start: Int) -> Bool {
        switch tokens.base[start].kind {
        case .rightParenthesis, .star: false
        default:
            switch tokens.base[start].keyword {
            case .distinct, .not, .order: false
            case .all: !quantifierFollows(at: start)
            default: true
            }
        }
    }

    /// The rest of an argument whose first value is read.
    private mutating func argument(after value: Expression) throws(QueryError) -> Expression {
        try parseBoolean(after: parsePredicate(value))
    }

    /// normalize = 'NORMALIZE' '(' value [ ',' form ] ')' ;
    private mutating func parseNormalize() throws(QueryError) -> Expression {
        let place = position
        advance()
        try expect(.leftParenthesis)
        let value = try parseNestedValue()
        var form = Keyword.nfc
        let formPlace = take(.comma) ? position : place
        if formPlace != place { form = try expectOne(of: .nfc, .nfd, .nfkc, .nfkd) }
        try expect(.rightParenthesis)
        let arguments = [value, Expression(.string(form.rawValue), at: formPlace)]
        return Expression(.call(FunctionCall(name: Self.name("normalize", place), arguments: arguments)), at: place)
    }

    /// `CURRENT_DATE`, `CURRENT_TIMESTAMP [ '(' INTEGER ')' ]`, ...
    private mutating func parseCurrent(_ keyword: Keyword) throws(QueryError) -> Expression {
        let place = position
        advance()
        guard let value = CurrentValue(rawValue: keyword.rawValue) else { throw mismatch() }
        var precision: Int?
        switch value {
        case .time, .timestamp, .localTime, .localTimestamp:
            if take(.leftParenthesis) {
                precision = try parseInteger()
                try expect(.rightParenthesis)
            }
        case .date, .user, .catalog, .schema, .path: break
        }
        return Expression(.current(value, precision: precision), at: place)
    }

    static func name(_ text: String, _ place: SourcePosition) -> QualifiedName {
        QualifiedName([Identifier(text, at: place)])
    }
}
