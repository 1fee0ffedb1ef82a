import Expressions

extension LogicalPlan {
    /// Expressions of the node itself, its inputs' excepted.
    public var expressions: [BoundExpression] {
        switch self {
        case .values(_, let rows): return rows.flatMap { $0 }
        case .filter(_, let predicate): return [predicate]
        case .project(_, let assignments): return assignments.map(\.expression)
        case .tableFunction(_, let arguments, _): return arguments
        case .scan(let scan): return scan.filter
        case .join(let join): return [join.residual]
        case .dependentJoin(let join): return [join.condition]
        case .aggregate(let node):
            return node.calls.flatMap { $0.arguments.compactMap(\.lambdaBody) }
        case .window(let node):
            return node.calls.flatMap { $0.arguments.compactMap(\.lambdaBody) }
        case .sort, .topN, .limit, .union, .unnest, .enforceSingleRow, .assignUniqueID, .sample, .shared, .sharedScan,
            .recursive:
            return []
        }
    }

    /// Columns that the node itself reads: they must come out of its inputs (or, in the right side of a dependent
    /// join, out of that join's left side).
    public var readColumns: [ColumnReference] {
        var result: Set<ColumnReference> = []
        for expression in expressions { result.formUnion(expression.columns) }
        func add(_ columns: some Sequence<ColumnReference>) { result.formUnion(columns) }
        func add(_ arguments: [AggregateArgument]) {
            for case .column(let column) in arguments { result.insert(column) }
        }
        switch self {
        case .aggregate(let node):
            add(node.keys)
            for call in node.calls {
                add(call.arguments)
                add(call.filter.map { [$0] } ?? [])
                add(call.orderBy.map(\.column))
            }
        case .window(let node):
            add(node.partitionBy)
            add(node.orderBy.map(\.column))
            for call in node.calls {
                add(call.arguments)
                add(call.filter.map { [$0] } ?? [])
                add([call.frame.start, call.frame.end].compactMap(\.column))
            }
        case .join(let join):
            add(join.equalities.map(\.left))
            add(join.equalities.map(\.right))
        case .dependentJoin(let join):
            switch join.kind {
            case .inner, .left, .exists: break
            case .scalar: break
            case .inSet(_, let value, let right), .quantified(_, let value, let right, _, _): add([value, right])
            }
        case .sort(_, let keys), .topN(_, let keys, _, _, _): add(keys.map(\.column))
        case .union(let union): for columns in union.inputColumns { add(columns) }
        case .unnest(let unnest):
            add(unnest.items.map(\.column))
            add(unnest.passThrough)
        case .scan(let scan): result.subtract(scan.columns.map(\.reference))
        case .values, .filter, .project, .limit, .enforceSingleRow, .assignUniqueID, .sample, .shared, .sharedScan,
            .recursive, .tableFunction:
            break
        }
        return result.sorted { $0.id < $1.id }
    }

    /// Columns that the plan reads and no node of it produces: those of an enclosing query.
    public var freeColumns: Set<ColumnReference> {
        var free: Set<ColumnReference> = Set(readColumns)
        var produced: Set<ColumnReference> = []
        for input in inputs {
            free.formUnion(input.freeColumns)
            produced.formUnion(input.outputColumns)
        }
        return free.subtracting(produced)
    }

