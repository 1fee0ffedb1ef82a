import Columnar
import SQLTypes

/// One worker's groups.
///
/// It begins with one hash table. Once that outgrows the cache without gathering many rows per group, looking up is
/// given up: every row (or run of equal keys) becomes a row of its own, with a state of one, in the partition of its
/// hash; the merge finds equal keys later, in tables that fit the cache.
final class LocalGroups {
    typealias Row = UnsafeMutableRawPointer

    let layout: AggregateLayout
    let kernels: KernelSet
    let table: GroupTable
    /// Not nil once lookups were given up.
    private(set) var partitions: PartitionedRows?

    private let direct: DirectIndex
    private let hasher: VectorHasher
    private let runs = KeyRuns()
    private let reservation: MemoryReservation
    private var hashBuffer = Buffer(byteCount: Batch.defaultRowCount * 8)
    private var groupBuffer = Buffer(byteCount: Batch.defaultRowCount * 8)
    private var freshBuffer = Buffer(byteCount: Batch.defaultRowCount * 8)
    private var runBuffer = Buffer(byteCount: Batch.defaultRowCount * 8)
    /// Lookups so far, neighbouring equal keys counted once where that is known.
    private var lookupCount = 0
    /// Groups at which the table's use is looked at again.
    private var checkpoint: Int
    /// Bytes of partitioned rows at which equal keys are gathered.
    private var compactionLimit: Int

    /// A table of this size stays in the cache that a core has for itself and a share of the last level.
    private static let cacheByteCount = 2 << 20
    /// A table that is used well may grow to this.
    private static let largestTable = 16 << 20
    private static let firstCompaction = 192 << 20

    init(_ layout: AggregateLayout, keyTypes: [DataType], budget: MemoryBudget, threads: Int) throws {
        self.layout = layout
        kernels = try layout.makeKernelSet()
        table = GroupTable(layout.row)
        direct = DirectIndex(keyTypes: keyTypes)
        hasher = VectorHasher(columnCount: keyTypes.count)
        reservation = MemoryReservation("HashAggregate", budget)
        checkpoint = Self.cacheByteCount / (layout.row.stride + 16)
        compactionLimit = min(Self.firstCompaction, max(budget.limit / (4 * threads), 1 << 20))
    }

    deinit {
        guard layout.ownsMemory else { return }
        table.rows.forEachRun { kernels.destroy($0, $1) }
        if let partitions {
            for partition in 0..<PartitionedRows.partitionCount {
                partitions.forEachRun(partition) { kernels.destroy($0, $1) }
            }
        }
    }

    /// Groups or partitioned rows.
    var isEmpty: Bool { table.rows.rowCount == 0 && partitions == nil }
    var heldByteCount: Int { reservation.byteCount }

    private func makeRoom(_ count: Int) {
        if groupBuffer.byteCount >= count * 8 { return }
        groupBuffer = Buffer(byteCount: count * 8)
        freshBuffer = Buffer(byteCount: count * 8)
        runBuffer = Buffer(byteCount: count * 8)
    }

    private var groups: UnsafeMutablePointer<Row> { groupBuffer.pointer.assumingMemoryBound(to: Row.self) }
    private var fresh: UnsafeMutablePointer<Row> { freshBuffer.pointer.assumingMemoryBound(to: Row.self) }

    // MARK: Taking batches

    func add(_ batch: Batch, _ input: AggregateInput, _ updater: StateUpdater) throws {
        let keys = input.keys.map { batch.columns[$0] }
        let rows = batch.rows
        makeRoom(rows.selectedCount)
        if let partitions {
            addPartitioned(keys, rows, partitions)
        } else {
            findGroups(keys, rows)
        }
        try updater.update(batch, UnsafePointer(groups))
        if partitions == nil {
            if table.count >= checkpoint { judgeTable() }
        } else if let partitions, partitions.byteCount > compactionLimit {
            try compact(partitions)
        }
        try reservation.resize(to: table.byteCount + (partitions?.byteCount ?? 0) + kernels.heapByteCount)
    }

    private func hashes(_ keys: [Vector], _ rows: Rows) -> UnsafeMutablePointer<UInt64> {
        if hashBuffer.byteCount < rows.count * 8 { hashBuffer = Buffer(byteCount: rows.count * 8) }
        let lanes = hashBuffer.pointer.assumingMemoryBound(to: UInt64.self)
        hasher.hash(keys, rows, into: lanes)
        return lanes
    }

    private func findGroups(_ keys: [Vector], _ rows: Rows) {
        if !direct.isGivenUp {
            let known = groupBuffer.pointer.assumingMemoryBound(to: Row?.self)
            let (applies, isComplete) = direct.lookUp(keys, rows, known)
            if applies {
                lookupCount &+= rows.selectedCount
                if !isComplete { findMissing(keys, rows, known) }
                return
            }
        }
        find(keys, rows, into: groups)
    }

