import Columnar
import Expressions
import SQLTypes

/// Looks every row of the probe side up in the build side's table.
///
/// Probe columns are passed on as they are (with a selection) where each row has at most one match, else as positions
/// into the batch; build columns are positions into the build side's columns: values are fetched when somebody reads
/// them.
final class JoinProbe: TransformOperator {
    let name: String
    let build: JoinBuild

    init(_ build: JoinBuild, name: String) {
        self.build = build
        self.name = name
    }

    func makeLocal(_ worker: WorkerContext, downstream: any LocalConsumer) throws -> any LocalConsumer {
        let condition = try build.specification.residual?.makeEvaluator(worker.context)
        let batchRowCount = worker.context.settings.batchRowCount
        return JoinProbeLocal(
            build, condition, BatchCoalescer(downstream, batchRowCount: batchRowCount), batchRowCount: batchRowCount,
            cancellation: worker.context.cancellation)
    }
}

/// One worker's probing.
final class JoinProbeLocal: LocalConsumer {
    let build: JoinBuild
    let specification: JoinSpecification
    let condition: JoinConditionEvaluator?
    let downstream: BatchCoalescer
    let batchRowCount: Int
    let cancellation: Cancellation
    let hasher: VectorHasher
    private var scratch: JoinScratch

    init(
        _ build: JoinBuild, _ condition: JoinConditionEvaluator?, _ downstream: BatchCoalescer, batchRowCount: Int,
        cancellation: Cancellation
    ) {
        self.build = build
        specification = build.specification
        self.condition = condition
        self.downstream = downstream
        // Positions of a batch are also lanes of constants.
        self.batchRowCount = min(batchRowCount, ConstantLanes.limit)
        self.cancellation = cancellation
        hasher = VectorHasher(columnCount: build.specification.keys.count)
        scratch = JoinScratch(max(batchRowCount, Batch.defaultRowCount))
    }

    func push(_ batch: Batch) throws -> PushResult {
        let table = build.table
        if table.rowCount == 0, specification.dropsUnmatchedProbeRows { return .finished }
        if scratch.capacity < batch.rowCount { scratch = JoinScratch(batch.rowCount) }
        let scratch = scratch
        find(batch, build.encoder, table, Array(specification.keys.indices), scratch)
        switch specification.probeOutput {
        case .pairs(let keepsUnmatched):
            if table.isUnique { return try pushUnique(batch, scratch, keepsUnmatched) }
            return try pushPairs(batch, scratch, keepsUnmatched: keepsUnmatched, emits: true)
        case .nothing:
            return try pushPairs(batch, scratch, keepsUnmatched: false, emits: false)
        case .matching, .notMatching, .mark:
            return try pushExistence(batch, scratch)
        }
    }

    func finish() throws { try downstream.finish() }

    /// Runs of all wanted rows, in `scratch.starts` and `.counts` by position.
    func find(_ batch: Batch, _ encoder: JoinKeyEncoder, _ table: JoinTable, _ keys: [Int], _ scratch: JoinScratch) {
        let rows = batch.rows
        encoder.encode(
            keys.map { batch.columns[specification.keys[$0].probe] }, rows, keys: scratch.keys, flags: scratch.flags,
            hasher: hasher, scratch: scratch.hashes)
        table.find(
            scratch.keys, scratch.flags, count: rows.selectedCount, starts: scratch.starts, counts: scratch.counts)
    }

    // MARK: At most one match per row

