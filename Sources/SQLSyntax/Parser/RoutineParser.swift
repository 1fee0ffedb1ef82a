import SQLTypes

/// inline and stored functions, external functions
extension Parser {
    /// externalFunctionQuery = 'USING' external { ',' external } rootQuery ;
    /// external = 'EXTERNAL' 'FUNCTION' declaration 'RETURNS' type 'LAMBDA' string ;
    mutating func parseExternalFunctionQuery() throws(QueryError) -> Statement {
        advance()
        let functions = try list { parser throws(QueryError) in
            try parser.expect(.external, .function)
            let (name, parameters) = try parser.parseFunctionDeclaration()
            try parser.expect(.returns)
            let returns = try parser.parseType()
            try parser.expect(.lambda)
            return ExternalFunction(
                name: name, parameters: parameters, returns: returns, lambda: try parser.parseString())
        }
        return .externalFunctionQuery(functions, try parseRootQuery())
    }

    /// function = 'FUNCTION' declaration 'RETURNS' type { characteristic } controlStatement ;
    mutating func parseFunctionSpecification() throws(QueryError) -> FunctionSpecification {
        try expect(.function)
        let (name, parameters) = try parseFunctionDeclaration()
        try expect(.returns)
        let returns = try parseType()
        var characteristics: [FunctionSpecification.Characteristic] = []
        while let characteristic = try parseCharacteristic() { characteristics.append(characteristic) }
        return FunctionSpecification(
            name: name, parameters: parameters, returns: returns, characteristics: characteristics,
            body: try parseControlStatement())
    }

    /// declaration = qualifiedName '(' [ parameter { ',' parameter } ] ')' ;   parameter = [ identifier ] type ;
    mutating func parseFunctionDeclaration() throws(QueryError) -> (QualifiedName, [FunctionParameter]) {
        let name = try parseQualifiedName()
        try expect(.leftParenthesis)
        if take(.rightParenthesis) { return (name, []) }
        let parameters = try list { parser throws(QueryError) in
            let (name, type) = try parser.parseOptionallyNamedType()
            return FunctionParameter(name: name, type: type)
        }
        try expect(.rightParenthesis)
        return (name, parameters)
    }

    /// characteristic = 'LANGUAGE' identifier | [ 'NOT' ] 'DETERMINISTIC' | 'RETURNS' 'NULL' 'ON' 'NULL' 'INPUT'
    ///                | 'CALLED' 'ON' 'NULL' 'INPUT' | 'SECURITY' security | 'COMMENT' string ;
    private mutating func parseCharacteristic() throws(QueryError) -> FunctionSpecification.Characteristic? {
        switch takeOne(of: .language, .not, .deterministic, .returns, .called, .security, .comment) {
        case .language: return .language(try parseIdentifier())
        case .not:
            try expect(.deterministic)
            return .deterministic(false)
        case .deterministic: return .deterministic(true)
        case .returns:
            try expect(.null, .on)
            try expect(.null, .input)
            return .returnsNullOnNullInput
        case .called:
            try expect(.on)
            try expect(.null, .input)
            return .calledOnNullInput
        case .security: return .security(try parseSecurity())
        case .comment: return .comment(try parseString())
        default: return nil
        }
    }

    // MARK: Statements of a body

    /// controlStatement = 'RETURN' value | 'SET' identifier '=' expression | case | if | 'ITERATE' identifier
    ///                  | 'LEAVE' identifier | 'BEGIN' { declaration ';' } [ statements ] 'END'
    ///                  | [ identifier ':' ] ( loop | while | repeat ) ;
    mutating func parseControlStatement() throws(QueryError) -> ControlStatement {
        let frame = try enter()
        let statement = try parseControlStatementBody()
        try leave(frame)
        return statement
    }

    private mutating func parseControlStatementBody() throws(QueryError) -> ControlStatement {
        if isIdentifier(token), peek().kind == .colon {
            let label = try parseIdentifier()
            advance()
            return try parseLoop(label)
        }
        switch token.keyword {
        case .return:
            advance()
            return .return(try parseNestedValue())
        case .set:
            advance()
            let name = try parseIdentifier()
            try expect(.equal)
            return .assignment(name, try parseExpression())
        case .case: return try parseCaseStatement()
        case .if: return try parseIfStatement()
        case .iterate:
            advance()
            return .iterate(try parseIdentifier())
        case .leave:
            advance()
            return .leave(try parseIdentifier())
        case .begin: return try parseBlock()
        case .loop, .while, .repeat: return try parseLoop(nil)
        default:
            if index == recordedIndex {
                for word in ["BEGIN", "CASE", "IF", "ITERATE", "LEAVE", "LOOP", "REPEAT", "RETURN", "SET", "WHILE"] {
                    expectations.insert("'\(word)'")
                }
            }
            throw mismatch()
        }
    }

