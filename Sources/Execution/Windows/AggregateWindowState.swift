import Columnar
import Functions
import SQLTypes

/// An aggregate over frames. How it is computed depends on the frame, and on whether states are plain bytes that can
/// be combined any number of times:
///
/// | frame | plain states | states that own memory |
/// |---|---|---|
/// | whole partition | one state per partition | the same |
/// | from the partition's start | running totals: a state per row | one state that grows |
/// | to the partition's end | running totals from the end | a state per row over its frame |
/// | any other | a tree of states, eight below one | a state per row over its frame |
class AggregateWindowState: WindowCallState {
    let bucket: WindowBucket
    let call: WindowSpecification.Call
    let kernel: any AggregateKernel
    let skipsNulls: Bool
    /// Bytes from state to state.
    let stride: Int

    static func open(
        _ bucket: WindowBucket, _ call: WindowSpecification.Call, _ function: AggregateFunction
    ) throws -> any WindowCallState {
        let frames = try WindowFrames(bucket, call.frame)
        let kernel = try function.makeKernel(call.signature)
        if frames.startsAtPartition, frames.endsAtPartition {
            return try PartitionAggregate(bucket, call, kernel, function.skipsNulls)
        }
        if !kernel.ownsMemory {
            return try TreeAggregate(bucket, call, kernel, function.skipsNulls, frames)
        }
        if frames.startsAtPartition {
            return try GrowingAggregate(bucket, call, kernel, function.skipsNulls, frames)
        }
        return try RowwiseAggregate(bucket, call, kernel, function.skipsNulls, frames)
    }

    init(
        _ bucket: WindowBucket, _ call: WindowSpecification.Call, _ kernel: any AggregateKernel, _ skipsNulls: Bool
    ) throws {
        self.bucket = bucket
        self.call = call
        self.kernel = kernel
        self.skipsNulls = skipsNulls
        kernel.stateOffset = 0
        stride = max((kernel.stateByteCount + 7) & ~7, 8)
    }

    func results(from start: Int, count: Int) throws -> Vector { preconditionFailure("results is overridden") }

    // MARK: What the forms share

    typealias State = UnsafeMutableRawPointer

    /// Room for states.
    struct States {
        let buffer: Buffer
        let stride: Int

        subscript(index: Int) -> State { buffer.pointer + index * stride }
    }

    func makeStates(_ count: Int) throws -> States {
        let states = States(buffer: Buffer(byteCount: max(count, 1) * stride), stride: stride)
        if kernel.startsAsZeros {
            states.buffer.pointer.initializeMemory(as: UInt8.self, repeating: 0, count: max(count, 1) * stride)
        } else {
            try withPointers(count, { states[$0] }) { kernel.initialize($0, count: $1) }
        }
        return states
    }

    private static let chunk = 2048

    /// Calls `body` with up to a chunk of pointers at a time.
    func withPointers(
        _ count: Int, _ pointer: (Int) -> State, _ body: (UnsafePointer<State>, Int) throws -> Void
    ) rethrows {
        let buffer = Buffer(byteCount: Self.chunk * 8)
        let pointers = buffer.pointer.assumingMemoryBound(to: State.self)
        var start = 0
        while start < count {
            let length = min(Self.chunk, count - start)
            for index in 0..<length { pointers[index] = pointer(start + index) }
            try body(pointers, length)
            start += length
        }
    }

    /// Adds the rows at positions `range` to the states that `state` gives them.
    func update(_ range: Range<Int>, _ state: (Int) -> State) throws {
        let buffer = Buffer(byteCount: Self.chunk * 8)
        let pointers = buffer.pointer.assumingMemoryBound(to: State.self)
        var start = range.lowerBound
        while start < range.upperBound {
            try bucket.context.cancellation.check()
            let count = min(Self.chunk, range.upperBound - start)
            let arguments = call.arguments.map { bucket.slice($0, from: start, count: count) }
            let rows = wanted(arguments, filter: call.filter.map { bucket.slice($0, from: start, count: count) }, count)
            var made = 0
            rows.forEach { row in
                pointers[made] = state(start + row)
                made &+= 1
            }
            if made > 0 { try kernel.update(pointers, arguments, rows) }
            start += count
        }
    }

    /// Rows that the filter lets through and whose first argument is not null, where nulls are skipped.
    func wanted(_ arguments: [Vector], filter: Vector?, _ count: Int) -> Rows {
        let firstValidity = skipsNulls ? arguments.first?.view.validity : nil
        if firstValidity == nil, filter == nil { return Rows(count: count) }
        let filterView = filter?.view
        let buffer = Buffer(byteCount: count * 4 + 4)
        let target = buffer.pointer.assumingMemoryBound(to: UInt32.self)
        var made = 0
        for row in 0..<count {
            target[made] = UInt32(truncatingIfNeeded: row)
            var isIn = Validity.isValid(firstValidity, row)
            if let filterView { isIn = isIn && filterView.isValid(row) && filterView.load(row, as: UInt8.self) != 0 }
            if isIn { made &+= 1 }
        }
        return Rows(count: count, selection: Selection(buffer, count: made))
    }

