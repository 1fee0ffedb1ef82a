import SQLTypes

/// type, in both spellings
extension Parser {
    /// type = simpleType { 'ARRAY' [ '[' INTEGER ']' ] } ;
    mutating func parseType() throws(QueryError) -> TypeName {
        let frame = try enter()
        var type = try parseSimpleType()
        while token.keyword == .array {
            let place = type.position
            advance()
            if take(.leftBracket) {
                _ = try parseInteger()
                try expect(.rightBracket)
            }
            try link()
            type = TypeName(.named(Identifier("array", at: place), [.type(type)]), at: place)
        }
        try leave(frame)
        return type
    }

    /// simpleType = 'ROW' '(' rowField { ',' rowField } ')' | 'INTERVAL' field [ 'TO' field ] | 'DOUBLE' 'PRECISION'
    ///            | ( 'TIME' | 'TIMESTAMP' ) [ '(' parameter ')' ] [ ( 'WITH' | 'WITHOUT' ) 'TIME' 'ZONE' ]
    ///            | 'ARRAY' '<' type '>' | 'MAP' '<' type ',' type '>'
    ///            | identifier [ '(' parameter { ',' parameter } ')' ] ;
    private mutating func parseSimpleType() throws(QueryError) -> TypeName {
        let place = position
        switch token.keyword {
        case .row where peek().kind == .leftParenthesis:
            advance()
            return TypeName(
                .row(try parenthesised { parser throws(QueryError) in try parser.parseRowField() }), at: place)
        case .interval:
            guard let _ = IntervalField(rawValue: peek().keyword?.rawValue ?? "") else { break }
            advance()
            let from = try parseIntervalField()
            return TypeName(.interval(from: from, to: take(.to) ? try parseIntervalField() : nil), at: place)
        case .double:
            advance()
            _ = take(.precision)
            return TypeName(.named(Identifier("double", at: place), []), at: place)
        case .time, .timestamp: return try parseDateTimeType(hive: false)
        case .array, .map:
            guard peek().kind == .less else { break }
            let count = token.keyword == .array ? 1 : 2
            let name = try parseAnyWord()
            return TypeName(.named(name, try parseAngleBracketTypes(count, hive: false)), at: place)
        default: break
        }
        guard isTypeName(token) else {
            note("<type>")
            throw mismatch()
        }
        let name = try token.kind == .word ? parseAnyWord() : parseIdentifier()
        var parameters: [TypeName.Parameter] = []
        if at(.leftParenthesis) {
            parameters = try parenthesised { parser throws(QueryError) in try parser.parseTypeParameter() }
        }
        return TypeName(.named(name, parameters), at: place)
    }

    /// Hive reserves the names of types, so there any word can be one.
    private func isTypeName(_ token: Token) -> Bool {
        isIdentifier(token) || (dialect == .hive && token.kind == .word)
    }

    /// parameter = INTEGER | type ;
    private mutating func parseTypeParameter() throws(QueryError) -> TypeName.Parameter {
        at(TokenKind.integer) ? .number(try parseInteger()) : .type(try parseType())
    }

    private mutating func parseDateTimeType(hive: Bool) throws(QueryError) -> TypeName {
        let place = position
        let isTimestamp = token.keyword == .timestamp
        advance()
        var precision: TypeName.Parameter?
        if take(.leftParenthesis) {
            precision = try hive ? .number(parseInteger()) : parseTypeParameter()
            try expect(.rightParenthesis)
        }
        var hasZone = false
        // WITH after a type may also begin WITH TIES, WITH properties, ...
        if token.keyword == .with || token.keyword == .without, peek().keyword == .time {
            hasZone = token.keyword == .with
            index += 2
            try expect(.zone)
        }
        let kind: TypeName.Kind =
            isTimestamp
            ? .timestamp(precision: precision, hasZone: hasZone) : .time(precision: precision, hasZone: hasZone)
        return TypeName(kind, at: place)
    }

