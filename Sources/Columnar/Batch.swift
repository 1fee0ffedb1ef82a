/// Up to a few thousand rows in columns, with an optional selection of the rows that count.
public struct Batch: Sendable {
    public var columns: [Vector]
    /// Lanes of every column.
    public var rowCount: Int
    /// The rows that are in the batch; nil means all.
    public var selection: Selection?

    public init(columns: [Vector], rowCount: Int, selection: Selection? = nil) {
        self.columns = columns
        self.rowCount = rowCount
        self.selection = selection
    }

    /// The usual size of a batch; a session can ask for others.
    public static let defaultRowCount = 2048

    /// Rows that count.
    public var selectedCount: Int { selection?.count ?? rowCount }

    public var rows: Rows { Rows(count: rowCount, selection: selection) }

    /// The batch without a selection: selected rows are gathered.
    public func compacted() -> Batch {
        guard let selection else { return self }
        return Batch(
            columns: columns.map { $0.gather(selection.indices, count: selection.count) }, rowCount: selection.count)
    }
}
