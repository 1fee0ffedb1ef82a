import SQLTypes

/// rootQuery, query, set operations, SELECT
extension Parser {
    /// rootQuery = [ 'WITH' function { ',' function } | 'WITH' 'SESSION' ... ] query ;
    mutating func parseRootQuery() throws(QueryError) -> Query {
        guard token.keyword == .with, peek().keyword == .function || peek().keyword == .session,
            !namedQueryFollows(at: index + 1)
        else { return try parseQuery() }
        let place = position
        advance()
        var functions: [FunctionSpecification] = []
        var session: [SessionAssignment] = []
        if token.keyword == .function {
            functions = try list { parser throws(QueryError) in try parser.parseFunctionSpecification() }
        }
        if token.keyword == .session {
            session = try list { parser throws(QueryError) in
                try parser.expect(.session)
                let name = try parser.parseQualifiedName()
                try parser.expect(.equal)
                return SessionAssignment(name: name, value: try parser.parseExpression())
            }
        }
        var query = try parseQuery()
        query.functions = functions
        query.session = session
        query.position = place
        return query
    }

    /// Whether `function AS (` and not a function begins at `start`.
    private func namedQueryFollows(at start: Int) -> Bool {
        tokens.base[start + 1].keyword == .as || tokens.base[start + 1].kind == .leftParenthesis
    }

    /// query = [ with ] body [ orderBy ] [ offset ] [ limit | fetch ] ;
    mutating func parseQuery() throws(QueryError) -> Query {
        let frame = try enter()
        let place = position
        var with: With?
        if take(.with) {
            let isRecursive = take(.recursive)
            let queries = try list { parser throws(QueryError) in try parser.parseNamedQuery() }
            with = With(isRecursive: isRecursive, queries: queries)
        }
        let body = try parseQueryBody(after: parseQueryTerm())
        let query = try parseQueryTail(Query(with: with, body: body, position: place))
        try leave(frame)
        return query
    }

    /// The rest of a query whose first operand is read.
    mutating func parseQuery(after first: Query.Body, at place: SourcePosition) throws(QueryError) -> Query {
        let body = try parseQueryBody(after: parseIntersections(after: first))
        return try parseQueryTail(Query(body: body, position: place))
    }

    /// '(' query ')'
    mutating func parseQueryInParentheses() throws(QueryError) -> Query {
        try expect(.leftParenthesis)
        let query = try parseQuery()
        try expect(.rightParenthesis)
        return query
    }

    /// namedQuery = identifier [ columnAliases ] 'AS' '(' query ')' ;
    private mutating func parseNamedQuery() throws(QueryError) -> NamedQuery {
        let name = try parseIdentifier()
        let columns = try parseColumnAliases()
        try expect(.as)
        return NamedQuery(name: name, columns: columns, query: try parseQueryInParentheses())
    }

    // MARK: Set operations

    /// body = term { ( 'UNION' | 'EXCEPT' ) [ quantifier ] term } ;
    private mutating func parseQueryBody(after first: Query.Body) throws(QueryError) -> Query.Body {
        try parseSetOperations(after: first, .union, .except) { parser throws(QueryError) in
            try parser.parseQueryTerm()
        }
    }

    /// term = queryPrimary { 'INTERSECT' [ quantifier ] queryPrimary } ;
    private mutating func parseQueryTerm() throws(QueryError) -> Query.Body {
        try parseIntersections(after: parseQueryPrimary())
    }

    private mutating func parseIntersections(after first: Query.Body) throws(QueryError) -> Query.Body {
        try parseSetOperations(after: first, .intersect, .intersect) { parser throws(QueryError) in
            try parser.parseQueryPrimary()
        }
    }

