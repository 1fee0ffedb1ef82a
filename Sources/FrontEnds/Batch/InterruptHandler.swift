import Glibc
import SQLTypes
import Synchronization

/// Turns Ctrl-C (SIGINT) into the cancellation of the running statement, on a thread of its own.
final class InterruptHandler: Sendable {
    private let state = Mutex<Cancellation?>(nil)
    private let interrupted = Atomic<Bool>(false)
    private let stopped = Atomic<Bool>(false)

    /// The statement that runs now; nil between statements.
    var cancellation: Cancellation? {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }

    var wasInterrupted: Bool { interrupted.load(ordering: .relaxed) }

    /// Forgets an interrupt that has been answered.
    func reset() { interrupted.store(false, ordering: .relaxed) }

    init() {
        // The signal is blocked in every thread and taken by `sigwait` here: no code runs in a signal handler.
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, SIGINT)
        pthread_sigmask(SIG_BLOCK, &set, nil)
        var thread = pthread_t()
        pthread_create(
            &thread, nil,
            { pointer in
                guard let pointer else { return nil }
                Unmanaged<InterruptHandler>.fromOpaque(pointer).takeRetainedValue().wait()
                return nil
            }, Unmanaged.passRetained(self).toOpaque())
        pthread_detach(thread)
    }

    func stop() { stopped.store(true, ordering: .relaxed) }

    private func wait() {
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, SIGINT)
        while !stopped.load(ordering: .relaxed) {
            var signal: Int32 = 0
            guard sigwait(&set, &signal) == 0 else { continue }
            interrupted.store(true, ordering: .relaxed)
            state.withLock { $0?.cancel() }
        }
    }
}
