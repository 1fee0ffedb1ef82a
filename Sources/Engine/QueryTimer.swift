import Glibc
import SQLTypes
import Synchronization

/// Ends a query after its time limit or when it has scanned too much, from a thread of its own.
final class QueryTimer: Sendable {
    private let isStopped = Atomic<Bool>(false)

    /// nil without limits: `milliseconds` and `bytes` of 0 are none.
    init?(milliseconds: Int, bytes: Int, _ progress: QueryProgress, _ cancellation: Cancellation) {
        guard milliseconds > 0 || bytes > 0 else { return nil }
        let wait = Wait(
            timer: self, deadline: milliseconds > 0 ? Engine.now() + Int64(milliseconds) : nil,
            bytes: bytes > 0 ? bytes : nil, progress: progress, cancellation: cancellation)
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
        let deadline: Int64?
        let bytes: Int?
        let progress: QueryProgress
        let cancellation: Cancellation

        init(timer: QueryTimer, deadline: Int64?, bytes: Int?, progress: QueryProgress, cancellation: Cancellation) {
            self.timer = timer
            self.deadline = deadline
            self.bytes = bytes
            self.progress = progress
            self.cancellation = cancellation
        }

        func run() {
            while !timer.isStopped.load(ordering: .relaxed) {
                if let deadline, Engine.now() >= deadline { return cancellation.cancel(.timeout) }
                if let bytes, let read = progress.snapshot?.bytesScanned, read > bytes {
                    return cancellation.cancel(.scanLimit)
                }
                usleep(5000)
            }
        }
    }
}
