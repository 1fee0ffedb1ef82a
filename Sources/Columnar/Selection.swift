/// The rows of a batch that are still wanted: ascending positions.
///
/// `@unchecked Sendable`: nothing is written after it is built.
public final class Selection: @unchecked Sendable {
    public let indices: UnsafePointer<UInt32>
    public let count: Int
    private let owner: Buffer

    public init(_ buffer: Buffer, count: Int) {
        owner = buffer
        indices = UnsafePointer(buffer.pointer.assumingMemoryBound(to: UInt32.self))
        self.count = count
    }

    /// From positions in any form; for tests and slow paths.
    public convenience init(_ positions: some Collection<Int>) {
        let buffer = Buffer(byteCount: max(positions.count, 1) * 4)
        let pointer = buffer.pointer.assumingMemoryBound(to: UInt32.self)
        for (index, position) in positions.enumerated() { pointer[index] = UInt32(truncatingIfNeeded: position) }
        self.init(buffer, count: positions.count)
    }
}

/// Which lanes of vectors a kernel has to compute: all of `0..<count`, or those of a selection.
///
/// Results have `count` lanes either way; lanes outside the selection hold anything harmless (zero, empty string).
public struct Rows {
    public let count: Int
    public let selection: Selection?

    @inlinable
    public init(count: Int, selection: Selection? = nil) {
        self.count = count
        self.selection = selection
    }

    /// How many lanes are wanted.
    @inlinable
    public var selectedCount: Int { selection?.count ?? count }

    /// Calls `body` with each wanted lane.
    @inlinable @inline(__always)
    public func forEach(_ body: (Int) throws -> Void) rethrows {
        // One loop: `body` is inlined once (the optimiser splits the loop where the body is small).
        let indices = selection?.indices
        let wanted = selectedCount
        for position in 0..<wanted {
            try body(indices.map { Int($0[position]) } ?? position)
        }
    }
}
