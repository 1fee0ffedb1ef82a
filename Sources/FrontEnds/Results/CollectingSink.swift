import Columnar
import Engine
import SQLTypes

/// The first column's texts, for plans and listings.
final class CollectingSink: StatementSink {
    private(set) var lines: [String] = []

    func begin(_ columns: [ResultColumn]) throws {}

    func write(_ batch: Batch) throws {
        guard let first = batch.columns.first else { return }
        for row in 0..<batch.rowCount { lines.append(ValueText.print(first.value(at: row), first.type)) }
    }
}
