import SQLTypes

/// `CREATE {DATABASE|SCHEMA} [IF NOT EXISTS] name [COMMENT ...] [LOCATION ...] [WITH DBPROPERTIES (...)]`, and
/// Trino's `WITH (location = ...)`.
public struct CreateDatabase: Hashable, Sendable {
    public var name: QualifiedName
    public var ifNotExists: Bool
    public var comment: String?
    public var location: String?
    public var properties: [TextProperty]
    public var trinoProperties: [Property]
}

/// `name type [COMMENT 'text']` of Hive DDL.
public struct HiveColumn: Hashable, Sendable {
    public var name: Identifier
    public var type: TypeName
    public var comment: String?
}

/// Hive's `CREATE [EXTERNAL] TABLE`, with Iceberg's partition transforms.
public struct CreateExternalTable: Hashable, Sendable {
    public var name: QualifiedName
    /// Without EXTERNAL only Iceberg tables are created.
    public var isExternal: Bool
    public var ifNotExists: Bool
    public var columns: [HiveColumn]
    public var comment: String?
    public var partitionedBy: [PartitionElement]
    public var clusteredBy: Clustering?
    public var rowFormat: RowFormat?
    public var storedAs: StoredAs?
    /// The stand-alone `WITH SERDEPROPERTIES (...)`; the one of ROW FORMAT SERDE is in `rowFormat`.
    public var serdeProperties: [TextProperty]
    public var location: String?
    public var properties: [TextProperty]
    public var place: IgnoredPosition

    public enum PartitionElement: Hashable, Sendable {
        /// Hive: `name type [COMMENT 'text']`.
        case column(HiveColumn)
        /// Iceberg: `name`.
        case identity(Identifier)
        /// Iceberg: `year(c)`, `bucket(16, c)`, `truncate(4, c)`; the number is nil where there is none.
        case transform(name: Identifier, parameter: Int?, column: Identifier)
    }

    /// `CLUSTERED BY (...) [SORTED BY (...)] INTO n BUCKETS`.
    public struct Clustering: Hashable, Sendable {
        public var columns: [Identifier]
        public var sortedBy: [SortColumn]
        public var bucketCount: Int
    }

    public struct SortColumn: Hashable, Sendable {
        public var name: Identifier
        public var isDescending: Bool
    }

    public enum RowFormat: Hashable, Sendable {
        case delimited(Delimited)
        case serde(String, [TextProperty])
    }

    public struct Delimited: Hashable, Sendable {
        public var fields: String?
        public var escape: String?
        public var collectionItems: String?
        public var mapKeys: String?
        public var lines: String?
        public var null: String?
    }

    public enum StoredAs: Hashable, Sendable {
        /// `PARQUET`, `TEXTFILE`, ...
        case format(Identifier)
        case classes(input: String, output: String)
    }
}

/// Trino's `CREATE TABLE name (elements) [COMMENT ...] [WITH (...)]`.
public struct CreateTable: Hashable, Sendable {
    public var name: QualifiedName
    public var orReplace: Bool
    public var ifNotExists: Bool
    public var elements: [TableElement]
    public var comment: String?
    public var properties: [Property]
}

public enum TableElement: Hashable, Sendable {
    case column(ColumnDefinition)
    case like(QualifiedName, includesProperties: Bool?)
}

public struct ColumnDefinition: Hashable, Sendable {
    public var name: QualifiedName
    public var type: TypeName
    public var isNotNull: Bool
    public var comment: String?
    public var properties: [Property]
}

/// `CREATE TABLE name [(columns)] [COMMENT ...] [WITH (...)] AS query [WITH [NO] DATA]`.
public struct CreateTableAs: Hashable, Sendable {
    public var name: QualifiedName
    public var orReplace: Bool
    public var ifNotExists: Bool
    public var columns: [Identifier]?
    public var comment: String?
    public var properties: [Property]
    public var query: Query
    public var withData: Bool
}

/// One value of a partition specification: `k = v`, or a range where dropping allows one.
public struct PartitionValue: Hashable, Sendable {
    public var column: Identifier
    /// `.equal` except in DROP PARTITION.
    public var comparison: ComparisonOperator
    /// A literal: string, number, date or other typed literal, boolean or NULL. Nil when only the column is named.
    public var value: Expression?
    /// The upper end of `BETWEEN value AND upper`; `comparison` is then `.greaterOrEqual`.
    public var upper: Expression?
}

public typealias PartitionSpecification = [PartitionValue]

/// `ALTER TABLE name [PARTITION (...)] action`.
public struct AlterTable: Hashable, Sendable {
    public var name: QualifiedName
    public var ifExists: Bool
    public var partition: PartitionSpecification?
    public var action: Action

    public indirect enum Action: Hashable, Sendable {
        // Hive DDL.
        case addPartitions([AddedPartition], ifNotExists: Bool)
        case dropPartitions([PartitionSpecification], ifExists: Bool)
        case renamePartition(to: PartitionSpecification)
        case addColumns([HiveColumn])
        case replaceColumns([HiveColumn])
        case changeColumn(ChangeColumn)
        case setLocation(String)
        case setProperties([TextProperty])
        case unsetProperties([String], ifExists: Bool)
        case renameTable(to: QualifiedName)
        case dropColumn(QualifiedName, ifExists: Bool)
        // Trino.
        case addColumn(ColumnDefinition, ifNotExists: Bool)
        case renameColumn(QualifiedName, to: Identifier, ifExists: Bool)
        case setColumnType(QualifiedName, TypeName)
        case dropNotNull(Identifier)
        case setAuthorization(Principal)
        case setTrinoProperties([Property])
        case execute(Identifier, [CallArgument], whereCondition: Expression?)
        /// Hive actions that Athena refuses, as its words and text.
        case unsupported(feature: String, text: String)
    }

    public struct AddedPartition: Hashable, Sendable {
        public var specification: PartitionSpecification
        public var location: String?
    }

    /// `CHANGE [COLUMN] old new type [COMMENT 'text'] [FIRST|AFTER column]`.
    public struct ChangeColumn: Hashable, Sendable {
        public var old: Identifier
        public var new: HiveColumn
        public var placement: Placement?
    }

    public enum Placement: Hashable, Sendable {
        case first
        case after(Identifier)
    }
}
