import SQLTypes

/// `relation MATCH_RECOGNIZE (...) [AS alias (columns)]`; the alias is an `.aliased` relation around it.
public struct MatchRecognize: Hashable, Sendable {
    public var input: Relation
    public var partitionBy: [Expression]
    public var orderBy: [SortItem]
    public var measures: [MeasureDefinition]
    public var rowsPerMatch: RowsPerMatch?
    public var skip: SkipTo?
    public var searchMode: SearchMode?
    public var pattern: RowPattern
    public var subsets: [SubsetDefinition]
    public var definitions: [VariableDefinition]

    public enum RowsPerMatch: String, Hashable, Sendable, CaseIterable {
        case one = "ONE ROW PER MATCH"
        case all = "ALL ROWS PER MATCH"
        case allShowEmpty = "ALL ROWS PER MATCH SHOW EMPTY MATCHES"
        case allOmitEmpty = "ALL ROWS PER MATCH OMIT EMPTY MATCHES"
        case allWithUnmatched = "ALL ROWS PER MATCH WITH UNMATCHED ROWS"
    }
}

/// The row pattern parts of a window frame.
public struct WindowPattern: Hashable, Sendable {
    public var measures: [MeasureDefinition]
    public var skip: SkipTo?
    public var searchMode: SearchMode?
    public var pattern: RowPattern?
    public var subsets: [SubsetDefinition]
    public var definitions: [VariableDefinition]
}

public enum SearchMode: String, Hashable, Sendable {
    case initial = "INITIAL", seek = "SEEK"
}

/// `AFTER MATCH SKIP ...`.
public enum SkipTo: Hashable, Sendable {
    case nextRow
    case pastLastRow
    case first(Identifier)
    case last(Identifier)
    /// `SKIP TO v`, the same as `SKIP TO LAST v`.
    case variable(Identifier)
}

/// `expression AS name`.
public struct MeasureDefinition: Hashable, Sendable {
    public var expression: Expression
    public var name: Identifier
}

/// `name = (variable, ...)`.
public struct SubsetDefinition: Hashable, Sendable {
    public var name: Identifier
    public var variables: [Identifier]
}

/// `variable AS condition`.
public struct VariableDefinition: Hashable, Sendable {
    public var name: Identifier
    public var condition: Expression
}

/// A row pattern: a regular expression over row variables.
public struct RowPattern: Hashable, Sendable {
    public var kind: Kind
    public var position: SourcePosition

    public indirect enum Kind: Hashable, Sendable {
        case variable(Identifier)
        case empty
        case startAnchor
        case endAnchor
        /// Two or more.
        case concatenation([RowPattern])
        /// Two or more.
        case alternation([RowPattern])
        case permutation([RowPattern])
        case excluded(RowPattern)
        case quantified(RowPattern, PatternQuantifier)
    }

    public static func == (left: RowPattern, right: RowPattern) -> Bool { left.kind == right.kind }
    public func hash(into hasher: inout Hasher) { hasher.combine(kind) }
}

/// `*`, `+`, `?` or `{n,m}`, greedy unless followed by `?`.
public struct PatternQuantifier: Hashable, Sendable {
    public var form: Form
    public var isGreedy: Bool

    public enum Form: Hashable, Sendable {
        case zeroOrMore, oneOrMore, zeroOrOne
        case exactly(Int)
        case range(atLeast: Int?, atMost: Int?)
    }
}