    func finalize(_ count: Int, _ state: (Int) -> State) throws -> Vector {
        let buffer = Buffer(byteCount: max(count, 1) * 8)
        let pointers = buffer.pointer.assumingMemoryBound(to: State.self)
        for index in 0..<count { pointers[index] = state(index) }
        return try kernel.finalize(pointers, count: count)
    }
}

/// One result per partition.
private final class PartitionAggregate: AggregateWindowState {
    private var values: Vector?
    /// Number of the partition at each position.
    private let numbers: Buffer

    override init(
        _ bucket: WindowBucket, _ call: WindowSpecification.Call, _ kernel: any AggregateKernel, _ skipsNulls: Bool
    ) throws {
        numbers = Buffer(byteCount: bucket.count * 4)
        try super.init(bucket, call, kernel, skipsNulls)
        let numbers = numbers.pointer.assumingMemoryBound(to: UInt32.self)
        var partitions = 0
        for position in 0..<bucket.count {
            if Int(bucket.partitionStart[position]) == position { partitions += 1 }
            numbers[position] = UInt32(truncatingIfNeeded: partitions - 1)
        }
        try bucket.source.reservation.grow(by: partitions * stride)
        defer { bucket.source.reservation.shrink(by: partitions * stride) }
        let states = try makeStates(partitions)
        defer { if kernel.ownsMemory { withPointers(partitions, { states[$0] }) { kernel.destroy($0, count: $1) } } }
        try update(0..<bucket.count) { states[Int(numbers[$0])] }
        values = try finalize(partitions) { states[$0] }
    }

    override func results(from start: Int, count: Int) throws -> Vector {
        guard let values else { return .constant(.null, call.signature.result, count: count) }
        let codes = numbers.pointer.assumingMemoryBound(to: UInt32.self) + start
        return JoinColumns.pick(values, codes, count: count, owner: numbers)
    }
}

/// Plain states: running totals where frames begin or end with the partition, else a tree.
private final class TreeAggregate: AggregateWindowState {
    private let frames: WindowFrames
    /// Level 0 has a state per row; level k + 1 one per eight of level k. Running totals have level 0 only.
    private var levels: [States] = []
    private let empty: States
    private let reserved: Int

    private static let fanout = 8

    init(
        _ bucket: WindowBucket, _ call: WindowSpecification.Call, _ kernel: any AggregateKernel, _ skipsNulls: Bool,
        _ frames: WindowFrames
    ) throws {
        self.frames = frames
        let stride = max((kernel.stateByteCount + 7) & ~7, 8)
        reserved = bucket.count * stride * 8 / 7
        try bucket.source.reservation.grow(by: reserved)
        // Filled below: `makeStates` needs the whole object.
        empty = States(buffer: Buffer(byteCount: stride), stride: stride)
        try super.init(bucket, call, kernel, skipsNulls)
        try withPointers(1, { empty[$0] }) { kernel.initialize($0, count: $1) }
        let leaves = try makeStates(bucket.count)
        levels = [leaves]
        try update(0..<bucket.count) { leaves[$0] }
        if frames.startsAtPartition {
            try combineAll(bucket.count) { pairs in
                for position in 0..<bucket.count where Int(bucket.partitionStart[position]) != position {
                    try pairs.add(leaves[position], leaves[position - 1])
                }
            }
        } else if frames.endsAtPartition {
            try combineAll(bucket.count) { pairs in
                for position in (0..<bucket.count).reversed() where Int(bucket.partitionEnd[position]) != position + 1 {
                    try pairs.add(leaves[position], leaves[position + 1])
                }
            }
        } else {
            var below = leaves
            var count = bucket.count
            while count > Self.fanout {
                let parents = (count + Self.fanout - 1) / Self.fanout
                let level = try makeStates(parents)
                let children = below
                let childCount = count
                try combineAll(childCount) { pairs in
                    for child in 0..<childCount { try pairs.add(level[child / Self.fanout], children[child]) }
                }
                levels.append(level)
                below = level
                count = parents
            }
        }
    }

    deinit { bucket.source.reservation.shrink(by: reserved) }

    /// Pairs of states to combine, handed to the kernel in order, many at a time.
    private struct Pairs {
        let kernel: any AggregateKernel
        let targets: UnsafeMutablePointer<State>
        let sources: UnsafeMutablePointer<State>
        let capacity: Int
        var count = 0

        mutating func add(_ target: State, _ source: State) throws {
            if count == capacity { try flush() }
            targets[count] = target
            sources[count] = source
            count &+= 1
        }

        mutating func flush() throws {
            if count > 0 { try kernel.combine(targets, sources, count: count) }
            count = 0
        }
    }

