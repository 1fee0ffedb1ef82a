import SQLTypes

/// The settings of a session: names, types, defaults, checks. SET SESSION, RESET SESSION, SHOW SESSION, `--session` and
/// the protocol's `set` all go through here.
public struct SessionProperties: Sendable {
    public enum Kind: Sendable {
        case boolean, integer, varchar
        /// A byte count: `512MB`, `2GB`.
        case dataSize
        case choice([String])

        var typeName: String {
            switch self {
            case .boolean: "boolean"
            case .integer: "integer"
            case .varchar, .dataSize, .choice: "varchar"
            }
        }
    }

    public struct Definition: Sendable {
        public var name: String
        public var kind: Kind
        public var defaultValue: String
        public var summary: String
    }

    public static let definitions: [Definition] = [
        Definition(
            name: "bad_data", kind: .choice(["fail", "null", "skip"]), defaultValue: "fail",
            summary: "A value of a file that cannot be read: fail the query, read NULL, or skip the row"),
        Definition(
            name: "batch_rows", kind: .integer, defaultValue: "2048", summary: "Rows in a batch (1 to 65536)"),
        Definition(
            name: "bytes_scanned_cutoff", kind: .integer, defaultValue: "0",
            summary: "Bytes after which a query is ended; 0 is none"),
        Definition(
            name: "hive.timestamp_precision", kind: .choice(["MILLISECONDS", "MICROSECONDS", "NANOSECONDS"]),
            defaultValue: "MILLISECONDS", summary: "Precision of a Hive table's timestamp columns"),
        Definition(
            name: "history.keep", kind: .boolean, defaultValue: "true",
            summary: "Keep statements in the catalog's query history"),
        Definition(
            name: "max_recursion_depth", kind: .integer, defaultValue: "10",
            summary: "Rounds of a WITH RECURSIVE query after which it fails"),
        Definition(
            name: "memory_limit", kind: .dataSize, defaultValue: "",
            summary: "Memory that one query may use; empty is three quarters of the machine's"),
        Definition(
            name: "parquet.verify_checksum", kind: .boolean, defaultValue: "false",
            summary: "Check the CRC of Parquet pages that have one"),
        Definition(
            name: "parse_decimal_literals_as_double", kind: .boolean, defaultValue: "true",
            summary: "Read 0.1 as DOUBLE; false reads it as DECIMAL, as Trino does"),
        Definition(
            name: "query_timeout_ms", kind: .integer, defaultValue: "0",
            summary: "Milliseconds after which a query is ended; 0 is none"),
        Definition(
            name: "result_reuse_minutes", kind: .integer, defaultValue: "0",
            summary:
                "Age in minutes to which a kept result answers the same query; 0 is never. Above 0 results are kept"),
        Definition(
            name: "results.keep", kind: .boolean, defaultValue: "false",
            summary: "Keep results as files in the catalog's results folder (the shell and the server turn it on)"),
        Definition(
            name: "s3.root", kind: .varchar, defaultValue: "", summary: "Folder that stands for s3://"),
        Definition(
            name: "threads", kind: .integer, defaultValue: "0", summary: "Worker threads; 0 is one per processor"),
        Definition(name: "timezone", kind: .varchar, defaultValue: "UTC", summary: "The session's time zone"),
    ]

    /// Values that were set, by name.
    private var values: [String: String] = [:]
    /// Switches of optimiser rules, in snake_case, with the prefix `optimizer.`.
    private let rules: [Definition]
    private let zoneExists: @Sendable (String) -> Bool

    /// `rules` are the names of the optimiser's rules in snake_case.
    public init(rules: [String], zoneExists: @escaping @Sendable (String) -> Bool) {
        self.rules = rules.map {
            Definition(
                name: "optimizer." + $0, kind: .boolean, defaultValue: "true",
                summary: "Whether the optimiser uses the rule \($0)")
        }
        self.zoneExists = zoneExists
    }

    public var all: [Definition] { (Self.definitions + rules).sorted { $0.name < $1.name } }

    public func definition(_ name: String) throws -> Definition {
        if let found = Self.definitions.first(where: { $0.name == name }) ?? rules.first(where: { $0.name == name }) {
            return found
        }
        throw QueryError(
            .invalidSessionProperty,
            "Session property '\(name)' does not exist" + NearNames.hint(name, among: all.map(\.name)))
    }

    public subscript(_ name: String) -> String {
        values[name] ?? Self.definitions.first { $0.name == name }?.defaultValue ?? "true"
    }

    public func flag(_ name: String) -> Bool { self[name] == "true" }
    public func integer(_ name: String) -> Int { Int(self[name]) ?? 0 }
    /// Bytes, or nil when empty.
    public func byteCount(_ name: String) -> Int? { Self.parseSize(self[name]) }

    /// Optimiser rules that were switched off.
    public var disabledRules: Set<String> {
        Set(
            values.filter { $0.key.hasPrefix("optimizer.") && $0.value == "false" }.map { String($0.key.dropFirst(10)) }
        )
    }

    /// Sets a property from its text.
    /// - Throws: INVALID_SESSION_PROPERTY for an unknown name or a value of the wrong kind.
    public mutating func set(_ name: String, _ text: String) throws {
        let definition = try definition(name)
        func refuse(_ expectation: String) -> QueryError {
            QueryError(.invalidSessionProperty, "Session property '\(name)' takes \(expectation), not '\(text)'")
        }
        var value = text
        switch definition.kind {
        case .boolean:
            value = text.lowercased()
            guard value == "true" || value == "false" else { throw refuse("true or false") }
        case .integer:
            guard let number = Int(text), number >= 0 else { throw refuse("a whole number of 0 or more") }
            if name == "batch_rows", !(1...65536).contains(number) { throw refuse("a number from 1 to 65536") }
            if name == "threads", number > 1024 { throw refuse("a number from 0 to 1024") }
        case .dataSize:
            guard text.isEmpty || Self.parseSize(text) != nil else { throw refuse("a size such as 512MB or 2GB") }
        case .choice(let choices):
            guard let match = choices.first(where: { $0.lowercased() == text.lowercased() }) else {
                throw refuse("one of " + choices.joined(separator: ", "))
            }
            value = match
        case .varchar:
            if name == "timezone", !zoneExists(text) { throw refuse("the name of a time zone") }
        }
        values[name] = value
    }

    public mutating func reset(_ name: String) throws {
        _ = try definition(name)
        values[name] = nil
    }

    /// `1048576`, `512MB`, `2GB`, `1.5 GiB` in bytes.
    static func parseSize(_ text: String) -> Int? {
        let trimmed = text.filter { $0 != " " }.lowercased()
        let digits = trimmed.prefix { $0.isNumber || $0 == "." }
        guard let number = Double(digits), number >= 0 else { return nil }
        let factor: Double
        switch trimmed.dropFirst(digits.count) {
        case "", "b": factor = 1
        case "k", "kb", "kib": factor = 1024
        case "m", "mb", "mib": factor = 1_048_576
        case "g", "gb", "gib": factor = 1_073_741_824
        case "t", "tb", "tib": factor = 1_099_511_627_776
        default: return nil
        }
        let bytes = number * factor
        return bytes < 9e18 ? Int(bytes) : nil
    }
}
