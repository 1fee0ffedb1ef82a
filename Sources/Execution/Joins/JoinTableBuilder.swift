import CKernels
import Columnar
import SQLTypes
import Synchronization

/// Builds a `JoinTable` over the keys of all build rows, on as many workers as pay.
struct JoinTableBuilder {
    let keys: UnsafePointer<UInt64>
    /// 1 where the row can be found.
    let flags: UnsafePointer<UInt8>
    let count: Int
    /// Keys are below it; 0: they can be anything.
    let domain: UInt64
    let keysAreHashes: Bool
    /// Only whether a key exists is asked, and keys are exact: later rows of a key are left out.
    let wantsExistenceOnly: Bool
    let context: ExecutionContext

    /// Fewer rows are built by the calling thread.
    private static let parallelThreshold = 32 << 10
    /// A domain up to this many keys, or so many times the rows, is an array.
    private static let smallDomain: UInt64 = 64 << 10
    private static let domainPerRow: UInt64 = 16
    private static let bitsPerRow: UInt64 = 256
    private static let largestArray: UInt64 = 1 << 31
    private static let prefetchDistance = 16

    func build() throws -> JoinTable {
        let table = JoinTable()
        var usable = 0
        for row in 0..<count { usable &+= Int(flags[row]) }
        table.rowCount = usable
        if usable == 0 { return table }
        let rows = UInt64(usable)
        if domain > 0, wantsExistenceOnly,
            domain <= max(Self.smallDomain * 64, rows.multipliedReportingOverflow(by: Self.bitsPerRow).partialValue),
            domain < Self.largestArray * 8
        {
            try buildBits(table)
        } else if domain > 0, domain <= max(Self.smallDomain, rows &* Self.domainPerRow), domain < Self.largestArray {
            if try !buildDense(table) { try buildDenseRuns(table) }
        } else {
            try buildHashed(table, usable)
        }
        return table
    }

    /// Workers that share the key domain or the parts.
    private var workers: Int { count < Self.parallelThreshold ? 1 : context.settings.threads }

    /// Calls `body` with ranges of keys that together are the domain, one per worker; each looks at all rows and
    /// writes only what lies in its range. Borders are multiples of 64.
    private func forEachKeyRange(_ body: @escaping @Sendable (_ low: UInt64, _ high: UInt64) -> Void) throws {
        let pieces = UInt64(workers)
        let step = ((domain / pieces) + 64) & ~63
        let domain = domain
        try context.pool.forEach(Int(pieces), workers: Int(pieces)) { piece, _ in
            let low = min(UInt64(piece) * step, domain)
            let high = piece == Int(pieces) - 1 ? domain : min(low + step, domain)
            body(low, high)
        }
    }

    private func buildBits(_ table: JoinTable) throws {
        let wordCount = Int(domain / 64) + 1
        let buffer = Buffer(byteCount: wordCount * 8)
        nonisolated(unsafe) let words = buffer.pointer.assumingMemoryBound(to: UInt64.self)
        words.update(repeating: 0, count: wordCount)
        nonisolated(unsafe) let keys = keys
        nonisolated(unsafe) let flags = flags
        let count = count
        try forEachKeyRange { low, high in
            for row in 0..<count where flags[row] != 0 {
                let key = keys[row]
                if key >= low, key < high { words[Int(truncatingIfNeeded: key &>> 6)] |= 1 &<< (key & 63) }
            }
        }
        table.layout = .bits
        table.bits = buffer
    }

    /// False when a key occurs twice.
    private func buildDense(_ table: JoinTable) throws -> Bool {
        let buffer = Buffer(byteCount: Int(domain) * 4)
        nonisolated(unsafe) let rowOf = buffer.pointer.assumingMemoryBound(to: UInt32.self)
        nonisolated(unsafe) let keys = keys
        nonisolated(unsafe) let flags = flags
        let count = count
        let allowsMore = wantsExistenceOnly
        let duplicates = DuplicateFlag()
        let last = domain - 1
        try forEachKeyRange { low, high in
            (rowOf + Int(low)).update(repeating: JoinTable.none, count: Int(high - low))
            for row in 0..<count {
                if row &+ Self.prefetchDistance < count {
                    ck_prefetch_write(rowOf + Int(truncatingIfNeeded: min(keys[row &+ Self.prefetchDistance], last)))
                }
                let key = keys[row]
                guard flags[row] != 0, key >= low, key < high else { continue }
                let place = rowOf + Int(truncatingIfNeeded: key)
                if place.pointee != JoinTable.none, !allowsMore {
                    duplicates.isSet.store(true, ordering: .relaxed)
                    return
                }
                place.pointee = UInt32(truncatingIfNeeded: row)
            }
        }
        if duplicates.isSet.load(ordering: .relaxed) { return false }
        table.layout = .dense
        table.rowOf = buffer
        return true
    }

