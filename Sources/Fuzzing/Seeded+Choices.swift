import StorageTestSupport

/// A seed and a case's number repeat all choices of a case, so that every case can be made again on its own.
extension Seeded {
    init(seed: UInt64, caseNumber: Int) {
        self.init(seed &* 0xd134_2543_de82_ef95 &+ UInt64(truncatingIfNeeded: caseNumber) &* 0xa076_1d64_78bd_642f)
        _ = next()
    }

    /// A number from 0 up to `limit`, which is left out.
    mutating func below(_ limit: Int) -> Int { limit > 1 ? Int(next() % UInt64(limit)) : 0 }

    mutating func number(_ range: ClosedRange<Int>) -> Int { range.lowerBound + below(range.count) }

    mutating func chance(_ percent: Int) -> Bool { below(100) < percent }

    mutating func byte() -> UInt8 { UInt8(truncatingIfNeeded: next()) }

    /// One of `items`, which are not empty.
    mutating func pick<Items: RandomAccessCollection>(_ items: Items) -> Items.Element {
        items[items.index(items.startIndex, offsetBy: below(items.count))]
    }
}
