import Columnar
import Glibc
import Synchronization

/// What one operator did, summed over workers; filled when `settings.collectsMetrics`.
public final class OperatorMetrics: Sendable {
    public let name: String
    /// Rows that came out (of a sink: that went in).
    public let rows = Atomic<Int>(0)
    public let batches = Atomic<Int>(0)
    /// Time in the operator itself, without what it pushed into.
    public let nanoseconds = Atomic<Int>(0)
    /// Bytes held at the end (states of sinks).
    public let bytes = Atomic<Int>(0)
    /// Bytes read from files (scans).
    public let bytesRead = Atomic<Int>(0)

    public init(_ name: String) { self.name = name }

    func add(rows: Int, batches: Int, nanoseconds: Int) {
        self.rows.wrappingAdd(rows, ordering: .relaxed)
        self.batches.wrappingAdd(batches, ordering: .relaxed)
        self.nanoseconds.wrappingAdd(nanoseconds, ordering: .relaxed)
    }
}

/// Nanoseconds of a clock that only goes forward.
func monotonicNanoseconds() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec &* 1_000_000_000 &+ time.tv_nsec
}

/// Stands before a consumer and counts what goes in and how long it takes, everything below included; the driver
/// subtracts.
final class MeteredConsumer: LocalConsumer {
    let inner: any LocalConsumer
    var rows = 0
    var batches = 0
    var nanoseconds = 0

    init(_ inner: any LocalConsumer) { self.inner = inner }

    func push(_ batch: Batch) throws -> PushResult {
        rows &+= batch.selectedCount
        batches &+= 1
        let start = monotonicNanoseconds()
        defer { nanoseconds &+= monotonicNanoseconds() &- start }
        return try inner.push(batch)
    }

    func finish() throws {
        let start = monotonicNanoseconds()
        defer { nanoseconds &+= monotonicNanoseconds() &- start }
        try inner.finish()
    }
}
