/// A place in a statement's text: lines and columns count from 1, columns in code points.
public struct SourcePosition: Hashable, Sendable {
    public var line: Int
    public var column: Int

    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }
}

/// A place in a data file. Every part that is unknown is nil.
public struct DataLocation: Hashable, Sendable {
    public var file: String
    public var rowGroup: Int?
    /// Counts from 1.
    public var line: Int?
    public var column: String?

    public init(file: String, rowGroup: Int? = nil, line: Int? = nil, column: String? = nil) {
        self.file = file
        self.rowGroup = rowGroup
        self.line = line
        self.column = column
    }
}

/// The one error type of the engine: Trino's code, a sentence, and where it happened.
public struct QueryError: Error, Hashable, Sendable {
    public var code: ErrorCode
    /// The sentence alone, without code or place.
    public var message: String
    public var position: SourcePosition?
    public var location: DataLocation?

    public init(
        _ code: ErrorCode, _ message: String, at position: SourcePosition? = nil, in location: DataLocation? = nil
    ) {
        self.code = code
        self.message = message
        self.position = position
        self.location = location
    }

    /// The message as users read it: `line 1:8: Column 'x' cannot be resolved`, or with the file, row group,
    /// line and column for data.
    public var text: String {
        var text = ""
        if let position { text += "line \(position.line):\(position.column): " }
        text += message
        if let location {
            var parts = ["file \(location.file)"]
            if let rowGroup = location.rowGroup { parts.append("row group \(rowGroup)") }
            if let line = location.line { parts.append("line \(line)") }
            if let column = location.column { parts.append("column '\(column)'") }
            text += " (" + parts.joined(separator: ", ") + ")"
        }
        return text
    }

    /// The same error at `position`, unless it already has one.
    public func at(_ position: SourcePosition?) -> QueryError {
        guard self.position == nil else { return self }
        var copy = self
        copy.position = position
        return copy
    }
}

extension QueryError: CustomStringConvertible {
    public var description: String { "\(code.rawValue): \(text)" }
}

/// Who has to act on an error.
public enum ErrorClass: String, Sendable {
    case user = "USER"
    case `internal` = "INTERNAL"
    case external = "EXTERNAL"
    case insufficientResources = "INSUFFICIENT_RESOURCES"
}

