import SQLTypes

/// SHOW, DESCRIBE, routines, catalogs, access control
extension SQLFormatter {
    mutating func print(_ show: Show) {
        add("SHOW ")
        switch show {
        case .createTable(let name): add("CREATE TABLE ", name)
        case .createView(let name): add("CREATE VIEW ", name)
        case .createDatabase(let name): add("CREATE DATABASE ", name)
        case .createMaterializedView(let name): add("CREATE MATERIALIZED VIEW ", name)
        case .databases(let catalog, let pattern):
            add("DATABASES")
            if let catalog { add(" FROM ", catalog) }
            print(pattern)
        case .catalogs(let pattern):
            add("CATALOGS")
            print(pattern)
        case .tables(let database, let pattern):
            add("TABLES")
            print(database, pattern)
        case .views(let database, let pattern):
            add("VIEWS")
            print(database, pattern)
        case .columns(let name, let pattern):
            add("COLUMNS FROM ", name)
            print(pattern)
        case .partitions(let name, let specification):
            add("PARTITIONS ", name)
            if let specification {
                add(" PARTITION ")
                print(specification)
            }
        case .tableProperties(let name, let key):
            add("TBLPROPERTIES ", name)
            if let key {
                add(" (")
                printString(key)
                add(")")
            }
        case .functions(let database, let pattern):
            add("FUNCTIONS")
            print(database, pattern)
        case .session(let pattern):
            add("SESSION")
            print(pattern)
        case .stats(let name): add("STATS FOR ", name)
        case .statsForQuery(let query):
            add("STATS FOR ")
            printInParentheses(query)
        }
    }

    private mutating func print(_ database: QualifiedName?, _ pattern: Show.Pattern?) {
        if let database { add(" IN ", database) }
        print(pattern)
    }

    private mutating func print(_ pattern: Show.Pattern?) {
        guard let pattern else { return }
        add(pattern.isLike ? " LIKE " : " ")
        printString(pattern.text)
        printString(pattern.escape, after: "ESCAPE")
    }

    mutating func print(_ describe: Describe) {
        add("DESCRIBE ")
        if describe.style != .plain { add(describe.style.rawValue + " ") }
        print(describe.table)
        if let partition = describe.partition {
            add(" PARTITION ")
            print(partition)
        }
        if !describe.columnPath.isEmpty { add(" ", QualifiedName(describe.columnPath)) }
    }

    // MARK: Routines and catalogs

    mutating func printRoutineStatement(_ statement: Statement) {
        switch statement {
        case .call(let name, let arguments):
            add("CALL ", name)
            print(arguments)
        case .createFunction(let specification, let orReplace):
            add(orReplace ? "CREATE OR REPLACE " : "CREATE ")
            print(specification)
        case .dropFunction(let name, let parameters, let ifExists):
            add(ifExists ? "DROP FUNCTION IF EXISTS " : "DROP FUNCTION ", name)
            print(parameters)
        case .createCatalog(let create):
            add(create.ifNotExists ? "CREATE CATALOG IF NOT EXISTS " : "CREATE CATALOG ", create.name)
            add(" USING ", create.connector)
            printString(create.comment, after: "COMMENT")
            if let authorization = create.authorization {
                add(" AUTHORIZATION ")
                print(authorization)
            }
            printWith(create.properties)
        case .dropCatalog(let name, let ifExists, let cascades):
            add(ifExists ? "DROP CATALOG IF EXISTS " : "DROP CATALOG ", name)
            if let cascades { add(cascades ? " CASCADE" : " RESTRICT") }
        default: break
        }
    }

    mutating func print(_ arguments: [CallArgument]) {
        parenthesised(arguments) { formatter, argument in
            if let name = argument.name {
                formatter.print(name)
                formatter.add(" => ")
            }
            formatter.print(argument.value)
        }
    }

    mutating func print(_ parameters: [FunctionParameter]) {
        parenthesised(parameters) { formatter, parameter in
            if let name = parameter.name {
                formatter.print(name)
                formatter.add(" ")
            }
            formatter.print(parameter.type)
        }
    }

    mutating func print(_ specification: FunctionSpecification) {
        add("FUNCTION ", specification.name)
        print(specification.parameters)
        add(" RETURNS ")
        print(specification.returns)
        for characteristic in specification.characteristics {
            switch characteristic {
            case .language(let name): add(" LANGUAGE ", name)
            case .deterministic(let isDeterministic): add(isDeterministic ? " DETERMINISTIC" : " NOT DETERMINISTIC")
            case .returnsNullOnNullInput: add(" RETURNS NULL ON NULL INPUT")
            case .calledOnNullInput: add(" CALLED ON NULL INPUT")
            case .security(let security): add(" SECURITY " + security.rawValue)
            case .comment(let text): printString(text, after: "COMMENT")
            }
        }
        add(" ")
        print(specification.body)
    }

    private mutating func print(_ statements: [ControlStatement]) {
        for statement in statements {
            print(statement)
            add("; ")
        }
    }

    private mutating func print(_ branches: [ControlStatement.Branch], first: String, next: String) {
        for (index, branch) in branches.enumerated() {
            add(index == 0 ? first : next)
            print(branch.condition)
            add(" THEN ")
            print(branch.statements)
        }
    }

    private mutating func printOtherwise(_ statements: [ControlStatement]?) {
        guard let statements else { return }
        add("ELSE ")
        print(statements)
    }

    private mutating func printLabel(_ label: Identifier?) {
        guard let label else { return }
        print(label)
        add(": ")
    }

    private mutating func print(_ statement: ControlStatement) {
        switch statement {
        case .return(let value):
            add("RETURN ")
            printValue(value)
        case .assignment(let name, let value):
            add("SET ", name)
            add(" = ")
            print(value)
        case .simpleCase(let operand, let branches, let otherwise):
            add("CASE ")
            print(operand)
            add(" ")
            print(branches, first: "WHEN ", next: "WHEN ")
            printOtherwise(otherwise)
            add("END CASE")
        case .searchedCase(let branches, let otherwise):
            add("CASE ")
            print(branches, first: "WHEN ", next: "WHEN ")
            printOtherwise(otherwise)
            add("END CASE")
        case .if(let branches, let otherwise):
            print(branches, first: "IF ", next: "ELSEIF ")
            printOtherwise(otherwise)
            add("END IF")
        case .iterate(let label): add("ITERATE ", label)
        case .leave(let label): add("LEAVE ", label)
        case .block(let declarations, let statements):
            add("BEGIN ")
            for declaration in declarations {
                add("DECLARE ")
                list(declaration.names) { $0.print($1) }
                add(" ")
                print(declaration.type)
                if let initial = declaration.initial {
                    add(" DEFAULT ")
                    printValue(initial)
                }
                add("; ")
            }
            print(statements)
            add("END")
        case .loop(let label, let statements):
            printLabel(label)
            add("LOOP ")
            print(statements)
            add("END LOOP")
        case .whileLoop(let label, let condition, let statements):
            printLabel(label)
            add("WHILE ")
            print(condition)
            add(" DO ")
            print(statements)
            add("END WHILE")
        case .repeatLoop(let label, let statements, let condition):
            printLabel(label)
            add("REPEAT ")
            print(statements)
            add("UNTIL ")
            print(condition)
            add(" END REPEAT")
        }
    }
}
