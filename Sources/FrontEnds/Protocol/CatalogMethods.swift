import Engine
import Metastore
import SQLTypes
import Storage

/// The catalog methods of the protocol, with the columns and order of java.sql.DatabaseMetaData.
struct CatalogMethods {
    let session: Session

    private var store: MetastoreStore { session.engine.store }
    private static let catalog = "awsdatacatalog"

    func rows(_ request: ProtocolRequest) throws -> MetadataRows {
        // There is one catalog: a pattern of another name finds nothing.
        let isCatalog = JDBCPattern(try request.string("catalog")).matches(Self.catalog)
        let schema = JDBCPattern(try request.string("schema"))
        let table = JDBCPattern(try request.string("table"))
        switch request.method {
        case "catalogs":
            return MetadataRows([("TABLE_CAT", .varcharUnbounded)], [[.string(Self.catalog)]])
        case "schemas":
            let names = isCatalog ? try store.databaseNames() + ["information_schema"] : []
            return MetadataRows(
                Self.texts("TABLE_SCHEM", "TABLE_CATALOG"),
                names.sorted().filter(schema.matches).map { [.string($0), .string(Self.catalog)] })
        case "tableTypes": return MetadataRows(Self.texts("TABLE_TYPE"), [[.string("TABLE")], [.string("VIEW")]])
        case "tables":
            let types = try request.array("types")?.compactMap(\.stringValue)
            return tables(isCatalog ? try matching(schema, table) : [], types)
        case "columns":
            let column = JDBCPattern(try request.string("column"))
            return columns(isCatalog ? try matching(schema, table) : [], column)
        case "typeInfo": return typeInfo()
        case "functions": return functions()
        default: return try partitions(isCatalog ? try matching(schema, table) : [])
        }
    }

    private static func texts(_ names: String...) -> [(String, DataType)] { names.map { ($0, .varcharUnbounded) } }

    private func matching(_ schema: JDBCPattern, _ table: JDBCPattern) throws -> [Table] {
        try store.databaseNames().filter(schema.matches).flatMap { database in
            try store.tableNames(database).filter(table.matches).compactMap { try store.table(database, $0) }
        }
    }

    private func tables(_ entries: [Table], _ types: [String]?) -> MetadataRows {
        let found = entries.map { ($0, $0.kind == .view ? "VIEW" : "TABLE") }
            .filter { types?.contains($0.1) ?? true }
            .sorted { ($0.1, $0.0.database, $0.0.name) < ($1.1, $1.0.database, $1.0.name) }
        return MetadataRows(
            Self.texts(
                "TABLE_CAT", "TABLE_SCHEM", "TABLE_NAME", "TABLE_TYPE", "REMARKS", "TYPE_CAT", "TYPE_SCHEM",
                "TYPE_NAME",
                "SELF_REFERENCING_COL_NAME", "REF_GENERATION"),
            found.map { table, type in
                [
                    .string(Self.catalog), .string(table.database), .string(table.name), .string(type),
                    table.comment.map(Value.string) ?? .null, .null, .null, .null, .null, .null,
                ]
            })
    }

