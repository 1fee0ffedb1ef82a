import SQLTypes

/// Prints a syntax tree as SQL text that parses back to an equal tree. One line; parentheses only where needed.
///
/// One extension per area, as in the parser. Hive DDL is printed with backticks and backslash escapes, everything else
/// with double quotes and doubled quotes.
public struct SQLFormatter {
    var text = ""
    /// The parameters in the order in which they were printed.
    var parameters: [Int] = []
    let dialect: Dialect
    /// Hive's spelling of types is used only where Hive's columns stand.
    var typeDialect = Dialect.trino

    init(_ dialect: Dialect) { self.dialect = dialect }

    public static func format(_ statement: Statement) -> String {
        var formatter = SQLFormatter(statement.dialect)
        formatter.print(statement)
        return formatter.text
    }

    public static func format(_ query: Query) -> String {
        var formatter = SQLFormatter(.trino)
        formatter.print(query)
        return formatter.text
    }

    public static func format(_ expression: Expression) -> String {
        var formatter = SQLFormatter(.trino)
        formatter.print(expression)
        return formatter.text
    }

    public static func format(_ relation: Relation) -> String {
        var formatter = SQLFormatter(.trino)
        formatter.print(relation)
        return formatter.text
    }

    public static func format(_ type: TypeName, dialect: Dialect = .trino) -> String {
        var formatter = SQLFormatter(dialect)
        formatter.typeDialect = dialect
        formatter.print(type)
        return formatter.text
    }

    /// `text` as a string literal of the dialect.
    public static func quote(_ text: String, dialect: Dialect = .trino) -> String {
        var formatter = SQLFormatter(dialect)
        formatter.printString(text)
        return formatter.text
    }

    // MARK: Pieces

    mutating func add(_ words: String) { text += words }

    mutating func list<Element>(_ elements: [Element], _ printElement: (inout SQLFormatter, Element) -> Void) {
        for (index, element) in elements.enumerated() {
            if index > 0 { text += ", " }
            printElement(&self, element)
        }
    }

    mutating func parenthesised<Element>(_ elements: [Element], _ printElement: (inout SQLFormatter, Element) -> Void) {
        text += "("
        list(elements, printElement)
        text += ")"
    }

    mutating func print(_ identifier: Identifier) {
        guard identifier.isDelimited else {
            text += identifier.value
            return
        }
        let quote = dialect == .hive ? "`" : "\""
        text += quote
        for character in identifier.value.unicodeScalars {
            if String(character) == quote { text += quote }
            text.unicodeScalars.append(character)
        }
        text += quote
    }

    mutating func print(_ name: QualifiedName) {
        for (index, part) in name.parts.enumerated() {
            if index > 0 { text += "." }
            print(part)
        }
    }

    mutating func print(_ names: [Identifier]) {
        parenthesised(names) { $0.print($1) }
    }

    mutating func printString(_ value: String) {
        text += "'"
        for scalar in value.unicodeScalars {
            switch (scalar, dialect) {
            case ("'", .trino): text += "''"
            case ("'", .hive): text += "\\'"
            case ("\\", .hive): text += "\\\\"
            case ("\n", .hive): text += "\\n"
            case ("\r", .hive): text += "\\r"
            case ("\t", .hive): text += "\\t"
            case (_, .hive) where scalar.value < 0x20:
                let octal = String(scalar.value, radix: 8)
                text += "\\" + String(repeating: "0", count: 3 - octal.utf8.count) + octal
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "'"
    }

    mutating func printString(_ value: String?, after words: String) {
        guard let value else { return }
        text += " \(words) "
        printString(value)
    }

    mutating func print(_ properties: [TextProperty]) {
        parenthesised(properties) { formatter, property in
            formatter.printString(property.key)
            formatter.add(" = ")
            formatter.printString(property.value)
        }
    }

    mutating func printProperty(_ property: Property) {
        print(property.name)
        add(" = ")
        if let value = property.value { print(value) } else { add("DEFAULT") }
    }

    /// ` WITH (...)`, or nothing.
    mutating func printWith(_ properties: [Property]) {
        if properties.isEmpty { return }
        add(" WITH ")
        parenthesised(properties) { $0.printProperty($1) }
    }

    // MARK: Types

    mutating func print(_ type: TypeName) {
        switch type.kind {
        case .named(let name, let parameters):
            print(name)
            if parameters.isEmpty { return }
            // Hive nests types in angle brackets and puts numbers in parentheses.
            var nests = false
            if typeDialect == .hive, case .type = parameters[0] { nests = true }
            add(nests ? "<" : "(")
            list(parameters) { $0.print($1) }
            add(nests ? ">" : ")")
        case .row(let fields):
            add(typeDialect == .hive ? "struct<" : "ROW(")
            list(fields) { formatter, field in
                if let name = field.name {
                    formatter.print(name)
                    formatter.add(formatter.typeDialect == .hive ? ":" : " ")
                }
                formatter.print(field.type)
                formatter.printString(field.comment, after: "COMMENT")
            }
            add(typeDialect == .hive ? ">" : ")")
        case .time(let precision, let hasZone): printDateTime("TIME", precision, hasZone)
        case .timestamp(let precision, let hasZone): printDateTime("TIMESTAMP", precision, hasZone)
        case .interval(let from, let to):
            add("INTERVAL " + from.rawValue)
            if let to { add(" TO " + to.rawValue) }
        }
    }

    private mutating func printDateTime(_ name: String, _ precision: TypeName.Parameter?, _ hasZone: Bool) {
        add(name)
        if let precision {
            add("(")
            print(precision)
            add(")")
        }
        if hasZone { add(" WITH TIME ZONE") }
    }

    private mutating func print(_ parameter: TypeName.Parameter) {
        switch parameter {
        case .number(let number): add(String(number))
        case .type(let type): print(type)
        }
    }
}

extension Statement {
    /// The dialect that the statement is written in.
    public var dialect: Dialect {
        switch self {
        case .createDatabase, .setDatabaseProperties, .renameDatabase, .dropDatabase, .createExternalTable, .dropTable,
            .alterTable, .repairTable, .describe, .accessControl(.setDatabaseAuthorization):
            .hive
        case .unsupported(_, let text): Parser.dialect(of: text)
        case .show(let show):
            switch show {
            case .catalogs, .session, .stats, .statsForQuery: .trino
            case .createTable, .createView, .createDatabase, .createMaterializedView, .databases, .tables, .views,
                .columns, .partitions, .tableProperties, .functions:
                .hive
            }
        case .explain(let explain): explain.statement.dialect
        case .prepare(_, let statement): statement.dialect
        case .query, .externalFunctionQuery, .createTable, .createTableAs, .truncateTable, .comment, .createView,
            .dropView, .renameView, .alterViewDialect, .createMaterializedView, .refreshMaterializedView,
            .dropMaterializedView, .renameMaterializedView, .setMaterializedViewProperties, .insert, .unload, .delete,
            .update, .merge, .optimize, .vacuum, .analyze, .describeInput, .describeOutput, .use, .setSession,
            .resetSession, .setTimeZone, .setPath, .setSessionAuthorization, .resetSessionAuthorization, .execute,
            .executeImmediate, .deallocate, .startTransaction, .commit, .rollback, .call, .createFunction,
            .dropFunction, .createCatalog, .dropCatalog, .accessControl:
            .trino
        }
    }
}
