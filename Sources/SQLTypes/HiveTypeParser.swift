/// Reads a type as Hive and the Glue Data Catalog spell it: `struct<a:int,b:array<string>>`, `decimal(10,2)`.
public enum HiveTypeParser {
    /// - Throws: TYPE_NOT_FOUND naming the text and the place, or the range errors of `TypeFactory`.
    public static func parse(_ text: String) throws -> DataType {
        var scanner = TypeText(text)
        let type = try type(&scanner)
        guard scanner.isAtEnd else { throw scanner.error("unexpected text") }
        return type
    }

    private static func type(_ scanner: inout TypeText) throws -> DataType {
        let name = scanner.word()
        switch name {
        case "": throw scanner.error("expected a type")
        case "array", "map": return try TypeFactory.hive(name, try nestedTypes(&scanner))
        case "struct": return .row(try scanner.nested(fields))
        case "uniontype": throw QueryError(.notSupported, "The type uniontype is not supported")
        case "double":
            _ = scanner.takeWord("precision")
            return .double
        default:
            var arguments: [TypeFactory.Argument] = []
            if scanner.take("(") {
                repeat { arguments.append(.number(try scanner.number())) } while scanner.take(",")
                try scanner.expect(")")
            }
            return try TypeFactory.hive(name, arguments)
        }
    }

    private static func nestedTypes(_ scanner: inout TypeText) throws -> [TypeFactory.Argument] {
        try scanner.nested { scanner in
            try scanner.expect("<")
            var types: [TypeFactory.Argument] = []
            repeat { types.append(.type(try type(&scanner))) } while scanner.take(",")
            try scanner.expect(">")
            return types
        }
    }

    private static func fields(_ scanner: inout TypeText) throws -> [RowField] {
        try scanner.expect("<")
        var fields: [RowField] = []
        if scanner.take(">") { throw scanner.error("a struct needs a field") }
        repeat {
            let name = try scanner.quoted(0x60) ?? scanner.text(upTo: 0x3A)
            try scanner.expect(":")
            fields.append(RowField(name: name.lowercased(), type: try type(&scanner)))
            if scanner.takeWord("comment") { _ = try scanner.quoted(0x27) }
        } while scanner.take(",")
        try scanner.expect(">")
        return fields
    }
}

extension DataType {
    /// The type as Hive and Glue spell it: `int`, `string`, `struct<a:int>`. Types that Hive does not have keep
    /// Trino's name.
    public var hiveName: String {
        switch self {
        case .integer: "int"
        case .real: "float"
        case .varchar(nil): "string"
        case .varbinary: "binary"
        case .timestamp: "timestamp"
        case .array(let element): "array<\(element.hiveName)>"
        case .map(let key, let value): "map<\(key.hiveName),\(value.hiveName)>"
        case .row(let fields):
            "struct<"
                + fields.enumerated().map { index, field in
                    "\(Self.hiveFieldName(field.name ?? "field\(index)")):\(field.type.hiveName)"
                }.joined(separator: ",") + ">"
        case .unknown, .boolean, .tinyint, .smallint, .bigint, .double, .decimal, .varchar, .char, .date, .time,
            .timeWithTimeZone, .timestampWithTimeZone, .intervalYearToMonth, .intervalDayToSecond, .json, .uuid,
            .ipaddress, .function, .sketch:
            displayName
        }
    }

    /// Quoted where the name holds what ends it (`struct<\`a:b\`:int>`).
    private static func hiveFieldName(_ name: String) -> String {
        let isPlain = !name.isEmpty && name.first != " " && name.last != " " && !name.contains { ":,<>`".contains($0) }
        return isPlain
            ? name : "`" + name.split(separator: "`", omittingEmptySubsequences: false).joined(separator: "``") + "`"
    }

    /// Whether a Hive table can store the type.
    public var isStorableInHive: Bool {
        switch self {
        case .boolean, .tinyint, .smallint, .integer, .bigint, .real, .double, .decimal, .varchar, .char, .varbinary,
            .date, .timestamp:
            true
        case .array(let element): element.isStorableInHive
        case .map(let key, let value): key.isStorableInHive && value.isStorableInHive
        case .row(let fields): fields.allSatisfy(\.type.isStorableInHive)
        case .unknown, .time, .timeWithTimeZone, .timestampWithTimeZone, .intervalYearToMonth, .intervalDayToSecond,
            .json, .uuid, .ipaddress, .function, .sketch:
            false
        }
    }
}
