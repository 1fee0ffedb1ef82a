import SQLTypes

/// ALTER TABLE of both dialects
extension Parser {
    /// alterTable = 'ALTER' 'TABLE' [ 'IF' 'EXISTS' ] qualifiedName [ 'PARTITION' partitionSpecification ] action ;
    mutating func parseAlterTable() throws(QueryError) -> Statement {
        advance()
        let ifExists = try parseIfExists()
        let name = try parseQualifiedName()
        var alter = AlterTable(name: name, ifExists: ifExists, partition: nil, action: .setProperties([]))
        if take(.partition) { alter.partition = try parsePartitionSpecification() }
        alter.action = try parseAlterAction(onPartition: alter.partition != nil)
        return .alterTable(alter)
    }

    private mutating func parseAlterAction(onPartition: Bool) throws(QueryError) -> AlterTable.Action {
        let start = index
        switch token.keyword {
        case .add: return try parseAlterAdd()
        case .drop: return try parseAlterDrop()
        case .rename: return try parseAlterRename(onPartition: onPartition)
        case .replace:
            advance()
            try expect(.columns)
            return .replaceColumns(
                try parenthesised { parser throws(QueryError) in try parser.parseHiveColumn() })
        case .change: return try parseAlterChange()
        case .set: return try parseAlterSet()
        case .unset:
            advance()
            try expect(.tblproperties)
            let ifExists = try parseIfExists()
            let keys = try parenthesised { parser throws(QueryError) in try parser.parseString() }
            return .unsetProperties(keys, ifExists: ifExists)
        case .alter: return try parseAlterColumn()
        case .execute: return try parseAlterExecute()
        case .touch, .archive, .unarchive, .concatenate, .compact, .clustered, .skewed, .exchange, .enable, .disable,
            .recover, .not, .update:
            return .unsupported(
                feature: "ALTER TABLE " + featureName(from: start, words: 1), text: restOfText(from: start))
        default:
            if index == recordedIndex {
                for word in [
                    "ADD", "ALTER", "CHANGE", "DROP", "EXECUTE", "PARTITION", "RENAME", "REPLACE", "SET", "UNSET",
                ] {
                    expectations.insert("'\(word)'")
                }
            }
            throw mismatch()
        }
    }

    /// 'ADD' [ 'IF' 'NOT' 'EXISTS' ] added { added } | 'ADD' 'COLUMNS' '(' hiveColumns ')'
    /// | 'ADD' 'COLUMN' [ 'IF' 'NOT' 'EXISTS' ] columnDefinition ;
    /// added = 'PARTITION' partitionSpecification [ 'LOCATION' string ] ;
    private mutating func parseAlterAdd() throws(QueryError) -> AlterTable.Action {
        try expect(.add)
        if take(.columns) {
            return .addColumns(try parenthesised { parser throws(QueryError) in try parser.parseHiveColumn() })
        }
        if take(.column) {
            let ifNotExists = try parseIfNotExists()
            return .addColumn(try parseColumnDefinition(), ifNotExists: ifNotExists)
        }
        let ifNotExists = try parseIfNotExists()
        guard at(.partition) else { throw mismatch() }
        var partitions: [AlterTable.AddedPartition] = []
        repeat {
            try expect(.partition)
            let specification = try parsePartitionSpecification()
            partitions.append(
                AlterTable.AddedPartition(
                    specification: specification, location: try takeString(after: .location)))
            // Commas between partitions are common though the grammar has none.
            if token.kind == .comma, peek().keyword == .partition { advance() }
        } while at(.partition)
        return .addPartitions(partitions, ifNotExists: ifNotExists)
    }