    private func pushUnique(_ batch: Batch, _ scratch: JoinScratch, _ keepsUnmatched: Bool) throws -> PushResult {
        let count = batch.selectedCount
        let lanes = batch.selection?.indices
        let starts = scratch.starts
        let counts = scratch.counts
        var matchCount = 0
        for index in 0..<count { matchCount &+= Int(counts[index]) }
        if matchCount == 0 {
            return keepsUnmatched ? try pushUnmatched(batch, nil) : .needsMore
        }
        // Codes by lane; lanes without a match have row 0.
        let codesBuffer = Buffer(byteCount: batch.rowCount * 4)
        let codes = codesBuffer.pointer.assumingMemoryBound(to: UInt32.self)
        var selection: Selection?
        if matchCount == count, lanes == nil {
            codes.update(from: starts, count: count)
        } else {
            codes.update(repeating: 0, count: batch.rowCount)
            let matchesBuffer = Buffer(byteCount: count * 4 + 4)
            let matches = matchesBuffer.pointer.assumingMemoryBound(to: UInt32.self)
            var made = 0
            for index in 0..<count {
                let lane = lanes.map { $0[index] } ?? UInt32(truncatingIfNeeded: index)
                let hit = counts[index]
                codes[Int(lane)] = hit != 0 ? starts[index] : 0
                matches[made] = lane
                made &+= Int(hit)
            }
            selection = Selection(matchesBuffer, count: made)
        }
        if !build.encoder.isExact {
            selection = verified(batch, codes, selection, count: matchCount)
            matchCount = selection?.count ?? count
        }
        if let condition, matchCount > 0 {
            let pairs = conditionBatch(batch, nil, codes, count: batch.rowCount, owner: codesBuffer, selection)
            let chosen = try condition.select(pairs)
            if chosen.count < matchCount { selection = chosen }
            matchCount = chosen.count
        }
        if matchCount == 0 {
            return keepsUnmatched ? try pushUnmatched(batch, nil) : .needsMore
        }
        if specification.marksBuildRows { markRows(codes, selection, count: batch.rowCount) }

        var columns: [Vector] = []
        columns.reserveCapacity(specification.outputProbeColumns.count + specification.outputBuildColumns.count)
        for position in specification.outputProbeColumns { columns.append(batch.columns[position]) }
        if keepsUnmatched, matchCount < count, let selection {
            let bits = Validity.makeBits(batch.rowCount, valid: false)
            let words = bits.pointer.assumingMemoryBound(to: UInt64.self)
            for index in 0..<selection.count { Validity.setValid(words, Int(selection.indices[index])) }
            for position in specification.outputBuildColumns {
                guard let column = build.columns[position] else { continue }
                columns.append(
                    JoinColumns.pick(
                        column, codes, count: batch.rowCount, owner: codesBuffer, missing: words, missingOwner: bits))
            }
            return try downstream.push(Batch(columns: columns, rowCount: batch.rowCount, selection: batch.selection))
        }
        for position in specification.outputBuildColumns {
            guard let column = build.columns[position] else { continue }
            columns.append(
                build.rowCount == 1
                    ? JoinColumns.repeated(column, count: batch.rowCount)
                    : JoinColumns.pick(column, codes, count: batch.rowCount, owner: codesBuffer))
        }
        return try downstream.push(
            Batch(columns: columns, rowCount: batch.rowCount, selection: selection ?? batch.selection))
    }

    /// Of the lanes in `selection` (nil: all), those whose columns equal row `codes[lane]`'s.
    private func verified(
        _ batch: Batch, _ codes: UnsafePointer<UInt32>, _ selection: Selection?, count: Int
    ) -> Selection {
        let lanesBuffer = Buffer(byteCount: count * 4 + 4)
        let lanes = lanesBuffer.pointer.assumingMemoryBound(to: UInt32.self)
        let rowsBuffer = Buffer(byteCount: count * 4)
        let rows = rowsBuffer.pointer.assumingMemoryBound(to: UInt32.self)
        for index in 0..<count {
            let lane = selection.map { $0.indices[index] } ?? UInt32(truncatingIfNeeded: index)
            lanes[index] = lane
            rows[index] = codes[Int(lane)]
        }
        let kept = keepEqual(batch, Array(specification.keys.indices), lanes, rows, count)
        return Selection(lanesBuffer, count: kept)
    }

    /// Moves the pairs whose key columns are equal to the front; returns how many.
    func keepEqual(
        _ batch: Batch, _ keys: [Int], _ lanes: UnsafeMutablePointer<UInt32>, _ rows: UnsafeMutablePointer<UInt32>,
        _ count: Int
    ) -> Int {
        let flagsBuffer = Buffer(byteCount: max(count, 1))
        let flags = flagsBuffer.pointer.assumingMemoryBound(to: UInt8.self)
        flags.update(repeating: 1, count: count)
        for index in keys {
            let key = specification.keys[index]
            guard let column = build.columns[key.build] else { continue }
            Comparison.clearDifferent(column, rows, batch.columns[key.probe], lanes, count: count, flags: flags)
        }
        var kept = 0
        for index in 0..<count {
            lanes[kept] = lanes[index]
            rows[kept] = rows[index]
            kept &+= Int(flags[index])
        }
        return kept
    }

