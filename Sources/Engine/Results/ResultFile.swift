import Glibc
import SQLTypes

/// A file that appears under its name only when it is whole: written beside it, then renamed.
final class ResultFile {
    let path: String
    private let temporary: String
    private let descriptor: Int32
    private var isCommitted = false
    private(set) var byteCount = 0
    var buffer: [UInt8] = []
    private static let limit = 256 << 10

    init(_ path: String) throws {
        self.path = path
        temporary = path + ".tmp"
        descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Self.failure(path) }
    }

    deinit {
        close(descriptor)
        if !isCommitted { unlink(temporary) }
    }

    func flushIfFull() throws { if buffer.count >= Self.limit { try flush() } }

    private func flush() throws {
        var done = 0
        while done < buffer.count {
            let written = buffer.withUnsafeBytes { raw in
                raw.baseAddress.map { Glibc.write(descriptor, $0 + done, raw.count - done) } ?? 0
            }
            if written > 0 { done += written } else if errno != EINTR { throw Self.failure(path) }
        }
        byteCount += buffer.count
        buffer.removeAll(keepingCapacity: true)
    }

    func commit() throws {
        try flush()
        guard rename(temporary, path) == 0 else { throw Self.failure(path) }
        isCommitted = true
    }

    private static func failure(_ path: String) -> QueryError {
        QueryError(.genericExternal, "The file \(path) cannot be written: \(String(cString: strerror(errno)))")
    }

    /// The whole text of a file of at most `limit` bytes; nil when there is none such.
    static func read(_ path: String, limit: Int) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, Int(status.st_size) <= limit else { return nil }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        var done = 0
        while done < bytes.count {
            let got = bytes.withUnsafeMutableBytes { raw in
                raw.baseAddress.map { Glibc.read(descriptor, $0 + done, raw.count - done) } ?? 0
            }
            if got < 0, errno == EINTR { continue }
            guard got > 0 else { return nil }
            done += got
        }
        return bytes
    }
}
