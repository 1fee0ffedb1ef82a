import Synchronization

/// What a scan did, counted by all workers.
public final class ScanMetrics: Sendable {
    /// Bytes read from files (what Athena would bill).
    public let bytesRead: Counter
    /// Rows decoded or skipped by a filter.
    public let rowsRead: Counter
    public let filesRead: Counter
    public let rowGroupsPruned: Counter
    public let pagesPruned: Counter
    public let splitsDone: Counter
    public let splitsTotal: Counter
    /// Values replaced or rows skipped by `bad_data`.
    public let badValues: Counter

    /// - Parameter total: counts the same things for the whole query.
    public init(addingTo total: ScanMetrics? = nil) {
        bytesRead = Counter(total?.bytesRead)
        rowsRead = Counter(total?.rowsRead)
        filesRead = Counter(total?.filesRead)
        rowGroupsPruned = Counter(total?.rowGroupsPruned)
        pagesPruned = Counter(total?.pagesPruned)
        splitsDone = Counter(total?.splitsDone)
        splitsTotal = Counter(total?.splitsTotal)
        badValues = Counter(total?.badValues)
    }
}

/// A number that many workers add to.
public final class Counter: Sendable {
    private let number = Atomic<Int>(0)
    private let total: Counter?

    /// - Parameter total: another counter that every amount is added to, too.
    public init(_ total: Counter? = nil) { self.total = total }

    public var value: Int { number.load(ordering: .relaxed) }

    public func add(_ amount: Int) {
        number.wrappingAdd(amount, ordering: .relaxed)
        total?.add(amount)
    }
}
