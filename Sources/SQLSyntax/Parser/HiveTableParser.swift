import SQLTypes

/// Hive's CREATE TABLE, CREATE DATABASE, MSCK
extension Parser {
    /// createDatabase = 'CREATE' ( 'DATABASE' | 'SCHEMA' ) [ 'IF' 'NOT' 'EXISTS' ] qualifiedName [ 'COMMENT' string ]
    ///                  [ 'LOCATION' string ] [ 'WITH' 'DBPROPERTIES' textProperties | 'WITH' properties ] ;
    mutating func parseCreateDatabase() throws(QueryError) -> Statement {
        advance()
        let ifNotExists = try parseIfNotExists()
        let name = try parseQualifiedName()
        var create = CreateDatabase(
            name: name, ifNotExists: ifNotExists, comment: nil, location: nil, properties: [], trinoProperties: [])
        while true {
            let place = position
            if take(.comment) {
                try refuseSecond(create.comment != nil, "COMMENT", place)
                create.comment = try parseString()
            } else if take(.location) {
                try refuseSecond(create.location != nil, "LOCATION", place)
                create.location = try parseString()
            } else if take(.with) {
                try refuseSecond(!create.properties.isEmpty || !create.trinoProperties.isEmpty, "WITH", place)
                if take(.dbproperties) {
                    create.properties = try parseTextProperties()
                } else {
                    create.trinoProperties = try parenthesised { parser throws(QueryError) in
                        try parser.parseProperty()
                    }
                }
            } else {
                return .createDatabase(create)
            }
        }
    }

    func refuseSecond(_ isSecond: Bool, _ clause: String, _ place: SourcePosition) throws(QueryError) {
        if isSecond { throw failure("The \(clause) clause is repeated", at: place) }
    }

    /// alterDatabase = 'ALTER' ( 'DATABASE' | 'SCHEMA' ) qualifiedName ( 'SET' 'DBPROPERTIES' textProperties
    ///                 | 'RENAME' 'TO' identifier | 'SET' 'AUTHORIZATION' principal ) ;
    mutating func parseAlterDatabase() throws(QueryError) -> Statement {
        advance()
        let name = try parseQualifiedName()
        if take(.rename) {
            try expect(.to)
            return .renameDatabase(name, to: try parseIdentifier())
        }
        try expect(.set)
        if take(.authorization) { return .accessControl(.setDatabaseAuthorization(name, try parsePrincipal())) }
        try expect(.dbproperties)
        return .setDatabaseProperties(name, try parseTextProperties())
    }

