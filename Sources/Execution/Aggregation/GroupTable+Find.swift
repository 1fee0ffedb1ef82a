import CKernels
import Columnar
import SQLTypes

/// Looking up batches.
extension GroupTable {
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
        let prefetches = prefetches
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
        let prefetches = prefetches
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
        let slots = slots
        let mask = slotCount &- 1
        let prefetches = prefetches
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
                if prefetches, order &+ 16 < pendingCount {
                    ck_prefetch(slots + scratch.slotOf[Int(scratch.pending[order &+ 16])])
                }
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
                        if prefetches { ck_prefetch(Self.address(entry)) }
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
}
