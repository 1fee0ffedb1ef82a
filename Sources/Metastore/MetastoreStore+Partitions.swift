import SQLTypes

/// Partitions: 100,000 of them are listed, or pruned to one, in well under a second.
extension MetastoreStore {
    private static let separator = "\u{1f}"

    public func partitions(_ database: String, _ table: String, matching filter: PartitionFilter?) throws -> [Partition]
    {
        try read { connection in
            let id = try tableID(database, table, connection)
            var storages: [Int64: StorageDescriptor] = [:]
            try connection.run("SELECT id, storage FROM partition_storages WHERE table_id = ?", [.int(id)]) {
                storages[$0.int(0)] = StoredText.storage($0.text(1))
            }
            var sql = "SELECT spec, location, storage_id, parameters, created_at FROM partitions WHERE table_id = ?"
            var cells: [SQLiteConnection.Cell] = [.int(id)]
            // The condition with the fewest values goes to the index; the caller checks the rest exactly.
            if let (position, values) = filter?.allowedValues.min(by: { $0.value.count < $1.value.count }),
                values.count <= 500
            {
                if values.isEmpty { return [] }
                sql +=
                    " AND id IN (SELECT partition_id FROM partition_values WHERE table_id = ? AND position = ?"
                    + " AND value IN (" + values.map { _ in "?" }.joined(separator: ",") + "))"
                cells += [.int(id), .int(Int64(position))] + values.sorted().map { .text($0) }
            }
            var found: [Partition] = []
            try connection.run(sql, cells) { row in
                var storage = storages[row.int(2)] ?? StoredText.storage("{}")
                storage.location = row.text(1)
                let partition = Partition(
                    values: Self.values(row.text(0)), storage: storage, parameters: StoredText.map(row.text(3)),
                    createdAt: row.int(4))
                let isWanted =
                    filter?.allowedValues.allSatisfy { condition in
                        condition.key < partition.values.count
                            && condition.value.contains(partition.values[condition.key])
                    } ?? true
                if isWanted { found.append(partition) }
            }
            return found
        }
    }

    /// How many partitions the table has, without reading them.
    public func partitionCount(_ database: String, _ table: String) throws -> Int {
        try read { connection in
            var count = 0
            try connection.run(
                "SELECT count(*) FROM partitions WHERE table_id = ?", [.int(try tableID(database, table, connection))]
            ) { count = Int($0.int(0)) }
            return count
        }
    }

    public func partition(_ database: String, _ table: String, values: [String]) throws -> Partition? {
        let filter = PartitionFilter(
            allowedValues: Dictionary(uniqueKeysWithValues: values.enumerated().map { ($0.offset, [$0.element]) }))
        return try partitions(database, table, matching: filter).first
    }

    /// Adds partitions in one transaction. One that exists is an error, or left alone with `ifNotExists`.
    /// - Returns: how many were added.
    @discardableResult
    public func addPartitions(
        _ database: String, _ table: String, _ partitions: [Partition], ifNotExists: Bool = false
    ) throws -> Int {
        try write { connection in
            let id = try tableID(database, table, connection)
            var storageIDs: [String: Int64] = [:]
            var added = 0
            for partition in partitions {
                let storageID = try storage(partition.storage, id, &storageIDs, connection)
                try connection.run(
                    """
                    INSERT OR IGNORE INTO partitions (table_id, spec, location, storage_id, parameters, created_at)
                    VALUES (?, ?, ?, ?, ?, ?)
                    """,
                    [
                        .int(id), .text(Self.spec(partition.values)), .text(partition.storage.location),
                        .int(storageID),
                        .text(StoredText.text(partition.parameters)),
                        .int(partition.createdAt == 0 ? Self.now() : partition.createdAt),
                    ])
                guard connection.changes > 0 else {
                    if ifNotExists { continue }
                    throw QueryError(
                        .alreadyExists, "Partition already exists: \(partition.values.joined(separator: ", "))")
                }
                added += 1
                let partitionID = connection.lastInsertedRow
                for (position, value) in partition.values.enumerated() {
                    try connection.run(
                        "INSERT INTO partition_values VALUES (?, ?, ?, ?)",
                        [.int(id), .int(Int64(position)), .text(value), .int(partitionID)])
                }
            }
            return added
        }
    }

    /// Replaces storage and parameters of the partition with `values`.
    public func updatePartition(_ database: String, _ table: String, _ partition: Partition) throws {
        try write { connection in
            let id = try tableID(database, table, connection)
            var storageIDs: [String: Int64] = [:]
            let storageID = try storage(partition.storage, id, &storageIDs, connection)
            try connection.run(
                "UPDATE partitions SET location = ?, storage_id = ?, parameters = ? WHERE table_id = ? AND spec = ?",
                [
                    .text(partition.storage.location), .int(storageID), .text(StoredText.text(partition.parameters)),
                    .int(id), .text(Self.spec(partition.values)),
                ])
        }
    }

    /// Removes the partition from the catalog; files stay. False when there is none.
    @discardableResult
    public func dropPartition(_ database: String, _ table: String, values: [String]) throws -> Bool {
        try write { connection in
            let id = try tableID(database, table, connection)
            try connection.run(
                "DELETE FROM partitions WHERE table_id = ? AND spec = ?", [.int(id), .text(Self.spec(values))])
            return connection.changes > 0
        }
    }

    private func storage(
        _ storage: StorageDescriptor, _ table: Int64, _ known: inout [String: Int64], _ connection: SQLiteConnection
    ) throws -> Int64 {
        let text = StoredText.text(storage)
        if let id = known[text] { return id }
        try connection.run(
            "INSERT OR IGNORE INTO partition_storages (table_id, storage) VALUES (?, ?)", [.int(table), .text(text)])
        var id: Int64 = 0
        try connection.run(
            "SELECT id FROM partition_storages WHERE table_id = ? AND storage = ?", [.int(table), .text(text)]
        ) {
            id = $0.int(0)
        }
        known[text] = id
        return id
    }

    private static func spec(_ values: [String]) -> String { values.joined(separator: separator) }
    private static func values(_ spec: String) -> [String] {
        spec.utf8.split(separator: 0x1f, omittingEmptySubsequences: false).map { String(Substring($0)) }
    }
}
