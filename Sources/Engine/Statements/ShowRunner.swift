import Functions
import Metastore
import SQLSyntax
import SQLTypes
import Storage

/// SHOW statements.
struct ShowRunner {
    let store: MetastoreStore
    let names: CatalogNames
    let properties: SessionProperties
    let functions: FunctionRegistry
    let constant: (Expression) throws -> (Value, DataType)

    func rows(_ show: Show) throws -> StatementRows {
        switch show {
        case .databases(let catalog, let pattern):
            if let catalog { try names.checkCatalog(catalog.canonical, at: catalog.position) }
            return list("database_name", try store.databaseNames() + ["information_schema"], pattern)
        case .catalogs(let pattern): return list("Catalog", [CatalogNames.catalog], pattern)
        case .tables(let name, let pattern):
            let database = try names.existingDatabase(name)
            return list("tab_name", try store.tableNames(database.name), pattern)
        case .views(let name, let pattern):
            let database = try names.existingDatabase(name)
            let views = try store.tableNames(database.name).filter {
                try store.table(database.name, $0)?.kind == .view
            }
            return list("views", views, pattern)
        case .columns(let name, let pattern):
            let table = try names.existing(name)
            return list("field", (table.storage.columns + table.partitionKeys).map(\.name), pattern)
        case .partitions(let name, let specification): return try partitions(name, specification)
        case .tableProperties(let name, let key): return try tableProperties(name, key)
        case .createTable(let name):
            let table = try names.existing(name)
            guard table.kind != .view else {
                throw QueryError(
                    .notSupported, "'\(table.name)' is a view: use SHOW CREATE VIEW", at: name.position)
            }
            var rows = StatementRows("createtab_stmt")
            for line in TableText.lines(table) { rows.append(line) }
            return rows
        case .createView(let name):
            let table = try names.existing(name)
            guard table.kind == .view, let text = table.viewText else {
                throw QueryError(.notSupported, "'\(table.name)' is a table: use SHOW CREATE TABLE", at: name.position)
            }
            var rows = StatementRows("Create View")
            rows.append("CREATE VIEW \(table.database).\(table.name) AS")
            for line in text.split(separator: "\n", omittingEmptySubsequences: false) { rows.append(String(line)) }
            return rows
        case .createDatabase(let name):
            let database = try names.existingDatabase(name)
            var rows = StatementRows("createdb_stmt")
            rows.append("CREATE DATABASE `\(database.name)`")
            if let comment = database.comment { rows.append("COMMENT \(TableText.quoted(comment))") }
            if let location = database.location { rows.append("LOCATION \(TableText.quoted(location))") }
            return rows
        case .functions(_, let pattern): return functionRows(pattern)
        case .session(let pattern): return sessionRows(pattern)
        case .stats, .statsForQuery: throw QueryError(.notSupported, "SHOW STATS is not supported")
        case .createMaterializedView: throw QueryError(.notSupported, "Materialized views are not supported")
        }
    }

    private func list(_ column: String, _ all: [String], _ pattern: Show.Pattern?) -> StatementRows {
        var rows = StatementRows(column)
        let matches = NamePattern(pattern)
        for name in all.sorted() where matches(name) { rows.append(name) }
        return rows
    }

    private func partitions(_ name: QualifiedName, _ specification: PartitionSpecification?) throws -> StatementRows {
        let table = try names.existingTable(name)
        guard !table.partitionKeys.isEmpty else {
            throw QueryError(
                .notSupported, "Table \(table.database).\(table.name) is not a partitioned table", at: name.position)
        }
        var rows = StatementRows("partition")
        let keys = table.partitionKeys.map(\.name)
        let reader = PartitionSpecificationReader(table: table, constant: constant)
        let conditions = try specification.map { try reader.conditions($0) } ?? []
        let filter = PartitionFilter(
            allowedValues: Dictionary(conditions.map { ($0.key, [$0.text]) }, uniquingKeysWith: { $0.intersection($1) })
        )
        for partition in try store.partitions(table.database, table.name, matching: conditions.isEmpty ? nil : filter) {
            rows.append(PartitionFolder.path(keys: keys, values: partition.values))
        }
        return rows
    }

    private func tableProperties(_ name: QualifiedName, _ key: String?) throws -> StatementRows {
        let table = try names.existingTable(name)
        if let key {
            var rows = StatementRows("prpt_name", "prpt_value")
            rows.append(
                key, table.parameters[key] ?? "Table \(table.database).\(table.name) does not have property: \(key)")
            return rows
        }
        var rows = StatementRows("prpt_name", "prpt_value")
        for (name, value) in table.parameters.sorted(by: { $0.key < $1.key }) { rows.append(name, value) }
        return rows
    }

    private func functionRows(_ pattern: Show.Pattern?) -> StatementRows {
        var rows = StatementRows(
            "Function", "Return Type", "Argument Types", "Function Type", "Deterministic", "Description")
        let matches = NamePattern(pattern)
        var found: [[String]] = []
        func add(_ name: String, _ signature: Signature, _ kind: String, _ isDeterministic: Bool, _ summary: String) {
            guard matches(name) else { return }
            let text = signature.text
            let arrow = text.range(of: " -> ")
            let arguments = arrow.map { String(text[..<$0.lowerBound]) } ?? text
            found.append([
                name, arrow.map { String(text[$0.upperBound...]) } ?? "",
                arguments.hasPrefix("(") && arguments.hasSuffix(")")
                    ? String(arguments.dropFirst().dropLast()) : arguments,
                kind, isDeterministic ? "true" : "false", summary,
            ])
        }
        for (name, overloads) in functions.scalars {
            for function in overloads where !function.isHidden {
                add(name, function.signature, "scalar", function.isDeterministic, function.summary)
            }
        }
        for (name, overloads) in functions.aggregates {
            for function in overloads where !function.isHidden {
                add(name, function.signature, "aggregate", true, function.summary)
            }
        }
        for (name, overloads) in functions.windows {
            for function in overloads { add(name, function.signature, "window", true, function.summary) }
        }
        for row in found.sorted(by: { $0.lexicographicallyPrecedes($1) }) { rows.append(row) }
        return rows
    }

    private func sessionRows(_ pattern: Show.Pattern?) -> StatementRows {
        var rows = StatementRows("Name", "Value", "Default", "Type", "Description")
        let matches = NamePattern(pattern)
        for definition in properties.all where matches(definition.name) {
            rows.append(
                definition.name, properties[definition.name], definition.defaultValue, definition.kind.typeName,
                definition.summary)
        }
        return rows
    }
}

extension String {
    /// The first place of `mark`.
    func range(of mark: String) -> Range<String.Index>? {
        var index = startIndex
        while index < endIndex {
            if self[index...].hasPrefix(mark) { return index..<self.index(index, offsetBy: mark.count) }
            index = self.index(after: index)
        }
        return nil
    }
}
