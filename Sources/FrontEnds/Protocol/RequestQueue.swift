import Glibc
import SQLTypes
import Synchronization

/// Requests between the reader's thread and the one that runs them. The reader waits when too much is queued.
final class RequestQueue: @unchecked Sendable {
    // `mutex` guards everything below.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var waiting: [ProtocolRequest] = []
    private var waitingBytes = 0
    private var isEnded = false
    private var running: (id: JSONValue, cancellation: Cancellation)?
    /// Waiting requests that were cancelled: they end without running.
    private var cancelled: Set<JSONValue> = []
    private static let limit = 64 << 20

    init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(changed, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        pthread_cond_destroy(changed)
        mutex.deallocate()
        changed.deallocate()
    }

    private func locked<Result>(_ body: () -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }

    /// False when a request of this id waits or runs.
    func add(_ request: ProtocolRequest) -> Bool {
        locked {
            if running?.id == request.id || waiting.contains(where: { $0.id == request.id }) { return false }
            while waitingBytes > Self.limit { pthread_cond_wait(changed, mutex) }
            waiting.append(request)
            waitingBytes += request.byteCount
            pthread_cond_broadcast(changed)
            return true
        }
    }

    /// No more requests will come.
    func end() {
        locked {
            isEnded = true
            pthread_cond_broadcast(changed)
        }
    }

    /// The next request with the switch that ends it; nil when all are done and no more will come.
    func next() -> (request: ProtocolRequest, cancellation: Cancellation)? {
        locked {
            while waiting.isEmpty {
                if isEnded { return nil }
                pthread_cond_wait(changed, mutex)
            }
            let request = waiting.removeFirst()
            waitingBytes -= request.byteCount
            let cancellation = Cancellation()
            if cancelled.remove(request.id) != nil { cancellation.cancel() }
            running = (request.id, cancellation)
            pthread_cond_broadcast(changed)
            return (request, cancellation)
        }
    }

    func finish() { locked { running = nil } }

    /// Whether a request of this id waited or ran; it then ends with USER_CANCELED.
    func cancel(_ id: JSONValue) -> Bool {
        locked {
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
