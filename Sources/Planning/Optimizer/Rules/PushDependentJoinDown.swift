import Expressions
import SQLTypes

/// Unnests any correlated subquery by the method of Neumann and Kemper ("Unnesting Arbitrary Queries", BTW 2015): the
/// subquery is computed once for the distinct outer values, which are pushed down to where they are used.
///
/// ```
/// DependentJoin[INNER]             Join[INNER, l.k IS NOT DISTINCT FROM d]
///   L                        ==>     L                                         (shared)
///   op(Filter[p(l.k)](R))            op'[.., d](Filter[p(d)](Join[CROSS](D, R)))
///                                                 where D = Aggregate[d](Project[d := l.k](L))
/// ```
/// Aggregates and windows take `d` into their keys, limits become rankings per `d`, joins compare `d` when both sides
/// depend on it.
struct PushDependentJoinDown: NodeRule {
    func rewrite(_ node: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan? {
        guard case .dependentJoin(let join) = node, !join.right.containsDependentJoin,
            !join.left.containsDependentJoin
        else { return nil }
        if case .quantified = join.kind { return nil }
        let free = join.right.freeColumns
        let outer = join.left.outputColumns.filter { free.contains($0) }
        if outer.isEmpty { return nil }
        for column in outer where !column.type.isComparable {
            throw QueryError(
                .notSupported, "Correlated subquery over a column of type \(column.type.displayName) is not supported",
                at: join.position)
        }
        // The left side and its distinct outer values are used several times: each is computed once.
        let leftID = context.columns.makeSharedID()
        let domain = OuterDomain(
            outer: outer, leftColumns: join.left.outputColumns, leftID: leftID,
            id: context.columns.makeSharedID(), context: context)
        let pushed = try Pusher(domain: domain, context: context, position: join.position).push(join.right)
        let conditions = outer.map { column in
            BoundExpression.comparison(.isNotDistinctFrom, .column(column), .column(pushed.outer(column)))
        }
        let left = LogicalPlan.sharedScan(id: leftID, columns: join.left.outputColumns)
        var joined = try Subqueries.join(
            join, left: left, right: pushed.plan, conditions: conditions,
            equalKeys: outer.map { pushed.outer($0) }, context)
        joined = joined.narrowed(to: node, whenWiderThan: join)
        let body = LogicalPlan.shared(id: domain.id, definition: domain.definition, body: joined)
        return .shared(id: leftID, definition: join.left, body: body)
    }
}

/// The distinct values of the outer columns.
private struct OuterDomain {
    let outer: [ColumnReference]
    let leftColumns: [ColumnReference]
    let leftID: Int
    let id: Int
    let context: OptimizerContext

    var definition: LogicalPlan {
        let columns = leftColumns.map { context.fresh($0) }
        let keys = outer.map { column in columns[leftColumns.firstIndex(of: column) ?? 0] }
        let scan = LogicalPlan.sharedScan(id: leftID, columns: columns)
        return .aggregate(Aggregate(input: scan.withOutputs(keys), keys: keys, calls: []))
    }

    /// One use, under columns of its own.
    func use() -> Pushed {
        let columns = outer.map { context.fresh($0) }
        return Pushed(
            plan: .sharedScan(id: id, columns: columns),
            map: Dictionary(zip(outer, columns), uniquingKeysWith: { first, _ in first }), order: columns)
    }
}

/// A plan that computes the subquery for all outer values, and where those come out.
private struct Pushed {
    var plan: LogicalPlan
    var map: [ColumnReference: ColumnReference]
    /// The outer values' columns in the order of the domain.
    var order: [ColumnReference]

    func outer(_ column: ColumnReference) -> ColumnReference { map[column] ?? column }

    func rewritten(_ expression: BoundExpression) -> BoundExpression { expression.mappingColumns { outer($0) } }

    /// Equality with another part's outer values.
    func equal(_ other: Pushed) -> [Join.Equality] {
        zip(order, other.order).map { Join.Equality($0, $1, isNullSafe: true) }
    }
}

private struct Pusher {
    let domain: OuterDomain
    let context: OptimizerContext
    let position: SourcePosition?

    private func isFree(_ plan: LogicalPlan) -> Bool { !plan.freeColumns.isDisjoint(with: domain.outer) }

