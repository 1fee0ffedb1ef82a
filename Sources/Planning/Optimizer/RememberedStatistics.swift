import Metastore
import Synchronization

/// Asks for a table's statistics once per statement, however often rules need them.
final class RememberedStatistics: StatisticsProvider {
    private struct Key: Hashable {
        var database: String
        var table: String
        var partitions: [[String]]?
        var isExact: Bool
    }

    private let provider: any StatisticsProvider
    private let known = Mutex<[Key: TableStatistics?]>([:])

    init(_ provider: any StatisticsProvider) { self.provider = provider }

    func statistics(of scan: TableScan) throws -> TableStatistics? {
        try remembered(scan, isExact: false) { try provider.statistics(of: scan) }
    }

    func exactStatistics(of scan: TableScan) throws -> TableStatistics? {
        try remembered(scan, isExact: true) { try provider.exactStatistics(of: scan) }
    }

    private func remembered(
        _ scan: TableScan, isExact: Bool, _ ask: () throws -> TableStatistics?
    ) throws -> TableStatistics? {
        let key = Key(
            database: scan.table.database, table: scan.table.name, partitions: scan.partitions?.map(\.values),
            isExact: isExact)
        if let answer = known.withLock({ $0[key] }) { return answer }
        let answer = try ask()
        known.withLock { $0[key] = .some(answer) }
        return answer
    }
}
