import SQLTypes

/// statements, by area
extension SQLFormatter {
    mutating func print(_ statement: Statement) {
        switch statement {
        case .query(let query): print(query)
        case .externalFunctionQuery(let functions, let query):
            add("USING ")
            list(functions) { formatter, function in
                formatter.add("EXTERNAL FUNCTION ")
                formatter.print(function.name)
                formatter.print(function.parameters)
                formatter.add(" RETURNS ")
                formatter.print(function.returns)
                formatter.printString(function.lambda, after: "LAMBDA")
            }
            add(" ")
            print(query)
        case .explain(let explain): print(explain)
        case .createDatabase, .setDatabaseProperties, .renameDatabase, .dropDatabase, .createExternalTable,
            .createTable, .createTableAs, .dropTable, .truncateTable, .alterTable, .repairTable, .comment:
            printTableStatement(statement)
        case .createView, .dropView, .renameView, .alterViewDialect, .createMaterializedView,
            .refreshMaterializedView, .dropMaterializedView, .renameMaterializedView, .setMaterializedViewProperties:
            printViewStatement(statement)
        case .insert, .unload, .delete, .update, .merge, .optimize, .vacuum, .analyze:
            printDataStatement(statement)
        case .show(let show): print(show)
        case .describe(let describe): print(describe)
        case .describeInput(let name): add("DESCRIBE INPUT ", name)
        case .describeOutput(let name): add("DESCRIBE OUTPUT ", name)
        case .use, .setSession, .resetSession, .setTimeZone, .setPath, .setSessionAuthorization,
            .resetSessionAuthorization, .prepare, .execute, .executeImmediate, .deallocate, .startTransaction,
            .commit, .rollback:
            printSessionStatement(statement)
        case .call, .createFunction, .dropFunction, .createCatalog, .dropCatalog:
            printRoutineStatement(statement)
        case .accessControl(let statement): print(statement)
        case .unsupported(_, let text): add(text)
        }
    }

    mutating func add(_ words: String, _ name: Identifier) {
        add(words)
        print(name)
    }

    mutating func add(_ words: String, _ name: QualifiedName) {
        add(words)
        print(name)
    }

    private mutating func print(_ explain: Explain) {
        add("EXPLAIN ")
        if explain.isAnalyze { add("ANALYZE ") }
        if explain.isVerbose { add("VERBOSE ") }
        let options = [explain.format.map { "FORMAT " + $0.rawValue }, explain.type.map { "TYPE " + $0.rawValue }]
        let written = options.compactMap { $0 }
        if !written.isEmpty { add("(\(written.joined(separator: ", "))) ") }
        print(explain.statement)
    }

    // MARK: Session

    private mutating func printSessionStatement(_ statement: Statement) {
        switch statement {
        case .use(let catalog, let database):
            add("USE ")
            if let catalog {
                print(catalog)
                add(".")
            }
            print(database)
        case .setSession(let name, let value):
            add("SET SESSION ", name)
            add(" = ")
            print(value)
        case .resetSession(let name): add("RESET SESSION ", name)
        case .setTimeZone(let zone):
            add("SET TIME ZONE ")
            if let zone { print(zone) } else { add("LOCAL") }
        case .setPath(let elements):
            add("SET PATH ")
            list(elements) { $0.print($1) }
        case .setSessionAuthorization(let user): add("SET SESSION AUTHORIZATION ", user)
        case .resetSessionAuthorization: add("RESET SESSION AUTHORIZATION")
        case .prepare(let name, let statement):
            add("PREPARE ", name)
            add(" FROM ")
            print(statement)
        case .execute(let name, let parameters):
            add("EXECUTE ", name)
            printUsing(parameters)
        case .executeImmediate(let text, _, let parameters):
            add("EXECUTE IMMEDIATE ")
            printString(text)
            printUsing(parameters)
        case .deallocate(let name): add("DEALLOCATE PREPARE ", name)
        case .startTransaction(let modes):
            add("START TRANSACTION")
            if !modes.isEmpty { add(" " + modes.map(\.rawValue).joined(separator: ", ")) }
        case .commit: add("COMMIT")
        case .rollback: add("ROLLBACK")
        default: break
        }
    }

    private mutating func printUsing(_ parameters: [Expression]) {
        if parameters.isEmpty { return }
        add(" USING ")
        list(parameters) { $0.print($1) }
    }

    // MARK: Data

