import Expressions
import SQLSyntax
import SQLTypes

/// Binds one SELECT with its ORDER BY.
///
/// ```
/// TopN/Sort/Limit             ORDER BY, LIMIT
///   Aggregate[outputs]        DISTINCT
///     Project[outputs]        SELECT list
///       Window, subqueries    of SELECT list and ORDER BY
///         Filter              HAVING
///           Aggregate         GROUP BY, aggregates
///             Filter          WHERE
///               FROM
/// ```
/// All expressions are bound over FROM's columns; with aggregation a `GroupingRewriter` then replaces what is grouped
/// by the columns that come out of it, and refuses the rest.
struct SelectBinder {
    let context: BindingContext
    let environment: BindingEnvironment

    func bind(_ select: Select, ordering: Ordering) throws -> BoundQuery {
        let from = try FromBinder(context: context, environment: environment).bindFrom(select.from)
        let scope = Scope(from.fields, parent: environment.outer)
        var builder = PlanBuilder(from.plan, context: context)
        if let condition = select.whereCondition {
            try filter(&builder, condition, clause: "WHERE", stage: Stage(clause: "WHERE clause"), scope)
        }

        let collector = AggregateCollector()
        let stage = Stage(clause: "SELECT", aggregates: collector, allowsWindows: true)
        let windows = try NamedWindows(select.windows)
        let binder = ExpressionBinder(
            context: context, environment: environment, scope: scope, stage: stage, windows: windows)
        try windows.check(with: binder)
        var items = try SelectListBinder(binder: binder).bind(select.items)
        let grouping = try select.groupBy.map {
            try GroupByBinder(
                context: context, environment: environment, scope: scope, collector: collector, selectStage: stage
            ).bind($0, items: items)
        }
        let havingStage = Stage(clause: "HAVING clause", aggregates: collector)
        let having = try select.having.map { condition in
            try ExpressionBinder(context: context, environment: environment, scope: scope, stage: havingStage)
                .bindCondition(condition, clause: "HAVING clause")
        }
        var keys = try bindOrder(ordering, items, binder)

        if grouping != nil || having != nil || !collector.calls.isEmpty || !collector.groupingCalls.isEmpty {
            let rewriter = try AggregationBinder(context: context, scope: scope, collector: collector)
                .aggregate(&builder, grouping, position: select.position)
            for index in items.indices {
                items[index].expression = try rewriter.rewrite(items[index], at: select.position)
            }
            if let having, let condition = select.having {
                let rewritten = try rewriter.rewrite(having, of: condition)
                builder.attach(try havingStage.steps.map { try rewriter.rewrite($0, at: condition.position) })
                builder.filter(rewritten)
            }
            for (index, item) in ordering.items.enumerated() {
                keys[index].expression = try rewriter.rewrite(keys[index].expression, of: item.expression)
            }
            stage.steps = try stage.steps.map { try rewriter.rewrite($0, at: select.position) }
        }
        builder.attach(stage.steps)
        return try finish(builder, items, keys, ordering, isDistinct: select.isDistinct, select)
    }

    private func filter(
        _ builder: inout PlanBuilder, _ condition: Expression, clause: String, stage: Stage, _ scope: Scope
    ) throws {
        let binder = ExpressionBinder(context: context, environment: environment, scope: scope, stage: stage)
        let terms = try binder.bindCondition(condition, clause: "\(clause) clause").conjuncts
        // What needs no subquery filters before the subqueries are attached.
        let outputs = Set(stage.steps.map(\.output))
        builder.filter(.conjunction(terms.filter { $0.columns.isDisjoint(with: outputs) }))
        builder.attach(stage.steps)
        builder.filter(.conjunction(terms.filter { !$0.columns.isDisjoint(with: outputs) }))
    }

    // MARK: ORDER BY and output

