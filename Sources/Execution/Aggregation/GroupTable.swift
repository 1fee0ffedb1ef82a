import CKernels
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
    private let kind: KeyKind
    private var slotBuffer: Buffer
    private var slots: UnsafeMutablePointer<UInt64>
    private var slotCount: Int
    /// Groups.
    private(set) var count = 0
    /// Rows of the last `find` that were known to have their predecessor's key.
    private(set) var repeatedCount = 0
    private var scratch = Scratch()

    private static let addressMask: UInt64 = 0xffff_ffff_ffff
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

    @inline(__always)
    private static func salt(_ hash: UInt64) -> UInt64 { (hash &<< 16) & 0xffff_0000_0000_0000 }

    @inline(__always)
    private static func address(_ entry: UInt64) -> Row {
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

    // MARK: Looking up batches

    /// The group of each wanted row: `groups[i]` belongs to the i-th. `hashes` are by row. Groups that are new have
    /// their keys but no states yet: their addresses go to `fresh`, whose number is returned.
    func find(
        _ keys: [Vector], _ wanted: Rows, hashes: UnsafePointer<UInt64>, groups: UnsafeMutablePointer<Row>,
        fresh: UnsafeMutablePointer<Row>
    ) -> Int {
        let selected = wanted.selectedCount
        reserve(selected)
        repeatedCount = 0
        switch kind {
        case .fixed(1): return findFixed(keys[0].view, wanted, hashes, groups, fresh, UInt8.self)
        case .fixed(2): return findFixed(keys[0].view, wanted, hashes, groups, fresh, UInt16.self)
        case .fixed(4): return findFixed(keys[0].view, wanted, hashes, groups, fresh, UInt32.self)
        case .fixed: return findFixed(keys[0].view, wanted, hashes, groups, fresh, UInt64.self)
        case .string: return findStrings(keys[0], wanted, hashes, groups, fresh)
        case .general: return findGeneral(keys, wanted, hashes, groups, fresh)
        }
    }

    private func findFixed<T: FixedWidthInteger>(
        _ view: VectorView, _ wanted: Rows, _ hashes: UnsafePointer<UInt64>, _ groups: UnsafeMutablePointer<Row>,
        _ fresh: UnsafeMutablePointer<Row>, _: T.Type
    ) -> Int {
        let count = wanted.selectedCount
        let data = view.data.assumingMemoryBound(to: T.self)
        let lanes = wanted.selection?.indices
        let field = layout.fields[0]
        let keyOffset = field.offset
        let nullOffset = field.nullOffset
        let stride = layout.stride
        let slots = slots
        let mask = slotCount &- 1
        let prefetches = slotCount &* 8 > Self.prefetchLimit
        var next = rows.reserve(count)
        var made = 0
        var previousKey: T = 0
        var previousIsNull: UInt8 = 0
        var previous: Row?
        var repeated = 0
        for index in 0..<count {
            let row = lanes.map { Int($0[index]) } ?? index
            if prefetches, index &+ 16 < count {
                let ahead = lanes.map { Int($0[index &+ 16]) } ?? index &+ 16
                ck_prefetch(slots + (Int(truncatingIfNeeded: hashes[ahead]) & mask))
            }
            let isNull: UInt8 = view.isValid(row) ? 0 : 1
            let key: T = isNull == 0 ? data[view.index(row)] : 0
            if let previous, key == previousKey, isNull == previousIsNull {
                groups[index] = previous
                repeated &+= 1
                continue
            }
            let hash = hashes[row]
            let salt = Self.salt(hash)
            var slot = Int(truncatingIfNeeded: hash) & mask
            var found: Row
            while true {
                let entry = slots[slot]
                if entry == 0 {
                    found = next
                    next += stride
                    slots[slot] = salt | UInt64(UInt(bitPattern: found))
                    found.storeBytes(of: hash, as: UInt64.self)
                    found.storeBytes(of: key, toByteOffset: keyOffset, as: T.self)
                    found.storeBytes(of: isNull, toByteOffset: nullOffset, as: UInt8.self)
                    fresh[made] = found
                    made &+= 1
                    break
                }
                if entry & ~Self.addressMask == salt {
                    found = Self.address(entry)
                    if found.load(fromByteOffset: keyOffset, as: T.self) == key,
                        found.load(fromByteOffset: nullOffset, as: UInt8.self) == isNull
                    {
                        break
                    }
                }
                slot = (slot &+ 1) & mask
            }
            groups[index] = found
            previous = found
            previousKey = key
            previousIsNull = isNull
        }
        rows.commit(made)
        self.count &+= made
        repeatedCount = repeated
        return made
    }

    private func findStrings(
        _ column: Vector, _ wanted: Rows, _ hashes: UnsafePointer<UInt64>, _ groups: UnsafeMutablePointer<Row>,
        _ fresh: UnsafeMutablePointer<Row>
    ) -> Int {
        let view = column.view
        let count = wanted.selectedCount
        let data = view.data.assumingMemoryBound(to: StringView.self)
        let lanes = wanted.selection?.indices
        let field = layout.fields[0]
        let keyOffset = field.offset
        let nullOffset = field.nullOffset
        let stride = layout.stride
        let slots = slots
        let mask = slotCount &- 1
        let prefetches = slotCount &* 8 > Self.prefetchLimit
        let firstNew = rows.reserve(count)
        var next = firstNew
        var made = 0
        let freshLanes = Buffer(byteCount: max(count, 1) * 4)
        let freshRows = freshLanes.pointer.assumingMemoryBound(to: UInt32.self)
        for index in 0..<count {
            let row = lanes.map { Int($0[index]) } ?? index
            if prefetches, index &+ 16 < count {
                let ahead = lanes.map { Int($0[index &+ 16]) } ?? index &+ 16
                ck_prefetch(slots + (Int(truncatingIfNeeded: hashes[ahead]) & mask))
            }
            let isNull: UInt8 = view.isValid(row) ? 0 : 1
            let key = isNull == 0 ? data[view.index(row)] : StringView()
            let hash = hashes[row]
            let salt = Self.salt(hash)
            var slot = Int(truncatingIfNeeded: hash) & mask
            var found: Row
            while true {
                let entry = slots[slot]
                if entry == 0 {
                    found = next
                    next += stride
                    slots[slot] = salt | UInt64(UInt(bitPattern: found))
                    found.storeBytes(of: hash, as: UInt64.self)
                    // The bytes are the batch's for now; `store` below makes them the table's.
                    found.storeBytes(of: key, toByteOffset: keyOffset, as: StringView.self)
                    found.storeBytes(of: isNull, toByteOffset: nullOffset, as: UInt8.self)
                    fresh[made] = found
                    freshRows[made] = UInt32(truncatingIfNeeded: row)
                    made &+= 1
                    break
                }
                if entry & ~Self.addressMask == salt {
                    found = Self.address(entry)
                    if found.load(fromByteOffset: keyOffset, as: StringView.self) == key,
                        found.load(fromByteOffset: nullOffset, as: UInt8.self) == isNull
                    {
                        break
                    }
                }
                slot = (slot &+ 1) & mask
            }
            groups[index] = found
        }
        rows.commit(made)
        self.count &+= made
        if made > 0 {
            rows.store(
                column, field: 0, Rows(count: wanted.count, selection: Selection(freshLanes, count: made)), fresh)
        }
        return made
    }

    /// Any keys, in rounds: all rows look for a slot that is empty or has their salt; rows of new keys are stored;
    /// the others compare their keys a column at a time, and those that differ go on in the next round.
    private func findGeneral(
        _ keys: [Vector], _ wanted: Rows, _ hashes: UnsafePointer<UInt64>, _ groups: UnsafeMutablePointer<Row>,
        _ fresh: UnsafeMutablePointer<Row>
    ) -> Int {
        let total = wanted.selectedCount
        scratch.reserve(total)
        let scratch = scratch
        let mask = slotCount &- 1
        let stride = layout.stride
        var next = rows.reserve(total)
        let lanes = scratch.lanes
        if let selection = wanted.selection {
            lanes.update(from: selection.indices, count: total)
        } else {
            for index in 0..<total { lanes[index] = UInt32(truncatingIfNeeded: index) }
        }
        for index in 0..<total {
            scratch.pending[index] = UInt32(truncatingIfNeeded: index)
            scratch.slotOf[index] = Int(truncatingIfNeeded: hashes[Int(lanes[index])]) & mask
        }
        var pendingCount = total
        var made = 0
        let nullsOffset = layout.nullsOffset
        let nullsByteCount = layout.nullsByteCount
        while pendingCount > 0 {
            var candidateCount = 0
            let roundStart = made
            let freshLanes = Buffer(byteCount: pendingCount * 4)
            let freshRows = freshLanes.pointer.assumingMemoryBound(to: UInt32.self)
            for order in 0..<pendingCount {
                let index = Int(scratch.pending[order])
                let hash = hashes[Int(lanes[index])]
                let salt = Self.salt(hash)
                var slot = scratch.slotOf[index]
                while true {
                    let entry = slots[slot]
                    if entry == 0 {
                        slots[slot] = salt | UInt64(UInt(bitPattern: next))
                        next.storeBytes(of: hash, as: UInt64.self)
                        (next + nullsOffset).initializeMemory(as: UInt8.self, repeating: 0, count: nullsByteCount)
                        groups[index] = next
                        fresh[made] = next
                        freshRows[made &- roundStart] = lanes[index]
                        made &+= 1
                        next += stride
                        break
                    }
                    if entry & ~Self.addressMask == salt {
                        groups[index] = Self.address(entry)
                        scratch.slotOf[index] = slot
                        scratch.candidates[candidateCount] = UInt32(truncatingIfNeeded: index)
                        candidateCount &+= 1
                        break
                    }
                    slot = (slot &+ 1) & mask
                }
            }
            let freshCount = made &- roundStart
            if freshCount > 0 {
                let selection = Rows(count: wanted.count, selection: Selection(freshLanes, count: freshCount))
                for (field, key) in keys.enumerated() { rows.store(key, field: field, selection, fresh + roundStart) }
            }
            for order in 0..<candidateCount {
                let index = Int(scratch.candidates[order])
                scratch.compareLanes[order] = lanes[index]
                scratch.addresses[order] = groups[index]
                scratch.flags[order] = 1
            }
            for (field, key) in keys.enumerated() {
                rows.clearDifferent(
                    field: field, key, scratch.compareLanes, scratch.addresses, count: candidateCount,
                    flags: scratch.flags)
            }
            pendingCount = 0
            for order in 0..<candidateCount where scratch.flags[order] == 0 {
                let index = scratch.candidates[order]
                scratch.slotOf[Int(index)] = (scratch.slotOf[Int(index)] &+ 1) & mask
                scratch.pending[pendingCount] = index
                pendingCount &+= 1
            }
        }
        rows.commit(made)
        self.count &+= made
        return made
    }

    // MARK: Merging rows

    /// Inserts rows that lie elsewhere. Those of new keys become groups, where they lie, and are added to `heads`;
    /// for each of the others the group it belongs to and itself are handed to `combine`.
    func merge(
        _ sources: UnsafePointer<Row>, _ sourceCount: Int, heads: RowPointerList,
        combine: (_ targets: UnsafePointer<Row>, _ sources: UnsafePointer<Row>, _ count: Int) throws -> Void
    ) throws {
        reserve(sourceCount)
        scratch.reserve(sourceCount)
        heads.reserve(sourceCount)
        let pairs: Int
        switch kind {
        case .fixed(1): pairs = mergeFixed(sources, sourceCount, heads, UInt8.self)
        case .fixed(2): pairs = mergeFixed(sources, sourceCount, heads, UInt16.self)
        case .fixed(4): pairs = mergeFixed(sources, sourceCount, heads, UInt32.self)
        case .fixed: pairs = mergeFixed(sources, sourceCount, heads, UInt64.self)
        case .string, .general: pairs = mergeGeneral(sources, sourceCount, heads)
        }
        if pairs > 0 { try combine(scratch.targets, scratch.sources, pairs) }
    }

    private func mergeFixed<T: FixedWidthInteger>(
        _ sources: UnsafePointer<Row>, _ sourceCount: Int, _ heads: RowPointerList, _: T.Type
    ) -> Int {
        let field = layout.fields[0]
        let keyOffset = field.offset
        let nullOffset = field.nullOffset
        let slots = slots
        let mask = slotCount &- 1
        let prefetches = slotCount &* 8 > Self.prefetchLimit
        let targets = scratch.targets
        let duplicates = scratch.sources
        let headList = heads
        let heads = headList.end
        var headCount = 0
        var pairs = 0
        for index in 0..<sourceCount {
            if prefetches, index &+ 16 < sourceCount {
                ck_prefetch(slots + (Int(truncatingIfNeeded: RowTable.hash(of: sources[index &+ 16])) & mask))
            }
            let row = sources[index]
            let hash = RowTable.hash(of: row)
            let key = row.load(fromByteOffset: keyOffset, as: T.self)
            let null = row.load(fromByteOffset: nullOffset, as: UInt8.self)
            let salt = Self.salt(hash)
            var slot = Int(truncatingIfNeeded: hash) & mask
            while true {
                let entry = slots[slot]
                if entry == 0 {
                    slots[slot] = salt | UInt64(UInt(bitPattern: row))
                    heads[headCount] = row
                    headCount &+= 1
                    break
                }
                if entry & ~Self.addressMask == salt {
                    let found = Self.address(entry)
                    if found.load(fromByteOffset: keyOffset, as: T.self) == key,
                        found.load(fromByteOffset: nullOffset, as: UInt8.self) == null
                    {
                        targets[pairs] = found
                        duplicates[pairs] = row
                        pairs &+= 1
                        break
                    }
                }
                slot = (slot &+ 1) & mask
            }
        }
        self.count &+= headCount
        headList.count &+= headCount
        return pairs
    }

    private func mergeGeneral(_ sources: UnsafePointer<Row>, _ sourceCount: Int, _ heads: RowPointerList) -> Int {
        let comparer = RowComparer(layout)
        let slots = slots
        let mask = slotCount &- 1
        let prefetches = slotCount &* 8 > Self.prefetchLimit
        let targets = scratch.targets
        let duplicates = scratch.sources
        let headList = heads
        let heads = headList.end
        var headCount = 0
        var pairs = 0
        for index in 0..<sourceCount {
            if prefetches, index &+ 16 < sourceCount {
                ck_prefetch(slots + (Int(truncatingIfNeeded: RowTable.hash(of: sources[index &+ 16])) & mask))
            }
            let row = sources[index]
            let hash = RowTable.hash(of: row)
            let salt = Self.salt(hash)
            var slot = Int(truncatingIfNeeded: hash) & mask
            while true {
                let entry = slots[slot]
                if entry == 0 {
                    slots[slot] = salt | UInt64(UInt(bitPattern: row))
                    heads[headCount] = row
                    headCount &+= 1
                    break
                }
                if entry & ~Self.addressMask == salt {
                    let found = Self.address(entry)
                    if RowTable.hash(of: found) == hash, comparer.areEqual(found, row) {
                        targets[pairs] = found
                        duplicates[pairs] = row
                        pairs &+= 1
                        break
                    }
                }
                slot = (slot &+ 1) & mask
            }
        }
        self.count &+= headCount
        headList.count &+= headCount
        return pairs
    }

    /// Lists of a lookup, by position among the wanted rows.
    private struct Scratch {
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
