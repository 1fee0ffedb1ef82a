import SQLTypes

/// table functions and JSON_TABLE
extension Parser {
    /// tableFunction = qualifiedName '(' [ tableArgument { ',' tableArgument } ] [ 'COPARTITION' groups ] ')' ;
    mutating func parseTableFunctionCall() throws(QueryError) -> TableFunctionCall {
        let name = try parseQualifiedName()
        var call = TableFunctionCall(name: name, arguments: [], copartition: [])
        try expect(.leftParenthesis)
        if !at(.rightParenthesis), !copartitionFollows() {
            call.arguments = try list { parser throws(QueryError) in try parser.parseTableFunctionArgument() }
        }
        if take(.copartition) {
            call.copartition = try list { parser throws(QueryError) in
                let place = parser.position
                let names = try parser.parenthesised { parser throws(QueryError) in try parser.parseQualifiedName() }
                if names.count < 2 { throw parser.failure("COPARTITION needs two tables or more", at: place) }
                return names
            }
        }
        try expect(.rightParenthesis)
        return call
    }

    private func copartitionFollows() -> Bool {
        token.keyword == .copartition && peek().kind == .leftParenthesis
    }

    /// argument = [ identifier '=>' ] ( tableArgument | descriptor | expression ) ;
    private mutating func parseTableFunctionArgument() throws(QueryError) -> TableFunctionArgument {
        let place = position
        var name: Identifier?
        if isIdentifier(token), peek().kind == .fatArrow {
            name = try parseIdentifier()
            advance()
        }
        let value: TableFunctionArgument.Value
        if token.keyword == .table, peek().kind == .leftParenthesis {
            value = .table(try parseTableArgument())
        } else if token.keyword == .descriptor, peek().kind == .leftParenthesis {
            advance()
            value = .descriptor(
                try parenthesised { parser throws(QueryError) in
                    let name = try parser.parseIdentifier()
                    let ends = parser.at(.comma) || parser.at(.rightParenthesis)
                    return DescriptorField(name: name, type: ends ? nil : try parser.parseType())
                })
        } else if token.keyword == .cast, peek(2).keyword == .null, peek(3).keyword == .as,
            peek(4).keyword == .descriptor, peek(5).kind == .rightParenthesis
        {
            index += 6
            value = .nullDescriptor
        } else {
            note("'TABLE'")
            note("'DESCRIPTOR'")
            value = .expression(try parseExpression())
        }
        return TableFunctionArgument(name: name, value: value, position: place)
    }

    /// tableArgument = 'TABLE' '(' ( qualifiedName | query ) ')' [ alias ]
    ///                 [ 'PARTITION' 'BY' ( '(' [ expressions ] ')' | expression ) ]
    ///                 [ ( 'PRUNE' | 'KEEP' ) 'WHEN' 'EMPTY' ] [ 'ORDER' 'BY' ( '(' sortItems ')' | sortItem ) ] ;
    private mutating func parseTableArgument() throws(QueryError) -> TableArgument {
        let place = position
        index += 2
        var relation: Relation
        if startsQuery(after: index) {
            relation = Relation(.subquery(try parseQuery()), at: place)
        } else {
            relation = Relation(.table(try parseQualifiedName(), period: nil), at: place)
        }
        try expect(.rightParenthesis)
        if token.keyword == .as || (isIdentifier(token) && !tableArgumentClauseFollows()) {
            relation = try parseAlias(of: relation)
        }
        var argument = TableArgument(relation: relation, partitionBy: nil, prunesWhenEmpty: nil, orderBy: [])
        if take(.partition) {
            try expect(.by)
            argument.partitionBy = try parseTableArgumentPartitions()
        }
        if let keyword = takeOne(of: .prune, .keep) {
            try expect(.when, .empty)
            argument.prunesWhenEmpty = keyword == .prune
        }
        if take(.order) {
            try expect(.by)
            argument.orderBy = try parseTableArgumentOrder()
        }
        return argument
    }

    private func tableArgumentClauseFollows() -> Bool {
        switch token.keyword {
        case .partition: peek().keyword == .by
        case .prune, .keep: peek().keyword == .when
        case .copartition: peek().kind == .leftParenthesis
        default: false
        }
    }

    private mutating func parseTableArgumentPartitions() throws(QueryError) -> [Expression] {
        if token.kind == .leftParenthesis, peek().kind == .rightParenthesis, peek(2).kind != .arrow {
            index += 2
            return []
        }
        let opens = token.kind == .leftParenthesis
        let expression = try parseExpression()
        if opens, case .row(let fields) = expression.kind, tokens.base[index - 1].kind == .rightParenthesis {
            return fields
        }
        return [expression]
    }

    /// `(a, b DESC)` is a list only if the parentheses hold a comma or a direction, or end the item.
    private mutating func parseTableArgumentOrder() throws(QueryError) -> [SortItem] {
        guard token.kind == .leftParenthesis, sortListFollows() else { return [try parseSortItem()] }
        return try parenthesised { parser throws(QueryError) in try parser.parseSortItem() }
    }

    /// Whether the parentheses at the current token hold sort items: what follows them is no operator.
    private func sortListFollows() -> Bool {
        var depth = 0
        var next = index
        while true {
            switch tokens.base[next].kind {
            case .leftParenthesis: depth += 1
            case .rightParenthesis:
                depth -= 1
                if depth == 0 {
                    let following = tokens.base[next + 1]
                    return following.kind == .comma || following.kind == .rightParenthesis
                        || following.keyword == .copartition
                }
            case .end: return false
            default: break
            }
            next += 1
        }
    }

