import Columnar

/// DELTA_BINARY_PACKED: integers as differences in blocks of mini-blocks, each with its own bit width.
///
/// ```
/// header: block size, mini-blocks a block, value count, first value (zigzag)
/// block:  smallest difference (zigzag), one width byte a mini-block, packed (difference - smallest)
/// ```
/// The memory must be readable 16 bytes past its end.
struct DeltaDecoder {
    private var reader: ThriftReader
    /// Values that the header promises.
    let count: Int
    private let miniBlockCount: Int
    private let miniBlockSize: Int
    private let firstValue: Int64

    /// More values than this in one page are taken for damage.
    static let countLimit = 1 << 26

    /// nil when the header is damaged.
    init?(_ bytes: UnsafePointer<UInt8>, byteCount: Int) {
        reader = ThriftReader(bytes, count: byteCount)
        let blockSize = reader.varint()
        let miniBlocks = reader.varint()
        let total = reader.varint()
        firstValue = reader.zigzag()
        guard !reader.failed, total <= UInt64(Self.countLimit), blockSize <= 1 << 24, miniBlocks <= 1 << 16 else {
            return nil
        }
        count = Int(total)
        miniBlockCount = Int(miniBlocks)
        guard miniBlockCount > 0 else { return nil }
        miniBlockSize = Int(blockSize) / miniBlockCount
        guard miniBlockSize > 0, miniBlockSize & 7 == 0, Int(blockSize) % miniBlockCount == 0 else { return nil }
    }

    /// All values as Int64, differences wrapping around. Returns where the data ends, nil when it is damaged.
    mutating func read(_ target: UnsafeMutablePointer<Int64>) -> UnsafePointer<UInt8>? {
        guard count > 0 else { return reader.position }
        var last = firstValue
        target[0] = last
        var done = 1
        let scratch = Buffer(byteCount: miniBlockSize * 4)
        let values = scratch.pointer.assumingMemoryBound(to: UInt32.self)
        while done < count {
            let smallest = reader.zigzag()
            guard !reader.failed, reader.remaining >= miniBlockCount else { return nil }
            let widths = reader.position
            for _ in 0..<miniBlockCount { _ = reader.byte() }
            for block in 0..<miniBlockCount where done < count {
                let width = Int(widths[block])
                guard width <= 64 else { return nil }
                let byteCount = miniBlockSize / 8 * width
                let step = min(miniBlockSize, count - done)
                // The last mini-block may be cut to the bytes that its values need.
                let needed = (step * width + 7) / 8
                guard reader.remaining >= needed else { return nil }
                let packed = reader.position
                if width == 0 {
                    for index in 0..<step {
                        last &+= smallest
                        target[done &+ index] = last
                    }
                } else if width <= 32 {
                    BitUnpacking.unpack(packed, width: width, first: 0, count: step, into: values)
                    for index in 0..<step {
                        last = last &+ smallest &+ Int64(values[index])
                        target[done &+ index] = last
                    }
                } else {
                    for index in 0..<step {
                        last = last &+ smallest &+ Int64(bitPattern: BitUnpacking.oneWide(packed, width, index))
                        target[done &+ index] = last
                    }
                }
                done += step
                reader.advance(min(byteCount, reader.remaining))
            }
        }
        return reader.position
    }
}
