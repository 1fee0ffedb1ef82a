import SQLTypes

/// Making, combining and testing domains. Every operation may answer wider than the truth, never narrower: where two
/// bounds cannot be compared (NaN, a foreign layout) the result lets everything through.
extension Domain {
    /// A domain of more ranges than this is replaced by the range that spans them: testing it would cost more than it
    /// saves.
    public static let maxRangeCount = 1_000

    // MARK: Making

    /// `column <comparison> value` for a value that is not NULL. NaN and types without order give `.notNull`.
    public static func comparison(_ comparison: DomainComparison, _ value: Value, type: DataType) -> Domain {
        // NULL or NaN on the constant side, or a type without order.
        guard Value.compare(value, value, as: type) == 0 else { return .notNull }
        switch comparison {
        case .equal: return Domain(ranges: [.exactly(value)], allowsNull: false)
        case .notEqual:
            // Statistics leave NaN out, and NaN <> x holds.
            if type == .real || type == .double { return .notNull }
            let below = ValueRange(low: nil, high: Bound(value, isInclusive: false))
            let above = ValueRange(low: Bound(value, isInclusive: false), high: nil)
            return Domain(ranges: [below, above], allowsNull: false)
        case .less:
            return Domain(ranges: [ValueRange(low: nil, high: Bound(value, isInclusive: false))], allowsNull: false)
        case .lessOrEqual:
            return Domain(ranges: [ValueRange(low: nil, high: Bound(value, isInclusive: true))], allowsNull: false)
        case .greater:
            return Domain(ranges: [ValueRange(low: Bound(value, isInclusive: false), high: nil)], allowsNull: false)
        case .greaterOrEqual:
            return Domain(ranges: [ValueRange(low: Bound(value, isInclusive: true), high: nil)], allowsNull: false)
        }
    }

    /// `column IN (values)`; NULLs among them match nothing.
    public static func values(_ values: [Value], type: DataType) -> Domain {
        let known = values.filter { !$0.isNull }
        guard known.allSatisfy({ Value.compare($0, $0, as: type) == 0 }) else { return .notNull }
        let sorted = known.sorted { (Value.compare($0, $1, as: type) ?? 0) < 0 }
        var ranges: [ValueRange] = []
        for value in sorted {
            if let last = ranges.last?.low?.value, Value.compare(last, value, as: type) == 0 { continue }
            ranges.append(.exactly(value))
        }
        return Domain(ranges: ranges, allowsNull: false).limited()
    }

    /// `low <= column <= high`, for dynamic filters of a join's build side.
    public static func between(_ low: Value, _ high: Value) -> Domain {
        Domain(
            ranges: [ValueRange(low: Bound(low, isInclusive: true), high: Bound(high, isInclusive: true))],
            allowsNull: false)
    }

    public static let onlyNull = Domain(ranges: [], allowsNull: true)

    // MARK: Looking

    /// Nothing passes.
    public var isNone: Bool { ranges?.isEmpty == true && !allowsNull }

    /// The values, when the domain is a finite list of single values (NULL aside).
    public var discreteValues: [Value]? {
        guard let ranges else { return nil }
        var values: [Value] = []
        values.reserveCapacity(ranges.count)
        for range in ranges {
            guard let low = range.low, let high = range.high, low.isInclusive, high.isInclusive,
                low.value == high.value
            else { return nil }
            values.append(low.value)
        }
        return values
    }

    /// Lower bound of all ranges; nil when unbounded or when there is none.
    public var low: Bound? { ranges?.first?.low }
    /// Upper bound of all ranges; nil when unbounded or when there is none.
    public var high: Bound? { ranges?.last?.high }

    /// Whether the value may pass.
    public func contains(_ value: Value, type: DataType) -> Bool {
        if value.isNull { return allowsNull }
        guard let ranges else { return true }
        return ranges.contains { range in
            if let low = range.low {
                guard let order = Value.compare(value, low.value, as: type) else { return true }
                if order < 0 || (order == 0 && !low.isInclusive) { return false }
            }
            if let high = range.high {
                guard let order = Value.compare(value, high.value, as: type) else { return true }
                if order > 0 || (order == 0 && !high.isInclusive) { return false }
            }
            return true
        }
    }

    /// Whether rows with these statistics may hold a value that passes: false proves that none does.
    ///
    /// `min` and `max` are inclusive bounds of the non-null values (nil: unknown); `nullCount` nil is unknown;
    /// `rowCount`, where known, tells whether all rows are NULL.
    public func overlaps(min: Value?, max: Value?, nullCount: Int?, rowCount: Int? = nil, type: DataType) -> Bool {
        if allowsNull, nullCount != 0 { return true }
        if let rowCount, let nullCount, rowCount == nullCount { return false }
        guard let ranges else { return true }
        return ranges.contains { range in
            if let low = range.low, let max {
                guard let order = Value.compare(max, low.value, as: type) else { return true }
                if order < 0 || (order == 0 && !low.isInclusive) { return false }
            }
            if let high = range.high, let min {
                guard let order = Value.compare(min, high.value, as: type) else { return true }
                if order > 0 || (order == 0 && !high.isInclusive) { return false }
            }
            return true
        }
    }

