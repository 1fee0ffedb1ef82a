import SQLTypes

/// properties of both dialects
extension Parser {
    /// textProperties = '(' string '=' string { ',' string '=' string } ')' ;
    mutating func parseTextProperties() throws(QueryError) -> [TextProperty] {
        try parenthesised { parser throws(QueryError) in
            let place = IgnoredPosition(parser.position)
            let key = try parser.parseString()
            try parser.expect(.equal)
            return TextProperty(key: key, value: try parser.parseTextPropertyValue(), place: place)
        }
    }

    /// A string; bare numbers and booleans are taken by their text.
    private mutating func parseTextPropertyValue() throws(QueryError) -> String {
        switch token.kind {
        case .integer, .decimal, .double:
            let text = source.text(of: token)
            advance()
            return text
        case .word where token.keyword == .true || token.keyword == .false:
            let text = source.text(of: token).lowercased()
            advance()
            return text
        default:
            return try parseString()
        }
    }

    /// [ 'WITH' '(' property { ',' property } ')' ]
    mutating func parseWithProperties() throws(QueryError) -> [Property] {
        guard token.keyword == .with, peek().kind == .leftParenthesis else {
            note("'WITH'")
            return []
        }
        advance()
        return try parenthesised { parser throws(QueryError) in try parser.parseProperty() }
    }

    /// property = identifier '=' ( 'DEFAULT' | expression ) ;
    mutating func parseProperty() throws(QueryError) -> Property {
        let name = try parseIdentifier()
        try expect(.equal)
        if token.keyword == .default {
            let following = peek()
            if following.kind == .comma || following.kind == .rightParenthesis || following.kind == .end
                || following.kind == .semicolon
            {
                advance()
                return Property(name: name, value: nil)
            }
        }
        return Property(name: name, value: try parseExpression())
    }

    /// partitionSpecification = '(' partitionValue { ',' partitionValue } ')' ;
    /// partitionValue = identifier [ operator literal ] | identifier 'BETWEEN' literal 'AND' literal ;
    mutating func parsePartitionSpecification(allowsRanges: Bool = false) throws(QueryError) -> PartitionSpecification {
        try parenthesised { parser throws(QueryError) in
            try parser.parsePartitionValue(allowsRanges: allowsRanges)
        }
    }

    private mutating func parsePartitionValue(allowsRanges: Bool) throws(QueryError) -> PartitionValue {
        let column = try parseIdentifier()
        var value = PartitionValue(column: column, comparison: .equal, value: nil, upper: nil)
        if take(.equal) {
            value.value = try parsePartitionLiteral()
            return value
        }
        guard allowsRanges else { return value }
        switch token.kind {
        case .less: value.comparison = .less
        case .lessOrEqual: value.comparison = .lessOrEqual
        case .greater: value.comparison = .greater
        case .greaterOrEqual: value.comparison = .greaterOrEqual
        case .notEqual: value.comparison = .notEqual
        default:
            guard take(.between) else { return value }
            value.comparison = .greaterOrEqual
            value.value = try parsePartitionLiteral()
            try expect(.and)
            value.upper = try parsePartitionLiteral()
            return value
        }
        advance()
        value.value = try parsePartitionLiteral()
        return value
    }

    /// literal = string | [ '-' ] number | 'TRUE' | 'FALSE' | 'NULL' | identifier string | '?' ;
    private mutating func parsePartitionLiteral() throws(QueryError) -> Expression {
        let place = position
        if atString() { return Expression(.string(try parseString()), at: place) }
        let isNegative = token.kind == .minus
        if isNegative { advance() }
        if let number = try takeNumber(isNegative: isNegative, at: place) { return number }
        if isNegative {
            note("<number>")
            throw mismatch()
        }
        if take(.question) {
            parameterCount += 1
            return Expression(.parameter(parameterCount - 1), at: place)
        }
        switch token.keyword {
        case .true, .false:
            let isTrue = token.keyword == .true
            advance()
            return Expression(.boolean(isTrue), at: place)
        case .null:
            advance()
            return Expression(.null, at: place)
        default: break
        }
        note("<literal>")
        guard token.kind == .word, peek().kind == .string || (dialect == .hive && peek().kind == .quoted) else {
            throw mismatch()
        }
        let type = TypeName(.named(try parseAnyWord(), []), at: place)
        return Expression(.typed(type, try parseString()), at: place)
    }

    /// principal = [ 'USER' | 'ROLE' ] identifier ;
    mutating func parsePrincipal() throws(QueryError) -> Principal {
        if token.keyword == .user, isIdentifier(peek()) {
            advance()
            return Principal(kind: .user, name: try parseIdentifier())
        }
        if token.keyword == .role, isIdentifier(peek()) {
            advance()
            return Principal(kind: .role, name: try parseIdentifier())
        }
        return Principal(kind: .unspecified, name: try parseIdentifier())
    }
}
