import Glibc
import SQLTypes
import Synchronization

/// Standard output as protocol lines: whole lines, flushed each, from any thread.
final class ProtocolOutput: Sendable {
    private let lock = Mutex<Void>(())
    private let closed = Atomic<Bool>(false)

    /// The reader of the output went away: nothing more can be said.
    var isClosed: Bool { closed.load(ordering: .relaxed) }

    func send(_ line: [UInt8]) {
        lock.withLock { _ in
            var done = 0
            while done < line.count, !isClosed {
                let written = line.withUnsafeBytes { bytes in
                    bytes.baseAddress.map { Glibc.write(1, $0 + done, bytes.count - done) } ?? 0
                }
                if written > 0 {
                    done += written
                } else if errno != EINTR {
                    closed.store(true, ordering: .relaxed)
                }
            }
        }
    }

    func send(_ json: JSONValue) {
        var line: [UInt8] = []
        json.write(to: &line)
        line.append(0x0a)
        send(line)
    }

    func result(_ id: JSONValue, _ members: [JSONValue.Member]) {
        send(.object([.init("id", id), .init("result", .object(members))]))
    }

    func error(_ id: JSONValue, _ error: QueryError, queryID: String? = nil) {
        send(.object([.init("id", id), .init("error", ProtocolError.json(error, queryID: queryID))]))
    }

    func event(_ id: JSONValue, _ name: String, _ members: [JSONValue.Member]) {
        send(.object([.init("id", id), .init("event", .string(name))] + members))
    }
}