    // MARK: JSON_TABLE

    /// jsonTable = 'JSON_TABLE' '(' jsonPathInvocation 'COLUMNS' '(' column { ',' column } ')'
    ///             [ 'PLAN' '(' plan ')' | 'PLAN' 'DEFAULT' '(' defaultPlan ')' ]
    ///             [ ( 'ERROR' | 'EMPTY' ) 'ON' 'ERROR' ] ')' ;
    mutating func parseJSONTable() throws(QueryError) -> JSONTable {
        try expect(.jsonTable)
        try expect(.leftParenthesis)
        let path = try parseJSONPathInvocation()
        try expect(.columns)
        let columns = try parenthesised { parser throws(QueryError) in try parser.parseJSONTableColumn() }
        var table = JSONTable(path: path, columns: columns, plan: nil, onError: nil)
        if take(.plan) {
            let isDefault = take(.default)
            try expect(.leftParenthesis)
            table.plan = try isDefault ? parseJSONDefaultPlan() : parseJSONPlan()
            try expect(.rightParenthesis)
        }
        if let keyword = takeOne(of: .error, .empty) {
            table.onError = keyword == .error ? .error : .empty
            try expect(.on, .error)
        }
        try expect(.rightParenthesis)
        return table
    }

    /// column = identifier 'FOR' 'ORDINALITY' | identifier type [ 'PATH' string ] behaviors
    ///        | identifier type jsonFormat [ 'PATH' string ] [ wrapper ] [ quotes ] behaviors
    ///        | 'NESTED' [ 'PATH' ] string [ 'AS' identifier ] 'COLUMNS' '(' column { ',' column } ')' ;
    private mutating func parseJSONTableColumn() throws(QueryError) -> JSONTableColumn {
        let frame = try enter()
        let column = try parseJSONTableColumnBody()
        try leave(frame)
        return column
    }

    private mutating func parseJSONTableColumnBody() throws(QueryError) -> JSONTableColumn {
        let following = peek().kind
        if token.keyword == .nested,
            peek().keyword == .path && (peek(2).kind == .string || peek(2).kind == .unicodeString)
                || following == .string || following == .unicodeString
        {
            advance()
            _ = take(.path)
            let path = try parseString()
            let name = take(.as) ? try parseIdentifier() : nil
            try expect(.columns)
            let columns = try parenthesised { parser throws(QueryError) in try parser.parseJSONTableColumn() }
            return .nested(path: path, name: name, columns: columns)
        }
        let name = try parseIdentifier()
        if take(.for) {
            try expect(.ordinality)
            return .ordinality(name)
        }
        let type = try parseType()
        guard let format = try parseJSONFormat() else {
            let path = try takeString(after: .path)
            let (onEmpty, onError) = try parseJSONValueBehaviors()
            return .value(name, type, path: path, onEmpty: onEmpty, onError: onError)
        }
        let path = try takeString(after: .path)
        let wrapper = try parseJSONWrapper()
        let quotes = try parseJSONQuotes()
        let (onEmpty, onError) = try parseJSONQueryBehaviors()
        return .query(
            JSONTableColumn.QueryColumn(
                name: name, type: type, format: format, path: path, wrapper: wrapper, quotes: quotes,
                onEmpty: onEmpty, onError: onError))
    }

    /// plan = identifier | identifier ( 'OUTER' | 'INNER' ) planPrimary
    ///      | planPrimary 'UNION' planPrimary { 'UNION' planPrimary }
    ///      | planPrimary 'CROSS' planPrimary { 'CROSS' planPrimary } ;
    private mutating func parseJSONPlan() throws(QueryError) -> JSONTablePlan {
        let frame = try enter()
        let plan = try parseJSONPlanBody()
        try leave(frame)
        return plan
    }

    private mutating func parseJSONPlanBody() throws(QueryError) -> JSONTablePlan {
        let first = try parseJSONPlanPrimary()
        if case .leaf(let name) = first, let keyword = takeOne(of: .outer, .inner) {
            return .join(name, isOuter: keyword == .outer, child: try parseJSONPlanPrimary())
        }
        guard let keyword = takeOne(of: .union, .cross) else { return first }
        var operands = [first, try parseJSONPlanPrimary()]
        while take(keyword) { operands.append(try parseJSONPlanPrimary()) }
        return keyword == .union ? .union(operands) : .cross(operands)
    }

    /// planPrimary = identifier | '(' plan ')' ;
    private mutating func parseJSONPlanPrimary() throws(QueryError) -> JSONTablePlan {
        guard take(.leftParenthesis) else { return .leaf(try parseIdentifier()) }
        let plan = try parseJSONPlan()
        try expect(.rightParenthesis)
        return plan
    }

    /// defaultPlan = ( 'OUTER' | 'INNER' ) [ ',' ( 'UNION' | 'CROSS' ) ]
    ///             | ( 'UNION' | 'CROSS' ) [ ',' ( 'OUTER' | 'INNER' ) ] ;
    private mutating func parseJSONDefaultPlan() throws(QueryError) -> JSONTablePlan {
        var isOuter: Bool?
        var isUnion: Bool?
        switch try expectOne(of: .outer, .inner, .union, .cross) {
        case .outer: isOuter = true
        case .inner: isOuter = false
        case .union: isUnion = true
        default: isUnion = false
        }
        if take(.comma) {
            if isOuter == nil {
                isOuter = try expectOne(of: .outer, .inner) == .outer
            } else {
                isUnion = try expectOne(of: .union, .cross) == .union
            }
        }
        return .standard(isOuter: isOuter, isUnion: isUnion)
    }
}
