import SQLTypes

/// USE, SET, RESET, PREPARE, EXECUTE, CALL, transactions
extension Parser {
    /// use = 'USE' identifier [ '.' identifier ] ;
    mutating func parseUse() throws(QueryError) -> Statement {
        advance()
        let first = try parseIdentifier()
        guard take(.dot) else { return .use(catalog: nil, database: first) }
        return .use(catalog: first, database: try parseIdentifier())
    }

    /// set = 'SET' ( 'SESSION' qualifiedName '=' expression | 'SESSION' 'AUTHORIZATION' user
    ///       | 'TIME' 'ZONE' ( 'LOCAL' | expression ) | 'PATH' path | 'ROLE' role ) ;
    mutating func parseSet() throws(QueryError) -> Statement {
        advance()
        switch token.keyword {
        case .session:
            advance()
            if token.keyword == .authorization, peek().kind != .equal, peek().kind != .dot {
                advance()
                return .setSessionAuthorization(try parseUserName())
            }
            let name = try parseQualifiedName()
            try expect(.equal)
            return .setSession(name, try parseExpression())
        case .time:
            advance()
            try expect(.zone)
            if token.keyword == .local, peek().kind == .end || peek().kind == .semicolon {
                advance()
                return .setTimeZone(nil)
            }
            return .setTimeZone(try parseExpression())
        case .path:
            advance()
            return .setPath(
                try list { parser throws(QueryError) in
                    let first = try parser.parseIdentifier()
                    return QualifiedName(try parser.take(.dot) ? [first, parser.parseIdentifier()] : [first])
                })
        case .role: return .accessControl(try parseSetRole())
        default:
            if index == recordedIndex {
                for word in ["PATH", "ROLE", "SESSION", "TIME"] { expectations.insert("'\(word)'") }
            }
            throw mismatch()
        }
    }

    private mutating func parseUserName() throws(QueryError) -> Identifier {
        guard token.kind == .string else { return try parseIdentifier() }
        let place = position
        let name = try parseString()
        if name.isEmpty { throw failure("Zero-length delimited identifier not allowed", at: place) }
        return Identifier(name, isDelimited: true, at: place)
    }

    /// reset = 'RESET' 'SESSION' ( qualifiedName | 'AUTHORIZATION' ) ;
    mutating func parseReset() throws(QueryError) -> Statement {
        advance()
        try expect(.session)
        if token.keyword == .authorization, peek().kind != .dot {
            advance()
            return .resetSessionAuthorization
        }
        return .resetSession(try parseQualifiedName())
    }

    /// prepare = 'PREPARE' identifier 'FROM' statement ;
    mutating func parsePrepare() throws(QueryError) -> Statement {
        advance()
        let name = try parseIdentifier()
        try expect(.from)
        return .prepare(name, try parseStatement())
    }

    /// execute = 'EXECUTE' identifier [ using ] | 'EXECUTE' 'IMMEDIATE' string [ using ] ;
    /// using = 'USING' expression { ',' expression } ;
    mutating func parseExecute() throws(QueryError) -> Statement {
        advance()
        if token.keyword == .immediate, peek().kind == .string || peek().kind == .unicodeString {
            advance()
            let place = IgnoredPosition(position)
            let text = try parseString()
            return .executeImmediate(text, position: place, try parseUsing())
        }
        let name = try parseIdentifier()
        return .execute(name, try parseUsing())
    }

    private mutating func parseUsing() throws(QueryError) -> [Expression] {
        guard take(.using) else { return [] }
        return try list { parser throws(QueryError) in try parser.parseExpression() }
    }

    /// call = 'CALL' qualifiedName callArguments ;
    mutating func parseCallStatement() throws(QueryError) -> Statement {
        advance()
        let name = try parseQualifiedName()
        return .call(name, try parseCallArguments())
    }

    /// callArguments = '(' [ callArgument { ',' callArgument } ] ')' ;   callArgument = [ identifier '=>' ] expression ;
    mutating func parseCallArguments() throws(QueryError) -> [CallArgument] {
        try expect(.leftParenthesis)
        if take(.rightParenthesis) { return [] }
        let arguments = try list { parser throws(QueryError) in
            var name: Identifier?
            if parser.isIdentifier(parser.token), parser.peek().kind == .fatArrow {
                name = try parser.parseIdentifier()
                parser.advance()
            }
            return CallArgument(name: name, value: try parser.parseExpression())
        }
        try expect(.rightParenthesis)
        return arguments
    }

    /// startTransaction = 'START' 'TRANSACTION' [ mode { ',' mode } ] ;
    /// mode = 'ISOLATION' 'LEVEL' level | 'READ' ( 'ONLY' | 'WRITE' ) ;
    /// level = 'READ' ( 'UNCOMMITTED' | 'COMMITTED' ) | 'REPEATABLE' 'READ' | 'SERIALIZABLE' ;
    mutating func parseStartTransaction() throws(QueryError) -> Statement {
        advance()
        try expect(.transaction)
        guard at(.isolation) || at(.read) else { return .startTransaction([]) }
        return .startTransaction(
            try list { parser throws(QueryError) in try parser.parseTransactionMode() })
    }

    private mutating func parseTransactionMode() throws(QueryError) -> TransactionMode {
        if take(.read) { return try expectOne(of: .only, .write) == .only ? .readOnly : .readWrite }
        try expect(.isolation, .level)
        switch try expectOne(of: .read, .repeatable, .serializable) {
        case .read:
            return try expectOne(of: .uncommitted, .committed) == .committed ? .readCommitted : .readUncommitted
        case .repeatable:
            try expect(.read)
            return .repeatableRead
        default: return .serializable
        }
    }
}
