import SQLTypes

/// statement: the dispatch by first keywords
extension Parser {
    /// statement: one alternative per first keyword, in the files of this folder by area.
    mutating func parseStatement() throws(QueryError) -> Statement {
        let frame = try enter()
        let statement = try parseStatementBody()
        try leave(frame)
        return statement
    }

    private static let firstWords = [
        "ALTER", "ANALYZE", "CALL", "COMMENT", "COMMIT", "CREATE", "DEALLOCATE", "DELETE", "DENY", "DESC", "DESCRIBE",
        "DROP", "EXECUTE", "EXPLAIN", "GRANT", "INSERT", "MERGE", "MSCK", "OPTIMIZE", "PREPARE", "REFRESH", "RESET",
        "REVOKE", "ROLLBACK", "SET", "SHOW", "START", "TRUNCATE", "UNLOAD", "UPDATE", "USE", "VACUUM",
    ]

    private mutating func parseStatementBody() throws(QueryError) -> Statement {
        switch token.keyword {
        case .select, .with, .values, .table: return .query(try parseRootQuery())
        case .using: return try parseExternalFunctionQuery()
        case .explain: return try parseExplain()
        case .create: return try parseCreate()
        case .drop: return try parseDrop()
        case .alter: return try parseAlter()
        case .truncate: return try parseTruncate()
        case .msck: return try parseRepair()
        case .comment: return try parseComment()
        case .insert: return try parseInsert()
        case .unload: return try parseUnload()
        case .delete: return try parseDelete()
        case .update: return try parseUpdate()
        case .merge: return try parseMerge()
        case .optimize: return try parseOptimize()
        case .vacuum:
            advance()
            return .vacuum(try parseQualifiedName())
        case .analyze:
            advance()
            let name = try parseQualifiedName()
            return .analyze(name, try parseWithProperties())
        case .refresh:
            advance()
            try expect(.materialized, .view)
            return .refreshMaterializedView(try parseQualifiedName())
        case .show: return try parseShow()
        case .describe, .desc: return try parseDescribe()
        case .use: return try parseUse()
        case .set: return try parseSet()
        case .reset: return try parseReset()
        case .prepare: return try parsePrepare()
        case .execute: return try parseExecute()
        case .deallocate:
            advance()
            try expect(.prepare)
            return .deallocate(try parseIdentifier())
        case .start: return try parseStartTransaction()
        case .commit:
            advance()
            _ = take(.work)
            return .commit
        case .rollback:
            advance()
            _ = take(.work)
            return .rollback
        case .call: return try parseCallStatement()
        case .grant: return .accessControl(try parseGrant())
        case .revoke: return .accessControl(try parseRevoke())
        case .deny: return .accessControl(try parseDeny())
        case .export, .import, .load, .lock, .unlock, .reload: return parseUnsupported(words: 2)
        default:
            if token.kind == .leftParenthesis { return .query(try parseRootQuery()) }
            if index == recordedIndex {
                for word in Self.firstWords { expectations.insert("'\(word)'") }
                expectations.insert("<query>")
            }
            throw mismatch()
        }
    }

    /// A statement that is known and refused: its first words name it, the rest is kept as it stands.
    mutating func parseUnsupported(words: Int) -> Statement {
        let start = index
        let feature = featureName(from: start, words: words)
        return .unsupported(feature: feature, text: restOfText(from: start))
    }

    func featureName(from start: Int, words: Int) -> String {
        var names: [String] = []
        for next in start..<start + words {
            guard next < tokens.count, let keyword = tokens.base[next].keyword else { break }
            names.append(keyword.rawValue)
        }
        return names.joined(separator: " ")
    }

    /// The texts of all tokens up to the end or `;`, joined by blanks.
    mutating func restOfText(from start: Int) -> String {
        index = start
        var texts: [String] = []
        while token.kind != .end, token.kind != .semicolon {
            texts.append(source.text(of: token))
            index += 1
        }
        return texts.joined(separator: " ")
    }

    // MARK: EXPLAIN

    /// explain = 'EXPLAIN' [ '(' option { ',' option } ')' ] statement
    ///         | 'EXPLAIN' 'ANALYZE' [ 'VERBOSE' ] [ '(' option { ',' option } ')' ] statement ;
    /// option = 'FORMAT' ( 'TEXT' | 'GRAPHVIZ' | 'JSON' ) | 'TYPE' ( 'LOGICAL' | 'DISTRIBUTED' | 'VALIDATE' | 'IO' ) ;
    private mutating func parseExplain() throws(QueryError) -> Statement {
        let place = IgnoredPosition(position)
        advance()
        // `EXPLAIN ANALYZE t` does not exist: ANALYZE statements are not explained without their plan.
        let isAnalyze = take(.analyze)
        let isVerbose = isAnalyze && take(.verbose)
        var explain = Explain(
            isAnalyze: isAnalyze, isVerbose: isVerbose, format: nil, type: nil, statement: .commit, place: place)
        if token.kind == .leftParenthesis, peek().keyword == .format || peek().keyword == .type {
            advance()
            repeat {
                if take(.format) {
                    let keyword = try expectOne(of: .text, .graphviz, .json)
                    explain.format = Explain.Format(rawValue: keyword.rawValue)
                } else {
                    try expect(.type)
                    let keyword = try expectOne(of: .logical, .distributed, .validate, .io)
                    explain.type = Explain.PlanType(rawValue: keyword.rawValue)
                }
            } while take(.comma)
            try expect(.rightParenthesis)
        }
        explain.statement = try parseStatement()
        return .explain(explain)
    }