    /// Looks up the rows whose group the direct index does not know yet.
    private func findMissing(_ keys: [Vector], _ rows: Rows, _ known: UnsafeMutablePointer<Row?>) {
        let total = rows.selectedCount
        let laneBuffer = Buffer(byteCount: total * 4)
        let lanes = laneBuffer.pointer.assumingMemoryBound(to: UInt32.self)
        let positionBuffer = Buffer(byteCount: total * 4)
        let positions = positionBuffer.pointer.assumingMemoryBound(to: UInt32.self)
        var count = 0
        var position = 0
        rows.forEach { row in
            lanes[count] = UInt32(truncatingIfNeeded: row)
            positions[count] = UInt32(truncatingIfNeeded: position)
            count &+= Int(unsafeBitCast(known[position] == nil, to: UInt8.self))
            position &+= 1
        }
        let foundBuffer = Buffer(byteCount: count * 8)
        let found = foundBuffer.pointer.assumingMemoryBound(to: Row.self)
        let before = lookupCount
        find(keys, Rows(count: rows.count, selection: Selection(laneBuffer, count: count)), into: found)
        lookupCount = before
        for index in 0..<count {
            known[Int(positions[index])] = found[index]
            direct.remember(Int(positions[index]), found[index])
        }
    }

    private func find(_ keys: [Vector], _ rows: Rows, into groups: UnsafeMutablePointer<Row>) {
        let hashes = hashes(keys, rows)
        if keys.count > 1, let starts = runs.find(keys, rows, hashes: hashes) {
            let found = runBuffer.pointer.assumingMemoryBound(to: Row.self)
            let made = table.find(keys, starts, hashes: hashes, groups: found, fresh: fresh)
            kernels.initialize(fresh, made)
            let runOf = runs.runOf
            for index in 0..<rows.selectedCount { groups[index] = found[Int(runOf[index])] }
            lookupCount &+= starts.selectedCount
            return
        }
        let made = table.find(keys, rows, hashes: hashes, groups: groups, fresh: fresh)
        kernels.initialize(fresh, made)
        lookupCount &+= rows.selectedCount &- table.repeatedCount
    }

    // MARK: Giving up

    /// Goes on with the table, or gives it up.
    private func judgeTable() {
        let bytesPerGroup = layout.row.stride + 16
        let expected = Self.expectedGroups(found: table.count, lookups: lookupCount)
        let bytes = expected > Double(1 << 40) ? Double.infinity : expected * Double(bytesPerGroup)
        let isUsedWell = lookupCount >= table.count * 16 && table.count * bytesPerGroup < 4 * Self.largestTable
        if bytes <= Double(Self.largestTable) || isUsedWell {
            checkpoint = table.count * 2
        } else {
            givePartitions()
        }
    }

    /// How many groups there are in all, if keys come at random: `found` distinct ones after `lookups` draws.
    ///
    /// With x = lookups / groups, found / lookups = (1 - e^-x) / x, solved by bisection.
    static func expectedGroups(found: Int, lookups: Int) -> Double {
        let share = Double(found) / Double(max(lookups, 1))
        if share > 0.97 { return .infinity }
        var low = 0.001
        var high = 1000.0
        for _ in 0..<40 {
            let middle = (low + high) / 2
            // e^-x by the standard library's exponential on the platform is not needed at this accuracy.
            let value = (1 - negativeExponential(middle)) / middle
            if value > share { low = middle } else { high = middle }
        }
        return Double(lookups) / low
    }

    private static func negativeExponential(_ x: Double) -> Double {
        // (1 - x/1024)^1024
        var value = max(1 - x / 1024, 0)
        for _ in 0..<10 { value *= value }
        return value
    }

    /// Moves all groups to partitions; from now on rows are not looked up.
    private func givePartitions() {
        direct.giveUp()
        let made = PartitionedRows(stride: layout.row.stride)
        let stride = layout.row.stride
        table.rows.forEachRun { addresses, count in
            for index in 0..<count {
                made.place(RowTable.hash(of: addresses[index])).copyMemory(from: addresses[index], byteCount: stride)
            }
        }
        table.clearSlots()
        table.rows.forgetRows()
        partitions = made
    }

    /// As `givePartitions`, for a worker whose table is small while others have partitions.
    func usePartitions() -> PartitionedRows {
        if partitions == nil { givePartitions() }
        return partitions ?? PartitionedRows(stride: layout.row.stride)
    }

