import SQLTypes

/// expression, predicates and operators
extension Parser {
    /// expression = lambda | conjunction { 'OR' conjunction } ;
    /// conjunction = negation { 'AND' negation } ;
    ///
    /// Both lists in one loop, so that a level of parentheses costs few stack frames.
    mutating func parseExpression() throws(QueryError) -> Expression {
        let frame = try enter()
        let result: Expression
        if lambdaFollows() {
            result = try parseLambda()
        } else {
            result = try parseBoolean(after: parseNegation())
        }
        try leave(frame)
        return result
    }

    /// The rest of an expression whose first negation is read.
    mutating func parseBoolean(after first: Expression) throws(QueryError) -> Expression {
        if token.keyword != .and, token.keyword != .or {
            note("'AND'")
            note("'OR'")
            return first
        }
        var disjuncts: [Expression] = []
        var conjuncts = [first]
        while true {
            if take(.and) {
                conjuncts.append(try parseNegation())
            } else if take(.or) {
                disjuncts.append(Self.conjunction(conjuncts))
                conjuncts = [try parseNegation()]
            } else {
                break
            }
        }
        let last = Self.conjunction(conjuncts)
        if disjuncts.isEmpty { return last }
        disjuncts.append(last)
        return Expression(.or(Self.flattened(disjuncts, isOr: true)), at: disjuncts[0].position)
    }

    private static func conjunction(_ terms: [Expression]) -> Expression {
        terms.count == 1 ? terms[0] : Expression(.and(flattened(terms, isOr: false)), at: terms[0].position)
    }

    /// The terms, with those that were chains of the same operator in parentheses opened.
    private static func flattened(_ terms: [Expression], isOr: Bool) -> [Expression] {
        let nested = terms.contains { term in
            switch term.kind {
            case .or: isOr
            case .and: !isOr
            default: false
            }
        }
        if !nested { return terms }
        return terms.flatMap { term in
            switch term.kind {
            case .or(let inner) where isOr: inner
            case .and(let inner) where !isOr: inner
            default: [term]
            }
        }
    }

    /// negation = { 'NOT' } predicate ;
    mutating func parseNegation() throws(QueryError) -> Expression {
        if token.keyword != .not { return try parsePredicate(parseValue()) }
        var places: [SourcePosition] = []
        while token.keyword == .not {
            places.append(position)
            try link()
            advance()
        }
        var result = try parsePredicate(parseValue())
        for place in places.reversed() { result = Expression(.not(result), at: place) }
        return result
    }

    /// predicate = value [ comparison | between | in | like | null test | distinct test ] ;
    mutating func parsePredicate(_ value: Expression) throws(QueryError) -> Expression {
        if let comparison = comparisonOperator() { return try parseComparison(value, comparison) }
        let place = position
        switch token.keyword {
        case .is:
            advance()
            let isNegated = take(.not)
            if take(.null) { return Expression(.isNull(value, isNegated: isNegated), at: place) }
            try expect(.distinct, .from)
            return Expression(.isDistinctFrom(value, try parseValue(), isNegated: isNegated), at: place)
        case .not:
            switch peek().keyword {
            case .between, .in, .like:
                advance()
                return try parseSpecialPredicate(value, isNegated: true, place)
            default:
                return value
            }
        case .between, .in, .like:
            return try parseSpecialPredicate(value, isNegated: false, place)
        default:
            if index == recordedIndex { notePredicates() }
            return value
        }
    }

    private mutating func notePredicates() {
        for text in ["'BETWEEN'", "'IN'", "'IS'", "'LIKE'", "'NOT'", "<predicate>"] { expectations.insert(text) }
    }

    private func comparisonOperator() -> ComparisonOperator? {
        switch token.kind {
        case .equal: .equal
        case .notEqual: .notEqual
        case .less: .less
        case .lessOrEqual: .lessOrEqual
        case .greater: .greater
        case .greaterOrEqual: .greaterOrEqual
        default: nil
        }
    }

    /// comparison = operator value | operator ( 'ALL' | 'ANY' | 'SOME' ) '(' query ')' ;
    private mutating func parseComparison(
        _ value: Expression, _ comparison: ComparisonOperator
    ) throws(QueryError) -> Expression {
        let place = position
        advance()
        if let quantifier = quantifier(), peek().kind == .leftParenthesis, startsQuery(after: index + 1) {
            advance()
            let query = try parseQueryInParentheses()
            return Expression(.quantifiedComparison(comparison, quantifier, value, query), at: place)
        }
        return Expression(.comparison(comparison, value, try parseValue()), at: place)
    }

    private func quantifier() -> Quantifier? {
        switch token.keyword {
        case .all: .all
        case .any: .any
        case Keyword.some?: .some
        default: nil
        }
    }