    /// Whether every row with these statistics passes: the filter need not run.
    public func containsAll(min: Value?, max: Value?, nullCount: Int?, type: DataType) -> Bool {
        if !allowsNull, nullCount != 0 { return false }
        guard let ranges else { return true }
        // NaN may hide between exact bounds.
        guard let min, let max, type != .real, type != .double else { return false }
        return ranges.contains { range in
            if let low = range.low {
                guard let order = Value.compare(min, low.value, as: type) else { return false }
                if order < 0 || (order == 0 && !low.isInclusive) { return false }
            }
            if let high = range.high {
                guard let order = Value.compare(max, high.value, as: type) else { return false }
                if order > 0 || (order == 0 && !high.isInclusive) { return false }
            }
            return true
        }
    }

    // MARK: Combining

    /// What passes both.
    public func intersect(_ other: Domain, type: DataType) -> Domain {
        let nulls = allowsNull && other.allowsNull
        guard let mine = ranges else { return Domain(ranges: other.ranges, allowsNull: nulls) }
        guard let theirs = other.ranges else { return Domain(ranges: mine, allowsNull: nulls) }
        var result: [ValueRange] = []
        var (i, j) = (0, 0)
        while i < mine.count, j < theirs.count {
            let (a, b) = (mine[i], theirs[j])
            guard let low = Self.compareLow(a.low, b.low, type), let high = Self.compareHigh(a.high, b.high, type)
            else { return Domain(ranges: mine, allowsNull: nulls) }
            let meet = ValueRange(low: low >= 0 ? a.low : b.low, high: high <= 0 ? a.high : b.high)
            guard let isEmpty = Self.isEmpty(meet, type) else { return Domain(ranges: mine, allowsNull: nulls) }
            if !isEmpty { result.append(meet) }
            if high <= 0 { i += 1 } else { j += 1 }
        }
        return Domain(ranges: result, allowsNull: nulls)
    }

    /// What passes either.
    public func union(_ other: Domain, type: DataType) -> Domain {
        let nulls = allowsNull || other.allowsNull
        guard let mine = ranges, let theirs = other.ranges else { return Domain(ranges: nil, allowsNull: nulls) }
        if mine.isEmpty { return Domain(ranges: theirs, allowsNull: nulls) }
        if theirs.isEmpty { return Domain(ranges: mine, allowsNull: nulls) }
        var sorted: [ValueRange] = []
        sorted.reserveCapacity(mine.count + theirs.count)
        var (i, j) = (0, 0)
        while i < mine.count || j < theirs.count {
            if j == theirs.count {
                sorted.append(mine[i])
                i += 1
            } else if i == mine.count {
                sorted.append(theirs[j])
                j += 1
            } else {
                guard let order = Self.compareLow(mine[i].low, theirs[j].low, type) else {
                    return Domain(ranges: nil, allowsNull: nulls)
                }
                if order <= 0 {
                    sorted.append(mine[i])
                    i += 1
                } else {
                    sorted.append(theirs[j])
                    j += 1
                }
            }
        }
        var merged: [ValueRange] = []
        for range in sorted {
            guard let last = merged.last else {
                merged.append(range)
                continue
            }
            guard let touches = Self.touches(last, range, type),
                let high = Self.compareHigh(last.high, range.high, type)
            else { return Domain(ranges: nil, allowsNull: nulls) }
            if touches {
                if high < 0 { merged[merged.count - 1].high = range.high }
            } else {
                merged.append(range)
            }
        }
        if merged.count == 1, merged[0].low == nil, merged[0].high == nil {
            return Domain(ranges: nil, allowsNull: nulls)
        }
        return Domain(ranges: merged, allowsNull: nulls).limited()
    }

    private func limited() -> Domain {
        guard let ranges, ranges.count > Self.maxRangeCount else { return self }
        return Domain(ranges: [ValueRange(low: ranges.first?.low, high: ranges.last?.high)], allowsNull: allowsNull)
    }

    /// Order of lower bounds: nil is lowest, an inclusive bound is below the exclusive one of the same value.
    private static func compareLow(_ a: Bound?, _ b: Bound?, _ type: DataType) -> Int? {
        guard let a else { return b == nil ? 0 : -1 }
        guard let b else { return 1 }
        guard let order = Value.compare(a.value, b.value, as: type) else { return nil }
        if order != 0 || a.isInclusive == b.isInclusive { return order }
        return a.isInclusive ? -1 : 1
    }

    /// Order of upper bounds: nil is highest, an inclusive bound is above the exclusive one of the same value.
    private static func compareHigh(_ a: Bound?, _ b: Bound?, _ type: DataType) -> Int? {
        guard let a else { return b == nil ? 0 : 1 }
        guard let b else { return -1 }
        guard let order = Value.compare(a.value, b.value, as: type) else { return nil }
        if order != 0 || a.isInclusive == b.isInclusive { return order }
        return a.isInclusive ? 1 : -1
    }

    private static func isEmpty(_ range: ValueRange, _ type: DataType) -> Bool? {
        guard let low = range.low, let high = range.high else { return false }
        guard let order = Value.compare(low.value, high.value, as: type) else { return nil }
        return order > 0 || (order == 0 && !(low.isInclusive && high.isInclusive))
    }

    /// Whether `b`, which starts at or after `a`, overlaps `a` or adjoins it.
    private static func touches(_ a: ValueRange, _ b: ValueRange, _ type: DataType) -> Bool? {
        guard let high = a.high, let low = b.low else { return true }
        guard let order = Value.compare(low.value, high.value, as: type) else { return nil }
        return order < 0 || (order == 0 && (high.isInclusive || low.isInclusive))
    }
}

/// The comparisons that have a domain.
public enum DomainComparison: Sendable, Hashable {
    case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
}
