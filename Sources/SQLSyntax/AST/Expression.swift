import SQLTypes

/// A scalar expression. Equality and hashing ignore positions.
///
/// Chains of AND, OR and `||` are flat lists; arithmetic is binary and bounded in depth by the parser
/// (`Parser.Limits`). Parentheses leave no node. `position` is where Trino reports an error of the node: the operator
/// for comparisons, predicates and arithmetic, the first token for everything else.
///
///     a.b + 1 > 2 AND NOT c        and
///                                 ├── comparison(>)
///                                 │   ├── arithmetic(+)
///                                 │   │   ├── dereference(identifier(a), b)
///                                 │   │   └── integer(1)
///                                 │   └── integer(2)
///                                 └── not(identifier(c))
public struct Expression: Hashable, Sendable {
    public var kind: Kind
    public var position: SourcePosition

    public init(_ kind: Kind, at position: SourcePosition) {
        self.kind = kind
        self.position = position
    }

    public static func == (left: Expression, right: Expression) -> Bool { left.kind == right.kind }
    public func hash(into hasher: inout Hasher) { hasher.combine(kind) }

    public indirect enum Kind: Hashable, Sendable {
        // Literals.
        case null
        case boolean(Bool)
        /// A negative literal keeps its sign: `-5` is `integer(-5)`.
        case integer(Int64)
        /// `1.5`, without underscores, with a leading `-` if negative: DECIMAL or DOUBLE by session property.
        case decimal(String)
        case double(Double)
        case string(String)
        case binary([UInt8])
        /// `DATE '2020-01-01'`, `DECIMAL '1.5'`, `JSON '{}'`: a type name and its text.
        case typed(TypeName, String)
        case interval(IntervalLiteral)
        /// `?`; counts from 0 in order of appearance.
        case parameter(Int)

        // Names.
        case identifier(Identifier)
        /// `base.field`; a dotted column name is a chain of these (`Expression.asQualifiedName`).
        case dereference(Expression, Identifier)

        // Operators.
        case not(Expression)
        /// Two or more terms.
        case and([Expression])
        /// Two or more terms.
        case or([Expression])
        /// Two or more operands of `||`.
        case concat([Expression])
        case arithmetic(ArithmeticOperator, Expression, Expression)
        case negate(Expression)
        case plus(Expression)
        case comparison(ComparisonOperator, Expression, Expression)
        case isDistinctFrom(Expression, Expression, isNegated: Bool)
        case isNull(Expression, isNegated: Bool)
        case between(Expression, lower: Expression, upper: Expression, isNegated: Bool)
        case inList(Expression, [Expression], isNegated: Bool)
        case inQuery(Expression, Query, isNegated: Bool)
        case like(Expression, pattern: Expression, escape: Expression?, isNegated: Bool)
        /// `value op ALL|ANY|SOME (query)`.
        case quantifiedComparison(ComparisonOperator, Quantifier, Expression, Query)
        /// `value AT TIME ZONE zone`; the zone is a string or an interval literal.
        case atTimeZone(Expression, zone: Expression)

        // Subqueries.
        case exists(Query)
        case subquery(Query)

        // Constructors and access.
        case row([Expression])
        case array([Expression])
        /// `base[index]`.
        case element(Expression, index: Expression)
        case lambda([Identifier], body: Expression)

        // Calls and special forms. IF, COALESCE, NULLIF and TRY are calls; POSITION(a IN b) is strpos(b, a),
        // SUBSTRING(a FROM b FOR c) is substring(a, b, c), NORMALIZE(a, NFC) is normalize(a, 'NFC').
        case call(FunctionCall)
        case listagg(ListAggregate)
        case cast(Expression, to: TypeName, isSafe: Bool)
        case simpleCase(Expression, [WhenClause], otherwise: Expression?)
        case searchedCase([WhenClause], otherwise: Expression?)
        case trim(TrimMode, source: Expression, characters: Expression?)
        case extract(ExtractField, from: Expression)
        /// `CURRENT_DATE`, `LOCALTIMESTAMP(3)`, `CURRENT_USER`, ...
        case current(CurrentValue, precision: Int?)
        case grouping([QualifiedName])
        /// `measure OVER w`, in row pattern windows.
        case measure(Identifier, Window)

        // SQL/JSON.
        case jsonExists(JSONExists)
        case jsonValue(JSONValueCall)
        case jsonQuery(JSONQueryCall)
        case jsonObject(JSONObjectCall)
        case jsonArray(JSONArrayCall)
    }

    /// The dotted name that a chain of dereferences spells, if it is one.
    public var asQualifiedName: QualifiedName? {
        var parts: [Identifier] = []
        var node = self
        while true {
            switch node.kind {
            case .identifier(let name):
                parts.append(name)
                return QualifiedName(parts.reversed())
            case .dereference(let base, let field):
                parts.append(field)
                node = base
            default:
                return nil
            }
        }
    }
}

public enum ArithmeticOperator: String, Hashable, Sendable, CaseIterable {
    case add = "+", subtract = "-", multiply = "*", divide = "/", modulus = "%"
}

public enum ComparisonOperator: String, Hashable, Sendable, CaseIterable {
    case equal = "=", notEqual = "<>", less = "<", lessOrEqual = "<=", greater = ">", greaterOrEqual = ">="
}

public enum Quantifier: String, Hashable, Sendable {
    case all = "ALL", any = "ANY", some = "SOME"
}

public enum TrimMode: String, Hashable, Sendable {
    case both = "BOTH", leading = "LEADING", trailing = "TRAILING"
}

/// What EXTRACT takes out.
public enum ExtractField: String, Hashable, Sendable, CaseIterable {
    case year = "YEAR", quarter = "QUARTER", month = "MONTH", week = "WEEK", day = "DAY", dayOfMonth = "DAY_OF_MONTH"
    case dayOfWeek = "DAY_OF_WEEK", dow = "DOW", dayOfYear = "DAY_OF_YEAR", doy = "DOY"
    case yearOfWeek = "YEAR_OF_WEEK", yow = "YOW", hour = "HOUR", minute = "MINUTE", second = "SECOND"
    case timezoneMinute = "TIMEZONE_MINUTE", timezoneHour = "TIMEZONE_HOUR"
}

/// The functions that are called without parentheses.
public enum CurrentValue: String, Hashable, Sendable, CaseIterable {
    case date = "CURRENT_DATE", time = "CURRENT_TIME", timestamp = "CURRENT_TIMESTAMP", localTime = "LOCALTIME"
    case localTimestamp = "LOCALTIMESTAMP", user = "CURRENT_USER", catalog = "CURRENT_CATALOG"
    case schema = "CURRENT_SCHEMA", path = "CURRENT_PATH"
}

/// `INTERVAL [+|-] 'text' FROM [TO TO]`.
public struct IntervalLiteral: Hashable, Sendable {
    public var isNegative: Bool
    public var text: String
    public var from: IntervalField
    public var to: IntervalField?
}

/// `WHEN condition THEN result`; the condition is a value to compare with in the simple form.
public struct WhenClause: Hashable, Sendable {
    public var condition: Expression
    public var result: Expression
}
