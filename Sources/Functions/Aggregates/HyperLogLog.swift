import Columnar
import Glibc
import SQLTypes

/// The distinct values of a column, about: a set of hashes while there are few, then registers of HyperLogLog.
///
/// ```
/// bytes: 'H', bits, 0, then the hashes     or     'H', bits, 1, then a byte per register
/// ```
final class DistinctSketch {
    /// 2 to the power of so many registers; the standard error is 1.04 / sqrt of that.
    let bits: Int
    private var hashes: Set<UInt64> = []
    private var registers: [UInt8] = []

    /// 4,096 registers: a standard error of 1.6 %.
    static let defaultBits = 12
    private static let largestSet = 512

    init(bits: Int = DistinctSketch.defaultBits) { self.bits = bits }

    /// The registers that a standard error needs.
    ///
    /// - Throws: INVALID_FUNCTION_ARGUMENT outside of Trino's range.
    static func bits(standardError: Double) throws -> Int {
        guard standardError >= 0.0040625, standardError <= 0.26 else {
            throw QueryError(
                .invalidFunctionArgument,
                "Standard error must be in [0.0040625, 0.26000]: \(ValueText.print(.double(standardError), .double))")
        }
        return max(4, Int(log2((1.04 / standardError) * (1.04 / standardError)).rounded(.up)))
    }

    /// Adds a value by the hash that tables use, whose bits are not even enough for counting zeros: neighbouring
    /// integers would count for half as many again.
    @inline(__always)
    func add(_ hash: UInt64) {
        var bits = hash
        bits = (bits ^ bits >> 33) &* 0xff51_afd7_ed55_8ccd
        bits = (bits ^ bits >> 33) &* 0xc4ce_b9fe_1a85_ec53
        addMixed(bits ^ bits >> 33)
    }

    @inline(__always)
    private func addMixed(_ hash: UInt64) {
        if registers.isEmpty {
            hashes.insert(hash)
            if hashes.count > Self.largestSet { useRegisters() }
        } else {
            register(hash)
        }
    }

    private func useRegisters() {
        registers = [UInt8](repeating: 0, count: 1 << bits)
        for hash in hashes { register(hash) }
        hashes = []
    }

    @inline(__always)
    private func register(_ hash: UInt64) {
        let index = Int(hash >> UInt64(64 - bits))
        let rank = UInt8((hash << UInt64(bits) | 1 << UInt64(bits - 1)).leadingZeroBitCount + 1)
        if registers[index] < rank { registers[index] = rank }
    }

    /// Adds another's values; both have the same number of registers.
    func merge(_ other: DistinctSketch) throws {
        guard bits == other.bits else {
            throw QueryError(
                .invalidFunctionArgument,
                "Cannot merge HLLs with different number of buckets: \(1 << bits) vs \(1 << other.bits)")
        }
        if other.registers.isEmpty {
            for hash in other.hashes { addMixed(hash) }
            return
        }
        if registers.isEmpty { useRegisters() }
        for index in registers.indices where registers[index] < other.registers[index] {
            registers[index] = other.registers[index]
        }
    }

    var byteCount: Int { registers.count + hashes.count * 16 }

    /// Without the bias that the first estimators have between small and large counts (Ertl, "New cardinality estimation
    /// algorithms for HyperLogLog sketches", 2017, algorithm 6).
    var estimate: Int64 {
        if registers.isEmpty { return Int64(hashes.count) }
        let m = Double(registers.count)
        let highest = 64 - bits
        var counts = [Double](repeating: 0, count: highest + 2)
        for register in registers { counts[Int(register)] += 1 }
        var z = m * Self.tau(1 - counts[highest + 1] / m)
        for rank in stride(from: highest, through: 1, by: -1) { z = 0.5 * (z + counts[rank]) }
        z += m * Self.sigma(counts[0] / m)
        return Int64((m * m / (2 * log(2) * z)).rounded())
    }

    private static func sigma(_ share: Double) -> Double {
        if share == 1 { return .infinity }
        var (x, y, z) = (share, 1.0, share)
        while true {
            x *= x
            let last = z
            z += x * y
            y += y
            if z == last { return z }
        }
    }

    private static func tau(_ share: Double) -> Double {
        if share == 0 || share == 1 { return 0 }
        var (x, y, z) = (share, 1.0, 1 - share)
        while true {
            x = x.squareRoot()
            let last = z
            y *= 0.5
            z -= (1 - x) * (1 - x) * y
            if z == last { return z / 3 }
        }
    }

    // MARK: As bytes

    private static let mark = UInt8(ascii: "H")

    func bytes() -> [UInt8] {
        let head = [Self.mark, UInt8(bits), registers.isEmpty ? 0 : 1]
        if !registers.isEmpty { return head + registers }
        return head + hashes.sorted().flatMap { hash in withUnsafeBytes(of: hash.littleEndian) { Array($0) } }
    }

