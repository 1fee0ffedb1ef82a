import Metastore
import Planning
import SQLTypes
import Storage

/// Tables without files: `information_schema.*`, `"t$partitions"` and `"t$properties"`.
struct CatalogMetadata: MetadataTableProvider {
    let store: MetastoreStore

    func informationSchemaTableNames() -> [String] { ["columns", "schemata", "tables", "views"] }

    func informationSchemaTable(_ name: String) throws -> (any MetadataTable)? {
        InformationSchemaTable(rawValue: name).map { CatalogListing(store: store, table: $0) }
    }

    func metadataTable(of table: Table, kind: String) throws -> (any MetadataTable)? {
        switch kind {
        case "partitions" where !table.partitionKeys.isEmpty:
            return PartitionsTable(
                store: store, table: table,
                columns: try table.partitionKeys.map {
                    SchemaColumn(name: $0.name, type: try $0.dataType())
                })
        case "properties":
            return PropertiesTable(parameters: table.parameters)
        default: return nil
        }
    }
}

enum InformationSchemaTable: String {
    case schemata, tables, columns, views

    var columnNames: [String] {
        switch self {
        case .schemata: ["catalog_name", "schema_name"]
        case .tables: ["table_catalog", "table_schema", "table_name", "table_type"]
        case .columns:
            [
                "table_catalog", "table_schema", "table_name", "column_name", "ordinal_position", "column_default",
                "is_nullable", "data_type", "comment", "extra_info",
            ]
        case .views: ["table_catalog", "table_schema", "table_name", "view_definition"]
        }
    }
}

/// Rows of one information_schema table, read from the catalog when the query runs.
private struct CatalogListing: MetadataTable {
    let store: MetastoreStore
    let table: InformationSchemaTable

    var columns: [SchemaColumn] {
        table.columnNames.map {
            SchemaColumn(name: $0, type: $0 == "ordinal_position" ? .bigint : .varcharUnbounded)
        }
    }

    func rows() throws -> [[Value]] {
        let catalog = Value.string(CatalogNames.catalog)
        let databases = try store.databaseNames()
        if table == .schemata { return (databases + ["information_schema"]).map { [catalog, .string($0)] } }
        var rows: [[Value]] = []
        for database in databases {
            for name in try store.tableNames(database) {
                guard let entry = try store.table(database, name) else { continue }
                let head = [catalog, Value.string(database), .string(name)]
                switch table {
                case .schemata: break
                case .tables: rows.append(head + [.string(entry.kind == .view ? "VIEW" : "BASE TABLE")])
                case .views:
                    if entry.kind == .view { rows.append(head + [.string(entry.viewText ?? "")]) }
                case .columns: rows += columnRows(entry, head)
                }
            }
        }
        return rows
    }

    private func columnRows(_ entry: Table, _ head: [Value]) -> [[Value]] {
        let keys = Set(entry.partitionKeys.map(\.name))
        return (entry.storage.columns + entry.partitionKeys).enumerated().map { index, column in
            let type = (try? column.dataType().displayName) ?? column.typeName
            return head + [
                .string(column.name), .int(Int64(index + 1)), .null, .string("YES"), .string(type),
                column.comment.map(Value.string) ?? .null,
                keys.contains(column.name) ? .string("partition key") : .null,
            ]
        }
    }
}

/// `"t$partitions"`: one row per partition, one column per key.
private struct PartitionsTable: MetadataTable {
    let store: MetastoreStore
    let table: Table
    let columns: [SchemaColumn]

    func rows() throws -> [[Value]] {
        try store.partitions(table.database, table.name, matching: nil).map { partition in
            try zip(partition.values, columns).map { try PartitionText.value($0, $1.type) }
        }
    }
}

/// `"t$properties"`: one row, one column per property.
private struct PropertiesTable: MetadataTable {
    let parameters: [String: String]

    var columns: [SchemaColumn] { parameters.keys.sorted().map { SchemaColumn(name: $0, type: .varcharUnbounded) } }
    func rows() throws -> [[Value]] { [parameters.sorted { $0.key < $1.key }.map { .string($0.value) }] }
}