    private func markRows(_ codes: UnsafePointer<UInt32>, _ selection: Selection?, count: Int) {
        guard let selection else {
            build.mark(codes, count)
            return
        }
        let buffer = Buffer(byteCount: max(selection.count, 1) * 4)
        let rows = buffer.pointer.assumingMemoryBound(to: UInt32.self)
        for index in 0..<selection.count { rows[index] = codes[Int(selection.indices[index])] }
        build.mark(rows, selection.count)
    }

    /// The columns that the condition reads, for pairs of lane `lanes[i]` (nil: lane i) and row `rows[i]`.
    func conditionBatch(
        _ batch: Batch, _ lanes: (UnsafePointer<UInt32>, Buffer)?, _ rows: UnsafePointer<UInt32>, count: Int,
        owner: Buffer, _ selection: Selection?
    ) -> Batch {
        let sources = specification.residual?.sources ?? []
        let columns = sources.map { source -> Vector in
            switch source {
            case .probe(let position):
                guard let lanes else { return batch.columns[position] }
                return JoinColumns.pick(batch.columns[position], lanes.0, count: count, owner: lanes.1)
            case .build(let position):
                guard let column = build.columns[position] else { return .constant(.null, .unknown, count: count) }
                return JoinColumns.pick(column, rows, count: count, owner: owner)
            }
        }
        return Batch(columns: columns, rowCount: count, selection: selection)
    }

    /// Probe rows that have found nothing, with NULLs for the build columns. `matched` is by position; nil: none has.
    func pushUnmatched(_ batch: Batch, _ matched: UnsafePointer<UInt8>?) throws -> PushResult {
        var selection = batch.selection
        if let matched {
            let count = batch.selectedCount
            let lanes = batch.selection?.indices
            let buffer = Buffer(byteCount: count * 4 + 4)
            let target = buffer.pointer.assumingMemoryBound(to: UInt32.self)
            var made = 0
            for index in 0..<count {
                target[made] = lanes.map { $0[index] } ?? UInt32(truncatingIfNeeded: index)
                made &+= Int(1 &- matched[index])
            }
            if made == 0 { return .needsMore }
            if made < count { selection = Selection(buffer, count: made) }
        }
        let columns =
            specification.outputProbeColumns.map { batch.columns[$0] }
            + specification.outputBuildColumns.map {
                Vector.constant(.null, specification.buildTypes[$0], count: batch.rowCount)
            }
        return try downstream.push(Batch(columns: columns, rowCount: batch.rowCount, selection: selection))
    }

    // MARK: Any number of matches per row

    private func pushPairs(
        _ batch: Batch, _ scratch: JoinScratch, keepsUnmatched: Bool, emits: Bool
    ) throws -> PushResult {
        let count = batch.selectedCount
        let lanes = batch.selection?.indices
        let matched = scratch.matched
        if keepsUnmatched { matched.update(repeating: 0, count: count) }
        let runs = build.table.runs
        var index = 0
        var done: UInt32 = 0
        while index < count {
            let lanesBuffer = Buffer(byteCount: batchRowCount * 4)
            let rowsBuffer = Buffer(byteCount: batchRowCount * 4)
            let pairLanes = lanesBuffer.pointer.assumingMemoryBound(to: UInt32.self)
            let pairRows = rowsBuffer.pointer.assumingMemoryBound(to: UInt32.self)
            let positions = scratch.positions(batchRowCount)
            var made = 0
            while index < count, made < batchRowCount {
                let rest = scratch.counts[index] &- done
                let taken = min(Int(rest), batchRowCount &- made)
                if taken > 0 {
                    let lane = lanes.map { $0[index] } ?? UInt32(truncatingIfNeeded: index)
                    let start = scratch.starts[index] &+ done
                    if let runs {
                        for offset in 0..<taken {
                            pairLanes[made &+ offset] = lane
                            pairRows[made &+ offset] = runs[Int(start) &+ offset]
                        }
                    } else {
                        pairLanes[made] = lane
                        pairRows[made] = start
                    }
                    if keepsUnmatched {
                        for offset in 0..<taken { positions[made &+ offset] = UInt32(truncatingIfNeeded: index) }
                    }
                    made &+= taken
                }
                if taken == Int(rest) {
                    index &+= 1
                    done = 0
                } else {
                    done &+= UInt32(truncatingIfNeeded: taken)
                }
            }
            if made == 0 { break }
            if made == batchRowCount { try cancellation.check() }
            let result = try pushChunk(
                batch, made, (pairLanes, lanesBuffer), (pairRows, rowsBuffer), positions,
                keepsUnmatched ? matched : nil,
                emits: emits)
            if result == .finished { return .finished }
        }
        return keepsUnmatched ? try pushUnmatched(batch, matched) : .needsMore
    }