    private final class DuplicateFlag: Sendable {
        let isSet = Atomic<Bool>(false)
    }

    private func buildDenseRuns(_ table: JoinTable) throws {
        // Counts go two places behind, so that filling moves starts[key + 1] from the run's start to its end.
        let buffer = Buffer(byteCount: (Int(domain) + 2) * 4)
        let orderBuffer = Buffer(byteCount: max(table.rowCount, 1) * 4)
        nonisolated(unsafe) let starts = buffer.pointer.assumingMemoryBound(to: UInt32.self)
        nonisolated(unsafe) let order = orderBuffer.pointer.assumingMemoryBound(to: UInt32.self)
        nonisolated(unsafe) let keys = keys
        nonisolated(unsafe) let flags = flags
        let count = count
        starts.update(repeating: 0, count: Int(domain) + 2)
        let last = domain - 1
        try forEachKeyRange { low, high in
            for row in 0..<count {
                if row &+ Self.prefetchDistance < count {
                    ck_prefetch_write(starts + Int(truncatingIfNeeded: min(keys[row &+ Self.prefetchDistance], last)))
                }
                let key = keys[row]
                if flags[row] != 0, key >= low, key < high { starts[Int(truncatingIfNeeded: key) &+ 2] &+= 1 }
            }
        }
        var sum: UInt32 = 0
        for index in 0..<Int(domain) + 2 {
            sum = sum &+ starts[index]
            starts[index] = sum
        }
        try forEachKeyRange { low, high in
            for row in 0..<count {
                if row &+ Self.prefetchDistance < count {
                    ck_prefetch_write(starts + Int(truncatingIfNeeded: min(keys[row &+ Self.prefetchDistance], last)))
                }
                let key = keys[row]
                guard flags[row] != 0, key >= low, key < high else { continue }
                let place = starts + (Int(truncatingIfNeeded: key) &+ 1)
                order[Int(place.pointee)] = UInt32(truncatingIfNeeded: row)
                place.pointee &+= 1
            }
        }
        table.layout = .denseRuns
        table.starts = buffer
        table.order = orderBuffer
        table.isUnique = false
    }

    // MARK: Hashed

    /// A row on its way to its part.
    struct Entry {
        var key: UInt64
        var row: UInt32
        /// While runs are filled: the slot within the table.
        var slot: UInt32
    }

    private static func partBits(_ rowCount: Int) -> Int {
        var bits = 0
        while rowCount >> bits > 8192, bits < 12 { bits += 1 }
        return bits
    }

