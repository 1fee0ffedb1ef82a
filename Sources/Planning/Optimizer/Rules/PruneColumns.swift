import Expressions
import SQLTypes

/// Leaves out every column and computation that nothing above reads.
///
/// ```
/// Aggregate[k; sum(x)]              Aggregate[k; sum(x)]
///   Project[k, x := a * b, y]  ==>    Project[k, x := a * b]
///     Scan[k, a, b, c, d]               Scan[k, a, b]
/// ```
/// Columns that only a filter reads still come out of it: the physical planner drops them on the way.
struct PruneColumns: OptimizerRule {
    func apply(to plan: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan? {
        let pruner = Pruner()
        return pruner.prune(plan, Set(plan.outputColumns)).withOutputs(plan.outputColumns)
    }
}

private final class Pruner {
    /// Positions that are read of shared definitions, by id.
    private var sharedPositions: [Int: Set<Int>] = [:]

    func prune(_ plan: LogicalPlan, _ required: Set<ColumnReference>) -> LogicalPlan {
        switch plan {
        case .scan(var scan):
            var needed = required
            for conjunct in scan.filter { needed.formUnion(conjunct.columns) }
            scan.columns = scan.columns.filter { needed.contains($0.reference) }
            return .scan(scan)
        case .values(let columns, let rows):
            let kept = columns.indices.filter { required.contains(columns[$0]) }
            if kept.count == columns.count { return plan }
            return .values(columns: kept.map { columns[$0] }, rows: rows.map { row in kept.map { row[$0] } })
        case .filter(let input, let predicate):
            return .filter(prune(input, required.union(predicate.columns)), predicate)
        case .project(let input, let assignments):
            let kept = assignments.filter { required.contains($0.column) }
            let read = kept.reduce(into: Set<ColumnReference>()) { $0.formUnion($1.expression.columns) }
            let inner = prune(input, read)
            return kept.isEmpty ? inner : .project(inner, kept)
        case .aggregate(var node):
            node.calls = node.calls.filter { required.contains($0.output) }
            if let group = node.groupID, !required.contains(group) { node.groupID = nil }
            if node.calls.isEmpty, node.keys.isEmpty, node.groupingSets == nil {
                return .values(columns: [], rows: [[]])
            }
            node.input = prune(node.input, LogicalPlan.aggregate(node).columnsRead)
            return .aggregate(node)
        case .join(let join): return prune(join, required)
        case .dependentJoin(var node):
            node.left = prune(node.left, Set(node.left.outputColumns))
            node.right = prune(node.right, Set(node.right.outputColumns))
            return .dependentJoin(node)
        case .sort(let input, let keys):
            return .sort(prune(input, required.union(keys.map(\.column))), keys)
        case .topN(let input, let keys, let count, let offset, let withTies):
            return .topN(
                prune(input, required.union(keys.map(\.column))), keys, count: count, offset: offset,
                withTies: withTies)
        case .limit(let input, let count, let offset):
            return .limit(prune(input, required), count: count, offset: offset)
        case .sample(let input, let fraction): return .sample(prune(input, required), fraction: fraction)
        case .enforceSingleRow(let input): return .enforceSingleRow(prune(input, required))
        case .assignUniqueID(let input, let column):
            let inner = prune(input, required.subtracting([column]))
            return required.contains(column) ? .assignUniqueID(inner, column) : inner
        case .union(var node):
            let kept = node.columns.indices.filter { required.contains(node.columns[$0]) }
            for index in node.inputs.indices {
                let columns = kept.map { node.inputColumns[index][$0] }
                node.inputs[index] = prune(node.inputs[index], Set(columns))
                node.inputColumns[index] = columns
            }
            node.columns = kept.map { node.columns[$0] }
            return .union(node)
        case .window(var node):
            node.calls = node.calls.filter { required.contains($0.output) }
            if node.calls.isEmpty { return prune(node.input, required) }
            let made = node.calls.map(\.output)
            node.input = prune(node.input, required.subtracting(made).union(LogicalPlan.window(node).columnsRead))
            return .window(node)
        case .unnest(var node):
            node.passThrough = node.passThrough.filter { required.contains($0) }
            if let ordinality = node.ordinality, !required.contains(ordinality) { node.ordinality = nil }
            node.input = prune(node.input, LogicalPlan.unnest(node).columnsRead)
            return .unnest(node)
        case .shared(let id, let definition, let body): return prune(id, definition, body, required)
        case .sharedScan(let id, let columns):
            for index in columns.indices where required.contains(columns[index]) {
                sharedPositions[id, default: []].insert(index)
            }
            return plan
        case .recursive(let id, let columns, let base, let step, let maxDepth):
            // Rounds are read by position; all columns stay.
            sharedPositions[id] = Set(columns.indices)
            return .recursive(
                id: id, columns: columns,
                base: prune(base, Set(base.outputColumns)).withOutputs(base.outputColumns),
                step: prune(step, Set(step.outputColumns)).withOutputs(step.outputColumns), maxDepth: maxDepth)
        case .tableFunction: return plan
        }
    }

