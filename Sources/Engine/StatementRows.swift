import Columnar
import SQLTypes

/// A column of a result as clients see it.
public struct ResultColumn: Hashable, Sendable {
    public var name: String
    public var type: DataType

    public init(name: String, type: DataType) {
        self.name = name
        self.type = type
    }
}

/// Takes a statement's result: one `begin`, then batches in order. Called on one thread at a time.
public protocol StatementSink: AnyObject {
    func begin(_ columns: [ResultColumn]) throws
    /// Batches have one vector per column and no selection.
    func write(_ batch: Batch) throws
    /// No further rows are wanted: the query may end early.
    var isSatisfied: Bool { get }
}

extension StatementSink {
    public var isSatisfied: Bool { false }
}

/// The small result of a metadata statement: named varchar columns and rows of text (nil: NULL).
struct StatementRows: Sendable {
    var columns: [ResultColumn]
    var rows: [[Value]] = []

    init(_ names: String...) { columns = names.map { ResultColumn(name: $0, type: .varcharUnbounded) } }

    mutating func append(_ cells: String?...) { append(cells) }

    mutating func append(_ cells: [String?]) { rows.append(cells.map { $0.map(Value.string) ?? .null }) }

    /// Sends everything to `sink`, in batches.
    func send(to sink: any StatementSink) throws {
        try sink.begin(columns)
        var start = 0
        while start < rows.count {
            let end = min(start + Batch.defaultRowCount, rows.count)
            let vectors = columns.indices.map { column in
                Vector.fromValues(rows[start..<end].map { $0[column] }, columns[column].type)
            }
            try sink.write(Batch(columns: vectors, rowCount: end - start))
            start = end
        }
    }
}

/// A small result of typed columns that a front end makes itself.
public struct MetadataRows: Sendable {
    private let rows: StatementRows

    public init(_ columns: [(name: String, type: DataType)], _ rows: [[Value]]) {
        var made = StatementRows()
        made.columns = columns.map { ResultColumn(name: $0.name, type: $0.type) }
        made.rows = rows
        self.rows = made
    }

    public func send(to sink: any StatementSink) throws { try rows.send(to: sink) }
}
