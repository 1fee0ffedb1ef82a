import SQLTypes
import Synchronization

/// The memory a query may hold in states that grow: hash tables, sort rows, results that are kept.
public final class MemoryBudget: Sendable {
    /// Bytes; `Int.max` is no limit.
    public let limit: Int
    private let used = Atomic<Int>(0)
    private let highest = Atomic<Int>(0)

    public init(limit: Int = Int.max) { self.limit = limit }

    public var usedBytes: Int { used.load(ordering: .relaxed) }
    public var peakBytes: Int { highest.load(ordering: .relaxed) }

    /// Whether `byteCount` more would still fit: operators that can spill ask before they reserve.
    public func hasRoom(for byteCount: Int) -> Bool { usedBytes &+ byteCount <= limit }

    func take(_ byteCount: Int, for name: String) throws {
        let now = used.wrappingAdd(byteCount, ordering: .relaxed).newValue
        if now > limit {
            used.wrappingSubtract(byteCount, ordering: .relaxed)
            throw QueryError(
                .exceededLocalMemoryLimit,
                "Query exceeded per-node memory limit of \(Self.text(limit)) [Allocated: \(Self.text(now - byteCount)), "
                    + "Delta: \(Self.text(byteCount)), Top Consumers: {\(name)=\(Self.text(byteCount))}]")
        }
        var seen = highest.load(ordering: .relaxed)
        while now > seen {
            let result = highest.compareExchange(expected: seen, desired: now, ordering: .relaxed)
            if result.exchanged { break }
            seen = result.original
        }
    }

    func give(_ byteCount: Int) { used.wrappingSubtract(byteCount, ordering: .relaxed) }

    /// `512MB`, `1.50GB`.
    static func text(_ byteCount: Int) -> String {
        let units = ["B", "kB", "MB", "GB", "TB"]
        var unit = 0
        var hundredths = byteCount.multipliedReportingOverflow(by: 100).overflow ? Int.max : byteCount * 100
        while hundredths >= 102_400, unit < units.count - 1 {
            hundredths /= 1024
            unit += 1
        }
        if hundredths % 100 == 0 { return "\(hundredths / 100)\(units[unit])" }
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)\(units[unit])"
    }
}

/// One operator's share of the budget, given back when it goes.
public final class MemoryReservation: Sendable {
    public let name: String
    private let budget: MemoryBudget
    private let held = Atomic<Int>(0)

    public init(_ name: String, _ budget: MemoryBudget) {
        self.name = name
        self.budget = budget
    }

    deinit { budget.give(held.load(ordering: .relaxed)) }

    public var byteCount: Int { held.load(ordering: .relaxed) }

    /// - Throws: EXCEEDED_LOCAL_MEMORY_LIMIT.
    public func grow(by byteCount: Int) throws {
        guard byteCount > 0 else { return }
        try budget.take(byteCount, for: name)
        held.wrappingAdd(byteCount, ordering: .relaxed)
    }

    /// Makes the reservation `byteCount` bytes, for one owner that knows its size. Not for use by several threads.
    public func resize(to byteCount: Int) throws {
        let old = held.load(ordering: .relaxed)
        if byteCount > old { try grow(by: byteCount - old) } else { shrink(by: old - byteCount) }
    }

    public func shrink(by byteCount: Int) {
        guard byteCount > 0 else { return }
        held.wrappingSubtract(byteCount, ordering: .relaxed)
        budget.give(byteCount)
    }
}
