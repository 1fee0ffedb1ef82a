import SQLTypes

/// json_exists, json_value, json_query, json_object, json_array
extension Parser {
    mutating func parseJSONCall(_ keyword: Keyword) throws(QueryError) -> Expression {
        let place = position
        advance()
        try expect(.leftParenthesis)
        let kind: Expression.Kind
        switch keyword {
        case .jsonExists: kind = .jsonExists(try parseJSONExists())
        case .jsonValue: kind = .jsonValue(try parseJSONValue())
        case .jsonQuery: kind = .jsonQuery(try parseJSONQuery())
        case .jsonObject: kind = .jsonObject(try parseJSONObject())
        default: kind = .jsonArray(try parseJSONArray())
        }
        try expect(.rightParenthesis)
        return Expression(kind, at: place)
    }

    /// jsonPathInvocation = jsonInput ',' string [ 'AS' identifier ] [ 'PASSING' argument { ',' argument } ] ;
    mutating func parseJSONPathInvocation() throws(QueryError) -> JSONPathInvocation {
        let input = try parseJSONInput()
        try expect(.comma)
        let place = position
        let path = try parseString()
        let name = take(.as) ? try parseIdentifier() : nil
        var passing: [JSONPathInvocation.Argument] = []
        if take(.passing) {
            passing = try list { parser throws(QueryError) in
                let value = try parser.parseJSONInput()
                try parser.expect(.as)
                return JSONPathInvocation.Argument(value: value, name: try parser.parseIdentifier())
            }
        }
        return JSONPathInvocation(input: input, path: path, pathPosition: place, pathName: name, passing: passing)
    }

    /// jsonInput = expression [ jsonFormat ] ;
    private mutating func parseJSONInput() throws(QueryError) -> JSONInput {
        let value = try parseExpression()
        return JSONInput(value: value, format: try parseJSONFormat())
    }

    /// jsonFormat = 'FORMAT' 'JSON' [ 'ENCODING' ( 'UTF8' | 'UTF16' | 'UTF32' ) ] ;
    mutating func parseJSONFormat() throws(QueryError) -> JSONFormat? {
        guard take(.format) else { return nil }
        try expect(.json)
        guard take(.encoding) else { return .json }
        switch try expectOne(of: .utf8, .utf16, .utf32) {
        case .utf8: return .utf8
        case .utf16: return .utf16
        default: return .utf32
        }
    }

    /// jsonOutput = 'RETURNING' type [ jsonFormat ] ;
    private mutating func parseJSONOutput() throws(QueryError) -> JSONOutput? {
        guard take(.returning) else { return nil }
        let type = try parseType()
        return JSONOutput(type: type, format: try parseJSONFormat())
    }

    /// jsonExists = jsonPathInvocation [ ( 'TRUE' | 'FALSE' | 'UNKNOWN' | 'ERROR' ) 'ON' 'ERROR' ] ;
    private mutating func parseJSONExists() throws(QueryError) -> JSONExists {
        let path = try parseJSONPathInvocation()
        var behavior: JSONExists.Behavior?
        if let keyword = takeOne(of: .true, .false, .unknown, .error) {
            behavior = JSONExists.Behavior(rawValue: keyword.rawValue)
            try expect(.on, .error)
        }
        return JSONExists(path: path, onError: behavior)
    }

    /// jsonValue = jsonPathInvocation [ 'RETURNING' type ] [ valueBehavior 'ON' 'EMPTY' ] [ valueBehavior 'ON' 'ERROR' ] ;
    private mutating func parseJSONValue() throws(QueryError) -> JSONValueCall {
        let path = try parseJSONPathInvocation()
        let returning = take(.returning) ? try parseType() : nil
        let (onEmpty, onError) = try parseJSONValueBehaviors()
        return JSONValueCall(path: path, returning: returning, onEmpty: onEmpty, onError: onError)
    }

    /// valueBehavior = 'ERROR' | 'NULL' | 'DEFAULT' expression ;
    mutating func parseJSONValueBehaviors() throws(QueryError) -> (
        onEmpty: JSONValueCall.Behavior?, onError: JSONValueCall.Behavior?
    ) {
        var onEmpty: JSONValueCall.Behavior?
        while token.keyword == .error || token.keyword == .null || token.keyword == .default {
            let behavior: JSONValueCall.Behavior
            switch try expectOne(of: .error, .null, .default) {
            case .error: behavior = .error
            case .null: behavior = .null
            default: behavior = .default(try parseExpression())
            }
            try expect(.on)
            if onEmpty == nil, take(.empty) {
                onEmpty = behavior
            } else {
                try expect(.error)
                return (onEmpty, behavior)
            }
        }
        note("'ERROR'")
        note("'NULL'")
        note("'DEFAULT'")
        return (onEmpty, nil)
    }

    /// jsonQuery = jsonPathInvocation [ jsonOutput ] [ wrapper ] [ quotes ] [ queryBehavior 'ON' 'EMPTY' ]
    ///             [ queryBehavior 'ON' 'ERROR' ] ;
    private mutating func parseJSONQuery() throws(QueryError) -> JSONQueryCall {
        let path = try parseJSONPathInvocation()
        let output = try parseJSONOutput()
        let wrapper = try parseJSONWrapper()
        let quotes = try parseJSONQuotes()
        let (onEmpty, onError) = try parseJSONQueryBehaviors()
        return JSONQueryCall(
            path: path, output: output, wrapper: wrapper, quotes: quotes, onEmpty: onEmpty, onError: onError)
    }

