import Columnar
import SQLTypes

/// min and max of text and bytes.
final class StringExtremeKernel: AggregateKernel {
    typealias Pointer = UnsafeMutableRawPointer

    var stateOffset = 0
    let stateByteCount = MemoryLayout<ValueCell>.stride
    let ownsMemory = true
    private let isMaximum: Bool
    private let access: CellAccess

    init(_ type: DataType, isMaximum: Bool) {
        self.isMaximum = isMaximum
        access = CellAccess(type)
    }

    @inline(__always)
    private func cell(_ state: Pointer) -> UnsafeMutablePointer<ValueCell> {
        (state + stateOffset).assumingMemoryBound(to: ValueCell.self)
    }

    @inline(__always)
    private static func isBetter(_ value: StringView, _ old: StringView, _ isMaximum: Bool) -> Bool {
        let order = StringView.compare(value, old)
        return isMaximum ? order > 0 : order < 0
    }

    @inline(__always)
    private static func add(_ value: StringView, _ cell: UnsafeMutablePointer<ValueCell>, _ isMaximum: Bool) {
        let old = cell.pointee
        if old.isSet, !isBetter(value, StringView(low: old.low, high: old.high), isMaximum) { return }
        value.withBytes { cell.pointee.set(bytes: $0, isString: true) }
    }

    func update(_ states: UnsafePointer<Pointer>, _ arguments: [Vector], _ rows: Rows) throws {
        let view = arguments[0].view
        let data = view.data.assumingMemoryBound(to: StringView.self)
        let isMaximum = isMaximum
        let offset = stateOffset
        var position = 0
        rows.forEach { row in
            Self.add(
                data[view.index(row)], (states[position] + offset).assumingMemoryBound(to: ValueCell.self), isMaximum)
            position &+= 1
        }
    }

    func updateOne(_ state: Pointer, _ arguments: [Vector], _ rows: Rows) throws {
        guard rows.selectedCount > 0 else { return }
        let vector = arguments[0]
        let view = vector.view
        let data = view.data.assumingMemoryBound(to: StringView.self)
        let isMaximum = isMaximum
        let first = rows.selection.map { Int($0.indices[0]) } ?? 0
        var best = data[view.index(first)]
        // The entries of a dictionary that much is read of: those that occur, once each.
        if let dictionary = vector.dictionary, let codes = vector.codes, dictionary.count * 2 <= rows.selectedCount {
            let used = Buffer(byteCount: dictionary.count)
            let flags = used.pointer.assumingMemoryBound(to: UInt8.self)
            flags.update(repeating: 0, count: dictionary.count)
            rows.forEach { flags[Int(codes[$0])] = 1 }
            for entry in 0..<dictionary.count where flags[entry] != 0 {
                if Self.isBetter(data[entry], best, isMaximum) { best = data[entry] }
            }
        } else {
            // The batch's best view first: it lives as long as the batch.
            rows.forEach { row in
                let value = data[view.index(row)]
                if Self.isBetter(value, best, isMaximum) { best = value }
            }
        }
        Self.add(best, cell(state), isMaximum)
    }

    func combine(_ targets: UnsafePointer<Pointer>, _ sources: UnsafePointer<Pointer>, count: Int) throws {
        for index in 0..<count {
            let target = cell(targets[index])
            let source = cell(sources[index])
            guard source.pointee.isSet else { continue }
            if target.pointee.isSet {
                let value = StringView(low: source.pointee.low, high: source.pointee.high)
                let old = StringView(low: target.pointee.low, high: target.pointee.high)
                if !Self.isBetter(value, old, isMaximum) { continue }
            }
            target.pointee.take(&source.pointee)
        }
    }

    func finalize(_ states: UnsafePointer<Pointer>, count: Int) throws -> Vector {
        access.vector(count) { UnsafePointer(cell(states[$0])) }
    }

    func destroy(_ states: UnsafePointer<Pointer>, count: Int) {
        for index in 0..<count { cell(states[index]).pointee.release() }
    }
}

/// min and max of 16-byte numbers.
struct ExtremeInt128: FoldOperation {
    enum Order: Sendable { case signed, unsigned, instant }

    struct State {
        var low: UInt64
        var high: UInt64
        var isSet: Int64
    }

    let isMaximum: Bool
    let order: Order

    @inline(__always)
    private func precedes(_ left: Int128, _ right: Int128) -> Bool {
        switch order {
        case .signed: left < right
        case .unsigned: UInt128(truncatingIfNeeded: left) < UInt128(truncatingIfNeeded: right)
        case .instant: left >> 16 < right >> 16
        }
    }

    @inline(__always)
    func add(_ state: UnsafeMutablePointer<State>, _ value: Int128) {
        if state.pointee.isSet != 0 {
            let old = Self.value(UnsafePointer(state))
            if !(isMaximum ? precedes(old, value) : precedes(value, old)) { return }
        }
        state.pointee.low = UInt64(truncatingIfNeeded: value)
        state.pointee.high = UInt64(truncatingIfNeeded: value >> 64)
        state.pointee.isSet = 1
    }

    func combine(_ state: UnsafeMutablePointer<State>, _ other: UnsafePointer<State>) {
        if other.pointee.isSet != 0 { add(state, Self.value(other)) }
    }

    func result(_ state: UnsafePointer<State>) throws -> Int128? {
        state.pointee.isSet == 0 ? nil : Self.value(state)
    }

    @inline(__always)
    private static func value(_ state: UnsafePointer<State>) -> Int128 {
        Int128(truncatingIfNeeded: UInt128(state.pointee.low) | UInt128(state.pointee.high) << 64)
    }
}
