import StorageTestSupport

/// Random columns of Hive types, and text for them.
struct TextSchema {
    /// A type with what its values are made of.
    indirect enum Shape {
        case scalar(String)
        case array(Shape)
        case map(Shape, Shape)
        case structure([(name: String, shape: Shape)])

        /// Hive's spelling.
        var name: String {
            switch self {
            case .scalar(let name): name
            case .array(let element): "array<\(element.name)>"
            case .map(let key, let value): "map<\(key.name),\(value.name)>"
            case .structure(let fields):
                "struct<" + fields.map { "\($0.name):\($0.shape.name)" }.joined(separator: ",") + ">"
            }
        }
    }

    var columns: [(name: String, shape: Shape)]

    init(_ random: inout Seeded) {
        columns = []
        // The first is an integer, so that a filter has something to look at.
        for index in 0..<random.number(1...6) {
            let name =
                index == 0 ? "id" : random.pick(["a", "b_c", "value", "x", "ts", "caf\u{e9}", "key"]) + "\(index)"
            columns.append((name, index == 0 ? .scalar("int") : Self.shape(&random, depth: 0)))
        }
    }

    /// `id:int;tags:array<string>`, as `TextTable` takes it.
    var text: String { columns.map { "\($0.name):\($0.shape.name)" }.joined(separator: ";") }

    private static let scalars = [
        "tinyint", "smallint", "int", "bigint", "float", "double", "boolean", "string", "string", "varchar(5)",
        "char(4)",
        "decimal(9,2)", "decimal(38,10)", "date", "timestamp", "binary",
    ]

    private static func shape(_ random: inout Seeded, depth: Int) -> Shape {
        guard depth < 3, random.chance(30) else { return .scalar(random.pick(scalars)) }
        switch random.below(3) {
        case 0: return .array(shape(&random, depth: depth + 1))
        case 1: return .map(.scalar(random.pick(["string", "int", "date"])), shape(&random, depth: depth + 1))
        default:
            return .structure(
                (0..<random.number(1...3)).map { ("f\($0)", shape(&random, depth: depth + 1)) })
        }
    }

    /// The text of a scalar, mostly a value of its type.
    static func scalar(_ name: String, _ random: inout Seeded) -> String {
        if random.chance(12) { return random.pick(oddities) }
        switch name {
        case "tinyint": return String(random.number(-128...127))
        case "smallint": return String(random.number(-32768...32767))
        case "int":
            return String(random.chance(80) ? random.number(-5...20) : random.number(-2_147_483_648...2_147_483_647))
        case "bigint": return String(Int64(bitPattern: random.next()))
        case "float", "double":
            return random.pick([
                "0.1", "-1e10", "3.4028235e38", "1e-320", "NaN", "-Infinity", "12345678901234567890", ".5", "1.",
            ])
        case "boolean": return random.pick(["true", "false", "TRUE", "t", "1"])
        case "date": return random.pick(["2024-02-29", "1970-01-01", "-0001-12-31", "9999-12-31", "2024-2-9", "19000"])
        case "timestamp":
            return random.pick([
                "2024-02-29 23:59:59", "1969-12-31 23:59:59.999999999", "2024-02-29T00:00:00Z", "1709208000500",
                "2024-02-29 12:00", "9999-12-31 23:59:59.9999999",
            ])
        case "decimal(9,2)", "decimal(38,10)":
            return random.pick([
                "1.005", "-9999999.99", "0", "1e3", "99999999999999999999999999999999999999",
                ".000000000000000000000001",
            ])
        case "binary": return random.pick(["aGk=", "/w==", "not base64", "6869"])
        default:
            let words = [
                "a", "hello world", "caf\u{e9}", "\u{1f600}", "", " ", "x,y", "say \"hi\"", "it's", "tab\there", "a\\b",
            ]
            return random.chance(4)
                ? String(repeating: random.pick(words), count: random.number(1...400)) : random.pick(words)
        }
    }

    private static let oddities = [
        "", " ", "\\N", "null", "NULL", "NaN", "abc", "-", "+1", "1e999", "0x10", "99999999999999999999999999999",
        "--5",
        "2024-13-45", "24:00:00", "{}", "[]", "\u{0}", "\r", "1_000", "\u{feff}1", "1.2.3", "'", "\"",
    ]
}
