import Expressions

extension LogicalPlan {
    /// The same node with `rewrite` applied to each of its own expressions (not those of its inputs).
    func mappingExpressions(_ rewrite: (BoundExpression) throws -> BoundExpression) rethrows -> LogicalPlan {
        switch self {
        case .scan(var scan):
            if scan.filter.isEmpty { return self }
            scan.filter = try scan.filter.map(rewrite)
            return .scan(scan)
        case .values(let columns, let rows):
            return .values(columns: columns, rows: try rows.map { try $0.map(rewrite) })
        case .filter(let input, let predicate): return .filter(input, try rewrite(predicate))
        case .project(let input, let assignments):
            return .project(input, try assignments.map { Assignment($0.column, try rewrite($0.expression)) })
        case .join(var node):
            node.residual = try rewrite(node.residual)
            return .join(node)
        case .dependentJoin(var node):
            node.condition = try rewrite(node.condition)
            return .dependentJoin(node)
        case .tableFunction(let name, let arguments, let columns):
            return .tableFunction(name: name, arguments: try arguments.map(rewrite), columns: columns)
        case .aggregate, .sort, .topN, .limit, .union, .window, .unnest, .enforceSingleRow, .assignUniqueID, .sample,
            .shared, .sharedScan, .recursive:
            return self
        }
    }

    /// The whole plan with every column, read or made, replaced.
    func mappingColumns(_ map: (ColumnReference) -> ColumnReference) -> LogicalPlan {
        let inner = inputs.isEmpty ? self : withInputs(inputs.map { $0.mappingColumns(map) })
        switch inner {
        case .scan(var scan):
            scan.columns = scan.columns.map { TableScan.Column(map($0.reference), $0.source, fields: $0.fields) }
            scan.filter = scan.filter.map { $0.mappingColumns(map) }
            return .scan(scan)
        case .values(let columns, let rows):
            return .values(columns: columns.map(map), rows: rows.map { $0.map { $0.mappingColumns(map) } })
        case .filter(let input, let predicate): return .filter(input, predicate.mappingColumns(map))
        case .project(let input, let assignments):
            return .project(
                input, assignments.map { Assignment(map($0.column), $0.expression.mappingColumns(map)) })
        case .aggregate(var node):
            node.keys = node.keys.map(map)
            node.keyOutputs = node.keyOutputs.map(map)
            node.groupID = node.groupID.map(map)
            node.calls = node.calls.map { call in
                var new = call.replacingColumns(map)
                new.output = map(call.output)
                return new
            }
            return .aggregate(node)
        case .join(var node):
            node.equalities = node.equalities.map {
                Join.Equality(map($0.left), map($0.right), isNullSafe: $0.isNullSafe)
            }
            node.residual = node.residual.mappingColumns(map)
            node.markColumn = node.markColumn.map(map)
            return .join(node)
        case .dependentJoin(var node):
            node.condition = node.condition.mappingColumns(map)
            switch node.kind {
            case .inner, .left: break
            case .scalar(let column): node.kind = .scalar(map(column))
            case .exists(let column): node.kind = .exists(map(column))
            case .inSet(let column, let value, let right):
                node.kind = .inSet(map(column), value: map(value), right: map(right))
            case .quantified(let column, let value, let right, let comparison, let isAll):
                node.kind = .quantified(map(column), value: map(value), right: map(right), comparison, isAll: isAll)
            }
            return .dependentJoin(node)
        case .sort(let input, let keys): return .sort(input, keys.map { $0.replacingColumn(map) })
        case .topN(let input, let keys, let count, let offset, let withTies):
            return .topN(
                input, keys.map { $0.replacingColumn(map) }, count: count, offset: offset, withTies: withTies)
        case .union(var node):
            node.columns = node.columns.map(map)
            node.inputColumns = node.inputColumns.map { $0.map(map) }
            return .union(node)
        case .window(var node):
            node.partitionBy = node.partitionBy.map(map)
            node.orderBy = node.orderBy.map { $0.replacingColumn(map) }
            node.calls = node.calls.map { call in
                var new = call.replacingColumns(map)
                new.output = map(call.output)
                return new
            }
            return .window(node)
        case .unnest(var node):
            node.items = node.items.map { Unnest.Item(column: map($0.column), outputs: $0.outputs.map(map)) }
            node.ordinality = node.ordinality.map(map)
            node.passThrough = node.passThrough.map(map)
            return .unnest(node)
        case .assignUniqueID(let input, let column): return .assignUniqueID(input, map(column))
        case .sharedScan(let id, let columns): return .sharedScan(id: id, columns: columns.map(map))
        case .recursive(let id, let columns, let base, let step, let maxDepth):
            return .recursive(id: id, columns: columns.map(map), base: base, step: step, maxDepth: maxDepth)
        case .tableFunction(let name, let arguments, let columns):
            return .tableFunction(
                name: name, arguments: arguments.map { $0.mappingColumns(map) }, columns: columns.map(map))
        case .limit, .enforceSingleRow, .sample, .shared: return inner
        }
    }

