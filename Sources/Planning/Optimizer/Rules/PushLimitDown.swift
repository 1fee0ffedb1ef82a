import Expressions

/// Moves limits and top-Ns below what neither adds nor drops rows, and copies them into unions and into the kept side
/// of outer joins.
///
/// ```
/// Limit[10]                   Project[..]
///   Project[..]        ==>      Limit[10]
///     R                           R
///
/// Limit[10]                   Limit[10]
///   Union              ==>      Union
///     R                           Limit[10](R)
///     S                           Limit[10](S)
/// ```
struct PushLimitDown: NodeRule {
    func rewrite(_ node: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan? {
        switch node {
        case .limit(let input, let count, let offset): return limit(node, input, count, offset)
        case .topN(let input, let keys, let count, let offset, let withTies):
            return topN(input, keys, count, offset, withTies)
        default: return nil
        }
    }

    private func limit(_ node: LogicalPlan, _ input: LogicalPlan, _ count: Int?, _ offset: Int) -> LogicalPlan? {
        switch input {
        case .project(let inner, let assignments):
            return .project(.limit(inner, count: count, offset: offset), assignments)
        case .union(var union):
            guard let total = Self.total(count, offset) else { return nil }
            var isChanged = false
            for index in union.inputs.indices where !Self.isLimited(union.inputs[index], total) {
                union.inputs[index] = .limit(union.inputs[index], count: total, offset: 0)
                isChanged = true
            }
            return isChanged ? .limit(.union(union), count: count, offset: offset) : nil
        case .join(var join):
            guard let total = Self.total(count, offset) else { return nil }
            switch join.kind {
            case .left:
                if Self.isLimited(join.left, total) { return nil }
                join.left = .limit(join.left, count: total, offset: 0)
                return .limit(.join(join), count: count, offset: offset)
            case .mark:
                join.left = .limit(join.left, count: count, offset: offset)
                return .join(join)
            case .inner, .right, .full, .cross, .semi, .anti: return nil
            }
        case .shared(let id, let definition, let body):
            return .shared(id: id, definition: definition, body: .limit(body, count: count, offset: offset))
        default: return nil
        }
    }

    private func topN(
        _ input: LogicalPlan, _ keys: [SortKey], _ count: Int, _ offset: Int, _ withTies: Bool
    ) -> LogicalPlan? {
        switch input {
        case .project(let inner, let assignments):
            var map: [ColumnReference: ColumnReference] = [:]
            for assignment in assignments {
                if let source = assignment.expression.asColumn { map[assignment.column] = source }
            }
            guard keys.allSatisfy({ map[$0.column] != nil }) else { return nil }
            // A projection that only cuts columns off stays below: what is sorted should be narrow.
            if assignments.allSatisfy({ $0.expression.asColumn != nil }) { return nil }
            let moved = keys.map { $0.replacingColumn { map[$0] ?? $0 } }
            return .project(.topN(inner, moved, count: count, offset: offset, withTies: withTies), assignments)
        case .union(var union):
            guard !withTies, let total = Self.total(count, offset) else { return nil }
            var isChanged = false
            for index in union.inputs.indices where !Self.isLimited(union.inputs[index], total) {
                let map = Dictionary(
                    zip(union.columns, union.inputColumns[index]), uniquingKeysWith: { first, _ in first })
                union.inputs[index] = .topN(
                    union.inputs[index], keys.map { $0.replacingColumn { map[$0] ?? $0 } }, count: total, offset: 0,
                    withTies: false)
                isChanged = true
            }
            return isChanged ? .topN(.union(union), keys, count: count, offset: offset, withTies: false) : nil
        case .join(var join):
            let left = join.left.outputSet
            guard !withTies, let total = Self.total(count, offset), keys.allSatisfy({ left.contains($0.column) })
            else { return nil }
            switch join.kind {
            case .left:
                if Self.isLimited(join.left, total) { return nil }
                join.left = .topN(join.left, keys, count: total, offset: 0, withTies: false)
                return .topN(.join(join), keys, count: count, offset: offset, withTies: false)
            case .mark:
                join.left = .topN(join.left, keys, count: count, offset: offset, withTies: false)
                return .join(join)
            case .inner, .right, .full, .cross, .semi, .anti: return nil
            }
        case .sort(let inner, _):
            return .topN(inner, keys, count: count, offset: offset, withTies: withTies)
        default:
            return count > 0 && offset == 0 && input.givesAtMostOneRow ? input : nil
        }
    }

    private static func total(_ count: Int?, _ offset: Int) -> Int? {
        guard let count else { return nil }
        let (total, isTooLarge) = count.addingReportingOverflow(offset)
        return isTooLarge ? nil : total
    }

    private static func isLimited(_ plan: LogicalPlan, _ total: Int) -> Bool {
        switch plan {
        case .limit(_, let count, _): count.map { $0 <= total } ?? false
        case .topN(_, _, let count, _, false): count <= total
        case .project(let input, _): isLimited(input, total)
        case .values(_, let rows): rows.count <= total
        default: plan.givesAtMostOneRow
        }
    }
}