    private func prune(_ join: Join, _ required: Set<ColumnReference>) -> LogicalPlan {
        var node = join
        if join.kind == .mark, let mark = join.markColumn, !required.contains(mark) {
            return prune(join.left, required)
        }
        let read = LogicalPlan.join(join).columnsRead
        if join.kind == .left, join.residual == .true, required.isDisjoint(with: join.right.outputColumns),
            join.right.isUnique(on: Set(join.equalities.map(\.right)))
        {
            // No left row finds more than one partner, and nobody looks at it.
            return prune(join.left, required)
        }
        let left = join.left.outputSet
        node.left = prune(join.left, required.union(read).intersection(left))
        let right = join.right.outputSet
        switch join.kind {
        case .semi, .anti, .mark: node.right = prune(join.right, read.intersection(right))
        case .inner, .left, .right, .full, .cross:
            node.right = prune(join.right, required.union(read).intersection(right))
        }
        return .join(node)
    }

    private func prune(
        _ id: Int, _ definition: LogicalPlan, _ body: LogicalPlan, _ required: Set<ColumnReference>
    ) -> LogicalPlan {
        let newBody = prune(body, required)
        let columns = definition.outputColumns
        let kept = columns.indices.filter { sharedPositions[id]?.contains($0) ?? false }
        let wanted = kept.map { columns[$0] }
        let newDefinition = prune(definition, Set(wanted)).withOutputs(wanted)
        return .shared(id: id, definition: newDefinition, body: newBody.cuttingSharedScans(id, kept))
    }
}

extension LogicalPlan {
    /// The plan with only these positions in every read of a shared definition.
    fileprivate func cuttingSharedScans(_ id: Int, _ kept: [Int]) -> LogicalPlan {
        if case .sharedScan(id, let columns) = self {
            return .sharedScan(id: id, columns: kept.compactMap { columns.indices.contains($0) ? columns[$0] : nil })
        }
        let old = inputs
        return old.isEmpty ? self : withInputs(old.map { $0.cuttingSharedScans(id, kept) })
    }

    /// No two rows agree in `columns`, as far as operators prove it.
    func isUnique(on columns: Set<ColumnReference>) -> Bool {
        if givesAtMostOneRow { return true }
        switch self {
        case .aggregate(let node):
            return node.groupingSets == nil && Set(node.keyOutputs).isSubset(of: columns)
        case .filter(let input, _), .sort(let input, _), .topN(let input, _, _, _, _), .limit(let input, _, _),
            .sample(let input, _):
            return input.isUnique(on: columns)
        case .assignUniqueID(let input, let column): return columns.contains(column) || input.isUnique(on: columns)
        case .project(let input, let assignments):
            var sources: Set<ColumnReference> = []
            for assignment in assignments where columns.contains(assignment.column) {
                if let source = assignment.expression.asColumn { sources.insert(source) }
            }
            return input.isUnique(on: sources)
        case .window(let node): return node.input.isUnique(on: columns)
        case .join(let join):
            switch join.kind {
            case .semi, .anti, .mark: return join.left.isUnique(on: columns)
            case .inner, .left:
                // Each left row has at most one partner.
                return join.left.isUnique(on: columns) && join.right.isUnique(on: Set(join.equalities.map(\.right)))
            case .right, .full, .cross: return false
            }
        case .shared(_, _, let body): return body.isUnique(on: columns)
        case .scan, .values, .dependentJoin, .union, .unnest, .enforceSingleRow, .sharedScan, .recursive,
            .tableFunction:
            return false
        }
    }
}
