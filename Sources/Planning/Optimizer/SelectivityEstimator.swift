import Expressions
import SQLTypes

/// The share of rows that a condition lets through, from ranges and distinct counts.
struct SelectivityEstimator {
    /// A comparison of which nothing is known.
    static let unknownShare = 0.25
    static let likeShare = 0.1
    /// Equality with something whose distinct values are unknown.
    static let equalShare = 0.05

    /// The rows that pass, with the columns' estimates narrowed.
    static func filtered(_ input: PlanEstimate, by conjuncts: [BoundExpression]) -> PlanEstimate {
        var result = input
        var shares: [Double] = []
        var byColumn: [Int: Double] = [:]
        for conjunct in conjuncts {
            let columns = conjunct.columns
            if columns.count == 1, let column = columns.first {
                // Conditions on one column overlap: x > 5 AND x < 9 is one range.
                if let domain = DomainExtractor.domain(of: column, in: conjunct), domain.ranges != nil {
                    let share = self.share(of: conjunct, in: input)
                    if let before = byColumn[column.id] {
                        byColumn[column.id] = max(0, before + share - 1) > 0 ? before + share - 1 : before * share
                    } else {
                        byColumn[column.id] = share
                    }
                    continue
                }
            }
            shares.append(share(of: conjunct, in: input))
        }
        for (id, share) in byColumn {
            shares.append(share)
            guard var estimate = result.columns[id] else { continue }
            estimate.domain = max(1, estimate.domain * share)
            estimate.isKeyLike = false
            result.columns[id] = estimate
        }
        // Correlated conditions: every further one counts less.
        shares.sort()
        var total = 1.0
        var exponent = 1.0
        for share in shares {
            total *= Mathematics.power(max(share, 1e-9), exponent)
            exponent *= 0.9
        }
        result.rowCount = input.rowCount * total
        if input.rowCount >= 1 { result.rowCount = max(1, result.rowCount) }
        return result
    }

    static func share(of condition: BoundExpression, in input: PlanEstimate) -> Double {
        switch condition {
        case .constant(let value, _): return value == .boolean(true) ? 1 : 0
        case .and(let terms): return terms.reduce(1) { $0 * share(of: $1, in: input) }
        case .or(let terms): return min(1, 1 - terms.reduce(1) { $0 * (1 - share(of: $1, in: input)) })
        case .not(let inner): return max(0, 1 - share(of: inner, in: input))
        case .isNull(let inner):
            guard let column = inner.asColumn, let estimate = input.columns[column.id] else { return 0.05 }
            return estimate.nullShare
        case .inList(let value, let list):
            guard let column = underlyingColumn(value), input.columns[column.id] != nil else {
                return min(0.5, equalShare * Double(list.count))
            }
            return min(1, Double(list.count) / input.columnDomain(column))
        case .comparison(let comparison, let left, let right):
            if isConstant(right) { return compare(comparison, left, right, input) }
            if isConstant(left) { return compare(comparison.flipped, right, left, input) }
            if let a = underlyingColumn(left), let b = underlyingColumn(right), comparison == .equal {
                return 1 / max(input.columnDomain(a), input.columnDomain(b))
            }
            return comparison == .equal ? 0.1 : (comparison == .notEqual ? 0.9 : 1.0 / 3)
        case .call(let call):
            if call.function.name == "$like" || call.function.name.hasPrefix("regexp_like") { return likeShare }
            return unknownShare
        case .column(let column):
            _ = column
            return 0.5
        default: return unknownShare
        }
    }

    private static func compare(
        _ comparison: ComparisonOperator, _ operand: BoundExpression, _ constant: BoundExpression, _ input: PlanEstimate
    ) -> Double {
        guard let column = underlyingColumn(operand) else {
            switch comparison {
            case .equal, .isNotDistinctFrom: return equalShare
            case .notEqual, .isDistinctFrom: return 1 - equalShare
            default: return 1.0 / 3
            }
        }
        guard input.columns[column.id] != nil else {
            switch comparison {
            case .equal, .isNotDistinctFrom: return equalShare
            case .notEqual, .isDistinctFrom: return 1 - equalShare
            default: return 1.0 / 3
            }
        }
        let domain = input.columnDomain(column)
        switch comparison {
        case .equal, .isNotDistinctFrom: return 1 / domain
        case .notEqual, .isDistinctFrom: return 1 - 1 / domain
        case .less, .lessOrEqual, .greater, .greaterOrEqual:
            guard operand.asColumn != nil, let estimate = input.columns[column.id], let low = estimate.minimum,
                let high = estimate.maximum, case .constant(let value, let type) = constant,
                let from = ColumnStatistics.position(low, type: column.type),
                let to = ColumnStatistics.position(high, type: column.type),
                let place = ColumnStatistics.position(value, type: type)
            else { return 1.0 / 3 }
            if to <= from { return place >= from ? 1 : 0.01 }
            let below = min(1, max(0, (place - from) / (to - from)))
            let share = comparison == .less || comparison == .lessOrEqual ? below : 1 - below
            return max(share, 1 / domain)
        }
    }

    private static func isConstant(_ expression: BoundExpression) -> Bool { expression.columns.isEmpty }

    /// The column behind casts and one-column functions: a function of a column has at most its distinct values.
    private static func underlyingColumn(_ expression: BoundExpression) -> ColumnReference? {
        switch expression {
        case .column(let column): column
        case .cast(let inner, _, _): underlyingColumn(inner)
        default: nil
        }
    }
}

extension PlanEstimate {
    /// Distinct values that a column may have.
    func columnDomain(_ column: ColumnReference) -> Double {
        columns[column.id]?.domain ?? max(1, rowCount * Self.unknownDistinctShare)
    }
}
