import SQLTypes

extension BoundExpression {
    /// Direct operands (a lambda's body included).
    public var children: [BoundExpression] {
        switch self {
        case .constant, .column: []
        case .call(let call): call.arguments
        case .comparison(_, let left, let right), .nullIf(let left, let right): [left, right]
        case .and(let terms), .or(let terms), .coalesce(let terms, _), .makeRow(let terms, _): terms
        case .not(let inner), .isNull(let inner), .tryExpression(let inner), .cast(let inner, _, _),
            .field(let inner, _, _), .lambda(_, let inner):
            [inner]
        case .inList(let value, let list): [value] + list
        case .caseWhen(let branches, let otherwise, _):
            branches.flatMap { [$0.condition, $0.result] } + [otherwise]
        }
    }

    /// The same node over other operands, in the order of `children`.
    public func withChildren(_ new: [BoundExpression]) -> BoundExpression {
        switch self {
        case .constant, .column: return self
        case .call(var call):
            call.arguments = new
            return .call(call)
        case .comparison(let comparison, _, _): return .comparison(comparison, new[0], new[1])
        case .nullIf: return .nullIf(new[0], new[1])
        case .and: return .and(new)
        case .or: return .or(new)
        case .coalesce(_, let type): return .coalesce(new, type: type)
        case .makeRow(_, let type): return .makeRow(new, type: type)
        case .not: return .not(new[0])
        case .isNull: return .isNull(new[0])
        case .tryExpression: return .tryExpression(new[0])
        case .cast(_, let type, let isTry): return .cast(new[0], to: type, isTry: isTry)
        case .field(_, let index, let type): return .field(new[0], index: index, type: type)
        case .lambda(let parameters, _): return .lambda(parameters: parameters, body: new[0])
        case .inList: return .inList(new[0], Array(new.dropFirst()))
        case .caseWhen(let branches, _, let type):
            return .caseWhen(
                branches: branches.indices.map { CaseBranch(condition: new[2 * $0], result: new[2 * $0 + 1]) },
                otherwise: new[new.count - 1], type: type)
        }
    }

    /// Rewrites bottom-up.
    public func transformed(_ rewrite: (BoundExpression) throws -> BoundExpression) rethrows -> BoundExpression {
        let old = children
        if old.isEmpty { return try rewrite(self) }
        return try rewrite(withChildren(try old.map { try $0.transformed(rewrite) }))
    }

    /// Replaces columns, top-down through the whole tree.
    public func replacingColumns(_ map: (ColumnReference) -> BoundExpression?) -> BoundExpression {
        transformed { node in
            if case .column(let column) = node, let replacement = map(column) { return replacement }
            return node
        }
    }

    /// Calls `visit` on every node, parents first.
    public func forEachNode(_ visit: (BoundExpression) -> Void) {
        visit(self)
        for child in children { child.forEachNode(visit) }
    }

    /// Columns that the expression reads, lambda parameters excepted.
    public var columns: Set<ColumnReference> {
        var found: Set<ColumnReference> = []
        var bound: Set<ColumnReference> = []
        forEachNode { node in
            if case .column(let column) = node { found.insert(column) }
            if case .lambda(let parameters, _) = node { bound.formUnion(parameters) }
        }
        return found.subtracting(bound)
    }

    /// No call gives different results for the same arguments.
    public var isDeterministic: Bool {
        var result = true
        forEachNode { if case .call(let call) = $0, !call.function.isDeterministic { result = false } }
        return result
    }

    /// The terms of a conjunction; TRUE gives none.
    public var conjuncts: [BoundExpression] {
        switch self {
        case .and(let terms): terms.flatMap(\.conjuncts)
        case .constant(.boolean(true), _): []
        default: [self]
        }
    }

    /// The conjunction of terms: TRUE of none.
    public static func conjunction(_ terms: [BoundExpression]) -> BoundExpression {
        let flat = terms.flatMap(\.conjuncts)
        switch flat.count {
        case 0: return .true
        case 1: return flat[0]
        default: return .and(flat)
        }
    }

    /// The terms of a disjunction.
    public var disjuncts: [BoundExpression] {
        if case .or(let terms) = self { return terms.flatMap(\.disjuncts) }
        return [self]
    }

    /// The disjunction of terms: FALSE of none.
    public static func disjunction(_ terms: [BoundExpression]) -> BoundExpression {
        switch terms.count {
        case 0: return .false
        case 1: return terms[0]
        default: return .or(terms)
        }
    }
}
