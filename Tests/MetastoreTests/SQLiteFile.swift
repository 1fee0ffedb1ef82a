import CSQLite
import SQLTypes

/// A SQLite file as other programs see it.
struct SQLiteFile {
    let path: String

    init(_ path: String) { self.path = path }

    /// The rows of a statement, cells by `|`.
    @discardableResult
    func lines(_ sql: String) throws -> [String] {
        var handle: OpaquePointer?
        defer { sqlite3_close_v2(handle) }
        guard sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nil) == SQLITE_OK else {
            throw QueryError(.genericInternalError, "cannot open \(path)")
        }
        sqlite3_busy_timeout(handle, 10_000)
        var lines: [String] = []
        var rest: String = sql
        while !rest.isEmpty {
            var statement: OpaquePointer?
            var used = 0
            let code = rest.withCString { text in
                var tail: UnsafePointer<CChar>?
                let code = sqlite3_prepare_v2(handle, text, -1, &statement, &tail)
                used = tail.map { $0 - text } ?? 0
                return code
            }
            guard code == SQLITE_OK else { throw failure(handle) }
            rest = String(decoding: Array(rest.utf8).dropFirst(used), as: UTF8.self)
            guard let statement else { continue }
            defer { sqlite3_finalize(statement) }
            while true {
                let step = sqlite3_step(statement)
                if step == SQLITE_DONE { break }
                guard step == SQLITE_ROW else { throw failure(handle) }
                lines.append(
                    (0..<sqlite3_column_count(statement)).map { column in
                        sqlite3_column_text(statement, column).map { String(cString: $0) } ?? "NULL"
                    }.joined(separator: "|"))
            }
        }
        return lines
    }

    private func failure(_ handle: OpaquePointer?) -> QueryError {
        QueryError(.genericInternalError, sqlite3_errmsg(handle).map { String(cString: $0) } ?? "SQLite failed")
    }
}
