import SQLTypes

/// queries and SELECT
extension SQLFormatter {
    mutating func printInParentheses(_ query: Query) {
        add("(")
        print(query)
        add(")")
    }

    mutating func print(_ query: Query) {
        if !query.functions.isEmpty || !query.session.isEmpty {
            add("WITH ")
            list(query.functions) { $0.print($1) }
            if !query.functions.isEmpty, !query.session.isEmpty { add(" ") }
            list(query.session) { formatter, assignment in
                formatter.add("SESSION ")
                formatter.print(assignment.name)
                formatter.add(" = ")
                formatter.print(assignment.value)
            }
            add(" ")
        }
        if let with = query.with {
            add(with.isRecursive ? "WITH RECURSIVE " : "WITH ")
            list(with.queries) { formatter, named in
                formatter.print(named.name)
                if let columns = named.columns {
                    formatter.add(" ")
                    formatter.print(columns)
                }
                formatter.add(" AS ")
                formatter.printInParentheses(named.query)
            }
            add(" ")
        }
        print(query.body)
        if !query.orderBy.isEmpty {
            add(" ")
            printOrderBy(query.orderBy)
        }
        if let offset = query.offset {
            add(" OFFSET ")
            print(offset.count)
            add(" ROWS")
        }
        switch query.limit?.form {
        case nil: break
        case .all: add(" LIMIT ALL")
        case .count(let count):
            add(" LIMIT ")
            print(count)
        case .fetch(let count, let withTies):
            add(" FETCH FIRST ")
            if let count {
                print(count)
                add(" ")
            }
            add(withTies ? "ROWS WITH TIES" : "ROWS ONLY")
        }
    }

    private mutating func print(_ count: RowCount) {
        switch count {
        case .count(let number): add(String(number))
        case .parameter(let index):
            parameters.append(index)
            add("?")
        }
    }

    private mutating func print(_ body: Query.Body) {
        switch body {
        case .select(let select): print(select)
        case .setOperation(let operation):
            for (index, operand) in operation.operands.enumerated() {
                if index > 0 {
                    add(" " + operation.operation.rawValue)
                    if let quantifier = operation.quantifier { add(" " + quantifier.rawValue) }
                    add(" ")
                }
                print(operand)
            }
        case .table(let name):
            add("TABLE ")
            print(name)
        case .values(let rows):
            add("VALUES ")
            list(rows) { $0.print($1) }
        case .query(let query): printInParentheses(query)
        }
    }

    private mutating func print(_ select: Select) {
        add("SELECT ")
        if let quantifier = select.quantifier { add(quantifier.rawValue + " ") }
        list(select.items) { $0.print($1) }
        if !select.from.isEmpty {
            add(" FROM ")
            list(select.from) { $0.print($1) }
        }
        printWhere(select.whereCondition)
        if let groupBy = select.groupBy {
            add(" GROUP BY ")
            if let quantifier = groupBy.quantifier { add(quantifier.rawValue + " ") }
            list(groupBy.elements) { $0.print($1) }
        }
        if let having = select.having {
            add(" HAVING ")
            print(having)
        }
        if !select.windows.isEmpty {
            add(" WINDOW ")
            list(select.windows) { formatter, window in
                formatter.print(window.name)
                formatter.add(" AS ")
                formatter.print(window.specification)
            }
        }
    }

    mutating func printWhere(_ condition: Expression?) {
        guard let condition else { return }
        add(" WHERE ")
        print(condition)
    }

    private mutating func print(_ item: SelectItem) {
        switch item {
        case .expression(let expression, let alias):
            print(expression)
            if let alias {
                add(" AS ")
                print(alias)
            }
        case .all: add("*")
        case .allOf(let expression, let columns):
            printPrimary(expression)
            add(".*")
            if let columns {
                add(" AS ")
                print(columns)
            }
        }
    }

    private mutating func print(_ element: GroupingElement) {
        switch element {
        case .simple(let set): print(set)
        case .rollup(let sets):
            add("ROLLUP ")
            parenthesised(sets) { $0.print($1) }
        case .cube(let sets):
            add("CUBE ")
            parenthesised(sets) { $0.print($1) }
        case .groupingSets(let sets):
            add("GROUPING SETS ")
            parenthesised(sets) { $0.print($1) }
        }
    }

    private mutating func print(_ set: GroupingSet) {
        if set.expressions.count == 1 {
            printOutsideList(set.expressions[0])
        } else {
            parenthesised(set.expressions) { $0.print($1) }
        }
    }

    /// An expression where parentheses would make a list of its fields.
    mutating func printOutsideList(_ expression: Expression) {
        if case .row(let fields) = expression.kind, fields.count > 1 { add("ROW") }
        print(expression)
    }
}