    /// statements = controlStatement ';' { controlStatement ';' } ;
    private mutating func parseStatementList() throws(QueryError) -> [ControlStatement] {
        var statements: [ControlStatement] = []
        repeat {
            statements.append(try parseControlStatement())
            try expect(.semicolon)
        } while token.kind != .end && !atListEnd()
        return statements
    }

    private mutating func atListEnd() -> Bool {
        // `END`, `ELSE`, `WHEN` and `UNTIL` end a list; `UNTIL` and `ELSEIF` are no first words of a statement.
        if at(Keyword.end) || at(.else) || at(.when) { return true }
        return token.keyword == .elseif || token.keyword == .until
    }

    private mutating func parseOtherwise() throws(QueryError) -> [ControlStatement]? {
        take(.else) ? try parseStatementList() : nil
    }

    /// case = 'CASE' [ expression ] { 'WHEN' expression 'THEN' statements } [ 'ELSE' statements ] 'END' 'CASE' ;
    private mutating func parseCaseStatement() throws(QueryError) -> ControlStatement {
        advance()
        let operand = at(.when) ? nil : try parseExpression()
        var branches: [ControlStatement.Branch] = []
        repeat {
            try expect(.when)
            branches.append(try parseBranch())
        } while at(.when)
        let otherwise = try parseOtherwise()
        try expect(.end, .case)
        if let operand { return .simpleCase(operand, branches, otherwise: otherwise) }
        return .searchedCase(branches, otherwise: otherwise)
    }

    private mutating func parseBranch() throws(QueryError) -> ControlStatement.Branch {
        let condition = try parseExpression()
        try expect(.then)
        return ControlStatement.Branch(condition: condition, statements: try parseStatementList())
    }

    /// if = 'IF' expression 'THEN' statements { 'ELSEIF' expression 'THEN' statements } [ 'ELSE' statements ]
    ///      'END' 'IF' ;
    private mutating func parseIfStatement() throws(QueryError) -> ControlStatement {
        advance()
        var branches = [try parseBranch()]
        while take(.elseif) { branches.append(try parseBranch()) }
        let otherwise = try parseOtherwise()
        try expect(.end, .if)
        return .if(branches, otherwise: otherwise)
    }

    /// declaration = 'DECLARE' identifier { ',' identifier } type [ 'DEFAULT' value ] ;
    private mutating func parseBlock() throws(QueryError) -> ControlStatement {
        advance()
        var declarations: [ControlStatement.VariableDeclaration] = []
        while take(.declare) {
            let names = try list { parser throws(QueryError) in try parser.parseIdentifier() }
            let type = try parseType()
            let initial = take(.default) ? try parseNestedValue() : nil
            try expect(.semicolon)
            declarations.append(ControlStatement.VariableDeclaration(names: names, type: type, initial: initial))
        }
        let statements = at(Keyword.end) ? [] : try parseStatementList()
        try expect(Keyword.end)
        return .block(declarations, statements)
    }

    /// loop = 'LOOP' statements 'END' 'LOOP' ;   while = 'WHILE' expression 'DO' statements 'END' 'WHILE' ;
    /// repeat = 'REPEAT' statements 'UNTIL' expression 'END' 'REPEAT' ;
    private mutating func parseLoop(_ label: Identifier?) throws(QueryError) -> ControlStatement {
        switch try expectOne(of: .loop, .while, .repeat) {
        case .loop:
            let statements = try parseStatementList()
            try expect(.end, .loop)
            return .loop(label: label, statements)
        case .while:
            let condition = try parseExpression()
            try expect(.do)
            let statements = try parseStatementList()
            try expect(.end, .while)
            return .whileLoop(label: label, condition, statements)
        default:
            let statements = try parseStatementList()
            try expect(.until)
            let condition = try parseExpression()
            try expect(.end, .repeat)
            return .repeatLoop(label: label, statements, until: condition)
        }
    }
}
