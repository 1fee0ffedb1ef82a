import Columnar
import SQLTypes

/// checksum: the sum of all rows' hashes, whatever their order, as 8 bytes, the lowest first.
///
/// Booleans, numbers, dates, times, timestamps to microseconds, texts and bytes hash as in Trino (xxHash64 of the value
/// as 8 bytes, or of the bytes), so that checksums can be compared; wider and nested values have hashes of our own.
final class ChecksumKernel: AggregateKernel {
    typealias Pointer = UnsafeMutableRawPointer

    var stateOffset = 0
    let stateByteCount = 16

    /// xxHash64's first prime: the factor of each hash, and what NULL adds.
    private static let prime: UInt64 = 0x9e37_79b1_85eb_ca87

    private func add(_ state: Pointer, _ amount: UInt64) {
        let words = (state + stateOffset).assumingMemoryBound(to: UInt64.self)
        words[0] &+= amount
        words[1] = 1
    }

    /// What each wanted row adds.
    private func amounts(_ vector: Vector, _ rows: Rows, _ body: (UnsafePointer<UInt64>) -> Void) {
        let buffer = Buffer(byteCount: max(rows.count, 1) * 8)
        let lanes = buffer.pointer.assumingMemoryBound(to: UInt64.self)
        let view = vector.view
        func each(_ hash: (Int) -> UInt64) {
            rows.forEach { lanes[$0] = view.isValid($0) ? hash($0) &* Self.prime : Self.prime }
        }
        func number(_ value: Int64) -> UInt64 {
            withUnsafeBytes(of: value.littleEndian) { Digests.xxHash64($0.bindMemory(to: UInt8.self)) }
        }
        switch vector.physical {
        case .boolean: each { number(view.load($0, as: UInt8.self) == 0 ? 0 : 1) }
        case .int8: each { number(Int64(view.load($0, as: Int8.self))) }
        case .int16: each { number(Int64(view.load($0, as: Int16.self))) }
        case .int32: each { number(Int64(view.load($0, as: Int32.self))) }
        case .int64: each { number(view.load($0, as: Int64.self)) }
        case .double:
            each { row in
                let value = view.load(row, as: Double.self)
                let bits = value == 0 ? 0 : (value.isNaN ? Double.nan.bitPattern : value.bitPattern)
                return number(Int64(bitPattern: bits))
            }
        case .float:
            each { row in
                let value = view.load(row, as: Float.self)
                let bits = value == 0 ? 0 : (value.isNaN ? Float.nan.bitPattern : value.bitPattern)
                return number(Int64(Int32(bitPattern: bits)))
            }
        case .string: each { row in view.withText(row) { Digests.xxHash64($0) } }
        case .int128, .list, .map, .row:
            Hashing.hash([vector], rows, into: lanes)
            each { lanes[$0] }
        }
        body(UnsafePointer(lanes))
    }

    func update(_ states: UnsafePointer<Pointer>, _ arguments: [Vector], _ rows: Rows) throws {
        amounts(arguments[0], rows) { lanes in
            var position = 0
            rows.forEach { row in
                add(states[position], lanes[row])
                position &+= 1
            }
        }
    }

    func updateOne(_ state: Pointer, _ arguments: [Vector], _ rows: Rows) throws {
        amounts(arguments[0], rows) { lanes in rows.forEach { add(state, lanes[$0]) } }
    }

    func combine(_ targets: UnsafePointer<Pointer>, _ sources: UnsafePointer<Pointer>, count: Int) throws {
        for index in 0..<count {
            let target = (targets[index] + stateOffset).assumingMemoryBound(to: UInt64.self)
            let source = (sources[index] + stateOffset).assumingMemoryBound(to: UInt64.self)
            target[0] &+= source[0]
            target[1] |= source[1]
        }
    }

    func finalize(_ states: UnsafePointer<Pointer>, count: Int) throws -> Vector {
        let builder = FlatBuilder(.varbinary, capacity: count)
        for index in 0..<count {
            let words = (states[index] + stateOffset).assumingMemoryBound(to: UInt64.self)
            if words[1] == 0 {
                builder.setNull(index)
            } else {
                builder.pointer(as: StringView.self)[index] = withUnsafeBytes(of: words[0].littleEndian) {
                    StringView($0.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: UInt8.self), 8)
                }
            }
        }
        return builder.finish(count: count)
    }
}