    private func combineAll(_ count: Int, _ body: (inout Pairs) throws -> Void) throws {
        let capacity = 4096
        let buffer = Buffer(byteCount: capacity * 16)
        let targets = buffer.pointer.assumingMemoryBound(to: State.self)
        var pairs = Pairs(kernel: kernel, targets: targets, sources: targets + capacity, capacity: capacity)
        try body(&pairs)
        try pairs.flush()
    }

    override func results(from start: Int, count: Int) throws -> Vector {
        let leaves = levels[0]
        if frames.startsAtPartition {
            return try finalize(count) { index in
                let end = Int(frames.end[start + index])
                return end > Int(bucket.partitionStart[start + index]) ? leaves[end - 1] : empty[0]
            }
        }
        if frames.endsAtPartition {
            return try finalize(count) { index in
                let from = Int(frames.start[start + index])
                return from < Int(bucket.partitionEnd[start + index]) ? leaves[from] : empty[0]
            }
        }
        let states = try makeStates(count)
        try combineAll(count) { pairs in
            for index in 0..<count {
                let low = Int(frames.start[start + index])
                let high = Int(frames.end[start + index])
                if low < high { try addRange(low, high, states[index], &pairs) }
            }
        }
        return try finalize(count) { states[$0] }
    }

    /// Adds the states that together are `low ..< high`, from left to right.
    private func addRange(_ low: Int, _ high: Int, _ target: State, _ pairs: inout Pairs) throws {
        var low = low
        var high = high
        var level = 0
        // What is right of the middle comes last, from the top level down.
        var right: [(level: Int, from: Int, to: Int)] = []
        while low < high {
            let isTop = level == levels.count - 1
            if isTop || high - low <= Self.fanout {
                for node in low..<high { try pairs.add(target, levels[level][node]) }
                break
            }
            let firstWhole = (low + Self.fanout - 1) / Self.fanout
            let lastWhole = high / Self.fanout
            if firstWhole >= lastWhole {
                for node in low..<high { try pairs.add(target, levels[level][node]) }
                break
            }
            for node in low..<firstWhole * Self.fanout { try pairs.add(target, levels[level][node]) }
            if lastWhole * Self.fanout < high { right.append((level, lastWhole * Self.fanout, high)) }
            low = firstWhole
            high = lastWhole
            level += 1
        }
        for part in right.reversed() {
            for node in part.from..<part.to { try pairs.add(target, levels[part.level][node]) }
        }
    }
}

/// States that own memory, frames from the partition's start: one state takes row after row.
private final class GrowingAggregate: AggregateWindowState {
    private let frames: WindowFrames
    private var state: States?
    private var partition = -1
    private var done = 0

    init(
        _ bucket: WindowBucket, _ call: WindowSpecification.Call, _ kernel: any AggregateKernel, _ skipsNulls: Bool,
        _ frames: WindowFrames
    ) throws {
        self.frames = frames
        try super.init(bucket, call, kernel, skipsNulls)
    }

    deinit { release() }

    private func release() {
        if let state { withPointers(1, { state[$0] }) { kernel.destroy($0, count: $1) } }
        state = nil
    }

    override func results(from start: Int, count: Int) throws -> Vector {
        let codesBuffer = Buffer(byteCount: count * 4)
        let codes = codesBuffer.pointer.assumingMemoryBound(to: UInt32.self)
        var values: [Vector] = []
        var lastEnd = -1
        for index in 0..<count {
            let position = start + index
            let first = Int(bucket.partitionStart[position])
            let end = max(Int(frames.end[position]), first)
            if partition != first || done > end {
                release()
                partition = first
                done = first
                lastEnd = -1
            }
            let states = try state ?? makeStates(1)
            state = states
            if done < end { try update(done..<end) { _ in states[0] } }
            done = end
            if lastEnd != end {
                values.append(try finalize(1) { _ in states[0] })
                lastEnd = end
            }
            codes[index] = UInt32(truncatingIfNeeded: values.count - 1)
        }
        let all = Vector.concatenate(values, type: call.signature.result)
        return JoinColumns.pick(all, codes, count: count, owner: codesBuffer)
    }
}

/// States that own memory, any frame: each row's state takes all rows of its frame.
private final class RowwiseAggregate: AggregateWindowState {
    private let frames: WindowFrames

    init(
        _ bucket: WindowBucket, _ call: WindowSpecification.Call, _ kernel: any AggregateKernel, _ skipsNulls: Bool,
        _ frames: WindowFrames
    ) throws {
        self.frames = frames
        try super.init(bucket, call, kernel, skipsNulls)
    }

    override func results(from start: Int, count: Int) throws -> Vector {
        let states = try makeStates(count)
        defer { withPointers(count, { states[$0] }) { kernel.destroy($0, count: $1) } }
        for index in 0..<count {
            let low = Int(frames.start[start + index])
            let high = Int(frames.end[start + index])
            if low < high { try update(low..<high) { _ in states[index] } }
        }
        return try finalize(count) { states[$0] }
    }
}