    /// 'DROP' [ 'IF' 'EXISTS' ] 'PARTITION' spec { ',' 'PARTITION' spec } | 'DROP' 'COLUMN' [ 'IF' 'EXISTS' ] name ;
    private mutating func parseAlterDrop() throws(QueryError) -> AlterTable.Action {
        try expect(.drop)
        if take(.column) {
            let ifExists = try parseIfExists()
            return .dropColumn(try parseQualifiedName(), ifExists: ifExists)
        }
        let ifExists = try parseIfExists()
        guard at(.partition) else { throw mismatch() }
        let specifications = try list { parser throws(QueryError) in
            try parser.expect(.partition)
            return try parser.parsePartitionSpecification(allowsRanges: true)
        }
        _ = take(.purge)
        return .dropPartitions(specifications, ifExists: ifExists)
    }

    /// 'RENAME' 'TO' qualifiedName | 'RENAME' 'TO' 'PARTITION' spec | 'RENAME' 'COLUMN' [ 'IF' 'EXISTS' ] a 'TO' b ;
    private mutating func parseAlterRename(onPartition: Bool) throws(QueryError) -> AlterTable.Action {
        try expect(.rename)
        if take(.column) {
            let ifExists = try parseIfExists()
            let old = try parseQualifiedName()
            try expect(.to)
            return .renameColumn(old, to: try parseIdentifier(), ifExists: ifExists)
        }
        try expect(.to)
        guard onPartition else { return .renameTable(to: try parseQualifiedName()) }
        try expect(.partition)
        return .renamePartition(to: try parsePartitionSpecification())
    }

    /// 'CHANGE' [ 'COLUMN' ] identifier hiveColumn [ 'FIRST' | 'AFTER' identifier ] ;
    private mutating func parseAlterChange() throws(QueryError) -> AlterTable.Action {
        try expect(.change)
        // `CHANGE column x int` renames a column called `column` in no dialect: the word is reserved.
        _ = take(.column)
        let old = try parseIdentifier()
        let new = try parseHiveColumn()
        var placement: AlterTable.Placement?
        if take(.first) {
            placement = .first
        } else if take(.after) {
            placement = .after(try parseIdentifier())
        }
        return .changeColumn(AlterTable.ChangeColumn(old: old, new: new, placement: placement))
    }

    private mutating func parseAlterSet() throws(QueryError) -> AlterTable.Action {
        let start = index
        try expect(.set)
        switch token.keyword {
        case .location:
            advance()
            return .setLocation(try parseString())
        case .tblproperties:
            advance()
            return .setProperties(try parseTextProperties())
        case .authorization:
            advance()
            return .setAuthorization(try parsePrincipal())
        case .properties:
            advance()
            return .setTrinoProperties(try list { parser throws(QueryError) in try parser.parseProperty() })
        case .serde, .serdeproperties, .fileformat, .skewed:
            return .unsupported(
                feature: "ALTER TABLE " + featureName(from: start, words: 2), text: restOfText(from: start))
        default:
            if index == recordedIndex {
                for word in ["AUTHORIZATION", "LOCATION", "PROPERTIES", "TBLPROPERTIES"] {
                    expectations.insert("'\(word)'")
                }
            }
            throw mismatch()
        }
    }

    /// 'ALTER' 'COLUMN' qualifiedName 'SET' 'DATA' 'TYPE' type | 'ALTER' 'COLUMN' identifier 'DROP' 'NOT' 'NULL' ;
    private mutating func parseAlterColumn() throws(QueryError) -> AlterTable.Action {
        try expect(.alter)
        try expect(.column)
        let name = try parseQualifiedName()
        if name.parts.count == 1, take(.drop) {
            try expect(.not, .null)
            return .dropNotNull(name.last)
        }
        try expect(.set)
        try expect(.data, .type)
        return .setColumnType(name, try parseType())
    }

    /// 'EXECUTE' identifier [ '(' [ callArgument { ',' callArgument } ] ')' ] [ 'WHERE' expression ] ;
    private mutating func parseAlterExecute() throws(QueryError) -> AlterTable.Action {
        try expect(.execute)
        let procedure = try parseIdentifier()
        let arguments = at(.leftParenthesis) ? try parseCallArguments() : []
        return .execute(procedure, arguments, whereCondition: take(.where) ? try parseExpression() : nil)
    }
}
