import SQLTypes

/// `name([DISTINCT] arguments [ORDER BY ...]) [FILTER (WHERE ...)] [IGNORE|RESPECT NULLS] [OVER ...]`, also
/// `count(*)` and, in row patterns, `RUNNING sum(A.x)` and `count(A.*)`.
public struct FunctionCall: Hashable, Sendable {
    public var name: QualifiedName
    public var arguments: [Expression]
    public var quantifier: SetQuantifier?
    /// `f(*)`; `starLabel` is `A` in `f(A.*)`.
    public var isStar: Bool
    public var starLabel: Identifier?
    public var orderBy: [SortItem]
    public var filter: Expression?
    public var nullTreatment: NullTreatment?
    public var window: Window?
    public var processingMode: ProcessingMode?

    public var isDistinct: Bool { quantifier == .distinct }

    public init(
        name: QualifiedName, arguments: [Expression], quantifier: SetQuantifier? = nil, isStar: Bool = false,
        starLabel: Identifier? = nil, orderBy: [SortItem] = [], filter: Expression? = nil,
        nullTreatment: NullTreatment? = nil, window: Window? = nil, processingMode: ProcessingMode? = nil
    ) {
        self.name = name
        self.arguments = arguments
        self.quantifier = quantifier
        self.isStar = isStar
        self.starLabel = starLabel
        self.orderBy = orderBy
        self.filter = filter
        self.nullTreatment = nullTreatment
        self.window = window
        self.processingMode = processingMode
    }
}

public enum SetQuantifier: String, Hashable, Sendable {
    case all = "ALL", distinct = "DISTINCT"
}

public enum NullTreatment: String, Hashable, Sendable {
    case ignore = "IGNORE NULLS", respect = "RESPECT NULLS"
}

public enum ProcessingMode: String, Hashable, Sendable {
    case running = "RUNNING", final = "FINAL"
}

/// `LISTAGG([DISTINCT] value [, separator] [ON OVERFLOW ...]) WITHIN GROUP (ORDER BY ...) [FILTER ...]`.
public struct ListAggregate: Hashable, Sendable {
    public var quantifier: SetQuantifier?
    public var value: Expression
    public var separator: String?
    /// Nil and `.error` mean the same.
    public var overflow: Overflow?
    public var orderBy: [SortItem]
    public var filter: Expression?

    public enum Overflow: Hashable, Sendable {
        case error
        case truncate(filler: String?, withCount: Bool)
    }
}

/// `expression [ASC|DESC] [NULLS FIRST|LAST]`.
public struct SortItem: Hashable, Sendable {
    public var expression: Expression
    /// As written; ascending when nil.
    public var direction: Direction?
    /// As written; last when nil.
    public var nulls: NullOrder?

    public var isDescending: Bool { direction == .descending }
    public var hasNullsFirst: Bool { nulls == .first }
    public var position: SourcePosition { expression.position }

    public enum Direction: String, Hashable, Sendable {
        case ascending = "ASC", descending = "DESC"
    }
    public enum NullOrder: String, Hashable, Sendable {
        case first = "NULLS FIRST", last = "NULLS LAST"
    }
}

/// What follows OVER.
public enum Window: Hashable, Sendable {
    case named(Identifier)
    case specification(WindowSpecification)
}

/// `[base] [PARTITION BY ...] [ORDER BY ...] [frame]`.
public struct WindowSpecification: Hashable, Sendable {
    public var base: Identifier?
    public var partitionBy: [Expression]
    public var orderBy: [SortItem]
    public var frame: WindowFrame?
    public var position: SourcePosition

    public static func == (left: WindowSpecification, right: WindowSpecification) -> Bool {
        left.base == right.base && left.partitionBy == right.partitionBy && left.orderBy == right.orderBy
            && left.frame == right.frame
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(base)
        hasher.combine(partitionBy)
        hasher.combine(orderBy)
    }
}

/// `ROWS|RANGE|GROUPS start` or `... BETWEEN start AND end`, with the parts of a row pattern window.
public struct WindowFrame: Hashable, Sendable {
    public var unit: Unit
    public var start: Bound
    /// Nil means CURRENT ROW.
    public var end: Bound?
    /// Row pattern recognition in the window.
    public var pattern: WindowPattern?
    public var position: SourcePosition

    public enum Unit: String, Hashable, Sendable, CaseIterable {
        case rows = "ROWS", range = "RANGE", groups = "GROUPS"
    }

    public enum Bound: Hashable, Sendable {
        case unboundedPreceding
        case preceding(Expression)
        case currentRow
        case following(Expression)
        case unboundedFollowing
    }

    public static func == (left: WindowFrame, right: WindowFrame) -> Bool {
        left.unit == right.unit && left.start == right.start && left.end == right.end && left.pattern == right.pattern
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(unit)
        hasher.combine(start)
        hasher.combine(end)
    }
}
