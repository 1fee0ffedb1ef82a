import Expressions

extension LogicalPlan {
    /// Input plans, in order.
    public var inputs: [LogicalPlan] {
        switch self {
        case .scan, .values, .sharedScan, .tableFunction: []
        case .filter(let input, _), .project(let input, _), .sort(let input, _), .topN(let input, _, _, _, _),
            .limit(let input, _, _), .enforceSingleRow(let input), .assignUniqueID(let input, _), .sample(let input, _):
            [input]
        case .aggregate(let node): [node.input]
        case .window(let node): [node.input]
        case .unnest(let node): [node.input]
        case .join(let node): [node.left, node.right]
        case .dependentJoin(let node): [node.left, node.right]
        case .union(let node): node.inputs
        case .shared(_, let definition, let body): [definition, body]
        case .recursive(_, _, let base, let step, _): [base, step]
        }
    }

    /// The same node over other inputs, in the order of `inputs`.
    public func withInputs(_ new: [LogicalPlan]) -> LogicalPlan {
        switch self {
        case .scan, .values, .sharedScan, .tableFunction: return self
        case .filter(_, let predicate): return .filter(new[0], predicate)
        case .project(_, let assignments): return .project(new[0], assignments)
        case .sort(_, let keys): return .sort(new[0], keys)
        case .topN(_, let keys, let count, let offset, let withTies):
            return .topN(new[0], keys, count: count, offset: offset, withTies: withTies)
        case .limit(_, let count, let offset): return .limit(new[0], count: count, offset: offset)
        case .enforceSingleRow: return .enforceSingleRow(new[0])
        case .assignUniqueID(_, let column): return .assignUniqueID(new[0], column)
        case .sample(_, let fraction): return .sample(new[0], fraction: fraction)
        case .aggregate(var node):
            node.input = new[0]
            return .aggregate(node)
        case .window(var node):
            node.input = new[0]
            return .window(node)
        case .unnest(var node):
            node.input = new[0]
            return .unnest(node)
        case .join(var node):
            node.left = new[0]
            node.right = new[1]
            return .join(node)
        case .dependentJoin(var node):
            node.left = new[0]
            node.right = new[1]
            return .dependentJoin(node)
        case .union(var node):
            node.inputs = new
            return .union(node)
        case .shared(let id, _, _): return .shared(id: id, definition: new[0], body: new[1])
        case .recursive(let id, let columns, _, _, let maxDepth):
            return .recursive(id: id, columns: columns, base: new[0], step: new[1], maxDepth: maxDepth)
        }
    }

    /// The columns that come out, in order.
    public var outputColumns: [ColumnReference] {
        switch self {
        case .scan(let scan): return scan.columns.map(\.reference)
        case .values(let columns, _), .sharedScan(_, let columns), .tableFunction(_, _, let columns),
            .recursive(_, let columns, _, _, _):
            return columns
        case .filter(let input, _), .sort(let input, _), .topN(let input, _, _, _, _), .limit(let input, _, _),
            .enforceSingleRow(let input), .sample(let input, _):
            return input.outputColumns
        case .project(_, let assignments): return assignments.map(\.column)
        case .aggregate(let node):
            return node.keyOutputs + (node.groupID.map { [$0] } ?? []) + node.calls.map(\.output)
        case .join(let node):
            switch node.kind {
            case .semi, .anti: return node.left.outputColumns
            case .mark: return node.left.outputColumns + (node.markColumn.map { [$0] } ?? [])
            case .inner, .left, .right, .full, .cross: return node.left.outputColumns + node.right.outputColumns
            }
        case .dependentJoin(let node):
            switch node.kind {
            case .inner, .left: return node.left.outputColumns + node.right.outputColumns
            case .scalar(let column), .exists(let column), .inSet(let column, _, _),
                .quantified(let column, _, _, _, _):
                return node.left.outputColumns + [column]
            }
        case .union(let node): return node.columns
        case .window(let node): return node.input.outputColumns + node.calls.map(\.output)
        case .unnest(let node):
            return node.passThrough + node.items.flatMap(\.outputs) + (node.ordinality.map { [$0] } ?? [])
        case .assignUniqueID(let input, let column): return input.outputColumns + [column]
        case .shared(_, _, let body): return body.outputColumns
        }
    }
}
