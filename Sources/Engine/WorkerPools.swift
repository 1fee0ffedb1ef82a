import Execution
import Synchronization

/// Worker pools by thread count; a session that changes `threads` gets another.
final class WorkerPools: Sendable {
    private let pools = Mutex<[Int: WorkerPool]>([:])

    func pool(threads: Int) -> WorkerPool {
        pools.withLock { pools in
            if let pool = pools[threads] { return pool }
            let made = WorkerPool(threads: threads)
            pools[threads] = made
            return made
        }
    }
}
