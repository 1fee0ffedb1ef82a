import Engine

/// The output formats of `--format`.
public enum ResultFormat: String, CaseIterable, Sendable {
    case table, csv, tsv, json, jsonl, markdown, vertical, null

    /// A sink that prints in this format.
    func makeSink(_ output: Output, terminalWidth: Int? = nil) -> any FormattedSink {
        switch self {
        case .table: TableSink(output)
        case .csv: CSVSink(output)
        case .tsv: TSVSink(output)
        case .json: JSONSink(output)
        case .jsonl: JSONLinesSink(output)
        case .markdown: MarkdownSink(output)
        case .vertical: VerticalSink(output)
        case .null: NullSink()
        }
    }
}

/// A sink that has something to print after the last batch.
protocol FormattedSink: StatementSink {
    /// Called once, after a statement that succeeded and had a result set.
    func end() throws
}
