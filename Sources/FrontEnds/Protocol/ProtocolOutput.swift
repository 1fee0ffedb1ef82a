import Glibc
import SQLTypes

/// Standard output as protocol lines: whole lines in the order in which they were sent, written as they come by a
/// thread of its own.
///
/// Who runs requests waits while much is unwritten. Who reads requests never waits here, so that a client that writes
/// before it reads cannot block itself.
final class ProtocolOutput: @unchecked Sendable {
    // `monitor` guards everything below.
    private let monitor = Monitor()
    private var waiting: [UInt8] = []
    private var isWriting = false
    private var closed = false

    /// Unwritten bytes past which the runner waits.
    private static let runnerLimit = 1 << 20
    /// Unwritten bytes past which no more requests are read: a client that never reads.
    private static let readerLimit = 64 << 20

    init() { DetachedThread.start { [self] in write() } }

    /// The reader of the output went away: nothing more can be said.
    var isClosed: Bool { monitor.locked { closed } }

    /// Sends a line, its end included. Waits for room.
    func send(_ line: [UInt8]) {
        monitor.locked {
            while waiting.count > Self.runnerLimit, !closed { monitor.wait() }
            add(line)
        }
    }

    private func add(_ line: [UInt8]) {
        guard !closed else { return }
        waiting.append(contentsOf: line)
        monitor.wake()
    }

    /// Waits until a client that does not read has caught up.
    func waitForReader() { monitor.locked { while waiting.count > Self.readerLimit, !closed { monitor.wait() } } }

    /// Waits until everything is written.
    func finish() { monitor.locked { while !waiting.isEmpty || isWriting, !closed { monitor.wait() } } }

    private func write() {
        while true {
            let bytes = monitor.locked { () -> [UInt8] in
                while waiting.isEmpty { monitor.wait() }
                let taken = waiting
                waiting = []
                isWriting = true
                return taken
            }
            let isDone = Self.write(bytes)
            monitor.locked {
                isWriting = false
                if !isDone {
                    closed = true
                    waiting = []
                }
                monitor.wake()
            }
            if !isDone { return }
        }
    }

    /// False when the reader went away.
    private static func write(_ bytes: [UInt8]) -> Bool {
        var done = 0
        while done < bytes.count {
            let written = bytes.withUnsafeBytes { raw in
                raw.baseAddress.map { Glibc.write(1, $0 + done, raw.count - done) } ?? 0
            }
            if written > 0 {
                done += written
            } else if errno == EAGAIN {
                // The client made the pipe non-blocking.
                var descriptor = pollfd(fd: 1, events: Int16(POLLOUT), revents: 0)
                poll(&descriptor, 1, -1)
            } else if errno != EINTR {
                return false
            }
        }
        return true
    }

    // MARK: - Lines

    func result(_ id: JSONValue, _ members: [JSONValue.Member]) {
        send(Self.line(.object([.init("id", id), .init("result", .object(members))])))
    }

    func error(_ id: JSONValue, _ error: QueryError, queryID: String? = nil) {
        send(Self.errorLine(id, error, queryID))
    }

    func event(_ id: JSONValue, _ name: String, _ members: [JSONValue.Member]) {
        send(Self.line(.object([.init("id", id), .init("event", .string(name))] + members)))
    }

    /// As `result`, without waiting.
    func resultAtOnce(_ id: JSONValue, _ members: [JSONValue.Member]) {
        let line = Self.line(.object([.init("id", id), .init("result", .object(members))]))
        monitor.locked { add(line) }
    }

    /// As `error`, without waiting.
    func errorAtOnce(_ id: JSONValue, _ error: QueryError) {
        let line = Self.errorLine(id, error, nil)
        monitor.locked { add(line) }
    }

    /// As `event`, without waiting.
    func eventAtOnce(_ id: JSONValue, _ name: String, _ members: [JSONValue.Member]) {
        let line = Self.line(.object([.init("id", id), .init("event", .string(name))] + members))
        monitor.locked { add(line) }
    }

    private static func errorLine(_ id: JSONValue, _ error: QueryError, _ queryID: String?) -> [UInt8] {
        line(.object([.init("id", id), .init("error", ProtocolError.json(error, queryID: queryID))]))
    }

    private static func line(_ json: JSONValue) -> [UInt8] {
        var line: [UInt8] = []
        json.write(to: &line)
        line.append(0x0a)
        return line
    }
}
