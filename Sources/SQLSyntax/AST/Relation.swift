import SQLTypes

/// What FROM reads: a table, a subquery, a join, ... Equality ignores positions.
public struct Relation: Hashable, Sendable {
    public var kind: Kind
    public var position: SourcePosition

    public init(_ kind: Kind, at position: SourcePosition) {
        self.kind = kind
        self.position = position
    }

    public indirect enum Kind: Hashable, Sendable {
        case table(QualifiedName, period: QueryPeriod?)
        case aliased(Relation, Alias)
        case subquery(Query)
        case lateral(Query)
        case unnest([Expression], withOrdinality: Bool)
        case join(Join)
        case sampled(Relation, SampleKind, percentage: Expression)
        case matchRecognize(MatchRecognize)
        case tableFunction(TableFunctionCall)
        case jsonTable(JSONTable)
    }

    public static func == (left: Relation, right: Relation) -> Bool { left.kind == right.kind }
    public func hash(into hasher: inout Hasher) { hasher.combine(kind) }
}

/// `[AS] name [(columns)]`.
public struct Alias: Hashable, Sendable {
    public var name: Identifier
    public var columns: [Identifier]?
}

/// `FOR TIMESTAMP|VERSION AS OF expression`.
public struct QueryPeriod: Hashable, Sendable {
    public var kind: Kind
    public var end: Expression

    public enum Kind: String, Hashable, Sendable {
        case timestamp = "TIMESTAMP", version = "VERSION"
    }
}

public enum SampleKind: String, Hashable, Sendable {
    case bernoulli = "BERNOULLI", system = "SYSTEM"
}

/// A join of two relations; chains nest to the left.
public struct Join: Hashable, Sendable {
    public var kind: Kind
    public var left: Relation
    public var right: Relation
    public var criteria: Criteria

    public enum Kind: String, Hashable, Sendable {
        case cross = "CROSS", inner = "INNER", left = "LEFT", right = "RIGHT", full = "FULL"
    }

    public enum Criteria: Hashable, Sendable {
        /// A cross join.
        case none
        case on(Expression)
        case using([Identifier])
        case natural
    }
}

/// `TABLE(name(arguments) [COPARTITION ...])`.
public struct TableFunctionCall: Hashable, Sendable {
    public var name: QualifiedName
    public var arguments: [TableFunctionArgument]
    public var copartition: [[QualifiedName]]
}

public struct TableFunctionArgument: Hashable, Sendable {
    public var name: Identifier?
    public var value: Value
    public var position: SourcePosition

    public enum Value: Hashable, Sendable {
        case expression(Expression)
        case table(TableArgument)
        case descriptor([DescriptorField])
        /// `CAST(NULL AS DESCRIPTOR)`.
        case nullDescriptor
    }

    public static func == (left: TableFunctionArgument, right: TableFunctionArgument) -> Bool {
        left.name == right.name && left.value == right.value
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(name)
        hasher.combine(value)
    }
}

/// `TABLE(t) [AS a] [PARTITION BY ...] [PRUNE|KEEP WHEN EMPTY] [ORDER BY ...]`.
public struct TableArgument: Hashable, Sendable {
    /// A table or a subquery, possibly aliased.
    public var relation: Relation
    /// Nil without PARTITION BY.
    public var partitionBy: [Expression]?
    public var prunesWhenEmpty: Bool?
    public var orderBy: [SortItem]
}

public struct DescriptorField: Hashable, Sendable {
    public var name: Identifier
    public var type: TypeName?
}
