import SQLTypes

/// The values that a condition lets through for one column: ranges and whether NULL passes.
///
/// Bounds are values of the column's table type. Used only to leave things out, so it may be wider than the truth,
/// never narrower.
public struct Domain: Sendable, Hashable {
    public struct Bound: Sendable, Hashable {
        public var value: Value
        public var isInclusive: Bool

        public init(_ value: Value, isInclusive: Bool) {
            self.value = value
            self.isInclusive = isInclusive
        }
    }

    /// From `low` to `high`; nil is unbounded.
    public struct ValueRange: Sendable, Hashable {
        public var low: Bound?
        public var high: Bound?

        public init(low: Bound?, high: Bound?) {
            self.low = low
            self.high = high
        }

        public static func exactly(_ value: Value) -> ValueRange {
            ValueRange(low: Bound(value, isInclusive: true), high: Bound(value, isInclusive: true))
        }
    }

    /// Disjoint, ascending. nil means every value; empty means none.
    public var ranges: [ValueRange]?
    public var allowsNull: Bool

    public init(ranges: [ValueRange]?, allowsNull: Bool) {
        self.ranges = ranges
        self.allowsNull = allowsNull
    }

    public static let all = Domain(ranges: nil, allowsNull: true)
    public static let notNull = Domain(ranges: nil, allowsNull: false)
    public static let none = Domain(ranges: [], allowsNull: false)

    public var isAll: Bool { ranges == nil && allowsNull }
}