    /// A second plan that gives the same rows under columns of its own; columns of an enclosing query stay. Shared
    /// definitions inside get ids of their own.
    func copied(_ allocator: ColumnAllocator) -> (plan: LogicalPlan, columns: [ColumnReference]) {
        var map: [ColumnReference: ColumnReference] = [:]
        var ids: [Int: Int] = [:]
        forEachPlan { node in
            for column in node.columnsMade where map[column] == nil {
                map[column] = allocator.make(column.name, column.type)
            }
            switch node {
            case .shared(let id, _, _), .recursive(let id, _, _, _, _): ids[id] = allocator.makeSharedID()
            default: break
            }
        }
        let plan = mappingColumns { map[$0] ?? $0 }.mappingSharedIDs(ids)
        return (plan, outputColumns.map { map[$0] ?? $0 })
    }

    private func mappingSharedIDs(_ ids: [Int: Int]) -> LogicalPlan {
        if ids.isEmpty { return self }
        let plan = inputs.isEmpty ? self : withInputs(inputs.map { $0.mappingSharedIDs(ids) })
        switch plan {
        case .shared(let id, let definition, let body):
            return .shared(id: ids[id] ?? id, definition: definition, body: body)
        case .sharedScan(let id, let columns): return .sharedScan(id: ids[id] ?? id, columns: columns)
        case .recursive(let id, let columns, let base, let step, let maxDepth):
            return .recursive(id: ids[id] ?? id, columns: columns, base: base, step: step, maxDepth: maxDepth)
        default: return plan
        }
    }

    /// The plan with a copy of the definition at every place that reads it.
    func inliningShared(_ id: Int, _ definition: LogicalPlan, _ allocator: ColumnAllocator) -> LogicalPlan {
        if case .sharedScan(id, let columns) = self {
            let copy = definition.copied(allocator)
            return .project(copy.plan, zip(columns, copy.columns).map { Assignment($0, .column($1)) })
        }
        let old = inputs
        return old.isEmpty ? self : withInputs(old.map { $0.inliningShared(id, definition, allocator) })
    }

    /// Every expression in the plan is deterministic.
    var isDeterministic: Bool {
        var result = true
        forEachPlan { node in
            if case .sample = node { result = false }
            if !node.expressions.allSatisfy(\.isDeterministic) { result = false }
        }
        return result
    }

    /// Exactly one row comes out, whatever the data.
    var givesOneRow: Bool {
        switch self {
        case .values(_, let rows): rows.count == 1
        case .enforceSingleRow: true
        case .aggregate(let node): node.keys.isEmpty && node.groupingSets == nil
        case .project(let input, _), .sort(let input, _), .assignUniqueID(let input, _): input.givesOneRow
        case .topN(let input, _, let count, let offset, _): count > 0 && offset == 0 && input.givesOneRow
        case .limit(let input, let count, let offset): count != 0 && offset == 0 && input.givesOneRow
        case .window(let node): node.input.givesOneRow
        case .join(let node):
            switch node.kind {
            case .cross, .inner:
                node.equalities.isEmpty && node.residual == .true && node.left.givesOneRow && node.right.givesOneRow
            case .mark: node.left.givesOneRow
            case .left: node.left.givesOneRow && node.right.givesAtMostOneRow
            case .right, .full, .semi, .anti: false
            }
        case .dependentJoin(let node):
            switch node.kind {
            case .inner, .left: false
            case .scalar, .exists, .inSet, .quantified: node.left.givesOneRow
            }
        case .shared(_, _, let body): body.givesOneRow
        case .scan, .filter, .union, .unnest, .sample, .sharedScan, .recursive, .tableFunction: false
        }
    }

    var givesAtMostOneRow: Bool {
        if givesOneRow { return true }
        switch self {
        case .values(_, let rows): return rows.count <= 1
        case .filter(let input, _), .project(let input, _), .sort(let input, _), .sample(let input, _),
            .assignUniqueID(let input, _):
            return input.givesAtMostOneRow
        case .limit(let input, let count, _): return count.map { $0 <= 1 } ?? false || input.givesAtMostOneRow
        case .topN(let input, _, let count, _, let withTies): return count <= 1 && !withTies || input.givesAtMostOneRow
        case .window(let node): return node.input.givesAtMostOneRow
        case .join(let node):
            switch node.kind {
            case .semi, .anti, .mark: return node.left.givesAtMostOneRow
            case .inner, .cross, .left: return node.left.givesAtMostOneRow && node.right.givesAtMostOneRow
            case .right, .full: return false
            }
        default: return false
        }
    }

    /// No row can come out.
    var isEmpty: Bool {
        if case .values(_, let rows) = self { return rows.isEmpty }
        return false
    }
}