    private func bindOrder(
        _ ordering: Ordering, _ items: [SelectItemBinding], _ binder: ExpressionBinder
    ) throws -> [PendingWindow.Order] {
        let sees = binder.seeing(OutputAliases(items))
        return try ordering.items.map { item in
            if let index = try Ordering.ordinal(item.expression, count: items.count) {
                return try ordering.key(items[index].expression, item)
            }
            return try ordering.key(try sees.bind(item.expression), item)
        }
    }

    /// Projects the outputs; sort keys read outputs where they can, else columns that are carried along.
    private func finish(
        _ start: PlanBuilder, _ items: [SelectItemBinding], _ keys: [PendingWindow.Order], _ ordering: Ordering,
        isDistinct: Bool, _ select: Select
    ) throws -> BoundQuery {
        var builder = start
        var assignments: [Assignment] = []
        var outputs: [BoundQuery.Output] = []
        var byExpression: [BoundExpression: ColumnReference] = [:]
        var assigned: Set<ColumnReference> = []
        let available = Set(builder.plan.outputColumns)
        for (index, item) in items.enumerated() {
            if isDistinct, !item.expression.type.isComparable {
                throw QueryError(
                    .typeMismatch,
                    "DISTINCT can only be applied to comparable types (actual: \(item.expression.type.displayName))",
                    at: item.syntax?.position ?? select.position)
            }
            let column: ColumnReference
            if case .column(let own) = item.expression, available.contains(own) {
                column = own
            } else if let known = byExpression[item.expression], item.expression.isDeterministic {
                column = known
            } else {
                column = context.columns.make(item.name ?? "_col\(index)", item.expression.type)
            }
            if assigned.insert(column).inserted { assignments.append(Assignment(column, item.expression)) }
            if byExpression[item.expression] == nil { byExpression[item.expression] = column }
            outputs.append(BoundQuery.Output(name: item.name, column: column))
        }
        let sortKeys = keys.map { key in
            var copy = key
            copy.expression = Self.replacing(key.expression, byExpression)
            return copy
        }
        if isDistinct {
            for (key, item) in zip(sortKeys, ordering.items) where !key.expression.columns.isSubset(of: assigned) {
                // Columns of an enclosing query are constants here.
                if key.expression.columns.isDisjoint(with: available) { continue }
                throw QueryError(
                    .expressionNotInDistinct, "For SELECT DISTINCT, ORDER BY expressions must appear in select list",
                    at: item.position)
            }
            builder.replace(.project(builder.plan, assignments))
            let columns = assignments.map(\.column)
            builder.replace(.aggregate(Aggregate(input: builder.plan, keys: columns, calls: [])))
        } else {
            var carried = assignments
            if ordering.keepsOrder {
                for column in sortKeys.flatMap({ $0.expression.columns.sorted { $0.id < $1.id } })
                where available.contains(column) && assigned.insert(column).inserted {
                    carried.append(Assignment(column, .column(column)))
                }
            }
            builder.replace(.project(builder.plan, carried))
        }
        ordering.apply(to: &builder, keys: sortKeys)
        let columns = outputs.map(\.column)
        return BoundQuery(
            plan: Set(builder.plan.outputColumns).count == Set(columns).count
                ? builder.plan : builder.plan.projected(to: columns), columns: outputs)
    }

    /// Reads outputs instead of computing them again; constants stay.
    private static func replacing(
        _ expression: BoundExpression, _ outputs: [BoundExpression: ColumnReference]
    ) -> BoundExpression {
        if case .constant = expression { return expression }
        if let column = outputs[expression] { return .column(column) }
        let children = expression.children
        if children.isEmpty { return expression }
        return expression.withChildren(children.map { replacing($0, outputs) })
    }
}

extension LogicalPlan {
    /// The plan with these of its columns alone, each once.
    func projected(to columns: [ColumnReference]) -> LogicalPlan {
        var seen: Set<ColumnReference> = []
        return .project(
            self, columns.filter { seen.insert($0).inserted }.map { Assignment($0, .column($0)) })
    }
}
