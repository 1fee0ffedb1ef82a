import Columnar

/// Table rows spread over partitions by the top bits of their hash, each partition in blocks of its own.
///
/// One worker fills it; afterwards different workers may read and take different partitions.
final class PartitionedRows {
    typealias Row = UnsafeMutableRawPointer

    static let bits = 8
    static let partitionCount = 1 << bits

    @inline(__always)
    static func partition(of hash: UInt64) -> Int { Int(truncatingIfNeeded: hash &>> UInt64(64 &- bits)) }

    private struct Block {
        let buffer: Buffer
        var rowCount: Int
    }

    /// The blocks of one partition: an object, so that workers can take different partitions at the same time.
    private final class Part {
        var blocks: [Block] = []
    }

    private let stride: Int
    private let next: UnsafeMutablePointer<Row>
    private let end: UnsafeMutablePointer<Row>
    private let parts: UnsafeMutablePointer<Part>
    /// Bytes allocated so far.
    private(set) var byteCount = 0

    private static let smallestBlock = 4 << 10
    private static let largestBlock = 512 << 10

    init(stride: Int) {
        self.stride = stride
        let nowhere = Row(bitPattern: 64).unsafelyUnwrapped
        next = .allocate(capacity: Self.partitionCount)
        next.initialize(repeating: nowhere, count: Self.partitionCount)
        end = .allocate(capacity: Self.partitionCount)
        end.initialize(repeating: nowhere, count: Self.partitionCount)
        parts = .allocate(capacity: Self.partitionCount)
        for partition in 0..<Self.partitionCount { (parts + partition).initialize(to: Part()) }
    }

    deinit {
        next.deallocate()
        end.deallocate()
        parts.deinitialize(count: Self.partitionCount)
        parts.deallocate()
    }

    /// Room for a row with this hash.
    @inline(__always)
    func place(_ hash: UInt64) -> Row {
        let partition = Self.partition(of: hash)
        if next[partition] == end[partition] { grow(partition) }
        let row = next[partition]
        next[partition] = row + stride
        return row
    }

    private func grow(_ partition: Int) {
        seal(partition)
        let held = parts[partition].blocks.reduce(0) { $0 + $1.buffer.byteCount }
        let wanted = min(max(held, Self.smallestBlock), Self.largestBlock) - Buffer.padding
        let capacity = max(wanted / stride, 4)
        let buffer = Buffer(byteCount: capacity * stride)
        byteCount += capacity * stride
        parts[partition].blocks.append(Block(buffer: buffer, rowCount: capacity))
        next[partition] = buffer.pointer
        end[partition] = buffer.pointer + capacity * stride
    }

    /// Notes how many rows the last block holds.
    private func seal(_ partition: Int) {
        let last = parts[partition].blocks.count - 1
        guard last >= 0 else { return }
        parts[partition].blocks[last].rowCount =
            (next[partition] - parts[partition].blocks[last].buffer.pointer) / stride
    }

    func rowCount(_ partition: Int) -> Int {
        seal(partition)
        return parts[partition].blocks.reduce(0) { $0 + $1.rowCount }
    }

    /// Calls `body` with the addresses of up to 2,048 rows of a partition at a time.
    func forEachRun(_ partition: Int, _ body: (UnsafePointer<Row>, Int) throws -> Void) rethrows {
        seal(partition)
        let buffer = Buffer(byteCount: Batch.defaultRowCount * 8)
        let addresses = buffer.pointer.assumingMemoryBound(to: Row.self)
        for block in parts[partition].blocks {
            var done = 0
            while done < block.rowCount {
                let count = min(Batch.defaultRowCount, block.rowCount - done)
                for index in 0..<count { addresses[index] = block.buffer.pointer + (done + index) * stride }
                try body(addresses, count)
                done += count
            }
        }
    }

    /// Gives the memory of a partition away; the caller keeps it as long as it needs the rows.
    func takeBlocks(_ partition: Int) -> [Buffer] {
        seal(partition)
        let taken = parts[partition].blocks.map(\.buffer)
        parts[partition].blocks = []
        let nowhere = Row(bitPattern: 64).unsafelyUnwrapped
        next[partition] = nowhere
        end[partition] = nowhere
        return taken
    }
}