    /// The plan with columns exchanged everywhere they are read or produced.
    public func replacingColumns(_ map: [ColumnReference: ColumnReference]) -> LogicalPlan {
        func to(_ column: ColumnReference) -> ColumnReference { map[column] ?? column }
        func to(_ columns: [ColumnReference]) -> [ColumnReference] { columns.map(to) }
        func to(_ expression: BoundExpression) -> BoundExpression {
            expression.replacingColumns { map[$0].map { .column($0) } }
        }
        func to(_ keys: [SortKey]) -> [SortKey] {
            keys.map { SortKey(to($0.column), isAscending: $0.isAscending, nullsFirst: $0.nullsFirst) }
        }
        func to(_ arguments: [AggregateArgument]) -> [AggregateArgument] {
            arguments.map { argument in
                switch argument {
                case .column(let column): .column(to(column))
                case .constant: argument
                case .lambda(let parameters, let body): .lambda(parameters: parameters, body: to(body))
                }
            }
        }
        func to(_ bound: WindowFrame.Bound) -> WindowFrame.Bound {
            switch bound {
            case .preceding(let column): .preceding(to(column))
            case .following(let column): .following(to(column))
            case .unboundedPreceding, .currentRow, .unboundedFollowing: bound
            }
        }
        let plan = withInputs(inputs.map { $0.replacingColumns(map) })
        switch plan {
        case .scan(var scan):
            scan.columns = scan.columns.map { column in
                var copy = column
                copy.reference = to(column.reference)
                return copy
            }
            scan.filter = scan.filter.map(to)
            return .scan(scan)
        case .values(let columns, let rows): return .values(columns: to(columns), rows: rows.map { $0.map(to) })
        case .filter(let input, let predicate): return .filter(input, to(predicate))
        case .project(let input, let assignments):
            return .project(input, assignments.map { Assignment(to($0.column), to($0.expression)) })
        case .aggregate(var node):
            node.keys = to(node.keys)
            node.keyOutputs = to(node.keyOutputs)
            node.groupID = node.groupID.map(to)
            node.calls = node.calls.map { call in
                var copy = call
                copy.output = to(call.output)
                copy.arguments = to(call.arguments)
                copy.filter = call.filter.map(to)
                copy.orderBy = to(call.orderBy)
                return copy
            }
            return .aggregate(node)
        case .join(var join):
            join.equalities = join.equalities.map {
                Join.Equality(to($0.left), to($0.right), isNullSafe: $0.isNullSafe)
            }
            join.residual = to(join.residual)
            join.markColumn = join.markColumn.map(to)
            return .join(join)
        case .dependentJoin(var join):
            join.condition = to(join.condition)
            switch join.kind {
            case .inner, .left: break
            case .scalar(let column): join.kind = .scalar(to(column))
            case .exists(let column): join.kind = .exists(to(column))
            case .inSet(let column, let value, let right):
                join.kind = .inSet(to(column), value: to(value), right: to(right))
            case .quantified(let column, let value, let right, let comparison, let isAll):
                join.kind = .quantified(to(column), value: to(value), right: to(right), comparison, isAll: isAll)
            }
            return .dependentJoin(join)
        case .sort(let input, let keys): return .sort(input, to(keys))
        case .topN(let input, let keys, let count, let offset, let withTies):
            return .topN(input, to(keys), count: count, offset: offset, withTies: withTies)
        case .union(var union):
            union.columns = to(union.columns)
            union.inputColumns = union.inputColumns.map(to)
            return .union(union)
        case .window(var node):
            node.partitionBy = to(node.partitionBy)
            node.orderBy = to(node.orderBy)
            node.calls = node.calls.map { call in
                var copy = call
                copy.output = to(call.output)
                copy.arguments = to(call.arguments)
                copy.filter = call.filter.map(to)
                copy.frame.start = to(call.frame.start)
                copy.frame.end = to(call.frame.end)
                return copy
            }
            return .window(node)
        case .unnest(var node):
            node.items = node.items.map { Unnest.Item(column: to($0.column), outputs: to($0.outputs)) }
            node.ordinality = node.ordinality.map(to)
            node.passThrough = to(node.passThrough)
            return .unnest(node)
        case .assignUniqueID(let input, let column): return .assignUniqueID(input, to(column))
        case .sharedScan(let id, let columns): return .sharedScan(id: id, columns: to(columns))
        case .recursive(let id, let columns, let base, let step, let maxDepth):
            return .recursive(id: id, columns: to(columns), base: base, step: step, maxDepth: maxDepth)
        case .tableFunction(let name, let arguments, let columns):
            return .tableFunction(name: name, arguments: arguments.map(to), columns: to(columns))
        case .limit, .enforceSingleRow, .sample, .shared: return plan
        }
    }
}

extension AggregateArgument {
    /// The body of a lambda argument; its parameters are columns of their own.
    var lambdaBody: BoundExpression? {
        if case .lambda(let parameters, let body) = self { return .lambda(parameters: parameters, body: body) }
        return nil
    }
}

extension WindowFrame.Bound {
    /// The column with the offset or bound value.
    var column: ColumnReference? {
        switch self {
        case .preceding(let column), .following(let column): column
        case .unboundedPreceding, .currentRow, .unboundedFollowing: nil
        }
    }
}
