import Glibc
import SQLTypes
import Synchronization

/// Threads of the engine, started on first use, kept, with large stacks.
///
/// The caller of `run` is always worker 0 and does not wait for others to come: threads that are free join in, and
/// when the caller is done nobody may join any more. So nested and concurrent runs cannot block one another, and work
/// for one worker touches no thread at all.
public final class WorkerPool: Sendable {
    /// Threads that may help a caller.
    public let helperCount: Int
    private let shared: Shared

    /// - Parameter threads: workers of a query, the calling thread included.
    public init(threads: Int) {
        helperCount = max(threads, 1) - 1
        shared = Shared()
    }

    deinit { shared.stop() }

    /// Calls `body` with worker numbers from 0 up, at most `workers` of them at once, each number once; numbers other
    /// than 0 may never be called when the machine is busy, so bodies must take their work from a shared queue.
    /// `body` does not throw: it keeps its error itself.
    public func run(workers: Int, _ body: @escaping @Sendable (Int) -> Void) {
        let wanted = min(workers - 1, helperCount)
        if wanted <= 0 {
            body(0)
            return
        }
        let job = Job(wanted: wanted, body: body)
        shared.submit(job, threads: helperCount)
        body(0)
        shared.close(job)
    }

    /// Calls `body` for each of `0..<count`, spread over the workers. The error of the lowest failing item is thrown;
    /// items after a failed one may be left out.
    public func forEach(
        _ count: Int, workers: Int? = nil, _ body: @escaping @Sendable (_ item: Int, _ worker: Int) throws -> Void
    ) throws {
        let failure = FirstFailure()
        let queue = MorselQueue(count: count)
        run(workers: min(workers ?? (helperCount + 1), count)) { worker in
            while let item = queue.pull() {
                if failure.stops(item) { return }
                do { try body(item, worker) } catch { failure.record(error, morsel: item) }
            }
        }
        try failure.rethrow()
    }

    /// A run: how many helpers may still join, how many are inside.
    private final class Job: Sendable {
        let body: @Sendable (Int) -> Void
        let wanted: Int
        /// Guarded by the pool's lock.
        nonisolated(unsafe) var joined = 0
        nonisolated(unsafe) var inside = 0
        nonisolated(unsafe) var isClosed = false

        init(wanted: Int, body: @escaping @Sendable (Int) -> Void) {
            self.wanted = wanted
            self.body = body
        }
    }

    /// Jobs and threads; outlives the pool until the last thread has left.
    ///
    /// `@unchecked Sendable`: everything is guarded by `mutex`.
    private final class Shared: @unchecked Sendable {
        private var jobs: [Job] = []
        private var threadCount = 0
        private var isStopped = false
        private let mutex: UnsafeMutablePointer<pthread_mutex_t>
        private let hasWork: UnsafeMutablePointer<pthread_cond_t>
        private let hasLeft: UnsafeMutablePointer<pthread_cond_t>

        init() {
            mutex = .allocate(capacity: 1)
            hasWork = .allocate(capacity: 1)
            hasLeft = .allocate(capacity: 1)
            pthread_mutex_init(mutex, nil)
            pthread_cond_init(hasWork, nil)
            pthread_cond_init(hasLeft, nil)
        }

        deinit {
            pthread_mutex_destroy(mutex)
            pthread_cond_destroy(hasWork)
            pthread_cond_destroy(hasLeft)
            mutex.deallocate()
            hasWork.deallocate()
            hasLeft.deallocate()
        }

        func submit(_ job: Job, threads: Int) {
            pthread_mutex_lock(mutex)
            jobs.append(job)
            while threadCount < threads, startThread() {}
            pthread_cond_broadcast(hasWork)
            pthread_mutex_unlock(mutex)
        }

        /// Lets nobody else in and waits for those inside.
        func close(_ job: Job) {
            pthread_mutex_lock(mutex)
            job.isClosed = true
            jobs.removeAll { $0 === job }
            while job.inside > 0 { pthread_cond_wait(hasLeft, mutex) }
            pthread_mutex_unlock(mutex)
        }

        func stop() {
            pthread_mutex_lock(mutex)
            isStopped = true
            pthread_cond_broadcast(hasWork)
            pthread_mutex_unlock(mutex)
        }

        private static let stackByteCount = 256 << 20

        private func startThread() -> Bool {
            var attributes = pthread_attr_t()
            pthread_attr_init(&attributes)
            defer { pthread_attr_destroy(&attributes) }
            pthread_attr_setstacksize(&attributes, Self.stackByteCount)
            pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
            var thread = pthread_t()
            let argument = Unmanaged.passRetained(self).toOpaque()
            let result = pthread_create(
                &thread, &attributes,
                { argument in
                    guard let argument else { return nil }
                    Unmanaged<Shared>.fromOpaque(argument).takeRetainedValue().work()
                    return nil
                }, argument)
            guard result == 0 else {
                Unmanaged<Shared>.fromOpaque(argument).release()
                return false
            }
            threadCount += 1
            return true
        }

        private func work() {
            pthread_mutex_lock(mutex)
            while true {
                if let job = jobs.first(where: { $0.joined < $0.wanted }) {
                    job.joined += 1
                    job.inside += 1
                    let number = job.joined
                    pthread_mutex_unlock(mutex)
                    job.body(number)
                    pthread_mutex_lock(mutex)
                    job.inside -= 1
                    if job.inside == 0 { pthread_cond_broadcast(hasLeft) }
                } else if isStopped {
                    break
                } else {
                    pthread_cond_wait(hasWork, mutex)
                }
            }
            pthread_mutex_unlock(mutex)
        }
    }
}

/// Numbers `0..<count`, each handed out once.
public final class MorselQueue: Sendable {
    public let count: Int
    private let next = Atomic<Int>(0)

    public init(count: Int) { self.count = count }

    public func pull() -> Int? {
        let number = next.wrappingAdd(1, ordering: .relaxed).oldValue
        return number < count ? number : nil
    }
}

/// The error of the lowest morsel that failed. Work on lower morsels goes on, so that the same error comes out however
/// the work is spread.
public final class FirstFailure: Sendable {
    private let lowest = Atomic<Int>(Int.max)
    private let error = Mutex<(any Error)?>(nil)

    public init() {}

    /// Whether work on `morsel` is pointless because it or an earlier one failed.
    public func stops(_ morsel: Int) -> Bool { lowest.load(ordering: .relaxed) <= morsel }

    public func record(_ new: any Error, morsel: Int) {
        error.withLock { kept in
            if kept == nil || morsel < lowest.load(ordering: .relaxed) {
                kept = new
                lowest.store(morsel, ordering: .relaxed)
            }
        }
    }

    public func rethrow() throws {
        if let kept = error.withLock({ $0 }) { throw kept }
    }
}
