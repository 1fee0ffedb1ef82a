import Synchronization

/// What a scan did, counted by all workers.
public final class ScanMetrics: Sendable {
    /// Bytes read from files (what Athena would bill).
    public let bytesRead = Counter()
    /// Rows decoded or skipped by a filter.
    public let rowsRead = Counter()
    public let filesRead = Counter()
    public let rowGroupsPruned = Counter()
    public let pagesPruned = Counter()
    public let splitsDone = Counter()
    public let splitsTotal = Counter()
    /// Values replaced or rows skipped by `bad_data`.
    public let badValues = Counter()

    public init() {}
}

/// A number that many workers add to.
public final class Counter: Sendable {
    private let number = Atomic<Int>(0)

    public init() {}

    public var value: Int { number.load(ordering: .relaxed) }

    public func add(_ amount: Int) { number.wrappingAdd(amount, ordering: .relaxed) }
}
