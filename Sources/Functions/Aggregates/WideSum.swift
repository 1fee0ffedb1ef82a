import SQLTypes

/// An exact sum of 64-bit integers: 128 bits in two words (aligned to 8 only), and how many were added.
struct WideSum {
    var low: UInt64
    var high: Int64
    var count: Int64

    @inline(__always)
    static func add(_ state: UnsafeMutablePointer<WideSum>, _ value: Int64) {
        let (low, carry) = state.pointee.low.addingReportingOverflow(UInt64(bitPattern: value))
        state.pointee.low = low
        state.pointee.high &+= (value &>> 63) &+ Int64(unsafeBitCast(carry, to: UInt8.self))
        state.pointee.count &+= 1
    }

    @inline(__always)
    static func combine(_ state: UnsafeMutablePointer<WideSum>, _ other: UnsafePointer<WideSum>) {
        let (low, carry) = state.pointee.low.addingReportingOverflow(other.pointee.low)
        state.pointee.low = low
        state.pointee.high &+= other.pointee.high &+ Int64(unsafeBitCast(carry, to: UInt8.self))
        state.pointee.count &+= other.pointee.count
    }

    /// Adds many: low and high halves apart, so that no carry stands in the way of vector instructions.
    @inline(__always)
    static func addAll<T: FixedWidthInteger & SignedInteger>(
        _ state: UnsafeMutablePointer<WideSum>, _ values: UnsafePointer<T>, _ count: Int
    ) {
        var start = 0
        // Sums of 32-bit halves stay within 64 bits for 2^31 values.
        while start < count {
            let end = min(count, start + 1 << 30)
            var total: Int128
            if MemoryLayout<T>.size < 8 {
                var sum: Int64 = 0
                for index in start..<end { sum &+= Int64(truncatingIfNeeded: values[index]) }
                total = Int128(sum)
            } else {
                var low: UInt64 = 0
                var high: Int64 = 0
                for index in start..<end {
                    let value = Int64(truncatingIfNeeded: values[index])
                    low &+= UInt64(bitPattern: value) & 0xffff_ffff
                    high &+= value &>> 32
                }
                total = Int128(high) << 32 + Int128(low)
            }
            total =
                total
                &+ Int128(
                    truncatingIfNeeded: UInt128(state.pointee.low) | UInt128(UInt64(bitPattern: state.pointee.high))
                        << 64)
            state.pointee.low = UInt64(truncatingIfNeeded: total)
            state.pointee.high = Int64(truncatingIfNeeded: total >> 64)
            start = end
        }
        state.pointee.count &+= Int64(count)
    }

    var total: Int128 {
        Int128(truncatingIfNeeded: UInt128(low) | UInt128(UInt64(bitPattern: high)) << 64)
    }
}

/// An exact sum of Int128, with a third word for what does not fit.
struct HugeSum {
    var low: UInt64
    var high: UInt64
    var top: Int64
    var count: Int64

    @inline(__always)
    static func add(_ state: UnsafeMutablePointer<HugeSum>, low: UInt64, high: UInt64, top: Int64, count: Int64) {
        let (newLow, carry) = state.pointee.low.addingReportingOverflow(low)
        let (partial, carry1) = state.pointee.high.addingReportingOverflow(high)
        let (newHigh, carry2) = partial.addingReportingOverflow(UInt64(unsafeBitCast(carry, to: UInt8.self)))
        state.pointee.low = newLow
        state.pointee.high = newHigh
        state.pointee.top &+=
            top &+ Int64(unsafeBitCast(carry1, to: UInt8.self)) &+ Int64(unsafeBitCast(carry2, to: UInt8.self))
        state.pointee.count &+= count
    }

    /// nil when it does not fit 128 bits.
    var total: Int128? {
        let isNegative = high >> 63 == 1
        guard top == (isNegative ? -1 : 0) else { return nil }
        return Int128(truncatingIfNeeded: UInt128(low) | UInt128(high) << 64)
    }
}
