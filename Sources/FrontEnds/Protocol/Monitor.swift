import Glibc

/// A lock with a condition: what two threads of the line protocol wait on.
final class Monitor: @unchecked Sendable {
    // The pointers never change, and what lies there is made for many threads.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

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

    func locked<Result>(_ body: () -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }

    /// Inside `locked`: waits until another thread calls `wake`; then look at the condition again.
    func wait() { pthread_cond_wait(changed, mutex) }

    /// Inside `locked`: wakes all that wait.
    func wake() { pthread_cond_broadcast(changed) }
}

/// Runs `body` on a thread of its own.
enum DetachedThread {
    /// - Parameter stackByteCount: 0 for the system's default.
    static func start(stackByteCount: Int = 0, _ body: @escaping @Sendable () -> Void) {
        final class Box: Sendable {
            let body: @Sendable () -> Void
            init(_ body: @escaping @Sendable () -> Void) { self.body = body }
        }
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        if stackByteCount > 0 { pthread_attr_setstacksize(&attributes, stackByteCount) }
        var thread = pthread_t()
        pthread_create(
            &thread, &attributes,
            { pointer in
                guard let pointer else { return nil }
                Unmanaged<Box>.fromOpaque(pointer).takeRetainedValue().body()
                return nil
            }, Unmanaged.passRetained(Box(body)).toOpaque())
        pthread_attr_destroy(&attributes)
        pthread_detach(thread)
    }
}
