import SQLTypes

/// Requests between the reader's thread and the one that runs them. The reader waits when too much is queued.
final class RequestQueue: @unchecked Sendable {
    // `monitor` guards everything below.
    private let monitor = Monitor()
    private var waiting: [ProtocolRequest] = []
    private var waitingBytes = 0
    private var isEnded = false
    private var running: (id: JSONValue, cancellation: Cancellation)?
    /// Waiting requests that were cancelled: they end without running.
    private var cancelled: Set<JSONValue> = []
    private static let limit = 64 << 20

    func isInUse(_ id: JSONValue) -> Bool { monitor.locked { isKnown(id) } }

    private func isKnown(_ id: JSONValue) -> Bool { running?.id == id || waiting.contains { $0.id == id } }

    /// False when a request of this id waits or runs.
    func add(_ request: ProtocolRequest) -> Bool {
        monitor.locked {
            if isKnown(request.id) { return false }
            while waitingBytes > Self.limit { monitor.wait() }
            waiting.append(request)
            waitingBytes += request.byteCount
            monitor.wake()
            return true
        }
    }

    /// No more requests will come.
    func end() {
        monitor.locked {
            isEnded = true
            monitor.wake()
        }
    }

    /// The next request with the switch that ends it; nil when all are done and no more will come.
    func next() -> (request: ProtocolRequest, cancellation: Cancellation)? {
        monitor.locked {
            while waiting.isEmpty {
                if isEnded { return nil }
                monitor.wait()
            }
            let request = waiting.removeFirst()
            waitingBytes -= request.byteCount
            let cancellation = Cancellation()
            if cancelled.remove(request.id) != nil { cancellation.cancel() }
            running = (request.id, cancellation)
            monitor.wake()
            return (request, cancellation)
        }
    }

    func finish() { monitor.locked { running = nil } }

    /// Whether a request of this id waited or ran; it then ends with USER_CANCELED.
    func cancel(_ id: JSONValue) -> Bool {
        monitor.locked {
            if let running, running.id == id {
                running.cancellation.cancel()
                return true
            }
            guard waiting.contains(where: { $0.id == id }) else { return false }
            cancelled.insert(id)
            return true
        }
    }
}