    /// wrapper = ( 'WITHOUT' [ 'ARRAY' ] | 'WITH' [ 'CONDITIONAL' | 'UNCONDITIONAL' ] [ 'ARRAY' ] ) 'WRAPPER' ;
    mutating func parseJSONWrapper() throws(QueryError) -> JSONQueryCall.Wrapper? {
        let wrapper: JSONQueryCall.Wrapper
        if take(.without) {
            wrapper = .without
        } else if take(.with) {
            wrapper = takeOne(of: .conditional, .unconditional) == .conditional ? .conditional : .unconditional
        } else {
            return nil
        }
        _ = take(.array)
        try expect(.wrapper)
        return wrapper
    }

    /// quotes = ( 'KEEP' | 'OMIT' ) 'QUOTES' [ 'ON' 'SCALAR' 'STRING' ] ;
    mutating func parseJSONQuotes() throws(QueryError) -> JSONQueryCall.Quotes? {
        guard let keyword = takeOne(of: .keep, .omit) else { return nil }
        try expect(.quotes)
        var isScalarOnly = false
        if take(.on) {
            try expect(.scalar, .string)
            isScalarOnly = true
        }
        if keyword == .keep { return isScalarOnly ? .keepOnScalar : .keep }
        return isScalarOnly ? .omitOnScalar : .omit
    }

    /// queryBehavior = 'ERROR' | 'NULL' | 'EMPTY' ( 'ARRAY' | 'OBJECT' ) ;
    mutating func parseJSONQueryBehaviors() throws(QueryError) -> (
        onEmpty: JSONQueryCall.Behavior?, onError: JSONQueryCall.Behavior?
    ) {
        var onEmpty: JSONQueryCall.Behavior?
        while let keyword = takeOne(of: .error, .null, .empty) {
            let behavior: JSONQueryCall.Behavior
            switch keyword {
            case .error: behavior = .error
            case .null: behavior = .null
            default: behavior = try expectOne(of: .array, .object) == .array ? .emptyArray : .emptyObject
            }
            try expect(.on)
            if onEmpty == nil, take(.empty) {
                onEmpty = behavior
            } else {
                try expect(.error)
                return (onEmpty, behavior)
            }
        }
        return (onEmpty, nil)
    }

    /// jsonObject = [ member { ',' member } [ nullTreatment ] [ ( 'WITH' | 'WITHOUT' ) 'UNIQUE' [ 'KEYS' ] ] ]
    ///              [ jsonOutput ] ;
    private mutating func parseJSONObject() throws(QueryError) -> JSONObjectCall {
        var call = JSONObjectCall(members: [], nullTreatment: nil, hasUniqueKeys: nil, output: nil)
        if !at(.rightParenthesis), !(token.keyword == .returning && returningFollows()) {
            call.members = try list { parser throws(QueryError) in try parser.parseJSONMember() }
            call.nullTreatment = try parseJSONNullTreatment()
            if let keyword = takeOne(of: .with, .without) {
                try expect(.unique)
                _ = take(.keys)
                call.hasUniqueKeys = keyword == .with
            }
        }
        call.output = try parseJSONOutput()
        return call
    }

    /// Whether RETURNING is the clause and not a column of that name.
    private func returningFollows() -> Bool { peek().kind == .word || peek().kind == .quoted }

    /// member = [ 'KEY' ] expression 'VALUE' jsonInput | expression ':' jsonInput ;
    private mutating func parseJSONMember() throws(QueryError) -> JSONObjectCall.Member {
        var hasKey = false
        if token.keyword == .key {
            switch peek().kind {
            case .string, .unicodeString, .binary, .integer, .decimal, .double, .question, .quoted: hasKey = true
            case .word: hasKey = peek().keyword != .value && quantifierFollows(at: index)
            case .leftParenthesis: hasKey = tokens.base[afterParentheses(from: index + 1)].kind != .colon
            default: break
            }
        }
        if hasKey { advance() }
        let key = try parseExpression()
        if hasKey || token.keyword == .value {
            try expect(.value)
        } else {
            note("'VALUE'")
            try expect(.colon)
        }
        return JSONObjectCall.Member(key: key, value: try parseJSONInput())
    }

    /// The token after the parenthesis that closes the one at `start`.
    private func afterParentheses(from start: Int) -> Int {
        var depth = 0
        var next = start
        while next < tokens.count {
            if tokens.base[next].kind == .leftParenthesis { depth += 1 }
            if tokens.base[next].kind == .rightParenthesis { depth -= 1 }
            next += 1
            if depth == 0 { break }
        }
        return next
    }

    /// nullTreatment = ( 'NULL' | 'ABSENT' ) 'ON' 'NULL' ;
    private mutating func parseJSONNullTreatment() throws(QueryError) -> JSONNullTreatment? {
        guard let keyword = takeOne(of: .null, .absent) else { return nil }
        try expect(.on, .null)
        return keyword == .null ? .null : .absent
    }

    /// jsonArray = [ jsonInput { ',' jsonInput } [ nullTreatment ] ] [ jsonOutput ] ;
    private mutating func parseJSONArray() throws(QueryError) -> JSONArrayCall {
        var call = JSONArrayCall(elements: [], nullTreatment: nil, output: nil)
        if !at(.rightParenthesis), !(token.keyword == .returning && returningFollows()) {
            call.elements = try list { parser throws(QueryError) in try parser.parseJSONInput() }
            call.nullTreatment = try parseJSONNullTreatment()
        }
        call.output = try parseJSONOutput()
        return call
    }
}
