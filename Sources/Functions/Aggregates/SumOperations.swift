import SQLTypes

/// sum(tinyint ... bigint) and sums of intervals.
struct SumIntegers<T: FixedWidthInteger & SignedInteger, Output: FixedWidthInteger & SignedInteger & Sendable>:
    FoldOperation
{
    var stateFamily: String? { "integers" }
    let typeName: String

    @inline(__always)
    func add(_ state: UnsafeMutablePointer<WideSum>, _ value: T) {
        WideSum.add(state, Int64(truncatingIfNeeded: value))
    }
    @inline(__always)
    func addAll(_ state: UnsafeMutablePointer<WideSum>, _ values: UnsafePointer<T>, _ count: Int) {
        WideSum.addAll(state, values, count)
    }
    func combine(_ state: UnsafeMutablePointer<WideSum>, _ other: UnsafePointer<WideSum>) {
        WideSum.combine(state, other)
    }
    func result(_ state: UnsafePointer<WideSum>) throws -> Output? {
        if state.pointee.count == 0 { return nil }
        guard let value = Output(exactly: state.pointee.total) else {
            throw QueryError(.numericValueOutOfRange, "\(typeName) addition overflow")
        }
        return value
    }
}

/// sum(decimal) to 18 digits: the result has 38.
struct SumShortDecimals: FoldOperation {
    var stateFamily: String? { "integers" }
    @inline(__always)
    func add(_ state: UnsafeMutablePointer<WideSum>, _ value: Int64) { WideSum.add(state, value) }
    @inline(__always)
    func addAll(_ state: UnsafeMutablePointer<WideSum>, _ values: UnsafePointer<Int64>, _ count: Int) {
        WideSum.addAll(state, values, count)
    }
    func combine(_ state: UnsafeMutablePointer<WideSum>, _ other: UnsafePointer<WideSum>) {
        WideSum.combine(state, other)
    }
    func result(_ state: UnsafePointer<WideSum>) throws -> Int128? {
        state.pointee.count == 0 ? nil : state.pointee.total
    }
}

/// sum(decimal) above 18 digits.
struct SumLongDecimals: FoldOperation {
    var stateFamily: String? { "decimals" }
    @inline(__always)
    func add(_ state: UnsafeMutablePointer<HugeSum>, _ value: Int128) {
        HugeSum.add(
            state, low: UInt64(truncatingIfNeeded: value), high: UInt64(truncatingIfNeeded: value >> 64),
            top: value < 0 ? -1 : 0, count: 1)
    }
    func combine(_ state: UnsafeMutablePointer<HugeSum>, _ other: UnsafePointer<HugeSum>) {
        let other = other.pointee
        HugeSum.add(state, low: other.low, high: other.high, top: other.top, count: other.count)
    }
    func result(_ state: UnsafePointer<HugeSum>) throws -> Int128? {
        if state.pointee.count == 0 { return nil }
        guard let total = state.pointee.total, !Decimal.overflows(total, precision: DataType.maxDecimalPrecision) else {
            throw QueryError(.numericValueOutOfRange, "Decimal overflow")
        }
        return total
    }
}

/// avg(decimal) above 18 digits, rounded half up.
struct AverageLongDecimals: FoldOperation {
    var stateFamily: String? { "decimals" }
    @inline(__always)
    func add(_ state: UnsafeMutablePointer<HugeSum>, _ value: Int128) { SumLongDecimals().add(state, value) }
    func combine(_ state: UnsafeMutablePointer<HugeSum>, _ other: UnsafePointer<HugeSum>) {
        SumLongDecimals().combine(state, other)
    }
    func result(_ state: UnsafePointer<HugeSum>) throws -> Int128? {
        if state.pointee.count == 0 { return nil }
        guard let total = state.pointee.total else {
            throw QueryError(.numericValueOutOfRange, "Decimal overflow")
        }
        return roundedQuotient(total, state.pointee.count)
    }
}

/// avg(decimal) to 18 digits, rounded half up.
struct AverageShortDecimals: FoldOperation {
    var stateFamily: String? { "integers" }
    @inline(__always)
    func add(_ state: UnsafeMutablePointer<WideSum>, _ value: Int64) { WideSum.add(state, value) }
    @inline(__always)
    func addAll(_ state: UnsafeMutablePointer<WideSum>, _ values: UnsafePointer<Int64>, _ count: Int) {
        WideSum.addAll(state, values, count)
    }
    func combine(_ state: UnsafeMutablePointer<WideSum>, _ other: UnsafePointer<WideSum>) {
        WideSum.combine(state, other)
    }
    func result(_ state: UnsafePointer<WideSum>) throws -> Int64? {
        state.pointee.count == 0
            ? nil : Int64(truncatingIfNeeded: roundedQuotient(state.pointee.total, state.pointee.count))
    }
}

