import Testing

/// The exact bytes of every output format.
@Suite struct FormatTests {
    /// Text with everything that formats escape, numbers, NULL, the empty string.
    static let sql = """
        SELECT * FROM (VALUES
          (1, 'a "quoted", text', 1.5, CAST(NULL AS varchar)),
          (-20, 'tab\tline\nback\\slash|', 1e10, '')) AS t(n, "text", "d|d", e) ORDER BY n DESC
        """

    private func output(_ format: String, _ sql: String = FormatTests.sql) throws -> String {
        let outcome = try Program.run(["query", "--format", format, "-e", sql], in: Folder())
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.errors.isEmpty)
        return outcome.output
    }

    @Test func csv() throws {
        let expected =
            "\"n\",\"text\",\"d|d\",\"e\"\n"
            + "\"1\",\"a \"\"quoted\"\", text\",\"1.5\",\n"
            + "\"-20\",\"tab\tline\nback\\slash|\",\"1.0E10\",\"\"\n"
        #expect(try output("csv") == expected)
        let standard = try Program.run(["query", "-e", Self.sql], in: Folder())
        #expect(standard.output == expected, "csv is what comes without a terminal")
    }

    @Test func tsv() throws {
        #expect(
            try output("tsv") == "n\ttext\td|d\te\n" + "1\ta \"quoted\", text\t1.5\t\\N\n"
                + "-20\ttab\\tline\\nback\\\\slash|\t1.0E10\t\n")
    }

    @Test func json() throws {
        #expect(
            try output("json")
                == #"{"columns":[{"name":"n","type":"integer"},{"name":"text","type":"varchar(20)"},"#
                + #"{"name":"d|d","type":"double"},{"name":"e","type":"varchar"}],"rows":["#
                + #"[1,"a \"quoted\", text",1.5,null],[-20,"tab\tline\nback\\slash|",1.0E10,""]]}"# + "\n")
    }

    @Test func jsonl() throws {
        #expect(
            try output("jsonl")
                == #"{"n":1,"text":"a \"quoted\", text","d|d":1.5,"e":null}"# + "\n"
                + #"{"n":-20,"text":"tab\tline\nback\\slash|","d|d":1.0E10,"e":""}"# + "\n")
        #expect(try output("jsonl", "SELECT 1 AS a, 2 AS a, 3 AS a") == #"{"a":1,"a_2":2,"a_3":3}"# + "\n")
    }

    @Test func table() throws {
        #expect(
            try output("table") == """
                 n   | text                   | d|d    | e
                -----+------------------------+--------+------
                   1 | a "quoted", text       |    1.5 | NULL
                 -20 | tab\\tline\\nback\\slash| | 1.0E10 |

                """)
    }

    @Test func markdown() throws {
        #expect(
            try output("markdown") == """
                | n | text | d\\|d | e |
                | ---: | --- | ---: | --- |
                | 1 | a "quoted", text | 1.5 | NULL |
                | -20 | tab\\tline\\nback\\slash\\| | 1.0E10 |  |

                """)
    }

    @Test func vertical() throws {
        #expect(
            try output("vertical", "SELECT 1 AS n, NULL AS longer; SELECT 'x' AS n")
                == """
                -[ row 1 ]----
                n      | 1
                longer | NULL

                -[ row 1 ]----
                n | x

                """)
    }

    @Test func null() throws { #expect(try output("null").isEmpty) }

    @Test func emptyResults() throws {
        let sql = "SELECT 1 AS a, 'x' AS b WHERE false"
        #expect(try output("csv", sql) == "\"a\",\"b\"\n")
        #expect(try output("tsv", sql) == "a\tb\n")
        #expect(
            try output("json", sql)
                == #"{"columns":[{"name":"a","type":"integer"},{"name":"b","type":"varchar(1)"}],"rows":[]}"# + "\n")
        #expect(try output("jsonl", sql).isEmpty)
        #expect(try output("table", sql) == " a | b\n---+---\n")
    }

    @Test func severalResultsArePartedByOneLine() throws {
        let sql = "SELECT 1 AS a; CREATE DATABASE d; SELECT 2 AS a; SHOW DATABASES LIKE 'd'"
        #expect(try output("csv", sql) == "\"a\"\n\"1\"\n\n\"a\"\n\"2\"\n\n\"database_name\"\n\"d\"\n")
        #expect(try output("tsv", sql) == "a\n1\n\na\n2\n\ndatabase_name\nd\n")
        #expect(try output("json", sql).split(separator: "\n", omittingEmptySubsequences: false).count == 4)
        #expect(try output("jsonl", sql) == "{\"a\":1}\n{\"a\":2}\n{\"database_name\":\"d\"}\n")
    }

    /// The value text of every type, as csv prints it.
    @Test func valueTexts() throws {
        let cases: [(String, String)] = [
            ("true", "true"), ("tinyint '-128'", "-128"), ("bigint '9223372036854775807'", "9223372036854775807"),
            ("1e0", "1.0"), ("0.001", "0.001"), ("1e-4", "1.0E-4"), ("1e7", "1.0E7"), ("9999999e0", "9999999.0"),
            ("nan()", "NaN"), ("-infinity()", "-Infinity"), ("real '0.1'", "0.1"), ("DECIMAL '1.50'", "1.50"),
            ("DATE '2017-01-02'", "2017-01-02"), ("TIMESTAMP '2017-01-01 00:00:00.000'", "2017-01-01 00:00:00.000"),
            ("TIMESTAMP '2017-01-01 00:00:00'", "2017-01-01 00:00:00"),
            ("TIMESTAMP '2017-01-01 00:00:00.000 UTC'", "2017-01-01 00:00:00.000 UTC"),
            ("TIMESTAMP '2017-01-01 00:00:00.000 Europe/Berlin'", "2017-01-01 00:00:00.000 Europe/Berlin"),
            ("TIME '00:00:00.000'", "00:00:00.000"), ("TIME '01:02:03.456 -08:00'", "01:02:03.456-08:00"),
            ("INTERVAL '2 03:04:05.678' DAY TO SECOND", "2 03:04:05.678"), ("INTERVAL '3-2' YEAR TO MONTH", "3-2"),
            ("X'6869'", "68 69"),
            ("UUID '12151fd2-7586-11e9-8f9e-2a86e4085a59'", "12151fd2-7586-11e9-8f9e-2a86e4085a59"),
            ("IPADDRESS '10.0.0.1'", "10.0.0.1"), ("ARRAY[1, 2, NULL]", "[1, 2, null]"),
            ("MAP(ARRAY['k', 'k2'], ARRAY['v', 'v2'])", "{k=v, k2=v2}"), ("MAP(ARRAY['k'], ARRAY[NULL])", "{k=null}"),
            ("CAST(ROW(1, 'x') AS row(a integer, b varchar))", "{a=1, b=x}"), ("ROW(1)", "{field0=1}"),
            ("JSON '{\"a\": [1, null]}'", "{\"\"a\"\":[1,null]}"), ("CAST('ab' AS char(4))", "ab  "),
        ]
        let sql = cases.enumerated().map { "SELECT \($0) AS n, \($1.0) AS v" }.joined(separator: ";\n")
        let blocks = try output("csv", sql).split(separator: "\n", omittingEmptySubsequences: true)
            .filter { $0 != "\"n\",\"v\"" }
        #expect(blocks.count == cases.count)
        for (index, (block, item)) in zip(blocks, cases).enumerated() {
            #expect(block == "\"\(index)\",\"\(item.1)\"", "\(item.0)")
        }
    }
}
