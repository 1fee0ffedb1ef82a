import Glibc
import SQLTypes

/// Databases and tables.
extension MetastoreStore {
    public func database(_ name: String) throws -> Database? {
        try read { connection in
            var found: Database?
            try connection.run(
                "SELECT name, comment, location, parameters FROM databases WHERE name = ?", [.text(name)]
            ) { row in
                found = Database(
                    name: row.text(0), comment: row.optionalText(1), location: row.optionalText(2),
                    parameters: StoredText.map(row.text(3)))
            }
            return found
        }
    }

    public func databaseNames() throws -> [String] {
        try read { connection in
            var names: [String] = []
            try connection.run("SELECT name FROM databases ORDER BY name") { names.append($0.text(0)) }
            return names
        }
    }

    public func createDatabase(_ database: Database, ifNotExists: Bool = false) throws {
        try write { connection in
            if try self.database(database.name) != nil {
                if ifNotExists { return }
                throw QueryError(.schemaAlreadyExists, "Schema '\(database.name)' already exists")
            }
            try connection.run(
                "INSERT INTO databases VALUES (?, ?, ?, ?)",
                [
                    .text(database.name), .optional(database.comment), .optional(database.location),
                    .text(StoredText.text(database.parameters)),
                ])
        }
    }

    /// Overwrites comment, location and parameters.
    public func updateDatabase(_ database: Database) throws {
        try write { connection in
            try connection.run(
                "UPDATE databases SET comment = ?, location = ?, parameters = ? WHERE name = ?",
                [
                    .optional(database.comment), .optional(database.location),
                    .text(StoredText.text(database.parameters)), .text(database.name),
                ])
            if connection.changes == 0 {
                throw QueryError(.schemaNotFound, "Schema '\(database.name)' does not exist")
            }
        }
    }

    public func dropDatabase(_ name: String, ifExists: Bool = false, cascade: Bool = false) throws {
        try write { connection in
            guard try database(name) != nil else {
                if ifExists { return }
                throw QueryError(.schemaNotFound, "Schema '\(name)' does not exist")
            }
            guard name != "default" else {
                throw QueryError(.notSupported, "The database 'default' cannot be dropped")
            }
            if try !tableNames(name).isEmpty, !cascade {
                throw QueryError(
                    .schemaNotEmpty, "Cannot drop non-empty schema '\(name)': drop its tables first or add CASCADE")
            }
            try connection.run("DELETE FROM tables WHERE database = ?", [.text(name)])
            try connection.run("DELETE FROM databases WHERE name = ?", [.text(name)])
        }
    }

    public func tableNames(_ database: String) throws -> [String] {
        try read { connection in
            var names: [String] = []
            try connection.run("SELECT name FROM tables WHERE database = ? ORDER BY name", [.text(database)]) {
                names.append($0.text(0))
            }
            return names
        }
    }

    public func table(_ database: String, _ name: String) throws -> Table? {
        try read { connection in
            var found: (Int64, Table)?
            try connection.run(
                """
                SELECT id, database, name, kind, comment, owner, view_text, view_database, location, input_format,
                    output_format, serde, serde_parameters, storage_parameters, parameters, bucket_columns,
                    bucket_count, created_at, updated_at
                FROM tables WHERE database = ? AND name = ?
                """, [.text(database), .text(name)]
            ) { row in
                let storage = StorageDescriptor(
                    location: row.text(8), inputFormat: row.text(9), outputFormat: row.text(10), serde: row.text(11),
                    serdeParameters: StoredText.map(row.text(12)), columns: [],
                    parameters: StoredText.map(row.text(13)), bucketColumns: StoredText.list(row.text(15)),
                    bucketCount: row.optionalInt(16))
                found = (
                    row.int(0),
                    Table(
                        database: row.text(1), name: row.text(2), kind: Table.Kind(rawValue: row.text(3)) ?? .external,
                        storage: storage, parameters: StoredText.map(row.text(14)), comment: row.optionalText(4),
                        owner: row.optionalText(5), viewText: row.optionalText(6), viewDatabase: row.optionalText(7),
                        createdAt: row.int(17), updatedAt: row.int(18))
                )
            }
            guard case (let id, var table)? = found else { return nil }
            try connection.run(
                """
                SELECT is_partition_key, name, type, comment, parameters FROM columns WHERE table_id = ?
                ORDER BY is_partition_key, position
                """, [.int(id)]
            ) { row in
                let column = CatalogColumn(
                    name: row.text(1), typeName: row.text(2), comment: row.optionalText(3),
                    parameters: StoredText.map(row.text(4)))
                if row.int(0) == 0 { table.storage.columns.append(column) } else { table.partitionKeys.append(column) }
            }
            return table
        }
    }