    private func buildHashed(_ table: JoinTable, _ usable: Int) throws {
        // Parts of about 8,000 rows: their slots fit the second-level cache.
        let partBits = Self.partBits(usable)
        let partCount = 1 << partBits
        // Shifting by 64 is not a shift by all bits: one part takes the top bit and has two equal entries.
        let shift = UInt64(64 - max(partBits, 1))
        let keysAreHashes = keysAreHashes
        nonisolated(unsafe) let keys = keys
        nonisolated(unsafe) let flags = flags
        @Sendable func partOf(_ key: UInt64) -> Int {
            partBits == 0 ? 0 : Int(truncatingIfNeeded: (keysAreHashes ? key : Hashing.hash(key)) &>> shift)
        }

        // Rows go to their parts in row order: chunks of rows count, then write behind one another.
        let chunkCount = workers == 1 ? 1 : workers * 2
        let chunkSize = (count + chunkCount - 1) / chunkCount
        let count = count
        let countsBuffer = Buffer(byteCount: chunkCount * partCount * 8)
        nonisolated(unsafe) let counts = countsBuffer.pointer.assumingMemoryBound(to: Int.self)
        counts.update(repeating: 0, count: chunkCount * partCount)
        try context.pool.forEach(chunkCount, workers: workers) { chunk, _ in
            let own = counts + chunk * partCount
            for row in chunk * chunkSize..<max(min((chunk + 1) * chunkSize, count), chunk * chunkSize)
            where flags[row] != 0 { own[partOf(keys[row])] &+= 1 }
        }
        var partStarts = [Int](repeating: 0, count: partCount + 1)
        var total = 0
        for part in 0..<partCount {
            partStarts[part] = total
            for chunk in 0..<chunkCount {
                let size = counts[chunk * partCount + part]
                counts[chunk * partCount + part] = total
                total += size
            }
        }
        partStarts[partCount] = total
        let entriesBuffer = Buffer(byteCount: max(total, 1) * MemoryLayout<Entry>.stride)
        nonisolated(unsafe) let entries = entriesBuffer.pointer.assumingMemoryBound(to: Entry.self)
        try context.pool.forEach(chunkCount, workers: workers) { chunk, _ in
            let own = counts + chunk * partCount
            for row in chunk * chunkSize..<max(min((chunk + 1) * chunkSize, count), chunk * chunkSize)
            where flags[row] != 0 {
                let key = keys[row]
                let part = partOf(key)
                entries[own[part]] = Entry(key: key, row: UInt32(truncatingIfNeeded: row), slot: 0)
                own[part] &+= 1
            }
        }
        try context.cancellation.check()

        // Slots of all parts behind one another, at most half full.
        var parts: [JoinTable.Part] = []
        var slotCount = 0
        for part in 0..<partCount {
            var capacity = 16
            while capacity < 2 * (partStarts[part + 1] - partStarts[part]) { capacity *= 2 }
            parts.append(
                JoinTable.Part(
                    base: UInt32(truncatingIfNeeded: slotCount), mask: UInt32(truncatingIfNeeded: capacity - 1)))
            slotCount += capacity
        }
        guard slotCount < Int(UInt32.max) else {
            throw QueryError(.genericInsufficientResources, "The build side of a join has too many rows")
        }
        let slotsBuffer = Buffer(byteCount: slotCount * MemoryLayout<JoinTable.Slot>.stride)
        nonisolated(unsafe) let slots = slotsBuffer.pointer.assumingMemoryBound(to: JoinTable.Slot.self)
        let duplicates = DuplicateFlag()
        let made = parts
        let bounds = partStarts
        let allowsMore = wantsExistenceOnly
        try context.pool.forEach(partCount, workers: workers) { number, _ in
            let part = made[number]
            let base = slots + Int(part.base)
            base.update(
                repeating: JoinTable.Slot(key: 0, start: 0, count: 0), count: Int(part.mask) + 1)
            var hasDuplicates = false
            for index in bounds[number]..<bounds[number + 1] {
                let entry = entries[index]
                let hash = keysAreHashes ? entry.key : Hashing.hash(entry.key)
                var position = UInt32(truncatingIfNeeded: hash) & part.mask
                while base[Int(position)].count != 0, base[Int(position)].key != entry.key {
                    position = (position &+ 1) & part.mask
                }
                if base[Int(position)].count == 0 {
                    base[Int(position)] = JoinTable.Slot(key: entry.key, start: entry.row, count: 1)
                } else if !allowsMore {
                    base[Int(position)].count &+= 1
                    hasDuplicates = true
                }
                entries[index].slot = position
            }
            if hasDuplicates { duplicates.isSet.store(true, ordering: .relaxed) }
        }
        if partBits == 0, let only = parts.first { parts.append(only) }
        table.layout = .hashed
        table.slots = slotsBuffer
        table.parts = parts
        table.partShift = shift
        table.keysAreHashes = keysAreHashes
        guard duplicates.isSet.load(ordering: .relaxed) else { return }

        // Runs: a part's rows take the places of its entries.
        let orderBuffer = Buffer(byteCount: max(total, 1) * 4)
        nonisolated(unsafe) let order = orderBuffer.pointer.assumingMemoryBound(to: UInt32.self)
        try context.pool.forEach(partCount, workers: workers) { number, _ in
            let part = made[number]
            let base = slots + Int(part.base)
            var next = UInt32(truncatingIfNeeded: bounds[number])
            for position in 0...Int(part.mask) where base[position].count != 0 {
                base[position].start = next
                next &+= base[position].count
            }
            for index in bounds[number]..<bounds[number + 1] {
                let slot = base + Int(entries[index].slot)
                order[Int(slot.pointee.start)] = entries[index].row
                slot.pointee.start &+= 1
            }
            for position in 0...Int(part.mask) { base[position].start &-= base[position].count }
        }
        table.order = orderBuffer
        table.isUnique = false
    }
}
