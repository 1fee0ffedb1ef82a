import Expressions

extension LogicalPlan {
    /// Columns that this node itself reads of its inputs (not what it merely passes on). A `DependentJoin`'s right
    /// side reads more, see `freeColumns`.
    public var columnsRead: Set<ColumnReference> {
        var read: Set<ColumnReference> = []
        switch self {
        case .scan(let scan):
            for conjunct in scan.filter { read.formUnion(conjunct.columns) }
        case .values(_, let rows):
            for row in rows { for cell in row { read.formUnion(cell.columns) } }
        case .filter(_, let predicate): read = predicate.columns
        case .project(_, let assignments):
            for assignment in assignments { read.formUnion(assignment.expression.columns) }
        case .aggregate(let node):
            read.formUnion(node.keys)
            for call in node.calls { call.addColumns(to: &read) }
        case .join(let node):
            read = node.residual.columns
            for equality in node.equalities {
                read.insert(equality.left)
                read.insert(equality.right)
            }
        case .dependentJoin(let node):
            read = node.condition.columns
            switch node.kind {
            case .inner, .left, .exists: break
            case .scalar:
                if let column = node.right.outputColumns.first { read.insert(column) }
            case .inSet(_, let value, let right), .quantified(_, let value, let right, _, _):
                read.insert(value)
                read.insert(right)
            }
        case .sort(_, let keys), .topN(_, let keys, _, _, _): read.formUnion(keys.map(\.column))
        case .union(let node): for columns in node.inputColumns { read.formUnion(columns) }
        case .window(let node):
            read.formUnion(node.partitionBy)
            read.formUnion(node.orderBy.map(\.column))
            for call in node.calls { call.addColumns(to: &read) }
        case .unnest(let node):
            read.formUnion(node.items.map(\.column))
            read.formUnion(node.passThrough)
        case .tableFunction(_, let arguments, _):
            for argument in arguments { read.formUnion(argument.columns) }
        case .limit, .enforceSingleRow, .assignUniqueID, .sample, .shared, .sharedScan, .recursive: break
        }
        return read
    }

    /// Columns that come into being at this node.
    public var columnsMade: [ColumnReference] {
        switch self {
        case .scan, .values, .sharedScan, .tableFunction, .recursive, .union: outputColumns
        case .project(_, let assignments): assignments.map(\.column)
        case .aggregate(let node): node.keyOutputs + (node.groupID.map { [$0] } ?? []) + node.calls.map(\.output)
        case .window(let node): node.calls.map(\.output)
        case .unnest(let node): node.items.flatMap(\.outputs) + (node.ordinality.map { [$0] } ?? [])
        case .assignUniqueID(_, let column): [column]
        case .join(let node): node.markColumn.map { [$0] } ?? []
        case .dependentJoin(let node):
            switch node.kind {
            case .inner, .left: []
            case .scalar(let column), .exists(let column), .inSet(let column, _, _),
                .quantified(let column, _, _, _, _):
                [column]
            }
        case .filter, .sort, .topN, .limit, .enforceSingleRow, .sample, .shared: []
        }
    }

    /// Visits every node, parents first.
    public func forEachPlan(_ visit: (LogicalPlan) -> Void) {
        visit(self)
        for input in inputs { input.forEachPlan(visit) }
    }

    var outputSet: Set<ColumnReference> { Set(outputColumns) }
}

extension AggregateCall {
    func addColumns(to read: inout Set<ColumnReference>) {
        for argument in arguments {
            switch argument {
            case .column(let column): read.insert(column)
            case .lambda(let parameters, let body): read.formUnion(body.columns.subtracting(parameters))
            case .constant: break
            }
        }
        if let filter { read.insert(filter) }
        read.formUnion(orderBy.map(\.column))
    }

    /// The call over other columns.
    func replacingColumns(_ map: (ColumnReference) -> ColumnReference) -> AggregateCall {
        var call = self
        call.arguments = arguments.map { $0.replacingColumns(map) }
        call.filter = filter.map(map)
        call.orderBy = orderBy.map { $0.replacingColumn(map) }
        return call
    }
}

extension AggregateArgument {
    func replacingColumns(_ map: (ColumnReference) -> ColumnReference) -> AggregateArgument {
        switch self {
        case .column(let column): .column(map(column))
        case .constant: self
        case .lambda(let parameters, let body):
            .lambda(parameters: parameters.map(map), body: body.mappingColumns(map))
        }
    }
}

extension SortKey {
    func replacingColumn(_ map: (ColumnReference) -> ColumnReference) -> SortKey {
        SortKey(map(column), isAscending: isAscending, nullsFirst: nullsFirst)
    }
}

extension WindowCall {
    func addColumns(to read: inout Set<ColumnReference>) {
        for argument in arguments {
            switch argument {
            case .column(let column): read.insert(column)
            case .lambda(let parameters, let body): read.formUnion(body.columns.subtracting(parameters))
            case .constant: break
            }
        }
        if let filter { read.insert(filter) }
        for bound in [frame.start, frame.end] {
            switch bound {
            case .preceding(let column), .following(let column): read.insert(column)
            case .unboundedPreceding, .currentRow, .unboundedFollowing: break
            }
        }
    }

    func replacingColumns(_ map: (ColumnReference) -> ColumnReference) -> WindowCall {
        func bound(_ bound: WindowFrame.Bound) -> WindowFrame.Bound {
            switch bound {
            case .preceding(let column): .preceding(map(column))
            case .following(let column): .following(map(column))
            case .unboundedPreceding, .currentRow, .unboundedFollowing: bound
            }
        }
        var call = self
        call.arguments = arguments.map { $0.replacingColumns(map) }
        call.filter = filter.map(map)
        call.frame = WindowFrame(unit: frame.unit, start: bound(frame.start), end: bound(frame.end))
        return call
    }
}

extension BoundExpression {
    /// Replaces columns by columns, lambda parameters included.
    func mappingColumns(_ map: (ColumnReference) -> ColumnReference) -> BoundExpression {
        transformed { node in
            switch node {
            case .column(let column): .column(map(column))
            case .lambda(let parameters, let body): .lambda(parameters: parameters.map(map), body: body)
            default: node
            }
        }
    }

    /// The column, when the expression is nothing else.
    var asColumn: ColumnReference? {
        if case .column(let column) = self { return column }
        return nil
    }
}