    /// - Throws: TABLE_ALREADY_EXISTS, SCHEMA_NOT_FOUND.
    public func createTable(_ table: Table, ifNotExists: Bool = false) throws {
        try write { connection in
            guard try database(table.database) != nil else {
                throw QueryError(.schemaNotFound, "Schema '\(table.database)' does not exist")
            }
            if try self.table(table.database, table.name) != nil {
                if ifNotExists { return }
                throw QueryError(.tableAlreadyExists, "Table '\(table.database).\(table.name)' already exists")
            }
            try insert(table, connection)
        }
    }

    /// Replaces a table's definition and keeps its partitions and statistics.
    public func updateTable(_ table: Table) throws {
        try write { connection in
            let id = try tableID(table.database, table.name, connection)
            try connection.run(
                """
                UPDATE tables SET kind = ?, comment = ?, owner = ?, view_text = ?, view_database = ?, location = ?,
                    input_format = ?, output_format = ?, serde = ?, serde_parameters = ?, storage_parameters = ?,
                    parameters = ?, bucket_columns = ?, bucket_count = ?, updated_at = ? WHERE id = \(id)
                """,
                Array(cells(table)[2...].prefix(14)) + [.int(Self.now())])
            try connection.run("DELETE FROM columns WHERE table_id = ?", [.int(id)])
            try insertColumns(table, id, connection)
        }
    }

    /// Moves a table or view to another name, with everything that belongs to it.
    public func renameTable(_ database: String, _ name: String, to newName: String, in newDatabase: String) throws {
        try write { connection in
            let id = try tableID(database, name, connection)
            if try table(newDatabase, newName) != nil {
                throw QueryError(.tableAlreadyExists, "Table '\(newDatabase).\(newName)' already exists")
            }
            try connection.run(
                "UPDATE tables SET database = ?, name = ?, updated_at = ? WHERE id = ?",
                [.text(newDatabase), .text(newName), .int(Self.now()), .int(id)])
        }
    }

    /// Removes the table from the catalog; files are never touched. False when there is none.
    @discardableResult
    public func dropTable(_ database: String, _ name: String) throws -> Bool {
        try write { connection in
            try connection.run("DELETE FROM tables WHERE database = ? AND name = ?", [.text(database), .text(name)])
            return connection.changes > 0
        }
    }

    // MARK: - Rows

    func tableID(_ database: String, _ name: String, _ connection: SQLiteConnection) throws -> Int64 {
        var id: Int64?
        try connection.run("SELECT id FROM tables WHERE database = ? AND name = ?", [.text(database), .text(name)]) {
            id = $0.int(0)
        }
        guard let id else { throw QueryError(.tableNotFound, "Table '\(database).\(name)' does not exist") }
        return id
    }

    private func insert(_ table: Table, _ connection: SQLiteConnection) throws {
        let now = Self.now()
        try connection.run(
            """
            INSERT INTO tables (database, name, kind, comment, owner, view_text, view_database, location, input_format,
                output_format, serde, serde_parameters, storage_parameters, parameters, bucket_columns, bucket_count,
                created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """, cells(table) + [.int(table.createdAt == 0 ? now : table.createdAt), .int(now)])
        try insertColumns(table, connection.lastInsertedRow, connection)
    }

    /// database ... bucket_count.
    private func cells(_ table: Table) -> [SQLiteConnection.Cell] {
        let storage = table.storage
        return [
            .text(table.database), .text(table.name), .text(table.kind.rawValue), .optional(table.comment),
            .optional(table.owner), .optional(table.viewText), .optional(table.viewDatabase), .text(storage.location),
            .text(storage.inputFormat), .text(storage.outputFormat), .text(storage.serde),
            .text(StoredText.text(storage.serdeParameters)), .text(StoredText.text(storage.parameters)),
            .text(StoredText.text(table.parameters)), .text(StoredText.text(storage.bucketColumns)),
            .optional(storage.bucketCount),
        ]
    }

    private func insertColumns(_ table: Table, _ id: Int64, _ connection: SQLiteConnection) throws {
        for (isKey, columns) in [(0, table.storage.columns), (1, table.partitionKeys)] {
            for (position, column) in columns.enumerated() {
                try connection.run(
                    "INSERT INTO columns VALUES (?, ?, ?, ?, ?, ?, ?)",
                    [
                        .int(id), .int(Int64(isKey)), .int(Int64(position)), .text(column.name), .text(column.typeName),
                        .optional(column.comment), .text(StoredText.text(column.parameters)),
                    ])
            }
        }
    }

    /// Seconds since 1970.
    static func now() -> Int64 { Int64(time(nil)) }
}
