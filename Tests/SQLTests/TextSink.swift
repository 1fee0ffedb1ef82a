import Columnar
import Engine
import SQLTypes

/// Rows as the lines that SQL tests hold: cells by tabs, NULL as `NULL`, the empty text as `(empty)`.
final class TextSink: StatementSink {
    private var columns: [ResultColumn] = []
    private(set) var lines: [String] = []

    func begin(_ columns: [ResultColumn]) throws { self.columns = columns }

    func write(_ batch: Batch) throws {
        for row in 0..<batch.rowCount {
            let cells = zip(batch.columns, columns).map { vector, column -> String in
                let value = vector.value(at: row)
                if value.isNull { return "NULL" }
                let text = ValueText.print(value, column.type)
                if text.isEmpty { return "(empty)" }
                return text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\\n")
            }
            lines.append(cells.joined(separator: "\t"))
        }
    }
}
