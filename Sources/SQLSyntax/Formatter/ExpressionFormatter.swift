import SQLTypes

/// How tightly an expression's outermost operator binds; an operand that binds less is put in parentheses.
private enum Binding: Int, Comparable {
    case lambda, or, and, not, predicate, concat, sum, product, unary, zoned, primary

    static func < (left: Binding, right: Binding) -> Bool { left.rawValue < right.rawValue }
}

extension SQLFormatter {
    /// An expression where any may stand.
    mutating func print(_ expression: Expression) { print(expression, .lambda) }

    /// An expression where the grammar has a value.
    mutating func printValue(_ expression: Expression) { print(expression, .concat) }

    /// An expression where the grammar has a primary.
    mutating func printPrimary(_ expression: Expression) { print(expression, .primary) }

    private mutating func print(_ expression: Expression, _ least: Binding) {
        if Self.binding(expression) >= least {
            printBare(expression)
        } else {
            add("(")
            printBare(expression)
            add(")")
        }
    }

    private static func binding(_ expression: Expression) -> Binding {
        switch expression.kind {
        case .lambda: .lambda
        case .or: .or
        case .and: .and
        case .not: .not
        case .comparison, .isDistinctFrom, .isNull, .between, .inList, .inQuery, .like, .quantifiedComparison:
            .predicate
        case .concat: .concat
        case .arithmetic(.add, _, _), .arithmetic(.subtract, _, _): .sum
        case .arithmetic: .product
        case .negate, .plus: .unary
        case .atTimeZone: .zoned
        // A dot after a number belongs to the number, and a sign is read before what follows the number.
        case .integer, .decimal, .double: .unary
        default: .primary
        }
    }

    private mutating func printBare(_ expression: Expression) {
        switch expression.kind {
        case .null, .boolean, .integer, .decimal, .double, .string, .binary, .typed, .interval, .parameter:
            if case .parameter(let index) = expression.kind { parameters.append(index) }
            printLiteral(expression.kind)
        case .identifier(let name): printName(name)
        case .dereference(let base, let field):
            printPrimary(base)
            add(".")
            print(field)
        case .not(let operand):
            add("NOT ")
            print(operand, .not)
        case .and(let terms): printChain(terms, " AND ", .not)
        case .or(let terms): printChain(terms, " OR ", .and)
        case .concat(let operands): printChain(operands, " || ", .sum)
        case .arithmetic(let operation, let left, let right):
            let isSum = operation == .add || operation == .subtract
            print(left, isSum ? .sum : .product)
            add(" \(operation.rawValue) ")
            print(right, isSum ? .product : .unary)
        case .negate(let operand): printSigned("-", operand)
        case .plus(let operand): printSigned("+", operand)
        case .comparison, .isDistinctFrom, .isNull, .between, .inList, .inQuery, .like, .quantifiedComparison:
            printPredicate(expression.kind)
        case .atTimeZone(let value, let zone):
            print(value, .zoned)
            add(" AT TIME ZONE ")
            print(zone)
        case .exists(let query):
            add("EXISTS ")
            printInParentheses(query)
        case .subquery(let query): printInParentheses(query)
        case .row(let fields):
            if fields.count < 2 { add("ROW") }
            parenthesised(fields) { $0.print($1) }
        case .array(let elements):
            add("ARRAY[")
            list(elements) { $0.print($1) }
            add("]")
        case .element(let base, let index):
            printPrimary(base)
            add("[")
            printValue(index)
            add("]")
        case .lambda(let parameters, let body):
            if parameters.count == 1 { print(parameters[0]) } else { print(parameters) }
            add(" -> ")
            print(body)
        case .call, .listagg, .cast, .simpleCase, .searchedCase, .trim, .extract, .current, .grouping, .measure:
            printCallLike(expression.kind)
        case .jsonExists, .jsonValue, .jsonQuery, .jsonObject, .jsonArray:
            printJSON(expression.kind)
        }
    }

