import Columnar
import SQLTypes

/// Groups by key: open addressing over rows that hold hash, keys and aggregate states.
///
/// ```
/// slots: salt 16 | address 48        salt: hash bits 32..<48, slot: low hash bits, 0 = empty
/// rows:  [hash][keys][null bits][states]
/// ```
/// Two uses: a worker looks up batches (`find`) and new keys get rows of this table; a merge inserts rows that exist
/// already (`merge`), the first of each key becoming the group itself.
final class GroupTable {
    typealias Row = UnsafeMutableRawPointer

    /// How keys are compared.
    enum KeyKind {
        /// One integer-like column of this many bytes.
        case fixed(Int)
        /// One string column.
        case string
        case general

        init(_ layout: RowLayout) {
            guard layout.fields.count == 1 else {
                self = .general
                return
            }
            switch layout.fields[0].physical {
            case .boolean, .int8: self = .fixed(1)
            case .int16: self = .fixed(2)
            case .int32: self = .fixed(4)
            case .int64: self = .fixed(8)
            case .string: self = .string
            case .int128, .float, .double, .list, .map, .row: self = .general
            }
        }
    }

    let layout: RowLayout
    let rows: RowTable
    let kind: KeyKind
    private var slotBuffer: Buffer
    private(set) var slots: UnsafeMutablePointer<UInt64>
    private(set) var slotCount: Int
    /// Groups.
    var count = 0
    /// Rows of the last `find` that were known to have their predecessor's key.
    var repeatedCount = 0
    var scratch = Scratch()

    static let addressMask: UInt64 = 0xffff_ffff_ffff
    /// Tables above this size are prefetched (L2 holds 512 KiB).
    private static let prefetchLimit = 256 << 10

    init(_ layout: RowLayout, slotCount: Int = 1024) {
        self.layout = layout
        rows = RowTable(layout)
        kind = KeyKind(layout)
        self.slotCount = slotCount
        slotBuffer = Buffer(byteCount: slotCount * 8)
        slots = slotBuffer.pointer.assumingMemoryBound(to: UInt64.self)
        slots.update(repeating: 0, count: slotCount)
    }

    var byteCount: Int { rows.byteCount + slotCount * 8 }
    var prefetches: Bool { slotCount &* 8 > Self.prefetchLimit }

    @inline(__always)
    static func salt(_ hash: UInt64) -> UInt64 { (hash &<< 16) & 0xffff_0000_0000_0000 }

    @inline(__always)
    static func address(_ entry: UInt64) -> Row {
        Row(bitPattern: UInt(entry & addressMask)).unsafelyUnwrapped
    }

    // MARK: Size

    /// Makes room for `more` groups: at most two thirds of the slots are ever used.
    func reserve(_ more: Int) {
        let wanted = (count &+ more) &* 3 / 2
        if wanted <= slotCount { return }
        var size = slotCount
        while size < wanted { size &*= 2 }
        let buffer = Buffer(byteCount: size * 8)
        let target = buffer.pointer.assumingMemoryBound(to: UInt64.self)
        target.update(repeating: 0, count: size)
        let mask = size &- 1
        for index in 0..<slotCount {
            let entry = slots[index]
            if entry == 0 { continue }
            var slot = Int(truncatingIfNeeded: RowTable.hash(of: Self.address(entry))) & mask
            while target[slot] != 0 { slot = (slot &+ 1) & mask }
            target[slot] = entry
        }
        slotBuffer = buffer
        slots = target
        slotCount = size
    }

    /// Forgets the groups (not their rows).
    func clearSlots() {
        slots.update(repeating: 0, count: slotCount)
        count = 0
    }

    /// Lists of a lookup, by position among the wanted rows.
    struct Scratch {
        private let capacity: Int
        private let buffer: Buffer
        let slotOf: UnsafeMutablePointer<Int>
        let addresses: UnsafeMutablePointer<Row>
        let targets: UnsafeMutablePointer<Row>
        let sources: UnsafeMutablePointer<Row>
        let lanes: UnsafeMutablePointer<UInt32>
        let pending: UnsafeMutablePointer<UInt32>
        let candidates: UnsafeMutablePointer<UInt32>
        let compareLanes: UnsafeMutablePointer<UInt32>
        let flags: UnsafeMutablePointer<UInt8>

        init() { self.init(capacity: Batch.defaultRowCount) }

        private init(capacity: Int) {
            self.capacity = capacity
            buffer = Buffer(byteCount: capacity * (4 * 8 + 4 * 4 + 1))
            var place = buffer.pointer
            func take<T>(_ type: T.Type) -> UnsafeMutablePointer<T> {
                defer { place += capacity * MemoryLayout<T>.stride }
                return place.assumingMemoryBound(to: type)
            }
            slotOf = take(Int.self)
            addresses = take(Row.self)
            targets = take(Row.self)
            sources = take(Row.self)
            lanes = take(UInt32.self)
            pending = take(UInt32.self)
            candidates = take(UInt32.self)
            compareLanes = take(UInt32.self)
            flags = take(UInt8.self)
        }

        mutating func reserve(_ count: Int) {
            if count > capacity { self = Scratch(capacity: count) }
        }
    }
}
