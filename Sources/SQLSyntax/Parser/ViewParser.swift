import SQLTypes

/// views and materialized views
extension Parser {
    /// createView = 'CREATE' [ 'OR' 'REPLACE' ] [ 'PROTECTED' 'MULTI' 'DIALECT' ] 'VIEW' qualifiedName
    ///              [ 'COMMENT' string ] [ 'SECURITY' ( 'DEFINER' | 'INVOKER' ) ] 'AS' rootQuery ;
    mutating func parseCreateView(_ orReplace: Bool) throws(QueryError) -> Statement {
        let isMultiDialect = take(.protected)
        if isMultiDialect { try expect(.multi, .dialect) }
        try expect(.view)
        let name = try parseQualifiedName()
        let comment = try takeString(after: .comment)
        let security = try take(.security) ? parseSecurity() : nil
        try expect(.as)
        return .createView(
            CreateView(
                name: name, orReplace: orReplace, isMultiDialect: isMultiDialect, comment: comment,
                security: security, query: try parseRootQuery()))
    }

    /// security = 'DEFINER' | 'INVOKER' ;
    mutating func parseSecurity() throws(QueryError) -> CreateView.Security {
        try expectOne(of: .definer, .invoker) == .definer ? .definer : .invoker
    }

    /// alterView = 'ALTER' 'VIEW' qualifiedName ( 'RENAME' 'TO' qualifiedName | 'SET' 'AUTHORIZATION' principal
    ///             | [ 'FORCE' ] ( 'ADD' | 'UPDATE' ) 'DIALECT' 'AS' rootQuery | 'DROP' 'DIALECT' ) ;
    mutating func parseAlterView() throws(QueryError) -> Statement {
        advance()
        let name = try parseQualifiedName()
        if take(.rename) {
            try expect(.to)
            return .renameView(name, to: try parseQualifiedName())
        }
        if take(.set) {
            try expect(.authorization)
            return .accessControl(.setViewAuthorization(name, try parsePrincipal()))
        }
        if take(.drop) {
            try expect(.dialect)
            return .alterViewDialect(AlterViewDialect(name: name, isForced: false, action: .drop))
        }
        let isForced = take(.force)
        let keyword = try expectOne(of: .add, .update)
        try expect(.dialect, .as)
        let query = try parseRootQuery()
        return .alterViewDialect(
            AlterViewDialect(name: name, isForced: isForced, action: keyword == .add ? .add(query) : .update(query)))
    }

    /// createMaterializedView = 'CREATE' [ 'OR' 'REPLACE' ] 'MATERIALIZED' 'VIEW' [ 'IF' 'NOT' 'EXISTS' ]
    ///                          qualifiedName [ 'GRACE' 'PERIOD' interval ] [ 'COMMENT' string ] [ properties ]
    ///                          'AS' rootQuery ;
    mutating func parseCreateMaterializedView(_ orReplace: Bool) throws(QueryError) -> Statement {
        advance()
        try expect(.view)
        let ifNotExists = try parseIfNotExists()
        let name = try parseQualifiedName()
        var gracePeriod: IntervalLiteral?
        if take(.grace) {
            try expect(.period)
            gracePeriod = try parseInterval()
        }
        let comment = try takeString(after: .comment)
        let properties = try parseWithProperties()
        try expect(.as)
        return .createMaterializedView(
            CreateMaterializedView(
                name: name, orReplace: orReplace, ifNotExists: ifNotExists, gracePeriod: gracePeriod,
                comment: comment, properties: properties, query: try parseRootQuery()))
    }

    /// alterMaterializedView = 'ALTER' 'MATERIALIZED' 'VIEW' ( [ 'IF' 'EXISTS' ] qualifiedName 'RENAME' 'TO'
    ///                         qualifiedName | qualifiedName 'SET' 'PROPERTIES' property { ',' property } ) ;
    mutating func parseAlterMaterializedView() throws(QueryError) -> Statement {
        advance()
        try expect(.view)
        let ifExists = try parseIfExists()
        let name = try parseQualifiedName()
        if !ifExists, take(.set) {
            try expect(.properties)
            return .setMaterializedViewProperties(
                name, try list { parser throws(QueryError) in try parser.parseProperty() })
        }
        try expect(.rename, .to)
        return .renameMaterializedView(name, to: try parseQualifiedName(), ifExists: ifExists)
    }
}