    /// Checks up to a batch of pairs, notes what they match and passes them on. `positions` are those of the lanes.
    private func pushChunk(
        _ batch: Batch, _ made: Int, _ lanes: (UnsafeMutablePointer<UInt32>, Buffer),
        _ rows: (UnsafeMutablePointer<UInt32>, Buffer), _ positions: UnsafeMutablePointer<UInt32>,
        _ matched: UnsafeMutablePointer<UInt8>?, emits: Bool
    ) throws -> PushResult {
        var count = made
        var selection: Selection?
        if !build.encoder.isExact {
            let kept = selectEqual(batch, Array(specification.keys.indices), lanes.0, rows.0, count)
            if kept.count == 0 { return .needsMore }
            if kept.count < count { selection = kept }
            count = kept.count
        }
        if let condition {
            let pairs = conditionBatch(
                batch, (UnsafePointer(lanes.0), lanes.1), rows.0, count: made, owner: rows.1, selection)
            let chosen = try condition.select(pairs)
            if chosen.count == 0 { return .needsMore }
            if chosen.count < count { selection = chosen }
            count = chosen.count
        }
        if let matched {
            if let selection {
                for index in 0..<selection.count { matched[Int(positions[Int(selection.indices[index])])] = 1 }
            } else {
                for index in 0..<made { matched[Int(positions[index])] = 1 }
            }
        }
        if specification.marksBuildRows { markRows(rows.0, selection, count: made) }
        guard emits else { return .needsMore }
        var columns: [Vector] = []
        columns.reserveCapacity(specification.outputProbeColumns.count + specification.outputBuildColumns.count)
        for position in specification.outputProbeColumns {
            columns.append(JoinColumns.pick(batch.columns[position], lanes.0, count: made, owner: lanes.1))
        }
        for position in specification.outputBuildColumns {
            guard let column = build.columns[position] else { continue }
            columns.append(JoinColumns.pick(column, rows.0, count: made, owner: rows.1))
        }
        return try downstream.push(Batch(columns: columns, rowCount: made, selection: selection))
    }

    /// Positions of the pairs whose key columns are equal.
    func selectEqual(
        _ batch: Batch, _ keys: [Int], _ lanes: UnsafePointer<UInt32>, _ rows: UnsafePointer<UInt32>, _ count: Int
    ) -> Selection {
        let flagsBuffer = Buffer(byteCount: max(count, 1))
        let flags = flagsBuffer.pointer.assumingMemoryBound(to: UInt8.self)
        flags.update(repeating: 1, count: count)
        for index in keys {
            let key = specification.keys[index]
            guard let column = build.columns[key.build] else { continue }
            Comparison.clearDifferent(column, rows, batch.columns[key.probe], lanes, count: count, flags: flags)
        }
        let buffer = Buffer(byteCount: count * 4 + 4)
        let target = buffer.pointer.assumingMemoryBound(to: UInt32.self)
        var kept = 0
        for index in 0..<count {
            target[kept] = UInt32(truncatingIfNeeded: index)
            kept &+= Int(flags[index])
        }
        return Selection(buffer, count: kept)
    }

