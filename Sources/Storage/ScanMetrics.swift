import Synchronization

/// What a scan did, counted by all workers.
public final class ScanMetrics: Sendable {
    /// Bytes read from files (what Athena would bill).
    public let bytesRead = Atomic<Int>(0)
    /// Rows decoded or skipped by a filter.
    public let rowsRead = Atomic<Int>(0)
    public let filesRead = Atomic<Int>(0)
    public let rowGroupsPruned = Atomic<Int>(0)
    public let pagesPruned = Atomic<Int>(0)
    public let splitsDone = Atomic<Int>(0)
    public let splitsTotal = Atomic<Int>(0)
    /// Values replaced or rows skipped by `bad_data`.
    public let badValues = Atomic<Int>(0)

    public init() {}

    public func add(_ counter: KeyPath<ScanMetrics, Atomic<Int>>, _ amount: Int) {
        self[keyPath: counter].wrappingAdd(amount, ordering: .relaxed)
    }
}
