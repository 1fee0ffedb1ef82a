import Expressions
import Functions
import SQLTypes

/// Rewrites an expression into a simpler one with the same values and no more errors.
struct ExpressionSimplifier {
    let folder: ConstantFolder

    func simplify(_ expression: BoundExpression) -> BoundExpression { expression.transformed(step) }

    /// One node whose operands are simple already.
    private func step(_ node: BoundExpression) -> BoundExpression {
        if let value = folded(node) { return value }
        switch node {
        case .constant, .column, .call, .lambda, .makeRow: return node
        case .and(let terms): return and(terms)
        case .or(let terms): return or(terms)
        case .not(let inner): return not(inner)
        case .isNull(let inner): return isNull(inner)
        case .comparison(let comparison, let left, let right): return compare(comparison, left, right)
        case .inList(let value, let list): return inList(value, list)
        case .caseWhen(let branches, let otherwise, let type): return caseWhen(branches, otherwise, type)
        case .coalesce(let terms, let type): return coalesce(terms, type)
        case .nullIf(let first, .constant(.null, _)): return first
        case .nullIf: return node
        case .tryExpression(let inner): return inner.cannotRaise ? inner : node
        case .cast(let inner, let type, let isTry):
            if inner.type == type { return inner }
            if isTry, CastKernels.cannotRaise(from: inner.type, to: type), inner.cannotRaise {
                return .cast(inner, to: type, isTry: false)
            }
            return node
        case .field(.makeRow(let fields, _), let index, _):
            guard fields.indices.contains(index), fields.allSatisfy(\.cannotRaise) else { return node }
            return fields[index]
        case .field: return node
        }
    }

    /// The value of an operation on constants.
    private func folded(_ node: BoundExpression) -> BoundExpression? {
        switch node {
        case .constant, .column, .lambda: return nil
        default: break
        }
        for child in node.children {
            switch child {
            case .constant: continue
            case .lambda: if !child.columns.isEmpty { return nil }
            default: return nil
            }
        }
        guard node.isDeterministic else { return nil }
        // A fold that raises leaves the expression: it raises for the rows that reach it.
        return folder.evaluate(node)
    }

    private func and(_ terms: [BoundExpression]) -> BoundExpression {
        var kept: [BoundExpression] = []
        var seen: Set<BoundExpression> = []
        for term in terms.flatMap(\.conjuncts) {
            if case .constant(.boolean(false), _) = term { return .false }
            if term.isDeterministic, !seen.insert(term).inserted { continue }
            kept.append(term)
        }
        return .conjunction(kept)
    }

    private func or(_ terms: [BoundExpression]) -> BoundExpression {
        var kept: [BoundExpression] = []
        var seen: Set<BoundExpression> = []
        for term in terms.flatMap(\.disjuncts) {
            if term == .true { return .true }
            if term == .false { continue }
            if term.isDeterministic, !seen.insert(term).inserted { continue }
            kept.append(term)
        }
        return mergedEqualities(kept)
    }

    /// `x = 1 OR x = 2 OR x IN (3, 4)` is `x IN (1, 2, 3, 4)`.
    private func mergedEqualities(_ terms: [BoundExpression]) -> BoundExpression {
        var lists: [BoundExpression: [BoundExpression]] = [:]
        var order: [BoundExpression] = []
        var rest: [BoundExpression] = []
        var counts: [BoundExpression: Int] = [:]
        for term in terms {
            switch term {
            case .comparison(.equal, let value, let constant)
            where Self.isConstant(constant) && !Self.isConstant(value):
                if lists[value] == nil { order.append(value) }
                lists[value, default: []].append(constant)
                counts[value, default: 0] += 1
            case .inList(let value, let list) where list.allSatisfy(Self.isConstant) && !Self.isConstant(value):
                if lists[value] == nil { order.append(value) }
                lists[value, default: []].append(contentsOf: list)
                counts[value, default: 0] += 1
            default: rest.append(term)
            }
        }
        guard counts.values.contains(where: { $0 > 1 }), order.allSatisfy({ $0.isDeterministic && $0.cannotRaise })
        else { return .disjunction(terms) }
        let merged = order.map { value -> BoundExpression in inList(value, lists[value] ?? []) }
        return .disjunction(merged + rest)
    }

    private func not(_ inner: BoundExpression) -> BoundExpression {
        switch inner {
        case .not(let operand): return operand
        case .constant(.null, let type): return .null(type)
        case .comparison(let comparison, let left, let right):
            // NaN is neither below nor above.
            if left.type == .real || left.type == .double || left.type.isNested {
                switch comparison {
                case .less, .lessOrEqual, .greater, .greaterOrEqual: return .not(inner)
                default: break
                }
            }
            return .comparison(comparison.negated, left, right)
        case .and(let terms): return or(terms.map { not($0) })
        case .or(let terms): return and(terms.map { not($0) })
        default: return .not(inner)
        }
    }

    private func isNull(_ inner: BoundExpression) -> BoundExpression {
        switch inner {
        case .isNull: return .false
        case .constant(let value, _): return value.isNull ? .true : .false
        case .comparison(.isDistinctFrom, _, _), .comparison(.isNotDistinctFrom, _, _): return .false
        case .makeRow where inner.cannotRaise: return .false
        case .cast(let operand, let type, false) where CastKernels.cannotRaise(from: operand.type, to: type):
            return isNull(operand)
        default: return .isNull(inner)
        }
    }

