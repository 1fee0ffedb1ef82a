import SQLTypes

/// CREATE TABLE of Trino, CREATE TABLE AS, COMMENT ON, TRUNCATE
extension Parser {
    /// createTable = 'CREATE' [ 'OR' 'REPLACE' ] 'TABLE' [ 'IF' 'NOT' 'EXISTS' ] qualifiedName
    ///               ( '(' tableElements ')' [ 'COMMENT' string ] [ properties ]
    ///               | [ columnAliases ] [ 'COMMENT' string ] [ properties ] 'AS' ( rootQuery | '(' rootQuery ')' )
    ///                 [ 'WITH' [ 'NO' ] 'DATA' ] ) ;
    mutating func parseTrinoCreateTable(_ orReplace: Bool) throws(QueryError) -> Statement {
        advance()
        let ifNotExists = try parseIfNotExists()
        let name = try parseQualifiedName()
        var elements: [TableElement]?
        var aliases: [Identifier]?
        if at(.leftParenthesis) {
            // Names alone are column aliases.
            let following = peek(2).kind
            if isIdentifier(peek()), following == .comma || following == .rightParenthesis {
                aliases = try parseIdentifierList()
            } else {
                elements = try parenthesised { parser throws(QueryError) in try parser.parseTableElement() }
            }
        }
        let comment = try takeString(after: .comment)
        let properties = try parseWithProperties()
        if let elements {
            return .createTable(
                CreateTable(
                    name: name, orReplace: orReplace, ifNotExists: ifNotExists, elements: elements, comment: comment,
                    properties: properties))
        }
        try expect(.as)
        let query = try parseRootQueryPossiblyParenthesised()
        var withData = true
        if token.keyword == .with, peek().keyword == .no || peek().keyword == .data {
            advance()
            withData = !take(.no)
            try expect(.data)
        } else {
            note("'WITH'")
        }
        return .createTableAs(
            CreateTableAs(
                name: name, orReplace: orReplace, ifNotExists: ifNotExists, columns: aliases, comment: comment,
                properties: properties, query: query, withData: withData))
    }

    /// rootQuery | '(' rootQuery ')' : parentheses around a query with functions are no part of it.
    private mutating func parseRootQueryPossiblyParenthesised() throws(QueryError) -> Query {
        if token.kind == .leftParenthesis, peek().keyword == .with,
            peek(2).keyword == .function || peek(2).keyword == .session
        {
            advance()
            let query = try parseRootQuery()
            try expect(.rightParenthesis)
            return query
        }
        return try parseRootQuery()
    }

    /// tableElement = columnDefinition | 'LIKE' qualifiedName [ ( 'INCLUDING' | 'EXCLUDING' ) 'PROPERTIES' ] ;
    private mutating func parseTableElement() throws(QueryError) -> TableElement {
        guard take(.like) else { return .column(try parseColumnDefinition()) }
        let name = try parseQualifiedName()
        guard let keyword = takeOne(of: .including, .excluding) else { return .like(name, includesProperties: nil) }
        try expect(.properties)
        return .like(name, includesProperties: keyword == .including)
    }

    /// columnDefinition = qualifiedName type [ 'NOT' 'NULL' ] [ 'COMMENT' string ] [ properties ] ;
    mutating func parseColumnDefinition() throws(QueryError) -> ColumnDefinition {
        let name = try parseQualifiedName()
        let type = try parseType()
        let isNotNull = take(.not)
        if isNotNull { try expect(.null) }
        let comment = try takeString(after: .comment)
        return ColumnDefinition(
            name: name, type: type, isNotNull: isNotNull, comment: comment, properties: try parseWithProperties())
    }

    /// truncate = 'TRUNCATE' 'TABLE' qualifiedName ;
    mutating func parseTruncate() throws(QueryError) -> Statement {
        advance()
        try expect(.table)
        return .truncateTable(try parseQualifiedName())
    }

    /// comment = 'COMMENT' 'ON' ( 'TABLE' | 'VIEW' | 'COLUMN' ) qualifiedName 'IS' ( string | 'NULL' ) ;
    mutating func parseComment() throws(QueryError) -> Statement {
        advance()
        try expect(.on)
        let keyword = try expectOne(of: .table, .view, .column)
        let name = try parseQualifiedName()
        try expect(.is)
        let text = take(.null) ? nil : try parseString()
        return .comment(keyword == .table ? .table : keyword == .view ? .view : .column, name, text)
    }

    /// createCatalog = 'CREATE' 'CATALOG' [ 'IF' 'NOT' 'EXISTS' ] identifier 'USING' identifier [ 'COMMENT' string ]
    ///                 [ 'AUTHORIZATION' principal ] [ properties ] ;
    mutating func parseCreateCatalog() throws(QueryError) -> Statement {
        advance()
        let ifNotExists = try parseIfNotExists()
        let name = try parseIdentifier()
        try expect(.using)
        let connector = try parseIdentifier()
        let comment = try takeString(after: .comment)
        let authorization = take(.authorization) ? try parsePrincipal() : nil
        return .createCatalog(
            CreateCatalog(
                name: name, ifNotExists: ifNotExists, connector: connector, comment: comment,
                authorization: authorization, properties: try parseWithProperties()))
    }
}
