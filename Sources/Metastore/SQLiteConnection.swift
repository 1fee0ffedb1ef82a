import CSQLite
import Glibc
import SQLTypes

/// A connection to one SQLite file: prepared statements kept by text, errors with the file's name.
///
/// Not thread-safe: `MetastoreStore` guards it.
final class SQLiteConnection {
    private var handle: OpaquePointer?
    private var statements: [String: OpaquePointer] = [:]
    let path: String

    /// Opens the file; `uri` may carry SQLite's parameters (`file:...?mode=ro`).
    init(path: String, uri: String? = nil, readOnly: Bool = false) throws {
        self.path = path
        let flags =
            (readOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE) | SQLITE_OPEN_NOMUTEX
            | SQLITE_OPEN_URI
        let code = sqlite3_open_v2(uri ?? path, &handle, flags, nil)
        guard code == SQLITE_OK else {
            let error = failure(code)
            sqlite3_close_v2(handle)
            throw error
        }
        sqlite3_busy_timeout(handle, 10_000)
        sqlite3_extended_result_codes(handle, 1)
    }

    deinit {
        for statement in statements.values { sqlite3_finalize(statement) }
        sqlite3_close_v2(handle)
    }

    /// A bound or read value.
    enum Cell {
        case null
        case int(Int64)
        case text(String)

        static func optional(_ text: String?) -> Cell { text.map { .text($0) } ?? .null }
        static func optional(_ number: Int?) -> Cell { number.map { .int(Int64($0)) } ?? .null }
    }

    /// Runs statements without results.
    func execute(_ sql: String) throws {
        let code = sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw failure(code) }
    }

    /// Runs one statement and calls `row` for each row.
    func run(_ sql: String, _ values: [Cell] = [], row: (Row) throws -> Void = { _ in }) throws {
        let statement = try prepared(sql)
        defer {
            sqlite3_reset(statement)
            sqlite3_clear_bindings(statement)
        }
        for (index, value) in values.enumerated() {
            let place = Int32(index + 1)
            let code: Int32
            switch value {
            case .null: code = sqlite3_bind_null(statement, place)
            case .int(let number): code = sqlite3_bind_int64(statement, place, number)
            case .text(let text):
                var text = text
                code = text.withUTF8 { bytes in
                    // SQLITE_TRANSIENT: SQLite copies the bytes.
                    bytes.withMemoryRebound(to: CChar.self) { characters in
                        var empty: CChar = 0
                        return withUnsafePointer(to: &empty) { nothing in
                            sqlite3_bind_text(
                                statement, place, characters.baseAddress ?? nothing, Int32(characters.count),
                                unsafeBitCast(-1, to: sqlite3_destructor_type.self))
                        }
                    }
                }
            }
            guard code == SQLITE_OK else { throw failure(code) }
        }
        while true {
            let code = sqlite3_step(statement)
            if code == SQLITE_DONE { return }
            guard code == SQLITE_ROW else { throw failure(code) }
            try row(Row(statement: statement))
        }
    }

    /// Rows changed by the last statement.
    var changes: Int { Int(sqlite3_changes64(handle)) }
    var lastInsertedRow: Int64 { sqlite3_last_insert_rowid(handle) }

    /// The current row of a running statement.
    struct Row {
        fileprivate let statement: OpaquePointer

        func int(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }

        func optionalInt(_ column: Int32) -> Int? {
            sqlite3_column_type(statement, column) == SQLITE_NULL ? nil : Int(int(column))
        }

        func text(_ column: Int32) -> String { optionalText(column) ?? "" }

        func optionalText(_ column: Int32) -> String? {
            guard let pointer = sqlite3_column_text(statement, column) else { return nil }
            let count = Int(sqlite3_column_bytes(statement, column))
            return String(decoding: UnsafeBufferPointer(start: pointer, count: count), as: UTF8.self)
        }
    }

    private func prepared(_ sql: String) throws -> OpaquePointer {
        if let statement = statements[sql] { return statement }
        var statement: OpaquePointer?
        let code = sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
        guard code == SQLITE_OK, let statement else { throw failure(code) }
        statements[sql] = statement
        return statement
    }

    private func failure(_ code: Int32) -> QueryError {
        let text =
            handle.flatMap { sqlite3_errmsg($0) }.map { String(cString: $0) } ?? String(cString: sqlite3_errstr(code))
        let advice: String
        switch code & 0xff {
        case SQLITE_NOTADB, SQLITE_CORRUPT:
            advice =
                "; the catalog is damaged and was left as it is: restore it from a copy or name another with --catalog"
        case SQLITE_READONLY, SQLITE_CANTOPEN, SQLITE_PERM:
            advice = "; check the folder's permissions, or use --read-only"
        case SQLITE_BUSY, SQLITE_LOCKED: advice = "; another process holds the catalog: try again"
        case SQLITE_FULL: advice = "; the disk is full"
        default: advice = ""
        }
        return QueryError(.hiveMetastoreError, "catalog \(path): \(text)\(advice)")
    }
}
