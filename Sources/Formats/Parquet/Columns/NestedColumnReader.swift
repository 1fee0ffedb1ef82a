import Columnar
import SQLTypes
import Storage

/// A column with lists, maps or structs: reads the levels and values of its leaves and assembles them.
final class NestedColumnReader: ColumnReader {
    private let shape: NestedShape
    private let leaves: [LevelReader]
    private(set) var bad: [BadLane] = []

    init(_ shape: NestedShape, _ leaves: [LevelReader]) {
        self.shape = shape
        self.leaves = leaves
    }

    func skip(_ count: Int) {
        for leaf in leaves { leaf.skip(count) }
    }

    func read(_ count: Int) throws -> Vector {
        bad = []
        guard count > 0 else { return Vector.nulls(shape.type, count: 0) }
        let runs = try leaves.map { try $0.read(count) }
        let vector = NestedAssembler(runs: runs).assemble(shape, SlotContext())
        guard vector.count == count, Self.isWhole(vector, depth: 0) else {
            throw leaves[0].place.bad("Repetition levels of the column's parts disagree")
        }
        // One part that cannot be had makes the whole value NULL, as in text formats.
        for lane in leaves.flatMap(\.bad).sorted(by: { $0.position < $1.position })
        where bad.last?.position != lane.position {
            bad.append(lane)
        }
        return BadLane.nulled(vector, bad)
    }

    func read(_ count: Int, at positions: UnsafePointer<UInt32>, _ positionCount: Int) throws -> Vector {
        guard positionCount > 0 else {
            bad = []
            skip(count)
            return Vector.nulls(shape.type, count: 0)
        }
        let first = Int(positions[0])
        let last = Int(positions[positionCount - 1])
        skip(first)
        let vector = try read(last - first + 1)
        skip(count - last - 1)
        if vector.count == positionCount { return vector }
        let buffer = Buffer(byteCount: positionCount * 4)
        let local = buffer.pointer.assumingMemoryBound(to: UInt32.self)
        for index in 0..<positionCount { local[index] = positions[index] &- positions[0] }
        bad = BadLane.gathered(bad, at: UnsafePointer(local), positionCount)
        return vector.gather(UnsafePointer(local), count: positionCount)
    }

    /// Leaves of a damaged file may disagree on how many elements there are.
    private static func isWhole(_ vector: Vector, depth: Int) -> Bool {
        if vector.encoding != .flat { return true }
        switch vector.physical {
        case .row:
            return vector.children.allSatisfy { $0.count == vector.count && isWhole($0, depth: depth + 1) }
        case .list, .map:
            let entries = vector.pointer(as: ListEntry.self)
            var total = 0
            for row in 0..<vector.count { total &+= Int(entries[row].count) }
            return vector.children.allSatisfy { $0.count == total && isWhole($0, depth: depth + 1) }
        default: return true
        }
    }
}

/// Levels and values of one leaf, a number of rows at a time. A row may go over several pages.
final class LevelReader {
    private let pages: PageStream
    private let type: DataType?
    private var position = 0
    private var count = 0
    private var pendingSkip = 0
    private var isAtEnd = false
    /// Rows of the last run, counted from its first, that hold a value which the leaf's type cannot hold.
    private(set) var bad: [BadLane] = []

    var place: ChunkPlace { pages.place }

    /// `type` nil: only levels.
    init(_ pages: PageStream, type: DataType?) {
        self.pages = pages
        self.type = type
    }

    func skip(_ count: Int) { pendingSkip += count }

    func read(_ rows: Int) throws -> LeafRun {
        if pendingSkip > 0 {
            let step = pendingSkip
            pendingSkip = 0
            try pass(step)
        }
        var run = LeafRun(definitions: [], repetitions: [], values: nil)
        run.definitions.reserveCapacity(rows)
        var pieces: [Vector] = []
        bad = []
        try walk(rows) { first, entries, valid in
            try append(first, entries, to: &run)
            guard let values = pages.values, valid > 0 else { return }
            pieces.append(try values.take(valid).flattened())
            if !values.bad.isEmpty { note(values.bad, run, entries) }
        }
        if let type { run.values = pieces.count == 1 ? pieces[0] : Vector.concatenate(pieces, type: type) }
        return run
    }

