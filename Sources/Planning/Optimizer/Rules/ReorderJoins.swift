import Expressions

/// Puts joins into the order that costs least by the estimates.
///
/// ```
/// Join[INNER]                         Join[INNER]
///   Join[CROSS]                         Scan[lineitem]
///     Scan[lineitem]         ==>        Join[INNER]
///     Scan[customer]                      Scan[orders]
///   Scan[orders]                          Scan[customer]
/// ```
/// Inner joins are freely reordered; semi, anti, mark and left joins move up and down among them.
struct ReorderJoins: OptimizerRule {
    func apply(to plan: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan? {
        var order = Reorderer(estimator: CardinalityEstimator(context))
        let result = try order.reorder(plan)
        return order.isChanged ? result : nil
    }
}

private struct Reorderer {
    var estimator: CardinalityEstimator
    var isChanged = false

    mutating func reorder(_ plan: LogicalPlan) throws -> LogicalPlan {
        if case .shared(let id, let definition, let body) = plan {
            let columns = definition.outputColumns
            let new = try reorder(definition).withOutputs(columns)
            estimator.shared[id] = (columns, try estimator.estimate(new))
            return .shared(id: id, definition: new, body: try reorder(body))
        }
        if case .join(let join) = plan, Self.isFlexible(join) {
            var graph = JoinGraph()
            var equalities: [Join.Equality] = []
            var residuals: [BoundExpression] = []
            var attachments: [(Int, Join)] = []
            try collect(plan, &graph, &equalities, &residuals, &attachments, usedAbove: [])
            if let built = try build(&graph, equalities, residuals, attachments) {
                isChanged = true
                return built
            }
        }
        let inputs = plan.inputs
        if inputs.isEmpty { return plan }
        var new: [LogicalPlan] = []
        for input in inputs {
            let next = try reorder(input)
            if case .recursive = plan { new.append(next.withOutputs(input.outputColumns)) } else { new.append(next) }
        }
        return plan.withInputs(new)
    }

    private static func isFlexible(_ join: Join) -> Bool {
        switch join.kind {
        case .inner, .cross: true
        case .semi, .anti, .mark, .left: !join.isNullAware && !join.equalities.isEmpty
        case .right, .full: false
        }
    }

    // MARK: From plan to graph

    /// `usedAbove`: columns that conditions further up in the cluster read.
    private mutating func collect(
        _ plan: LogicalPlan, _ graph: inout JoinGraph, _ equalities: inout [Join.Equality],
        _ residuals: inout [BoundExpression], _ attachments: inout [(Int, Join)], usedAbove: Set<ColumnReference>
    ) throws {
        // Bits of a word; greedy search over this many is far from any query.
        guard graph.count < 60 else { return try add(plan, &graph) }
        switch plan {
        case .join(let join):
            let used = usedAbove.union(plan.columnsRead)
            switch join.kind {
            case .inner, .cross:
                try collect(join.left, &graph, &equalities, &residuals, &attachments, usedAbove: used)
                try collect(join.right, &graph, &equalities, &residuals, &attachments, usedAbove: used)
                equalities += join.equalities
                residuals += join.residual.conjuncts
                return
            case .semi, .anti, .mark, .left:
                guard Self.isFlexible(join) else { break }
                var made: Set<ColumnReference> = []
                if join.kind == .left { made = join.right.outputSet }
                if let mark = join.markColumn { made = [mark] }
                guard made.isDisjoint(with: usedAbove) else { break }
                try collect(join.left, &graph, &equalities, &residuals, &attachments, usedAbove: used)
                let right = try reorder(join.right)
                attachments.append((graph.count, join))
                graph.relations.append(
                    JoinGraph.Relation(
                        plan: right, estimate: try estimator.estimate(right),
                        columns: join.kind == .left ? right.outputSet : (join.markColumn.map { [$0] } ?? []),
                        attachment: join, isSingleRow: false))
                return
            case .right, .full: break
            }
        case .project(let input, let assignments):
            // A projection that only cuts columns off does not stand between joins.
            if assignments.allSatisfy({ $0.expression.asColumn == $0.column }), case .join(let join) = input,
                Self.isFlexible(join)
            {
                return try collect(input, &graph, &equalities, &residuals, &attachments, usedAbove: usedAbove)
            }
        default: break
        }
        try add(plan, &graph)
    }

