import CKernels
import DelimitedText
import SQLTypes
import Storage
import StorageTestSupport
import Testing

private func csv(_ columns: String, _ properties: [String: String] = [:]) throws -> TextTable {
    try TextTable(DelimitedTextFormat(), serde: DelimitedOptions.openCSVClass, columns: columns, properties)
}

private func lazySimple(_ columns: String, _ properties: [String: String] = [:]) throws -> TextTable {
    try TextTable(DelimitedTextFormat(), serde: DelimitedOptions.lazySimpleClass, columns: columns, properties)
}

/// Quoted text as OpenCSVSerDe reads it, and what athena-lite takes beyond that.
@Suite struct OpenCSVTests {
    @Test func readsQuotes() throws {
        let table = try csv("a:string;b:string;c:string")
        #expect(
            try table.shown("1,two,\"three\"\n\"a,b\",\"say \"\"hi\"\"\",\"\"\nx,5\" pipe,\"end\" \n")
                == ["1|two|three", "a,b|say \"hi\"|", "x|5\" pipe|end "])
    }

    @Test func readsNewlinesInQuotes() throws {
        let table = try csv("a:string;b:int")
        #expect(try table.shown("\"x\ny\",1\r\n\"p\r\nq\",2\r\n") == ["x\ny|1", "p\r\nq|2"])
    }

    @Test func resolvesEscapesInsideQuotesOnly() throws {
        let table = try csv("a:string;b:string")
        #expect(
            try table.shown(
                #"""
                "a\"b,c","d\\e"
                "f\g",h\i
                j\"k,"l\"m"
                """#) == [#"a"b,c|d\e"#, "fg|hi", #"j"k|l"m"#])
    }

    @Test func convertsTypes() throws {
        let table = try csv("i:int;d:double;b:boolean;n:decimal(9,2);dt:date;ts:timestamp;t:tinyint;f:float")
        #expect(
            try table.shown(
                """
                1,1.5,true,12.345,2024-02-29,2024-02-29 12:00:00.5,7,2.5
                "2","-2e3","FALSE","0.5","19782","1709208000500","-8","nan"
                ,,,,,,,
                 3 , 4 ,true, 5 ,2024-1-2,2024-01-02T03:04:05Z,9,1
                """) == [
                    "1|1.5|true|1235|19782|1709208000500000|7|2.5", "2|-2000.0|false|50|19782|1709208000500000|-8|nan",
                    "NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL", "3|4.0|true|500|19724|1704164645000000|9|1.0",
                ])
    }

    @Test func keepsRaggedRowsAndEmptyLines() throws {
        let table = try csv("a:string;b:string;c:int")
        #expect(try table.shown("1\n1,2,3,4\n\n,\n") == ["1|NULL|NULL", "1|2|3", "NULL|NULL|NULL", "||NULL"])
    }

    @Test func skipsMarkHeaderAndFooter() throws {
        let table = try csv("a:int;b:string", ["skip.header.line.count": "2", "skip.footer.line.count": "1"])
        #expect(try table.shown("\u{feff}\"a\nname\",b\nsecond,line\n1,x\n2,y\ntotal,2\n") == ["1|x", "2|y"])
        #expect(try table.shown("a,b\n") == [])
        #expect(try table.shown("") == [])
        let marked = try csv("a:int;b:string")
        #expect(try marked.shown("\u{feff}1,x") == ["1|x"])
    }

    @Test func takesOtherCharacters() throws {
        let table = try csv("a:string;b:string", ["separatorChar": ";", "quoteChar": "'", "escapeChar": "!"])
        #expect(try table.shown("'a;b';c\n'it!'s';'x''y'\n") == ["a;b|c", "it's|x'y"])
        let tabs = try csv("a:string;b:string", ["separatorChar": "\t"])
        #expect(try tabs.shown("1\t2\n\"a\tb\"\tc\n") == ["1|2", "a\tb|c"])
        #expect(throws: QueryError.self) { try csv("a:string", ["separatorChar": "\""]).shown("x") }
    }

    @Test func readsBlanksBeforeQuotes() throws {
        let table = try csv("a:string;b:string")
        let filler = String(repeating: "z", count: 61)
        #expect(try table.shown("\(filler), \"b, c\"\nx,  \"y\n\"\n") == ["\(filler)|b, c", "x|y\n"])
    }

    /// Made by Python's csv module from random text, whose reader gives the same rows back.
    @Test func agreesWithPython() throws {
        let text =
            "\"\n\",,\"\u{e9},bba;'\n\"\r\n,',\"\n,b\"\r\n\"\"\"a \",\"\n\"\",\",\"\n \r\"\r\n, ;',\",\"\r\n\u{e9},"
            + "\"b'\n\",\r\n\"|\n'\",;,\"|\n;\u{e9},\"\"\n\n\"\r\n,,\r\n\" \n'' \u{e9}\r,\",b,\"\"\"  \u{e9}\n,\r;\"\r\n"
        let expected = [
            ["\n", "", "\u{e9},bba;'\n"],
            ["", "'", "\n,b"],
            ["\"a ", "\n\",", "\n \r"],
            ["", " ;'", ","],
            ["\u{e9}", "b'\n", ""],
            ["|\n'", ";", "|\n;\u{e9},\"\n\n"],
            ["", "", ""],
            [" \n'' \u{e9}\r,", "b", "\"  \u{e9}\n,\r;"],
        ]
        let table = try csv("a:string;b:string;c:string", ["escapeChar": "\""])
        #expect(try table.rows(Array(text.utf8)).map { $0.map(TextTable.show) } == expected)
    }
}

/// Plain delimiters as LazySimpleSerDe reads them.
@Suite struct LazySimpleTests {
    @Test func usesControlCharactersByDefault() throws {
        let table = try lazySimple("a:int;b:string;c:array<string>;d:map<string,int>;e:struct<x:int,y:string>")
        #expect(
            try table.shown(
                "1\u{1}b\u{1}p\u{2}q\u{1}k\u{3}1\u{2}l\u{3}2\u{1}5\u{2}z\n\\N\u{1}\\N\u{1}\\N\u{1}\\N\u{1}\\N\n")
                == ["1|b|[p, q]|{k=1, l=2}|(5, z)", "NULL|NULL|NULL|NULL|NULL"])
    }

    @Test func readsNestedLevels() throws {
        let table = try lazySimple(
            "a:array<array<int>>;m:map<string,array<int>>",
            ["field.delim": ",", "collection.delim": "|", "mapkey.delim": ":"])
        #expect(try table.shown("1:2|3|,k:1\u{4}2|l:\n,\n") == ["[[1, 2], [3], []]|{k=[1, 2], l=[]}", "[]|{}"])
    }

    @Test func keepsQuotesAsData() throws {
        let table = try lazySimple("a:string;b:string", ["field.delim": ","])
        #expect(try table.shown("\"x,y\"\n") == ["\"x|y\""])
    }

    @Test func resolvesEscapes() throws {
        let table = try lazySimple(
            "a:string;b:array<string>", ["field.delim": ",", "collection.delim": ";", "escape.delim": "\\"])
        #expect(try table.shown("a\\,b,c\\;d;e\nx\\\\,y\\n\n") == ["a,b|[c;d, e]", "x\\|[y\n]"])
    }

    @Test func takesNullMarkersAndRest() throws {
        let nulls = try lazySimple("a:int;b:string", ["field.delim": ",", "serialization.null.format": "-1"])
        #expect(try nulls.shown("-1,-1\n-2,\n") == ["NULL|NULL", "-2|"])
        let empty = try lazySimple("a:string;b:string", ["field.delim": ",", "serialization.null.format": ""])
        #expect(try empty.shown("x,\n,y\n") == ["x|NULL", "NULL|y"])
        let rest = try lazySimple(
            "a:int;b:string", ["field.delim": " ", "serialization.last.column.takes.rest": "true"])
        #expect(try rest.shown("1 a b c\n2\n") == ["1|a b c", "2|NULL"])
    }

    @Test func readsNumbersLikeHive() throws {
        let table = try lazySimple("a:int;b:decimal(20,3);c:varchar(3);d:char(4)", ["field.delim": ","])
        #expect(
            try table.shown("12.9,12345678901234567.8914,h\u{e9}llo,ab  \n-3.2,,,\n")
                == ["12|12345678901234567891|h\u{e9}l|ab", "-3|NULL||"])
    }

    @Test func readsTimestampFormats() throws {
        let table = try lazySimple(
            "a:timestamp;b:int", ["field.delim": ",", "timestamp.formats": "dd/MM/yyyy HH:mm,yyyy-MM-dd'T'HH:mm:ss"])
        #expect(
            try table.shown("02/01/1970 00:01,1\n1970-01-01T00:00:02,2\n1970-01-01 00:00:03,3\n")
                == ["86460000000|1", "2000000|2", "3000000|3"])
    }

    @Test func readsOtherLineEndsAndEncodings() throws {
        let table = try lazySimple("a:int;b:string", ["field.delim": ","])
        #expect(try table.shown("1,a\r2,b\r3,c") == ["1|a", "2|b", "3|c"])
        let latin = try lazySimple("a:string", ["field.delim": ",", "serialization.encoding": "ISO-8859-1"])
        #expect(try latin.rows([0xe9, 0x0a]).first?.first == .string("\u{e9}"))
        let wide = try lazySimple("a:string", ["field.delim": ",", "serialization.encoding": "UTF-16"])
        #expect(try wide.rows([0xff, 0xfe, 0x3d, 0xd8, 0x00, 0xde, 0x0a, 0x00]).first?.first == .string("\u{1f600}"))
        #expect(throws: QueryError.self) {
            try latin.format.open(
                Split(
                    file: FileEntry(path: "x", byteCount: 0, inode: 0, modified: 0, changed: 0),
                    description: StorageDescription(
                        serde: "", properties: ["serialization.encoding": "EBCDIC"], columns: []),
                    range: 0..<0, rowCount: nil, byteCount: 0),
                ScanRequest(columns: []), ScanContext(fileSystem: MemoryFileSystem([:])))
        }
    }
}

/// `bad_data`, filters, metrics.
@Suite struct DelimitedScanTests {
    static let text = "1,a\n2,b\nthree,c\n4,d\n5,99999999999999999999\n6,f\n"

    @Test func namesBadValues() throws {
        let table = try lazySimple("n:int;s:string", ["field.delim": ","])
        let error = #expect(throws: QueryError.self) { try table.shown(Self.text) }
        #expect(error?.code == .hiveBadData)
        #expect(
            error?.text
                == "Error parsing field value 'three' for field 0: not a value of type integer (file file, line 3, column 'n')"
        )
        // A column that nobody asks for is not read.
        #expect(try table.shown(Self.text, wanted: ["s"]).count == 6)
    }

    @Test func replacesOrSkipsBadValues() throws {
        var table = try lazySimple("n:int;s:bigint", ["field.delim": ","])
        let text = "1,1\nx,2\n3,y\n4,4\n"
        let metrics = ScanMetrics()
        table.options.badData = .null
        #expect(try table.rows(Array(text.utf8), metrics: metrics).count == 4)
        #expect(try table.shown(text) == ["1|1", "NULL|2", "3|NULL", "4|4"])
        #expect(metrics.badValues.value == 2)
        table.options.badData = .skip
        #expect(try table.shown(text) == ["1|1", "4|4"])
    }

    @Test func readsOtherColumnsOfFilteredRowsOnly() throws {
        var table = try lazySimple("n:int;s:bigint", ["field.delim": ","])
        table.filters = [EvenFilter(column: 0)]
        // The bad value stands in a row that the filter drops.
        #expect(try table.shown("1,x\n2,20\n3,y\n4,40\n") == ["2|20", "4|40"])
        #expect(throws: QueryError.self) { try table.shown("1,x\n2,z\n") }
    }
}

/// The structural scan against a plain reading of the format, and the same rows however a file is cut.
@Suite struct DelimitedSplitTests {
    /// Random text over few letters, so that everything meets everything.
    static func text(_ random: inout Seeded, _ count: Int, _ alphabet: [UInt8]) -> [UInt8] {
        (0..<count).map { _ in alphabet.randomElement(using: &random) ?? 0 }
    }

    /// What the format means, one byte at a time: records of raw fields.
    static func oracle(_ bytes: [UInt8], quote: UInt8?, escape: UInt8?) -> [[[UInt8]]] {
        var records: [[[UInt8]]] = []
        var fields: [[UInt8]] = []
        var field: [UInt8] = []
        var isQuoted = false
        var canOpen = true
        var at = 0
        while at < bytes.count {
            let byte = bytes[at]
            if isQuoted {
                field.append(byte)
                if byte == escape, at + 1 < bytes.count {
                    at += 1
                    field.append(bytes[at])
                } else if byte == quote {
                    isQuoted = false
                    // A second quote right here opens again.
                    canOpen = true
                    if at + 1 < bytes.count, bytes[at + 1] == quote {
                        at += 1
                        field.append(bytes[at])
                        isQuoted = true
                    } else {
                        canOpen = false
                    }
                }
                at += 1
                continue
            }
            if quote == nil, let escape, byte == escape {
                field.append(byte)
                if at + 1 < bytes.count, bytes[at + 1] == UInt8(ascii: ",") || bytes[at + 1] == escape {
                    at += 1
                    field.append(bytes[at])
                }
                at += 1
                continue
            }
            let isReturn = byte == 0x0d && (at + 1 >= bytes.count || bytes[at + 1] != 0x0a)
            if byte == 0x0a || isReturn {
                if byte == 0x0a, field.last == 0x0d, at > 0, bytes[at - 1] == 0x0d { field.removeLast() }
                fields.append(field)
                records.append(fields)
                (fields, field, canOpen) = ([], [], true)
            } else if byte == UInt8(ascii: ",") {
                fields.append(field)
                (field, canOpen) = ([], true)
            } else {
                field.append(byte)
                if byte == quote, canOpen {
                    isQuoted = true
                } else if byte != 0x20 && byte != 0x09 {
                    canOpen = false
                }
            }
            at += 1
        }
        if !fields.isEmpty || !field.isEmpty { records.append(fields + [field]) }
        return records
    }

    @Test func givesTheSameRowsHoweverItIsCut() throws {
        var random = Seeded(21)
        let alphabets: [[UInt8]] = [
            Array("ab,\n\"".utf8), Array("abcdefghijklmnop,\n\"\" ".utf8), Array("ab,\n\r\"\\ ".utf8),
            Array("abcdefgh,,\r\n\n".utf8), Array("a,\"\\\n".utf8) + [UInt8](repeating: 98, count: 40),
        ]
        for round in 0..<250 {
            let bytes = Self.text(&random, Int.random(in: 0...1500, using: &random), alphabets[round % alphabets.count])
            for serde in [DelimitedOptions.openCSVClass, DelimitedOptions.lazySimpleClass] {
                let isCSV = serde == DelimitedOptions.openCSVClass
                let properties = isCSV ? [:] : ["field.delim": ",", "escape.delim": "\\"]
                let expected = Self.oracle(
                    bytes, quote: isCSV ? UInt8(ascii: "\"") : nil, escape: UInt8(ascii: "\\"))
                var first: [[Value]]?
                for (split, block) in [(nil, 256 << 10), (nil, 200), (7, 150), (64, 128), (333, 1000)] as [(Int?, Int)]
                {
                    let format = DelimitedTextFormat(splitByteCount: split, blockByteCount: block)
                    let table = try TextTable(
                        format, serde: serde, columns: "a:string;b:string;c:string", properties)
                    let rows = try table.rows(bytes)
                    #expect(rows.count == expected.count, "round \(round) split \(split ?? 0) block \(block)")
                    #expect(try table.count(bytes) == expected.count, "count, round \(round) split \(split ?? 0)")
                    if let first {
                        #expect(rows == first, "round \(round) split \(split ?? 0) block \(block)")
                    } else {
                        first = rows
                        // Fields that need no unquoting are the file's own bytes.
                        for (row, record) in zip(rows, expected) {
                            for (value, field) in zip(row, record)
                            where !field.contains(UInt8(ascii: "\"")) && !field.contains(UInt8(ascii: "\\"))
                                && !field.isEmpty
                            {
                                #expect(value == .bytes(field))
                            }
                        }
                    }
                }
            }
        }
    }

    /// Quotes over line ends, CR LF, a byte order mark, characters of several bytes, ragged rows: cut at every place.
    static let awkward =
        "\u{feff}a,\"b \"\"q\"\" x\",\"line\r\nbreak\"\r\n\r\n1,2\r\n\"x,y\",,\"\",\"extra\"\r\n"
        + "\"\u{e9}\u{1f600}\",\"\n\n\",z\r\nlast,\"open\nend\",3"
    /// As Python's csv module reads it, short rows filled with NULL, long ones cut.
    static let awkwardRows = [
        "a|b \"q\" x|line\r\nbreak", "NULL|NULL|NULL", "1|2|NULL", "x,y||", "\u{e9}\u{1f600}|\n\n|z",
        "last|open\nend|3",
    ]

    @Test func everyCutGivesTheRowsOfPython() throws {
        let bytes = Array(Self.awkward.utf8)
        for split in 1...bytes.count {
            for block in [128, 4_000] {
                let table = try TextTable(
                    DelimitedTextFormat(splitByteCount: split, blockByteCount: block),
                    serde: DelimitedOptions.openCSVClass, columns: "a:string;b:string;c:string", ["escapeChar": "\""])
                #expect(try table.shown(Self.awkward) == Self.awkwardRows, "split \(split) block \(block)")
                #expect(try table.count(bytes) == Self.awkwardRows.count, "split \(split) block \(block)")
            }
        }
    }

    @Test func everyCutOfPlainLinesGivesTheSameRows() throws {
        let text = "\u{feff}1|x\r\n|\n3|y|z\r4\n\\N|\\\\|\u{e9}\r\n\n7|last"
        let expected = ["1|x", "NULL|", "3|y", "4|NULL", "NULL|\\", "NULL|NULL", "7|last"]
        for split in 1...text.utf8.count {
            let table = try TextTable(
                DelimitedTextFormat(splitByteCount: split, blockByteCount: 128),
                serde: DelimitedOptions.lazySimpleClass, columns: "n:int;s:string",
                ["field.delim": "|", "escape.delim": "\\"])
            #expect(try table.shown(text) == expected, "split \(split)")
            #expect(try table.count(Array(text.utf8)) == 7, "split \(split)")
        }
    }

    @Test func everyContainerGivesTheSameRows() throws {
        let bytes = Array(Self.awkward.utf8)
        for (ending, packed) in Packing.all(bytes) {
            for block in [128, 256 << 10] {
                var table = try TextTable(
                    DelimitedTextFormat(splitByteCount: 10, blockByteCount: block),
                    serde: DelimitedOptions.openCSVClass, columns: "a:string;b:string;c:string", ["escapeChar": "\""])
                table.path = "data.csv" + ending
                let rows = try table.rows(packed).map { $0.map(TextTable.show).joined(separator: "|") }
                #expect(rows == Self.awkwardRows, "\(ending), block \(block)")
            }
        }
    }

    @Test func givesTheSameRowsWithHeaders() throws {
        let lines = (0..<200).map { "\($0),\"line\n\($0)\"" }.joined(separator: "\n")
        for split in [1, 5, 50, 500] {
            let table = try TextTable(
                DelimitedTextFormat(splitByteCount: split, blockByteCount: 128), serde: DelimitedOptions.openCSVClass,
                columns: "a:int;b:string", ["skip.header.line.count": "3"])
            #expect(try table.rows(Array("h\nh,\"x\ny\"\nh\n\(lines)".utf8)).count == 200)
            #expect(try table.count(Array("h\nh,\"x\ny\"\nh\n\(lines)".utf8)) == 200)
        }
    }

    @Test func survivesMutations() throws {
        var random = Seeded(33)
        let start = Array(
            "id,name,when,amount,tags\n1,\"a \"\"b\"\"\",2024-01-02,1.50,x\u{2}y\n2,,1999-12-31,-7,\n".utf8)
        for round in 0..<600 {
            var bytes = start + start + start
            for _ in 0...Int.random(in: 0...12, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0...2, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.insert(Array("\"\\,\n\r\u{1}".utf8).randomElement(using: &random) ?? 0, at: place)
                default: bytes.remove(at: place)
                }
            }
            for serde in [DelimitedOptions.openCSVClass, DelimitedOptions.lazySimpleClass] {
                var table = try TextTable(
                    DelimitedTextFormat(splitByteCount: round % 3 == 0 ? 40 : nil, blockByteCount: 128), serde: serde,
                    columns:
                        "id:int;name:string;when:date;amount:decimal(9,2);tags:array<string>;x:map<string,array<int>>;y:struct<a:int,b:timestamp>;z:double",
                    ["field.delim": ",", "escape.delim": "\\"])
                table.options.badData = round % 2 == 0 ? .null : .skip
                _ = try table.rows(bytes)
            }
        }
    }
}

@Suite struct TextSamplerTests {
    @Test func splitsLinesAndRecords() throws {
        let bytes = Array("a;b\r\n\"x;\n\"\"y\"; 2\r\n\"open;".utf8)
        let files = MemoryFileSystem(["f.csv": bytes])
        let sampler = try TextSampler(files.entry("f.csv"), files)
        #expect(
            sampler.lines().map { String(decoding: $0, as: UTF8.self) } == ["a;b", "\"x;", "\"\"y\"; 2", "\"open;"])
        let dialect = TextSampler.Dialect(separator: UInt8(ascii: ";"), quote: UInt8(ascii: "\""))
        let records = sampler.records(dialect)
        #expect(records[1].map(\.string) == ["x;\n\"y", " 2"])
        #expect(records[1].map(\.wasQuoted) == [true, false])
        let tally = sampler.tally(dialect)
        #expect(tally.endsInQuotes && tally.neededQuoteCount == 2 && tally.fieldCounts[2] == 2)
        #expect(sampler.lineEnds.crlf == 2 && sampler.lineEnds.lf == 1)
        let short = try TextSampler(files.entry("f.csv"), files, byteLimit: 6)
        #expect(!short.isWhole && short.lines().count == 1)
    }
}
