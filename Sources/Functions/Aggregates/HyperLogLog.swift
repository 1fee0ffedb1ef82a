import Columnar
import Glibc
import SQLTypes

/// approx_distinct: a set of hashes while there are few, then 4,096 registers (standard error 1.6 %).
final class DistinctCollector: GroupCollector {
    private static let bits = 12
    private static let largestSet = 512

    private var hashes: Set<UInt64> = []
    private var registers: [UInt8] = []

    func add(_ arguments: [Vector], _ views: [VectorView], _ row: Int) {
        preconditionFailure("rows come as hashes")
    }

    func add(_ hash: UInt64) {
        if registers.isEmpty {
            hashes.insert(hash)
            if hashes.count > Self.largestSet { useRegisters() }
        } else {
            register(hash)
        }
    }

    private func useRegisters() {
        registers = [UInt8](repeating: 0, count: 1 << Self.bits)
        for hash in hashes { register(hash) }
        hashes = []
    }

    @inline(__always)
    private func register(_ hash: UInt64) {
        let index = Int(hash >> UInt64(64 - Self.bits))
        let rank = UInt8(min((hash << UInt64(Self.bits) | 1 << UInt64(Self.bits - 1)).leadingZeroBitCount + 1, 60))
        if registers[index] < rank { registers[index] = rank }
    }

    func merge(_ other: DistinctCollector) {
        if other.registers.isEmpty {
            for hash in other.hashes { add(hash) }
            return
        }
        if registers.isEmpty { useRegisters() }
        for index in registers.indices where registers[index] < other.registers[index] {
            registers[index] = other.registers[index]
        }
    }

    var byteCount: Int { registers.count + hashes.count * 16 }

    var estimate: Int64 {
        if registers.isEmpty { return Int64(hashes.count) }
        let m = Double(registers.count)
        var sum = 0.0
        var zeros = 0
        for register in registers {
            sum += 1 / Double(UInt64(1) << UInt64(register))
            if register == 0 { zeros += 1 }
        }
        let raw = 0.7213 / (1 + 1.079 / m) * m * m / sum
        if raw <= 2.5 * m, zeros > 0 { return Int64((m * log(m / Double(zeros))).rounded()) }
        return Int64(raw.rounded())
    }
}

/// approx_distinct over any type, through the hashes of whole batches.
final class ApproximateDistinctKernel: AggregateKernel {
    typealias Pointer = UnsafeMutableRawPointer

    var stateOffset = 0
    let stateByteCount = 8
    let ownsMemory = true
    private(set) var heapByteCount = 0
    private let hasher = VectorHasher(columnCount: 1)

    private func collector(_ state: Pointer) -> DistinctCollector? {
        guard let pointer = (state + stateOffset).load(as: Pointer?.self) else { return nil }
        return Unmanaged<DistinctCollector>.fromOpaque(pointer).takeUnretainedValue()
    }

    private func makeCollector(_ state: Pointer) -> DistinctCollector {
        if let made = collector(state) { return made }
        let made = DistinctCollector()
        (state + stateOffset).storeBytes(of: Unmanaged.passRetained(made).toOpaque(), as: Pointer?.self)
        heapByteCount += 4096
        return made
    }

    private func hashes(_ vector: Vector, _ rows: Rows, _ body: (UnsafePointer<UInt64>) -> Void) {
        let buffer = Buffer(byteCount: max(rows.count, 1) * 8)
        let lanes = buffer.pointer.assumingMemoryBound(to: UInt64.self)
        hasher.hash([vector], rows, into: lanes)
        body(UnsafePointer(lanes))
    }

    func update(_ states: UnsafePointer<Pointer>, _ arguments: [Vector], _ rows: Rows) throws {
        hashes(arguments[0], rows) { lanes in
            var position = 0
            rows.forEach { row in
                makeCollector(states[position]).add(lanes[row])
                position &+= 1
            }
        }
    }

    func updateOne(_ state: Pointer, _ arguments: [Vector], _ rows: Rows) throws {
        let collector = makeCollector(state)
        hashes(arguments[0], rows) { lanes in rows.forEach { collector.add(lanes[$0]) } }
    }

    func combine(_ targets: UnsafePointer<Pointer>, _ sources: UnsafePointer<Pointer>, count: Int) throws {
        for index in 0..<count {
            guard let source = collector(sources[index]) else { continue }
            makeCollector(targets[index]).merge(source)
        }
    }

    func finalize(_ states: UnsafePointer<Pointer>, count: Int) throws -> Vector {
        let builder = FlatBuilder(.bigint, capacity: count)
        for index in 0..<count { builder.pointer(as: Int64.self)[index] = collector(states[index])?.estimate ?? 0 }
        return builder.finish(count: count)
    }

    func destroy(_ states: UnsafePointer<Pointer>, count: Int) {
        for index in 0..<count {
            let place = states[index] + stateOffset
            guard let pointer = place.load(as: Pointer?.self) else { continue }
            Unmanaged<DistinctCollector>.fromOpaque(pointer).release()
            place.storeBytes(of: nil, as: Pointer?.self)
        }
    }
}

/// checksum: the sum of all rows' hashes, whatever their order; 8 bytes.
final class ChecksumKernel: AggregateKernel {
    typealias Pointer = UnsafeMutableRawPointer

    var stateOffset = 0
    let stateByteCount = 16

    private func add(_ state: Pointer, _ hash: UInt64) {
        let words = (state + stateOffset).assumingMemoryBound(to: UInt64.self)
        words[0] &+= hash &* 0x9e37_79b1_85eb_ca87
        words[1] = 1
    }

    func update(_ states: UnsafePointer<Pointer>, _ arguments: [Vector], _ rows: Rows) throws {
        let buffer = Buffer(byteCount: max(rows.count, 1) * 8)
        let lanes = buffer.pointer.assumingMemoryBound(to: UInt64.self)
        Hashing.hash([arguments[0]], rows, into: lanes)
        var position = 0
        rows.forEach { row in
            add(states[position], lanes[row])
            position &+= 1
        }
    }

    func updateOne(_ state: Pointer, _ arguments: [Vector], _ rows: Rows) throws {
        let buffer = Buffer(byteCount: max(rows.count, 1) * 8)
        let lanes = buffer.pointer.assumingMemoryBound(to: UInt64.self)
        Hashing.hash([arguments[0]], rows, into: lanes)
        rows.forEach { add(state, lanes[$0]) }
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
