import SQLTypes

/// One statement. Equality ignores positions; names inside carry them.
public indirect enum Statement: Hashable, Sendable {
    case query(Query)
    /// Athena's `USING EXTERNAL FUNCTION ... SELECT`.
    case externalFunctionQuery([ExternalFunction], Query)
    case explain(Explain)

    // Databases and tables.
    case createDatabase(CreateDatabase)
    /// `ALTER DATABASE name SET DBPROPERTIES (...)`.
    case setDatabaseProperties(QualifiedName, [TextProperty])
    case renameDatabase(QualifiedName, to: Identifier)
    case dropDatabase(QualifiedName, ifExists: Bool, cascades: Bool)
    /// Hive DDL, also of Iceberg tables.
    case createExternalTable(CreateExternalTable)
    /// Trino's CREATE TABLE with a column list.
    case createTable(CreateTable)
    case createTableAs(CreateTableAs)
    case dropTable(QualifiedName, ifExists: Bool)
    case truncateTable(QualifiedName)
    case alterTable(AlterTable)
    case repairTable(QualifiedName, RepairMode)
    case comment(CommentTarget, QualifiedName, String?)

    // Views.
    case createView(CreateView)
    case dropView(QualifiedName, ifExists: Bool)
    case renameView(QualifiedName, to: QualifiedName)
    case alterViewDialect(AlterViewDialect)
    case createMaterializedView(CreateMaterializedView)
    case refreshMaterializedView(QualifiedName)
    case dropMaterializedView(QualifiedName, ifExists: Bool)
    case renameMaterializedView(QualifiedName, to: QualifiedName, ifExists: Bool)
    case setMaterializedViewProperties(QualifiedName, [Property])

    // Data.
    case insert(Insert)
    case unload(Unload)
    case delete(QualifiedName, whereCondition: Expression?)
    case update(Update)
    case merge(Merge)
    /// `OPTIMIZE t REWRITE DATA USING BIN_PACK [WHERE ...]`.
    case optimize(QualifiedName, whereCondition: Expression?)
    case vacuum(QualifiedName)
    case analyze(QualifiedName, [Property])

    // Metadata.
    case show(Show)
    case describe(Describe)
    case describeInput(Identifier)
    case describeOutput(Identifier)

    // Session.
    case use(catalog: Identifier?, database: Identifier)
    case setSession(QualifiedName, Expression)
    case resetSession(QualifiedName)
    /// Nil is LOCAL.
    case setTimeZone(Expression?)
    case setPath([QualifiedName])
    case setSessionAuthorization(Identifier)
    case resetSessionAuthorization
    case prepare(Identifier, Statement)
    case execute(Identifier, [Expression])
    case executeImmediate(String, position: IgnoredPosition, [Expression])
    case deallocate(Identifier)
    case startTransaction([TransactionMode])
    case commit
    case rollback

    // Routines, catalogs and access control.
    case call(QualifiedName, [CallArgument])
    case createFunction(FunctionSpecification, orReplace: Bool)
    case dropFunction(QualifiedName, [FunctionParameter], ifExists: Bool)
    case createCatalog(CreateCatalog)
    case dropCatalog(Identifier, ifExists: Bool, cascades: Bool?)
    case accessControl(AccessControl)
    /// A statement of Hive that Athena refuses; `feature` is its name in capitals, `text` its tokens.
    case unsupported(feature: String, text: String)
}

/// A position that equality and hashing ignore.
public struct IgnoredPosition: Hashable, Sendable {
    public var value: SourcePosition

    public init(_ value: SourcePosition) { self.value = value }

    public static func == (left: IgnoredPosition, right: IgnoredPosition) -> Bool { true }
    public func hash(into hasher: inout Hasher) {}
}

/// `'key' = 'value'` of TBLPROPERTIES, SERDEPROPERTIES and DBPROPERTIES.
public struct TextProperty: Hashable, Sendable {
    public var key: String
    public var value: String
    public var place: IgnoredPosition

    public var position: SourcePosition { place.value }
}

/// `name = expression|DEFAULT` of a Trino WITH clause.
public struct Property: Hashable, Sendable {
    public var name: Identifier
    /// Nil is DEFAULT.
    public var value: Expression?
}

/// `EXPLAIN [(FORMAT ..., TYPE ...)] statement` and `EXPLAIN ANALYZE [VERBOSE] [(FORMAT ...)] statement`.
public struct Explain: Hashable, Sendable {
    public var isAnalyze: Bool
    public var isVerbose: Bool
    public var format: Format?
    public var type: PlanType?
    public var statement: Statement
    public var place: IgnoredPosition

    public enum Format: String, Hashable, Sendable, CaseIterable {
        case text = "TEXT", graphviz = "GRAPHVIZ", json = "JSON"
    }
    public enum PlanType: String, Hashable, Sendable, CaseIterable {
        case logical = "LOGICAL", distributed = "DISTRIBUTED", validate = "VALIDATE", io = "IO"
    }
}

public enum CommentTarget: String, Hashable, Sendable {
    case table = "TABLE", view = "VIEW", column = "COLUMN"
}

public enum RepairMode: String, Hashable, Sendable {
    case add = "ADD", drop = "DROP", sync = "SYNC"
}

public enum TransactionMode: String, Hashable, Sendable, CaseIterable {
    case readUncommitted = "ISOLATION LEVEL READ UNCOMMITTED"
    case readCommitted = "ISOLATION LEVEL READ COMMITTED"
    case repeatableRead = "ISOLATION LEVEL REPEATABLE READ"
    case serializable = "ISOLATION LEVEL SERIALIZABLE"
    case readOnly = "READ ONLY"
    case readWrite = "READ WRITE"
}

public struct CallArgument: Hashable, Sendable {
    public var name: Identifier?
    public var value: Expression
}

public struct CreateCatalog: Hashable, Sendable {
    public var name: Identifier
    public var ifNotExists: Bool
    public var connector: Identifier
    public var comment: String?
    public var authorization: Principal?
    public var properties: [Property]
}

/// `EXTERNAL FUNCTION name(parameters) RETURNS type LAMBDA 'name'`.
public struct ExternalFunction: Hashable, Sendable {
    public var name: QualifiedName
    public var parameters: [FunctionParameter]
    public var returns: TypeName
    public var lambda: String
}
