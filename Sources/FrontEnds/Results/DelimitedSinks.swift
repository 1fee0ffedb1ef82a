import Columnar
import Engine

/// Athena's result file: every field in double quotes, NULL as nothing.
final class CSVSink: FormattedSink {
    private let output: Output
    private var columns: [ResultColumn] = []

    init(_ output: Output) { self.output = output }

    func begin(_ columns: [ResultColumn]) throws {
        self.columns = columns
        try output.append { out in
            for (index, column) in columns.enumerated() {
                if index > 0 { out.append(UInt8(ascii: ",")) }
                Self.quote(Array(column.name.utf8), &out)
            }
            out.append(0x0a)
        }
    }

    func write(_ batch: Batch) throws {
        let cells = zip(batch.columns, columns).map { CellWriter($0, $1.type) }
        var scratch: [UInt8] = []
        for row in 0..<batch.rowCount {
            try output.append { out in
                for (index, cell) in cells.enumerated() {
                    if index > 0 { out.append(UInt8(ascii: ",")) }
                    if cell.isNull(row) { continue }
                    scratch.removeAll(keepingCapacity: true)
                    cell.append(row, to: &scratch)
                    Self.quote(scratch, &out)
                }
                out.append(0x0a)
            }
        }
    }

    func end() throws {}

    private static func quote(_ bytes: [UInt8], _ out: inout [UInt8]) {
        out.append(UInt8(ascii: "\""))
        if bytes.contains(UInt8(ascii: "\"")) {
            for byte in bytes {
                if byte == UInt8(ascii: "\"") { out.append(byte) }
                out.append(byte)
            }
        } else {
            out.append(contentsOf: bytes)
        }
        out.append(UInt8(ascii: "\""))
    }
}

/// Tab-separated with a header; NULL is `\N`; tabs, line ends and backslashes are escaped.
final class TSVSink: FormattedSink {
    private let output: Output
    private let hasHeader: Bool
    private var columns: [ResultColumn] = []

    init(_ output: Output, hasHeader: Bool = true) {
        self.output = output
        self.hasHeader = hasHeader
    }

    func begin(_ columns: [ResultColumn]) throws {
        self.columns = columns
        guard hasHeader else { return }
        try output.append { out in
            for (index, column) in columns.enumerated() {
                if index > 0 { out.append(0x09) }
                Self.escape(Array(column.name.utf8), &out)
            }
            out.append(0x0a)
        }
    }

    func write(_ batch: Batch) throws {
        let cells = zip(batch.columns, columns).map { CellWriter($0, $1.type) }
        var scratch: [UInt8] = []
        for row in 0..<batch.rowCount {
            try output.append { out in
                for (index, cell) in cells.enumerated() {
                    if index > 0 { out.append(0x09) }
                    if cell.isNull(row) {
                        out.append(contentsOf: "\\N".utf8)
                        continue
                    }
                    scratch.removeAll(keepingCapacity: true)
                    cell.append(row, to: &scratch)
                    Self.escape(scratch, &out)
                }
                out.append(0x0a)
            }
        }
    }

    func end() throws {}

    private static func escape(_ bytes: [UInt8], _ out: inout [UInt8]) {
        for byte in bytes {
            switch byte {
            case 0x09: out.append(contentsOf: "\\t".utf8)
            case 0x0a: out.append(contentsOf: "\\n".utf8)
            case 0x0d: out.append(contentsOf: "\\r".utf8)
            case 0x5c: out.append(contentsOf: "\\\\".utf8)
            default: out.append(byte)
            }
        }
    }
}

/// Takes rows and prints nothing.
final class NullSink: FormattedSink {
    func begin(_ columns: [ResultColumn]) throws {}
    func write(_ batch: Batch) throws {}
    func end() throws {}
}
