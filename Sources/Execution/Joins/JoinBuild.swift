import Columnar
import SQLTypes
import Synchronization

/// The build side of a join: takes all rows of its pipelines, then makes the table that probes look into.
///
/// ```
/// push      rows without selection are kept; bounds of the key columns
/// complete  keys of all rows -> JoinTable; columns that are read later -> one vector each; filters for the probe side
/// ```
///
/// `@unchecked Sendable`: everything below `inputs` is written by `complete`, before any probe starts.
final class JoinBuild: SinkOperator, @unchecked Sendable {
    let name = "JoinBuild"
    var heldByteCount: Int { reservation.byteCount }
    /// Complete when the probe side has been planned; then only read.
    var specification: JoinSpecification
    private let reservation: MemoryReservation
    private let inputs = Mutex<Inputs>(Inputs())

    private struct Inputs {
        var batches: [Batch] = []
        var bounds: [KeyBounds]
        init(_ keyCount: Int = 0) {
            bounds = [KeyBounds](repeating: KeyBounds(), count: keyCount)
        }
    }

    /// Rows of the build side.
    private(set) var rowCount = 0
    private(set) var encoder = JoinKeyEncoder([], bounds: [])
    private(set) var table = JoinTable()
    /// Per column of the build side's batches, all rows; nil where nobody reads it.
    private(set) var columns: [Vector?] = []
    /// A byte per row: it has found a probe row. Only for joins that ask.
    private(set) var matched: Buffer?
    /// For null-aware joins: tables over the other key columns, of all rows and of those with a NULL first key.
    private(set) var nullAware: NullAwareTables?

    struct NullAwareTables {
        var encoder: JoinKeyEncoder
        var all: JoinTable
        var nulls: JoinTable
    }

    init(_ specification: JoinSpecification, _ budget: MemoryBudget) {
        self.specification = specification
        reservation = MemoryReservation("HashBuilder", budget)
        inputs.withLock { $0 = Inputs(specification.keys.count) }
    }

    func makeLocal(_ worker: WorkerContext) throws -> any LocalConsumer { Local(self) }

    private final class Local: LocalConsumer {
        let build: JoinBuild
        var batches: [Batch] = []
        var bounds: [KeyBounds]
        /// Strings of batches that lost rows, so that whole pages need not stay for a few of their values.
        let heap = StringHeap()

        init(_ build: JoinBuild) {
            self.build = build
            bounds = [KeyBounds](repeating: KeyBounds(), count: build.specification.keys.count)
        }

        func push(_ batch: Batch) throws -> PushResult {
            let heapBefore = heap.byteCount
            var byteCount = 128
            let kept = Batch(
                columns: batch.columns.map { column in
                    guard let selection = batch.selection else {
                        byteCount += Self.byteCount(column)
                        return column
                    }
                    let compact =
                        column.physical == .string && column.isFlat
                        ? copied(column, selection) : column.gather(selection.indices, count: selection.count)
                    byteCount += Self.byteCount(compact)
                    return compact
                }, rowCount: batch.selectedCount)
            for (index, key) in build.specification.keys.enumerated() { bounds[index].add(kept.columns[key.build]) }
            try build.reservation.grow(by: byteCount + heap.byteCount - heapBefore)
            batches.append(kept)
            return .needsMore
        }

        private static func byteCount(_ column: Vector) -> Int {
            if column.isConstant { return 0 }
            return column.count * (column.codes != nil ? 4 : column.physical.byteCount)
        }

        private func copied(_ column: Vector, _ selection: Selection) -> Vector {
            let builder = FlatBuilder(column.type, capacity: selection.count)
            let source = column.pointer(as: StringView.self)
            let target = builder.pointer(as: StringView.self)
            for index in 0..<selection.count {
                let row = Int(selection.indices[index])
                if Validity.isValid(column.validity, row) {
                    target[index] = heap.copy(source[row])
                } else {
                    builder.setNull(index)
                }
            }
            builder.keepAlive(heap)
            return builder.finish(count: selection.count)
        }

        func finish() throws {
            build.inputs.withLock { inputs in
                inputs.batches.append(contentsOf: batches)
                for index in bounds.indices { inputs.bounds[index].add(bounds[index]) }
            }
            batches = []
        }
    }