    private mutating func add(_ plan: LogicalPlan, _ graph: inout JoinGraph) throws {
        let leaf: LogicalPlan
        if case .join(let join) = plan {
            // A join that stays where it is: its inputs have orders of their own.
            var node = join
            node.left = try reorder(join.left)
            node.right = try reorder(join.right)
            leaf = .join(node)
        } else {
            leaf = try reorder(plan)
        }
        graph.relations.append(
            JoinGraph.Relation(
                plan: leaf, estimate: try estimator.estimate(leaf), columns: leaf.outputSet, attachment: nil,
                isSingleRow: leaf.givesAtMostOneRow))
    }

    // MARK: From order to plan

    private mutating func build(
        _ graph: inout JoinGraph, _ equalities: [Join.Equality], _ residuals: [BoundExpression],
        _ attachments: [(Int, Join)]
    ) throws -> LogicalPlan? {
        guard graph.count > 1, graph.count < 64, graph.makeClasses(equalities) else { return nil }
        var leftovers: [BoundExpression] = []
        for condition in residuals {
            guard let mask = graph.mask(of: condition.columns) else { return nil }
            // What may raise waits until all joins have dropped their rows.
            if mask == 0 || !condition.cannotRaise || !condition.isDeterministic {
                leftovers.append(condition)
            } else {
                graph.residuals.append((condition, mask))
            }
        }
        for (index, join) in attachments {
            var read = LogicalPlan.join(join).columnsRead
            read.subtract(join.right.outputColumns)
            guard let mask = graph.mask(of: read), mask != 0 else { return nil }
            graph.relations[index].requires = mask
        }
        guard let tree = JoinOrderSearch(graph).search() else { return nil }
        var applied = Set<Int>()
        let built = plan(of: tree, graph, &applied)
        // Conditions on one relation alone, and on none.
        for (index, residual) in graph.residuals.enumerated() where !applied.contains(index) {
            leftovers.append(residual.condition)
        }
        return leftovers.isEmpty ? built.plan : .filter(built.plan, .conjunction(leftovers))
    }

    private func plan(
        of tree: JoinOrderSearch.Tree, _ graph: JoinGraph, _ applied: inout Set<Int>
    ) -> (plan: LogicalPlan, mask: UInt64) {
        switch tree {
        case .leaf(let index): return (graph.relations[index].plan, 1 << UInt64(index))
        case .attach(let inner, let index):
            let left = plan(of: inner, graph, &applied)
            guard var join = graph.relations[index].attachment else { return left }
            join.left = left.plan
            join.right = graph.relations[index].plan
            join.buildsLeft = nil
            return (.join(join), left.mask | 1 << UInt64(index))
        case .join(let first, let second):
            let a = plan(of: first, graph, &applied)
            let b = plan(of: second, graph, &applied)
            let mask = a.mask | b.mask
            let equalities = graph.equalities(a.mask, b.mask)
            var conditions: [BoundExpression] = []
            for (index, residual) in graph.residuals.enumerated()
            where !applied.contains(index) && residual.relations & ~mask == 0
                && residual.relations & a.mask != 0 && residual.relations & b.mask != 0
            {
                applied.insert(index)
                conditions.append(residual.condition)
            }
            let kind: Join.Kind = equalities.isEmpty && conditions.isEmpty ? .cross : .inner
            let join = Join(
                kind: kind, left: a.plan, right: b.plan, equalities: equalities, residual: .conjunction(conditions))
            return (.join(join), mask)
        }
    }
}