    private func columns(_ entries: [Table], _ column: JDBCPattern) -> MetadataRows {
        var rows: [[Value]] = []
        for entry in entries {
            for (index, item) in (entry.storage.columns + entry.partitionKeys).enumerated()
            where column.matches(item.name) {
                let type = (try? item.dataType()) ?? .varcharUnbounded
                let facts = JDBCType(type)
                rows.append([
                    .string(Self.catalog), .string(entry.database), .string(entry.name), .string(item.name),
                    .int(facts.code), .string(type.displayName), facts.size.map(Value.int) ?? .null, .null,
                    facts.digits.map(Value.int) ?? .null, .int(10), .int(1), item.comment.map(Value.string) ?? .null,
                    .null,
                    .null, .null, .null, .int(Int64(index + 1)), .string("YES"), .null, .null, .null, .null,
                    .string("NO"),
                    .string("NO"),
                ])
            }
        }
        let numbers: Set<String> = [
            "DATA_TYPE", "COLUMN_SIZE", "BUFFER_LENGTH", "DECIMAL_DIGITS", "NUM_PREC_RADIX", "NULLABLE",
            "SQL_DATA_TYPE", "SQL_DATETIME_SUB", "CHAR_OCTET_LENGTH", "ORDINAL_POSITION",
        ]
        let names = [
            "TABLE_CAT", "TABLE_SCHEM", "TABLE_NAME", "COLUMN_NAME", "DATA_TYPE", "TYPE_NAME", "COLUMN_SIZE",
            "BUFFER_LENGTH", "DECIMAL_DIGITS", "NUM_PREC_RADIX", "NULLABLE", "REMARKS", "COLUMN_DEF", "SQL_DATA_TYPE",
            "SQL_DATETIME_SUB", "CHAR_OCTET_LENGTH", "ORDINAL_POSITION", "IS_NULLABLE", "SCOPE_CATALOG", "SCOPE_SCHEMA",
            "SCOPE_TABLE", "SOURCE_DATA_TYPE", "IS_AUTOINCREMENT", "IS_GENERATEDCOLUMN",
        ]
        return MetadataRows(
            names.map { name in
                if name == "SOURCE_DATA_TYPE" { return (name, .smallint) }
                return (name, numbers.contains(name) ? .integer : .varcharUnbounded)
            }, rows)
    }

    private func typeInfo() -> MetadataRows {
        let types: [DataType] = [
            .boolean, .tinyint, .smallint, .integer, .bigint, .real, .double, .decimal(precision: 38, scale: 0),
            .varcharUnbounded, .char(length: 1), .varbinary, .date, .time(precision: 3), .timestamp(precision: 3),
            .timestampWithTimeZone(precision: 3), .json, .array(.unknown), .map(key: .unknown, value: .unknown),
            .row([]),
        ]
        let rows = types.map { type -> (Int64, [Value]) in
            let facts = JDBCType(type)
            let name = Self.typeName(type)
            return (
                facts.code,
                [
                    .string(name), .int(facts.code), facts.size.map(Value.int) ?? .null,
                    type.isCharacter ? .string("'") : .null, type.isCharacter ? .string("'") : .null, .null, .int(1),
                    .boolean(type.isCharacter), .int(3), .boolean(false), .boolean(false), .boolean(false),
                    .string(name),
                    .int(0), .int(name == "decimal" ? 38 : 0), .null, .null, .int(10),
                ]
            )
        }
        let columns: [(String, DataType)] = [
            ("TYPE_NAME", .varcharUnbounded), ("DATA_TYPE", .integer), ("PRECISION", .integer),
            ("LITERAL_PREFIX", .varcharUnbounded), ("LITERAL_SUFFIX", .varcharUnbounded),
            ("CREATE_PARAMS", .varcharUnbounded), ("NULLABLE", .smallint), ("CASE_SENSITIVE", .boolean),
            ("SEARCHABLE", .smallint), ("UNSIGNED_ATTRIBUTE", .boolean), ("FIXED_PREC_SCALE", .boolean),
            ("AUTO_INCREMENT", .boolean), ("LOCAL_TYPE_NAME", .varcharUnbounded), ("MINIMUM_SCALE", .smallint),
            ("MAXIMUM_SCALE", .smallint), ("SQL_DATA_TYPE", .integer), ("SQL_DATETIME_SUB", .integer),
            ("NUM_PREC_RADIX", .integer),
        ]
        return MetadataRows(columns, rows.sorted { $0.0 < $1.0 }.map(\.1))
    }

    /// A type's name without its arguments: `timestamp with time zone`.
    private static func typeName(_ type: DataType) -> String {
        var name = ""
        var isInside = false
        for character in type.displayName {
            if character == "(" { isInside = true } else if !isInside { name.append(character) }
            if character == ")" { isInside = false }
        }
        return name
    }

