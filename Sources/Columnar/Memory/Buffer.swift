/// One owned run of bytes from the pool, returned when the last reference goes.
///
/// `@unchecked Sendable`: a buffer is written by one thread until it is shared, then only read.
public final class Buffer: @unchecked Sendable {
    public let pointer: UnsafeMutableRawPointer
    /// Usable bytes, as asked for. Readers with wide loads may run `padding` bytes past the end, writers may not.
    public let byteCount: Int
    public static let padding = BufferPool.padding

    public init(byteCount: Int) {
        self.byteCount = byteCount
        pointer = BufferPool.allocate(byteCount)
    }

    deinit { BufferPool.deallocate(pointer, byteCount) }
}
