import Columnar
import Engine

/// Takes rows and forgets them: a benchmark times the query, not the printing.
final class ForgettingSink: StatementSink {
    func begin(_ columns: [ResultColumn]) throws {}
    func write(_ batch: Batch) throws {}
}
