import SQLTypes

/// relations and row patterns
extension SQLFormatter {
    mutating func print(_ relation: Relation) {
        switch relation.kind {
        case .table(let name, let period):
            print(name)
            if let period {
                add(" FOR \(period.kind.rawValue) AS OF ")
                printValue(period.end)
            }
        case .aliased(let inner, let alias):
            print(inner, bare: inner.isPrimary || inner.isMatchRecognize)
            add(" AS ")
            print(alias.name)
            if let columns = alias.columns {
                add(" ")
                print(columns)
            }
        case .subquery(let query): printInParentheses(query)
        case .lateral(let query):
            add("LATERAL ")
            printInParentheses(query)
        case .unnest(let expressions, let withOrdinality):
            add("UNNEST")
            parenthesised(expressions) { $0.print($1) }
            if withOrdinality { add(" WITH ORDINALITY") }
        case .join(let join): print(join)
        case .sampled(let inner, let kind, let percentage):
            var bare = inner.isPrimary || inner.isMatchRecognize
            if case .aliased = inner.kind { bare = true }
            print(inner, bare: bare)
            add(" TABLESAMPLE \(kind.rawValue) (")
            print(percentage)
            add(")")
        case .matchRecognize(let recognition): print(recognition)
        case .tableFunction(let call):
            add("TABLE(")
            print(call)
            add(")")
        case .jsonTable(let table): print(table)
        }
    }

    private mutating func print(_ relation: Relation, bare: Bool) {
        if !bare { add("(") }
        print(relation)
        if !bare { add(")") }
    }

    private mutating func print(_ join: Join) {
        print(join.left)
        if case .natural = join.criteria { add(" NATURAL") }
        add(" \(join.kind.rawValue) JOIN ")
        var bare = true
        if case .join = join.right.kind { bare = false }
        print(join.right, bare: bare)
        switch join.criteria {
        case .none, .natural: break
        case .on(let condition):
            add(" ON ")
            print(condition)
        case .using(let columns):
            add(" USING ")
            print(columns)
        }
    }

    // MARK: Table functions

    private mutating func print(_ call: TableFunctionCall) {
        print(call.name)
        add("(")
        list(call.arguments) { $0.print($1) }
        if !call.copartition.isEmpty {
            if !call.arguments.isEmpty { add(" ") }
            add("COPARTITION ")
            list(call.copartition) { formatter, names in
                formatter.parenthesised(names) { $0.print($1) }
            }
        }
        add(")")
    }

    private mutating func print(_ argument: TableFunctionArgument) {
        if let name = argument.name {
            print(name)
            add(" => ")
        }
        switch argument.value {
        case .expression(let expression): print(expression)
        case .nullDescriptor: add("CAST(NULL AS DESCRIPTOR)")
        case .descriptor(let fields):
            add("DESCRIPTOR")
            parenthesised(fields) { formatter, field in
                formatter.print(field.name)
                if let type = field.type {
                    formatter.add(" ")
                    formatter.print(type)
                }
            }
        case .table(let argument): print(argument)
        }
    }

    private mutating func print(_ argument: TableArgument) {
        add("TABLE(")
        var relation = argument.relation
        var alias: Alias?
        if case .aliased(let inner, let name) = relation.kind {
            relation = inner
            alias = name
        }
        if case .subquery(let query) = relation.kind { print(query) } else { print(relation) }
        add(")")
        if let alias {
            add(" AS ")
            print(alias.name)
            if let columns = alias.columns {
                add(" ")
                print(columns)
            }
        }
        if let partitionBy = argument.partitionBy {
            add(" PARTITION BY ")
            if partitionBy.count == 1 {
                printOutsideList(partitionBy[0])
            } else {
                parenthesised(partitionBy) { $0.print($1) }
            }
        }
        if let prunes = argument.prunesWhenEmpty { add(prunes ? " PRUNE WHEN EMPTY" : " KEEP WHEN EMPTY") }
        if !argument.orderBy.isEmpty {
            add(" ORDER BY ")
            parenthesised(argument.orderBy) { $0.print($1) }
        }
    }

    // MARK: Row patterns

