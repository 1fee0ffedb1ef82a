import SQLTypes

/// calls, CASE, CAST, windows
extension SQLFormatter {
    mutating func printCallLike(_ kind: Expression.Kind) {
        switch kind {
        case .call(let call): print(call)
        case .listagg(let aggregate): print(aggregate)
        case .cast(let value, let type, let isSafe):
            add(isSafe ? "TRY_CAST(" : "CAST(")
            print(value)
            add(" AS ")
            print(type)
            add(")")
        case .simpleCase(let operand, let clauses, let otherwise):
            add("CASE ")
            print(operand)
            printCaseTail(clauses, otherwise)
        case .searchedCase(let clauses, let otherwise):
            add("CASE")
            printCaseTail(clauses, otherwise)
        case .trim(let mode, let source, let characters):
            if let characters, mode == .both, inOrder(source, characters) {
                add("TRIM(")
                printValue(source)
                add(", ")
                printValue(characters)
                add(")")
                return
            }
            add("TRIM(\(mode.rawValue) ")
            if let characters {
                printValue(characters)
                add(" ")
            }
            add("FROM ")
            printValue(source)
            add(")")
        case .extract(let field, let source):
            add("EXTRACT(\(field.rawValue) FROM ")
            printValue(source)
            add(")")
        case .current(let value, let precision):
            add(value.rawValue)
            if let precision { add("(\(precision))") }
        case .grouping(let names):
            add("GROUPING")
            parenthesised(names) { $0.print($1) }
        case .measure(let name, let window):
            print(name)
            print(window)
        default: break
        }
    }

    private mutating func printCaseTail(_ clauses: [WhenClause], _ otherwise: Expression?) {
        for clause in clauses {
            add(" WHEN ")
            print(clause.condition)
            add(" THEN ")
            print(clause.result)
        }
        if let otherwise {
            add(" ELSE ")
            print(otherwise)
        }
        add(" END")
    }

    private mutating func print(_ call: FunctionCall) {
        if let mode = call.processingMode { add(mode.rawValue + " ") }
        let word = call.name.parts.count == 1 && !call.name.last.isDelimited ? call.name.last.canonical : ""
        if word == "normalize", call.arguments.count == 2, case .string(let form) = call.arguments[1].kind {
            add("NORMALIZE(")
            printValue(call.arguments[0])
            add(", \(form))")
            return
        }
        if word == "strpos", call.arguments.count == 2, !inOrder(call.arguments[0], call.arguments[1]) {
            add("POSITION(")
            printValue(call.arguments[1])
            add(" IN ")
            printValue(call.arguments[0])
            add(")")
            return
        }
        print(call.name)
        add("(")
        if call.isStar {
            if let label = call.starLabel {
                print(label)
                add(".")
            }
            add("*")
        } else {
            if let quantifier = call.quantifier { add(quantifier.rawValue + " ") }
            for (index, argument) in call.arguments.enumerated() {
                if index > 0 { add(", ") }
                // `position(a IN b)` and `substring(a FROM b)` are other forms.
                if index == 0, word == "position" || word == "substring", call.quantifier == nil {
                    add("(")
                    print(argument)
                    add(")")
                } else {
                    print(argument)
                }
            }
            if !call.orderBy.isEmpty {
                if !call.arguments.isEmpty { add(" ") }
                printOrderBy(call.orderBy)
            }
        }
        add(")")
        printFilter(call.filter)
        if let treatment = call.nullTreatment { add(" " + treatment.rawValue) }
        if let window = call.window { print(window) }
    }

    /// Whether the parameters of `first` come before those of `second`: a form that exchanges them would renumber them.
    private func inOrder(_ first: Expression, _ second: Expression) -> Bool {
        var formatter = SQLFormatter(dialect)
        formatter.print(first)
        formatter.print(second)
        return zip(formatter.parameters, formatter.parameters.dropFirst()).allSatisfy { $0 < $1 }
    }

    private mutating func printFilter(_ filter: Expression?) {
        guard let filter else { return }
        add(" FILTER (WHERE ")
        print(filter)
        add(")")
    }

    private mutating func print(_ aggregate: ListAggregate) {
        add("LISTAGG(")
        if let quantifier = aggregate.quantifier { add(quantifier.rawValue + " ") }
        print(aggregate.value)
        if let separator = aggregate.separator {
            add(", ")
            printString(separator)
        }
        switch aggregate.overflow {
        case nil: break
        case .error: add(" ON OVERFLOW ERROR")
        case .truncate(let filler, let withCount):
            add(" ON OVERFLOW TRUNCATE")
            if let filler {
                add(" ")
                printString(filler)
            }
            add(withCount ? " WITH COUNT" : " WITHOUT COUNT")
        }
        add(") WITHIN GROUP (")
        printOrderBy(aggregate.orderBy)
        add(")")
        printFilter(aggregate.filter)
    }

    // MARK: Windows and order

    mutating func printOrderBy(_ items: [SortItem]) {
        add("ORDER BY ")
        list(items) { $0.print($1) }
    }

    mutating func print(_ item: SortItem) {
        print(item.expression)
        if let direction = item.direction { add(" " + direction.rawValue) }
        if let nulls = item.nulls { add(" " + nulls.rawValue) }
    }

    private mutating func print(_ window: Window) {
        add(" OVER ")
        switch window {
        case .named(let name): print(name)
        case .specification(let specification): print(specification)
        }
    }

    /// In parentheses.
    mutating func print(_ specification: WindowSpecification) {
        add("(")
        var separator = ""
        func next(_ formatter: inout SQLFormatter) {
            formatter.add(separator)
            separator = " "
        }
        if let base = specification.base {
            next(&self)
            print(base)
        }
        if !specification.partitionBy.isEmpty {
            next(&self)
            printPartitionBy(specification.partitionBy)
        }
        if !specification.orderBy.isEmpty {
            next(&self)
            printOrderBy(specification.orderBy)
        }
        if let frame = specification.frame {
            next(&self)
            print(frame)
        }
        add(")")
    }

    mutating func printPartitionBy(_ expressions: [Expression]) {
        add("PARTITION BY ")
        list(expressions) { $0.print($1) }
    }

    private mutating func print(_ frame: WindowFrame) {
        if let pattern = frame.pattern, !pattern.measures.isEmpty {
            print(pattern.measures)
            add(" ")
        }
        add(frame.unit.rawValue + " ")
        if let end = frame.end {
            add("BETWEEN ")
            print(frame.start)
            add(" AND ")
            print(end)
        } else {
            print(frame.start)
        }
        guard let pattern = frame.pattern else { return }
        if let skip = pattern.skip { print(skip) }
        if let mode = pattern.searchMode { add(" " + mode.rawValue) }
        if let rows = pattern.pattern {
            add(" PATTERN (")
            print(rows)
            add(")")
        }
        print(pattern.subsets)
        if !pattern.definitions.isEmpty { print(pattern.definitions) }
    }

    private mutating func print(_ bound: WindowFrame.Bound) {
        switch bound {
        case .unboundedPreceding: add("UNBOUNDED PRECEDING")
        case .currentRow: add("CURRENT ROW")
        case .unboundedFollowing: add("UNBOUNDED FOLLOWING")
        case .preceding(let offset):
            print(offset)
            add(" PRECEDING")
        case .following(let offset):
            print(offset)
            add(" FOLLOWING")
        }
    }
}
