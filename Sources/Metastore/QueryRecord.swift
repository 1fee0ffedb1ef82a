import SQLTypes

/// One statement of the query history, with Athena's states.
public struct QueryRecord: Hashable, Sendable {
    public enum State: String, Sendable {
        case queued = "QUEUED", running = "RUNNING", succeeded = "SUCCEEDED", failed = "FAILED", cancelled = "CANCELLED"
    }

    /// A UUID.
    public var id: String
    public var workgroup: String
    public var sql: String
    public var database: String
    /// `DDL`, `DML` or `UTILITY`.
    public var kind: String
    public var state: State
    public var reason: String?
    /// Milliseconds since 1970.
    public var submittedAt: Int64
    public var completedAt: Int64?
    /// Statistics and the output's place, under Athena's names.
    public var details: JSONValue

    public init(
        id: String, workgroup: String, sql: String, database: String, kind: String, state: State, reason: String? = nil,
        submittedAt: Int64, completedAt: Int64? = nil, details: JSONValue = .object([])
    ) {
        self.id = id
        self.workgroup = workgroup
        self.sql = sql
        self.database = database
        self.kind = kind
        self.state = state
        self.reason = reason
        self.submittedAt = submittedAt
        self.completedAt = completedAt
        self.details = details
    }
}

/// A prepared statement of a workgroup.
public struct PreparedStatementRecord: Hashable, Sendable {
    public var workgroup: String
    public var name: String
    public var sql: String
    public var description: String?

    public init(workgroup: String, name: String, sql: String, description: String? = nil) {
        self.workgroup = workgroup
        self.name = name
        self.sql = sql
        self.description = description
    }
}

/// A saved query of a workgroup.
public struct NamedQueryRecord: Hashable, Sendable {
    /// A UUID.
    public var id: String
    public var workgroup: String
    public var name: String
    public var description: String?
    public var database: String
    public var sql: String

    public init(id: String, workgroup: String, name: String, description: String? = nil, database: String, sql: String)
    {
        self.id = id
        self.workgroup = workgroup
        self.name = name
        self.description = description
        self.database = database
        self.sql = sql
    }
}

extension MetastoreStore {
    /// Adds or replaces a record of the history.
    public func saveQuery(_ query: QueryRecord) throws {
        try write(changesTables: false) { connection in
            try connection.run(
                "INSERT OR REPLACE INTO query_history VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    .text(query.id), .text(query.workgroup), .text(query.sql), .text(query.database), .text(query.kind),
                    .text(query.state.rawValue), .optional(query.reason), .int(query.submittedAt),
                    .optional(query.completedAt.map(Int.init)), .text(query.details.text),
                ])
        }
    }

    /// Newest first; one when `id` is given.
    public func queries(id: String? = nil, limit: Int = 100) throws -> [QueryRecord] {
        try read { connection in
            var found: [QueryRecord] = []
            try connection.run(
                """
                SELECT id, workgroup, sql, database, kind, state, reason, submitted_at, completed_at, details
                FROM query_history WHERE ?1 IS NULL OR id = ?1 ORDER BY submitted_at DESC, id LIMIT ?2
                """, [.optional(id), .int(Int64(limit))]
            ) { row in
                found.append(
                    QueryRecord(
                        id: row.text(0), workgroup: row.text(1), sql: row.text(2), database: row.text(3),
                        kind: row.text(4), state: QueryRecord.State(rawValue: row.text(5)) ?? .failed,
                        reason: row.optionalText(6), submittedAt: row.int(7),
                        completedAt: row.optionalInt(8).map(Int64.init),
                        details: (try? JSONValue.parse(row.text(9))) ?? .null))
            }
            return found
        }
    }

    /// Adds or replaces a prepared statement.
    public func savePreparedStatement(_ statement: PreparedStatementRecord) throws {
        try write(changesTables: false) { connection in
            try connection.run(
                "INSERT OR REPLACE INTO prepared_statements VALUES (?, ?, ?, ?, ?)",
                [
                    .text(statement.workgroup), .text(statement.name), .text(statement.sql),
                    .optional(statement.description), .int(Self.now()),
                ])
        }
    }

    public func preparedStatement(_ workgroup: String, _ name: String) throws -> PreparedStatementRecord? {
        try read { connection in
            var found: PreparedStatementRecord?
            try connection.run(
                "SELECT sql, description FROM prepared_statements WHERE workgroup = ? AND name = ?",
                [.text(workgroup), .text(name)]
            ) { row in
                found = PreparedStatementRecord(
                    workgroup: workgroup, name: name, sql: row.text(0), description: row.optionalText(1))
            }
            return found
        }
    }

    @discardableResult
    public func deletePreparedStatement(_ workgroup: String, _ name: String) throws -> Bool {
        try write(changesTables: false) { connection in
            try connection.run(
                "DELETE FROM prepared_statements WHERE workgroup = ? AND name = ?", [.text(workgroup), .text(name)])
            return connection.changes > 0
        }
    }

    /// Adds or replaces a saved query.
    public func saveNamedQuery(_ query: NamedQueryRecord) throws {
        try write(changesTables: false) { connection in
            try connection.run(
                "INSERT OR REPLACE INTO named_queries VALUES (?, ?, ?, ?, ?, ?)",
                [
                    .text(query.id), .text(query.workgroup), .text(query.name), .optional(query.description),
                    .text(query.database), .text(query.sql),
                ])
        }
    }

    public func namedQueries(_ workgroup: String) throws -> [NamedQueryRecord] {
        try read { connection in
            var found: [NamedQueryRecord] = []
            try connection.run(
                "SELECT id, name, description, database, sql FROM named_queries WHERE workgroup = ? ORDER BY name",
                [.text(workgroup)]
            ) { row in
                found.append(
                    NamedQueryRecord(
                        id: row.text(0), workgroup: workgroup, name: row.text(1), description: row.optionalText(2),
                        database: row.text(3), sql: row.text(4)))
            }
            return found
        }
    }

    /// The configuration of a workgroup; nil when there is none of the name.
    public func workgroup(_ name: String) throws -> JSONValue? {
        try read { connection in
            var found: JSONValue?
            try connection.run("SELECT configuration FROM workgroups WHERE name = ?", [.text(name)]) {
                found = (try? JSONValue.parse($0.text(0))) ?? .null
            }
            return found
        }
    }

    public func saveWorkgroup(_ name: String, configuration: JSONValue) throws {
        try write(changesTables: false) { connection in
            try connection.run(
                "INSERT OR REPLACE INTO workgroups VALUES (?, ?)", [.text(name), .text(configuration.text)])
        }
    }

    /// Column statistics in the catalog, by column name, in the writer's form.
    public func columnStatistics(_ database: String, _ table: String) throws -> [String: JSONValue] {
        try read { connection in
            var found: [String: JSONValue] = [:]
            try connection.run(
                """
                SELECT column_name, statistics FROM column_statistics WHERE table_id =
                    (SELECT id FROM tables WHERE database = ? AND name = ?)
                """, [.text(database), .text(table)]
            ) { found[$0.text(0)] = (try? JSONValue.parse($0.text(1))) ?? .null }
            return found
        }
    }

    public func saveColumnStatistics(_ database: String, _ table: String, _ statistics: [String: JSONValue]) throws {
        try write(changesTables: false) { connection in
            let id = try tableID(database, table, connection)
            for (name, value) in statistics {
                try connection.run(
                    "INSERT OR REPLACE INTO column_statistics VALUES (?, ?, ?)",
                    [.int(id), .text(name), .text(value.text)])
            }
        }
    }
}
