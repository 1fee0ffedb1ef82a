import Crawling
import SQLTypes
import Storage
import Testing

/// What the crawler makes of one delimited file: dialect, header, names and types, and that queries read it so.
@Suite struct DelimitedTextCrawlTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var text: String
        var name = "data.csv"
        /// Columns and types; empty: no table.
        var shape: String
        /// All rows, sorted, cells by `|`.
        var rows: [String]
        /// Properties of the table or its SerDe.
        var properties: [String: String] = [:]
        /// Part of a reason.
        var reason = ""
    }

    static let cases = [
        Case(
            testDescription: "comma with header", text: "id,name\n1,a\n2,b\n", shape: "id bigint, name string",
            rows: ["1|a", "2|b"], properties: ["skip.header.line.count": "1", "field.delim": ","]),
        Case(
            testDescription: "pipe without header", text: "1|a|2.5\n2|b|3.5\n",
            shape: "col0 bigint, col1 string, col2 double", rows: ["1|a|2.5", "2|b|3.5"],
            properties: ["field.delim": "|", "skip.header.line.count": ""]),
        Case(
            testDescription: "tab", text: "id\tname\n1\tx, y\n2\tz\n", shape: "id bigint, name string",
            rows: ["1|x, y", "2|z"], properties: ["field.delim": "\t"]),
        Case(
            testDescription: "semicolon with decimal commas", text: "a;b\n1,5;2\n2,5;3\n", shape: "a string, b bigint",
            rows: ["1,5|2", "2,5|3"], properties: ["field.delim": ";"]),
        Case(
            testDescription: "control A", text: "1\u{1}a\n2\u{1}b\n", shape: "col0 bigint, col1 string",
            rows: ["1|a", "2|b"], properties: ["field.delim": "\u{1}"]),
        Case(
            testDescription: "CRLF", text: "id,name\r\n1,a\r\n2,b\r\n", shape: "id bigint, name string",
            rows: ["1|a", "2|b"]),
        Case(
            testDescription: "byte order mark", text: "\u{feff}id,name\n1,a\n2,b\n", shape: "id bigint, name string",
            rows: ["1|a", "2|b"]),
        Case(
            testDescription: "quoted fields with delimiters, quotes and line ends",
            text: "id,note\n1,\"x, y\"\n2,\"say \"\"hi\"\"\"\n3,\"two\nlines\"\n", shape: "id bigint, note string",
            rows: ["1|x, y", "2|say \"hi\"", "3|two\nlines"],
            properties: ["separatorChar": ",", "quoteChar": "\"", "areColumnsQuoted": "true"]),
        Case(
            testDescription: "quoted header above plain values", text: "\"id\",\"name\"\n1,a\n2,b\n",
            shape: "id bigint, name string", rows: ["1|a", "2|b"]),
        Case(
            testDescription: "single quotes", text: "id;name\n1;'a;b'\n2;'c'\n", shape: "id bigint, name string",
            rows: ["1|a;b", "2|c"], properties: ["quoteChar": "'", "separatorChar": ";"]),
        Case(
            testDescription: "apostrophes are no quotes", text: "id,word\n1,'tis\n2,o'clock\n3,'n\n",
            shape: "id bigint, word string", rows: ["1|'tis", "2|o'clock", "3|'n"]),
        Case(
            testDescription: "escaped quotes", text: "id,note\n1,\"a \\\"b\\\" c\"\n2,\"d\"\n",
            shape: "id bigint, note string", rows: ["1|a \"b\" c", "2|d"], properties: ["escapeChar": "\\"]),
        Case(
            testDescription: "backslashes as data in quoted text", text: "id,path\n1,\"C:\\temp\\x\"\n2,\"D:\\y\"\n",
            shape: "id bigint, path string", rows: ["1|C:\\temp\\x", "2|D:\\y"], properties: ["escapeChar": "\""]),
        Case(
            testDescription: "escaped delimiters", text: "id,note\n1,a\\,b\n2,c\\,d\n3,e\n",
            shape: "id bigint, note string", rows: ["1|a,b", "2|c,d", "3|e"], properties: ["escape.delim": "\\"]),
        Case(
            testDescription: "stray quotes", text: "id,size\n1,5\" pipe\n2,\"half open\n3,plain\n",
            shape: "id bigint, size string", rows: ["1|5\" pipe", "2|\"half open", "3|plain"]),
        Case(
            testDescription: "leading comments", text: "# exported today\n# by us\nid,name\n1,a\n2,b\n",
            shape: "id bigint, name string", rows: ["1|a", "2|b"], properties: ["skip.header.line.count": "3"],
            reason: "2 lines before the first record skipped"),
        Case(
            testDescription: "a title above the header",
            text: "Sales report\n\nshop,day,amount\n1,2024-04-01,3.5\n2,2024-04-02,4\n3,2024-04-02,4\n",
            shape: "shop bigint, day date, amount double",
            rows: ["1|2024-04-01|3.5", "2|2024-04-02|4.0", "3|2024-04-02|4.0"],
            properties: ["skip.header.line.count": "3"]),
        Case(
            testDescription: "a header behind a hash", text: "#id,name\n1,a\n2,b\n", shape: "id bigint, name string",
            rows: ["1|a", "2|b"]),
        Case(
            testDescription: "one column by its name", text: "city\nBerlin\nParis\n", shape: "city string",
            rows: ["Berlin", "Paris"]),
        Case(
            testDescription: "one column of numbers", text: "1\n2\n3\n", shape: "col0 bigint", rows: ["1", "2", "3"]),
        Case(
            testDescription: "one column with commas in it", text: "title\nLord, My\nPlain\nWar, Peace, Rest\n",
            shape: "title string", rows: ["Lord, My", "Plain", "War, Peace, Rest"]),
        Case(
            testDescription: "one column of a file of another name", text: "some words\nand more\n", name: "notes.txt",
            shape: "", rows: []),
        Case(
            testDescription: "all text with header", text: "code,name\nDE,Germany (West)\nFR,France 2\nIT,Italy 3\n",
            shape: "code string, name string", rows: ["DE|Germany (West)", "FR|France 2", "IT|Italy 3"]),
        Case(
            testDescription: "all text without header", text: "DE,Germany\nFR,France\nIT,Italy\n",
            shape: "col0 string, col1 string", rows: ["DE|Germany", "FR|France", "IT|Italy"], reason: "no header"),
        Case(
            testDescription: "years as column names", text: "country,2019,2020\nDE,1.5,2\nFR,3,4.5\n",
            shape: "country string, 2019 double, 2020 double", rows: []),
        Case(
            testDescription: "a header with numbers below names only", text: "country,2019\nDE,1\nFR,2\n",
            shape: "col0 string, col1 bigint", rows: ["DE|1", "FR|2", "country|2019"]),
        Case(
            testDescription: "empty fields and an empty column", text: "a,b,c\n1,,x\n,,y\n3,,\n",
            shape: "a bigint, b string, c string", rows: ["1||x", "3||", "NULL||y"],
            reason: "column b is string: the sample holds no value"),
        Case(
            testDescription: "a value that is not of the type", text: "id,price\n1,2.5\n2,n/a\n3,4\n4,5\n",
            shape: "id bigint, price string", rows: ["1|2.5", "2|n/a", "3|4", "4|5"],
            reason: "3 of 4 values are double, but 'n/a' in line 3 is not"),
        Case(
            testDescription: "names: blanks, capitals, other letters, repeated, missing",
            text: "Row ID,Größe,x,x,\n1,2,3,4,5\n6,7,8,9,0\n",
            shape: "row id bigint, größe bigint, x bigint, x_2 bigint, col4 bigint", rows: ["1|2|3|4|5", "6|7|8|9|0"]),
        Case(
            testDescription: "one record of values", text: "1,a,2024-01-01\n",
            shape: "col0 bigint, col1 string, col2 date", rows: ["1|a|2024-01-01"]),
        Case(
            testDescription: "a header alone", text: "id,name,day\n", shape: "id string, name string, day string",
            rows: []),
        Case(
            testDescription: "delimiters at the ends of lines", text: "id|name|\n1|a|\n2|b|\n",
            shape: "id bigint, name string", rows: ["1|a", "2|b"], reason: "begins no column"),
        Case(
            testDescription: "delimiters at the ends of lines without header", text: "1|a|\n2|b|\n",
            shape: "col0 bigint, col1 string", rows: ["1|a", "2|b"]),
        Case(
            testDescription: "ragged records", text: "a,b\n1,2\n3,4\n5,6\n7,8\n9\n1,2\n3,4\n",
            shape: "a bigint, b bigint",
            rows: ["1|2", "1|2", "3|4", "3|4", "5|6", "7|8", "9|NULL"], reason: "(line 6 has 1)"),
        Case(
            testDescription: "prose", text: "It was a day, like many.\nNobody knew.\nThen, at once, it rained.\n",
            name: "story.txt", shape: "", rows: []),
        Case(
            testDescription: "damaged JSON", text: "{\"a\":1,\"b\"\n{\"a\":1,\"b\":2}\n", name: "x.json", shape: "",
            rows: []),
    ]

    @Test(arguments: cases) func detects(_ item: Case) throws {
        let lake = try Lake([:])
        try lake.put("t/" + item.name, item.text)
        let report = try lake.crawl("t")
        guard !item.shape.isEmpty else {
            #expect(report.tables.isEmpty)
            #expect(report.warnings.contains { $0.contains(item.name) }, "\(report.warnings)")
            return
        }
        let table = try #require(report["t"])
        #expect(table.shape == item.shape)
        let stored = try #require(try lake.table("t"))
        let properties = stored.parameters.merging(stored.storage.serdeParameters) { $1 }
        for (key, value) in item.properties { #expect(properties[key] ?? "" == value, "\(key)") }
        if !item.reason.isEmpty { #expect(table.says(item.reason), "\(table.reasons)") }
        #expect(!report.warnings.contains { $0.contains("cannot be read") }, "\(report.warnings)")
        if !item.rows.isEmpty || item.testDescription == "a header alone" {
            #expect(try lake.rows("SELECT * FROM t") == item.rows)
        }
    }

    @Test func readsOtherEncodings() throws {
        let lake = try Lake([:])
        try lake.put("latin/a.csv", Array("id,city\n1,M".utf8) + [0xfc] + Array("nchen\n2,Paris\n".utf8))
        let text = "id\ttown\n1\tMünchen\n2\tParis\n"
        try lake.put("wide/a.txt", [0xff, 0xfe] + text.utf16.flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] })
        let report = try lake.crawl()
        for (name, column) in [("latin", "city"), ("wide", "town")] {
            #expect(report[name]?.shape == "id bigint, \(column) string")
            #expect(try lake.rows("SELECT * FROM \(name)") == ["1|München", "2|Paris"])
        }
    }

    @Test func typesByEvidence() throws {
        let columns: [(name: String, values: [String], type: String, glue: String)] = [
            ("small", ["1", "2", "-3"], "bigint", "bigint"),
            ("wide", ["1", "9223372036854775807", "-9223372036854775808"], "bigint", "bigint"),
            ("huge", ["1", "92233720368547758080", "2"], "decimal(38,0)", "double"),
            ("codes", ["007", "010", "123"], "string", "string"),
            ("fraction", ["1.5", "2", "-.5"], "double", "double"),
            ("exponent", ["1e3", "2.5E-7", "3"], "double", "double"),
            ("day", ["2024-02-29", "1970-01-01", "2023-12-31"], "date", "string"),
            ("noday", ["2023-02-29", "1970-01-01", "2023-12-31"], "string", "string"),
            (
                "moment", ["2024-01-01 10:00:00", "2024-01-01 10:00:00.123", "2024-01-02 00:00:00"], "timestamp",
                "string"
            ),
            ("iso", ["2024-01-01T10:00:00", "2024-01-01T10:00:00.5", "2024-01-02T00:00:00"], "timestamp", "string"),
            ("daytime", ["2024-01-01", "2024-01-01 10:00:00", "2024-01-02"], "timestamp", "string"),
            ("flag", ["true", "false", "TRUE"], "boolean", "string"),
            ("mixed", ["1", "true", "x"], "string", "string"),
            ("gaps", ["", "2", ""], "bigint", "bigint"),
            ("nothing", ["", "", ""], "string", "string"),
            ("us", ["01/02/2024", "02/03/2024", "12/31/2024"], "string", "string"),
        ]
        let lines = [columns.map(\.name)] + (0..<3).map { row in columns.map { $0.values[row] } }
        let text = lines.map { $0.joined(separator: ",") + "\n" }.joined()
        let lake = try Lake(["t/a.csv": text, "g/a.csv": text])
        let shape = try lake.crawl("t")["t"]?.shape
        #expect(shape == columns.map { "\($0.name) \($0.type)" }.joined(separator: ", "))
        let glue = try lake.crawl("g") { $0.usesGlueTypes = true }["g"]?.shape
        #expect(glue == columns.map { "\($0.name) \($0.glue)" }.joined(separator: ", "))
        #expect(
            try lake.rows("SELECT wide, huge, noday, moment, daytime, flag, gaps FROM t WHERE small = 2") == [
                "9223372036854775807|92233720368547758080|1970-01-01|2024-01-01 10:00:00.123|2024-01-01 10:00:00.000|false|2"
            ])
    }

    @Test func classifierDecides() throws {
        let lake = try Lake(["t/a.data": "1~'x~y'\n2~z\n", "w/a.data": "alpha\nbeta\n"])
        let report = try lake.crawl("t") { options in
            var settings = CSVClassifierSettings(name: "tilde")
            settings.delimiter = UInt8(ascii: "~")
            settings.quote = UInt8(ascii: "'")
            settings.columns = ["id", "name"]
            settings.header = .absent
            options.classifiers = [.csv(settings)]
        }
        #expect(report["t"]?.shape == "id bigint, name string")
        #expect(try lake.rows("SELECT * FROM t") == ["1|x~y", "2|z"])
        let words = try lake.crawl("w") { options in
            var settings = CSVClassifierSettings(name: "words")
            settings.allowsSingleColumn = true
            settings.header = .absent
            options.classifiers = [.csv(settings)]
        }
        #expect(words["w"]?.shape == "col0 string")
    }
}
