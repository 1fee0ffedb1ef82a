import Expressions
import SQLTypes

/// A plan that grows upwards: computes expressions as columns, attaches subqueries and windows.
struct PlanBuilder {
    let context: BindingContext
    private(set) var plan: LogicalPlan
    /// Expressions that are columns of the plan already.
    private var computed: [BoundExpression: ColumnReference] = [:]

    init(_ plan: LogicalPlan, context: BindingContext) {
        self.plan = plan
        self.context = context
    }

    /// The columns that hold the expressions; what is not a column yet is computed by a projection.
    mutating func compute(_ expressions: [BoundExpression], name: String = "expr") -> [ColumnReference] {
        var added: [Assignment] = []
        var pending: [BoundExpression: ColumnReference] = [:]
        var result: [ColumnReference] = []
        for expression in expressions {
            if case .column(let column) = expression {
                result.append(column)
            } else if let column = computed[expression] ?? pending[expression] {
                result.append(column)
            } else {
                let column = context.columns.make(Self.name(of: expression) ?? name, expression.type)
                added.append(Assignment(column, expression))
                if expression.isDeterministic { pending[expression] = column }
                result.append(column)
            }
        }
        if !added.isEmpty {
            plan = .project(plan, plan.outputColumns.map { Assignment($0, .column($0)) } + added)
            computed.merge(pending) { old, _ in old }
        }
        return result
    }

    mutating func compute(_ expression: BoundExpression, name: String = "expr") -> ColumnReference {
        compute([expression], name: name)[0]
    }

    /// Like `compute`, but columns of an enclosing query are copied into the plan too.
    mutating func computeOwn(_ expressions: [BoundExpression], name: String) -> [ColumnReference] {
        let columns = compute(expressions, name: name)
        let own = Set(plan.outputColumns)
        let foreign = columns.filter { !own.contains($0) }
        if foreign.isEmpty { return columns }
        let copies = Dictionary(
            foreign.map { ($0, context.columns.make($0.name, $0.type)) }, uniquingKeysWith: { first, _ in first })
        plan = .project(
            plan,
            plan.outputColumns.map { Assignment($0, .column($0)) }
                + copies.sorted { $0.value.id < $1.value.id }.map { Assignment($0.value, .column($0.key)) })
        return columns.map { copies[$0] ?? $0 }
    }

    mutating func filter(_ predicate: BoundExpression) {
        let terms = predicate.conjuncts
        if !terms.isEmpty { plan = .filter(plan, .conjunction(terms)) }
    }

    /// Replaces the plan; what was computed stays known as far as the columns still come out.
    mutating func replace(_ plan: LogicalPlan) {
        self.plan = plan
        let columns = Set(plan.outputColumns)
        computed = computed.filter { columns.contains($0.value) }
    }

    // MARK: Steps

    /// Attaches subqueries that need no window function, then the window functions, then the other subqueries.
    mutating func attach(_ steps: [PlanStep]) {
        var windowColumns: Set<ColumnReference> = []
        var windows: [PendingWindow] = []
        for case .window(let window) in steps {
            windowColumns.insert(window.output)
            windows.append(window)
        }
        var late: [PendingSubquery] = []
        for case .subquery(let subquery) in steps {
            if windowColumns.isEmpty || !reads(subquery, windowColumns) {
                attach(subquery)
            } else {
                windowColumns.insert(subquery.output)
                late.append(subquery)
            }
        }
        attach(windows)
        for subquery in late { attach(subquery) }
    }

    private func reads(_ subquery: PendingSubquery, _ columns: Set<ColumnReference>) -> Bool {
        switch subquery.kind {
        case .scalar, .exists: false
        case .inSet(let value), .quantified(let value, _, _): !value.columns.isDisjoint(with: columns)
        }
    }

    private mutating func attach(_ subquery: PendingSubquery) {
        let kind: DependentJoin.Kind
        switch (subquery.kind, subquery.result) {
        case (.inSet(let value), let result?):
            kind = .inSet(subquery.output, value: compute(value), right: result)
        case (.quantified(let value, let comparison, let isAll), let result?):
            kind = .quantified(subquery.output, value: compute(value), right: result, comparison, isAll: isAll)
        case (.scalar, _): kind = .scalar(subquery.output)
        case (.exists, _), (.inSet, nil), (.quantified, nil): kind = .exists(subquery.output)
        }
        plan = .dependentJoin(
            DependentJoin(kind: kind, left: plan, right: subquery.plan, position: subquery.position))
    }

    // MARK: Windows

    /// One Window node for all calls that share PARTITION BY and ORDER BY.
    private mutating func attach(_ windows: [PendingWindow]) {
        struct Order: Hashable {
            var partitionBy: [ColumnReference]
            var orderBy: [SortKey]
        }
        if windows.isEmpty { return }
        var groups: [(order: Order, calls: [WindowCall])] = []
        for window in windows {
            let partitionBy = compute(window.partitionBy)
            let orderColumns = compute(window.orderBy.map(\.expression))
            let keys = SortKey.distinct(
                zip(window.orderBy, orderColumns).map {
                    SortKey($1, isAscending: $0.isAscending, nullsFirst: $0.nullsFirst)
                })
            let call = WindowCall(
                output: window.output, function: window.function, signature: window.signature,
                arguments: arguments(window.arguments), isDistinct: window.isDistinct,
                filter: window.filter.map { compute($0) }, ignoresNulls: window.ignoresNulls,
                frame: WindowFrame(
                    unit: window.frame.unit, start: frameBound(window.frame.start), end: frameBound(window.frame.end)))
            let order = Order(partitionBy: partitionBy, orderBy: keys)
            if let index = groups.firstIndex(where: { $0.order == order }) {
                groups[index].calls.append(call)
            } else {
                groups.append((order, [call]))
            }
        }
        for group in groups {
            plan = .window(
                Window(
                    input: plan, partitionBy: group.order.partitionBy, orderBy: group.order.orderBy, calls: group.calls)
            )
        }
    }

    private mutating func frameBound(_ bound: PendingWindow.Bound) -> WindowFrame.Bound {
        switch bound {
        case .unboundedPreceding: .unboundedPreceding
        case .preceding(let offset): .preceding(compute(offset, name: "frame"))
        case .currentRow: .currentRow
        case .following(let offset): .following(compute(offset, name: "frame"))
        case .unboundedFollowing: .unboundedFollowing
        }
    }

    /// Arguments of an aggregate or window function: constants and lambdas stay, the rest become columns. DISTINCT
    /// works on columns, so a constant that it stands before becomes one.
    mutating func arguments(_ expressions: [BoundExpression], isDistinct: Bool = false) -> [AggregateArgument] {
        let constants = expressions.count { if case .constant = $0 { true } else { false } }
        let needsColumn = isDistinct && constants == expressions.count
        return expressions.enumerated().map { index, expression in
            switch expression {
            case .constant(let value, let type) where !(needsColumn && index == 0): .constant(value, type)
            case .lambda(let parameters, let body): .lambda(parameters: parameters, body: body)
            default: .column(compute(expression))
            }
        }
    }

    /// A name for people: the function's or column's.
    private static func name(of expression: BoundExpression) -> String? {
        switch expression {
        case .column(let column): column.name
        case .call(let call) where !call.function.name.hasPrefix("$"): call.function.name
        case .cast(let inner, _, _): name(of: inner)
        default: nil
        }
    }
}

extension SortKey {
    /// The keys without those whose column came before.
    static func distinct(_ keys: [SortKey]) -> [SortKey] {
        var seen: Set<ColumnReference> = []
        return keys.filter { seen.insert($0.column).inserted }
    }
}
