import Columnar
import Engine
import SQLTypes

/// How values are written, as the client chose with `set`.
struct ValueOptions {
    /// `bigint` as a JSON string.
    var bigintAsText = false
    /// Every value as one text.
    var allAsText = false
}

/// Encodes the rows of batches as JSON arrays.
struct RowEncoder {
    let columns: [ResultColumn]
    let options: ValueOptions

    func cells(_ batch: Batch) -> [CellWriter] { zip(batch.columns, columns).map { CellWriter($0, $1.type) } }

    func append(_ row: Int, _ cells: [CellWriter], to out: inout [UInt8]) {
        out.append(UInt8(ascii: "["))
        for (index, cell) in cells.enumerated() {
            if index > 0 { out.append(UInt8(ascii: ",")) }
            if cell.isNull(row) {
                out.append(contentsOf: "null".utf8)
            } else if options.allAsText {
                var text: [UInt8] = []
                cell.append(row, to: &text)
                JSONValue.writeString(text, to: &out)
            } else {
                cell.appendJSON(row, bigintAsText: options.bigintAsText, to: &out)
            }
        }
        out.append(UInt8(ascii: "]"))
    }

    static func json(_ columns: [ResultColumn]) -> JSONValue {
        .array(
            columns.map { column in
                .object([
                    .init("name", .string(column.name)), .init("type", .string(column.type.displayName)),
                    .init("nullable", .bool(true)),
                ])
            })
    }
}

/// Sends a result as `columns` and `rows` events.
final class StreamSink: StatementSink {
    private let id: JSONValue
    private let output: ProtocolOutput
    private let options: ValueOptions
    private let fetchSize: Int
    /// 0 is no limit.
    private let maxRows: Int
    private var encoder: RowEncoder?
    private var line: [UInt8] = []
    private var rowsInLine = 0
    private(set) var rowCount = 0
    private(set) var isTruncated = false
    /// Bytes of a line after which the next one begins.
    private static let lineLimit = 256 << 10

    init(id: JSONValue, output: ProtocolOutput, options: ValueOptions, fetchSize: Int, maxRows: Int) {
        self.id = id
        self.output = output
        self.options = options
        self.fetchSize = max(fetchSize, 1)
        self.maxRows = maxRows
    }

    /// One row more than wanted was seen: the query can end.
    var isSatisfied: Bool { isTruncated }

    func begin(_ columns: [ResultColumn]) throws {
        encoder = RowEncoder(columns: columns, options: options)
        output.event(id, "columns", [.init("columns", RowEncoder.json(columns))])
    }

    func write(_ batch: Batch) throws {
        guard let encoder else { return }
        let cells = encoder.cells(batch)
        for row in 0..<batch.rowCount {
            if maxRows > 0, rowCount == maxRows {
                isTruncated = true
                return
            }
            if rowsInLine == 0 {
                line.append(contentsOf: "{\"id\":".utf8)
                id.write(to: &line)
                line.append(contentsOf: ",\"event\":\"rows\",\"rows\":[".utf8)
            } else {
                line.append(UInt8(ascii: ","))
            }
            encoder.append(row, cells, to: &line)
            rowsInLine += 1
            rowCount += 1
            if rowsInLine >= fetchSize || line.count >= Self.lineLimit { flush() }
        }
        if output.isClosed { throw QueryError(.userCanceled, "The client went away") }
    }

    /// Sends what is left of the last line.
    func flush() {
        guard rowsInLine > 0 else { return }
        line.append(contentsOf: "]}\n".utf8)
        output.send(line)
        line.removeAll(keepingCapacity: true)
        rowsInLine = 0
    }
}
