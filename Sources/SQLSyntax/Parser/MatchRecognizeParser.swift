import SQLTypes

/// MATCH_RECOGNIZE and row patterns
extension Parser {
    /// matchRecognize = 'MATCH_RECOGNIZE' '(' [ partitionBy ] [ orderBy ] [ 'MEASURES' measures ] [ rowsPerMatch ]
    ///                  [ 'AFTER' 'MATCH' skipTo ] [ 'INITIAL' | 'SEEK' ] 'PATTERN' '(' rowPattern ')'
    ///                  [ 'SUBSET' subsets ] 'DEFINE' definitions ')' ;
    mutating func parseMatchRecognize(_ input: Relation) throws(QueryError) -> MatchRecognize {
        try expect(.matchRecognize)
        try expect(.leftParenthesis)
        let partitionBy = try parsePartitionBy()
        let orderBy = try parseOrderBy()
        let measures = try parseMeasures()
        let rowsPerMatch = try parseRowsPerMatch()
        let skip = try parseSkip()
        let searchMode = parseSearchMode()
        try expect(.pattern)
        let pattern = try parsePatternInParentheses()
        let subsets = try parseSubsets()
        try expect(.define)
        let definitions = try parseDefinitions()
        try expect(.rightParenthesis)
        return MatchRecognize(
            input: input, partitionBy: partitionBy, orderBy: orderBy, measures: measures, rowsPerMatch: rowsPerMatch,
            skip: skip, searchMode: searchMode, pattern: pattern, subsets: subsets, definitions: definitions)
    }

    /// measures = expression 'AS' identifier { ',' expression 'AS' identifier } ;
    mutating func parseMeasures() throws(QueryError) -> [MeasureDefinition] {
        guard take(.measures) else { return [] }
        return try list { parser throws(QueryError) in
            let expression = try parser.parseExpression()
            try parser.expect(.as)
            return MeasureDefinition(expression: expression, name: try parser.parseIdentifier())
        }
    }

    /// rowsPerMatch = 'ONE' 'ROW' 'PER' 'MATCH' | 'ALL' 'ROWS' 'PER' 'MATCH' [ 'SHOW' 'EMPTY' 'MATCHES'
    ///              | 'OMIT' 'EMPTY' 'MATCHES' | 'WITH' 'UNMATCHED' 'ROWS' ] ;
    private mutating func parseRowsPerMatch() throws(QueryError) -> MatchRecognize.RowsPerMatch? {
        if take(.one) {
            try expect(.row)
            try expect(.per, .match)
            return .one
        }
        guard take(.all) else { return nil }
        try expect(.rows)
        try expect(.per, .match)
        switch takeOne(of: .show, .omit, .with) {
        case .show:
            try expect(.empty, .matches)
            return .allShowEmpty
        case .omit:
            try expect(.empty, .matches)
            return .allOmitEmpty
        case .with:
            try expect(.unmatched, .rows)
            return .allWithUnmatched
        default: return .all
        }
    }

    /// skipTo = 'SKIP' ( 'TO' 'NEXT' 'ROW' | 'PAST' 'LAST' 'ROW' | 'TO' [ 'FIRST' | 'LAST' ] identifier ) ;
    mutating func parseSkip() throws(QueryError) -> SkipTo? {
        guard take(.after) else { return nil }
        try expect(.match, .skip)
        if take(.past) {
            try expect(.last, .row)
            return .pastLastRow
        }
        try expect(.to)
        if token.keyword == .next, peek().keyword == .row {
            index += 2
            return .nextRow
        }
        note("'NEXT'")
        if token.keyword == .first, isIdentifier(peek()), !patternClauseFollows(at: index + 1) {
            advance()
            return .first(try parseIdentifier())
        }
        if token.keyword == .last, isIdentifier(peek()), !patternClauseFollows(at: index + 1) {
            advance()
            return .last(try parseIdentifier())
        }
        return .variable(try parseIdentifier())
    }

    /// Whether a clause that may follow AFTER MATCH SKIP begins at `start`, rather than a variable.
    private func patternClauseFollows(at start: Int) -> Bool {
        switch tokens.base[start].keyword {
        case .pattern: tokens.base[start + 1].kind == .leftParenthesis
        case .initial, .seek: tokens.base[start + 1].keyword == .pattern
        default: false
        }
    }

    mutating func parseSearchMode() -> SearchMode? {
        take(.initial) ? .initial : take(.seek) ? .seek : nil
    }

    /// subsets = subset { ',' subset } ;   subset = identifier '=' '(' identifier { ',' identifier } ')' ;
    mutating func parseSubsets() throws(QueryError) -> [SubsetDefinition] {
        guard take(.subset) else { return [] }
        return try list { parser throws(QueryError) in
            let name = try parser.parseIdentifier()
            try parser.expect(.equal)
            return SubsetDefinition(name: name, variables: try parser.parseIdentifierList())
        }
    }