    func push(_ plan: LogicalPlan) throws -> Pushed {
        guard isFree(plan) else {
            var pushed = domain.use()
            pushed.plan = .join(Join(kind: .cross, left: pushed.plan, right: plan))
            return pushed
        }
        switch plan {
        case .filter(let input, let predicate):
            var inner = try push(input)
            inner.plan = .filter(inner.plan, inner.rewritten(predicate))
            return inner
        case .project(let input, let assignments):
            var inner = try push(input)
            inner.plan = .project(
                inner.plan,
                assignments.map { Assignment($0.column, inner.rewritten($0.expression)) }
                    + inner.order.map { Assignment($0, .column($0)) })
            return inner
        case .values(let columns, let rows):
            let parts = rows.map { row -> Pushed in
                var part = domain.use()
                let own = columns.map { rows.count == 1 ? $0 : context.fresh($0) }
                part.plan = .project(
                    part.plan,
                    zip(own, row).map { Assignment($0, part.rewritten($1)) }
                        + part.order.map { Assignment($0, .column($0)) })
                return part
            }
            if parts.count == 1 { return parts[0] }
            return union(
                parts.map {
                    ($0, $0.plan.outputColumns.filter { column in !parts.contains { $0.order.contains(column) } })
                }, columns: columns)
        case .aggregate(let node): return try push(node)
        case .join(let node): return try push(node)
        case .sort(let input, _): return try push(input)
        case .topN(let input, let keys, let count, let offset, let withTies):
            return try ranked(
                try push(input), orderBy: keys, count: count, offset: offset, function: withTies ? "rank" : "row_number"
            )
        case .limit(let input, let count, let offset):
            if case .sort(let source, let keys) = input {
                return try ranked(
                    try push(source), orderBy: keys, count: count, offset: offset, function: "row_number")
            }
            return try ranked(try push(input), orderBy: [], count: count, offset: offset, function: "row_number")
        case .union(let node):
            let parts = try zip(node.inputs, node.inputColumns).map { (try push($0), $1) }
            return union(parts, columns: node.columns)
        case .window(var node):
            var inner = try push(node.input)
            node.input = inner.plan
            node.partitionBy += inner.order
            inner.plan = .window(node)
            return inner
        case .unnest(var node):
            var inner = try push(node.input)
            // An outer array is unnested under its name in the domain.
            node.input = inner.plan
            node.items = node.items.map { Unnest.Item(column: inner.outer($0.column), outputs: $0.outputs) }
            node.passThrough = node.passThrough.filter { !inner.order.contains($0) } + inner.order
            inner.plan = .unnest(node)
            return inner
        case .enforceSingleRow(let input):
            // The domain's row without a partner gives NULLs, a second row is an error.
            var inner = try push(input)
            let number = try context.ranking("row_number")
            inner.plan = .window(Window(input: inner.plan, partitionBy: inner.order, orderBy: [], calls: [number]))
            let isFirst = try context.call("$single_row", [.column(number.output)])
            inner.plan = .filter(inner.plan, isFirst)
            return outerJoined(inner, outputs: input.outputColumns, defaults: [:])
        case .assignUniqueID(let input, let column):
            var inner = try push(input)
            inner.plan = .assignUniqueID(inner.plan, column)
            return inner
        case .sample(let input, let fraction):
            var inner = try push(input)
            inner.plan = .sample(inner.plan, fraction: fraction)
            return inner
        case .shared(let id, let definition, let body):
            // A definition that depends on the outer values is computed for them wherever it is read.
            if isFree(definition) { return try push(body.inliningShared(id, definition, context.columns)) }
            var inner = try push(body)
            inner.plan = .shared(id: id, definition: definition, body: inner.plan)
            return inner
        case .tableFunction(let name, _, _): throw unsupported("table function \(name)")
        case .recursive: throw unsupported("WITH RECURSIVE")
        case .scan, .sharedScan, .dependentJoin: throw unsupported("this form")
        }
    }

    private func unsupported(_ what: String) -> QueryError {
        QueryError(.notSupported, "Given correlated subquery is not supported: \(what)", at: position)
    }

    private func push(_ aggregate: Aggregate) throws -> Pushed {
        var node = aggregate
        var inner = try push(node.input)
        node.input = inner.plan
        let hasEmptySet = node.keys.isEmpty && node.groupingSets == nil || node.groupingSets?.contains([]) == true
        let first = node.keys.count
        node.keys += inner.order
        var outputs = inner.order
        if let sets = node.groupingSets {
            // Keys of grouping sets come out under names of their own.
            outputs = inner.order.map { context.fresh($0) }
            node.groupingSets = sets.map { $0 + Array(first..<first + inner.order.count) }
            if sets.contains([]), sets.count > 1 { throw unsupported("GROUPING SETS with ()") }
        }
        node.keyOutputs += outputs
        inner.order = outputs
        inner.map = Dictionary(zip(domain.outer, outputs), uniquingKeysWith: { first, _ in first })
        inner.plan = .aggregate(node)
        guard hasEmptySet else { return inner }
        var defaults: [ColumnReference: BoundExpression] = [:]
        for call in aggregate.calls { defaults[call.output] = Subqueries.valueOfNoRows(call) }
        return outerJoined(inner, outputs: LogicalPlan.aggregate(aggregate).outputColumns, defaults: defaults)
    }

