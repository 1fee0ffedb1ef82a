import Metastore
import SQLSyntax
import SQLTypes

/// Resolves the names of statements against the catalog, with errors that list near names.
struct CatalogNames {
    let store: MetastoreStore
    /// The session's database.
    let database: String

    static let catalog = "awsdatacatalog"
    static let catalogAliases: Set<String> = ["hive", "glue", "awsdatacatalog"]

    /// Database and table of a one- to three-part name; the table need not exist.
    func split(_ name: QualifiedName) throws -> (database: String, table: String) {
        let parts = name.canonicalParts
        switch parts.count {
        case 1: return (database, parts[0])
        case 2: return (parts[0], parts[1])
        case 3:
            try checkCatalog(parts[0], at: name.position)
            return (parts[1], parts[2])
        default:
            throw QueryError(.syntaxError, "Too many dots in table name: \(name.displayName)", at: name.position)
        }
    }

    /// Database of a one- or two-part name.
    func databaseName(_ name: QualifiedName?) throws -> String {
        guard let name else { return database }
        let parts = name.canonicalParts
        guard parts.count <= 2 else {
            throw QueryError(.syntaxError, "Too many parts in schema name: \(name.displayName)", at: name.position)
        }
        if parts.count == 2 { try checkCatalog(parts[0], at: name.position) }
        return parts[parts.count - 1]
    }

    func checkCatalog(_ catalog: String, at position: SourcePosition) throws {
        guard Self.catalogAliases.contains(catalog) else {
            throw QueryError(
                .catalogNotFound, "Catalog '\(catalog)' does not exist; the only one is \(Self.catalog)", at: position)
        }
    }

    func existingDatabase(_ name: QualifiedName?) throws -> Database {
        let wanted = try databaseName(name)
        if let found = try store.database(wanted) { return found }
        throw QueryError(
            .schemaNotFound,
            "Schema '\(wanted)' does not exist" + NearNames.hint(wanted, among: try store.databaseNames()),
            at: name?.position)
    }

    /// The table or view of a name.
    func existing(_ name: QualifiedName) throws -> Table {
        let (database, table) = try split(name)
        if let found = try store.table(database, table) { return found }
        guard try store.database(database) != nil else {
            throw QueryError(
                .schemaNotFound,
                "Schema '\(database)' does not exist" + NearNames.hint(database, among: try store.databaseNames()),
                at: name.position)
        }
        throw QueryError(
            .tableNotFound,
            "Table '\(Self.catalog).\(database).\(table)' does not exist"
                + NearNames.hint(table, among: try store.tableNames(database)),
            at: name.position)
    }

    /// A table that is not a view.
    func existingTable(_ name: QualifiedName) throws -> Table {
        let table = try existing(name)
        guard table.kind != .view else {
            throw QueryError(
                .notSupported, "'\(table.database).\(table.name)' is a view, and this statement needs a table",
                at: name.position)
        }
        return table
    }
}
