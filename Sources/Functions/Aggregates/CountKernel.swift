import Columnar
import SQLTypes

/// count(*) and count(x): rows that are NULL in x never come here.
final class CountKernel: AggregateKernel {
    typealias Pointer = UnsafeMutableRawPointer

    var stateOffset = 0
    let stateByteCount = 8

    @inline(__always)
    private static func add(_ address: Pointer, _ count: Int64) {
        address.assumingMemoryBound(to: Int64.self).pointee &+= count
    }

    func update(_ states: UnsafePointer<Pointer>, _ arguments: [Vector], _ rows: Rows) throws {
        let offset = stateOffset
        for position in 0..<rows.selectedCount { Self.add(states[position] + offset, 1) }
    }

    func updateOne(_ state: Pointer, _ arguments: [Vector], _ rows: Rows) throws {
        Self.add(state + stateOffset, Int64(rows.selectedCount))
    }

    func combine(_ targets: UnsafePointer<Pointer>, _ sources: UnsafePointer<Pointer>, count: Int) throws {
        let offset = stateOffset
        for index in 0..<count {
            Self.add(targets[index] + offset, (sources[index] + offset).load(as: Int64.self))
        }
    }

    func finalize(_ states: UnsafePointer<Pointer>, count: Int) throws -> Vector {
        let builder = FlatBuilder(.bigint, capacity: count)
        let target = builder.pointer(as: Int64.self)
        for index in 0..<count { target[index] = (states[index] + stateOffset).load(as: Int64.self) }
        return builder.finish(count: count)
    }
}

/// count_if, bool_and, bool_or: how many values were true and false.
struct CountTruths: FoldOperation {
    struct State {
        var trueCount: Int64
        var falseCount: Int64
    }

    @inline(__always)
    func add(_ state: UnsafeMutablePointer<State>, _ value: UInt8) {
        state.pointee.trueCount &+= Int64(value)
        state.pointee.falseCount &+= Int64(1 &- value)
    }
    func combine(_ state: UnsafeMutablePointer<State>, _ other: UnsafePointer<State>) {
        state.pointee.trueCount &+= other.pointee.trueCount
        state.pointee.falseCount &+= other.pointee.falseCount
    }
    func result(_ state: UnsafePointer<State>) throws -> Int64? { state.pointee.trueCount }
}

struct BooleanFold: FoldOperation {
    let isAnd: Bool

    @inline(__always)
    func add(_ state: UnsafeMutablePointer<CountTruths.State>, _ value: UInt8) { CountTruths().add(state, value) }
    func combine(_ state: UnsafeMutablePointer<CountTruths.State>, _ other: UnsafePointer<CountTruths.State>) {
        CountTruths().combine(state, other)
    }
    func result(_ state: UnsafePointer<CountTruths.State>) throws -> UInt8? {
        let state = state.pointee
        if state.trueCount + state.falseCount == 0 { return nil }
        return (isAnd ? state.falseCount == 0 : state.trueCount > 0) ? 1 : 0
    }
}

/// bitwise_and_agg, bitwise_or_agg, bitwise_xor_agg.
struct BitwiseFold: FoldOperation {
    enum Operation: Sendable { case and, or, xor }
    struct State {
        var bits: Int64
        var count: Int64
    }

    let operation: Operation

    @inline(__always)
    func add(_ state: UnsafeMutablePointer<State>, _ value: Int64) {
        fold(state, value)
        state.pointee.count &+= 1
    }
    @inline(__always)
    private func fold(_ state: UnsafeMutablePointer<State>, _ value: Int64) {
        switch operation {
        case .and: state.pointee.bits = state.pointee.count == 0 ? value : state.pointee.bits & value
        case .or: state.pointee.bits |= value
        case .xor: state.pointee.bits ^= value
        }
    }
    func combine(_ state: UnsafeMutablePointer<State>, _ other: UnsafePointer<State>) {
        if other.pointee.count == 0 { return }
        fold(state, other.pointee.bits)
        state.pointee.count &+= other.pointee.count
    }
    func result(_ state: UnsafePointer<State>) throws -> Int64? { state.pointee.count == 0 ? nil : state.pointee.bits }
}

/// min and max of integers.
struct ExtremeInteger<T: FixedWidthInteger & Sendable>: FoldOperation {
    struct State {
        var value: T
        var isSet: Int64
    }

    let isMaximum: Bool

    @inline(__always)
    func add(_ state: UnsafeMutablePointer<State>, _ value: T) {
        let old = state.pointee.value
        let isBetter = isMaximum ? value > old : value < old
        if isBetter || state.pointee.isSet == 0 {
            state.pointee.value = value
            state.pointee.isSet = 1
        }
    }
    @inline(__always)
    func addAll(_ state: UnsafeMutablePointer<State>, _ values: UnsafePointer<T>, _ count: Int) {
        guard count > 0 else { return }
        var best = values[0]
        if isMaximum {
            for index in 1..<count { best = max(best, values[index]) }
        } else {
            for index in 1..<count { best = min(best, values[index]) }
        }
        add(state, best)
    }
    func combine(_ state: UnsafeMutablePointer<State>, _ other: UnsafePointer<State>) {
        if other.pointee.isSet != 0 { add(state, other.pointee.value) }
    }
    func result(_ state: UnsafePointer<State>) throws -> T? { state.pointee.isSet == 0 ? nil : state.pointee.value }
}

/// min and max of real and double; NaN is above everything.
struct ExtremeFloat<T: BinaryFloatingPoint & Sendable>: FoldOperation {
    struct State {
        var value: T
        var isSet: Int64
    }

    let isMaximum: Bool

    @inline(__always)
    func add(_ state: UnsafeMutablePointer<State>, _ value: T) {
        let old = state.pointee.value
        let isBetter =
            isMaximum ? (value > old || (value.isNaN && !old.isNaN)) : (value < old || (old.isNaN && !value.isNaN))
        if isBetter || state.pointee.isSet == 0 {
            state.pointee.value = value
            state.pointee.isSet = 1
        }
    }
    func combine(_ state: UnsafeMutablePointer<State>, _ other: UnsafePointer<State>) {
        if other.pointee.isSet != 0 { add(state, other.pointee.value) }
    }
    func result(_ state: UnsafePointer<State>) throws -> T? { state.pointee.isSet == 0 ? nil : state.pointee.value }
}
