import Metastore
import SQLSyntax
import SQLTypes
import Storage

/// ALTER TABLE of Hive tables.
struct AlterTableRunner {
    let store: MetastoreStore
    let names: CatalogNames
    let constant: (Expression) throws -> (Value, DataType)

    func run(_ statement: AlterTable) throws {
        let (database, name) = try names.split(statement.name)
        if statement.ifExists, try store.table(database, name) == nil { return }
        let table = try names.existingTable(statement.name)
        let position = statement.name.position
        let reader = PartitionSpecificationReader(table: table, constant: constant)
        switch statement.action {
        case .addPartitions(let added, let ifNotExists):
            let partitions = try added.map { item in
                let values = try reader.values(item.specification, at: position)
                return Partition(values: values, storage: storage(table, values, item.location))
            }
            try store.addPartitions(table.database, table.name, partitions, ifNotExists: ifNotExists)
        case .dropPartitions(let specifications, let ifExists):
            try dropPartitions(table, specifications, ifExists: ifExists, reader)
        case .renamePartition(let target):
            guard let source = statement.partition else {
                throw QueryError(.syntaxError, "RENAME TO PARTITION needs a PARTITION clause", at: position)
            }
            try renamePartition(
                table, from: try reader.values(source, at: position), to: try reader.values(target, at: position))
        case .setLocation(let location):
            try update(table, statement.partition, reader, position) { $0.location = location }
        case .addColumns(let columns):
            let added = try CreateTableRunner.columns(columns)
            for column in added
            where (table.storage.columns + table.partitionKeys).contains(where: { $0.name == column.name }) {
                throw QueryError(.columnAlreadyExists, "Column '\(column.name)' already exists", at: position)
            }
            try update(table, statement.partition, reader, position) { $0.columns += added }
        case .replaceColumns(let columns):
            let replaced = try CreateTableRunner.columns(columns)
            for column in replaced where table.partitionKeys.contains(where: { $0.name == column.name }) {
                throw QueryError(.duplicateColumnName, "Column '\(column.name)' is a partition column", at: position)
            }
            try update(table, statement.partition, reader, position) { $0.columns = replaced }
        case .setProperties(let properties):
            var changed = table
            changed.parameters.merge(try CreateTableRunner.properties(properties)) { $1 }
            try store.updateTable(changed)
        case .unsetProperties(let keys, let ifExists):
            var changed = table
            for key in keys where changed.parameters.removeValue(forKey: key) == nil && !ifExists {
                throw QueryError(.invalidTableProperty, "The table has no property '\(key)'", at: position)
            }
            try store.updateTable(changed)
        case .changeColumn(let change): try changeColumn(table, change)
        case .renameTable: throw refusal("ALTER TABLE RENAME", position)
        case .dropColumn: throw refusal("ALTER TABLE DROP COLUMN", position)
        case .addColumn: throw refusal("ALTER TABLE ADD COLUMN", position, instead: "ADD COLUMNS (name type)")
        case .renameColumn: throw refusal("ALTER TABLE RENAME COLUMN", position)
        case .setColumnType: throw refusal("ALTER TABLE ALTER COLUMN", position)
        case .dropNotNull: throw refusal("ALTER TABLE DROP NOT NULL", position)
        case .setAuthorization: throw refusal("ALTER TABLE SET AUTHORIZATION", position)
        case .setTrinoProperties: throw refusal("ALTER TABLE SET PROPERTIES", position, instead: "SET TBLPROPERTIES")
        case .execute: throw refusal("ALTER TABLE EXECUTE", position)
        case .unsupported(let feature, _): throw refusal(feature, position)
        }
    }

    private func refusal(_ feature: String, _ position: SourcePosition, instead: String? = nil) -> QueryError {
        QueryError(
            .notSupported, "\(feature) is not supported for Hive tables" + (instead.map { "; use \($0)" } ?? ""),
            at: position)
    }

    private func storage(_ table: Table, _ values: [String], _ location: String?) -> StorageDescriptor {
        var storage = table.storage
        let base = storage.location.hasSuffix("/") ? storage.location : storage.location + "/"
        storage.location =
            location ?? base + PartitionFolder.path(keys: table.partitionKeys.map(\.name), values: values) + "/"
        return storage
    }

    /// Changes the storage of one partition, or of the table alone (as Hive without CASCADE).
    private func update(
        _ table: Table, _ specification: PartitionSpecification?, _ reader: PartitionSpecificationReader,
        _ position: SourcePosition, _ change: (inout StorageDescriptor) -> Void
    ) throws {
        if let specification {
            let values = try reader.values(specification, at: position)
            guard var partition = try store.partition(table.database, table.name, values: values) else {
                throw QueryError(
                    .notFound, "Partition (\(values.joined(separator: ", "))) does not exist", at: position)
            }
            change(&partition.storage)
            try store.updatePartition(table.database, table.name, partition)
        } else {
            var changed = table
            change(&changed.storage)
            try store.updateTable(changed)
        }
    }

    private func dropPartitions(
        _ table: Table, _ specifications: [PartitionSpecification], ifExists: Bool,
        _ reader: PartitionSpecificationReader
    ) throws {
        let types = try table.partitionKeys.map { try $0.dataType() }
        try store.transaction {
            let all = try store.partitions(table.database, table.name, matching: nil)
            for specification in specifications {
                let conditions = try reader.conditions(specification)
                let matching = try all.filter { partition in
                    try conditions.allSatisfy { condition in
                        try PartitionText.matches(
                            partition.values[condition.key], types[condition.key], condition.comparison.rawValue,
                            condition.text, upper: condition.upper)
                    }
                }
                if matching.isEmpty, !ifExists {
                    throw QueryError(
                        .notFound, "No partition of table \(table.name) matches the PARTITION clause",
                        at: specification.first?.column.position)
                }
                for partition in matching {
                    try store.dropPartition(table.database, table.name, values: partition.values)
                }
            }
        }
    }

    private func renamePartition(_ table: Table, from old: [String], to new: [String]) throws {
        try store.transaction {
            guard var partition = try store.partition(table.database, table.name, values: old) else {
                throw QueryError(.notFound, "Partition (\(old.joined(separator: ", "))) does not exist")
            }
            guard try store.partition(table.database, table.name, values: new) == nil else {
                throw QueryError(.alreadyExists, "Partition already exists: \(new.joined(separator: ", "))")
            }
            try store.dropPartition(table.database, table.name, values: old)
            partition.values = new
            try store.addPartitions(table.database, table.name, [partition])
        }
    }

    private func changeColumn(_ table: Table, _ change: AlterTable.ChangeColumn) throws {
        var changed = table
        guard let index = table.storage.columns.firstIndex(where: { $0.name == change.old.canonical }) else {
            throw QueryError(
                .columnNotFound,
                "Column '\(change.old.canonical)' does not exist"
                    + NearNames.hint(change.old.canonical, among: table.storage.columns.map(\.name)),
                at: change.old.position)
        }
        var column = try CreateTableRunner.columns([change.new])[0]
        column.comment = column.comment ?? table.storage.columns[index].comment
        changed.storage.columns.remove(at: index)
        switch change.placement {
        case nil: changed.storage.columns.insert(column, at: index)
        case .first: changed.storage.columns.insert(column, at: 0)
        case .after(let name):
            guard let place = changed.storage.columns.firstIndex(where: { $0.name == name.canonical }) else {
                throw QueryError(.columnNotFound, "Column '\(name.canonical)' does not exist", at: name.position)
            }
            changed.storage.columns.insert(column, at: place + 1)
        }
        try store.updateTable(changed)
    }
}
