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
        if first.keyword == .explain {
            first = try lexer.next()
            while first.keyword == .analyze || first.keyword == .verbose { first = try lexer.next() }
            if first.kind == .leftParenthesis {
                while first.kind != .rightParenthesis {
                    if first.kind == .end { return .trino }
                    first = try lexer.next()
                }
                first = try lexer.next()
            }
            // EXPLAIN ANALYZE of a table named so, or ANALYZE itself.
        } else if first.keyword == .prepare {
            _ = try lexer.next()
            guard try lexer.next().keyword == .from else { return .trino }
            first = try lexer.next()
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
