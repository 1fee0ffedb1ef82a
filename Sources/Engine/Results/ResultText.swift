import Columnar
import SQLTypes

/// The bytes of Athena's result file: every field that is not NULL in double quotes, LF, a header row.
public struct CSVText {
    private let columns: [ResultColumn]

    public init(_ columns: [ResultColumn]) { self.columns = columns }

    public func appendHeader(to out: inout [UInt8]) {
        for (index, column) in columns.enumerated() {
            if index > 0 { out.append(UInt8(ascii: ",")) }
            Self.quote(Array(column.name.utf8), &out)
        }
        out.append(0x0a)
    }

    public func append(_ batch: Batch, to out: inout [UInt8]) {
        let cells = zip(batch.columns, columns).map { CellWriter($0, $1.type) }
        var scratch: [UInt8] = []
        for row in 0..<batch.rowCount {
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

    private static func quote(_ bytes: [UInt8], _ out: inout [UInt8]) {
        let quote = UInt8(ascii: "\"")
        out.append(quote)
        if bytes.contains(quote) {
            for byte in bytes {
                if byte == quote { out.append(quote) }
                out.append(byte)
            }
        } else {
            out.append(contentsOf: bytes)
        }
        out.append(quote)
    }
}

/// Tab-separated text: NULL is `\N`; tabs, line ends and backslashes are escaped.
public struct TSVText {
    private let columns: [ResultColumn]

    public init(_ columns: [ResultColumn]) { self.columns = columns }

    public func appendHeader(to out: inout [UInt8]) {
        for (index, column) in columns.enumerated() {
            if index > 0 { out.append(0x09) }
            Self.escape(Array(column.name.utf8), &out)
        }
        out.append(0x0a)
    }

    public func append(_ batch: Batch, to out: inout [UInt8]) {
        let cells = zip(batch.columns, columns).map { CellWriter($0, $1.type) }
        var scratch: [UInt8] = []
        for row in 0..<batch.rowCount {
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
