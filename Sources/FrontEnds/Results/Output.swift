import Glibc
import SQLTypes

/// Where a front end writes: a descriptor with a buffer. A closed pipe is `OutputClosed`, which ends quietly.
final class Output {
    private let descriptor: Int32
    private let closesAtEnd: Bool
    private var buffer: [UInt8] = []
    private static let limit = 64 << 10

    init(descriptor: Int32, closesAtEnd: Bool = false) {
        self.descriptor = descriptor
        self.closesAtEnd = closesAtEnd
        buffer.reserveCapacity(Self.limit + 4096)
    }

    deinit { if closesAtEnd { close(descriptor) } }

    static let standardOutput: Int32 = 1
    static let standardError: Int32 = 2

    func write(_ text: String) throws {
        buffer.append(contentsOf: text.utf8)
        try flushIfFull()
    }

    func write(_ bytes: [UInt8]) throws {
        buffer.append(contentsOf: bytes)
        try flushIfFull()
    }

    /// Appends in place, for per-cell writers.
    func append(_ body: (inout [UInt8]) throws -> Void) throws {
        try body(&buffer)
        try flushIfFull()
    }

    private func flushIfFull() throws { if buffer.count >= Self.limit { try flush() } }

    func flush() throws {
        var done = 0
        while done < buffer.count {
            let written = buffer.withUnsafeBytes { bytes in
                guard let start = bytes.baseAddress else { return 0 }
                return Glibc.write(descriptor, start + done, bytes.count - done)
            }
            if written > 0 {
                done += written
            } else if errno != EINTR {
                buffer.removeAll(keepingCapacity: true)
                if errno == EPIPE { throw OutputClosed() }
                throw QueryError(.genericExternal, "The output cannot be written: \(String(cString: strerror(errno)))")
            }
        }
        buffer.removeAll(keepingCapacity: true)
    }
}

/// The reader of the output went away.
struct OutputClosed: Error {}
