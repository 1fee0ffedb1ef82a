import SQLTypes

extension BoundExpression {
    /// The expression is NULL or FALSE when all of `columns` are NULL, so a filter with it drops such rows.
    public func rejectsNulls(of columns: Set<ColumnReference>) -> Bool {
        switch self {
        case .constant(let value, _): value.isNull || value == .boolean(false)
        case .and(let terms): terms.contains { $0.rejectsNulls(of: columns) }
        case .or(let terms): terms.allSatisfy { $0.rejectsNulls(of: columns) }
        case .not(.isNull(let inner)): inner.isNull(whenNull: columns)
        case .not(let inner): inner.isNull(whenNull: columns)
        case .isNull, .coalesce, .caseWhen, .tryExpression, .makeRow, .lambda: false
        case .comparison(let comparison, let left, let right):
            switch comparison {
            case .isDistinctFrom, .isNotDistinctFrom: false
            default: left.isNull(whenNull: columns) || right.isNull(whenNull: columns)
            }
        default: isNull(whenNull: columns)
        }
    }

    /// The expression is surely NULL when all of `columns` are NULL.
    public func isNull(whenNull columns: Set<ColumnReference>) -> Bool {
        switch self {
        case .constant(let value, _): return value.isNull
        case .column(let column): return columns.contains(column)
        case .call(let call):
            if case .propagate = call.function.nulls {
                return call.arguments.contains { $0.isNull(whenNull: columns) }
            }
            return false
        case .comparison(let comparison, let left, let right):
            switch comparison {
            case .isDistinctFrom, .isNotDistinctFrom: return false
            default: return left.isNull(whenNull: columns) || right.isNull(whenNull: columns)
            }
        case .not(let inner), .cast(let inner, _, _), .field(let inner, _, _), .tryExpression(let inner):
            return inner.isNull(whenNull: columns)
        case .inList(let value, _), .nullIf(let value, _): return value.isNull(whenNull: columns)
        case .and(let terms), .or(let terms), .coalesce(let terms, _):
            return terms.allSatisfy { $0.isNull(whenNull: columns) }
        case .caseWhen(let branches, let otherwise, _):
            return otherwise.isNull(whenNull: columns)
                && branches.allSatisfy { $0.result.isNull(whenNull: columns) }
        case .isNull, .makeRow, .lambda: return false
        }
    }
}
