import SQLTypes

/// What a crawl learned of one file. Has a stored form, so that an unchanged file need not be read again.
struct FileFinding: Hashable {
    /// `parquet`, `csv`, `json`, `orc`, `avro`, `xml`, `unknown`.
    var classification: String
    /// `none`, `gzip`, `zstd`, `bzip2`, `lz4`, `snappy`.
    var compression: String
    /// In file order; names as written.
    var columns: [InferredType.Field]
    var csv: CSVLayout?
    /// Where in JSON documents the records are, when a classifier says so.
    var jsonPath: String?
    /// Records in the whole file: exact for Parquet, estimated for text.
    var recordCount: Int
    /// Mean bytes of a record.
    var recordByteCount: Int
    /// Bytes that were read to learn this.
    var sampledByteCount: Int
    var reasons: [String] = []

    /// Bumped when what findings hold changes: older ones are not used again.
    static let version = 2
}

extension FileFinding {
    var json: JSONValue {
        .object([
            .init("v", .int(Self.version)), .init("classification", .string(classification)),
            .init("compression", .string(compression)),
            .init("columns", .array(columns.map(Self.json))), .init("csv", csv.map(Self.json) ?? .null),
            .init("path", jsonPath.map { .string($0) } ?? .null),
            .init("records", .int(recordCount)), .init("record_bytes", .int(recordByteCount)),
            .init("sampled", .int(sampledByteCount)), .init("reasons", .array(reasons.map { .string($0) })),
        ])
    }

    init?(json: JSONValue) {
        guard json["v"]?.intValue == Self.version, let classification = json["classification"]?.stringValue,
            let compression = json["compression"]?.stringValue, let columns = json["columns"]?.arrayValue
        else { return nil }
        self.classification = classification
        self.compression = compression
        self.columns = columns.compactMap(Self.field)
        csv = json["csv"].flatMap(Self.csv)
        jsonPath = json["path"]?.stringValue
        recordCount = json["records"]?.intValue ?? 0
        recordByteCount = json["record_bytes"]?.intValue ?? 0
        sampledByteCount = json["sampled"]?.intValue ?? 0
        reasons = (json["reasons"]?.arrayValue ?? []).compactMap(\.stringValue)
    }

    private static func json(_ field: InferredType.Field) -> JSONValue {
        .array([.string(field.name), json(field.type)])
    }

    private static func field(_ json: JSONValue) -> InferredType.Field? {
        guard let parts = json.arrayValue, parts.count == 2, let name = parts[0].stringValue, let type = type(parts[1])
        else { return nil }
        return InferredType.Field(name: name, type: type)
    }

    private static func json(_ type: InferredType) -> JSONValue {
        switch type {
        case .null: .string("null")
        case .boolean: .string("boolean")
        case .int: .string("int")
        case .bigint: .string("bigint")
        case .huge: .string("huge")
        case .double: .string("double")
        case .date: .string("date")
        case .timestamp: .string("timestamp")
        case .string: .string("string")
        case .array(let element): .object([.init("array", json(element))])
        case .structure(let fields): .object([.init("struct", .array(fields.map(json)))])
        case .exact(let type): .object([.init("exact", .string(type.hiveName))])
        }
    }

    private static func type(_ json: JSONValue) -> InferredType? {
        switch json.stringValue {
        case "null": return .null
        case "boolean": return .boolean
        case "int": return .int
        case "bigint": return .bigint
        case "huge": return .huge
        case "double": return .double
        case "date": return .date
        case "timestamp": return .timestamp
        case "string": return .string
        default: break
        }
        if let element = json["array"] { return type(element).map { .array($0) } }
        if let fields = json["struct"]?.arrayValue { return .structure(fields.compactMap(field)) }
        if let exact = json["exact"]?.stringValue { return (try? HiveTypeParser.parse(exact)).map { .exact($0) } }
        return nil
    }

    private static func json(_ csv: CSVLayout) -> JSONValue {
        func byte(_ value: UInt8?) -> JSONValue { value.map { .int(Int($0)) } ?? .null }
        return .object([
            .init("delimiter", byte(csv.delimiter)), .init("quote", byte(csv.quote)), .init("escape", byte(csv.escape)),
            .init("quoted", .bool(csv.usesQuotes)), .init("backslashes", .bool(csv.keepsBackslashes)),
            .init("header", .bool(csv.hasHeader)), .init("certain", .bool(csv.isHeaderCertain)),
            .init("newlines", .bool(csv.hasEmbeddedNewlines)), .init("skipped", .int(csv.skippedLineCount)),
            .init("encoding", csv.encoding.map { .string($0) } ?? .null),
            .init("first", .array(csv.firstRecord.map { .string($0) })),
            .init("first_types", .array(csv.firstTypes.map(json))),
            .init("body_types", .array(csv.bodyTypes.map(json))), .init("names", .array(csv.names.map { .string($0) })),
            .init("types", .array(csv.types.map { .string($0) })),
            .init("serde", csv.serde.map { .string($0) } ?? .null),
        ])
    }

    private static func csv(_ json: JSONValue) -> CSVLayout? {
        func byte(_ name: String) -> UInt8? { json[name]?.intValue.flatMap { UInt8(exactly: $0) } }
        func strings(_ name: String) -> [String] { (json[name]?.arrayValue ?? []).compactMap(\.stringValue) }
        func types(_ name: String) -> [InferredType] { (json[name]?.arrayValue ?? []).compactMap(type) }
        guard let delimiter = byte("delimiter") else { return nil }
        var layout = CSVLayout(
            delimiter: delimiter, quote: byte("quote"), usesQuotes: json["quoted"]?.boolValue ?? false,
            hasHeader: json["header"]?.boolValue ?? false, isHeaderCertain: json["certain"]?.boolValue ?? true,
            hasEmbeddedNewlines: json["newlines"]?.boolValue ?? false,
            skippedLineCount: json["skipped"]?.intValue ?? 0, firstRecord: strings("first"),
            firstTypes: types("first_types"), bodyTypes: types("body_types"), names: strings("names"))
        layout.escape = byte("escape")
        layout.keepsBackslashes = json["backslashes"]?.boolValue ?? false
        layout.encoding = json["encoding"]?.stringValue
        layout.types = strings("types")
        layout.serde = json["serde"]?.stringValue
        return layout
    }
}
