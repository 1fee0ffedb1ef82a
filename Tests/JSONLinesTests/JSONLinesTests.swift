import JSONLines
import SQLTypes
import Storage
import StorageTestSupport
import Testing

private func openX(_ columns: String, _ properties: [String: String] = [:]) throws -> TextTable {
    try TextTable(JSONLinesFormat(), serde: JSONOptions.openXClass, columns: columns, properties)
}

private func hive(_ columns: String, _ properties: [String: String] = [:]) throws -> TextTable {
    try TextTable(JSONLinesFormat(), serde: JSONOptions.hiveClass, columns: columns, properties)
}

@Suite struct JSONValueTests {
    @Test func readsScalars() throws {
        let table = try openX("i:int;b:bigint;d:double;n:decimal(9,2);s:string;t:boolean;dt:date;ts:timestamp")
        #expect(
            try table.shown(
                """
                {"i":1,"b":-9007199254740993,"d":1.5e3,"n":12.345,"s":"x","t":true,"dt":"2024-02-29","ts":"2024-02-29 12:00:00.5"}
                { "ts" : "2024-02-29T12:00:00Z" , "dt":"2024-2-29", "t":"true", "s":null, "n":"7", "d":"2", "b":"3", "i":"4" }
                {"i":1.9,"d":7,"n":1e2,"ts":1709208000500,"b":1E3}
                {"ts":1709208000}

                {}
                """) == [
                    "1|-9007199254740993|1500.0|1235|x|true|19782|1709208000500000",
                    "4|3|2.0|700|NULL|true|19782|1709208000000000", "1|1000|7.0|10000|NULL|NULL|NULL|1709208000500000",
                    "NULL|NULL|NULL|NULL|NULL|NULL|NULL|1709208000000000", "NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL",
                ])
    }

    @Test func readsNestedValues() throws {
        let table = try openX("a:array<int>;m:map<string,double>;s:struct<x:int,Y:struct<z:array<string>>>")
        #expect(
            try table.shown(
                """
                {"a":[1,null,3],"m":{"k":1,"l":null},"s":{"X":5,"extra":[{}],"y":{"z":["p","q"]}}}
                {"a":[],"m":{},"s":{}}
                {"a":7,"m":"","s":[8,{"z":[]}]}
                """) == ["[1, NULL, 3]|{k=1.0, l=NULL}|(5, ([p, q]))", "[]|{}|(NULL, NULL)", "[7]|NULL|(8, ([]))"])
    }

    @Test func keepsRawJSONInText() throws {
        let table = try openX("s:string;t:string")
        #expect(
            try table.shown(#"{"s":{"a": [1, "}"]},"t":-1.50}"# + "\n" + #"{"s":[true, null],"t":false}"#)
                == [#"{"a": [1, "}"]}|-1.50"#, "[true, null]|false"])
    }

    /// Unescaped text of what is no string once lived in memory that was already given back.
    @Test func readsOtherTypesFromEscapedText() throws {
        let table = try openX("a:array<bigint>;m:map<int,date>;n:int")
        let record = #"{"a":["\u0031\u0032","\u000d"],"m":{"\u0037":"2024-\u0030\u0032-29"},"n":"\u0034\u0032"}"#
        let lines = [String](repeating: record, count: 200).joined(separator: "\n")
        #expect(try Set(table.shown(lines)) == ["[12, NULL]|{7=19782}|42"])
    }

    @Test func resolvesEscapes() throws {
        let table = try openX("s:string")
        #expect(
            try table.shown(#"{"s":"a\"b\\c\/\n\u00e9\ud83d\ude00\ud83dx"}"#) == ["a\"b\\c/\n\u{e9}\u{1f600}\u{fffd}x"])
        #expect(throws: QueryError.self) { try table.shown(#"{"s":"\q"}"#) }
    }

    @Test func matchesKeys() throws {
        #expect(try openX("name:string").shown(#"{"NAME":"x"}"#) == ["x"])
        #expect(try openX("name:string", ["case.insensitive": "false"]).shown(#"{"NAME":"x"}"#) == ["NULL"])
        #expect(
            try openX("a:int;b:int", ["case.insensitive": "false", "mapping.a": "Id", "mapping.b": "id"])
                .shown(#"{"id":1,"Id":2}"#) == ["2|1"])
        #expect(try openX("a_b:int", ["dots.in.keys": "true"]).shown(#"{"a.b":4}"#) == ["4"])
        #expect(try openX("caf\u{e9}:int").shown(#"{"caf\u00e9":4}"#) == ["4"])
        #expect(try openX("ts:int", ["mapping.ts": "timestamp"]).shown(#"{"timestamp":9}"#) == ["9"])
    }

    /// Long keys are not compared past the end of a block.
    @Test func readsLongKeys() throws {
        let name = String(repeating: "k", count: 300)
        let table = try openX("\(name):int;b:int")
        let lines = (0..<50).map { #"{"\#(name)":\#($0),"x\#(name)":1,"b":2}"# }
        #expect(try table.shown(lines.joined(separator: "\n")) == (0..<50).map { "\($0)|2" })
    }

    @Test func readsTimestampFormats() throws {
        let table = try hive("ts:timestamp", ["timestamp.formats": "dd/MM/yyyy,yyyy-MM-dd'T'HH:mm"])
        #expect(
            try table.shown("{\"ts\":\"02/01/1970\"}\n{\"ts\":\"1970-01-01T00:01\"}") == ["86400000000", "60000000"])
    }
}

@Suite struct JSONRecordTests {
    static let records = ["{\"a\":1,\"b\":\"x\"}", "{\"a\":2,\"b\":\"}{\"}", "{\"a\":3}"]

    @Test func takesAllShapes() throws {
        let table = try openX("a:int;b:string")
        let expected = ["1|x", "2|}{", "3|NULL"]
        #expect(try table.shown(Self.records.joined(separator: "\n")) == expected)
        #expect(try table.shown(Self.records.joined(separator: "\r\n") + "\r\n\r\n") == expected)
        #expect(try table.shown(Self.records.joined()) == expected)
        #expect(try table.shown("[" + Self.records.joined(separator: ",\n") + "]\n") == expected)
        #expect(try table.shown("\u{feff} [\n\n" + Self.records.joined(separator: " , ") + "\n]") == expected)
        #expect(
            try table.shown(Self.records.joined(separator: "\n").replacing(",", with: "\n , \n")) == [
                "1|x", "2|}{", "3|NULL",
            ])
        #expect(try table.shown("[]") == [])
        #expect(try table.shown("") == [])
        #expect(try table.shown("[1,\"y\"]\n[2]\n") == ["1|y", "2|NULL"])
    }

    @Test func namesBadRecords() throws {
        let table = try openX("a:int;b:string")
        let error = #expect(throws: QueryError.self) { try table.shown("{\"a\":1}\n{\"a\":2,\n{\"a\":3}\n") }
        #expect(error?.code == .hiveCursorError)
        #expect(error?.location?.line == 2)
        #expect(error?.message.hasPrefix("Row is not a valid JSON Object") == true)
        let value = #expect(throws: QueryError.self) { try table.shown("{\"a\":1}\n{\"a\":\"x\"}\n") }
        #expect(
            value?.text
                == "Error parsing field value '\"x\"' for field 0: not a value of type integer (file file, line 2, column 'a')"
        )
        #expect(throws: QueryError.self) { try table.shown("{\"a\":1,\"A\":2}") }
        #expect(throws: QueryError.self) { try table.shown("hello\n") }
        #expect(throws: QueryError.self) { try table.shown("{\"a\":1") }
    }

    @Test func replacesOrSkipsBadRecords() throws {
        let text = "{\"a\":1}\n{\"a\":oops}\n{\"a\":[1]}\nnull\n{\"a\":4,\"b\":\"unclosed}\n{\"a\":5}\n"
        var table = try openX("a:int;b:string", ["ignore.malformed.json": "true"])
        table.options.badData = .null
        #expect(try table.shown(text) == ["1|NULL", "NULL|NULL", "NULL|NULL", "NULL|NULL", "NULL|NULL", "5|NULL"])
        table = try openX("a:int;b:string")
        table.options.badData = .skip
        #expect(try table.shown(text) == ["1|NULL", "NULL|NULL", "5|NULL"])
    }

    @Test func filtersRows() throws {
        var table = try openX("a:int;b:int")
        table.filters = [EvenFilter(column: 0)]
        #expect(try table.shown("{\"a\":1,\"b\":\"x\"}\n{\"a\":2,\"b\":3}\n") == ["2|3"])
    }

    @Test func refusesEndlessNesting() throws {
        let table = try openX("a:array<array<int>>;s:string")
        let deep = String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
        #expect(throws: QueryError.self) { try table.shown("{\"a\":\(deep)}") }
        #expect(try table.shown("{\"s\":\(deep)}").first?.utf8.count == 200_005)
    }

    @Test func givesTheSameRowsHoweverItIsCut() throws {
        var random = Seeded(5)
        for round in 0..<60 {
            var text = ""
            for row in 0..<Int.random(in: 0...120, using: &random) {
                let filler = String(repeating: "\u{e9}\\n\\\"", count: Int.random(in: 0...20, using: &random))
                text += "{\"a\":\(row),\"b\":\"\(filler)\",\"c\":[{\"d\":\(row)}]}" + (round % 2 == 0 ? "\n" : "\r\n")
            }
            if round % 5 == 0 { text = text.replacing("},\r\n", with: "}").replacing("]}\n", with: "]} ") }
            var first: [[Value]]?
            for (split, block) in [(nil, 1 << 18), (nil, 128), (10, 200), (333, 128), (1000, 4000)] as [(Int?, Int)] {
                let table = try TextTable(
                    JSONLinesFormat(splitByteCount: split, blockByteCount: block), serde: JSONOptions.openXClass,
                    columns: "a:int;b:string;c:array<struct<d:int>>")
                let rows = try table.rows(Array(text.utf8))
                #expect(try table.count(Array(text.utf8)) == rows.count)
                if let first {
                    #expect(rows == first, "round \(round) split \(split ?? 0) block \(block)")
                } else {
                    first = rows
                }
            }
        }
    }

    /// A split owns the records of the lines that begin in it, wherever on the line they begin.
    @Test func blanksAndSharedLinesMeetEveryCut() throws {
        let text = "\u{feff}   {\"a\":1}\n\n  \t{\"a\":2} {\"a\":3}{\"a\":4}  \r\n{\"a\":5}\n   \n {\"a\":6}"
        for split in 1...text.utf8.count {
            for block in [128, 4000] {
                let table = try TextTable(
                    JSONLinesFormat(splitByteCount: split, blockByteCount: block), serde: JSONOptions.openXClass,
                    columns: "a:int")
                #expect(try table.shown(text) == ["1", "2", "3", "4", "5", "6"], "split \(split) block \(block)")
                #expect(try table.count(Array(text.utf8)) == 6, "split \(split) block \(block)")
            }
        }
    }

    /// Six records as Python's json module writes and reads them.
    @Test func everyCutAndContainerGivesTheRowsOfPython() throws {
        let records = (0..<6).map { index in
            #"{"a": \#(index), "b": ["\#(String(repeating: "x", count: index))", "\u00e9\n\""], "#
                + #""c": {"d": \#(index % 2 == 1 ? "null" : String(Double(index) / 4))}}"#
        }
        let expected = [
            "0|[, \u{e9}\n\"]|(0.0)", "1|[x, \u{e9}\n\"]|(NULL)", "2|[xx, \u{e9}\n\"]|(0.5)",
            "3|[xxx, \u{e9}\n\"]|(NULL)", "4|[xxxx, \u{e9}\n\"]|(1.0)", "5|[xxxxx, \u{e9}\n\"]|(NULL)",
        ]
        let text = "\u{feff}" + records.joined(separator: "\r\n")
        func table(_ split: Int, _ block: Int) throws -> TextTable {
            try TextTable(
                JSONLinesFormat(splitByteCount: split, blockByteCount: block), serde: JSONOptions.hiveClass,
                columns: "a:int;b:array<string>;c:struct<d:double>")
        }
        for split in 1...text.utf8.count {
            #expect(try table(split, 128).shown(text) == expected, "split \(split)")
        }
        for (ending, packed) in Packing.all(Array(text.utf8)) {
            for block in [128, 256 << 10] {
                var table = try table(10, block)
                table.path = "data.json" + ending
                let rows = try table.rows(packed).map { $0.map(TextTable.show).joined(separator: "|") }
                #expect(rows == expected, "\(ending), block \(block)")
            }
        }
    }

    @Test func survivesMutations() throws {
        var random = Seeded(17)
        let start =
            Array(
                #"{"a":1,"b":"x\u00e9","c":[1,2.5,"z"],"m":{"k":[true]},"s":{"x":{"y":null}},"d":"2024-01-02","t":"2024-01-02 03:04:05"}"#
                    .utf8) + [0x0a]
        for round in 0..<1500 {
            var bytes = start + start + start
            for _ in 0...Int.random(in: 0...8, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0...3, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.insert(Array("\"\\,:{}[]\n0e-".utf8).randomElement(using: &random) ?? 0, at: place)
                case 2: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...20, using: &random)))
                default: bytes.remove(at: place)
                }
                if bytes.isEmpty { bytes = [0x7b] }
            }
            var table = try TextTable(
                JSONLinesFormat(splitByteCount: round % 3 == 0 ? 50 : nil, blockByteCount: 128),
                serde: round % 2 == 0 ? JSONOptions.openXClass : JSONOptions.hiveClass,
                columns:
                    "a:int;b:string;c:array<double>;m:map<string,array<boolean>>;s:struct<x:struct<y:int>>;d:date;t:timestamp;e:string"
            )
            table.options.badData = round % 4 < 2 ? .null : .skip
            _ = try table.rows(bytes)
            _ = try table.count(bytes)
        }
    }
}