    private func functions() -> MetadataRows {
        let registry = session.engine.functions
        let scalars = registry.scalars.filter { !$0.value.allSatisfy(\.isHidden) }.map { ($0.key, $0.value[0].summary) }
        let aggregates = registry.aggregates.filter { !$0.value.allSatisfy(\.isHidden) }.map {
            ($0.key, $0.value[0].summary)
        }
        let windows = registry.windows.map { ($0.key, $0.value[0].summary) }
        let all = Dictionary(scalars + aggregates + windows, uniquingKeysWith: { first, _ in first })
        return MetadataRows(
            [
                ("FUNCTION_CAT", .varcharUnbounded), ("FUNCTION_SCHEM", .varcharUnbounded),
                ("FUNCTION_NAME", .varcharUnbounded), ("REMARKS", .varcharUnbounded), ("FUNCTION_TYPE", .smallint),
                ("SPECIFIC_NAME", .varcharUnbounded),
            ],
            all.sorted { $0.key < $1.key }.map { name, summary in
                [.string(Self.catalog), .null, .string(name), .string(summary), .int(1), .string(name)]
            })
    }

    private func partitions(_ entries: [Table]) throws -> MetadataRows {
        var rows: [[Value]] = []
        for entry in entries where !entry.partitionKeys.isEmpty {
            let keys = entry.partitionKeys.map(\.name)
            for partition in try store.partitions(entry.database, entry.name, matching: nil) {
                rows.append([
                    .string(Self.catalog), .string(entry.database), .string(entry.name),
                    .string(PartitionFolder.path(keys: keys, values: partition.values)),
                    .string(partition.storage.location),
                ])
            }
        }
        return MetadataRows(Self.texts("TABLE_CAT", "TABLE_SCHEM", "TABLE_NAME", "PARTITION", "LOCATION"), rows)
    }
}

/// `%` is any text, `_` one character, `\` escapes; nil matches all.
struct JDBCPattern {
    private let pattern: [Character]?

    init(_ text: String?) { pattern = text.map { Array($0.lowercased()) } }

    func matches(_ name: String) -> Bool {
        guard let pattern else { return true }
        return Self.match(pattern[...], Array(name.lowercased())[...])
    }

    private static func match(_ pattern: ArraySlice<Character>, _ text: ArraySlice<Character>) -> Bool {
        guard let first = pattern.first else { return text.isEmpty }
        switch first {
        case "%":
            if match(pattern.dropFirst(), text) { return true }
            return !text.isEmpty && match(pattern, text.dropFirst())
        case "_": return !text.isEmpty && match(pattern.dropFirst(), text.dropFirst())
        case "\\" where pattern.count > 1:
            return text.first == pattern[pattern.startIndex + 1] && match(pattern.dropFirst(2), text.dropFirst())
        default: return text.first == first && match(pattern.dropFirst(), text.dropFirst())
        }
    }
}

/// A type as java.sql.Types numbers it.
struct JDBCType {
    var code: Int64
    var size: Int64?
    var digits: Int64?

    init(_ type: DataType) {
        switch type {
        case .boolean: self.init(16, 1)
        case .tinyint: self.init(-6, 3)
        case .smallint: self.init(5, 5)
        case .integer: self.init(4, 10)
        case .bigint: self.init(-5, 19)
        case .real: self.init(7, 24)
        case .double: self.init(8, 53)
        case .decimal(let precision, let scale): self.init(3, Int64(precision), Int64(scale))
        case .varchar(let length): self.init(12, Int64(length ?? Int(Int32.max)))
        case .char(let length): self.init(1, Int64(length))
        case .varbinary: self.init(-3, Int64(Int32.max))
        case .date: self.init(91, 14)
        case .time(let precision): self.init(92, 8, Int64(precision))
        case .timeWithTimeZone(let precision): self.init(2013, 14, Int64(precision))
        case .timestamp(let precision): self.init(93, 23, Int64(precision))
        case .timestampWithTimeZone(let precision): self.init(2014, 35, Int64(precision))
        case .array: self.init(2003, nil)
        default: self.init(2000, nil)
        }
    }

    private init(_ code: Int64, _ size: Int64?, _ digits: Int64? = nil) {
        self.code = code
        self.size = size
        self.digits = digits
    }
}
