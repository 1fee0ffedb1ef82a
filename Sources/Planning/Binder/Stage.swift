import Expressions
import Functions
import SQLSyntax
import SQLTypes

/// What the expressions of one clause need of the plan below them.
///
/// Binding an expression never touches a plan: a subquery, window function or aggregate becomes a column, and what
/// computes this column is noted here. The clause's binder puts the notes into the plan where they belong.
final class Stage {
    /// For messages: `WHERE clause`.
    let clause: String
    /// Subqueries and window functions, in order of dependence.
    var steps: [PlanStep] = []
    /// Nil where aggregates are not allowed.
    let aggregates: AggregateCollector?
    let allowsWindows: Bool
    /// Where the clause's expression stands, for refusals.
    var position: SourcePosition?

    init(clause: String, aggregates: AggregateCollector? = nil, allowsWindows: Bool = false) {
        self.clause = clause
        self.aggregates = aggregates
        self.allowsWindows = allowsWindows
    }
}

/// Something that adds a column to the plan.
enum PlanStep {
    case subquery(PendingSubquery)
    case window(PendingWindow)

    var output: ColumnReference {
        switch self {
        case .subquery(let subquery): subquery.output
        case .window(let window): window.output
        }
    }
}

/// A subquery in an expression: `output` holds its value, or the answer of EXISTS, IN or a quantified comparison.
struct PendingSubquery {
    enum Kind {
        case scalar
        case exists
        case inSet(BoundExpression)
        case quantified(BoundExpression, Expressions.ComparisonOperator, isAll: Bool)
    }

    var kind: Kind
    var plan: LogicalPlan
    /// The subquery's one column; unused by EXISTS.
    var result: ColumnReference?
    var output: ColumnReference
    var position: SourcePosition
}

/// A window function call over expressions of the clause's scope.
struct PendingWindow {
    struct Order {
        var expression: BoundExpression
        var isAscending: Bool
        var nullsFirst: Bool
    }

    enum Bound {
        case unboundedPreceding
        case preceding(BoundExpression)
        case currentRow
        case following(BoundExpression)
        case unboundedFollowing

        var expression: BoundExpression? {
            switch self {
            case .preceding(let offset), .following(let offset): offset
            case .unboundedPreceding, .currentRow, .unboundedFollowing: nil
            }
        }
    }

    struct Frame {
        var unit: WindowFrame.Unit
        var start: Bound
        var end: Bound
    }

    var output: ColumnReference
    var function: WindowCall.Function
    var signature: ResolvedSignature
    var arguments: [BoundExpression]
    var isDistinct: Bool
    var filter: BoundExpression?
    var ignoresNulls: Bool
    var partitionBy: [BoundExpression]
    var orderBy: [Order]
    /// RANGE offsets are bound values already (sort key ± offset).
    var frame: Frame

    /// All expressions, rewritten.
    func mapExpressions(_ rewrite: (BoundExpression) throws -> BoundExpression) rethrows -> PendingWindow {
        var copy = self
        copy.arguments = try arguments.map(rewrite)
        copy.filter = try filter.map(rewrite)
        copy.partitionBy = try partitionBy.map(rewrite)
        copy.orderBy = try orderBy.map {
            Order(expression: try rewrite($0.expression), isAscending: $0.isAscending, nullsFirst: $0.nullsFirst)
        }
        copy.frame.start = try Self.map(frame.start, rewrite)
        copy.frame.end = try Self.map(frame.end, rewrite)
        return copy
    }

    private static func map(
        _ bound: Bound, _ rewrite: (BoundExpression) throws -> BoundExpression
    ) rethrows -> Bound {
        switch bound {
        case .preceding(let offset): .preceding(try rewrite(offset))
        case .following(let offset): .following(try rewrite(offset))
        case .unboundedPreceding, .currentRow, .unboundedFollowing: bound
        }
    }
}

/// The aggregates of a SELECT, each with the column that holds its result.
final class AggregateCollector {
    struct Call {
        var output: ColumnReference
        var function: AggregateFunction
        var signature: ResolvedSignature
        var arguments: [BoundExpression]
        var isDistinct: Bool
        var filter: BoundExpression?
        var orderBy: [PendingWindow.Order]
    }

    /// `grouping(a, b)`: which of the expressions are not grouped in a row's set.
    struct GroupingCall {
        var output: ColumnReference
        var arguments: [BoundExpression]
        /// The arguments as written.
        var names: [String]
        var position: SourcePosition
    }

    private(set) var calls: [Call] = []
    var groupingCalls: [GroupingCall] = []
    /// Subqueries in arguments and GROUP BY expressions: below the aggregation.
    let inputs = Stage(clause: "Aggregation argument")

    /// The column of an equal call that is there already.
    func existing(like call: Call) -> ColumnReference? {
        calls.first { other in
            other.function.name == call.function.name && other.signature == call.signature
                && other.arguments == call.arguments && other.isDistinct == call.isDistinct
                && other.filter == call.filter
                && other.orderBy.elementsEqual(call.orderBy) {
                    $0.expression == $1.expression && $0.isAscending == $1.isAscending && $0.nullsFirst == $1.nullsFirst
                }
        }?.output
    }

    func add(_ call: Call) { calls.append(call) }
}