    private func addPartitioned(_ keys: [Vector], _ rows: Rows, _ partitions: PartitionedRows) {
        let hashes = hashes(keys, rows)
        let made: Int
        if layout.row.fields.count == 1, !keys[0].mayHaveNulls {
            switch keys[0].physical {
            case .boolean, .int8: made = placeRuns(keys[0].view, rows, hashes, partitions, UInt8.self)
            case .int16: made = placeRuns(keys[0].view, rows, hashes, partitions, UInt16.self)
            case .int32: made = placeRuns(keys[0].view, rows, hashes, partitions, UInt32.self)
            case .int64: made = placeRuns(keys[0].view, rows, hashes, partitions, UInt64.self)
            default: made = placeRows(keys, rows, hashes, partitions)
            }
        } else {
            made = placeRows(keys, rows, hashes, partitions)
        }
        kernels.initialize(fresh, made)
    }

    /// One row per run of equal keys.
    private func placeRuns<T: FixedWidthInteger>(
        _ view: VectorView, _ rows: Rows, _ hashes: UnsafePointer<UInt64>, _ partitions: PartitionedRows, _: T.Type
    ) -> Int {
        let data = view.data.assumingMemoryBound(to: T.self)
        let field = layout.row.fields[0]
        let groups = groups
        let fresh = fresh
        let lanes = rows.selection?.indices
        var made = 0
        var previousKey: T = 0
        var previous: Row?
        for index in 0..<rows.selectedCount {
            let row = lanes.map { Int($0[index]) } ?? index
            let key = data[view.index(row)]
            if let previous, key == previousKey {
                groups[index] = previous
                continue
            }
            let hash = hashes[row]
            let place = partitions.place(hash)
            place.storeBytes(of: hash, as: UInt64.self)
            place.storeBytes(of: key, toByteOffset: field.offset, as: T.self)
            place.storeBytes(of: 0, toByteOffset: field.nullOffset, as: UInt8.self)
            groups[index] = place
            fresh[made] = place
            made &+= 1
            previous = place
            previousKey = key
        }
        return made
    }

    private func placeRows(
        _ keys: [Vector], _ rows: Rows, _ hashes: UnsafePointer<UInt64>, _ partitions: PartitionedRows
    ) -> Int {
        let starts = runs.find(keys, rows, hashes: hashes)
        let placed = starts ?? rows
        let count = placed.selectedCount
        let nullsOffset = layout.row.nullsOffset
        let nullsByteCount = layout.row.nullsByteCount
        let fresh = fresh
        var position = 0
        placed.forEach { row in
            let hash = hashes[row]
            let place = partitions.place(hash)
            place.storeBytes(of: hash, as: UInt64.self)
            if nullsByteCount == 1 {
                place.storeBytes(of: 0, toByteOffset: nullsOffset, as: UInt8.self)
            } else {
                (place + nullsOffset).initializeMemory(as: UInt8.self, repeating: 0, count: nullsByteCount)
            }
            fresh[position] = place
            position &+= 1
        }
        // The table of this worker keeps the strings.
        for (field, key) in keys.enumerated() { table.rows.store(key, field: field, placed, fresh) }
        if starts != nil {
            let runOf = runs.runOf
            for index in 0..<rows.selectedCount { groups[index] = fresh[Int(runOf[index])] }
        } else {
            groups.update(from: fresh, count: count)
        }
        return count
    }

    // MARK: Bounding memory

    /// Gathers equal keys within the partitions, if that frees a good part of them.
    private func compact(_ partitions: PartitionedRows) throws {
        let stride = layout.row.stride
        let kept = PartitionedRows(stride: stride)
        for partition in 0..<PartitionedRows.partitionCount {
            let merger = GroupTable(layout.row)
            let heads = RowPointerList()
            var total = 0
            try partitions.forEachRun(partition) { run, count in
                total += count
                try merger.merge(run, count, heads: heads) { try kernels.combine($0, $1, $2) }
            }
            if partition == 0, heads.count * 10 > total * 7 {
                // Not worth it. What was combined in the first partition stays combined: its sources are empty
                // states of equal keys now, or have been destroyed, so only the heads may stay.
                keepHeads(heads, of: partition, in: partitions)
                compactionLimit = min(compactionLimit * 2, Int.max / 4)
                return
            }
            for index in 0..<heads.count {
                let row = heads.pointers[index]
                kept.place(RowTable.hash(of: row)).copyMemory(from: row, byteCount: stride)
            }
            _ = partitions.takeBlocks(partition)
        }
        self.partitions = kept
        compactionLimit = max(compactionLimit, kept.byteCount * 3)
    }

    private func keepHeads(_ heads: RowPointerList, of partition: Int, in partitions: PartitionedRows) {
        let stride = layout.row.stride
        let old = partitions.takeBlocks(partition)
        for index in 0..<heads.count {
            let row = heads.pointers[index]
            partitions.place(RowTable.hash(of: row)).copyMemory(from: row, byteCount: stride)
        }
        withExtendedLifetime(old) {}
    }
}