/// Trino's error names (`StandardErrorCode.java`, `HiveErrorCode.java`); the raw value is what users see.
public enum ErrorCode: String, Sendable, CaseIterable {
    // User errors.
    case genericUserError = "GENERIC_USER_ERROR"
    case syntaxError = "SYNTAX_ERROR"
    case userCanceled = "USER_CANCELED"
    case permissionDenied = "PERMISSION_DENIED"
    case notFound = "NOT_FOUND"
    case functionNotFound = "FUNCTION_NOT_FOUND"
    case invalidFunctionArgument = "INVALID_FUNCTION_ARGUMENT"
    case divisionByZero = "DIVISION_BY_ZERO"
    case invalidCastArgument = "INVALID_CAST_ARGUMENT"
    case operatorNotFound = "OPERATOR_NOT_FOUND"
    case invalidView = "INVALID_VIEW"
    case alreadyExists = "ALREADY_EXISTS"
    case notSupported = "NOT_SUPPORTED"
    case invalidSessionProperty = "INVALID_SESSION_PROPERTY"
    case invalidWindowFrame = "INVALID_WINDOW_FRAME"
    case constraintViolation = "CONSTRAINT_VIOLATION"
    case invalidTableProperty = "INVALID_TABLE_PROPERTY"
    case numericValueOutOfRange = "NUMERIC_VALUE_OUT_OF_RANGE"
    case unknownTransaction = "UNKNOWN_TRANSACTION"
    case subqueryMultipleRows = "SUBQUERY_MULTIPLE_ROWS"
    case queryRejected = "QUERY_REJECTED"
    case ambiguousFunctionCall = "AMBIGUOUS_FUNCTION_CALL"
    case invalidSchemaProperty = "INVALID_SCHEMA_PROPERTY"
    case schemaNotEmpty = "SCHEMA_NOT_EMPTY"
    case queryTextTooLarge = "QUERY_TEXT_TOO_LARGE"
    case unsupportedSubquery = "UNSUPPORTED_SUBQUERY"
    case typeNotFound = "TYPE_NOT_FOUND"
    case catalogNotFound = "CATALOG_NOT_FOUND"
    case schemaNotFound = "SCHEMA_NOT_FOUND"
    case tableNotFound = "TABLE_NOT_FOUND"
    case columnNotFound = "COLUMN_NOT_FOUND"
    case schemaAlreadyExists = "SCHEMA_ALREADY_EXISTS"
    case tableAlreadyExists = "TABLE_ALREADY_EXISTS"
    case columnAlreadyExists = "COLUMN_ALREADY_EXISTS"
    case duplicateWindowName = "DUPLICATE_WINDOW_NAME"
    case duplicateNamedQuery = "DUPLICATE_NAMED_QUERY"
    case duplicateColumnName = "DUPLICATE_COLUMN_NAME"
    case missingColumnName = "MISSING_COLUMN_NAME"
    case missingCatalogName = "MISSING_CATALOG_NAME"
    case missingSchemaName = "MISSING_SCHEMA_NAME"
    case typeMismatch = "TYPE_MISMATCH"
    case invalidLiteral = "INVALID_LITERAL"
    case columnTypeUnknown = "COLUMN_TYPE_UNKNOWN"
    case mismatchedColumnAliases = "MISMATCHED_COLUMN_ALIASES"
    case ambiguousName = "AMBIGUOUS_NAME"
    case invalidColumnReference = "INVALID_COLUMN_REFERENCE"
    case missingGroupBy = "MISSING_GROUP_BY"
    case missingOrderBy = "MISSING_ORDER_BY"
    case missingOver = "MISSING_OVER"
    case nestedAggregation = "NESTED_AGGREGATION"
    case nestedWindow = "NESTED_WINDOW"
    case expressionNotInDistinct = "EXPRESSION_NOT_IN_DISTINCT"
    case tooManyGroupingSets = "TOO_MANY_GROUPING_SETS"
    case functionNotWindow = "FUNCTION_NOT_WINDOW"
    case functionNotAggregate = "FUNCTION_NOT_AGGREGATE"
    case expressionNotAggregate = "EXPRESSION_NOT_AGGREGATE"
    case expressionNotScalar = "EXPRESSION_NOT_SCALAR"
    case expressionNotConstant = "EXPRESSION_NOT_CONSTANT"
    case invalidArguments = "INVALID_ARGUMENTS"
    case tooManyArguments = "TOO_MANY_ARGUMENTS"
    case duplicateProperty = "DUPLICATE_PROPERTY"
    case invalidParameterUsage = "INVALID_PARAMETER_USAGE"
    case viewIsStale = "VIEW_IS_STALE"
    case viewIsRecursive = "VIEW_IS_RECURSIVE"
    case nullTreatmentNotAllowed = "NULL_TREATMENT_NOT_ALLOWED"
    case invalidRecursiveReference = "INVALID_RECURSIVE_REFERENCE"
    case missingColumnAliases = "MISSING_COLUMN_ALIASES"
    case nestedRecursive = "NESTED_RECURSIVE"
    case invalidLimitClause = "INVALID_LIMIT_CLAUSE"
    case invalidOrderBy = "INVALID_ORDER_BY"
    case invalidWindowReference = "INVALID_WINDOW_REFERENCE"
    case invalidPartitionBy = "INVALID_PARTITION_BY"
    case invalidPath = "INVALID_PATH"
    case duplicateParameterName = "DUPLICATE_PARAMETER_NAME"
    case pathEvaluationError = "PATH_EVALUATION_ERROR"
    case jsonInputConversionError = "JSON_INPUT_CONVERSION_ERROR"
    case jsonOutputConversionError = "JSON_OUTPUT_CONVERSION_ERROR"
    case jsonValueResultError = "JSON_VALUE_RESULT_ERROR"
    case invalidHandle = "INVALID_HANDLE"
    case protocolError = "PROTOCOL_ERROR"
    // Internal errors.
    case genericInternalError = "GENERIC_INTERNAL_ERROR"
    case functionImplementationError = "FUNCTION_IMPLEMENTATION_ERROR"
    // Insufficient resources.
    case genericInsufficientResources = "GENERIC_INSUFFICIENT_RESOURCES"
    case exceededLocalMemoryLimit = "EXCEEDED_LOCAL_MEMORY_LIMIT"
    case exceededTimeLimit = "EXCEEDED_TIME_LIMIT"
    case exceededScanLimit = "EXCEEDED_SCAN_LIMIT"
    case outOfSpillSpace = "OUT_OF_SPILL_SPACE"
    case exceededFunctionMemoryLimit = "EXCEEDED_FUNCTION_MEMORY_LIMIT"
    // External errors: files, the catalog, other programs.
    case genericExternal = "GENERIC_EXTERNAL"
    case hiveMetastoreError = "HIVE_METASTORE_ERROR"
    case hiveCursorError = "HIVE_CURSOR_ERROR"
    case hiveCannotOpenSplit = "HIVE_CANNOT_OPEN_SPLIT"
    case hiveFileNotFound = "HIVE_FILE_NOT_FOUND"
    case hiveUnknownError = "HIVE_UNKNOWN_ERROR"
    case hiveBadData = "HIVE_BAD_DATA"
    case hivePartitionSchemaMismatch = "HIVE_PARTITION_SCHEMA_MISMATCH"
    case hiveInvalidPartitionValue = "HIVE_INVALID_PARTITION_VALUE"
    case hiveInvalidMetadata = "HIVE_INVALID_METADATA"
    case hiveInvalidViewData = "HIVE_INVALID_VIEW_DATA"
    case hivePathAlreadyExists = "HIVE_PATH_ALREADY_EXISTS"
    case hiveFilesystemError = "HIVE_FILESYSTEM_ERROR"
    case hiveSerdeNotFound = "HIVE_SERDE_NOT_FOUND"
    case hiveUnsupportedFormat = "HIVE_UNSUPPORTED_FORMAT"
    case hiveExceededPartitionLimit = "HIVE_EXCEEDED_PARTITION_LIMIT"

    public var errorClass: ErrorClass {
        switch self {
        case .genericInternalError, .functionImplementationError: .internal
        case .genericInsufficientResources, .exceededLocalMemoryLimit, .exceededTimeLimit, .exceededScanLimit,
            .outOfSpillSpace, .exceededFunctionMemoryLimit:
            .insufficientResources
        case .genericExternal, .hiveMetastoreError, .hiveCursorError, .hiveCannotOpenSplit, .hiveFileNotFound,
            .hiveUnknownError, .hiveBadData, .hivePartitionSchemaMismatch, .hiveInvalidPartitionValue,
            .hiveInvalidMetadata, .hiveInvalidViewData, .hivePathAlreadyExists, .hiveFilesystemError,
            .hiveSerdeNotFound, .hiveUnsupportedFormat, .hiveExceededPartitionLimit:
            .external
        default: .user
        }
    }

    /// Whether TRY and TRY_CAST turn the error into NULL.
    public var isCaughtByTry: Bool {
        switch self {
        case .divisionByZero, .invalidCastArgument, .invalidFunctionArgument, .numericValueOutOfRange: true
        default: false
        }
    }
}
