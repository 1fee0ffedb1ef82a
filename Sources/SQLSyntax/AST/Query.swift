import SQLTypes

/// A query: `[WITH ...] body [ORDER BY ...] [OFFSET ...] [LIMIT ...|FETCH ...]`. Equality ignores positions.
public struct Query: Hashable, Sendable {
    /// `WITH FUNCTION ...`, only at the root.
    public var functions: [FunctionSpecification]
    /// `WITH SESSION name = value`, only at the root.
    public var session: [SessionAssignment]
    public var with: With?
    public var body: Body
    public var orderBy: [SortItem]
    public var offset: Offset?
    public var limit: Limit?
    public var position: SourcePosition

    public init(
        functions: [FunctionSpecification] = [], session: [SessionAssignment] = [], with: With? = nil, body: Body,
        orderBy: [SortItem] = [], offset: Offset? = nil, limit: Limit? = nil, position: SourcePosition
    ) {
        self.functions = functions
        self.session = session
        self.with = with
        self.body = body
        self.orderBy = orderBy
        self.offset = offset
        self.limit = limit
        self.position = position
    }

    public indirect enum Body: Hashable, Sendable {
        case select(Select)
        case setOperation(SetOperation)
        /// `TABLE name`.
        case table(QualifiedName)
        /// `VALUES row, ...`; a row of several columns is `.row`.
        case values([Expression])
        /// A query in parentheses, with its own ORDER BY and LIMIT.
        case query(Query)
    }

    public static func == (left: Query, right: Query) -> Bool {
        left.body == right.body && left.with == right.with && left.orderBy == right.orderBy
            && left.offset == right.offset && left.limit == right.limit && left.functions == right.functions
            && left.session == right.session
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(with)
        hasher.combine(body)
        hasher.combine(orderBy)
    }
}

/// `WITH [RECURSIVE] name [(columns)] AS (query), ...`.
public struct With: Hashable, Sendable {
    public var isRecursive: Bool
    public var queries: [NamedQuery]
}

public struct NamedQuery: Hashable, Sendable {
    public var name: Identifier
    /// Nil without a column list.
    public var columns: [Identifier]?
    public var query: Query
}

/// `SESSION name = expression` in WITH.
public struct SessionAssignment: Hashable, Sendable {
    public var name: QualifiedName
    public var value: Expression
}

/// Operands of one operator with one quantifier, in order: `a UNION b UNION c` has three operands. Other chains nest
/// to the left.
public struct SetOperation: Hashable, Sendable {
    public var operation: Operator
    /// Nil means DISTINCT.
    public var quantifier: SetQuantifier?
    public var operands: [Query.Body]
    /// Of the first operator.
    public var position: SourcePosition

    public var isDistinct: Bool { quantifier != .all }

    public enum Operator: String, Hashable, Sendable {
        case union = "UNION", intersect = "INTERSECT", except = "EXCEPT"
    }

    public static func == (left: SetOperation, right: SetOperation) -> Bool {
        left.operation == right.operation && left.quantifier == right.quantifier && left.operands == right.operands
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(operation)
        hasher.combine(operands)
    }
}

/// `SELECT ... FROM ... WHERE ... GROUP BY ... HAVING ... WINDOW ...`.
public struct Select: Hashable, Sendable {
    public var quantifier: SetQuantifier?
    public var items: [SelectItem]
    /// The comma list of FROM, each an implicit cross join; empty without FROM.
    public var from: [Relation]
    public var whereCondition: Expression?
    public var groupBy: GroupBy?
    public var having: Expression?
    public var windows: [WindowDefinition]
    public var position: SourcePosition

    public var isDistinct: Bool { quantifier == .distinct }

    public static func == (left: Select, right: Select) -> Bool {
        left.quantifier == right.quantifier && left.items == right.items && left.from == right.from
            && left.whereCondition == right.whereCondition && left.groupBy == right.groupBy
            && left.having == right.having && left.windows == right.windows
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(items)
        hasher.combine(from)
        hasher.combine(whereCondition)
    }
}

public enum SelectItem: Hashable, Sendable {
    case expression(Expression, alias: Identifier?)
    /// `*`.
    case all(AllColumns)
    /// `t.*`, `(row).* AS (a, b)`.
    case allOf(Expression, columns: [Identifier]?)
}

/// The `*` of a SELECT list.
public struct AllColumns: Hashable, Sendable {
    public var position: SourcePosition

    public static func == (left: AllColumns, right: AllColumns) -> Bool { true }
    public func hash(into hasher: inout Hasher) {}
}

public struct GroupBy: Hashable, Sendable {
    public var quantifier: SetQuantifier?
    public var elements: [GroupingElement]
}

public enum GroupingElement: Hashable, Sendable {
    /// One set written directly: `a`, `(a, b)` or `()`.
    case simple(GroupingSet)
    case rollup([GroupingSet])
    case cube([GroupingSet])
    case groupingSets([GroupingSet])
}

/// `(a, b)`, `()` or a bare expression.
public struct GroupingSet: Hashable, Sendable {
    public var expressions: [Expression]
}

/// `WINDOW name AS (specification)`.
public struct WindowDefinition: Hashable, Sendable {
    public var name: Identifier
    public var specification: WindowSpecification
}

/// A number of rows or `?`.
public enum RowCount: Hashable, Sendable {
    case count(Int64)
    case parameter(Int)
}

public struct Offset: Hashable, Sendable {
    public var count: RowCount
    public var position: SourcePosition

    public static func == (left: Offset, right: Offset) -> Bool { left.count == right.count }
    public func hash(into hasher: inout Hasher) { hasher.combine(count) }
}

/// `LIMIT n|ALL` or `FETCH FIRST [n] ROWS ONLY|WITH TIES`.
public struct Limit: Hashable, Sendable {
    public var form: Form
    public var position: SourcePosition

    public enum Form: Hashable, Sendable {
        case all
        case count(RowCount)
        /// `FETCH FIRST`; a nil count is one row.
        case fetch(RowCount?, withTies: Bool)
    }

    public static func == (left: Limit, right: Limit) -> Bool { left.form == right.form }
    public func hash(into hasher: inout Hasher) { hasher.combine(form) }
}
