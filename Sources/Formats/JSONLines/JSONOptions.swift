import Columnar
import SQLTypes
import Storage

/// How JSON files of a table are to be read: properties of the OpenX and the Hive JSON SerDe, parsed once.
public struct JSONOptions: Hashable, Sendable {
    public enum Dialect: Sendable { case openX, hive }

    public var dialect: Dialect
    /// A record that is no JSON is a row of NULLs.
    public var ignoresMalformed: Bool
    public var isCaseInsensitive: Bool
    /// A key `a.b` also matches the column `a_b`.
    public var dotsInKeys: Bool
    /// JSON keys by lower-case column name.
    public var mappings: [String: String]
    public var rules: TextValueRules
    /// Where in the documents the records are (`json.path`), beyond Athena: by default they are the documents.
    public var path: JSONPath?

    public static let openXClass = "org.openx.data.jsonserde.JsonSerDe"
    public static let hiveClass = "org.apache.hive.hcatalog.data.JsonSerDe"

    /// - Throws: INVALID_TABLE_PROPERTY for a value that cannot be understood.
    public init(_ description: StorageDescription) throws {
        let properties = description.properties
        dialect = description.serde.lowercased().contains("openx") ? .openX : .hive
        func flag(_ name: String, _ usual: Bool) -> Bool { properties[name].map { $0.lowercased() == "true" } ?? usual }
        ignoresMalformed = flag("ignore.malformed.json", false)
        isCaseInsensitive = flag("case.insensitive", true)
        dotsInKeys = flag("dots.in.keys", false)
        mappings = [:]
        path = try properties["json.path"].map { try JSONPath($0) }
        for (name, value) in properties where name.lowercased().hasPrefix("mapping.") {
            mappings[String(name.dropFirst("mapping.".count)).lowercased()] = value
        }
        rules = TextValueRules()
        rules.timestampPatterns = try (properties["timestamp.formats"] ?? "").split(separator: ",").map {
            try TimestampPattern(String($0))
        }
    }

    /// The key in the file that a column or struct field is read from.
    func key(of name: String) -> String { mappings[name.lowercased()] ?? name }
}
