import Columnar
import Functions
import SQLTypes

/// Evaluates what does not depend on rows, with the kernels that run queries.
///
/// ```
/// CAST('2020-01-01' AS date) + INTERVAL '1' DAY     →  DATE '2020-01-02'
/// a AND TRUE, FALSE OR b, IF(TRUE, a, b)            →  a, b, a
/// 1 / 0                                             →  1 / 0     (raises when a row reaches it)
/// ```
public struct ConstantFolder {
    let context: EvaluationContext

    public init(context: EvaluationContext) { self.context = context }

    public func fold(_ expression: BoundExpression) -> BoundExpression {
        expression.transformed { simplify($0) }
    }

    /// One node whose operands are folded.
    private func simplify(_ node: BoundExpression) -> BoundExpression {
        switch node {
        case .constant, .column, .lambda: return node
        case .and(let terms): return simplifyAnd(terms)
        case .or(let terms): return simplifyOr(terms)
        case .caseWhen(let branches, let otherwise, let type): return simplifyCase(branches, otherwise, type)
        case .coalesce(let terms, let type): return simplifyCoalesce(terms, type)
        case .call(let call):
            if call.function.nulls == .propagate, !call.arguments.contains(where: \.holdsLambda),
                call.arguments.contains(where: \.isNullConstant), call.arguments.allSatisfy(\.cannotRaise)
            {
                return .null(call.signature.result)
            }
            guard call.function.isDeterministic else { return node }
        case .comparison(let op, let left, let right):
            if op != .isDistinctFrom, op != .isNotDistinctFrom, left.isNullConstant || right.isNullConstant,
                left.cannotRaise, right.cannotRaise
            {
                return .null(.boolean)
            }
        case .cast(let inner, let type, _):
            if inner.isNullConstant { return .null(type) }
            if inner.type == type { return inner }
        case .tryExpression(let inner):
            // Inside, what raises was left as it is; TRY makes it NULL.
            if inner.columns.isEmpty, inner.isDeterministic { return evaluate(node) ?? node }
        case .not, .isNull, .inList, .nullIf, .field, .makeRow: break
        }
        // A lambda counts as constant when it reads nothing but its parameters.
        for child in node.children {
            switch child {
            case .constant: continue
            case .lambda: if child.columns.isEmpty, child.isDeterministic { continue } else { return node }
            default: return node
            }
        }
        return evaluate(node) ?? node
    }

    /// The value of an expression without columns, nil when it raises.
    public func evaluate(_ expression: BoundExpression) -> BoundExpression? {
        (try? value(of: expression)).map { .constant($0, expression.type) }
    }

    /// The value of an expression without columns.
    public func value(of expression: BoundExpression) throws -> Value {
        if case .constant(let value, _) = expression { return value }
        let compiled = try CompiledExpression(expression, layout: [:], context: context)
        return try compiled.evaluate(Batch(columns: [], rowCount: 1)).value(at: 0)
    }

    private func simplifyAnd(_ terms: [BoundExpression]) -> BoundExpression {
        var kept: [BoundExpression] = []
        var holdsNull = false
        for term in terms.flatMap(\.conjuncts) {
            if case .constant(let value, _) = term {
                if value == .boolean(false) {
                    // Terms before it that may raise still run.
                    if kept.allSatisfy(\.cannotRaise) { return .false }
                    kept.append(term)
                    return .and(kept)
                }
                if value.isNull { holdsNull = true }
                if value == .boolean(true) || value.isNull { continue }
            }
            if !kept.contains(term) || !term.isDeterministic { kept.append(term) }
        }
        if holdsNull { kept.append(.null(.boolean)) }
        return .conjunction(kept)
    }

    private func simplifyOr(_ terms: [BoundExpression]) -> BoundExpression {
        var kept: [BoundExpression] = []
        var seen: Set<BoundExpression> = []
        var holdsNull = false
        for term in terms.flatMap(\.disjuncts) {
            if case .constant(let value, _) = term {
                if value == .boolean(true) {
                    if kept.allSatisfy(\.cannotRaise) { return .true }
                    kept.append(term)
                    return .disjunction(kept)
                }
                if value.isNull { holdsNull = true }
                continue
            }
            if seen.insert(term).inserted || !term.isDeterministic { kept.append(term) }
        }
        if holdsNull { kept.append(.null(.boolean)) }
        return .disjunction(kept)
    }

    private func simplifyCase(
        _ branches: [CaseBranch], _ otherwise: BoundExpression, _ type: DataType
    ) -> BoundExpression {
        var kept: [CaseBranch] = []
        for branch in branches {
            if case .constant(let value, _) = branch.condition {
                if value == .boolean(true) {
                    return kept.isEmpty
                        ? branch.result : .caseWhen(branches: kept, otherwise: branch.result, type: type)
                }
                continue
            }
            kept.append(branch)
        }
        return kept.isEmpty ? otherwise : .caseWhen(branches: kept, otherwise: otherwise, type: type)
    }

    private func simplifyCoalesce(_ terms: [BoundExpression], _ type: DataType) -> BoundExpression {
        var kept: [BoundExpression] = []
        for term in terms {
            if term.isNullConstant { continue }
            kept.append(term)
            if case .constant = term { break }
        }
        switch kept.count {
        case 0: return .null(type)
        case 1: return kept[0]
        default: return .coalesce(kept, type: type)
        }
    }
}

extension BoundExpression {
    var isNullConstant: Bool { if case .constant(.null, _) = self { true } else { false } }
}