    /// rowField = type | identifier type ;
    private mutating func parseRowField() throws(QueryError) -> TypeName.Field {
        let (name, type) = try parseOptionallyNamedType()
        return TypeName.Field(name: name, type: type, comment: nil)
    }

    /// [ identifier ] type
    mutating func parseOptionallyNamedType() throws(QueryError) -> (Identifier?, TypeName) {
        guard isIdentifier(token), fieldNameFollows() else { return (nil, try parseType()) }
        let name = try parseIdentifier()
        return (name, try parseType())
    }

    /// Whether the current name is a field's name: another type begins after it that cannot continue a type.
    private func fieldNameFollows() -> Bool {
        let following = peek()
        guard isTypeName(following) || following.keyword == .interval else { return false }
        switch (token.keyword, following.keyword) {
        case (.double, .precision): return false
        case (.time, .with), (.time, .without), (.timestamp, .with), (.timestamp, .without):
            return peek(2).keyword != .time
        case (.interval, _): return IntervalField(rawValue: following.keyword?.rawValue ?? "") == nil
        case (_, .array):
            // `x ARRAY(integer)` names a field, `integer ARRAY` is a type, and so is `x ARRAY` alone.
            return peek(2).kind == .leftParenthesis || peek(2).kind == .less
        default: return true
        }
    }

    /// '<' type { ',' type } '>' ; `count` types, or any number.
    private mutating func parseAngleBracketTypes(
        _ count: Int?, hive: Bool
    ) throws(QueryError) -> [TypeName.Parameter] {
        try expect(TokenKind.less)
        var types: [TypeName.Parameter] = []
        repeat {
            if !types.isEmpty { try expect(.comma) }
            types.append(.type(try hive ? parseHiveType() : parseType()))
        } while count.map { types.count < $0 } ?? at(.comma)
        try expect(TokenKind.greater)
        return types
    }

    /// hiveType = 'STRUCT' '<' hiveField { ',' hiveField } '>' | 'ARRAY' '<' hiveType '>'
    ///          | 'MAP' '<' hiveType ',' hiveType '>' | 'UNIONTYPE' '<' hiveType { ',' hiveType } '>' | 'DOUBLE' [ 'PRECISION' ]
    ///          | word [ '(' INTEGER { ',' INTEGER } ')' ] ;
    mutating func parseHiveType() throws(QueryError) -> TypeName {
        let frame = try enter()
        let type = try parseHiveTypeBody()
        try leave(frame)
        return type
    }

    private mutating func parseHiveTypeBody() throws(QueryError) -> TypeName {
        let place = position
        switch token.keyword {
        case .struct where peek().kind == .less:
            index += 2
            let fields = try list { parser throws(QueryError) in try parser.parseHiveField() }
            try expect(TokenKind.greater)
            return TypeName(.row(fields), at: place)
        case .array, .map, .uniontype:
            let count = token.keyword == .array ? 1 : token.keyword == .map ? 2 : nil
            let name = try parseAnyWord()
            return TypeName(.named(name, try parseAngleBracketTypes(count, hive: true)), at: place)
        case .double:
            advance()
            _ = take(.precision)
            return TypeName(.named(Identifier("double", at: place), []), at: place)
        case .time, .timestamp: return try parseDateTimeType(hive: true)
        default: break
        }
        guard token.kind == .word else {
            note("<type>")
            throw mismatch()
        }
        let name = try parseAnyWord()
        var parameters: [TypeName.Parameter] = []
        if at(.leftParenthesis) {
            parameters = try parenthesised { parser throws(QueryError) in .number(try parser.parseInteger()) }
        }
        return TypeName(.named(name, parameters), at: place)
    }

    /// hiveField = word ':' hiveType [ 'COMMENT' string ] ;
    private mutating func parseHiveField() throws(QueryError) -> TypeName.Field {
        let name = try parseAnyWord()
        try expect(.colon)
        let type = try parseHiveType()
        return TypeName.Field(name: name, type: type, comment: try takeString(after: .comment))
    }
}
