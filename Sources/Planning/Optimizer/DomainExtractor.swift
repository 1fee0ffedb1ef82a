import Expressions
import SQLTypes
import Storage

/// What a condition says about single columns, as `Domain`s: for pruning partitions, files, row groups and pages.
///
/// A domain may be wider than the condition, never narrower: rows outside it make the condition false or NULL.
public enum DomainExtractor {
    /// The domains of all columns that the conjuncts constrain.
    public static func domains(of conjuncts: [BoundExpression]) -> [ColumnReference: Domain] {
        var result: [ColumnReference: Domain] = [:]
        for conjunct in conjuncts.flatMap(\.conjuncts) {
            for column in conjunct.columns {
                guard let domain = domain(of: column, in: conjunct) else { continue }
                result[column] = result[column].map { $0.intersect(domain, type: column.type) } ?? domain
            }
        }
        return result
    }

    /// What `condition` says about `column`; nil when nothing.
    public static func domain(of column: ColumnReference, in condition: BoundExpression) -> Domain? {
        let domain = extract(column, condition)
        return domain.isAll ? nil : domain
    }

    private static func extract(_ column: ColumnReference, _ condition: BoundExpression) -> Domain {
        switch condition {
        case .constant(let value, _): return value == .boolean(true) ? .all : .none
        case .column(let reference):
            // A BOOLEAN column as a condition.
            guard reference == column, column.type == .boolean else { return .all }
            return .values([.boolean(true)], type: .boolean)
        case .and(let terms):
            return terms.reduce(Domain.all) { $0.intersect(extract(column, $1), type: column.type) }
        case .or(let terms):
            var result = Domain.none
            for term in terms {
                let domain = extract(column, term)
                if domain.isAll { return .all }
                result = result.union(domain, type: column.type)
            }
            return result
        case .isNull(let inner): return inner.asColumn == column ? .onlyNull : .all
        case .not(let inner): return negated(column, inner)
        case .inList(let value, let list):
            guard value.asColumn == column else { return nullRejecting(column, condition) }
            var values: [Value] = []
            for item in list {
                guard case .constant(let constant, let type) = item, type == column.type else { return .notNull }
                values.append(constant)
            }
            return .values(values, type: column.type)
        case .comparison(let comparison, let left, let right):
            if left.asColumn == column, case .constant(let value, let type) = right, type == column.type {
                return compare(comparison, value, type)
            }
            if right.asColumn == column, case .constant(let value, let type) = left, type == column.type {
                return compare(comparison.flipped, value, type)
            }
            if let domain = throughCast(column, comparison, left, right) { return domain }
            if let domain = throughCast(column, comparison.flipped, right, left) { return domain }
            return nullRejecting(column, condition)
        case .call(let call):
            if call.function.name == "$like", call.arguments.count == 2, call.arguments[0].asColumn == column,
                case .constant(.bytes(let pattern), _) = call.arguments[1]
            {
                return prefixDomain(pattern, type: column.type)
            }
            if call.function.name == "starts_with", call.arguments.count == 2, call.arguments[0].asColumn == column,
                case .constant(.bytes(let prefix), _) = call.arguments[1]
            {
                return startingWith(prefix, type: column.type)
            }
            return nullRejecting(column, condition)
        default: return nullRejecting(column, condition)
        }
    }

    /// Not NULL, when the condition is false or NULL for NULL.
    private static func nullRejecting(_ column: ColumnReference, _ condition: BoundExpression) -> Domain {
        condition.rejectsNulls(of: [column]) ? .notNull : .all
    }

    private static func compare(_ comparison: ComparisonOperator, _ value: Value, _ type: DataType) -> Domain {
        if value.isNull {
            switch comparison {
            case .isDistinctFrom: return .notNull
            case .isNotDistinctFrom: return .onlyNull
            default: return .none
            }
        }
        switch comparison {
        case .equal, .isNotDistinctFrom: return .comparison(.equal, value, type: type)
        case .notEqual: return .comparison(.notEqual, value, type: type)
        case .isDistinctFrom:
            let domain = Domain.comparison(.notEqual, value, type: type)
            return Domain(ranges: domain.ranges, allowsNull: true)
        case .less: return .comparison(.less, value, type: type)
        case .lessOrEqual: return .comparison(.lessOrEqual, value, type: type)
        case .greater: return .comparison(.greater, value, type: type)
        case .greaterOrEqual: return .comparison(.greaterOrEqual, value, type: type)
        }
    }

    /// NOT x: the domain of the rows where x is false.
    private static func negated(_ column: ColumnReference, _ condition: BoundExpression) -> Domain {
        switch condition {
        case .constant(let value, _): return value == .boolean(false) ? .all : .none
        case .not(let inner): return extract(column, inner)
        case .isNull(let inner): return inner.asColumn == column ? .notNull : .all
        case .column(let reference):
            guard reference == column, column.type == .boolean else { return .all }
            return .values([.boolean(false)], type: .boolean)
        case .and(let terms): return extract(column, .or(terms.map { .not($0) }))
        case .or(let terms): return extract(column, .and(terms.map { .not($0) }))
        case .comparison(let comparison, let left, let right):
            // NaN is neither below nor above: for it, NOT x < y holds where x >= y does not.
            if left.type == .real || left.type == .double {
                switch comparison {
                case .less, .lessOrEqual, .greater, .greaterOrEqual: return nullRejecting(column, condition)
                default: break
                }
            }
            return extract(column, .comparison(comparison.negated, left, right))
        case .inList(let value, let list):
            guard value.asColumn == column else { return nullRejecting(column, condition) }
            return extract(column, .conjunction(list.map { .comparison(.notEqual, value, $0) }))
        default: return nullRejecting(column, .not(condition))
        }
    }

