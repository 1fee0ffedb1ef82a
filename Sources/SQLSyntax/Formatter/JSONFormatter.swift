import SQLTypes

/// SQL/JSON calls and JSON_TABLE
extension SQLFormatter {
    mutating func printJSON(_ kind: Expression.Kind) {
        switch kind {
        case .jsonExists(let call):
            add("JSON_EXISTS(")
            print(call.path)
            if let behavior = call.onError { add(" \(behavior.rawValue) ON ERROR") }
        case .jsonValue(let call):
            add("JSON_VALUE(")
            print(call.path)
            if let type = call.returning {
                add(" RETURNING ")
                print(type)
            }
            print(call.onEmpty, "EMPTY")
            print(call.onError, "ERROR")
        case .jsonQuery(let call):
            add("JSON_QUERY(")
            print(call.path)
            print(call.output)
            printQueryTail(call.wrapper, call.quotes, call.onEmpty, call.onError)
        case .jsonObject(let call):
            add("JSON_OBJECT(")
            list(call.members) { formatter, member in
                formatter.print(member.key)
                formatter.add(" : ")
                formatter.print(member.value)
            }
            if let treatment = call.nullTreatment { add(" " + treatment.rawValue) }
            if let hasUniqueKeys = call.hasUniqueKeys {
                add(hasUniqueKeys ? " WITH UNIQUE KEYS" : " WITHOUT UNIQUE KEYS")
            }
            print(call.output)
        case .jsonArray(let call):
            add("JSON_ARRAY(")
            list(call.elements) { $0.print($1) }
            if let treatment = call.nullTreatment { add(" " + treatment.rawValue) }
            print(call.output)
        default: return
        }
        add(")")
    }

    private mutating func print(_ input: JSONInput) {
        print(input.value)
        if let format = input.format { add(" FORMAT " + format.rawValue) }
    }

    private mutating func print(_ path: JSONPathInvocation) {
        print(path.input)
        add(", ")
        printString(path.path)
        if let name = path.pathName {
            add(" AS ")
            print(name)
        }
        if !path.passing.isEmpty {
            add(" PASSING ")
            list(path.passing) { formatter, argument in
                formatter.print(argument.value)
                formatter.add(" AS ")
                formatter.print(argument.name)
            }
        }
    }

    private mutating func print(_ output: JSONOutput?) {
        guard let output else { return }
        add(" RETURNING ")
        print(output.type)
        if let format = output.format { add(" FORMAT " + format.rawValue) }
    }

    private mutating func print(_ behavior: JSONValueCall.Behavior?, _ event: String) {
        switch behavior {
        case nil: return
        case .error: add(" ERROR")
        case .null: add(" NULL")
        case .default(let value):
            add(" DEFAULT ")
            print(value)
        }
        add(" ON " + event)
    }

    private mutating func printQueryTail(
        _ wrapper: JSONQueryCall.Wrapper?, _ quotes: JSONQueryCall.Quotes?, _ onEmpty: JSONQueryCall.Behavior?,
        _ onError: JSONQueryCall.Behavior?
    ) {
        if let wrapper { add(" " + wrapper.rawValue) }
        if let quotes { add(" " + quotes.rawValue) }
        if let onEmpty { add(" \(onEmpty.rawValue) ON EMPTY") }
        if let onError { add(" \(onError.rawValue) ON ERROR") }
    }

    mutating func print(_ table: JSONTable) {
        add("JSON_TABLE(")
        print(table.path)
        add(" COLUMNS ")
        parenthesised(table.columns) { $0.print($1) }
        if let plan = table.plan {
            if case .standard(let isOuter, let isUnion) = plan {
                add(" PLAN DEFAULT (")
                let parts = [isOuter.map { $0 ? "OUTER" : "INNER" }, isUnion.map { $0 ? "UNION" : "CROSS" }]
                add(parts.compactMap { $0 }.joined(separator: ", "))
            } else {
                add(" PLAN (")
                print(plan, isPrimary: false)
            }
            add(")")
        }
        if let behavior = table.onError { add(" \(behavior.rawValue) ON ERROR") }
        add(")")
    }

    private mutating func print(_ column: JSONTableColumn) {
        switch column {
        case .ordinality(let name):
            print(name)
            add(" FOR ORDINALITY")
        case .value(let name, let type, let path, let onEmpty, let onError):
            print(name)
            add(" ")
            print(type)
            printString(path, after: "PATH")
            print(onEmpty, "EMPTY")
            print(onError, "ERROR")
        case .query(let column):
            print(column.name)
            add(" ")
            print(column.type)
            add(" FORMAT " + column.format.rawValue)
            printString(column.path, after: "PATH")
            printQueryTail(column.wrapper, column.quotes, column.onEmpty, column.onError)
        case .nested(let path, let name, let columns):
            add("NESTED PATH ")
            printString(path)
            if let name {
                add(" AS ")
                print(name)
            }
            add(" COLUMNS ")
            parenthesised(columns) { $0.print($1) }
        }
    }

    private mutating func print(_ plan: JSONTablePlan, isPrimary: Bool) {
        if case .leaf(let name) = plan { return print(name) }
        if isPrimary { add("(") }
        switch plan {
        case .leaf, .standard: break
        case .join(let name, let isOuter, let child):
            print(name)
            add(isOuter ? " OUTER " : " INNER ")
            print(child, isPrimary: true)
        case .union(let operands): printOperands(operands, " UNION ")
        case .cross(let operands): printOperands(operands, " CROSS ")
        }
        if isPrimary { add(")") }
    }

    private mutating func printOperands(_ operands: [JSONTablePlan], _ separator: String) {
        for (index, operand) in operands.enumerated() {
            if index > 0 { add(separator) }
            print(operand, isPrimary: true)
        }
    }
}