    // MARK: Semi, anti and mark on the probe side

    private func pushExistence(_ batch: Batch, _ scratch: JoinScratch) throws -> PushResult {
        let count = batch.selectedCount
        let lanes = batch.selection?.indices
        let matched = scratch.matched
        if build.encoder.isExact, condition == nil {
            for index in 0..<count { matched[index] = unsafeBitCast(scratch.counts[index] != 0, to: UInt8.self) }
        } else {
            matched.update(repeating: 0, count: count)
            try search(batch, build.table, Array(specification.keys.indices), scratch, matched)
        }
        var unknown: UnsafePointer<UInt8>?
        if specification.isNullAware, let tables = build.nullAware, build.rowCount > 0 {
            unknown = try findUnknown(batch, tables, scratch, UnsafePointer(matched))
        }
        if case .mark = specification.probeOutput {
            let builder = FlatBuilder(.boolean, capacity: batch.rowCount)
            builder.zero()
            let values = builder.pointer(as: UInt8.self)
            for index in 0..<count {
                let lane = lanes.map { Int($0[index]) } ?? index
                values[lane] = matched[index]
                if let unknown, unknown[index] != 0 { builder.setNull(lane) }
            }
            let columns =
                specification.outputProbeColumns.map { batch.columns[$0] } + [builder.finish(count: batch.rowCount)]
            return try downstream.push(Batch(columns: columns, rowCount: batch.rowCount, selection: batch.selection))
        }
        var wanted: UInt8 = 1
        if case .notMatching = specification.probeOutput { wanted = 0 }
        let buffer = Buffer(byteCount: count * 4 + 4)
        let target = buffer.pointer.assumingMemoryBound(to: UInt32.self)
        var made = 0
        for index in 0..<count {
            target[made] = lanes.map { $0[index] } ?? UInt32(truncatingIfNeeded: index)
            let isIn = unsafeBitCast(matched[index] == wanted, to: UInt8.self)
            made &+= Int(isIn & (1 &- (unknown?[index] ?? 0)))
        }
        if made == 0 { return .needsMore }
        let columns = specification.outputProbeColumns.map { batch.columns[$0] }
        return try downstream.push(
            Batch(
                columns: columns, rowCount: batch.rowCount,
                selection: made == count ? batch.selection : Selection(buffer, count: made)))
    }

    /// Sets `matched[i]` for positions whose run has a row that meets all conditions. Rounds: each position that is
    /// still open offers its next few rows, about a batch together.
    private func search(
        _ batch: Batch, _ table: JoinTable, _ keys: [Int], _ scratch: JoinScratch,
        _ matched: UnsafeMutablePointer<UInt8>
    ) throws {
        let count = batch.selectedCount
        let lanes = batch.selection?.indices
        let runs = table.runs
        let openBuffer = Buffer(byteCount: max(count, 1) * 4)
        let open = openBuffer.pointer.assumingMemoryBound(to: UInt32.self)
        var openCount = 0
        for index in 0..<count where scratch.counts[index] != 0 {
            open[openCount] = UInt32(truncatingIfNeeded: index)
            openCount &+= 1
        }
        let capacity = max(batchRowCount, count)
        let lanesBuffer = Buffer(byteCount: capacity * 4)
        let rowsBuffer = Buffer(byteCount: capacity * 4)
        let pairLanes = lanesBuffer.pointer.assumingMemoryBound(to: UInt32.self)
        let pairRows = rowsBuffer.pointer.assumingMemoryBound(to: UInt32.self)
        let positions = scratch.positions(capacity)
        while openCount > 0 {
            try cancellation.check()
            let share = UInt32(truncatingIfNeeded: max(capacity / openCount, 1))
            var made = 0
            for number in 0..<openCount {
                let index = Int(open[number])
                let taken = min(share, scratch.counts[index])
                let lane = lanes.map { $0[index] } ?? UInt32(truncatingIfNeeded: index)
                for offset in 0..<taken {
                    let place = scratch.starts[index] &+ offset
                    pairLanes[made] = lane
                    pairRows[made] = runs.map { $0[Int(place)] } ?? place
                    positions[made] = UInt32(truncatingIfNeeded: index)
                    made &+= 1
                }
                scratch.starts[index] &+= taken
                scratch.counts[index] &-= taken
            }
            var selection: Selection?
            var left = made
            if !build.encoder.isExact {
                let kept = selectEqual(batch, keys, pairLanes, pairRows, made)
                selection = kept
                left = kept.count
            }
            if let condition, left > 0 {
                let pairs = conditionBatch(
                    batch, (UnsafePointer(pairLanes), lanesBuffer), pairRows, count: made, owner: rowsBuffer, selection)
                selection = try condition.select(pairs)
            }
            if let selection {
                for index in 0..<selection.count { matched[Int(positions[Int(selection.indices[index])])] = 1 }
            } else if left > 0 {
                for index in 0..<made { matched[Int(positions[index])] = 1 }
            }
            var still = 0
            for number in 0..<openCount {
                let index = Int(open[number])
                if matched[index] == 0, scratch.counts[index] != 0 {
                    open[still] = open[number]
                    still &+= 1
                }
            }
            openCount = still
        }
    }

