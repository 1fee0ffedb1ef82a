import Columnar
import Expressions
import Planning
import SQLTypes

/// Joins: one side becomes a stage that builds a table, the other goes on through a probe.
///
/// ```
/// Join[INNER, a = b]              stage 1:  right side -> JoinBuild
/// ├── left           ->           stage 2:  left side (scans filtered by the keys of stage 1) -> JoinProbe -> ...
/// └── right                                 [then: build rows without a match -> ...]
/// ```
extension PhysicalPlanner {
    func planJoin(_ node: Join, required: Set<ColumnReference>) throws -> Fragment {
        // The NULLs of NOT IN are looked up from the left side.
        let buildsLeft = (node.buildsLeft ?? false) && !(node.isNullAware && !node.equalities.isEmpty)
        let isTrue = node.residual == .true
        let wanted = isTrue ? required : required.union(node.residual.columns)
        let offered = dynamicFilters

        // The build side is planned, and so runs, first; nodes keep the numbers of the pre-order walk.
        let leftNumber = nextNode
        let rightNumber = leftNumber + node.left.nodeCount
        let endNumber = rightNumber + node.right.nodeCount
        defer { nextNode = endNumber }

        nextNode = buildsLeft ? leftNumber : rightNumber
        let buildSide = try planSide(node, isLeft: buildsLeft, wanted, offered)
        var specification = JoinSpecification(
            keys: try node.equalities.map { equality in
                let column = buildsLeft ? equality.left : equality.right
                return JoinSpecification.Key(
                    build: try buildSide.position(of: column), probe: 0, type: column.type,
                    isNullSafe: equality.isNullSafe)
            },
            isNullAware: node.isNullAware && !node.equalities.isEmpty, residual: nil,
            probeOutput: Self.probeOutput(node.kind, buildsLeft: buildsLeft),
            buildOutput: Self.buildOutput(node.kind, buildsLeft: buildsLeft), probeTypes: [],
            buildTypes: buildSide.columns.map(\.type), outputProbeColumns: [], outputBuildColumns: [])
        if specification.dropsUnmatchedProbeRows, !specification.isNullAware {
            specification.filters = specification.keys.enumerated().compactMap { index, key in
                key.isNullSafe ? nil : JoinKeyFilter(key: index, type: key.type)
            }
        }
        let build = JoinBuild(specification, context.memory)
        close(buildSide, with: build, metrics: makeMetrics(build.name))

        nextNode = buildsLeft ? rightNumber : leftNumber
        let own = specification.filters.map { filter -> (ColumnReference, any DynamicColumnFilter) in
            let equality = node.equalities[filter.key]
            return (buildsLeft ? equality.right : equality.left, filter)
        }
        var fragment = try planSide(node, isLeft: !buildsLeft, wanted, offered, own: own)
        let probeSide = fragment

        for (index, equality) in node.equalities.enumerated() {
            specification.keys[index].probe = try probeSide.position(of: buildsLeft ? equality.right : equality.left)
        }
        if !isTrue { specification.residual = try JoinCondition(node.residual, probe: probeSide, build: buildSide) }
        specification.probeTypes = probeSide.columns.map(\.type)
        // Semi, anti and mark joins have no columns of the right side.
        let hasRightColumns: Bool
        switch node.kind {
        case .semi, .anti, .mark: hasRightColumns = false
        case .inner, .left, .right, .full, .cross: hasRightColumns = true
        }
        func chosen(_ side: Fragment, isLeft: Bool) -> [Int] {
            guard isLeft || hasRightColumns else { return [] }
            return side.columns.indices.filter { required.contains(side.columns[$0]) }
        }
        specification.outputProbeColumns = chosen(probeSide, isLeft: !buildsLeft)
        specification.outputBuildColumns = chosen(buildSide, isLeft: buildsLeft)
        build.specification = specification

        var columns =
            specification.outputProbeColumns.map { probeSide.columns[$0] }
            + specification.outputBuildColumns.map { buildSide.columns[$0] }
        if node.kind == .mark, let mark = node.markColumn { columns.append(mark) }
        append(JoinProbe(build, name: Self.name(node)), to: &fragment, columns: columns)
        fragment.isOrdered = false
        if specification.marksBuildRows {
            let source = BuildRowsSource(build)
            fragment.pipelines.append(Pipeline(source: source, metrics: makeMetrics(source.name)))
        }
        return fragment
    }

    /// Plans one input. Conditions from above that the join lets through, and the same conditions on the other side's
    /// keys, go down with it.
    private func planSide(
        _ node: Join, isLeft: Bool, _ wanted: Set<ColumnReference>,
        _ offered: [ColumnReference: [any DynamicColumnFilter]],
        own: [(ColumnReference, any DynamicColumnFilter)] = []
    ) throws -> Fragment {
        let side = isLeft ? node.left : node.right
        let columns = Set(side.outputColumns)
        let keys = node.equalities.map { isLeft ? $0.left : $0.right }
        var filters: [ColumnReference: [any DynamicColumnFilter]] = [:]
        let passes: Bool
        switch node.kind {
        case .inner, .cross: passes = true
        case .left, .semi, .anti, .mark: passes = isLeft
        case .right: passes = !isLeft
        case .full: passes = false
        }
        if passes { filters = offered.filter { columns.contains($0.key) } }
        // A row whose key cannot come out above needs no partner.
        let sharesKeys: Bool
        switch node.kind {
        case .inner: sharesKeys = true
        case .left, .semi, .anti: sharesKeys = !isLeft
        case .right: sharesKeys = isLeft
        case .mark, .full, .cross: sharesKeys = false
        }
        if sharesKeys, !node.isNullAware {
            for equality in node.equalities {
                let (here, there) = isLeft ? (equality.left, equality.right) : (equality.right, equality.left)
                if let more = offered[there] { filters[here, default: []].append(contentsOf: more) }
            }
        }
        let list = filters.flatMap { column, filters in filters.map { (column, $0) } } + own
        return try withoutDynamicFilters {
            try withDynamicFilters(list) {
                try plan(side, required: wanted.intersection(columns).union(keys))
            }
        }
    }

    private static func probeOutput(_ kind: Join.Kind, buildsLeft: Bool) -> JoinSpecification.ProbeOutput {
        switch kind {
        case .inner, .cross: .pairs(keepsUnmatched: false)
        case .left: .pairs(keepsUnmatched: !buildsLeft)
        case .right: .pairs(keepsUnmatched: buildsLeft)
        case .full: .pairs(keepsUnmatched: true)
        case .semi: buildsLeft ? .nothing : .matching
        case .anti: buildsLeft ? .nothing : .notMatching
        case .mark: buildsLeft ? .nothing : .mark
        }
    }

    private static func buildOutput(_ kind: Join.Kind, buildsLeft: Bool) -> JoinSpecification.BuildOutput {
        switch kind {
        case .inner, .cross: .nothing
        case .left: buildsLeft ? .unmatched : .nothing
        case .right: buildsLeft ? .nothing : .unmatched
        case .full: .unmatched
        case .semi: buildsLeft ? .matching : .nothing
        case .anti: buildsLeft ? .notMatching : .nothing
        case .mark: buildsLeft ? .mark : .nothing
        }
    }

    private static func name(_ node: Join) -> String {
        if node.equalities.isEmpty {
            return node.kind == .cross || node.kind == .inner ? "CrossJoinProbe" : "NestedLoopProbe"
        }
        return "HashJoinProbe"
    }
}

extension LogicalPlan {
    /// Nodes of the tree.
    var nodeCount: Int { inputs.reduce(1) { $0 + $1.nodeCount } }
}
