import SQLTypes

/// INSERT, UNLOAD, DELETE, UPDATE, MERGE, OPTIMIZE
extension Parser {
    /// insert = 'INSERT' ( 'INTO' | 'OVERWRITE' ) [ 'TABLE' ] qualifiedName [ columnAliases ] rootQuery ;
    mutating func parseInsert() throws(QueryError) -> Statement {
        advance()
        let overwrites = try expectOne(of: .into, .overwrite) == .overwrite
        // Hive's and Spark's habit.
        if token.keyword == .table { advance() }
        let table = try parseQualifiedName()
        var columns: [Identifier]?
        if at(.leftParenthesis), !startsQuery(after: index) { columns = try parseIdentifierList() }
        return .insert(
            Insert(table: table, columns: columns, query: try parseRootQuery(), overwrites: overwrites))
    }

    /// unload = 'UNLOAD' '(' rootQuery ')' 'TO' string [ properties ] ;
    mutating func parseUnload() throws(QueryError) -> Statement {
        let place = IgnoredPosition(position)
        advance()
        try expect(.leftParenthesis)
        let query = try parseRootQuery()
        try expect(.rightParenthesis)
        try expect(.to)
        let location = try parseString()
        return .unload(
            Unload(query: query, location: location, properties: try parseWithProperties(), place: place))
    }

    /// delete = 'DELETE' 'FROM' qualifiedName [ 'WHERE' expression ] ;
    mutating func parseDelete() throws(QueryError) -> Statement {
        advance()
        try expect(.from)
        let table = try parseQualifiedName()
        return .delete(table, whereCondition: take(.where) ? try parseExpression() : nil)
    }

    /// update = 'UPDATE' qualifiedName 'SET' assignment { ',' assignment } [ 'WHERE' expression ] ;
    mutating func parseUpdate() throws(QueryError) -> Statement {
        advance()
        let table = try parseQualifiedName()
        try expect(.set)
        let assignments = try list { parser throws(QueryError) in try parser.parseAssignment() }
        return .update(
            Update(
                table: table, assignments: assignments, whereCondition: take(.where) ? try parseExpression() : nil))
    }

    /// assignment = identifier '=' expression ;
    private mutating func parseAssignment() throws(QueryError) -> Assignment {
        let column = try parseIdentifier()
        try expect(.equal)
        return Assignment(column: column, value: try parseExpression())
    }

    /// merge = 'MERGE' 'INTO' qualifiedName [ [ 'AS' ] identifier ] 'USING' relation 'ON' expression
    ///         mergeClause { mergeClause } ;
    mutating func parseMerge() throws(QueryError) -> Statement {
        advance()
        try expect(.into)
        let table = try parseQualifiedName()
        let alias = try parseOptionalAlias()
        try expect(.using)
        let source = try parseRelation()
        try expect(.on)
        let condition = try parseExpression()
        var clauses: [Merge.Clause] = []
        repeat { clauses.append(try parseMergeClause()) } while at(.when)
        return .merge(
            Merge(table: table, alias: alias, source: source, condition: condition, clauses: clauses))
    }

    /// mergeClause = 'WHEN' 'MATCHED' [ 'AND' expression ] 'THEN' ( 'UPDATE' 'SET' assignments | 'DELETE' )
    ///             | 'WHEN' 'NOT' 'MATCHED' [ 'AND' expression ] 'THEN' 'INSERT' [ columnAliases ]
    ///               'VALUES' '(' expression { ',' expression } ')' ;
    private mutating func parseMergeClause() throws(QueryError) -> Merge.Clause {
        let place = IgnoredPosition(position)
        try expect(.when)
        let isNegated = take(.not)
        try expect(.matched)
        let condition = take(.and) ? try parseExpression() : nil
        try expect(.then)
        let action: Merge.Action
        if isNegated {
            try expect(.insert)
            let columns = try parseColumnAliases() ?? []
            try expect(.values)
            action = .insert(
                columns: columns,
                values: try parenthesised { parser throws(QueryError) in try parser.parseExpression() })
        } else if take(.delete) {
            action = .delete
        } else {
            try expect(.update)
            try expect(.set)
            action = .update(try list { parser throws(QueryError) in try parser.parseAssignment() })
        }
        return Merge.Clause(condition: condition, action: action, place: place)
    }

    /// optimize = 'OPTIMIZE' qualifiedName 'REWRITE' 'DATA' 'USING' 'BIN_PACK' [ 'WHERE' expression ] ;
    mutating func parseOptimize() throws(QueryError) -> Statement {
        advance()
        let table = try parseQualifiedName()
        try expect(.rewrite, .data)
        try expect(.using, .binPack)
        return .optimize(table, whereCondition: take(.where) ? try parseExpression() : nil)
    }
}
