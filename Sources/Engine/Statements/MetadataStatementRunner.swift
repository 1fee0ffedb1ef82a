import Expressions
import Metastore
import SQLSyntax
import SQLTypes

/// Runs every statement that is not a query: DDL, SHOW, DESCRIBE, session statements. What the engine does not do is
/// refused with NOT_SUPPORTED here, by name.
struct MetadataStatementRunner {
    let session: Session
    let runner: QueryRunner
    let cancellation: Cancellation

    private var store: MetastoreStore { session.engine.store }
    private var names: CatalogNames { CatalogNames(store: store, database: session.database) }

    /// The rows of a statement with a result set, or nil.
    func run(_ parsed: ParsedStatement) throws -> StatementRows? {
        let statement = parsed.statement
        switch statement {
        case .createDatabase(let create): try createDatabase(create)
        case .setDatabaseProperties(let name, let properties):
            var database = try names.existingDatabase(name)
            database.parameters.merge(try CreateTableRunner.properties(properties)) { $1 }
            try store.updateDatabase(database)
        case .dropDatabase(let name, let ifExists, let cascades):
            try store.dropDatabase(try names.databaseName(name), ifExists: ifExists, cascade: cascades)
        case .createExternalTable(let create):
            let (database, name) = try names.split(create.name)
            let table = try CreateTableRunner(statement: create, database: database, name: name).table()
            try store.createTable(table, ifNotExists: create.ifNotExists)
        case .dropTable(let name, let ifExists): try drop(name, ifExists: ifExists, isView: false)
        case .dropView(let name, let ifExists): try drop(name, ifExists: ifExists, isView: true)
        case .createView(let create): try createView(create, parameterCount: parsed.parameterCount)
        case .renameView(let name, let target):
            let view = try names.existing(name)
            guard view.kind == .view else {
                throw QueryError(.notSupported, "'\(view.name)' is not a view", at: name.position)
            }
            let (database, newName) = try names.split(target)
            try store.renameTable(view.database, view.name, to: newName, in: database)
        case .alterTable(let alter):
            try AlterTableRunner(store: store, names: names, constant: runner.constant).run(alter)
        case .repairTable(let name, let mode):
            let repair = RepairRunner(
                store: store, fileSystem: session.engine.fileSystem, locations: runner.locations,
                cancellation: cancellation)
            var rows = StatementRows()
            rows.columns = Self.repairColumns
            for line in try repair.run(try names.existingTable(name), mode) { rows.append(line) }
            return rows
        case .show(let show):
            return try ShowRunner(
                store: store, names: names, properties: session.properties, functions: session.engine.functions,
                constant: runner.constant
            ).rows(show)
        case .describe(let describe): return try self.describe(describe)
        case .describeInput(let name):
            var rows = StatementRows("Position", "Type")
            let types = try session.describe(session.preparedStatement(name).sql).parameters
            for (index, type) in types.enumerated() { rows.append(String(index), type.displayName) }
            return rows
        case .describeOutput(let name):
            var rows = StatementRows("Column Name", "Type")
            for column in try session.describe(session.preparedStatement(name).sql).columns {
                rows.append(column.name, column.type.displayName)
            }
            return rows
        case .use(let catalog, let database):
            if let catalog { try names.checkCatalog(catalog.canonical, at: catalog.position) }
            do { try session.use(database.canonical) } catch let error as QueryError {
                throw error.at(database.position)
            }
        case .setSession(let name, let expression): try setSession(name, expression)
        case .resetSession(let name): try session.properties.reset(name.displayName)
        case .setTimeZone(let expression):
            guard let expression else {
                try session.properties.reset("timezone")
                return nil
            }
            let (value, type) = try runner.constant(expression)
            try session.properties.set("timezone", ValueText.print(value, type))
        case .prepare(let name, let inner): try prepare(name, inner)
        case .deallocate(let name):
            guard try store.deletePreparedStatement(session.workgroup, name.canonical) else {
                throw QueryError(.notFound, "Prepared statement not found: \(name.value)", at: name.position)
            }
        case .query, .explain, .execute, .executeImmediate:
            throw QueryError(.genericInternalError, "A query reached the runner of metadata statements")
        case .externalFunctionQuery, .renameDatabase, .createTable, .createTableAs, .truncateTable, .comment,
            .alterViewDialect, .createMaterializedView, .refreshMaterializedView, .dropMaterializedView,
            .renameMaterializedView, .setMaterializedViewProperties, .insert, .unload, .delete, .update, .merge,
            .optimize, .vacuum, .analyze, .setPath, .setSessionAuthorization, .resetSessionAuthorization,
            .startTransaction, .commit, .rollback, .call, .createFunction, .dropFunction, .createCatalog, .dropCatalog,
            .accessControl, .unsupported:
            throw QueryError(.notSupported, "\(statement.displayName) is not supported")
        }
        return nil
    }