/// avg of integers as a double, from the exact sum.
struct AverageIntegers<T: FixedWidthInteger & SignedInteger>: FoldOperation {
    var stateFamily: String? { "integers" }
    @inline(__always)
    func add(_ state: UnsafeMutablePointer<WideSum>, _ value: T) {
        WideSum.add(state, Int64(truncatingIfNeeded: value))
    }
    @inline(__always)
    func addAll(_ state: UnsafeMutablePointer<WideSum>, _ values: UnsafePointer<T>, _ count: Int) {
        WideSum.addAll(state, values, count)
    }
    func combine(_ state: UnsafeMutablePointer<WideSum>, _ other: UnsafePointer<WideSum>) {
        WideSum.combine(state, other)
    }
    func result(_ state: UnsafePointer<WideSum>) throws -> Double? {
        state.pointee.count == 0 ? nil : Decimal.nearestDouble(state.pointee.total) / Double(state.pointee.count)
    }
}

/// avg of intervals: an interval.
struct AverageIntervals<T: FixedWidthInteger & SignedInteger & Sendable>: FoldOperation {
    var stateFamily: String? { "integers" }
    @inline(__always)
    func add(_ state: UnsafeMutablePointer<WideSum>, _ value: T) {
        WideSum.add(state, Int64(truncatingIfNeeded: value))
    }
    func combine(_ state: UnsafeMutablePointer<WideSum>, _ other: UnsafePointer<WideSum>) {
        WideSum.combine(state, other)
    }
    func result(_ state: UnsafePointer<WideSum>) throws -> T? {
        state.pointee.count == 0
            ? nil : T(truncatingIfNeeded: roundedQuotient(state.pointee.total, state.pointee.count))
    }
}

private func roundedQuotient(_ total: Int128, _ count: Int64) -> Int128 {
    let divisor = Int128(count)
    let (quotient, remainder) = total.quotientAndRemainder(dividingBy: divisor)
    let magnitude = remainder.magnitude
    if magnitude >= divisor.magnitude &- magnitude { return total < 0 ? quotient &- 1 : quotient &+ 1 }
    return quotient
}

/// A sum of doubles and their number.
struct DoubleSum {
    var sum: Double
    var count: Int64

    @inline(__always)
    static func addAll<T: BinaryFloatingPoint>(
        _ state: UnsafeMutablePointer<DoubleSum>, _ values: UnsafePointer<T>, _ count: Int
    ) {
        // Four sums side by side: additions need not wait for one another.
        var a = 0.0
        var b = 0.0
        var c = 0.0
        var d = 0.0
        var index = 0
        while index &+ 4 <= count {
            a += Double(values[index])
            b += Double(values[index &+ 1])
            c += Double(values[index &+ 2])
            d += Double(values[index &+ 3])
            index &+= 4
        }
        while index < count {
            a += Double(values[index])
            index &+= 1
        }
        state.pointee.sum += (a + b) + (c + d)
        state.pointee.count &+= Int64(count)
    }
}

/// sum and avg of real and double.
struct SumFloats<T: BinaryFloatingPoint & Sendable>: FoldOperation {
    var stateFamily: String? { "floats" }
    let isAverage: Bool

    @inline(__always)
    func add(_ state: UnsafeMutablePointer<DoubleSum>, _ value: T) {
        state.pointee.sum += Double(value)
        state.pointee.count &+= 1
    }
    @inline(__always)
    func addAll(_ state: UnsafeMutablePointer<DoubleSum>, _ values: UnsafePointer<T>, _ count: Int) {
        DoubleSum.addAll(state, values, count)
    }
    func combine(_ state: UnsafeMutablePointer<DoubleSum>, _ other: UnsafePointer<DoubleSum>) {
        state.pointee.sum += other.pointee.sum
        state.pointee.count &+= other.pointee.count
    }
    func result(_ state: UnsafePointer<DoubleSum>) throws -> T? {
        if state.pointee.count == 0 { return nil }
        return T(isAverage ? state.pointee.sum / Double(state.pointee.count) : state.pointee.sum)
    }
}
