import CKernels
import Columnar

/// Merging rows that lie elsewhere.
extension GroupTable {
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
        case .string, .general:
            let comparer = RowComparer(layout)
            pairs = insert(sources, sourceCount, heads) { found, row in
                RowTable.hash(of: found) == RowTable.hash(of: row) && comparer.areEqual(found, row)
            }
        }
        if pairs > 0 { try combine(scratch.targets, scratch.sources, pairs) }
    }

    private func mergeFixed<T: FixedWidthInteger>(
        _ sources: UnsafePointer<Row>, _ sourceCount: Int, _ heads: RowPointerList, _: T.Type
    ) -> Int {
        let keyOffset = layout.fields[0].offset
        let nullOffset = layout.fields[0].nullOffset
        return insert(sources, sourceCount, heads) { found, row in
            found.load(fromByteOffset: keyOffset, as: T.self) == row.load(fromByteOffset: keyOffset, as: T.self)
                && found.load(fromByteOffset: nullOffset, as: UInt8.self)
                    == row.load(fromByteOffset: nullOffset, as: UInt8.self)
        }
    }

    /// The rows' places in the table: new keys become `heads`, the others pairs of target and source in `scratch`,
    /// whose number is returned.
    @inline(__always)
    private func insert(
        _ sources: UnsafePointer<Row>, _ sourceCount: Int, _ headList: RowPointerList,
        areEqual: (_ found: Row, _ row: Row) -> Bool
    ) -> Int {
        let slots = slots
        let mask = slotCount &- 1
        let prefetches = prefetches
        let targets = scratch.targets
        let duplicates = scratch.sources
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
                if entry & ~Self.addressMask == salt, areEqual(Self.address(entry), row) {
                    targets[pairs] = Self.address(entry)
                    duplicates[pairs] = row
                    pairs &+= 1
                    break
                }
                slot = (slot &+ 1) & mask
            }
        }
        count &+= headCount
        headList.count &+= headCount
        return pairs
    }
}
