import SQLTypes

/// What a pair of parentheses in FROM holds.
private enum QueryOrRelation {
    case query(Query)
    case relation(Relation)
}

/// relation, joins, aliases, UNNEST, LATERAL, samples
extension Parser {
    /// relation = sampled { join } ;
    mutating func parseRelation() throws(QueryError) -> Relation {
        let frame = try enter()
        let relation = try parseJoins(after: parseSampledRelation())
        try leave(frame)
        return relation
    }

    /// join = 'CROSS' 'JOIN' sampled | joinType 'JOIN' relation criteria | 'NATURAL' joinType 'JOIN' sampled ;
    /// joinType = [ 'INNER' ] | ( 'LEFT' | 'RIGHT' | 'FULL' ) [ 'OUTER' ] ;
    private mutating func parseJoins(after first: Relation) throws(QueryError) -> Relation {
        var left = first
        while true {
            let place = left.position
            let join: Join
            if take(.cross) {
                try expect(.join)
                join = Join(kind: .cross, left: left, right: try parseSampledRelation(), criteria: .none)
            } else if take(.natural) {
                let kind = try parseJoinType()
                try expect(.join)
                join = Join(kind: kind, left: left, right: try parseSampledRelation(), criteria: .natural)
            } else if atJoin() {
                let kind = try parseJoinType()
                try expect(.join)
                // `a JOIN b JOIN c ON x ON y`: the right side takes joins as long as criteria are left for this one.
                let right = try parseRightSide()
                join = Join(kind: kind, left: left, right: right, criteria: try parseJoinCriteria())
            } else {
                return left
            }
            try link()
            left = Relation(.join(join), at: place)
        }
    }

    private mutating func atJoin() -> Bool {
        at(.join) || at(.inner) || at(.left) || at(.right) || at(.full)
    }

    private mutating func parseJoinType() throws(QueryError) -> Join.Kind {
        if take(.inner) { return .inner }
        guard let keyword = takeOne(of: .left, .right, .full) else { return .inner }
        _ = take(.outer)
        return keyword == .left ? .left : keyword == .right ? .right : .full
    }

    /// The relation between JOIN and its criteria: another join begins before them only if it has its own.
    private mutating func parseRightSide() throws(QueryError) -> Relation {
        let right = try parseSampledRelation()
        if token.keyword == .on || token.keyword == .using { return right }
        let frame = try enter()
        let relation = try parseJoins(after: right)
        try leave(frame)
        return relation
    }

    /// criteria = 'ON' expression | 'USING' '(' identifier { ',' identifier } ')' ;
    private mutating func parseJoinCriteria() throws(QueryError) -> Join.Criteria {
        if take(.on) { return .on(try parseExpression()) }
        try expect(.using)
        return .using(try parseIdentifierList())
    }

    /// sampled = patternRelation [ 'TABLESAMPLE' ( 'BERNOULLI' | 'SYSTEM' ) '(' expression ')' ] ;
    private mutating func parseSampledRelation() throws(QueryError) -> Relation {
        let relation = try parsePatternRelation()
        guard atTableSample() else {
            note("'TABLESAMPLE'")
            return relation
        }
        advance()
        let kind: SampleKind = try expectOne(of: .bernoulli, .system) == .bernoulli ? .bernoulli : .system
        try expect(.leftParenthesis)
        let percentage = try parseExpression()
        try expect(.rightParenthesis)
        return Relation(.sampled(relation, kind, percentage: percentage), at: relation.position)
    }

    private func atTableSample() -> Bool {
        token.keyword == .tablesample && (peek().keyword == .bernoulli || peek().keyword == .system)
    }

    /// patternRelation = aliased [ 'MATCH_RECOGNIZE' '(' ... ')' [ alias ] ] ;
    private mutating func parsePatternRelation() throws(QueryError) -> Relation {
        let relation = try parseAliasedRelation()
        guard atMatchRecognize() else { return relation }
        let recognition = try parseMatchRecognize(relation)
        return try parseAlias(of: Relation(.matchRecognize(recognition), at: relation.position))
    }

    private func atMatchRecognize() -> Bool {
        guard token.keyword == .matchRecognize, peek().kind == .leftParenthesis else { return false }
        // `t match_recognize (a, b)` is an alias with columns.
        return peek(3).kind != .comma && peek(3).kind != .rightParenthesis
    }

    /// aliased = relationPrimary [ [ 'AS' ] identifier [ columnAliases ] ] ;
    private mutating func parseAliasedRelation() throws(QueryError) -> Relation {
        try parseAlias(of: parseRelationPrimary())
    }

