/// Reads a type as Trino spells it: `row(a integer, b varchar(10))`, `timestamp(6) with time zone`, `array<int>`.
/// What `DataType.displayName` prints reads back equal, as long as field names are plain lower-case words.
public enum TrinoTypeParser {
    /// - Throws: TYPE_NOT_FOUND naming the text and the place, or the range errors of `TypeFactory`.
    public static func parse(_ text: String) throws -> DataType {
        var scanner = TypeText(text)
        let type = try type(&scanner)
        guard scanner.isAtEnd else { throw scanner.error("unexpected text") }
        return type
    }

    private static func type(_ scanner: inout TypeText) throws -> DataType {
        var result = try scanner.nested(prefixType)
        // `integer ARRAY`, `integer ARRAY[10]`.
        while scanner.takeWord("array") {
            if scanner.take("[") {
                _ = try scanner.number()
                try scanner.expect("]")
            }
            result = .array(result)
        }
        return result
    }

    private static func prefixType(_ scanner: inout TypeText) throws -> DataType {
        let name = try scanner.quoted(0x22)?.lowercased() ?? scanner.word()
        switch name {
        case "": throw scanner.error("expected a type")
        case "double":
            _ = scanner.takeWord("precision")
            return .double
        case "time", "timestamp": return try dateTime(name, &scanner)
        case "interval": return try interval(&scanner)
        case "row": return .row(try fields(&scanner))
        case "array", "map":
            if scanner.take("<") {
                var arguments: [TypeFactory.Argument] = []
                repeat { arguments.append(.type(try type(&scanner))) } while scanner.take(",")
                try scanner.expect(">")
                return try TypeFactory.trino(name, arguments)
            }
        default: break
        }
        var arguments: [TypeFactory.Argument] = []
        if scanner.take("(") {
            if !(name == "function" && scanner.peek() == 0x29) {
                repeat {
                    let first = scanner.peek()
                    let isNumber = first >= 0x30 && first <= 0x39
                    arguments.append(isNumber ? .number(try scanner.number()) : .type(try type(&scanner)))
                } while scanner.take(",")
            }
            try scanner.expect(")")
        }
        return try TypeFactory.trino(name, arguments)
    }

    private static func dateTime(_ name: String, _ scanner: inout TypeText) throws -> DataType {
        var precision = TypeFactory.defaultTimePrecision
        if scanner.take("(") {
            precision = try scanner.number()
            try scanner.expect(")")
        }
        let hasZone = scanner.takeWord("with")
        if hasZone || scanner.takeWord("without") {
            guard scanner.takeWord("time"), scanner.takeWord("zone") else { throw scanner.error("expected TIME ZONE") }
        }
        return try TypeFactory.dateTime(isTimestamp: name == "timestamp", precision: precision, hasZone: hasZone)
    }

    private static func interval(_ scanner: inout TypeText) throws -> DataType {
        if scanner.takeWord("year"), scanner.takeWord("to"), scanner.takeWord("month") { return .intervalYearToMonth }
        if scanner.takeWord("day"), scanner.takeWord("to"), scanner.takeWord("second") { return .intervalDayToSecond }
        throw scanner.error("expected YEAR TO MONTH or DAY TO SECOND")
    }

    private static func fields(_ scanner: inout TypeText) throws -> [RowField] {
        try scanner.expect("(")
        var fields: [RowField] = []
        repeat { fields.append(try field(&scanner)) } while scanner.take(",")
        try scanner.expect(")")
        return fields
    }

    /// A type alone, or a name and a type. The first word is a name unless the field ends after it or what follows
    /// continues a type.
    private static func field(_ scanner: inout TypeText) throws -> RowField {
        let start = scanner.mark
        if let name = try scanner.quoted(0x22) {
            let next = scanner.peek()
            if next != 0x2C && next != 0x29 && next != 0x28 {
                return RowField(name: name, type: try type(&scanner))
            }
            scanner.mark = start
            return RowField(name: nil, type: try type(&scanner))
        }
        let word = scanner.word()
        let next = scanner.peek()
        let wordEnd = scanner.mark
        let following = scanner.word()
        let continues: Bool
        switch (word, following) {
        case ("double", "precision"), ("time", "with"), ("time", "without"), ("timestamp", "with"),
            ("timestamp", "without"), ("interval", "year"), ("interval", "day"), (_, "array"):
            // `array` after a word is the postfix form unless a type follows in parentheses or the field is so named.
            continues = following != "array" || !(scanner.peek() == 0x28 || scanner.peek() == 0x3C)
        default: continues = false
        }
        let isAlone = next == 0x2C || next == 0x29 || next == 0x28 || next == 0x3C
        if isAlone || continues {
            scanner.mark = start
            return RowField(name: nil, type: try type(&scanner))
        }
        scanner.mark = wordEnd
        return RowField(name: word, type: try type(&scanner))
    }
}
