import Expressions
import SQLSyntax
import SQLTypes

/// A bound GROUP BY: distinct expressions, and the grouping sets as positions in them.
struct Grouping {
    var expressions: [BoundExpression]
    /// One set of all expressions for a plain GROUP BY.
    var sets: [[Int]]

    /// Whether the sets differ from "all expressions once".
    var isPlain: Bool { sets.count == 1 && Set(sets[0]).count == expressions.count }
}

/// Binds GROUP BY: expressions, ordinals, GROUPING SETS, ROLLUP and CUBE, crossed with one another.
struct GroupByBinder {
    let context: BindingContext
    let environment: BindingEnvironment
    let scope: Scope
    let collector: AggregateCollector
    /// Where the SELECT list left its subqueries and windows.
    let selectStage: Stage

    /// Trino's limit.
    static let maxGroupingSets = 2048

    func bind(_ groupBy: GroupBy, items: [SelectItemBinding]) throws -> Grouping {
        let stage = Stage(clause: "GROUP BY clause")
        let binder = ExpressionBinder(context: context, environment: environment, scope: scope, stage: stage)
        var expressions: [BoundExpression] = []
        var positions: [BoundExpression: Int] = [:]
        func add(_ expression: Expression) throws -> Int {
            let bound: BoundExpression
            if let index = try Ordering.ordinal(expression, count: items.count, clause: "GROUP BY") {
                bound = items[index].expression
                try adopt(bound, at: expression.position)
            } else {
                try refuseAlias(expression, items)
                stage.position = expression.position
                bound = try binder.bind(expression)
            }
            guard bound.type.isComparable else {
                throw QueryError(
                    .typeMismatch,
                    "\(bound.type.displayName) is not comparable, and therefore cannot be used in GROUP BY",
                    at: expression.position)
            }
            if let known = positions[bound] { return known }
            expressions.append(bound)
            positions[bound] = expressions.count - 1
            return expressions.count - 1
        }
        /// `a` or `(a, b)` as positions.
        func set(_ element: GroupingSet) throws -> [Int] { try element.expressions.map(add) }

        var sets: [[Int]] = [[]]
        for element in groupBy.elements {
            let next: [[Int]]
            switch element {
            case .simple(let simple): next = [try set(simple)]
            case .groupingSets(let list): next = try list.map(set)
            case .rollup(let list):
                let parts = try list.map(set)
                next = (0...parts.count).reversed().map { count in parts.prefix(count).flatMap { $0 } }
            case .cube(let list):
                let parts = try list.map(set)
                guard parts.count < 12 else { throw tooMany(1 << min(parts.count, 62), list) }
                next = (0..<(1 << parts.count)).reversed().map { mask in
                    parts.indices.filter { mask & (1 << (parts.count - 1 - $0)) != 0 }.flatMap { parts[$0] }
                }
            }
            guard sets.count * next.count <= Self.maxGroupingSets else { throw tooMany(sets.count * next.count, []) }
            sets = sets.flatMap { left in next.map { left + $0 } }
        }
        collector.inputs.steps += stage.steps
        sets = sets.map { set in
            var seen: Set<Int> = []
            return set.filter { seen.insert($0).inserted }
        }
        if groupBy.quantifier == .distinct {
            var seen: Set<Set<Int>> = []
            sets = sets.filter { seen.insert(Set($0)).inserted }
        }
        return Grouping(expressions: expressions, sets: sets)
    }

    /// A bare name that only the SELECT list knows: Trino refuses it too, and ours says what to write.
    private func refuseAlias(_ expression: Expression, _ items: [SelectItemBinding]) throws {
        guard case .identifier(let name) = expression.kind, try scope.resolve(QualifiedName([name])) == nil,
            let index = items.firstIndex(where: { $0.name?.lowercased() == name.canonical })
        else { return }
        throw QueryError(
            .columnNotFound,
            "Column '\(name.canonical)' cannot be resolved (GROUP BY sees no aliases of the SELECT list: "
                + "repeat the expression, or write GROUP BY \(index + 1))",
            at: expression.position)
    }

    private func tooMany(_ count: Int, _ list: [GroupingSet]) -> QueryError {
        QueryError(
            .tooManyGroupingSets,
            "GROUP BY has \(count) grouping sets but can contain at most \(Self.maxGroupingSets)",
            at: list.first?.expressions.first?.position)
    }

    /// An ordinal means a column of the SELECT list: its subqueries move below the aggregation, aggregates and window
    /// functions are refused.
    private func adopt(_ expression: BoundExpression, at position: SourcePosition) throws {
        let columns = expression.columns
        for column in columns {
            let isAggregate =
                collector.calls.contains { $0.output == column }
                || collector.groupingCalls.contains { $0.output == column }
            let isWindow = selectStage.steps.contains { step in
                if case .window(let window) = step { window.output == column } else { false }
            }
            if isAggregate || isWindow {
                throw QueryError(
                    .expressionNotScalar,
                    "GROUP BY clause cannot contain aggregations, window functions or grouping operations: [\(column.name)]",
                    at: position)
            }
        }
        collector.inputs.steps += selectStage.steps.filter { columns.contains($0.output) }
        selectStage.steps.removeAll { columns.contains($0.output) }
    }
}
