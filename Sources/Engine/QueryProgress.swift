import Storage
import Synchronization

/// How far the running query of a session is, for progress lines and events.
public final class QueryProgress: Sendable {
    private let state = Mutex<(metrics: ScanMetrics, started: Int64)?>(nil)

    public struct Snapshot: Sendable {
        public var splitsDone: Int
        public var splitsTotal: Int
        public var rowsRead: Int
        public var bytesScanned: Int
        public var elapsedMilliseconds: Int
    }

    func begin(_ metrics: ScanMetrics) { state.withLock { $0 = (metrics, Engine.now()) } }
    func end() { state.withLock { $0 = nil } }

    /// nil when no query runs.
    public var snapshot: Snapshot? {
        state.withLock { state in
            state.map { metrics, started in
                Snapshot(
                    splitsDone: metrics.splitsDone.value, splitsTotal: metrics.splitsTotal.value,
                    rowsRead: metrics.rowsRead.value, bytesScanned: metrics.bytesRead.value,
                    elapsedMilliseconds: Int(Engine.now() - started))
            }
        }
    }
}