    private mutating func printDataStatement(_ statement: Statement) {
        switch statement {
        case .insert(let insert):
            add(insert.overwrites ? "INSERT OVERWRITE " : "INSERT INTO ", insert.table)
            add(" ")
            if let columns = insert.columns {
                print(columns)
                add(" ")
            }
            print(insert.query)
        case .unload(let unload):
            add("UNLOAD ")
            printInParentheses(unload.query)
            printString(unload.location, after: "TO")
            printWith(unload.properties)
        case .delete(let table, let condition):
            add("DELETE FROM ", table)
            printWhere(condition)
        case .update(let update):
            add("UPDATE ", update.table)
            add(" SET ")
            list(update.assignments) { $0.print($1) }
            printWhere(update.whereCondition)
        case .merge(let merge): print(merge)
        case .optimize(let table, let condition):
            add("OPTIMIZE ", table)
            add(" REWRITE DATA USING BIN_PACK")
            printWhere(condition)
        case .vacuum(let table): add("VACUUM ", table)
        case .analyze(let table, let properties):
            add("ANALYZE ", table)
            printWith(properties)
        default: break
        }
    }

    private mutating func print(_ assignment: Assignment) {
        print(assignment.column)
        add(" = ")
        print(assignment.value)
    }

    private mutating func print(_ merge: Merge) {
        add("MERGE INTO ", merge.table)
        if let alias = merge.alias { add(" AS ", alias) }
        add(" USING ")
        print(merge.source)
        add(" ON ")
        print(merge.condition)
        for clause in merge.clauses {
            if case .insert = clause.action { add(" WHEN NOT MATCHED") } else { add(" WHEN MATCHED") }
            if let condition = clause.condition {
                add(" AND ")
                print(condition)
            }
            add(" THEN ")
            switch clause.action {
            case .delete: add("DELETE")
            case .update(let assignments):
                add("UPDATE SET ")
                list(assignments) { $0.print($1) }
            case .insert(let columns, let values):
                add("INSERT ")
                if !columns.isEmpty {
                    print(columns)
                    add(" ")
                }
                add("VALUES ")
                parenthesised(values) { $0.print($1) }
            }
        }
    }

    // MARK: Views

    private mutating func printViewStatement(_ statement: Statement) {
        switch statement {
        case .createView(let view):
            add(view.orReplace ? "CREATE OR REPLACE " : "CREATE ")
            if view.isMultiDialect { add("PROTECTED MULTI DIALECT ") }
            add("VIEW ", view.name)
            printString(view.comment, after: "COMMENT")
            if let security = view.security { add(" SECURITY " + security.rawValue) }
            add(" AS ")
            print(view.query)
        case .dropView(let name, let ifExists): add(ifExists ? "DROP VIEW IF EXISTS " : "DROP VIEW ", name)
        case .renameView(let name, let new):
            add("ALTER VIEW ", name)
            add(" RENAME TO ", new)
        case .alterViewDialect(let alter):
            add("ALTER VIEW ", alter.name)
            if alter.isForced { add(" FORCE") }
            switch alter.action {
            case .drop: add(" DROP DIALECT")
            case .add(let query):
                add(" ADD DIALECT AS ")
                print(query)
            case .update(let query):
                add(" UPDATE DIALECT AS ")
                print(query)
            }
        case .createMaterializedView(let view):
            add(view.orReplace ? "CREATE OR REPLACE MATERIALIZED VIEW " : "CREATE MATERIALIZED VIEW ")
            if view.ifNotExists { add("IF NOT EXISTS ") }
            print(view.name)
            if let period = view.gracePeriod {
                add(" GRACE PERIOD ")
                print(period)
            }
            printString(view.comment, after: "COMMENT")
            printWith(view.properties)
            add(" AS ")
            print(view.query)
        case .refreshMaterializedView(let name): add("REFRESH MATERIALIZED VIEW ", name)
        case .dropMaterializedView(let name, let ifExists):
            add(ifExists ? "DROP MATERIALIZED VIEW IF EXISTS " : "DROP MATERIALIZED VIEW ", name)
        case .renameMaterializedView(let name, let new, let ifExists):
            add(ifExists ? "ALTER MATERIALIZED VIEW IF EXISTS " : "ALTER MATERIALIZED VIEW ", name)
            add(" RENAME TO ", new)
        case .setMaterializedViewProperties(let name, let properties):
            add("ALTER MATERIALIZED VIEW ", name)
            add(" SET PROPERTIES ")
            list(properties) { $0.printProperty($1) }
        default: break
        }
    }
}