    /// Operands of one operator and quantifier become one flat node; a change of either nests to the left.
    private mutating func parseSetOperations(
        after first: Query.Body, _ one: Keyword, _ other: Keyword,
        _ operand: (inout Parser) throws(QueryError) -> Query.Body
    ) throws(QueryError) -> Query.Body {
        var left = first
        var open: SetOperation?
        while at(one) || (other != one && at(other)) {
            let place = position
            let keyword = token.keyword
            advance()
            let operation: SetOperation.Operator =
                keyword == .union ? .union : keyword == .except ? .except : .intersect
            let quantifier: SetQuantifier? = take(.all) ? .all : take(.distinct) ? .distinct : nil
            let right = try operand(&self)
            if open != nil, open?.operation == operation, open?.quantifier == quantifier, operation != .except {
                open?.operands.append(right)
            } else {
                if let finished = open {
                    try link()
                    left = .setOperation(finished)
                }
                open = SetOperation(
                    operation: operation, quantifier: quantifier, operands: [left, right], position: place)
            }
        }
        return open.map { .setOperation($0) } ?? left
    }

    /// queryPrimary = select | 'TABLE' qualifiedName | 'VALUES' expression { ',' expression } | '(' query ')' ;
    private mutating func parseQueryPrimary() throws(QueryError) -> Query.Body {
        switch token.keyword {
        case .select: return .select(try parseSelect())
        case .table:
            advance()
            return .table(try parseQualifiedName())
        case .values:
            advance()
            return .values(try list { parser throws(QueryError) in try parser.parseExpression() })
        default:
            guard token.kind == .leftParenthesis else {
                note("<query>")
                throw mismatch()
            }
            return .query(try parseQueryInParentheses())
        }
    }

    // MARK: ORDER BY, OFFSET, LIMIT

    private mutating func parseQueryTail(_ body: Query) throws(QueryError) -> Query {
        var query = body
        query.orderBy = try parseOrderBy()
        if at(.offset) {
            let place = position
            advance()
            query.offset = Offset(count: try parseRowCount(), position: place)
            _ = takeOne(of: .row, .rows)
        }
        let place = position
        if take(.limit) {
            query.limit = Limit(form: take(.all) ? .all : .count(try parseRowCount()), position: place)
        } else if take(.fetch) {
            _ = try expectOne(of: .first, .next)
            var count: RowCount?
            if token.kind == .integer || token.kind == .question { count = try parseRowCount() }
            _ = try expectOne(of: .row, .rows)
            let withTies = take(.with)
            try expect(withTies ? .ties : .only)
            query.limit = Limit(form: .fetch(count, withTies: withTies), position: place)
        }
        return query
    }

    /// rowCount = INTEGER | '?' ;
    private mutating func parseRowCount() throws(QueryError) -> RowCount {
        if take(.question) {
            parameterCount += 1
            return .parameter(parameterCount - 1)
        }
        return .count(Int64(try parseInteger()))
    }

    /// orderBy = 'ORDER' 'BY' sortItem { ',' sortItem } ;
    mutating func parseOrderBy() throws(QueryError) -> [SortItem] {
        guard take(.order) else { return [] }
        try expect(.by)
        return try list { parser throws(QueryError) in try parser.parseSortItem() }
    }

    /// sortItem = expression [ 'ASC' | 'DESC' ] [ 'NULLS' ( 'FIRST' | 'LAST' ) ] ;
    mutating func parseSortItem() throws(QueryError) -> SortItem {
        let expression = try parseExpression()
        let direction: SortItem.Direction? = take(.asc) ? .ascending : take(.desc) ? .descending : nil
        var nulls: SortItem.NullOrder?
        if take(.nulls) { nulls = try expectOne(of: .first, .last) == .first ? .first : .last }
        return SortItem(expression: expression, direction: direction, nulls: nulls)
    }

    // MARK: SELECT

    /// select = 'SELECT' [ quantifier ] selectItem { ',' selectItem } [ 'FROM' relation { ',' relation } ]
    ///          [ 'WHERE' expression ] [ 'GROUP' 'BY' groupBy ] [ 'HAVING' expression ]
    ///          [ 'WINDOW' windowDefinition { ',' windowDefinition } ] ;
    private mutating func parseSelect() throws(QueryError) -> Select {
        let place = position
        try expect(.select)
        let quantifier = parseQuantifier()
        let items = try list { parser throws(QueryError) in try parser.parseSelectItem() }
        var select = Select(
            quantifier: quantifier, items: items, from: [], whereCondition: nil, groupBy: nil, having: nil,
            windows: [], position: place)
        if take(.from) {
            select.from = try list { parser throws(QueryError) in try parser.parseRelation() }
        }
        if take(.where) { select.whereCondition = try parseExpression() }
        if take(.group) {
            try expect(.by)
            select.groupBy = try parseGroupBy()
        }
        if take(.having) { select.having = try parseExpression() }
        if take(.window) {
            select.windows = try list { parser throws(QueryError) in
                let name = try parser.parseIdentifier()
                try parser.expect(.as)
                return WindowDefinition(
                    name: name, specification: try parser.parseWindowSpecificationInParentheses())
            }
        }
        return select
    }

