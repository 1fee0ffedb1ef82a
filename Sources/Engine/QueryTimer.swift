import Glibc
import SQLTypes
import Synchronization

/// Ends a query after its time limit, from a thread of its own.
final class QueryTimer: Sendable {
    private let isStopped = Atomic<Bool>(false)

    /// nil when `milliseconds` is 0: no limit.
    init?(milliseconds: Int, _ cancellation: Cancellation) {
        guard milliseconds > 0 else { return nil }
        let wait = Wait(timer: self, deadline: Engine.now() + Int64(milliseconds), cancellation: cancellation)
        var thread = pthread_t()
        pthread_create(
            &thread, nil,
            { pointer in
                guard let pointer else { return nil }
                Unmanaged<Wait>.fromOpaque(pointer).takeRetainedValue().run()
                return nil
            }, Unmanaged.passRetained(wait).toOpaque())
        pthread_detach(thread)
    }

    func stop() { isStopped.store(true, ordering: .relaxed) }

    private final class Wait {
        let timer: QueryTimer
        let deadline: Int64
        let cancellation: Cancellation

        init(timer: QueryTimer, deadline: Int64, cancellation: Cancellation) {
            self.timer = timer
            self.deadline = deadline
            self.cancellation = cancellation
        }

        func run() {
            while !timer.isStopped.load(ordering: .relaxed) {
                let left = deadline - Engine.now()
                if left <= 0 {
                    cancellation.cancel(.timeout)
                    return
                }
                usleep(UInt32(min(left, 20)) * 1000)
            }
        }
    }
}
