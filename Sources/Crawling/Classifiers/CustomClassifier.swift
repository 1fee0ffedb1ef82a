import Metastore
import SQLTypes
import Storage

/// A classifier that the user made, with Glue's fields. Those of a crawl are asked first, in order.
public enum CustomClassifier: Hashable, Sendable {
    case csv(CSVClassifierSettings)
    case json(JSONClassifierSettings)
    /// One of the catalog, looked up when the crawl runs.
    case named(String)

    public var name: String {
        switch self {
        case .csv(let settings): settings.name
        case .json(let settings): settings.name
        case .named(let name): name
        }
    }

    /// The stored form.
    public var json: JSONValue {
        switch self {
        case .csv(let settings): settings.json
        case .json(let settings): settings.json
        case .named(let name): .string(name)
        }
    }

    public init?(json: JSONValue) {
        if let name = json.stringValue {
            self = .named(name)
        } else if json["type"]?.stringValue == "json" {
            guard let settings = JSONClassifierSettings(json: json) else { return nil }
            self = .json(settings)
        } else {
            guard let settings = CSVClassifierSettings(json: json) else { return nil }
            self = .csv(settings)
        }
    }

    /// The classifier itself, from the catalog where it is a name.
    /// - Throws: NOT_FOUND, with near names.
    func resolved(_ store: MetastoreStore) throws -> CustomClassifier {
        guard case .named(let name) = self else { return self }
        let known = try store.classifiers()
        guard let record = known.first(where: { $0.name == name }) else {
            throw QueryError(
                .notFound, "Classifier '\(name)' does not exist" + NearNames.hint(name, among: known.map(\.name)))
        }
        guard let found = CustomClassifier(json: record.configuration) else {
            throw QueryError(
                .hiveInvalidMetadata, "The configuration of classifier '\(name)' cannot be read: create it again")
        }
        return found
    }
}

/// A custom CSV classifier.
public struct CSVClassifierSettings: Hashable, Sendable {
    public enum Header: String, Sendable { case unknown = "UNKNOWN", present = "PRESENT", absent = "ABSENT" }
    public enum Serde: String, Sendable { case openCSV = "OpenCSVSerDe", lazySimple = "LazySimpleSerDe", none = "None" }

    public var name: String
    public var delimiter: UInt8?
    public var quote: UInt8?
    public var header = Header.unknown
    public var columns: [String] = []
    /// Hive types of the columns, instead of those of their values.
    public var types: [String] = []
    public var allowsSingleColumn = false
    /// `none` chooses by the sample.
    public var serde = Serde.none

    public init(name: String) { self.name = name }

    var json: JSONValue {
        .object([
            .init("type", .string("csv")), .init("name", .string(name)),
            .init("delimiter", delimiter.map { .string(String(Character(Unicode.Scalar($0)))) } ?? .null),
            .init("quote", quote.map { .string(String(Character(Unicode.Scalar($0)))) } ?? .null),
            .init("header", .string(header.rawValue)), .init("columns", .array(columns.map { .string($0) })),
            .init("types", .array(types.map { .string($0) })), .init("single_column", .bool(allowsSingleColumn)),
            .init("serde", .string(serde.rawValue)),
        ])
    }

    init?(json: JSONValue) {
        guard let name = json["name"]?.stringValue else { return nil }
        self.init(name: name)
        delimiter = json["delimiter"]?.stringValue?.utf8.first
        quote = json["quote"]?.stringValue?.utf8.first
        header = json["header"]?.stringValue.flatMap(Header.init) ?? .unknown
        columns = (json["columns"]?.arrayValue ?? []).compactMap(\.stringValue)
        types = (json["types"]?.arrayValue ?? []).compactMap(\.stringValue)
        allowsSingleColumn = json["single_column"]?.boolValue ?? false
        serde = json["serde"]?.stringValue.flatMap(Serde.init) ?? .none
    }
}

/// A custom JSON classifier: the path to the records.
public struct JSONClassifierSettings: Hashable, Sendable {
    public var name: String
    public var path: JSONPath

    /// - Throws: INVALID_TABLE_PROPERTY for a text that is no path.
    public init(name: String, path: String) throws {
        self.name = name
        self.path = try JSONPath(path)
    }

    var json: JSONValue {
        .object([.init("type", .string("json")), .init("name", .string(name)), .init("path", .string(path.text))])
    }

    init?(json: JSONValue) {
        guard let name = json["name"]?.stringValue, let path = json["path"]?.stringValue,
            let made = try? JSONClassifierSettings(name: name, path: path)
        else { return nil }
        self = made
    }
}