    /// Positions whose IN is NULL: no match, but a NULL on one of the sides where the other conditions hold.
    private func findUnknown(
        _ batch: Batch, _ tables: JoinBuild.NullAwareTables, _ scratch: JoinScratch, _ matched: UnsafePointer<UInt8>
    ) throws -> UnsafePointer<UInt8> {
        let count = batch.selectedCount
        let unknown = scratch.unknown
        unknown.update(repeating: 0, count: count)
        guard let first = specification.keys.first else { return UnsafePointer(unknown) }
        let lanes = batch.selection?.indices
        let view = batch.columns[first.probe].view
        let others = Array(specification.keys.indices.dropFirst())
        let needsSearch = condition != nil || !build.encoder.isExact
        for (table, wantsNull) in [(tables.all, true), (tables.nulls, false)] where table.rowCount > 0 {
            if wantsNull, view.validity == nil { continue }
            find(batch, tables.encoder, table, others, scratch)
            for index in 0..<count {
                let lane = lanes.map { Int($0[index]) } ?? index
                if matched[index] != 0 || view.isValid(lane) == wantsNull { scratch.counts[index] = 0 }
            }
            if needsSearch {
                try search(batch, table, others, scratch, unknown)
            } else {
                for index in 0..<count where scratch.counts[index] != 0 { unknown[index] = 1 }
            }
        }
        return UnsafePointer(unknown)
    }
}

/// Arrays of one worker's probing, by position among the wanted rows of a batch.
struct JoinScratch {
    let capacity: Int
    let keys: UnsafeMutablePointer<UInt64>
    let hashes: UnsafeMutablePointer<UInt64>
    let starts: UnsafeMutablePointer<UInt32>
    let counts: UnsafeMutablePointer<UInt32>
    let flags: UnsafeMutablePointer<UInt8>
    let matched: UnsafeMutablePointer<UInt8>
    let unknown: UnsafeMutablePointer<UInt8>
    private let buffer: Buffer
    private let pairs: Pairs

    private final class Pairs {
        var buffer: Buffer?
    }

    init(_ capacity: Int) {
        self.capacity = capacity
        buffer = Buffer(byteCount: capacity * (8 + 8 + 4 + 4 + 3))
        pairs = Pairs()
        keys = buffer.pointer.assumingMemoryBound(to: UInt64.self)
        hashes = keys + capacity
        let words = UnsafeMutableRawPointer(hashes + capacity)
        starts = words.assumingMemoryBound(to: UInt32.self)
        counts = starts + capacity
        let bytes = UnsafeMutableRawPointer(counts + capacity)
        flags = bytes.assumingMemoryBound(to: UInt8.self)
        matched = flags + capacity
        unknown = matched + capacity
    }

    /// Room for the positions of `count` pairs.
    func positions(_ count: Int) -> UnsafeMutablePointer<UInt32> {
        if pairs.buffer.map({ $0.byteCount < count * 4 }) ?? true { pairs.buffer = Buffer(byteCount: count * 4) }
        return pairs.buffer.unsafelyUnwrapped.pointer.assumingMemoryBound(to: UInt32.self)
    }
}