    /// createExternalTable = 'CREATE' [ 'EXTERNAL' ] 'TABLE' [ 'IF' 'NOT' 'EXISTS' ] qualifiedName
    ///                       [ '(' hiveColumn { ',' hiveColumn } ')' ] { clause } ;
    /// The clauses may come in any order, each once.
    mutating func parseHiveCreateTable() throws(QueryError) -> Statement {
        let place = IgnoredPosition(position)
        let start = index - 1
        let isExternal = take(.external)
        try expect(.table)
        let ifNotExists = try parseIfNotExists()
        let name = try parseQualifiedName()
        var create = CreateExternalTable(
            name: name, isExternal: isExternal, ifNotExists: ifNotExists, columns: [], comment: nil,
            partitionedBy: [], clusteredBy: nil, rowFormat: nil, storedAs: nil, serdeProperties: [], location: nil,
            properties: [], place: place)
        if token.keyword == .like {
            return .unsupported(feature: "CREATE TABLE LIKE", text: restOfText(from: start))
        }
        if at(.leftParenthesis) {
            create.columns = try parenthesised { parser throws(QueryError) in try parser.parseHiveColumn() }
        }
        var hasSerdeProperties = false
        var hasProperties = false
        while token.kind != .end, token.kind != .semicolon {
            let place = position
            switch token.keyword {
            case .comment:
                try refuseSecond(create.comment != nil, "COMMENT", place)
                advance()
                create.comment = try parseString()
            case .partitioned:
                try refuseSecond(!create.partitionedBy.isEmpty, "PARTITIONED BY", place)
                advance()
                try expect(.by)
                create.partitionedBy = try parenthesised { parser throws(QueryError) in
                    try parser.parsePartitionElement()
                }
            case .clustered:
                try refuseSecond(create.clusteredBy != nil, "CLUSTERED BY", place)
                create.clusteredBy = try parseClustering()
            case .row:
                try refuseSecond(create.rowFormat != nil, "ROW FORMAT", place)
                create.rowFormat = try parseRowFormat()
            case .stored:
                try refuseSecond(create.storedAs != nil, "STORED AS", place)
                create.storedAs = try parseStoredAs()
            case .with:
                try refuseSecond(hasSerdeProperties, "WITH SERDEPROPERTIES", place)
                hasSerdeProperties = true
                advance()
                try expect(.serdeproperties)
                create.serdeProperties = try parseTextProperties()
            case .location:
                try refuseSecond(create.location != nil, "LOCATION", place)
                advance()
                create.location = try parseString()
            case .tblproperties:
                try refuseSecond(hasProperties, "TBLPROPERTIES", place)
                hasProperties = true
                advance()
                create.properties = try parseTextProperties()
            case .skewed:
                return .unsupported(feature: "CREATE TABLE SKEWED BY", text: restOfText(from: start))
            default:
                noteTableClauses()
                throw mismatch()
            }
        }
        noteTableClauses()
        return .createExternalTable(create)
    }

    private mutating func noteTableClauses() {
        guard index == recordedIndex else { return }
        for word in ["CLUSTERED", "COMMENT", "LOCATION", "PARTITIONED", "ROW", "STORED", "TBLPROPERTIES", "WITH"] {
            expectations.insert("'\(word)'")
        }
        expectations.insert("<EOF>")
    }

    /// hiveColumn = identifier hiveType [ 'COMMENT' string ] ;
    mutating func parseHiveColumn() throws(QueryError) -> HiveColumn {
        let name = try parseIdentifier()
        // Some clients write `name: type`.
        let type = try parseHiveType()
        return HiveColumn(name: name, type: type, comment: try takeString(after: .comment))
    }

    /// partitionElement = hiveColumn | identifier | identifier '(' [ INTEGER ',' ] identifier ')'
    ///                  | identifier '(' identifier [ ',' INTEGER ] ')' ;
    private mutating func parsePartitionElement() throws(QueryError) -> CreateExternalTable.PartitionElement {
        let following = peek().kind
        if following == .comma || following == .rightParenthesis { return .identity(try parseIdentifier()) }
        guard following == .leftParenthesis else { return .column(try parseHiveColumn()) }
        let name = try parseAnyWord()
        advance()
        var parameter: Int?
        if at(TokenKind.integer) {
            parameter = try parseInteger()
            try expect(.comma)
        }
        let column = try parseIdentifier()
        if parameter == nil, take(.comma) { parameter = try parseInteger() }
        try expect(.rightParenthesis)
        return .transform(name: name, parameter: parameter, column: column)
    }

    /// clustering = 'CLUSTERED' 'BY' '(' identifiers ')' [ 'SORTED' 'BY' '(' sorted { ',' sorted } ')' ]
    ///              'INTO' INTEGER 'BUCKETS' ;
    private mutating func parseClustering() throws(QueryError) -> CreateExternalTable.Clustering {
        try expect(.clustered, .by)
        let columns = try parseIdentifierList()
        var sortedBy: [CreateExternalTable.SortColumn] = []
        if take(.sorted) {
            try expect(.by)
            sortedBy = try parenthesised { parser throws(QueryError) in
                let name = try parser.parseIdentifier()
                return CreateExternalTable.SortColumn(
                    name: name, isDescending: parser.takeOne(of: .asc, .desc) == .desc)
            }
        }
        try expect(.into)
        let count = try parseInteger()
        try expect(.buckets)
        return CreateExternalTable.Clustering(columns: columns, sortedBy: sortedBy, bucketCount: count)
    }

