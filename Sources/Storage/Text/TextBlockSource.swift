import Columnar
import SQLTypes

/// Feeds a text reader with blocks of bytes that begin at a record: what the reader leaves of one block is put before
/// the next bytes of the stream.
///
/// ```
/// block n     |record|record|record|rec|
/// block n+1                        |record|record|...
/// ```
/// Every block is fresh memory from the pool, so views into it stay good as long as someone refers to its `Buffer`.
public final class TextBlockSource {
    /// Small enough that a block and what is found in it stay in the second-level cache.
    public static let blockByteCount = 256 << 10
    /// The longest record: beyond it, most likely, a quote or brace was never closed.
    public static let recordLimit = 256 << 20
    /// Read past the end of a split to complete its last record.
    private static let overrun = 16 << 10

    public let file: FileEntry
    private let stream: any ByteStream
    private let context: ScanContext
    private let capacity: Int
    /// Where the records of the split end, roughly: no more is read ahead past it.
    private let softEnd: Int
    private var bytesCounted = 0

    public private(set) var block = Buffer(byteCount: 64)
    /// Bytes in the block. `Buffer.padding` zero bytes follow them.
    public private(set) var count = 0
    /// Where the block's first byte lies in the (unpacked) file.
    public private(set) var offset: Int
    /// Nothing follows the block.
    public private(set) var isLast = false

    public init(
        _ stream: any ByteStream, _ file: FileEntry, _ context: ScanContext, from offset: Int = 0,
        softEnd: Int = .max, blockByteCount: Int = TextBlockSource.blockByteCount
    ) {
        self.stream = stream
        self.file = file
        self.context = context
        self.offset = offset
        self.softEnd = softEnd
        capacity = max(blockByteCount, 64) - Buffer.padding
    }

    public var bytes: UnsafePointer<UInt8> { UnsafePointer(block.pointer.assumingMemoryBound(to: UInt8.self)) }

    /// Makes a block of the bytes from `kept` on and more of the stream. False at the end, with an empty block.
    public func advance(keepingFrom kept: Int) throws -> Bool {
        try context.cancellation.check()
        let tail = count - kept
        if isLast {
            offset += kept
            count = 0
            return false
        }
        // A record that fills half a block gets a larger one.
        var size = capacity
        while tail > size / 2 { size *= 2 }
        guard tail <= Self.recordLimit else {
            throw QueryError(
                .hiveBadData,
                "Record is longer than \(Self.recordLimit >> 20) MiB (a quote or brace may never be closed)",
                in: DataLocation(file: file.path))
        }
        let next = Buffer(byteCount: size + Buffer.padding)
        if tail > 0 { next.pointer.copyMemory(from: block.pointer + kept, byteCount: tail) }
        offset += kept
        let position = offset + tail
        let wanted = min(size - tail, max(softEnd == .max ? .max : softEnd - position, Self.overrun))
        let done = try stream.read(into: UnsafeMutableRawBufferPointer(start: next.pointer + tail, count: wanted))
        isLast = done < wanted
        count = tail + done
        (next.pointer + count).initializeMemory(as: UInt8.self, repeating: 0, count: Buffer.padding)
        block = next
        context.metrics.bytesRead.add(stream.bytesRead - bytesCounted)
        bytesCounted = stream.bytesRead
        return count > 0
    }
}
