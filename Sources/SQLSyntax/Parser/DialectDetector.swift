import SQLTypes

/// Chooses the dialect of a statement by its first keywords: Hive's for CREATE [EXTERNAL] TABLE without AS, CREATE,
/// ALTER and DROP DATABASE|SCHEMA, ALTER and DROP TABLE, MSCK, SHOW and DESCRIBE; Trino's for everything else.
enum DialectDetector {
    static func detect(_ source: SourceText) throws(QueryError) -> Dialect {
        var lexer = Lexer(source, dialect: .trino)
        return try detect(&lexer)
    }

    /// Reads ahead from the statement's first token. `lexer` is left somewhere after it.
    static func detect(_ lexer: inout Lexer) throws(QueryError) -> Dialect {
        var first = try lexer.next()
        // EXPLAIN and PREPARE take the dialect of the statement inside.
        while first.keyword == .explain || first.keyword == .prepare {
            guard let inner = try firstTokenInside(first, &lexer) else { return .trino }
            first = inner
        }
        switch first.keyword {
        case .msck: return .hive
        case .describe, .desc:
            let second = try lexer.next()
            return second.keyword == .input || second.keyword == .output ? try describesStatement(&lexer) : .hive
        case .show:
            switch try lexer.next().keyword {
            case .stats, .session, .catalogs, .grants, .roles, .role, .current: return .trino
            default: return .hive
            }
        case .alter, .drop:
            switch try lexer.next().keyword {
            case .table, .database, .schema: return .hive
            default: return .trino
            }
        case .create:
            switch try lexer.next().keyword {
            case .database, .schema, .external, .temporary: return .hive
            case .table: return try detectCreateTable(&lexer)
            default: return .trino
            }
        // Hive statements that are refused.
        case .lock, .unlock, .export, .import, .load, .reload: return .hive
        default: return .trino
        }
    }

    /// The first token of the statement that EXPLAIN or PREPARE holds.
    private static func firstTokenInside(_ outer: Token, _ lexer: inout Lexer) throws(QueryError) -> Token? {
        if outer.keyword == .prepare {
            _ = try lexer.next()
            return try lexer.next().keyword == .from ? try lexer.next() : nil
        }
        var token = try lexer.next()
        while token.keyword == .analyze || token.keyword == .verbose { token = try lexer.next() }
        if token.kind == .leftParenthesis {
            while token.kind != .rightParenthesis {
                if token.kind == .end { return nil }
                token = try lexer.next()
            }
            token = try lexer.next()
        }
        return token
    }

    /// `DESCRIBE INPUT name`, and not a table called `input`.
    private static func describesStatement(_ lexer: inout Lexer) throws(QueryError) -> Dialect {
        switch try lexer.next().kind {
        case .word, .quoted, .digitWord: .trino
        default: .hive
        }
    }

    /// After CREATE TABLE: Trino's if AS or WITH (...) follows the name, a list in parentheses or a comment.
    private static func detectCreateTable(_ lexer: inout Lexer) throws(QueryError) -> Dialect {
        // Names and lists are the same in both dialects; strings are read as Hive's until AS is seen. A text that
        // cannot be read so may still be Trino's.
        var trinoLexer = lexer
        lexer.dialect = .hive
        do {
            return try scanCreateTable(&lexer)
        } catch {
            if (try? scanCreateTable(&trinoLexer)) == .trino { return .trino }
            throw error
        }
    }

    private static func scanCreateTable(_ lexer: inout Lexer) throws(QueryError) -> Dialect {
        var depth = 0
        while true {
            let token = try lexer.next()
            switch token.kind {
            case .end: return .hive
            case .leftParenthesis: depth += 1
            case .rightParenthesis: depth -= 1
            case .semicolon where depth <= 0: return .hive
            case .word where depth == 0:
                switch token.keyword {
                case .as: return .trino
                case .with:
                    let following = try lexer.next()
                    return following.kind == .leftParenthesis ? .trino : .hive
                case .partitioned, .clustered, .row, .stored, .location, .tblproperties: return .hive
                default: break
                }
            default: break
            }
        }
    }
}