    private mutating func printChain(_ operands: [Expression], _ separator: String, _ least: Binding) {
        for (index, operand) in operands.enumerated() {
            if index > 0 { add(separator) }
            print(operand, least)
        }
    }

    private mutating func printSigned(_ sign: String, _ operand: Expression) {
        add(sign)
        switch operand.kind {
        case .negate, .plus:
            // `--` would begin a comment.
            add(" ")
            print(operand, .unary)
        case .integer(let value) where value < 0:
            add(" ")
            print(operand, .unary)
        case .integer, .decimal, .double:
            // A sign before a bare number would become part of it.
            add("(")
            printBare(operand)
            add(")")
        default: print(operand, .zoned)
        }
    }

    /// A column's name. Words that begin another construct in some places are kept from it by parentheses.
    private mutating func printName(_ name: Identifier) {
        guard !name.isDelimited else { return print(name) }
        switch name.canonical {
        case "interval", "all", "any", "some", "running", "final", "key", "unbounded", "current", "double", "leading",
            "trailing", "both", "authorization", "local":
            add("(\(name.value))")
        default: add(name.value)
        }
    }

    private mutating func printLiteral(_ kind: Expression.Kind) {
        switch kind {
        case .null: add("NULL")
        case .boolean(let value): add(value ? "TRUE" : "FALSE")
        case .integer(let value): add(String(value))
        case .decimal(let digits): add(digits)
        case .double(let value): add(Self.doubleText(value))
        case .string(let value): printString(value)
        case .binary(let bytes):
            add("X'")
            for byte in bytes {
                let digits = String(byte, radix: 16, uppercase: true)
                add(digits.utf8.count == 1 ? "0" + digits : digits)
            }
            add("'")
        case .typed(let type, let value):
            // Hive reserves DOUBLE.
            if case .named(let name, _) = type.kind, name.value == "double" {
                add("DOUBLE PRECISION")
            } else {
                print(type)
            }
            add(" ")
            printString(value)
        case .interval(let interval): print(interval)
        default: add("?")
        }
    }

    static func doubleText(_ value: Double) -> String {
        if value.isInfinite { return value < 0 ? "-1E999" : "1E999" }
        let text = value.description
        return text.utf8.contains(0x65) ? text : text + "E0"
    }

    mutating func print(_ interval: IntervalLiteral) {
        add("INTERVAL ")
        if interval.isNegative { add("-") }
        printString(interval.text)
        add(" " + interval.from.rawValue)
        if let to = interval.to { add(" TO " + to.rawValue) }
    }

    private mutating func printPredicate(_ kind: Expression.Kind) {
        switch kind {
        case .comparison(let comparison, let left, let right):
            printValue(left)
            add(" \(comparison.rawValue) ")
            printValue(right)
        case .isDistinctFrom(let left, let right, let isNegated):
            printValue(left)
            add(isNegated ? " IS NOT DISTINCT FROM " : " IS DISTINCT FROM ")
            printValue(right)
        case .isNull(let value, let isNegated):
            printValue(value)
            add(isNegated ? " IS NOT NULL" : " IS NULL")
        case .between(let value, let lower, let upper, let isNegated):
            printValue(value)
            add(isNegated ? " NOT BETWEEN " : " BETWEEN ")
            printValue(lower)
            add(" AND ")
            printValue(upper)
        case .inList(let value, let elements, let isNegated):
            printValue(value)
            add(isNegated ? " NOT IN " : " IN ")
            parenthesised(elements) { $0.print($1) }
        case .inQuery(let value, let query, let isNegated):
            printValue(value)
            add(isNegated ? " NOT IN " : " IN ")
            printInParentheses(query)
        case .like(let value, let pattern, let escape, let isNegated):
            printValue(value)
            add(isNegated ? " NOT LIKE " : " LIKE ")
            printValue(pattern)
            if let escape {
                add(" ESCAPE ")
                printValue(escape)
            }
        case .quantifiedComparison(let comparison, let quantifier, let value, let query):
            printValue(value)
            add(" \(comparison.rawValue) \(quantifier.rawValue) ")
            printInParentheses(query)
        default: break
        }
    }
}