    /// One row at least for every outer value: `inner` outer-joined to the domain.
    private func outerJoined(
        _ inner: Pushed, outputs: [ColumnReference], defaults: [ColumnReference: BoundExpression]
    ) -> Pushed {
        var all = domain.use()
        // The results get hidden names, so that the outputs keep theirs.
        let hidden = outputs.map { context.fresh($0) }
        let renamed = LogicalPlan.project(
            inner.plan,
            zip(hidden, outputs).map { Assignment($0, .column($1)) } + inner.order.map { Assignment($0, .column($0)) })
        let join = LogicalPlan.join(
            Join(kind: .left, left: all.plan, right: renamed, equalities: all.equal(inner)))
        all.plan = .project(
            join,
            zip(outputs, hidden).map { output, source in
                guard let value = defaults[output] else { return Assignment(output, .column(source)) }
                return Assignment(output, .coalesce([.column(source), value], type: output.type))
            } + all.order.map { Assignment($0, .column($0)) })
        return all
    }

    private func push(_ join: Join) throws -> Pushed {
        var node = join
        let leftIsFree = isFree(join.left)
        let rightIsFree = isFree(join.right)
        let conditionIsFree = !join.residual.columns.isDisjoint(with: domain.outer)
        switch join.kind {
        case .inner, .cross:
            if rightIsFree, !leftIsFree {
                var right = try push(join.right)
                node.right = right.plan
                node.residual = right.rewritten(join.residual)
                right.plan = .join(node)
                return right
            }
            var left = try push(join.left)
            node.left = left.plan
            if rightIsFree {
                let right = try push(join.right)
                node.right = right.plan
                node.equalities += left.equal(right)
                node.kind = .inner
            }
            node.residual = left.rewritten(join.residual)
            left.plan = .join(node)
            return left
        case .left, .semi, .anti, .mark:
            var left = try push(join.left)
            node.left = left.plan
            if rightIsFree {
                let right = try push(join.right)
                node.right = right.plan
                // Equality of the outer values belongs to the group of rows that count, not to IN's comparison.
                if join.isNullAware {
                    node.residual = .conjunction(
                        join.residual.conjuncts
                            + zip(left.order, right.order).map {
                                .comparison(.isNotDistinctFrom, .column($0), .column($1))
                            })
                } else {
                    node.equalities += left.equal(right)
                }
            }
            node.residual = left.rewritten(node.residual)
            left.plan = .join(node)
            return left
        case .right:
            node.kind = .left
            swap(&node.left, &node.right)
            node.equalities = join.equalities.map { Join.Equality($0.right, $0.left, isNullSafe: $0.isNullSafe) }
            return try push(node)
        case .full:
            // Either side may lack a row: the outer values are those of the side that has one.
            let left = try push(join.left)
            let right = try push(join.right)
            node.left = left.plan
            node.right = right.plan
            node.equalities += left.equal(right)
            if conditionIsFree { throw unsupported("FULL JOIN with a correlated condition") }
            var result = domain.use()
            let columns = result.order
            let outputs = (left.plan.outputColumns + right.plan.outputColumns).filter {
                !left.order.contains($0) && !right.order.contains($0)
            }
            result.plan = .project(
                .join(node),
                outputs.map { Assignment($0, .column($0)) }
                    + columns.indices.map { index in
                        Assignment(
                            columns[index],
                            .coalesce(
                                [.column(left.order[index]), .column(right.order[index])], type: columns[index].type))
                    })
            return result
        }
    }

    private func ranked(
        _ input: Pushed, orderBy: [SortKey], count: Int?, offset: Int, function: String
    ) throws -> Pushed {
        var inner = input
        let outputs = inner.plan.outputColumns
        let rank = try context.ranking(function)
        let keys = orderBy.map { $0.replacingColumn { inner.outer($0) } }
        let window = LogicalPlan.window(
            Window(input: inner.plan, partitionBy: inner.order, orderBy: keys, calls: [rank]))
        let filter = Subqueries.rankFilter(rank.output, count: count, offset: offset)
        inner.plan = (filter == .true ? window : .filter(window, filter)).withOutputs(outputs)
        return inner
    }

    private func union(_ parts: [(pushed: Pushed, columns: [ColumnReference])], columns: [ColumnReference]) -> Pushed {
        var result = domain.use()
        result.plan = .union(
            Union(
                inputs: parts.map(\.pushed.plan), columns: columns + result.order,
                inputColumns: parts.map { $0.columns.map($0.pushed.outer) + $0.pushed.order }))
        return result
    }
}