    /// Finds the rows of bad values among the last `entries` of the run.
    private func note(_ found: [BadLane], _ run: LeafRun, _ entries: Int) {
        let full = UInt8(truncatingIfNeeded: pages.leaf.definitionLevel)
        let first = run.definitions.count - entries
        var row = -1
        var value = 0
        var next = 0
        for entry in run.definitions.indices {
            if run.repetitions.isEmpty || run.repetitions[entry] == 0 { row += 1 }
            guard entry >= first, run.definitions[entry] == full else { continue }
            if next < found.count, found[next].position == value {
                bad.append(BadLane(position: row, error: found[next].error))
                next += 1
            }
            value += 1
        }
    }

    private func append(_ first: Int, _ entries: Int, to run: inout LeafRun) throws {
        if let definitions = pages.levels.definitions {
            let start = UnsafePointer(definitions.pointer.assumingMemoryBound(to: UInt8.self)) + first
            run.definitions.append(contentsOf: UnsafeBufferPointer(start: start, count: entries))
        } else {
            let full = UInt8(truncatingIfNeeded: pages.leaf.definitionLevel)
            run.definitions.append(contentsOf: repeatElement(full, count: entries))
        }
        if let repetitions = pages.levels.repetitions {
            let start = UnsafePointer(repetitions.pointer.assumingMemoryBound(to: UInt8.self)) + first
            run.repetitions.append(contentsOf: UnsafeBufferPointer(start: start, count: entries))
        }
    }

    private func pass(_ rows: Int) throws {
        // Pages that are passed whole stay packed where an entry is a row.
        var left = rows
        if pages.leaf.repetitionLevel == 0 {
            while left > 0 {
                if position == count {
                    guard try nextPage(loading: false) else { throw tooShort() }
                }
                guard !pages.isLoaded, left >= count - position else { break }
                left -= count - position
                position = count
            }
        }
        if left > 0 {
            if position < count { try pages.load() }
            try walk(left) { _, _, valid in try pages.values?.skip(valid) }
        }
    }

    private func tooShort() -> QueryError { place.bad("Column chunk has fewer values than the row group") }

    private func nextPage(loading: Bool) throws -> Bool {
        guard try pages.advance() else {
            isAtEnd = true
            return false
        }
        count = pages.entryCount
        position = 0
        if loading { try pages.load() }
        return true
    }

    /// Calls `body` with runs of entries, each within one page, that make up the next `rows` rows: first entry in
    /// the page, how many, and how many of them hold a value.
    private func walk(_ rows: Int, _ body: (Int, Int, Int) throws -> Void) throws {
        var started = 0
        while true {
            if position == count {
                guard !isAtEnd, try nextPage(loading: true) else {
                    guard started == rows else { throw tooShort() }
                    return
                }
            } else {
                try pages.load()
            }
            let first = position
            if let repetitions = pages.levels.repetitions {
                let levels = repetitions.pointer.assumingMemoryBound(to: UInt8.self)
                while position < count {
                    if levels[position] == 0 {
                        if started == rows { break }
                        started += 1
                    } else if started == 0 {
                        throw place.bad("Column chunk starts inside a row")
                    }
                    position += 1
                }
            } else {
                let step = min(rows - started, count - position)
                started += step
                position += step
            }
            if position > first { try body(first, position - first, validCount(first, position - first)) }
            if started == rows, position < count || pages.levels.repetitions == nil { return }
        }
    }

    private func validCount(_ first: Int, _ entries: Int) -> Int {
        guard let definitions = pages.levels.definitions else { return entries }
        let levels = definitions.pointer.assumingMemoryBound(to: UInt8.self)
        let full = UInt8(truncatingIfNeeded: pages.leaf.definitionLevel)
        var valid = 0
        for entry in first..<first + entries { valid &+= Int(unsafeBitCast(levels[entry] == full, to: UInt8.self)) }
        return valid
    }
}
