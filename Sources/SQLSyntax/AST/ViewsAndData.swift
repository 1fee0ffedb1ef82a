import SQLTypes

/// `CREATE [OR REPLACE] [PROTECTED MULTI DIALECT] VIEW name [COMMENT ...] [SECURITY ...] AS query`.
public struct CreateView: Hashable, Sendable {
    public var name: QualifiedName
    public var orReplace: Bool
    public var isMultiDialect: Bool
    public var comment: String?
    public var security: Security?
    public var query: Query

    public enum Security: String, Hashable, Sendable {
        case definer = "DEFINER", invoker = "INVOKER"
    }
}

/// `ALTER VIEW name [FORCE] {ADD|UPDATE} DIALECT AS query`, `ALTER VIEW name DROP DIALECT`.
public struct AlterViewDialect: Hashable, Sendable {
    public var name: QualifiedName
    public var isForced: Bool
    public var action: Action

    public enum Action: Hashable, Sendable {
        case add(Query)
        case update(Query)
        case drop
    }
}

public struct CreateMaterializedView: Hashable, Sendable {
    public var name: QualifiedName
    public var orReplace: Bool
    public var ifNotExists: Bool
    public var gracePeriod: IntervalLiteral?
    public var comment: String?
    public var properties: [Property]
    public var query: Query
}

/// `INSERT INTO|OVERWRITE name [(columns)] query`.
public struct Insert: Hashable, Sendable {
    public var table: QualifiedName
    public var columns: [Identifier]?
    public var query: Query
    public var overwrites: Bool
}

/// `UNLOAD (query) TO 'location' WITH (...)`.
public struct Unload: Hashable, Sendable {
    public var query: Query
    public var location: String
    public var properties: [Property]
    public var place: IgnoredPosition
}

/// `name = expression`.
public struct Assignment: Hashable, Sendable {
    public var column: Identifier
    public var value: Expression
}

/// `UPDATE name SET ... [WHERE ...]`.
public struct Update: Hashable, Sendable {
    public var table: QualifiedName
    public var assignments: [Assignment]
    public var whereCondition: Expression?
}

/// `MERGE INTO name [alias] USING relation ON condition clauses`.
public struct Merge: Hashable, Sendable {
    public var table: QualifiedName
    public var alias: Identifier?
    public var source: Relation
    public var condition: Expression
    public var clauses: [Clause]

    public struct Clause: Hashable, Sendable {
        public var condition: Expression?
        public var action: Action
        public var place: IgnoredPosition
    }

    public enum Action: Hashable, Sendable {
        case update([Assignment])
        case delete
        /// WHEN NOT MATCHED.
        case insert(columns: [Identifier], values: [Expression])
    }
}

/// SHOW statements.
public enum Show: Hashable, Sendable {
    case createTable(QualifiedName)
    case createView(QualifiedName)
    case createDatabase(QualifiedName)
    case createMaterializedView(QualifiedName)
    case databases(catalog: Identifier?, pattern: Pattern?)
    case catalogs(pattern: Pattern?)
    case tables(database: QualifiedName?, pattern: Pattern?)
    case views(database: QualifiedName?, pattern: Pattern?)
    /// `SHOW COLUMNS FROM t [FROM db]`: the database is joined to the name.
    case columns(QualifiedName, pattern: Pattern?)
    case partitions(QualifiedName, PartitionSpecification?)
    case tableProperties(QualifiedName, key: String?)
    case functions(database: QualifiedName?, pattern: Pattern?)
    case session(pattern: Pattern?)
    case stats(QualifiedName)
    case statsForQuery(Query)

    /// A LIKE pattern; `isLike` is false for Hive's bare `SHOW TABLES 'regex'`.
    public struct Pattern: Hashable, Sendable {
        public var text: String
        public var escape: String?
        public var isLike: Bool
        /// Whether it stands in Hive DDL (a pattern of `*` and `|`) or in a Trino statement (SQL LIKE).
        public var isHive: Bool
    }
}

/// `DESCRIBE [EXTENDED|FORMATTED] table [PARTITION (...)] [column.field...]`.
public struct Describe: Hashable, Sendable {
    public var table: QualifiedName
    public var style: Style
    public var partition: PartitionSpecification?
    /// A column and its fields (`$elem$`, `$key$` and `$value$` step into arrays and maps); empty for the table.
    public var columnPath: [Identifier]

    public enum Style: String, Hashable, Sendable {
        case plain = "", extended = "EXTENDED", formatted = "FORMATTED"
    }
}