    private func createDatabase(_ create: CreateDatabase) throws {
        guard create.trinoProperties.isEmpty else {
            throw QueryError(
                .notSupported, "Use WITH DBPROPERTIES ('key' = 'value') and LOCATION instead of WITH (...)",
                at: create.name.position)
        }
        try store.createDatabase(
            Database(
                name: try names.databaseName(create.name), comment: create.comment, location: create.location,
                parameters: try CreateTableRunner.properties(create.properties)),
            ifNotExists: create.ifNotExists)
    }

    private func drop(_ name: QualifiedName, ifExists: Bool, isView: Bool) throws {
        let (database, table) = try names.split(name)
        guard let found = try store.table(database, table) else {
            if ifExists { return }
            _ = try names.existing(name)
            return
        }
        if isView, found.kind != .view {
            throw QueryError(.notSupported, "'\(table)' is a table: use DROP TABLE", at: name.position)
        }
        if !isView, found.kind == .view {
            throw QueryError(.notSupported, "'\(table)' is a view: use DROP VIEW", at: name.position)
        }
        try store.dropTable(database, table)
    }

    private func createView(_ create: CreateView, parameterCount: Int) throws {
        let (database, name) = try names.split(create.name)
        guard try store.database(database) != nil else {
            _ = try names.existingDatabase(
                create.name.parts.count > 1 ? QualifiedName(Array(create.name.parts.dropLast())) : nil)
            return
        }
        guard parameterCount == 0 else {
            throw QueryError(.invalidParameterUsage, "A view may not contain parameters", at: create.name.position)
        }
        let old = try store.table(database, name)
        if let old {
            guard create.orReplace else {
                throw QueryError(
                    .tableAlreadyExists, "View already exists: '\(CatalogNames.catalog).\(database).\(name)'",
                    at: create.name.position)
            }
            guard old.kind == .view else {
                throw QueryError(.tableAlreadyExists, "'\(name)' is a table, not a view", at: create.name.position)
            }
        }
        let columns = try runner.describe(create.query, parameterCount: 0).0
        var seen: Set<String> = []
        for column in columns where !seen.insert(column.name.lowercased()).inserted {
            throw QueryError(
                .duplicateColumnName, "Column name '\(column.name)' specified more than once", at: create.name.position)
        }
        let text = SQLFormatter.format(create.query)
        let storage = StorageDescriptor(
            location: "", inputFormat: "", outputFormat: "", serde: "",
            columns: columns.map { CatalogColumn(name: $0.name.lowercased(), typeName: $0.type.viewName) })
        let view = Table(
            database: database, name: name, kind: .view, storage: storage,
            parameters: ["comment": "Presto View", "presto_view": "true"], comment: create.comment, owner: session.user,
            viewText: text, viewDatabase: session.database, createdAt: old?.createdAt ?? 0)
        if old == nil { try store.createTable(view) } else { try store.updateTable(view) }
    }

    private func describe(_ describe: Describe) throws -> StatementRows {
        let table = try names.existing(describe.table)
        if let specification = describe.partition {
            let reader = PartitionSpecificationReader(table: table, constant: runner.constant)
            let values = try reader.values(specification, at: describe.table.position)
            guard let partition = try store.partition(table.database, table.name, values: values) else {
                throw QueryError(
                    .notFound, "Partition (\(values.joined(separator: ", "))) does not exist",
                    at: describe.table.position)
            }
            var shown = table
            shown.storage = partition.storage
            return DescribeRunner(table: shown).rows(describe.style)
        }
        if !describe.columnPath.isEmpty { return try DescribeRunner(table: table).rows(path: describe.columnPath) }
        return DescribeRunner(table: table).rows(describe.style)
    }

    private func setSession(_ name: QualifiedName, _ expression: SQLSyntax.Expression) throws {
        let (value, type) = try runner.constant(expression)
        guard !value.isNull else {
            throw QueryError(
                .invalidSessionProperty, "Session property '\(name.displayName)' cannot be NULL", at: name.position)
        }
        do {
            try session.properties.set(name.displayName, ValueText.print(value, type))
        } catch let error as QueryError {
            throw error.at(name.position)
        }
    }

    static let repairColumns = [ResultColumn(name: "result", type: .varcharUnbounded)]

    static func checkIsPreparable(_ statement: Statement) throws {
        switch statement {
        case .query, .insert, .createTableAs, .unload, .explain, .delete, .update, .merge: break
        default: throw QueryError(.notSupported, "\(statement.displayName) cannot be prepared")
        }
    }

    private func prepare(_ name: Identifier, _ inner: Statement) throws {
        do { try Self.checkIsPreparable(inner) } catch let error as QueryError { throw error.at(name.position) }
        try store.savePreparedStatement(
            PreparedStatementRecord(
                workgroup: session.workgroup, name: name.canonical, sql: SQLFormatter.format(inner)))
    }
}

extension DataType {
    /// How the catalog spells a view's column: Hive's name where Hive has the type, else Trino's.
    var viewName: String { isStorableInHive ? hiveName : displayName }
}
