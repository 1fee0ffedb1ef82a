/// One file of SQL tests, in the style of sqllogictest.
///
/// ```
/// # a comment
/// statement ok                  the statement runs
/// CREATE DATABASE d
///
/// statement error TABLE_NOT_FOUND   it fails with this code; text after the code must be part of the message
/// SELECT * FROM nowhere
///
/// query                         rows in this order, cells by tabs as --format tsv prints them
/// SELECT 1, 'a'
/// ----
/// 1	a
///
/// query rowsort                 rows in any order
/// ```
/// A record ends at an empty line.
struct SQLTestFile {
    enum Expectation {
        case ok
        case error(code: String, text: String)
        case rows([String], inAnyOrder: Bool)
    }

    struct Record {
        var line: Int
        var sql: String
        var expectation: Expectation
    }

    var records: [Record] = []

    /// - Throws: a text that names the line, for a record that is not of the form.
    init(_ text: String) throws(SQLTestSyntaxError) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        var index = 0
        while index < lines.count {
            let head = lines[index]
            if head.isEmpty || head.hasPrefix("#") {
                index += 1
                continue
            }
            let line = index + 1
            index += 1
            var sql: [String] = []
            while index < lines.count, !lines[index].isEmpty, lines[index] != "----" {
                sql.append(lines[index])
                index += 1
            }
            let words = head.split(separator: " ").map(String.init)
            let expectation: Expectation
            switch words.first {
            case "statement" where words.count >= 2 && words[1] == "ok": expectation = .ok
            case "statement" where words.count >= 3 && words[1] == "error":
                expectation = .error(code: words[2], text: words.dropFirst(3).joined(separator: " "))
            case "query":
                guard index < lines.count, lines[index] == "----" else {
                    throw SQLTestSyntaxError(line: line, message: "a query needs ---- and its rows")
                }
                index += 1
                var rows: [String] = []
                while index < lines.count, !lines[index].isEmpty {
                    rows.append(lines[index])
                    index += 1
                }
                expectation = .rows(rows, inAnyOrder: words.contains("rowsort"))
            default:
                throw SQLTestSyntaxError(line: line, message: "expected 'statement ok', 'statement error' or 'query'")
            }
            guard !sql.isEmpty else { throw SQLTestSyntaxError(line: line, message: "a record needs SQL") }
            records.append(Record(line: line, sql: sql.joined(separator: "\n"), expectation: expectation))
        }
    }
}

struct SQLTestSyntaxError: Error {
    var line: Int
    var message: String
}
