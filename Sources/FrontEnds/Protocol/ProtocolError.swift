import SQLTypes

/// An error as the line protocol sends it.
enum ProtocolError {
    static func json(_ error: QueryError, queryID: String?) -> JSONValue {
        .object([
            .init("code", .string(error.code.rawValue)), .init("sqlstate", .string(sqlState(error))),
            .init("class", .string(error.code.errorClass.rawValue)), .init("message", .string(error.text)),
            .init("line", error.position.map { .int($0.line) } ?? .null),
            .init("column", error.position.map { .int($0.column) } ?? .null),
            .init("query_id", queryID.map { .string($0) } ?? .null),
            .init("retryable", .bool(error.code.errorClass == .insufficientResources)),
        ])
    }

    /// A request that is not of the protocol.
    static func malformed(_ message: String) -> QueryError { QueryError(.protocolError, message) }

    static func sqlState(_ error: QueryError) -> String {
        let code = error.code
        switch code {
        // The two handles of the protocol: cursors and statements.
        case .invalidHandle: return error.message.hasPrefix("Cursor") ? "34000" : "26000"
        case .syntaxError: return "42601"
        case .tableNotFound: return "42S02"
        case .columnNotFound: return "42S22"
        case .schemaNotFound: return "3F000"
        case .divisionByZero: return "22012"
        case .numericValueOutOfRange: return "22003"
        case .invalidCastArgument: return "22P02"
        case .notSupported: return "0A000"
        case .userCanceled: return "57014"
        case .exceededTimeLimit: return "HYT00"
        case .hiveFilesystemError, .hiveCannotOpenSplit, .hiveFileNotFound: return "58030"
        case .protocolError: return "08P01"
        default:
            switch code.errorClass {
            case .user: return "42000"
            case .internal: return "XX000"
            case .external: return "58000"
            case .insufficientResources: return "53000"
            }
        }
    }
}