    /// definitions = identifier 'AS' expression { ',' identifier 'AS' expression } ; after DEFINE.
    mutating func parseDefinitions() throws(QueryError) -> [VariableDefinition] {
        try list { parser throws(QueryError) in
            let name = try parser.parseIdentifier()
            try parser.expect(.as)
            return VariableDefinition(name: name, condition: try parser.parseExpression())
        }
    }

    // MARK: Patterns

    mutating func parsePatternInParentheses() throws(QueryError) -> RowPattern {
        try expect(.leftParenthesis)
        let pattern = try parseRowPattern()
        try expect(.rightParenthesis)
        return pattern
    }

    /// rowPattern = patternTerm { '|' patternTerm } ;   patternTerm = quantified { quantified } ;
    private mutating func parseRowPattern() throws(QueryError) -> RowPattern {
        let frame = try enter()
        let place = position
        var alternatives = [try parsePatternTerm()]
        while take(.bar) { alternatives.append(try parsePatternTerm()) }
        try leave(frame)
        return alternatives.count == 1 ? alternatives[0] : RowPattern(kind: .alternation(alternatives), position: place)
    }

    private mutating func parsePatternTerm() throws(QueryError) -> RowPattern {
        let place = position
        var parts = [try parseQuantifiedPattern()]
        while patternPrimaryFollows() { parts.append(try parseQuantifiedPattern()) }
        return parts.count == 1 ? parts[0] : RowPattern(kind: .concatenation(parts), position: place)
    }

    private func patternPrimaryFollows() -> Bool {
        switch token.kind {
        case .leftParenthesis, .caret, .dollar, .leftExclusion: true
        default: isIdentifier(token)
        }
    }

    /// quantified = patternPrimary [ quantifier ] ;
    private mutating func parseQuantifiedPattern() throws(QueryError) -> RowPattern {
        let place = position
        let primary = try parsePatternPrimary()
        let form: PatternQuantifier.Form
        switch token.kind {
        case .star: form = .zeroOrMore
        case .plus: form = .oneOrMore
        case .question: form = .zeroOrOne
        case .leftBrace: form = try parseRangeQuantifier()
        default:
            if index == recordedIndex {
                for text in ["'*'", "'+'", "'?'", "'{'", "'|'", "<pattern>"] { expectations.insert(text) }
            }
            return primary
        }
        advance()
        let isGreedy = !take(.question)
        return RowPattern(
            kind: .quantified(primary, PatternQuantifier(form: form, isGreedy: isGreedy)), position: place)
    }

    /// '{' INTEGER '}' | '{' [ INTEGER ] ',' [ INTEGER ] '}' ; leaves the closing brace.
    private mutating func parseRangeQuantifier() throws(QueryError) -> PatternQuantifier.Form {
        advance()
        var atLeast: Int?
        if at(TokenKind.integer) { atLeast = try parseInteger() }
        if let exactly = atLeast, at(.rightBrace) { return .exactly(exactly) }
        try expect(.comma)
        var atMost: Int?
        if at(TokenKind.integer) { atMost = try parseInteger() }
        guard at(.rightBrace) else { throw mismatch() }
        return .range(atLeast: atLeast, atMost: atMost)
    }

    /// patternPrimary = identifier | '(' ')' | 'PERMUTE' '(' rowPattern { ',' rowPattern } ')' | '(' rowPattern ')'
    ///                | '^' | '$' | '{-' rowPattern '-}' ;
    private mutating func parsePatternPrimary() throws(QueryError) -> RowPattern {
        let place = position
        switch token.kind {
        case .caret:
            advance()
            return RowPattern(kind: .startAnchor, position: place)
        case .dollar:
            advance()
            return RowPattern(kind: .endAnchor, position: place)
        case .leftExclusion:
            advance()
            let inner = try parseRowPattern()
            try expect(.rightExclusion)
            return RowPattern(kind: .excluded(inner), position: place)
        case .leftParenthesis:
            advance()
            if take(.rightParenthesis) { return RowPattern(kind: .empty, position: place) }
            let inner = try parseRowPattern()
            try expect(.rightParenthesis)
            return inner
        default: break
        }
        if token.keyword == .permute, peek().kind == .leftParenthesis {
            advance()
            let parts = try parenthesised { parser throws(QueryError) in try parser.parseRowPattern() }
            return RowPattern(kind: .permutation(parts), position: place)
        }
        guard isIdentifier(token) else {
            note("<pattern>")
            throw mismatch()
        }
        return RowPattern(kind: .variable(try parseIdentifier()), position: place)
    }
}
