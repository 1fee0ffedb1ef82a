import SQLTypes

/// `FORMAT JSON [ENCODING ...]`.
public enum JSONFormat: String, Hashable, Sendable {
    case json = "JSON", utf8 = "JSON ENCODING UTF8", utf16 = "JSON ENCODING UTF16", utf32 = "JSON ENCODING UTF32"
}

/// `expression [FORMAT ...]`.
public struct JSONInput: Hashable, Sendable {
    public var value: Expression
    public var format: JSONFormat?
}

/// `input, 'path' [AS name] [PASSING value AS name, ...]`.
public struct JSONPathInvocation: Hashable, Sendable {
    public var input: JSONInput
    public var path: String
    public var pathPosition: SourcePosition
    public var pathName: Identifier?
    public var passing: [Argument]

    public struct Argument: Hashable, Sendable {
        public var value: JSONInput
        public var name: Identifier
    }

    public static func == (left: JSONPathInvocation, right: JSONPathInvocation) -> Bool {
        left.input == right.input && left.path == right.path && left.pathName == right.pathName
            && left.passing == right.passing
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(input)
        hasher.combine(path)
    }
}

public struct JSONExists: Hashable, Sendable {
    public var path: JSONPathInvocation
    public var onError: Behavior?

    public enum Behavior: String, Hashable, Sendable {
        case `true` = "TRUE", `false` = "FALSE", unknown = "UNKNOWN", error = "ERROR"
    }
}

public struct JSONValueCall: Hashable, Sendable {
    public var path: JSONPathInvocation
    public var returning: TypeName?
    public var onEmpty: Behavior?
    public var onError: Behavior?

    public enum Behavior: Hashable, Sendable {
        case error, null
        case `default`(Expression)
    }
}

public struct JSONQueryCall: Hashable, Sendable {
    public var path: JSONPathInvocation
    public var output: JSONOutput?
    public var wrapper: Wrapper?
    public var quotes: Quotes?
    public var onEmpty: Behavior?
    public var onError: Behavior?

    /// `WITHOUT [ARRAY] WRAPPER` and its kin.
    public enum Wrapper: String, Hashable, Sendable {
        case without = "WITHOUT ARRAY WRAPPER"
        case conditional = "WITH CONDITIONAL ARRAY WRAPPER"
        case unconditional = "WITH UNCONDITIONAL ARRAY WRAPPER"
    }

    public enum Quotes: String, Hashable, Sendable {
        case keep = "KEEP QUOTES", keepOnScalar = "KEEP QUOTES ON SCALAR STRING"
        case omit = "OMIT QUOTES", omitOnScalar = "OMIT QUOTES ON SCALAR STRING"
    }

    public enum Behavior: String, Hashable, Sendable {
        case error = "ERROR", null = "NULL", emptyArray = "EMPTY ARRAY", emptyObject = "EMPTY OBJECT"
    }
}

/// `RETURNING type [FORMAT ...]`.
public struct JSONOutput: Hashable, Sendable {
    public var type: TypeName
    public var format: JSONFormat?
}

public enum JSONNullTreatment: String, Hashable, Sendable {
    case null = "NULL ON NULL", absent = "ABSENT ON NULL"
}

public struct JSONObjectCall: Hashable, Sendable {
    public var members: [Member]
    public var nullTreatment: JSONNullTreatment?
    /// Nil when not written.
    public var hasUniqueKeys: Bool?
    public var output: JSONOutput?

    public struct Member: Hashable, Sendable {
        public var key: Expression
        public var value: JSONInput
    }
}

public struct JSONArrayCall: Hashable, Sendable {
    public var elements: [JSONInput]
    public var nullTreatment: JSONNullTreatment?
    public var output: JSONOutput?
}

/// `JSON_TABLE(input, path COLUMNS (...) [PLAN ...] [ERROR|EMPTY ON ERROR])`.
public struct JSONTable: Hashable, Sendable {
    public var path: JSONPathInvocation
    public var columns: [JSONTableColumn]
    public var plan: JSONTablePlan?
    public var onError: ErrorBehavior?

    public enum ErrorBehavior: String, Hashable, Sendable {
        case error = "ERROR", empty = "EMPTY"
    }
}

public indirect enum JSONTableColumn: Hashable, Sendable {
    case ordinality(Identifier)
    case value(Identifier, TypeName, path: String?, onEmpty: JSONValueCall.Behavior?, onError: JSONValueCall.Behavior?)
    case query(QueryColumn)
    case nested(path: String, name: Identifier?, columns: [JSONTableColumn])

    public struct QueryColumn: Hashable, Sendable {
        public var name: Identifier
        public var type: TypeName
        public var format: JSONFormat
        public var path: String?
        public var wrapper: JSONQueryCall.Wrapper?
        public var quotes: JSONQueryCall.Quotes?
        public var onEmpty: JSONQueryCall.Behavior?
        public var onError: JSONQueryCall.Behavior?
    }
}

public indirect enum JSONTablePlan: Hashable, Sendable {
    case leaf(Identifier)
    case join(Identifier, isOuter: Bool, child: JSONTablePlan)
    case union([JSONTablePlan])
    case cross([JSONTablePlan])
    /// `PLAN DEFAULT (...)`; nil where not written.
    case standard(isOuter: Bool?, isUnion: Bool?)
}
