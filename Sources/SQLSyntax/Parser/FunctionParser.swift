import SQLTypes

/// call, listagg, filter, over, window specifications
extension Parser {
    /// call = [ 'RUNNING' | 'FINAL' ] qualifiedName '(' arguments ')' [ filter ] [ [ nullTreatment ] over ] ;
    mutating func parseCall(processingMode: ProcessingMode?) throws(QueryError) -> Expression {
        let name = try parseQualifiedName()
        try expect(.leftParenthesis)
        return try parseCall(name, firstArgument: nil, processingMode: processingMode)
    }

    /// The rest of a call, from its arguments on; the first may be read already.
    ///
    /// arguments = '*' | identifier '.' '*'
    ///           | [ [ quantifier ] expression { ',' expression } ] [ 'ORDER' 'BY' sortItem { ',' sortItem } ] ;
    mutating func parseCall(
        _ name: QualifiedName, firstArgument: Expression?, processingMode: ProcessingMode? = nil
    ) throws(QueryError) -> Expression {
        var call = FunctionCall(name: name, arguments: [], processingMode: processingMode)
        if let firstArgument {
            call.arguments = [firstArgument]
            while take(.comma) { call.arguments.append(try parseExpression()) }
        } else if token.kind == .star {
            advance()
            call.isStar = true
        } else if isIdentifier(token), peek().kind == .dot, peek(2).kind == .star {
            call.starLabel = try parseIdentifier()
            index += 2
            call.isStar = true
        } else if !at(.rightParenthesis), token.keyword != .order {
            call.quantifier = parseQuantifier()
            call.arguments = [try parseExpression()]
            while take(.comma) { call.arguments.append(try parseExpression()) }
        }
        if !call.isStar { call.orderBy = try parseOrderBy() }
        try expect(.rightParenthesis)
        call.filter = try parseFilter()
        if token.keyword == .ignore || token.keyword == .respect, peek().keyword == .nulls {
            call.nullTreatment = token.keyword == .ignore ? .ignore : .respect
            index += 2
        }
        if token.keyword == .over, windowFollows(at: index) {
            advance()
            call.window = try parseWindow()
        } else {
            note("'OVER'")
            // Trino has null treatment only before OVER.
            if call.nullTreatment != nil { throw mismatch() }
        }
        return Expression(.call(call), at: name.position)
    }

    /// quantifier = 'DISTINCT' | 'ALL' ;
    mutating func parseQuantifier() -> SetQuantifier? {
        if take(.distinct) { return .distinct }
        if token.keyword == .all, quantifierFollows(at: index) {
            advance()
            return .all
        }
        return nil
    }

    /// Whether ALL at `start` is a quantifier and not a name: something that begins an expression follows.
    func quantifierFollows(at start: Int) -> Bool {
        let following = tokens.base[start + 1]
        switch following.kind {
        case .quoted, .backquoted, .digitWord, .string, .unicodeString, .binary, .integer, .decimal, .double,
            .leftParenthesis, .question, .plus, .minus, .star:
            return true
        case .word:
            guard let keyword = following.keyword else { return true }
            switch keyword {
            case .not, .null, .true, .false, .case, .cast, .exists, .extract, .trim, .normalize, .grouping, .listagg,
                .currentDate, .currentTime, .currentTimestamp, .localtime, .localtimestamp, .currentUser,
                .currentCatalog, .currentSchema, .currentPath, .jsonArray, .jsonExists, .jsonObject, .jsonQuery,
                .jsonValue, .rollup, .cube:
                return true
            default:
                return !keyword.isReserved
            }
        default: return false
        }
    }

    /// filter = 'FILTER' '(' 'WHERE' expression ')' ;
    mutating func parseFilter() throws(QueryError) -> Expression? {
        guard token.keyword == .filter, peek().kind == .leftParenthesis, peek(2).keyword == .where else {
            note("'FILTER'")
            return nil
        }
        index += 3
        let condition = try parseExpression()
        try expect(.rightParenthesis)
        return condition
    }

    /// Whether OVER at `start` begins a window and is not a name.
    func windowFollows(at start: Int) -> Bool {
        let following = tokens.base[start + 1]
        return following.kind == .leftParenthesis || isIdentifier(following)
    }

    /// over = 'OVER' ( identifier | '(' windowSpecification ')' ) ; after OVER.
    mutating func parseWindow() throws(QueryError) -> Window {
        guard at(.leftParenthesis) else { return .named(try parseIdentifier()) }
        return .specification(try parseWindowSpecificationInParentheses())
    }

    mutating func parseWindowSpecificationInParentheses() throws(QueryError) -> WindowSpecification {
        try expect(.leftParenthesis)
        let specification = try parseWindowSpecification()
        try expect(.rightParenthesis)
        return specification
    }

