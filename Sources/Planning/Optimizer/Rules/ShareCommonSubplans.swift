import Expressions

/// Computes a join or aggregate once that stands in the plan more than once.
///
/// ```
/// Join[..]                                 Shared[1](Join[a, b, c])
///   Aggregate[k](Join[a, b])       ==>       Join[..]
///   Aggregate[](Join[a, c])                    Aggregate[k](SharedScan[1: a, b])
///                                              Aggregate[](SharedScan[1: a, c])
/// ```
/// Two subplans are the same when they read the same tables with the same conditions and keys, whatever columns they
/// take along. Only where few rows come of many: otherwise keeping them costs more than computing them again.
struct ShareCommonSubplans: OptimizerRule {
    /// Rows that come out per row that is read, at most.
    static let maximumShare = 0.2
    /// Fewer rows than this are read again faster than looked at.
    static let minimumInput = 10_000.0

    func apply(to plan: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan? {
        var result = plan
        var isChanged = false
        // Each round takes the largest common part; parts inside it are shared with it.
        for _ in 0..<8 {
            guard let next = try share(result, context) else { break }
            result = next
            isChanged = true
        }
        return isChanged ? result : nil
    }

    private struct Candidate {
        var plan: LogicalPlan
        var shape: String
        var size: Int
    }

    private func share(_ plan: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan? {
        var candidates: [Candidate] = []
        Self.collect(plan, &candidates)
        let groups = Dictionary(grouping: candidates, by: \.shape).filter { $0.value.count > 1 }
        let ordered = groups.values.sorted {
            $0[0].size != $1[0].size ? $0[0].size > $1[0].size : $0[0].shape < $1[0].shape
        }
        for group in ordered {
            guard let first = group.first else { continue }
            var merged = first.plan
            var maps: [[ColumnReference: ColumnReference]] = [[:]]
            var members = [first.plan]
            for other in group.dropFirst() {
                var merger = PlanMerger()
                guard let next = merger.merge(merged, other.plan) else { continue }
                merged = next
                maps.append(merger.map)
                members.append(other.plan)
            }
            guard members.count > 1, try isWorthwhile(merged, context) else { continue }
            let id = context.columns.makeSharedID()
            let outputs = merged.outputColumns
            var body = plan
            for (member, map) in zip(members, maps) {
                let columns = outputs.map { context.fresh($0) }
                let positions = Dictionary(zip(outputs, columns), uniquingKeysWith: { first, _ in first })
                let read = LogicalPlan.project(
                    .sharedScan(id: id, columns: columns),
                    member.outputColumns.compactMap { column in
                        positions[map[column] ?? column].map { Assignment(column, .column($0)) }
                    })
                body = Self.replace(member.outputColumns, first.shape, in: body, with: read)
            }
            return .shared(id: id, definition: merged, body: body)
        }
        return nil
    }

    private func isWorthwhile(_ plan: LogicalPlan, _ context: OptimizerContext) throws -> Bool {
        var estimator = CardinalityEstimator(context)
        var input = 0.0
        for scan in plan.scans { input += try estimator.unfilteredRows(scan) }
        if input < Self.minimumInput { return false }
        return try estimator.estimate(plan).rowCount <= input * Self.maximumShare
    }

    /// The plan with the join or aggregate of this shape and with these output columns exchanged.
    private static func replace(
        _ columns: [ColumnReference], _ shape: String, in plan: LogicalPlan, with new: LogicalPlan
    ) -> LogicalPlan {
        switch plan {
        case .join, .aggregate: if plan.outputColumns == columns, Self.shape(plan) == shape { return new }
        default: break
        }
        let old = plan.inputs
        return old.isEmpty ? plan : plan.withInputs(old.map { replace(columns, shape, in: $0, with: new) })
    }

    /// Joins and aggregates over tables alone, largest first.
    private static func collect(_ plan: LogicalPlan, _ candidates: inout [Candidate]) {
        if case .recursive = plan { return }
        switch plan {
        case .join, .aggregate:
            if let shape = shape(plan), !plan.outputColumns.isEmpty {
                candidates.append(Candidate(plan: plan, shape: shape, size: shape.utf8.count))
            }
        default: break
        }
        for input in plan.inputs { collect(input, &candidates) }
    }

    /// Operators and tables without columns: plans of different shape cannot be the same.
    private static func shape(_ plan: LogicalPlan) -> String? {
        switch plan {
        case .scan(let scan):
            if scan.provider != nil { return nil }
            return "\(scan.table.database).\(scan.table.name)/\(scan.filter.count)/\(scan.partitions?.count ?? -1)"
        case .project(let input, let assignments):
            return assignments.allSatisfy(\.expression.isDeterministic) ? shape(input) : nil
        case .filter(let input, let predicate):
            guard predicate.isDeterministic, let inner = shape(input) else { return nil }
            return "F\(predicate.conjuncts.count)(\(inner))"
        case .aggregate(let node):
            guard node.groupingSets == nil, let inner = shape(node.input) else { return nil }
            return "A\(node.keys.count)(\(inner))"
        case .join(let join):
            guard let left = shape(join.left), let right = shape(join.right) else { return nil }
            return "J\(join.kind.rawValue)\(join.equalities.count)(\(left),\(right))"
        case .values, .dependentJoin, .sort, .topN, .limit, .union, .window, .unnest, .enforceSingleRow,
            .assignUniqueID, .sample, .shared, .sharedScan, .recursive, .tableFunction:
            return nil
        }
    }
}

/// Lays one plan over another: the result gives the columns of both.
private struct PlanMerger {
    /// Columns of the second plan, by the columns of the merged plan that hold them.
    var map: [ColumnReference: ColumnReference] = [:]

    private func mapped(_ column: ColumnReference) -> ColumnReference { map[column] ?? column }
    private func mapped(_ expression: BoundExpression) -> BoundExpression { expression.mappingColumns(mapped) }

    mutating func merge(_ a: LogicalPlan, _ b: LogicalPlan) -> LogicalPlan? {
        switch (a, b) {
        case (.project(let inner, let first), .project(let other, let second)):
            guard let input = merge(inner, other) else { return nil }
            return project(input, first, second)
        case (.project(let inner, let first), _):
            guard let input = merge(inner, b) else { return nil }
            return project(input, first, b.outputColumns.map { Assignment($0, .column($0)) })
        case (_, .project(let other, let second)):
            guard let input = merge(a, other) else { return nil }
            return project(input, a.outputColumns.map { Assignment($0, .column($0)) }, second)
        case (.scan(var scan), .scan(let other)):
            guard scan.table == other.table, scan.partitions == other.partitions, scan.provider == nil,
                other.provider == nil
            else { return nil }
            for column in other.columns {
                if let index = scan.columns.firstIndex(where: { $0.source == column.source }) {
                    map[column.reference] = scan.columns[index].reference
                    scan.columns[index].fields = nil
                } else {
                    scan.columns.append(column)
                }
            }
            guard Set(scan.filter) == Set(other.filter.map(mapped)) else { return nil }
            return .scan(scan)
        case (.filter(let inner, let predicate), .filter(let other, let second)):
            guard let input = merge(inner, other), Set(predicate.conjuncts) == Set(mapped(second).conjuncts) else {
                return nil
            }
            return .filter(input, predicate)
        case (.join(var join), .join(let other)):
            guard join.kind == other.kind, join.isNullAware == other.isNullAware,
                let left = merge(join.left, other.left), let right = merge(join.right, other.right)
            else { return nil }
            let equalities = other.equalities.map {
                Join.Equality(mapped($0.left), mapped($0.right), isNullSafe: $0.isNullSafe)
            }
            guard Set(join.equalities) == Set(equalities),
                Set(join.residual.conjuncts) == Set(mapped(other.residual).conjuncts)
            else { return nil }
            if let mine = join.markColumn, let theirs = other.markColumn { map[theirs] = mine }
            join.left = left
            join.right = right
            return .join(join)
        case (.aggregate(var node), .aggregate(let other)):
            guard node.groupingSets == nil, other.groupingSets == nil, node.groupID == nil, other.groupID == nil,
                let input = merge(node.input, other.input),
                Set(node.keys) == Set(other.keys.map(mapped)), node.keys.count == other.keys.count
            else { return nil }
            for (key, output) in zip(other.keys, other.keyOutputs) {
                guard let index = node.keys.firstIndex(of: mapped(key)) else { return nil }
                map[output] = node.keyOutputs[index]
            }
            node.input = input
            for call in other.calls {
                let moved = call.replacingColumns(mapped)
                if let known = node.calls.first(where: { Self.areEqual($0, moved) }) {
                    map[call.output] = known.output
                } else {
                    node.calls.append(moved)
                }
            }
            return .aggregate(node)
        default: return nil
        }
    }

    private mutating func project(
        _ input: LogicalPlan, _ first: [Assignment], _ second: [Assignment]
    ) -> LogicalPlan {
        var assignments = first
        for assignment in second {
            let expression = mapped(assignment.expression)
            if let known = assignments.first(where: { $0.expression == expression }) {
                map[assignment.column] = known.column
            } else if !assignments.contains(where: { $0.column == assignment.column }) {
                assignments.append(Assignment(assignment.column, expression))
                map[assignment.column] = assignment.column
            }
        }
        return .project(input, assignments)
    }

    private static func areEqual(_ a: AggregateCall, _ b: AggregateCall) -> Bool {
        a.function.name == b.function.name && a.signature == b.signature && a.arguments == b.arguments
            && a.isDistinct == b.isDistinct && a.filter == b.filter && a.orderBy == b.orderBy
    }
}

extension LogicalPlan {
    fileprivate var scans: [TableScan] {
        if case .scan(let scan) = self { return [scan] }
        return inputs.flatMap(\.scans)
    }
}
