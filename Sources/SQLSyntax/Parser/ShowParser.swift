import SQLTypes

/// SHOW and DESCRIBE
extension Parser {
    /// show = 'SHOW' what ; one alternative per word.
    mutating func parseShow() throws(QueryError) -> Statement {
        let start = index
        advance()
        switch token.keyword {
        case .create: return .show(try parseShowCreate())
        case .databases, .schemas:
            advance()
            var catalog: Identifier?
            if takeOne(of: .from, .in) != nil { catalog = try parseIdentifier() }
            return .show(.databases(catalog: catalog, pattern: try parseShowPattern()))
        case .catalogs:
            advance()
            return .show(.catalogs(pattern: try parseShowPattern()))
        case .tables:
            advance()
            let database = try parseShowDatabase()
            return .show(.tables(database: database, pattern: try parseShowPattern()))
        case .views:
            advance()
            let database = try parseShowDatabase()
            return .show(.views(database: database, pattern: try parseShowPattern()))
        case .columns: return .show(try parseShowColumns())
        case .partitions:
            advance()
            let name = try parseQualifiedName()
            var specification: PartitionSpecification?
            if take(.partition) { specification = try parsePartitionSpecification() }
            return .show(.partitions(name, specification))
        case .tblproperties:
            advance()
            let name = try parseQualifiedName()
            guard take(.leftParenthesis) else { return .show(.tableProperties(name, key: nil)) }
            let key = try parseString()
            try expect(.rightParenthesis)
            return .show(.tableProperties(name, key: key))
        case .functions:
            advance()
            let database = try parseShowDatabase()
            return .show(.functions(database: database, pattern: try parseShowPattern()))
        case .session:
            advance()
            return .show(.session(pattern: try parseShowPattern()))
        case .stats: return .show(try parseShowStats())
        case .grants, .roles, .role, .current: return .accessControl(try parseShowAccess())
        case .locks, .indexes, .index, .transactions, .compactions, .conf, .principals:
            index = start
            return parseUnsupported(words: 2)
        default:
            if index == recordedIndex {
                for word in [
                    "CATALOGS", "COLUMNS", "CREATE", "DATABASES", "FUNCTIONS", "PARTITIONS", "SCHEMAS", "SESSION",
                    "STATS", "TABLES", "TBLPROPERTIES", "VIEWS",
                ] { expectations.insert("'\(word)'") }
            }
            throw mismatch()
        }
    }

    /// 'SHOW' 'CREATE' ( 'TABLE' | 'VIEW' | 'SCHEMA' | 'DATABASE' | 'MATERIALIZED' 'VIEW' ) qualifiedName
    private mutating func parseShowCreate() throws(QueryError) -> Show {
        advance()
        switch try expectOne(of: .table, .view, .schema, .database, .materialized) {
        case .table: return .createTable(try parseQualifiedName())
        case .view: return .createView(try parseQualifiedName())
        case .materialized:
            try expect(.view)
            return .createMaterializedView(try parseQualifiedName())
        default: return .createDatabase(try parseQualifiedName())
        }
    }

    /// [ ( 'FROM' | 'IN' ) qualifiedName ]
    private mutating func parseShowDatabase() throws(QueryError) -> QualifiedName? {
        takeOne(of: .from, .in) == nil ? nil : try parseQualifiedName()
    }

    /// [ [ 'LIKE' ] string [ 'ESCAPE' string ] ]
    private mutating func parseShowPattern() throws(QueryError) -> Show.Pattern? {
        let isLike = take(.like)
        guard isLike || (dialect == .hive && atString()) else { return nil }
        let text = try parseString()
        return Show.Pattern(
            text: text, escape: try takeString(after: .escape), isLike: isLike, isHive: dialect == .hive)
    }

    /// 'SHOW' 'COLUMNS' ( 'FROM' | 'IN' ) qualifiedName [ ( 'FROM' | 'IN' ) identifier ] [ pattern ]
    private mutating func parseShowColumns() throws(QueryError) -> Show {
        advance()
        _ = try expectOne(of: .from, .in)
        var name = try parseQualifiedName()
        if takeOne(of: .from, .in) != nil {
            let database = try parseQualifiedName()
            guard name.parts.count == 1 else {
                throw failure("The database is named twice", at: database.position)
            }
            name = QualifiedName(database.parts + name.parts)
        }
        return .columns(name, pattern: try parseShowPattern())
    }

    /// 'SHOW' 'STATS' 'FOR' ( qualifiedName | '(' rootQuery ')' )
    private mutating func parseShowStats() throws(QueryError) -> Show {
        advance()
        try expect(.for)
        guard take(.leftParenthesis) else { return .stats(try parseQualifiedName()) }
        let query = try parseRootQuery()
        try expect(.rightParenthesis)
        return .statsForQuery(query)
    }

    /// describe = ( 'DESCRIBE' | 'DESC' ) [ 'EXTENDED' | 'FORMATTED' ] qualifiedName [ 'PARTITION' spec ] [ path ]
    ///          | 'DESCRIBE' ( 'INPUT' | 'OUTPUT' ) identifier ;
    /// path = step { '.' step } ;   step = identifier | string ;
    mutating func parseDescribe() throws(QueryError) -> Statement {
        advance()
        if dialect == .trino {
            switch token.keyword {
            case .input:
                advance()
                return .describeInput(try parseIdentifier())
            case .output:
                advance()
                return .describeOutput(try parseIdentifier())
            default: break
            }
        }
        if token.keyword == .database || token.keyword == .schema || token.keyword == .function, isDescribedObject() {
            let start = index - 1
            index = start
            return parseUnsupported(words: 2)
        }
        var describe = Describe(table: QualifiedName([]), style: .plain, partition: nil, columnPath: [])
        if token.keyword == .extended || token.keyword == .formatted, isIdentifier(peek()) {
            describe.style = token.keyword == .extended ? .extended : .formatted
            advance()
        }
        describe.table = try parseQualifiedName()
        if take(.partition) { describe.partition = try parsePartitionSpecification() }
        if isIdentifier(token) || (dialect == .hive && token.kind == .string) {
            describe.columnPath.append(try parsePathStep())
            while take(.dot) { describe.columnPath.append(try parsePathStep()) }
        }
        return .describe(describe)
    }

    private func isDescribedObject() -> Bool { isIdentifier(peek()) || peek().kind == .string }

    private mutating func parsePathStep() throws(QueryError) -> Identifier {
        guard token.kind == .string else { return try parseIdentifier() }
        let place = position
        let name = try parseString()
        if name.isEmpty { throw failure("Zero-length delimited identifier not allowed", at: place) }
        return Identifier(name, isDelimited: true, at: place)
    }
}
