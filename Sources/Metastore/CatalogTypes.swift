import SQLTypes
import Storage

/// A database (schema) of the catalog.
public struct Database: Hashable, Sendable {
    public var name: String
    public var comment: String?
    public var location: String?
    public var parameters: [String: String]

    public init(name: String, comment: String? = nil, location: String? = nil, parameters: [String: String] = [:]) {
        self.name = name
        self.comment = comment
        self.location = location
        self.parameters = parameters
    }
}

/// A column as the catalog keeps it; `typeName` in Hive's spelling (`array<struct<a:int>>`), or in Trino's for a view's
/// column whose type Hive lacks (`timestamp(3) with time zone`).
public struct CatalogColumn: Hashable, Sendable {
    public var name: String
    public var typeName: String
    public var comment: String?
    public var parameters: [String: String]

    public init(name: String, typeName: String, comment: String? = nil, parameters: [String: String] = [:]) {
        self.name = name
        self.typeName = typeName
        self.comment = comment
        self.parameters = parameters
    }

    /// The type that `typeName` spells.
    /// - Throws: TYPE_NOT_FOUND naming the text and the place.
    public func dataType() throws -> DataType {
        do {
            return try HiveTypeParser.parse(typeName)
        } catch {
            guard let type = try? TrinoTypeParser.parse(typeName) else { throw error }
            return type
        }
    }
}

/// Where and how the files of a table or partition are stored.
public struct StorageDescriptor: Hashable, Sendable {
    public var location: String
    public var inputFormat: String
    public var outputFormat: String
    public var serde: String
    public var serdeParameters: [String: String]
    public var columns: [CatalogColumn]
    public var parameters: [String: String]
    public var bucketColumns: [String]
    public var bucketCount: Int?

    public init(
        location: String, inputFormat: String, outputFormat: String, serde: String,
        serdeParameters: [String: String] = [:], columns: [CatalogColumn], parameters: [String: String] = [:],
        bucketColumns: [String] = [], bucketCount: Int? = nil
    ) {
        self.location = location
        self.inputFormat = inputFormat
        self.outputFormat = outputFormat
        self.serde = serde
        self.serdeParameters = serdeParameters
        self.columns = columns
        self.parameters = parameters
        self.bucketColumns = bucketColumns
        self.bucketCount = bucketCount
    }
}

/// A table or view.
public struct Table: Hashable, Sendable {
    public enum Kind: String, Sendable {
        case external = "EXTERNAL_TABLE"
        case managed = "MANAGED_TABLE"
        case view = "VIRTUAL_VIEW"
    }

    public var database: String
    public var name: String
    public var kind: Kind
    public var storage: StorageDescriptor
    public var partitionKeys: [CatalogColumn]
    public var parameters: [String: String]
    public var comment: String?
    public var owner: String?
    /// The view's query text, for views.
    public var viewText: String?
    /// Database that unqualified names of the view's text mean.
    public var viewDatabase: String?
    /// Seconds since 1970.
    public var createdAt: Int64
    public var updatedAt: Int64

    public init(
        database: String, name: String, kind: Kind, storage: StorageDescriptor, partitionKeys: [CatalogColumn] = [],
        parameters: [String: String] = [:], comment: String? = nil, owner: String? = nil, viewText: String? = nil,
        viewDatabase: String? = nil, createdAt: Int64 = 0, updatedAt: Int64 = 0
    ) {
        self.database = database
        self.name = name
        self.kind = kind
        self.storage = storage
        self.partitionKeys = partitionKeys
        self.parameters = parameters
        self.comment = comment
        self.owner = owner
        self.viewText = viewText
        self.viewDatabase = viewDatabase
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}

/// A partition: the values of the table's partition keys, in order, and its own storage.
public struct Partition: Hashable, Sendable {
    public var values: [String]
    public var storage: StorageDescriptor
    public var parameters: [String: String]
    public var createdAt: Int64

    public init(values: [String], storage: StorageDescriptor, parameters: [String: String] = [:], createdAt: Int64 = 0)
    {
        self.values = values
        self.storage = storage
        self.parameters = parameters
        self.createdAt = createdAt
    }

    /// The value that stands for NULL in folder names and in `values`.
    public static let nullValue = "__HIVE_DEFAULT_PARTITION__"
}

/// What planning reads of a catalog. `MetastoreStore` (SQLite) is the one that lasts; tests use `InMemoryCatalog`.
public protocol CatalogReader: Sendable {
    func database(_ name: String) throws -> Database?
    func databaseNames() throws -> [String]
    func table(_ database: String, _ name: String) throws -> Table?
    /// Sorted by name; views included.
    func tableNames(_ database: String) throws -> [String]
    /// Partitions of a table that `filter` may not rule out (it may return more). nil means all.
    func partitions(_ database: String, _ table: String, matching filter: PartitionFilter?) throws -> [Partition]
}

/// Equality and range conditions on partition keys that the store can check on its index: per key position a domain
/// over the key's text.
public struct PartitionFilter: Sendable {
    /// Allowed texts by key position.
    public var allowedValues: [Int: Set<String>]

    public init(allowedValues: [Int: Set<String>] = [:]) { self.allowedValues = allowedValues }
}

/// A catalog in memory, for tests and tools.
public final class InMemoryCatalog: CatalogReader {
    private let databases: [String: Database]
    private let tables: [String: [String: Table]]
    private let tablePartitions: [String: [Partition]]

    public init(databases: [Database], tables: [Table], partitions: [String: [Partition]] = [:]) {
        self.databases = Dictionary(databases.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
        self.tables = Dictionary(grouping: tables, by: \.database).mapValues {
            Dictionary($0.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
        }
        tablePartitions = partitions
    }

    public func database(_ name: String) throws -> Database? { databases[name] }
    public func databaseNames() throws -> [String] { databases.keys.sorted() }
    public func table(_ database: String, _ name: String) throws -> Table? { tables[database]?[name] }
    public func tableNames(_ database: String) throws -> [String] { (tables[database] ?? [:]).keys.sorted() }

    public func partitions(_ database: String, _ table: String, matching filter: PartitionFilter?) throws -> [Partition]
    {
        (tablePartitions["\(database).\(table)"] ?? []).filter { partition in
            guard let filter else { return true }
            return filter.allowedValues.allSatisfy { $0.value.contains(partition.values[$0.key]) }
        }
    }
}
