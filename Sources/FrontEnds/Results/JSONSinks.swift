import Columnar
import Engine
import SQLTypes

/// One line per statement: `{"columns":[{"name","type"}],"rows":[[...]]}`.
final class JSONSink: FormattedSink {
    private let output: Output
    private var columns: [ResultColumn] = []
    private var hasRows = false

    init(_ output: Output) { self.output = output }

    func begin(_ columns: [ResultColumn]) throws {
        self.columns = columns
        let described = columns.map { column in
            JSONValue.object([.init("name", .string(column.name)), .init("type", .string(column.type.displayName))])
        }
        try output.append { out in
            out.append(contentsOf: "{\"columns\":".utf8)
            JSONValue.array(described).write(to: &out)
            out.append(contentsOf: ",\"rows\":[".utf8)
        }
    }

    func write(_ batch: Batch) throws {
        let cells = zip(batch.columns, columns).map { CellWriter($0, $1.type) }
        for row in 0..<batch.rowCount {
            try output.append { out in
                if hasRows { out.append(UInt8(ascii: ",")) }
                hasRows = true
                Self.append(row, cells, to: &out)
            }
        }
    }

    func end() throws { try output.write("]}\n") }

    /// `[cell, cell]` of one row.
    static func append(_ row: Int, _ cells: [CellWriter], to out: inout [UInt8]) {
        out.append(UInt8(ascii: "["))
        for (index, cell) in cells.enumerated() {
            if index > 0 { out.append(UInt8(ascii: ",")) }
            cell.appendJSON(row, to: &out)
        }
        out.append(UInt8(ascii: "]"))
    }
}

/// One object per row; a repeated column name gets `_2`.
final class JSONLinesSink: FormattedSink {
    private let output: Output
    private var columns: [ResultColumn] = []
    /// `"name":` per column.
    private var heads: [[UInt8]] = []

    init(_ output: Output) { self.output = output }

    func begin(_ columns: [ResultColumn]) throws {
        self.columns = columns
        var used: Set<String> = []
        heads = columns.map { column in
            var name = column.name
            var number = 2
            while !used.insert(name).inserted {
                name = "\(column.name)_\(number)"
                number += 1
            }
            var head: [UInt8] = []
            JSONValue.writeString(name.utf8, to: &head)
            head.append(UInt8(ascii: ":"))
            return head
        }
    }

    func write(_ batch: Batch) throws {
        let cells = zip(batch.columns, columns).map { CellWriter($0, $1.type) }
        for row in 0..<batch.rowCount {
            try output.append { out in
                out.append(UInt8(ascii: "{"))
                for (index, cell) in cells.enumerated() {
                    if index > 0 { out.append(UInt8(ascii: ",")) }
                    out.append(contentsOf: heads[index])
                    cell.appendJSON(row, to: &out)
                }
                out.append(contentsOf: "}\n".utf8)
            }
        }
    }

    func end() throws {}
}
