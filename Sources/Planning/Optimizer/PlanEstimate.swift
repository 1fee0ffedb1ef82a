import Expressions
import SQLTypes

/// What a node's output is expected to be: rows, and per column id what is known of its values.
public struct PlanEstimate: Sendable {
    public var rowCount: Double
    public var columns: [Int: ColumnEstimate]

    public init(rowCount: Double, columns: [Int: ColumnEstimate] = [:]) {
        self.rowCount = max(rowCount, 0)
        self.columns = columns
    }

    /// Expected number of distinct values of a column among the rows.
    public func distinctCount(of column: ColumnReference) -> Double {
        guard let estimate = columns[column.id] else { return max(1, rowCount * Self.unknownDistinctShare) }
        return max(1, min(estimate.domain, rowCount))
    }

    /// Expected number of distinct combinations of columns.
    public func distinctCount(of keys: [ColumnReference]) -> Double {
        var product = 1.0
        // Later keys are rarely independent of the earlier ones.
        for (index, count) in keys.map({ distinctCount(of: $0) }).sorted(by: >).enumerated() {
            product *= index == 0 ? count : max(1, count * 0.9)
            if product >= rowCount { return max(1, rowCount) }
        }
        return max(1, min(product, rowCount))
    }

    /// Bytes of one row as operators keep it.
    public func rowWidth(of references: [ColumnReference]) -> Double {
        references.reduce(8) { total, column in
            switch column.type.physical {
            case .string: total + 16 + (columns[column.id]?.averageWidth ?? 16)
            case .list, .map, .row: total + 64
            default: total + Double(column.type.physical.byteCount)
            }
        }
    }

    /// Share of rows that are distinct when nothing is known.
    static let unknownDistinctShare = 0.2
    /// Rows of a table without statistics.
    static let unknownRowCount = 100_000.0
}

public struct ColumnEstimate: Sendable {
    /// Distinct values that the column may have, whatever filters on other columns leave of the rows: the divisor of
    /// join estimates.
    public var domain: Double
    /// The values of the base table seem to be unique (a key).
    public var isKeyLike: Bool
    public var minimum: Value?
    public var maximum: Value?
    public var nullShare: Double
    public var averageWidth: Double?

    public init(
        domain: Double, isKeyLike: Bool = false, minimum: Value? = nil, maximum: Value? = nil, nullShare: Double = 0,
        averageWidth: Double? = nil
    ) {
        self.domain = max(1, domain)
        self.isKeyLike = isKeyLike
        self.minimum = minimum
        self.maximum = maximum
        self.nullShare = nullShare
        self.averageWidth = averageWidth
    }
}