    private mutating func parseSpecialPredicate(
        _ value: Expression, isNegated: Bool, _ place: SourcePosition
    ) throws(QueryError) -> Expression {
        switch token.keyword {
        case .between:
            advance()
            let lower = try parseValue()
            try expect(.and)
            let upper = try parseValue()
            return Expression(.between(value, lower: lower, upper: upper, isNegated: isNegated), at: place)
        case .like:
            advance()
            let pattern = try parseValue()
            let escape = take(.escape) ? try parseValue() : nil
            return Expression(.like(value, pattern: pattern, escape: escape, isNegated: isNegated), at: place)
        default:
            try expect(.in)
            try expect(.leftParenthesis)
            let result: Expression.Kind
            switch try parseQueryOrExpression() {
            case .query(let query):
                result = .inQuery(value, query, isNegated: isNegated)
            case .expression(let first):
                var list = [first]
                while take(.comma) { list.append(try parseExpression()) }
                result = .inList(value, list, isNegated: isNegated)
            }
            try expect(.rightParenthesis)
            return Expression(result, at: place)
        }
    }

    // MARK: Values

    /// value = sum { '||' sum } ;
    mutating func parseValue() throws(QueryError) -> Expression {
        try parseValue(after: parseUnary())
    }

    /// The rest of a value whose first unary is read.
    mutating func parseValue(after first: Expression) throws(QueryError) -> Expression {
        let sum = try parseArithmetic(after: first, atLeast: Self.sumPrecedence)
        guard token.kind == .concat else {
            if index == recordedIndex { noteOperators() }
            return sum
        }
        let place = position
        var operands = [sum]
        while take(.concat) {
            operands.append(try parseArithmetic(after: parseUnary(), atLeast: Self.sumPrecedence))
        }
        let nested = operands.contains { if case .concat = $0.kind { true } else { false } }
        if nested {
            operands = operands.flatMap { if case .concat(let inner) = $0.kind { inner } else { [$0] } }
        }
        return Expression(.concat(operands), at: place)
    }

    private mutating func noteOperators() {
        for text in ["'+'", "'-'", "'*'", "'/'", "'%'", "'||'", "'AT'"] { expectations.insert(text) }
    }

    /// A value in a place of its own, counted as a level of nesting.
    mutating func parseNestedValue() throws(QueryError) -> Expression {
        let frame = try enter()
        let value = try parseValue()
        try leave(frame)
        return value
    }

    private static let sumPrecedence = 1

    private func arithmeticOperator() -> (ArithmeticOperator, precedence: Int)? {
        switch token.kind {
        case .plus: (.add, 1)
        case .minus: (.subtract, 1)
        case .star: (.multiply, 2)
        case .slash: (.divide, 2)
        case .percent: (.modulus, 2)
        default: nil
        }
    }

    /// sum = product { ( '+' | '-' ) product } ;
    /// product = unary { ( '*' | '/' | '%' ) unary } ;
    private mutating func parseArithmetic(
        after first: Expression, atLeast lowest: Int
    ) throws(QueryError) -> Expression {
        var left = first
        while let (operation, precedence) = arithmeticOperator(), precedence >= lowest {
            let place = position
            advance()
            var right = try parseUnary()
            if precedence == Self.sumPrecedence {
                right = try parseArithmetic(after: right, atLeast: Self.sumPrecedence + 1)
            }
            try link()
            left = Expression(.arithmetic(operation, left, right), at: place)
        }
        return left
    }

    /// unary = { '+' | '-' } zoned ;
    ///
    /// A `-` before a number belongs to the number.
    mutating func parseUnary() throws(QueryError) -> Expression {
        guard token.kind == .minus || token.kind == .plus else { return try parseZoned(parsePrimary()) }
        var signs: [(isMinus: Bool, place: SourcePosition)] = []
        var operand: Expression?
        while token.kind == .minus || token.kind == .plus {
            let isMinus = token.kind == .minus
            let place = position
            advance()
            if isMinus, let number = try takeNumber(isNegative: true, at: place) {
                operand = try parsePostfix(number)
                break
            }
            try link()
            signs.append((isMinus, place))
        }
        let value: Expression
        if let operand { value = operand } else { value = try parsePrimary() }
        var result = try parseZoned(value)
        for (isMinus, place) in signs.reversed() {
            result = Expression(isMinus ? .negate(result) : .plus(result), at: place)
        }
        return result
    }

    /// zoned = primary { 'AT' 'TIME' 'ZONE' ( interval | string ) } ;
    func atTimeZoneFollows() -> Bool {
        token.keyword == .at && peek().keyword == .time && peek(2).keyword == .zone
    }

    mutating func parseZoned(_ value: Expression) throws(QueryError) -> Expression {
        guard atTimeZoneFollows() else { return value }
        var result = value
        while atTimeZoneFollows() {
            let place = position
            index += 3
            let zonePlace = position
            let zone: Expression
            if token.keyword == .interval {
                zone = Expression(.interval(try parseInterval()), at: zonePlace)
            } else {
                note("'INTERVAL'")
                zone = Expression(.string(try parseString()), at: zonePlace)
            }
            try link()
            result = Expression(.atTimeZone(result, zone: zone), at: place)
        }
        return result
    }
}
