import Columnar
import Engine

/// Athena's result file (`CSVText`).
final class CSVSink: FormattedSink {
    private let output: Output
    private var text = CSVText([])

    init(_ output: Output) { self.output = output }

    func begin(_ columns: [ResultColumn]) throws {
        text = CSVText(columns)
        try output.append(text.appendHeader)
    }

    func write(_ batch: Batch) throws { try output.append { text.append(batch, to: &$0) } }
    func end() throws {}
}

/// Tab-separated with a header (`TSVText`).
final class TSVSink: FormattedSink {
    private let output: Output
    private var text = TSVText([])

    init(_ output: Output) { self.output = output }

    func begin(_ columns: [ResultColumn]) throws {
        text = TSVText(columns)
        try output.append(text.appendHeader)
    }

    func write(_ batch: Batch) throws { try output.append { text.append(batch, to: &$0) } }
    func end() throws {}
}

/// Takes rows and prints nothing.
final class NullSink: FormattedSink {
    func begin(_ columns: [ResultColumn]) throws {}
    func write(_ batch: Batch) throws {}
    func end() throws {}
}
