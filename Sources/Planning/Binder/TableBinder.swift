import Expressions
import Metastore
import SQLSyntax
import SQLTypes

/// Binds a table's name: a WITH query, a view, a table of files, `"t$partitions"` or a table of information_schema.
struct TableBinder {
    let context: BindingContext
    let environment: BindingEnvironment

    static let informationSchema = "information_schema"

    func bind(_ name: QualifiedName) throws -> BoundRelation {
        if name.parts.count == 1, let table = environment.commonTables[name.last.canonical] {
            let (plan, columns) = try table.bindReference(context: context)
            return BoundRelation(
                plan: plan,
                fields: zip(table.columns, columns).map { column, reference in
                    Scope.Field(relation: [table.name], name: column.name, column: reference)
                })
        }
        let (database, table) = try qualify(name)
        let relation = [context.session.catalog, database, table]
        if database == Self.informationSchema {
            guard let provider = try context.session.metadata?.informationSchemaTable(table) else {
                let names = context.session.metadata?.informationSchemaTableNames() ?? []
                throw notFound(name, relation, near: names)
            }
            return scan(provider, database: database, name: table, relation)
        }
        if let found = try context.catalog.table(database, table) { return try bind(found, name, relation) }
        if let dollar = table.lastIndex(of: "$"), dollar != table.startIndex,
            let base = try context.catalog.table(database, String(table[..<dollar])),
            let provider = try context.session.metadata?.metadataTable(
                of: base, kind: String(table[table.index(after: dollar)...]))
        {
            return scan(provider, database: database, name: table, relation)
        }
        guard try context.catalog.database(database) != nil else {
            let near = NearNames.hint(database, among: try context.catalog.databaseNames())
            throw QueryError(.schemaNotFound, "Schema '\(database)' does not exist" + near, at: name.position)
        }
        let names = try context.catalog.tableNames(database) + environment.commonTables.keys
        throw notFound(name, relation, near: names)
    }

    private func notFound(_ name: QualifiedName, _ relation: [String], near names: [String]) -> QueryError {
        QueryError(
            .tableNotFound,
            "Table '\(relation.joined(separator: "."))' does not exist"
                + NearNames.hint(relation[2], among: names),
            at: name.position)
    }

    /// Database and table of a name of one to three parts.
    private func qualify(_ name: QualifiedName) throws -> (database: String, table: String) {
        let parts = name.canonicalParts
        switch parts.count {
        case 1:
            guard let database = environment.database else {
                throw QueryError(
                    .missingSchemaName, "Schema must be specified when session schema is not set", at: name.position)
            }
            return (database.lowercased(), parts[0])
        case 2: return (parts[0], parts[1])
        case 3:
            guard parts[0] == context.session.catalog || context.session.catalogAliases.contains(parts[0]) else {
                throw QueryError(.catalogNotFound, "Catalog '\(parts[0])' does not exist", at: name.position)
            }
            return (parts[1], parts[2])
        default:
            throw QueryError(.syntaxError, "Too many dots in table name: \(name.displayName)", at: name.position)
        }
    }

    // MARK: Tables of files

    private func bind(_ table: Table, _ name: QualifiedName, _ relation: [String]) throws -> BoundRelation {
        if table.kind == .view {
            return try ViewBinder(context: context).bind(table, at: name.position, relation)
        }
        let types = TableTypes(timestampPrecision: context.session.timestampPrecision)
        var columns: [TableScan.Column] = []
        var fields: [Scope.Field] = []
        func add(_ column: CatalogColumn, _ source: TableScan.Source) throws {
            let type: DataType
            do { type = try types.type(of: column) } catch let error as QueryError { throw error.at(name.position) }
            let reference = context.columns.make(column.name, type)
            columns.append(TableScan.Column(reference, source))
            fields.append(Scope.Field(relation: relation, name: column.name, column: reference))
        }
        for (index, column) in table.storage.columns.enumerated() { try add(column, .data(index)) }
        for (index, key) in table.partitionKeys.enumerated() { try add(key, .partitionKey(index)) }
        for (hidden, type) in TableTypes.hiddenColumns where hidden != "$partition" || !table.partitionKeys.isEmpty {
            let reference = context.columns.make(hidden, type)
            context.hiddenColumns.insert(reference.id)
            columns.append(TableScan.Column(reference, .hidden(hidden)))
            fields.append(Scope.Field(relation: relation, name: hidden, column: reference, isHidden: true))
        }
        return BoundRelation(plan: .scan(TableScan(table: table, columns: columns)), fields: fields)
    }

    // MARK: Tables without files

    private func scan(
        _ provider: any MetadataTable, database: String, name: String, _ relation: [String]
    ) -> BoundRelation {
        let storage = StorageDescriptor(location: "", inputFormat: "", outputFormat: "", serde: "", columns: [])
        let table = Table(database: database, name: name, kind: .external, storage: storage)
        var columns: [TableScan.Column] = []
        var fields: [Scope.Field] = []
        for (index, column) in provider.columns.enumerated() {
            let reference = context.columns.make(column.name, column.type)
            columns.append(TableScan.Column(reference, .data(index)))
            fields.append(Scope.Field(relation: relation, name: column.name, column: reference))
        }
        return BoundRelation(
            plan: .scan(TableScan(table: table, columns: columns, provider: provider)), fields: fields)
    }
}

/// Types of a table's columns as queries see them.
struct TableTypes {
    let timestampPrecision: Int

    /// Columns that every table of files has, in order.
    static let hiddenColumns: [(name: String, type: DataType)] = [
        ("$path", .varchar(length: nil)), ("$file_size", .bigint),
        ("$file_modified_time", .timestampWithTimeZone(precision: 3)), ("$partition", .varchar(length: nil)),
    ]

    func type(of column: CatalogColumn) throws -> DataType {
        do {
            return adjust(try column.dataType())
        } catch let error as QueryError {
            throw QueryError(
                .hiveInvalidMetadata, "Column '\(column.name)' has the type '\(column.typeName)': \(error.message)")
        }
    }

    /// Hive's `timestamp` has the session's precision, at any depth.
    private func adjust(_ type: DataType) -> DataType {
        switch type {
        case .timestamp: .timestamp(precision: timestampPrecision)
        case .array(let element): .array(adjust(element))
        case .map(let key, let value): .map(key: adjust(key), value: adjust(value))
        case .row(let fields): .row(fields.map { RowField(name: $0.name, type: adjust($0.type)) })
        default: type
        }
    }
}