    /// `cast(column AS wider) <comparison> constant`, for casts that keep values and order: integers and dates.
    private static func throughCast(
        _ column: ColumnReference, _ comparison: ComparisonOperator, _ operand: BoundExpression,
        _ constant: BoundExpression
    ) -> Domain? {
        guard case .cast(let inner, let wide, _) = operand, inner.asColumn == column,
            case .constant(let value, _) = constant, !value.isNull
        else { return nil }
        if column.type.isInteger, wide.isInteger, case .int = value {
            // Values outside the narrow type compare just as well in Int64.
            return compare(comparison, value, column.type)
        }
        if column.type.isInteger, case .decimal(_, let scale) = wide, scale >= 0, scale <= 18,
            case .int(let unscaled) = value
        {
            let power = (0..<scale).reduce(Int64(1)) { result, _ in result &* 10 }
            let (whole, remainder) = unscaled.quotientAndRemainder(dividingBy: power)
            if remainder == 0 { return compare(comparison, .int(whole), column.type) }
            let floor = unscaled < 0 ? whole - 1 : whole
            switch comparison {
            case .less, .lessOrEqual: return compare(.lessOrEqual, .int(floor), column.type)
            case .greater, .greaterOrEqual: return compare(.greater, .int(floor), column.type)
            case .equal, .isNotDistinctFrom: return Domain.none
            case .notEqual: return .notNull
            case .isDistinctFrom: return nil
            }
        }
        if column.type == .date, case .timestamp(let precision) = wide, precision <= 6, case .int(let micros) = value {
            let day: Int64 = 86_400_000_000
            let floor = micros >= 0 ? micros / day : -((-micros + day - 1) / day)
            let isWhole = floor * day == micros
            switch comparison {
            case .less: return compare(isWhole ? .less : .lessOrEqual, .int(floor), .date)
            case .lessOrEqual: return compare(.lessOrEqual, .int(floor), .date)
            case .greater: return compare(.greater, .int(floor), .date)
            case .greaterOrEqual: return compare(isWhole ? .greaterOrEqual : .greater, .int(floor), .date)
            case .equal, .isNotDistinctFrom: return isWhole ? compare(.equal, .int(floor), .date) : Domain.none
            case .notEqual: return isWhole ? compare(.notEqual, .int(floor), .date) : .notNull
            case .isDistinctFrom: return nil
            }
        }
        // cast(timestamp AS date) compared with a day.
        if case .timestamp(let precision) = column.type, precision <= 6, wide == .date,
            case .int(let dayNumber) = value,
            abs(dayNumber) < 100_000_000
        {
            let day: Int64 = 86_400_000_000
            let start = Value.int(dayNumber * day)
            let end = Value.int((dayNumber + 1) * day)
            switch comparison {
            case .less: return compare(.less, start, column.type)
            case .lessOrEqual: return compare(.less, end, column.type)
            case .greater: return compare(.greaterOrEqual, end, column.type)
            case .greaterOrEqual: return compare(.greaterOrEqual, start, column.type)
            case .equal, .isNotDistinctFrom:
                return compare(.greaterOrEqual, start, column.type).intersect(
                    compare(.less, end, column.type), type: column.type)
            case .notEqual, .isDistinctFrom: return nil
            }
        }
        if column.type.isCharacter, case .varchar = column.type, case .varchar = wide, case .bytes = value {
            // Widening keeps the text; narrowing cuts it.
            guard Self.isWidening(column.type, wide) else { return nil }
            return compare(comparison, value, column.type)
        }
        return nil
    }

    private static func isWidening(_ narrow: DataType, _ wide: DataType) -> Bool {
        guard case .varchar(let a) = narrow, case .varchar(let b) = wide else { return false }
        guard let b else { return true }
        guard let a else { return false }
        return b >= a
    }

    /// `LIKE 'abc%'`: from 'abc' to before 'abd'.
    private static func prefixDomain(_ pattern: [UInt8], type: DataType) -> Domain {
        guard case .varchar = type else { return .notNull }
        let wild = pattern.firstIndex { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "_") }
        guard let wild else { return .values([.bytes(pattern)], type: type) }
        return startingWith(Array(pattern[..<wild]), type: type)
    }

    private static func startingWith(_ prefix: [UInt8], type: DataType) -> Domain {
        guard case .varchar = type, !prefix.isEmpty else { return .notNull }
        var next = prefix
        while let last = next.last, last == 0xFF { next.removeLast() }
        var high: Domain.Bound?
        if let last = next.last {
            next[next.count - 1] = last + 1
            high = Domain.Bound(.bytes(next), isInclusive: false)
        }
        let range = Domain.ValueRange(low: Domain.Bound(.bytes(prefix), isInclusive: true), high: high)
        return Domain(ranges: [range], allowsNull: false)
    }
}