    /// rowFormat = 'ROW' 'FORMAT' ( 'SERDE' string [ 'WITH' 'SERDEPROPERTIES' textProperties ]
    ///             | 'DELIMITED' { delimiter } ) ;
    private mutating func parseRowFormat() throws(QueryError) -> CreateExternalTable.RowFormat {
        try expect(.row, .format)
        if take(.serde) {
            let name = try parseString()
            guard take(.with) else { return .serde(name, []) }
            try expect(.serdeproperties)
            return .serde(name, try parseTextProperties())
        }
        try expect(.delimited)
        return .delimited(try parseDelimited())
    }

    /// delimiter = 'FIELDS' terminated [ 'ESCAPED' 'BY' string ] | 'COLLECTION' 'ITEMS' terminated
    ///           | 'MAP' 'KEYS' terminated | 'LINES' terminated | 'NULL' 'DEFINED' 'AS' string ;
    /// terminated = 'TERMINATED' 'BY' string ;
    private mutating func parseDelimited() throws(QueryError) -> CreateExternalTable.Delimited {
        var delimited = CreateExternalTable.Delimited()
        while true {
            let place = position
            switch token.keyword {
            case .fields:
                advance()
                try refuseSecond(delimited.fields != nil, "FIELDS TERMINATED BY", place)
                delimited.fields = try parseTerminatedBy()
                if take(.escaped) {
                    try expect(.by)
                    delimited.escape = try parseString()
                }
            case .escaped:
                advance()
                try expect(.by)
                try refuseSecond(delimited.escape != nil, "ESCAPED BY", place)
                delimited.escape = try parseString()
            case .collection:
                advance()
                try expect(.items)
                try refuseSecond(delimited.collectionItems != nil, "COLLECTION ITEMS TERMINATED BY", place)
                delimited.collectionItems = try parseTerminatedBy()
            case .map:
                advance()
                try expect(.keys)
                try refuseSecond(delimited.mapKeys != nil, "MAP KEYS TERMINATED BY", place)
                delimited.mapKeys = try parseTerminatedBy()
            case .lines:
                advance()
                try refuseSecond(delimited.lines != nil, "LINES TERMINATED BY", place)
                delimited.lines = try parseTerminatedBy()
            case .null:
                advance()
                try expect(.defined, .as)
                try refuseSecond(delimited.null != nil, "NULL DEFINED AS", place)
                delimited.null = try parseString()
            default:
                if index == recordedIndex {
                    for word in ["COLLECTION", "FIELDS", "LINES", "MAP", "NULL"] { expectations.insert("'\(word)'") }
                }
                return delimited
            }
        }
    }

    private mutating func parseTerminatedBy() throws(QueryError) -> String {
        try expect(.terminated, .by)
        return try parseString()
    }

    /// storedAs = 'STORED' 'AS' ( identifier | 'INPUTFORMAT' string 'OUTPUTFORMAT' string ) ;
    private mutating func parseStoredAs() throws(QueryError) -> CreateExternalTable.StoredAs {
        try expect(.stored, .as)
        if take(.inputformat) {
            let input = try parseString()
            try expect(.outputformat)
            return .classes(input: input, output: try parseString())
        }
        return .format(try parseIdentifier())
    }

    /// repair = 'MSCK' [ 'REPAIR' ] 'TABLE' qualifiedName [ ( 'ADD' | 'DROP' | 'SYNC' ) 'PARTITIONS' ] ;
    mutating func parseRepair() throws(QueryError) -> Statement {
        advance()
        _ = take(.repair)
        try expect(.table)
        let name = try parseQualifiedName()
        guard let keyword = takeOne(of: .add, .drop, .sync) else { return .repairTable(name, .add) }
        try expect(.partitions)
        return .repairTable(name, keyword == .add ? .add : keyword == .drop ? .drop : .sync)
    }
}