    /// selectItem = '*' | primary '.' '*' [ 'AS' columnAliases ] | expression [ [ 'AS' ] identifier ] ;
    private mutating func parseSelectItem() throws(QueryError) -> SelectItem {
        if at(.star) {
            let place = position
            advance()
            return .all(AllColumns(position: place))
        }
        let start = index
        let expression = try parseExpression()
        if token.kind == .dot, peek().kind == .star {
            // In `a + b.*` the primary before the dot is not the whole item.
            guard starPrimaryIndex == start else { throw mismatch() }
            index += 2
            var columns: [Identifier]?
            if take(.as) { columns = try parseIdentifierList() }
            return .allOf(expression, columns: columns)
        }
        return .expression(expression, alias: try parseOptionalAlias())
    }

    /// [ [ 'AS' ] identifier ]
    mutating func parseOptionalAlias() throws(QueryError) -> Identifier? {
        if take(.as) { return try parseIdentifier() }
        guard isIdentifier(token), !clauseFollows() else { return nil }
        return try parseIdentifier()
    }

    /// Whether the current word, although it could be a name, begins a clause after an expression or a relation.
    func clauseFollows() -> Bool {
        switch token.keyword {
        case .limit:
            switch peek().kind {
            case .integer, .question: true
            default: peek().keyword == .all
            }
        case .offset: peek().kind == .integer || peek().kind == .question
        case .fetch: peek().keyword == .first || peek().keyword == .next
        case .window: isIdentifier(peek()) && peek(2).keyword == .as && peek(3).kind == .leftParenthesis
        default: false
        }
    }

    // MARK: GROUP BY

    /// groupBy = [ quantifier ] groupingElement { ',' groupingElement } ;
    private mutating func parseGroupBy() throws(QueryError) -> GroupBy {
        let quantifier = parseQuantifier()
        return GroupBy(
            quantifier: quantifier,
            elements: try list { parser throws(QueryError) in try parser.parseGroupingElement() })
    }

    /// groupingElement = groupingSet | ( 'ROLLUP' | 'CUBE' ) '(' [ groupingSets ] ')'
    ///                 | 'GROUPING' 'SETS' '(' groupingSets ')' ;
    private mutating func parseGroupingElement() throws(QueryError) -> GroupingElement {
        if take(.rollup) { return .rollup(try parseGroupingSets(canBeEmpty: true)) }
        if take(.cube) { return .cube(try parseGroupingSets(canBeEmpty: true)) }
        if token.keyword == .grouping, peek().keyword == .sets {
            index += 2
            return .groupingSets(try parseGroupingSets(canBeEmpty: false))
        }
        return .simple(try parseGroupingSet())
    }

    private mutating func parseGroupingSets(canBeEmpty: Bool) throws(QueryError) -> [GroupingSet] {
        if canBeEmpty, at(.leftParenthesis), peek().kind == .rightParenthesis {
            index += 2
            return []
        }
        return try parenthesised { parser throws(QueryError) in try parser.parseGroupingSet() }
    }

    /// groupingSet = '(' [ expression { ',' expression } ] ')' | expression ;
    private mutating func parseGroupingSet() throws(QueryError) -> GroupingSet {
        if token.kind == .leftParenthesis, peek().kind == .rightParenthesis, peek(2).kind != .arrow {
            index += 2
            return GroupingSet(expressions: [])
        }
        // `(a, b)` reads as a row, `(a)` as an expression: both are what the set means.
        let opens = token.kind == .leftParenthesis
        let expression = try parseExpression()
        if opens, case .row(let fields) = expression.kind, tokens.base[index - 1].kind == .rightParenthesis {
            return GroupingSet(expressions: fields)
        }
        return GroupingSet(expressions: [expression])
    }
}
