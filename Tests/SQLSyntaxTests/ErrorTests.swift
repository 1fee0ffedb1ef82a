import SQLSyntax
import SQLTypes
import Testing

/// Errors in Trino's form, and limits.
@Suite struct ErrorTests {
    @Test(arguments: [
        ("select form from where", 1, 18, "mismatched input 'where'"),
        ("SELECT a FROM t WHERE", 1, 22, "mismatched input '<EOF>'"),
        ("selec 1", 1, 1, "mismatched input 'selec'"),
        ("", 1, 1, "mismatched input '<EOF>'"),
        ("SELECT 'ü', 'abc", 1, 13, "unterminated string literal"),
        ("SELECT 1\n/* x", 2, 1, "unterminated comment"),
        ("SELECT \"x", 1, 8, "unterminated quoted identifier"),
        ("SELECT `a` FROM t", 1, 8, "backquoted identifiers are not supported; use double quotes to quote identifiers"),
        (
            "SELECT 1a FROM t", 1, 8,
            "identifiers must not start with a digit; surround the identifier with double quotes"
        ),
        ("SELECT \"\" FROM t", 1, 8, "Zero-length delimited identifier not allowed"),
        ("SELECT EXTRACT(x FROM y)", 1, 16, "Invalid EXTRACT field: x"),
        ("SELECT 1; SELECT 2", 1, 11, "mismatched input 'SELECT'"),
        ("CREATE EXTERNAL TABLE t (date int)", 1, 26, "mismatched input 'date'"),
        ("CREATE EXTERNAL TABLE t (a int) LOCATION 'x' LOCATION 'y'", 1, 46, "The LOCATION clause is repeated"),
        ("SELECT * FROM t WHERE a = = 1", 1, 27, "mismatched input '='"),
    ])
    func message(_ text: String, _ line: Int, _ column: Int, _ message: String) {
        let error = syntaxError(text)
        #expect(error?.code == .syntaxError)
        #expect(error?.position == SourcePosition(line: line, column: column))
        #expect(error?.message.hasPrefix(message) == true, "\(error?.message ?? "no error")")
    }

    @Test func expectations() {
        #expect(
            syntaxError("select form from where")?.message
                == "mismatched input 'where'. Expecting: '(', 'LATERAL', 'TABLE', 'UNNEST', <identifier>")
        #expect(syntaxError("SELECT a FROM t WHERE")?.message == "mismatched input '<EOF>'. Expecting: <expression>")
        #expect(syntaxError("DELETE t")?.message == "mismatched input 't'. Expecting: 'FROM'")
    }

    private func repeated(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }

    @Test func deepNestingIsACleanError() {
        let depth = 10_000
        for (open, middle, close) in [
            ("(", "1", ")"), ("f(", "1", ")"), ("- ", "x", ""), ("NOT ", "x", ""), ("(SELECT ", "1", ")"),
            ("ARRAY[", "1", "]"), ("CASE WHEN a THEN ", "1", " END"), ("x -> ", "1", ""), ("(", "SELECT 1", ")"),
            ("substring(", "a", ", 1)"), ("CAST(", "a", " AS int)"), ("json_array(", "1", ")"),
        ] {
            let error = syntaxError("SELECT " + repeated(open, depth) + middle + repeated(close, depth))
            #expect(error?.code == .syntaxError, "\(open)")
        }
        #expect(syntaxError("SELECT * FROM " + repeated("(", depth) + "t" + repeated(")", depth)) != nil)
        #expect(
            syntaxError("SELECT CAST(a AS " + repeated("ARRAY(", depth) + "int" + repeated(")", depth) + ")") != nil)
        #expect(syntaxError("SELECT a" + repeated("[1]", depth))?.code == .syntaxError)
        #expect(syntaxError("SELECT a" + repeated(".b", depth))?.code == .syntaxError)
        #expect(syntaxError("SELECT 1 FROM a" + repeated(" JOIN b ON x", depth))?.code == .syntaxError)
        #expect(syntaxError("SELECT 1" + repeated(" EXCEPT SELECT 1", depth))?.code == .syntaxError)
        #expect(syntaxError(repeated("EXPLAIN ", depth) + "SELECT 1")?.code == .syntaxError)
        let deepType = "CREATE EXTERNAL TABLE t (a " + repeated("array<", depth) + "int" + repeated(">", depth) + ")"
        #expect(syntaxError(deepType)?.code == .syntaxError)
    }

    @Test func longChainsParseOrFailCleanly() throws {
        let count = 20_000
        for (first, next) in [
            ("SELECT a = 1", " OR a = 2"), ("SELECT a = 1", " AND a = 2"), ("SELECT 'a'", " || 'b'"),
            ("SELECT 1", " UNION ALL SELECT 2"), ("SELECT f(1", ", 2"), ("SELECT 1", ", 2"), ("SELECT * FROM a", ", b"),
        ] {
            let text = first + repeated(next, count) + (first.contains("(") ? ")" : "")
            #expect(throws: Never.self, "\(next)") { try Parser.parseStatement(text) }
        }
        #expect(syntaxError("SELECT 1" + repeated(" + 1", 100_000))?.code == .syntaxError)
        #expect(syntaxError("SELECT 1" + repeated(" + 1", 200)) == nil)
    }
}
