import Metastore
import SQLTypes
import Storage

/// What is known about a table's data before it is read: from the catalog and from file footers.
public protocol StatisticsProvider: Sendable {
    /// Facts about the rows that a scan would read with its partitions as they are (its `filter` not applied); nil
    /// when nothing is known. May be asked more than once for the same scan: the provider remembers.
    func statistics(of scan: TableScan) throws -> TableStatistics?
    /// Facts about one file set of partitions: rows, minima and so on only where they are exact. Used to answer
    /// count, min and max without reading. nil when any file's facts are not exact.
    func exactStatistics(of scan: TableScan) throws -> TableStatistics?
}

/// No statistics at all.
public struct NoStatistics: StatisticsProvider {
    public init() {}
    public func statistics(of scan: TableScan) throws -> TableStatistics? { nil }
    public func exactStatistics(of scan: TableScan) throws -> TableStatistics? { nil }
}

public struct TableStatistics: Sendable {
    public var rowCount: Double
    public var byteCount: Double
    /// By lower-case column name.
    public var columns: [String: ColumnStatistics]

    public init(rowCount: Double, byteCount: Double, columns: [String: ColumnStatistics] = [:]) {
        self.rowCount = rowCount
        self.byteCount = byteCount
        self.columns = columns
    }

    /// The facts of many files as one. A column that one of them lacks facts about keeps none.
    ///
    /// Distinct counts of files are combined by looking at their ranges: files with disjoint ranges add up, files
    /// with the same range share their values.
    public init(merging summaries: [FileSummary], types: [String: DataType]) {
        rowCount = 0
        byteCount = 0
        columns = [:]
        for summary in summaries {
            rowCount += Double(summary.rowCount)
            byteCount += Double(summary.byteCount)
        }
        for (name, type) in types {
            var merged: ColumnStatistics?
            for summary in summaries where summary.rowCount > 0 {
                guard let column = summary.columns[name] else {
                    merged = nil
                    break
                }
                let next = ColumnStatistics(column, type: type)
                merged = merged.map { $0.merged(next, type: type) } ?? next
            }
            if let merged { columns[name] = merged }
        }
    }
}

public struct ColumnStatistics: Sendable {
    /// Inclusive bounds, values of the table's type; nil when unknown.
    public var minimum: Value?
    public var maximum: Value?
    /// The bounds occur as values, for every file.
    public var boundsAreExact: Bool
    /// nil when unknown.
    public var nullCount: Double?
    public var distinctCount: Double?
    public var byteCount: Double

    public init(
        minimum: Value? = nil, maximum: Value? = nil, boundsAreExact: Bool = false, nullCount: Double? = nil,
        distinctCount: Double? = nil, byteCount: Double = 0
    ) {
        self.minimum = minimum
        self.maximum = maximum
        self.boundsAreExact = boundsAreExact
        self.nullCount = nullCount
        self.distinctCount = distinctCount
        self.byteCount = byteCount
    }

    /// A file's facts about a column that the table declares as `type`. Bounds are kept when the file's type lays its
    /// values out as the table's does.
    init(_ summary: ColumnSummary, type: DataType) {
        let isSame = summary.type == type
        let keepsBounds =
            isSame || (summary.type.isInteger && type.isInteger)
            || (summary.type.isCharacter && type == .varcharUnbounded)
        self.init(
            minimum: keepsBounds ? summary.minimum : nil, maximum: keepsBounds ? summary.maximum : nil,
            boundsAreExact: isSame && summary.boundsAreExact, nullCount: summary.nullCount.map(Double.init),
            distinctCount: summary.distinctCount.map(Double.init), byteCount: Double(summary.byteCount))
        if type == .real || type == .double { boundsAreExact = false }
    }

    func merged(_ other: ColumnStatistics, type: DataType) -> ColumnStatistics {
        var result = ColumnStatistics(
            boundsAreExact: boundsAreExact && other.boundsAreExact, byteCount: byteCount + other.byteCount)
        if let a = nullCount, let b = other.nullCount { result.nullCount = a + b }
        if let a = minimum, let b = other.minimum, let order = Value.compare(a, b, as: type) {
            result.minimum = order <= 0 ? a : b
        }
        if let a = maximum, let b = other.maximum, let order = Value.compare(a, b, as: type) {
            result.maximum = order >= 0 ? a : b
        }
        if result.minimum == nil || result.maximum == nil { result.boundsAreExact = false }
        if let a = distinctCount, let b = other.distinctCount {
            var areDisjoint = false
            if let high = maximum, let low = other.minimum, let order = Value.compare(high, low, as: type), order < 0 {
                areDisjoint = true
            }
            if let high = other.maximum, let low = minimum, let order = Value.compare(high, low, as: type), order < 0 {
                areDisjoint = true
            }
            result.distinctCount = areDisjoint ? a + b : max(a, b)
        }
        return result
    }

    /// How far a value lies along the number line, for interpolation; nil for types without such a line.
    static func position(_ value: Value, type: DataType) -> Double? {
        switch value {
        case .int(let number):
            if case .decimal(_, let scale) = type { return Double(number) / powerOfTen(scale) }
            return Double(number)
        case .int128(let number):
            switch type {
            case .decimal(_, let scale): return Double(number) / powerOfTen(scale)
            case .timestampWithTimeZone, .timeWithTimeZone: return Double(number >> 16)
            case .timestamp: return Double(number)
            default: return nil
            }
        case .real(let number): return number.isFinite ? Double(number) : nil
        case .double(let number): return number.isFinite ? number : nil
        case .boolean(let flag): return flag ? 1 : 0
        case .bytes(let bytes):
            // The first bytes as a fraction: enough to place a text between two others.
            var result = 0.0
            var weight = 1.0
            for byte in bytes.prefix(6) {
                weight /= 256
                result += Double(byte) * weight
            }
            return result
        case .null, .array, .map, .row: return nil
        }
    }

    private static func powerOfTen(_ exponent: Int) -> Double {
        var result = 1.0
        for _ in 0..<max(0, exponent) { result *= 10 }
        return result
    }
}