    // MARK: CREATE and DROP

    private mutating func parseCreate() throws(QueryError) -> Statement {
        let start = index
        try expect(.create)
        let orReplace = token.keyword == .or && peek().keyword == .replace
        if orReplace { index += 2 }
        switch token.keyword {
        case .table:
            return dialect == .hive && !orReplace ? try parseHiveCreateTable() : try parseTrinoCreateTable(orReplace)
        case .external where !orReplace: return try parseHiveCreateTable()
        case .database where !orReplace, .schema where !orReplace: return try parseCreateDatabase()
        case .view, .protected: return try parseCreateView(orReplace)
        case .materialized: return try parseCreateMaterializedView(orReplace)
        case .function: return .createFunction(try parseFunctionSpecification(), orReplace: orReplace)
        case .catalog where !orReplace: return try parseCreateCatalog()
        case .role where !orReplace: return .accessControl(try parseCreateRole())
        case .index where !orReplace, .macro where !orReplace, .temporary where !orReplace:
            index = start
            return parseUnsupported(words: 2)
        default:
            if index == recordedIndex {
                for word in [
                    "CATALOG", "DATABASE", "EXTERNAL", "FUNCTION", "MATERIALIZED", "OR", "ROLE", "SCHEMA", "TABLE",
                    "VIEW",
                ] {
                    expectations.insert("'\(word)'")
                }
            }
            throw mismatch()
        }
    }

    private mutating func parseDrop() throws(QueryError) -> Statement {
        let start = index
        try expect(.drop)
        switch token.keyword {
        case .table:
            advance()
            let ifExists = try parseIfExists()
            let name = try parseQualifiedName()
            // Hive's PURGE changes nothing: there is no trash.
            if dialect == .hive { _ = take(.purge) }
            return .dropTable(name, ifExists: ifExists)
        case .database, .schema:
            advance()
            let ifExists = try parseIfExists()
            let name = try parseQualifiedName()
            return .dropDatabase(name, ifExists: ifExists, cascades: takeOne(of: .restrict, .cascade) == .cascade)
        case .view:
            advance()
            let ifExists = try parseIfExists()
            return .dropView(try parseQualifiedName(), ifExists: ifExists)
        case .materialized:
            advance()
            try expect(.view)
            let ifExists = try parseIfExists()
            return .dropMaterializedView(try parseQualifiedName(), ifExists: ifExists)
        case .function:
            advance()
            let ifExists = try parseIfExists()
            let (name, parameters) = try parseFunctionDeclaration()
            return .dropFunction(name, parameters, ifExists: ifExists)
        case .catalog:
            advance()
            let ifExists = try parseIfExists()
            let name = try parseIdentifier()
            return .dropCatalog(
                name, ifExists: ifExists, cascades: takeOne(of: .cascade, .restrict).map { $0 == .cascade })
        case .role:
            advance()
            let name = try parseIdentifier()
            return .accessControl(.dropRole(name, catalog: take(.in) ? try parseIdentifier() : nil))
        case .index, .macro:
            index = start
            return parseUnsupported(words: 2)
        default:
            if index == recordedIndex {
                for word in ["CATALOG", "DATABASE", "FUNCTION", "MATERIALIZED", "ROLE", "SCHEMA", "TABLE", "VIEW"] {
                    expectations.insert("'\(word)'")
                }
            }
            throw mismatch()
        }
    }

    /// [ 'IF' 'EXISTS' ]
    mutating func parseIfExists() throws(QueryError) -> Bool { take(.if, .exists) }

    /// [ 'IF' 'NOT' 'EXISTS' ]
    mutating func parseIfNotExists() throws(QueryError) -> Bool {
        guard token.keyword == .if, peek().keyword == .not else {
            note("'IF'")
            return false
        }
        index += 2
        try expect(.exists)
        return true
    }

    private mutating func parseAlter() throws(QueryError) -> Statement {
        let start = index
        try expect(.alter)
        switch token.keyword {
        case .table: return try parseAlterTable()
        case .database, .schema: return try parseAlterDatabase()
        case .view: return try parseAlterView()
        case .materialized: return try parseAlterMaterializedView()
        case .index:
            index = start
            return parseUnsupported(words: 2)
        default:
            if index == recordedIndex {
                for word in ["DATABASE", "MATERIALIZED", "SCHEMA", "TABLE", "VIEW"] { expectations.insert("'\(word)'") }
            }
            throw mismatch()
        }
    }
}