    func complete(_ context: ExecutionContext) throws {
        let taken = inputs.withLock { inputs in
            let taken = inputs
            inputs = Inputs(specification.keys.count)
            return taken
        }
        let assembler = ColumnAssembler(taken.batches, context: context)
        rowCount = assembler.total
        guard rowCount < Int(UInt32.max) - 1 else {
            throw QueryError(.genericInsufficientResources, "The build side of a join has too many rows")
        }
        encoder = JoinKeyEncoder(
            specification.keys.map { ($0.type, $0.isNullSafe) }, bounds: taken.bounds)
        // Peak: the batches, their copies, keys and table.
        try reservation.grow(by: rowCount * 9)

        let keys = Buffer(byteCount: max(rowCount, 1) * 8)
        let flags = Buffer(byteCount: max(rowCount, 1))
        try encode(assembler, encoder, Array(specification.keys.indices), keys, flags)
        try context.cancellation.check()
        table = try makeTable(keys, flags, encoder, context, existenceOnly: specification.asksOnlyExistence)
        try reservation.grow(by: table.byteCount)

        for filter in specification.filters where filter.isWanted {
            if specification.keys.count == 1, encoder.mode == .packed {
                try filter.publish(packedKeys: keys, flags: flags, count: rowCount, encoder: encoder, context)
            } else {
                try filter.publish(
                    taken.batches.map { $0.columns[specification.keys[filter.key].build] },
                    bounds: taken.bounds[filter.key], context)
            }
        }
        if specification.isNullAware { try makeNullAwareTables(assembler, taken.bounds, keys, flags, context) }

        var wanted = specification.storedBuildColumns
        if !encoder.isExact { wanted.formUnion(specification.keys.map(\.build)) }
        let order = wanted.sorted()
        let types = specification.buildTypes
        let assembled = try assembler.assemble(order.map { ($0, types[$0]) })
        columns = [Vector?](repeating: nil, count: types.count)
        for (position, vector) in zip(order, assembled) { columns[position] = vector }
        if specification.marksBuildRows {
            let buffer = Buffer(byteCount: max(rowCount, 1))
            buffer.pointer.initializeMemory(as: UInt8.self, repeating: 0, count: max(rowCount, 1))
            matched = buffer
        }
        try reservation.resize(
            to: table.byteCount + rowCount
                * (1 + order.reduce(0) { $0 + (columns[$1]?.codes != nil ? 4 : types[$1].physical.byteCount) }))
    }

    /// Keys of all rows over the key columns `chosen`.
    private func encode(
        _ assembler: ColumnAssembler, _ encoder: JoinKeyEncoder, _ chosen: [Int], _ keys: Buffer, _ flags: Buffer
    ) throws {
        nonisolated(unsafe) let keyTarget = keys.pointer.assumingMemoryBound(to: UInt64.self)
        nonisolated(unsafe) let flagTarget = flags.pointer.assumingMemoryBound(to: UInt8.self)
        let batches = assembler.batches
        let offsets = assembler.offsets
        let positions = chosen.map { specification.keys[$0].build }
        let perTask = 32
        let tasks = (batches.count + perTask - 1) / perTask
        let workers = assembler.total < 16 << 10 ? 1 : assembler.context.settings.threads
        try assembler.context.pool.forEach(tasks, workers: workers) { task, _ in
            let hasher = VectorHasher(columnCount: positions.count)
            for index in task * perTask..<min((task + 1) * perTask, batches.count) {
                let batch = batches[index]
                // Without selection `encode` hashes straight into the keys.
                encoder.encode(
                    positions.map { batch.columns[$0] }, Rows(count: batch.rowCount), keys: keyTarget + offsets[index],
                    flags: flagTarget + offsets[index], hasher: hasher, scratch: keyTarget + offsets[index])
            }
        }
    }

    private func makeTable(
        _ keys: Buffer, _ flags: Buffer, _ encoder: JoinKeyEncoder, _ context: ExecutionContext, existenceOnly: Bool
    ) throws -> JoinTable {
        try JoinTableBuilder(
            keys: UnsafePointer(keys.pointer.assumingMemoryBound(to: UInt64.self)),
            flags: UnsafePointer(flags.pointer.assumingMemoryBound(to: UInt8.self)), count: rowCount,
            domain: encoder.mode == .packed ? encoder.domain : 0, keysAreHashes: encoder.mode == .hashed,
            wantsExistenceOnly: existenceOnly && encoder.isExact, context: context
        ).build()
    }

    /// NOT IN: a NULL on either side makes the answer NULL where the other conditions hold. Rows are found by the
    /// keys behind the first, once all of them and once those whose first key is NULL.
    private func makeNullAwareTables(
        _ assembler: ColumnAssembler, _ bounds: [KeyBounds], _ keys: Buffer, _ flags: Buffer,
        _ context: ExecutionContext
    ) throws {
        let others = Array(specification.keys.indices.dropFirst())
        let other = JoinKeyEncoder(
            others.map { (specification.keys[$0].type, specification.keys[$0].isNullSafe) },
            bounds: others.map { bounds[$0] })
        try encode(assembler, other, others, keys, flags)
        let all = try makeTable(keys, flags, other, context, existenceOnly: false)
        let flag = flags.pointer.assumingMemoryBound(to: UInt8.self)
        if let first = specification.keys.first {
            for (index, batch) in assembler.batches.enumerated() {
                let view = batch.columns[first.build].view
                for row in 0..<batch.rowCount where view.isValid(row) { flag[assembler.offsets[index] + row] = 0 }
            }
        }
        let nulls = try makeTable(keys, flags, other, context, existenceOnly: false)
        nullAware = NullAwareTables(encoder: other, all: all, nulls: nulls)
    }

    // MARK: What probes do with rows

    /// Notes that build rows have found a probe row. Workers may note one row at once: all write 1.
    func mark(_ rows: UnsafePointer<UInt32>, _ count: Int) {
        guard let matched else { return }
        let bytes = matched.pointer.assumingMemoryBound(to: UInt8.self)
        for index in 0..<count { bytes[Int(rows[index])] = 1 }
    }
}