    func aliasFollows() -> Bool {
        guard isIdentifier(token) else { return false }
        switch token.keyword {
        case .tablesample: return !atTableSample()
        case .matchRecognize: return !atMatchRecognize()
        default: return !clauseFollows()
        }
    }

    mutating func parseAlias(of relation: Relation) throws(QueryError) -> Relation {
        guard take(.as) || aliasFollows() else { return relation }
        let name = try parseIdentifier()
        let alias = Alias(name: name, columns: try parseColumnAliases())
        return Relation(.aliased(relation, alias), at: relation.position)
    }

    /// relationPrimary = qualifiedName [ period ] | '(' query ')' | '(' relation ')' | unnest | lateral
    ///                 | 'TABLE' '(' tableFunction ')' | jsonTable ;
    private mutating func parseRelationPrimary() throws(QueryError) -> Relation {
        let place = position
        if token.kind == .leftParenthesis {
            advance()
            let content = try parseQueryOrRelation()
            try expect(.rightParenthesis)
            switch content {
            case .query(let query): return Relation(.subquery(query), at: place)
            case .relation(let relation): return relation
            }
        }
        switch token.keyword {
        case .unnest:
            advance()
            let expressions = try parenthesised { parser throws(QueryError) in try parser.parseExpression() }
            let withOrdinality = token.keyword == .with && peek().keyword == .ordinality
            if withOrdinality { index += 2 }
            return Relation(.unnest(expressions, withOrdinality: withOrdinality), at: place)
        case .lateral where peek().kind == .leftParenthesis:
            advance()
            return Relation(.lateral(try parseQueryInParentheses()), at: place)
        case .table:
            advance()
            try expect(.leftParenthesis)
            let call = try parseTableFunctionCall()
            try expect(.rightParenthesis)
            return Relation(.tableFunction(call), at: place)
        case .jsonTable: return Relation(.jsonTable(try parseJSONTable()), at: place)
        default: break
        }
        if index == recordedIndex {
            for text in ["'('", "'LATERAL'", "'TABLE'", "'UNNEST'"] { expectations.insert(text) }
        }
        let name = try parseQualifiedName()
        return Relation(.table(name, period: try parseQueryPeriod()), at: place)
    }

    /// period = 'FOR' ( 'TIMESTAMP' | 'VERSION' ) 'AS' 'OF' value ;
    private mutating func parseQueryPeriod() throws(QueryError) -> QueryPeriod? {
        guard take(.for) else { return nil }
        let kind: QueryPeriod.Kind = try expectOne(of: .timestamp, .version) == .timestamp ? .timestamp : .version
        try expect(.as, .of)
        return QueryPeriod(kind: kind, end: try parseNestedValue())
    }

    /// A query or a relation, after `(`. As in `parseQueryOrExpression`, inner parentheses are read first and what
    /// follows them decides.
    private mutating func parseQueryOrRelation() throws(QueryError) -> QueryOrRelation {
        guard startsQueryInFrom(at: index) else { return .relation(try parseRelation()) }
        guard token.kind == .leftParenthesis else { return .query(try parseQuery()) }
        let frame = try enter()
        let result = try parseAfterInnerRelation()
        try leave(frame)
        return result
    }

    /// As `startsQuery`, but `TABLE (` begins a table function.
    private func startsQueryInFrom(at start: Int) -> Bool {
        guard startsQuery(after: start) else { return false }
        var next = start
        while tokens.base[next].kind == .leftParenthesis { next += 1 }
        return !(tokens.base[next].keyword == .table && tokens.base[next + 1].kind == .leftParenthesis)
    }

    private mutating func parseAfterInnerRelation() throws(QueryError) -> QueryOrRelation {
        let place = position
        advance()
        let content = try parseQueryOrRelation()
        try expect(.rightParenthesis)
        var relation: Relation
        switch content {
        case .query(let inner):
            if token.kind == .rightParenthesis { return .query(inner) }
            if queryContinues() { return .query(try parseQuery(after: .query(inner), at: place)) }
            relation = Relation(.subquery(inner), at: place)
        case .relation(let inner): relation = inner
        }
        relation = try parseAlias(of: relation)
        if atMatchRecognize() {
            let recognition = try parseMatchRecognize(relation)
            relation = try parseAlias(of: Relation(.matchRecognize(recognition), at: place))
        }
        if atTableSample() {
            advance()
            let kind: SampleKind = try expectOne(of: .bernoulli, .system) == .bernoulli ? .bernoulli : .system
            try expect(.leftParenthesis)
            relation = Relation(.sampled(relation, kind, percentage: try parseExpression()), at: place)
            try expect(.rightParenthesis)
        }
        return .relation(try parseJoins(after: relation))
    }
}