    private func compare(
        _ comparison: ComparisonOperator, _ left: BoundExpression, _ right: BoundExpression
    ) -> BoundExpression {
        if Self.isConstant(left), !Self.isConstant(right) { return compare(comparison.flipped, right, left) }
        if case .constant(let value, _) = right {
            switch comparison {
            case .isDistinctFrom where value.isNull: return .not(isNull(left))
            case .isNotDistinctFrom where value.isNull: return isNull(left)
            case .isDistinctFrom, .isNotDistinctFrom: break
            case .equal where value == .boolean(true): return left
            case .equal where value == .boolean(false): return not(left)
            case .notEqual where value == .boolean(true): return not(left)
            case .notEqual where value == .boolean(false): return left
            default: if value.isNull, left.cannotRaise { return .null(.boolean) }
            }
            if let unwrapped = unwrappedCast(comparison, left, value) { return unwrapped }
        }
        return .comparison(comparison, left, right)
    }

    /// `cast(column AS wider) < constant` compares in the column's own type where the constant fits it.
    private func unwrappedCast(
        _ comparison: ComparisonOperator, _ operand: BoundExpression, _ value: Value
    ) -> BoundExpression? {
        guard case .cast(let inner, let wide, _) = operand,
            let constant = Self.narrowed(value, from: wide, to: inner.type)
        else { return nil }
        return .comparison(comparison, inner, .constant(constant, inner.type))
    }

    /// The value in a narrower type whose cast to the wider one keeps values and order; nil where it does not fit.
    static func narrowed(_ value: Value, from wide: DataType, to narrow: DataType) -> Value? {
        guard case .int(let number) = value else {
            if case .varchar(let a) = narrow, case .varchar(let b) = wide, let a, b.map({ $0 >= a }) ?? true,
                case .bytes(let bytes) = value, bytes.count <= a
            {
                return value
            }
            return nil
        }
        switch (narrow, wide) {
        case (.tinyint, .smallint), (.tinyint, .integer), (.tinyint, .bigint):
            return Int8(exactly: number).map { .int(Int64($0)) }
        case (.smallint, .integer), (.smallint, .bigint): return Int16(exactly: number).map { .int(Int64($0)) }
        case (.integer, .bigint): return Int32(exactly: number).map { .int(Int64($0)) }
        case (.tinyint, .decimal(_, 0)): return Int8(exactly: number).map { .int(Int64($0)) }
        case (.smallint, .decimal(_, 0)): return Int16(exactly: number).map { .int(Int64($0)) }
        case (.integer, .decimal(_, 0)): return Int32(exactly: number).map { .int(Int64($0)) }
        case (.bigint, .decimal(_, 0)): return value
        case (.decimal(let precision, let from), .decimal(_, let to)):
            guard precision <= DataType.maxShortDecimalPrecision, to >= from, to - from <= 18 else { return nil }
            guard case .decimal(let widePrecision, _) = wide, widePrecision - to >= precision - from else { return nil }
            let power = (0..<(to - from)).reduce(Int64(1)) { result, _ in result &* 10 }
            let (whole, remainder) = number.quotientAndRemainder(dividingBy: power)
            guard remainder == 0 else { return nil }
            let limit = (0..<precision).reduce(Int64(1)) { result, _ in result &* 10 }
            return whole.magnitude < limit.magnitude ? .int(whole) : nil
        case (.date, .timestamp(let precision)):
            let day: Int64 = 86_400_000_000
            guard precision <= 6, number % day == 0 else { return nil }
            return .int(number / day)
        default: return nil
        }
    }

    private func inList(_ value: BoundExpression, _ list: [BoundExpression]) -> BoundExpression {
        var kept: [BoundExpression] = []
        var seen: Set<BoundExpression> = []
        for item in list where !item.isDeterministic || seen.insert(item).inserted { kept.append(item) }
        if kept.count == 1 { return compare(.equal, value, kept[0]) }
        if case .cast(let inner, let wide, _) = value {
            let narrow = kept.map { item -> BoundExpression? in
                guard case .constant(let constant, _) = item, !constant.isNull else { return nil }
                return Self.narrowed(constant, from: wide, to: inner.type).map { .constant($0, inner.type) }
            }
            if narrow.allSatisfy({ $0 != nil }) { return .inList(inner, narrow.compactMap { $0 }) }
        }
        return .inList(value, kept)
    }

    private func caseWhen(_ branches: [CaseBranch], _ otherwise: BoundExpression, _ type: DataType) -> BoundExpression {
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
        if kept.isEmpty { return otherwise }
        // CASE WHEN p THEN TRUE ELSE FALSE END, where p is never NULL.
        if type == .boolean, kept.count == 1, kept[0].result == .true, otherwise == .false {
            if case .isNull = kept[0].condition { return kept[0].condition }
        }
        return .caseWhen(branches: kept, otherwise: otherwise, type: type)
    }

    private func coalesce(_ terms: [BoundExpression], _ type: DataType) -> BoundExpression {
        var kept: [BoundExpression] = []
        for term in terms.flatMap({ term -> [BoundExpression] in
            if case .coalesce(let inner, _) = term { return inner }
            return [term]
        }) {
            if case .constant(let value, _) = term {
                if value.isNull { continue }
                kept.append(term)
                break
            }
            if kept.contains(term), term.isDeterministic { continue }
            kept.append(term)
        }
        if kept.isEmpty { return .null(type) }
        return kept.count == 1 ? kept[0] : .coalesce(kept, type: type)
    }

    private static func isConstant(_ expression: BoundExpression) -> Bool {
        if case .constant = expression { return true }
        return false
    }
}
