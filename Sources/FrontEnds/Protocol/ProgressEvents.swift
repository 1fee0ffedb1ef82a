import Engine
import Glibc
import SQLTypes
import Synchronization

/// Sends a progress event four times a second at most, from a thread of its own.
final class ProgressEvents: Sendable {
    private let isStopped = Mutex(false)
    private let id: JSONValue
    private let output: ProtocolOutput
    private let progress: QueryProgress
    private static let interval: UInt32 = 250_000

    init(id: JSONValue, output: ProtocolOutput, progress: QueryProgress) {
        self.id = id
        self.output = output
        self.progress = progress
        DetachedThread.start { [self] in run() }
    }

    /// After this no event comes.
    func stop() { isStopped.withLock { $0 = true } }

    private func run() {
        var goesOn = true
        while goesOn {
            usleep(Self.interval)
            isStopped.withLock { isStopped in
                goesOn = !isStopped
                guard goesOn, let now = progress.snapshot else { return }
                output.event(
                    id, "progress",
                    [
                        .init("splits_done", .int(now.splitsDone)), .init("splits_total", .int(now.splitsTotal)),
                        .init("rows_read", .int(now.rowsRead)), .init("bytes_scanned", .int(now.bytesScanned)),
                        .init("elapsed_ms", .int(now.elapsedMilliseconds)),
                    ])
            }
        }
    }
}
