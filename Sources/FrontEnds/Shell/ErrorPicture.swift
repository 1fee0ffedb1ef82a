import SQLTypes

/// An error with the statement's line and a caret below the place.
enum ErrorPicture {
    static func text(_ error: QueryError, _ sql: String) -> String {
        guard let position = error.position else { return error.description }
        let lines = sql.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.indices.contains(position.line - 1) else { return error.description }
        let line = lines[position.line - 1]
        let before = String(
            line.unicodeScalars.prefix(max(position.column - 1, 0)).map { $0 == "\t" ? "\t" : " " }.joined())
        return "\(error.description)\n  \(line)\n  \(before)^"
    }
}

extension Sequence where Element == String {
    fileprivate func joined() -> String { joined(separator: "") }
}
