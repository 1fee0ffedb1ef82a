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
    /// Records in the whole file: exact for Parquet, estimated for text.
    var recordCount: Int
    /// Mean bytes of a record.
    var recordByteCount: Int
    /// Bytes that were read to learn this.
    var sampledByteCount: Int
    var reasons: [String] = []

    /// How a delimited file is laid out.
    struct CSVLayout: Hashable {
        var delimiter: UInt8
        var quote: UInt8?
        var usesQuotes: Bool
        var hasHeader: Bool
        /// A quoted field spans lines.
        var hasEmbeddedNewlines: Bool
        /// The first record, to compare headers across files.
        var firstRecord: [String]
    }
}

extension FileFinding {
    var json: JSONValue {
        .object([
            .init("classification", .string(classification)), .init("compression", .string(compression)),
            .init("columns", .array(columns.map(Self.json))), .init("csv", csv.map(Self.json) ?? .null),
            .init("records", .int(recordCount)), .init("record_bytes", .int(recordByteCount)),
            .init("sampled", .int(sampledByteCount)), .init("reasons", .array(reasons.map { .string($0) })),
        ])
    }

    init?(json: JSONValue) {
        guard let classification = json["classification"]?.stringValue,
            let compression = json["compression"]?.stringValue, let columns = json["columns"]?.arrayValue
        else { return nil }
        self.classification = classification
        self.compression = compression
        self.columns = columns.compactMap(Self.field)
        csv = json["csv"].flatMap(Self.csv)
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
        .object([
            .init("delimiter", .int(Int(csv.delimiter))), .init("quote", csv.quote.map { .int(Int($0)) } ?? .null),
            .init("quoted", .bool(csv.usesQuotes)), .init("header", .bool(csv.hasHeader)),
            .init("newlines", .bool(csv.hasEmbeddedNewlines)),
            .init("first", .array(csv.firstRecord.map { .string($0) })),
        ])
    }

    private static func csv(_ json: JSONValue) -> CSVLayout? {
        guard let delimiter = json["delimiter"]?.intValue.flatMap({ UInt8(exactly: $0) }) else { return nil }
        return CSVLayout(
            delimiter: delimiter, quote: json["quote"]?.intValue.flatMap { UInt8(exactly: $0) },
            usesQuotes: json["quoted"]?.boolValue ?? false, hasHeader: json["header"]?.boolValue ?? false,
            hasEmbeddedNewlines: json["newlines"]?.boolValue ?? false,
            firstRecord: (json["first"]?.arrayValue ?? []).compactMap(\.stringValue))
    }
}
