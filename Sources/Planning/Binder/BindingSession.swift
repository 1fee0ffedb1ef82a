import Metastore
import SQLTypes

/// What binding needs to know of the session that a statement runs in.
public struct BindingSession: Sendable {
    /// A value for a `?`.
    public struct Parameter: Sendable, Hashable {
        public var value: Value
        public var type: DataType

        public init(_ value: Value, _ type: DataType) {
            self.value = value
            self.type = type
        }
    }

    /// The only catalog; names of three parts must begin with it (or with one of `catalogAliases`).
    public var catalog: String
    public var catalogAliases: Set<String>
    /// Database of unqualified table names.
    public var database: String?
    public var user: String
    public var timeZone: String
    /// `1.5` is a DOUBLE (Athena's setting here) instead of a DECIMAL(2,1) (Trino's default).
    public var parseDecimalLiteralsAsDouble: Bool
    /// Digits of a Hive `timestamp` column: 3, 6 or 9.
    public var timestampPrecision: Int
    /// Rounds of a recursive WITH query after which it fails.
    public var maxRecursionDepth: Int
    /// Values for `?`; nil while the parameters are only described.
    public var parameters: [Parameter]?
    /// Tables that have no files: `information_schema`, `"t$partitions"`, `"t$properties"`.
    public var metadata: (any MetadataTableProvider)?

    public init(
        catalog: String = "awsdatacatalog", catalogAliases: Set<String> = ["hive", "glue"],
        database: String? = "default",
        user: String = "athena-lite", timeZone: String = "UTC", parseDecimalLiteralsAsDouble: Bool = true,
        timestampPrecision: Int = 3, maxRecursionDepth: Int = 10, parameters: [Parameter]? = [],
        metadata: (any MetadataTableProvider)? = nil
    ) {
        self.catalog = catalog
        self.catalogAliases = catalogAliases
        self.database = database
        self.user = user
        self.timeZone = timeZone
        self.parseDecimalLiteralsAsDouble = parseDecimalLiteralsAsDouble
        self.timestampPrecision = timestampPrecision
        self.maxRecursionDepth = maxRecursionDepth
        self.parameters = parameters
        self.metadata = metadata
    }
}

/// Gives the tables whose rows come from the catalog.
public protocol MetadataTableProvider: Sendable {
    /// `information_schema.<name>`, nil when there is no such table.
    func informationSchemaTable(_ name: String) throws -> (any MetadataTable)?
    func informationSchemaTableNames() -> [String]
    /// `"<table>$<kind>"`, nil when there is no such kind.
    func metadataTable(of table: Table, kind: String) throws -> (any MetadataTable)?
}