    /// windowSpecification = [ identifier ] [ 'PARTITION' 'BY' expressions ] [ orderBy ] [ windowFrame ] ;
    private mutating func parseWindowSpecification() throws(QueryError) -> WindowSpecification {
        let place = position
        var base: Identifier?
        if isIdentifier(token), !windowClauseFollows() { base = try parseIdentifier() }
        let partitionBy = try parsePartitionBy()
        let orderBy = try parseOrderBy()
        var frame: WindowFrame?
        if !at(.rightParenthesis) { frame = try parseWindowFrame() }
        return WindowSpecification(
            base: base, partitionBy: partitionBy, orderBy: orderBy, frame: frame, position: place)
    }

    /// Whether the current word is the first of a clause rather than the name of a base window.
    private func windowClauseFollows() -> Bool {
        switch token.keyword {
        case .partition: peek().keyword == .by
        case .rows, .range, .groups, .measures:
            // A name stands before `)` or a clause.
            switch peek().keyword {
            case .order, .partition, .rows, .range, .groups: false
            default: peek().kind != .rightParenthesis
            }
        default: false
        }
    }

    /// [ 'PARTITION' 'BY' expression { ',' expression } ]
    mutating func parsePartitionBy() throws(QueryError) -> [Expression] {
        guard take(.partition) else { return [] }
        try expect(.by)
        return try list { parser throws(QueryError) in try parser.parseExpression() }
    }

    /// windowFrame = [ 'MEASURES' measures ] frameExtent [ 'AFTER' 'MATCH' skipTo ] [ 'INITIAL' | 'SEEK' ]
    ///               [ 'PATTERN' '(' rowPattern ')' ] [ 'SUBSET' subsets ] [ 'DEFINE' definitions ] ;
    /// frameExtent = unit bound | unit 'BETWEEN' bound 'AND' bound ;
    private mutating func parseWindowFrame() throws(QueryError) -> WindowFrame {
        let place = position
        let measures = try parseMeasures()
        let unit: WindowFrame.Unit
        switch try expectOne(of: .rows, .range, .groups) {
        case .rows: unit = .rows
        case .range: unit = .range
        default: unit = .groups
        }
        let start: WindowFrame.Bound
        var end: WindowFrame.Bound?
        if take(.between) {
            start = try parseFrameBound()
            try expect(.and)
            end = try parseFrameBound()
        } else {
            start = try parseFrameBound()
        }
        let skip = try parseSkip()
        let searchMode = parseSearchMode()
        var pattern: RowPattern?
        if take(.pattern) { pattern = try parsePatternInParentheses() }
        let subsets = try parseSubsets()
        let definitions = try take(.define) ? parseDefinitions() : []
        var recognition: WindowPattern?
        if !measures.isEmpty || skip != nil || searchMode != nil || pattern != nil || !subsets.isEmpty
            || !definitions.isEmpty
        {
            recognition = WindowPattern(
                measures: measures, skip: skip, searchMode: searchMode, pattern: pattern, subsets: subsets,
                definitions: definitions)
        }
        return WindowFrame(unit: unit, start: start, end: end, pattern: recognition, position: place)
    }

    /// bound = 'UNBOUNDED' direction | 'CURRENT' 'ROW' | expression direction ;
    /// direction = 'PRECEDING' | 'FOLLOWING' ;
    private mutating func parseFrameBound() throws(QueryError) -> WindowFrame.Bound {
        if token.keyword == .unbounded {
            if peek().keyword == .preceding {
                index += 2
                return .unboundedPreceding
            }
            if peek().keyword == .following {
                index += 2
                return .unboundedFollowing
            }
        } else if token.keyword == .current, peek().keyword == .row {
            index += 2
            return .currentRow
        }
        note("'UNBOUNDED'")
        note("'CURRENT'")
        let offset = try parseExpression()
        if take(.preceding) { return .preceding(offset) }
        try expect(.following)
        return .following(offset)
    }

    /// listagg = 'LISTAGG' '(' [ quantifier ] expression [ ',' string ] [ 'ON' 'OVERFLOW' overflow ] ')'
    ///           'WITHIN' 'GROUP' '(' orderBy ')' [ filter ] ;
    /// overflow = 'ERROR' | 'TRUNCATE' [ string ] ( 'WITH' | 'WITHOUT' ) 'COUNT' ;
    mutating func parseListagg() throws(QueryError) -> Expression {
        let place = position
        try expect(.listagg)
        try expect(.leftParenthesis)
        let quantifier = parseQuantifier()
        let value = try parseExpression()
        let separator = take(.comma) ? try parseString() : nil
        var overflow: ListAggregate.Overflow?
        if take(.on) {
            try expect(.overflow)
            if take(.error) {
                overflow = .error
            } else {
                try expect(.truncate)
                let filler = try takeString()
                let withCount = try expectOne(of: .with, .without) == .with
                try expect(.count)
                overflow = .truncate(filler: filler, withCount: withCount)
            }
        }
        try expect(.rightParenthesis)
        try expect(.within, .group)
        try expect(.leftParenthesis)
        guard at(.order) else { throw mismatch() }
        let orderBy = try parseOrderBy()
        try expect(.rightParenthesis)
        let filter = try parseFilter()
        return Expression(
            .listagg(
                ListAggregate(
                    quantifier: quantifier, value: value, separator: separator, overflow: overflow, orderBy: orderBy,
                    filter: filter)), at: place)
    }
}
