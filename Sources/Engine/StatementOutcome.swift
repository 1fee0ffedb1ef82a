import SQLTypes

/// Athena's kinds of statements.
public enum StatementKind: String, Sendable {
    case dml = "DML", ddl = "DDL", utility = "UTILITY"
}

/// What a statement did, after its result has gone to the sink.
public struct StatementOutcome: Sendable {
    /// A UUID.
    public var queryID: String
    public var kind: StatementKind
    /// `begin` was called on the sink.
    public var hasResultSet: Bool
    public var rowCount: Int
    /// Rows written, for statements that write.
    public var updateCount: Int?
    public var statistics: StatementStatistics
    public var warnings: [String]
    /// File of the kept result.
    public var outputLocation: String?
    /// The result is a kept one of an earlier run.
    public var isReused = false
    /// What the answer depends on, if it may be used again.
    var reuseKey: ReuseKey?

    public init(
        queryID: String, kind: StatementKind, hasResultSet: Bool = false, rowCount: Int = 0, updateCount: Int? = nil,
        statistics: StatementStatistics = StatementStatistics(), warnings: [String] = [], outputLocation: String? = nil
    ) {
        self.queryID = queryID
        self.kind = kind
        self.hasResultSet = hasResultSet
        self.rowCount = rowCount
        self.updateCount = updateCount
        self.statistics = statistics
        self.warnings = warnings
        self.outputLocation = outputLocation
    }
}

/// Times in milliseconds, with fractions; sizes in bytes.
public struct StatementStatistics: Sendable {
    /// Between the request and its turn, where a front end has a queue.
    public var queue: Double = 0
    public var planning: Double = 0
    public var execution: Double = 0
    public var cpu: Double = 0
    public var bytesScanned: Int = 0
    public var rowsRead: Int = 0
    public var peakMemory: Int = 0

    public init() {}
}

/// A value for a `?` of a statement.
public enum StatementArgument: Sendable {
    /// The text of a SQL expression: `DATE '2024-01-01'`, `5`.
    case expression(String)
    case value(Value, DataType)
    /// A text that takes the type that the `?`'s context gives, or else varchar.
    case untyped(String)
}

/// What a statement will give, without running it.
public struct StatementDescription: Sendable {
    public var kind: StatementKind
    /// Empty for statements without a result set.
    public var columns: [ResultColumn]
    /// Types of the `?`, in order; `unknown` where nothing says it.
    public var parameters: [DataType]
    /// A SELECT or another statement with a result set.
    public var hasResultSet: Bool
}