    private mutating func print(_ recognition: MatchRecognize) {
        var bare = recognition.input.isPrimary
        if case .aliased(let inner, _) = recognition.input.kind { bare = inner.isPrimary }
        print(recognition.input, bare: bare)
        add(" MATCH_RECOGNIZE (")
        if !recognition.partitionBy.isEmpty {
            printPartitionBy(recognition.partitionBy)
            add(" ")
        }
        if !recognition.orderBy.isEmpty {
            printOrderBy(recognition.orderBy)
            add(" ")
        }
        if !recognition.measures.isEmpty {
            print(recognition.measures)
            add(" ")
        }
        if let rows = recognition.rowsPerMatch { add(rows.rawValue) }
        if let skip = recognition.skip { print(skip) }
        if let mode = recognition.searchMode { add(" " + mode.rawValue) }
        add(" PATTERN (")
        print(recognition.pattern)
        add(")")
        print(recognition.subsets)
        print(recognition.definitions)
        add(")")
    }

    mutating func print(_ measures: [MeasureDefinition]) {
        add("MEASURES ")
        list(measures) { formatter, measure in
            formatter.print(measure.expression)
            formatter.add(" AS ")
            formatter.print(measure.name)
        }
    }

    mutating func print(_ skip: SkipTo) {
        add(" AFTER MATCH SKIP ")
        switch skip {
        case .nextRow: add("TO NEXT ROW")
        case .pastLastRow: add("PAST LAST ROW")
        case .first(let name):
            add("TO FIRST ")
            print(name)
        case .last(let name):
            add("TO LAST ")
            print(name)
        case .variable(let name):
            add("TO ")
            print(name)
        }
    }

    mutating func print(_ subsets: [SubsetDefinition]) {
        if subsets.isEmpty { return }
        add(" SUBSET ")
        list(subsets) { formatter, subset in
            formatter.print(subset.name)
            formatter.add(" = ")
            formatter.print(subset.variables)
        }
    }

    mutating func print(_ definitions: [VariableDefinition]) {
        add(" DEFINE ")
        list(definitions) { formatter, definition in
            formatter.print(definition.name)
            formatter.add(" AS ")
            formatter.print(definition.condition)
        }
    }

    mutating func print(_ pattern: RowPattern) {
        switch pattern.kind {
        case .variable(let name): print(name)
        case .empty: add("()")
        case .startAnchor: add("^")
        case .endAnchor: add("$")
        case .concatenation(let parts): printPatterns(parts, " ", isConcatenation: true)
        case .alternation(let parts): printPatterns(parts, " | ", isConcatenation: false)
        case .permutation(let parts):
            add("PERMUTE")
            parenthesised(parts) { $0.print($1) }
        case .excluded(let inner):
            add("{- ")
            print(inner)
            add(" -}")
        case .quantified(let inner, let quantifier):
            print(inner, bare: inner.isPrimary)
            print(quantifier)
        }
    }

    private mutating func print(_ pattern: RowPattern, bare: Bool) {
        if !bare { add("(") }
        print(pattern)
        if !bare { add(")") }
    }

    private mutating func printPatterns(_ parts: [RowPattern], _ separator: String, isConcatenation: Bool) {
        for (index, part) in parts.enumerated() {
            if index > 0 { add(separator) }
            switch part.kind {
            case .alternation: print(part, bare: false)
            case .concatenation: print(part, bare: !isConcatenation)
            default: print(part)
            }
        }
    }

    private mutating func print(_ quantifier: PatternQuantifier) {
        switch quantifier.form {
        case .zeroOrMore: add("*")
        case .oneOrMore: add("+")
        case .zeroOrOne: add("?")
        case .exactly(let count): add("{\(count)}")
        case .range(let atLeast, let atMost):
            add("{\(atLeast.map { String($0) } ?? ""),\(atMost.map { String($0) } ?? "")}")
        }
        if !quantifier.isGreedy { add("?") }
    }
}

extension Relation {
    /// Whether the relation stands without parentheses before an alias.
    fileprivate var isPrimary: Bool {
        switch kind {
        case .table, .subquery, .lateral, .unnest, .tableFunction, .jsonTable: true
        case .aliased, .join, .sampled, .matchRecognize: false
        }
    }

    fileprivate var isMatchRecognize: Bool {
        if case .matchRecognize = kind { true } else { false }
    }
}

extension RowPattern {
    fileprivate var isPrimary: Bool {
        switch kind {
        case .variable, .empty, .startAnchor, .endAnchor, .permutation, .excluded: true
        case .concatenation, .alternation, .quantified: false
        }
    }
}