    /// Nil for bytes that are no sketch.
    init?(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard bytes.count >= 3, bytes[0] == Self.mark, (4...16).contains(bytes[1]) else { return nil }
        bits = Int(bytes[1])
        let body = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[3...])
        if bytes[2] == 1 {
            guard body.count == 1 << bits else { return nil }
            let highest = UInt8(65 - bits)
            registers = body.map { min($0, highest) }
        } else {
            guard body.count % 8 == 0, body.count <= Self.largestSet * 8 else { return nil }
            for start in stride(from: 0, to: body.count, by: 8) {
                hashes.insert(UInt64(littleEndian: body.loadUnaligned(fromByteOffset: start, as: UInt64.self)))
            }
        }
    }

    /// The sketch of a lane.
    static func read(_ view: VectorView, _ row: Int) throws -> DistinctSketch {
        guard let sketch = view.withText(row, { DistinctSketch($0) }) else {
            throw QueryError(.invalidFunctionArgument, "The bytes are no HyperLogLog of this engine")
        }
        return sketch
    }
}

/// approx_distinct and approx_set over any type, through the hashes of whole batches.
final class DistinctSketchKernel: AggregateKernel {
    typealias Pointer = UnsafeMutableRawPointer

    var stateOffset = 0
    let stateByteCount = 8
    let ownsMemory = true
    private(set) var heapByteCount = 0
    private let hasher = VectorHasher(columnCount: 1)
    private let resultType: DataType
    /// Of the first row's second argument, where there is one.
    private var bits: Int?

    init(_ resultType: DataType) { self.resultType = resultType }

    private func sketch(_ state: Pointer) -> DistinctSketch? {
        guard let pointer = (state + stateOffset).load(as: Pointer?.self) else { return nil }
        return Unmanaged<DistinctSketch>.fromOpaque(pointer).takeUnretainedValue()
    }

    private func makeSketch(_ state: Pointer, bits: Int) -> DistinctSketch {
        if let made = sketch(state) { return made }
        let made = DistinctSketch(bits: bits)
        (state + stateOffset).storeBytes(of: Unmanaged.passRetained(made).toOpaque(), as: Pointer?.self)
        heapByteCount += 1 << bits
        return made
    }

    private func bits(_ arguments: [Vector], _ rows: Rows) throws -> Int {
        if let bits { return bits }
        var found = DistinctSketch.defaultBits
        if arguments.count > 1, rows.selectedCount > 0 {
            let row = rows.selection.map { Int($0.indices[0]) } ?? 0
            guard case .double(let error) = arguments[1].value(at: row) else {
                throw QueryError(.invalidFunctionArgument, "Standard error must not be null")
            }
            found = try DistinctSketch.bits(standardError: error)
            bits = found
        }
        return found
    }

    private func hashes(_ vector: Vector, _ rows: Rows, _ body: (UnsafePointer<UInt64>) -> Void) {
        let buffer = Buffer(byteCount: max(rows.count, 1) * 8)
        let lanes = buffer.pointer.assumingMemoryBound(to: UInt64.self)
        hasher.hash([vector], rows, into: lanes)
        body(UnsafePointer(lanes))
    }

    func update(_ states: UnsafePointer<Pointer>, _ arguments: [Vector], _ rows: Rows) throws {
        let bits = try bits(arguments, rows)
        hashes(arguments[0], rows) { lanes in
            var position = 0
            rows.forEach { row in
                makeSketch(states[position], bits: bits).add(lanes[row])
                position &+= 1
            }
        }
    }

    func updateOne(_ state: Pointer, _ arguments: [Vector], _ rows: Rows) throws {
        guard rows.selectedCount > 0 else { return }
        let sketch = makeSketch(state, bits: try bits(arguments, rows))
        hashes(arguments[0], rows) { lanes in rows.forEach { sketch.add(lanes[$0]) } }
    }

    func combine(_ targets: UnsafePointer<Pointer>, _ sources: UnsafePointer<Pointer>, count: Int) throws {
        for index in 0..<count {
            guard let source = sketch(sources[index]) else { continue }
            try makeSketch(targets[index], bits: source.bits).merge(source)
        }
    }

    func finalize(_ states: UnsafePointer<Pointer>, count: Int) throws -> Vector {
        if resultType != .bigint {
            return Vector.fromValues(
                (0..<count).map { index in sketch(states[index]).map { .bytes($0.bytes()) } ?? .null }, resultType)
        }
        let builder = FlatBuilder(.bigint, capacity: count)
        for index in 0..<count { builder.pointer(as: Int64.self)[index] = sketch(states[index])?.estimate ?? 0 }
        return builder.finish(count: count)
    }

    func destroy(_ states: UnsafePointer<Pointer>, count: Int) {
        for index in 0..<count {
            let place = states[index] + stateOffset
            guard let pointer = place.load(as: Pointer?.self) else { continue }
            Unmanaged<DistinctSketch>.fromOpaque(pointer).release()
            place.storeBytes(of: nil, as: Pointer?.self)
        }
    }
}

/// merge(HyperLogLog).
final class SketchMergeCollector: GroupCollector {
    private var sketch: DistinctSketch?

    func add(_ arguments: [Vector], _ views: [VectorView], _ row: Int) throws {
        let next = try DistinctSketch.read(views[0], row)
        if let sketch { try sketch.merge(next) } else { sketch = next }
    }

    func merge(_ other: SketchMergeCollector) throws {
        guard let next = other.sketch else { return }
        if let sketch { try sketch.merge(next) } else { sketch = next }
    }

    var byteCount: Int { sketch?.byteCount ?? 0 }

    static func sketches(_ groups: [SketchMergeCollector?], _ type: DataType) -> Vector {
        Vector.fromValues(groups.map { $0?.sketch.map { .bytes($0.bytes()) } ?? .null }, type)
    }
}
