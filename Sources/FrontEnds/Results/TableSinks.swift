import Columnar
import Engine
import SQLTypes

/// Rows kept as texts, for formats that need widths; past a limit the widths of the first rows hold for all.
final class TextRows {
    private(set) var columns: [ResultColumn] = []
    var rows: [[String]] = []

    func begin(_ columns: [ResultColumn]) { self.columns = columns }

    func append(_ batch: Batch) {
        let cells = zip(batch.columns, columns).map { CellWriter($0, $1.type) }
        var scratch: [UInt8] = []
        for row in 0..<batch.rowCount {
            rows.append(
                cells.map { cell in
                    if cell.isNull(row) { return "NULL" }
                    scratch.removeAll(keepingCapacity: true)
                    cell.append(row, to: &scratch)
                    return String(decoding: scratch, as: UTF8.self)
                })
        }
    }
}

/// Columns a text takes on a terminal: wide East Asian characters take two, combining ones none.
enum DisplayWidth {
    static func of(_ text: String) -> Int {
        var isPlain = true
        for byte in text.utf8 where byte >= 0x80 || byte < 0x20 { isPlain = false }
        if isPlain { return text.utf8.count }
        return text.unicodeScalars.reduce(0) { $0 + width($1) }
    }

    private static func width(_ scalar: Unicode.Scalar) -> Int {
        switch scalar.value {
        case 0..<0x20, 0x7f..<0xa0, 0x300...0x36f, 0x200b...0x200f, 0xfe00...0xfe0f: 0
        case 0x1100...0x115f, 0x2e80...0x303e, 0x3041...0x33ff, 0x3400...0x4dbf, 0x4e00...0x9fff, 0xa000...0xa4cf,
            0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe6f, 0xff00...0xff60, 0xffe0...0xffe6, 0x1f300...0x1f64f,
            0x1f900...0x1f9ff, 0x20000...0x3fffd:
            2
        default: 1
        }
    }

    /// One line: line ends and tabs as escapes.
    static func flat(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 < 0x20 }) else { return text }
        var out = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": out += "\\n"
            case "\r": out += "\\r"
            case "\t": out += "\\t"
            case _ where scalar.value < 0x20: out += "\u{fffd}"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }

    static func padded(_ text: String, _ width: Int, right: Bool) -> String {
        let blanks = String(repeating: " ", count: max(width - of(text), 0))
        return right ? blanks + text : text + blanks
    }
}

/// Aligned columns with a heading, as people read them.
final class TableSink: FormattedSink {
    private let output: Output
    private let rows = TextRows()
    private var widths: [Int]?
    /// Rows that decide the widths.
    private static let measuredRows = 10_000

    init(_ output: Output) { self.output = output }

    func begin(_ columns: [ResultColumn]) throws { rows.begin(columns) }

    func write(_ batch: Batch) throws {
        rows.append(batch)
        if rows.rows.count >= Self.measuredRows { try printRows() }
    }

    func end() throws {
        try printRows()
    }

    private func printRows() throws {
        let columns = rows.columns
        let texts = rows.rows.map { $0.map(DisplayWidth.flat) }
        rows.rows.removeAll()
        let isFirst = widths == nil
        let widths =
            self.widths
            ?? columns.indices.map { index in
                texts.reduce(DisplayWidth.of(columns[index].name)) { max($0, DisplayWidth.of($1[index])) }
            }
        self.widths = widths
        if isFirst {
            try output.write(
                line(
                    columns.map { DisplayWidth.flat($0.name) }, widths,
                    rightAligned: [Bool](repeating: false, count: columns.count)))
            try output.write(widths.map { String(repeating: "-", count: $0 + 2) }.joined(separator: "+") + "\n")
        }
        let rightAligned = columns.map(\.type.isNumeric)
        for text in texts { try output.write(line(text, widths, rightAligned: rightAligned)) }
    }

    private func line(_ cells: [String], _ widths: [Int], rightAligned: [Bool]) -> String {
        var line = cells.indices.map { " " + DisplayWidth.padded(cells[$0], widths[$0], right: rightAligned[$0]) + " " }
            .joined(separator: "|")
        while line.hasSuffix(" ") { line.removeLast() }
        return line + "\n"
    }
}

/// A Markdown table.
final class MarkdownSink: FormattedSink {
    private let output: Output
    private let rows = TextRows()

    init(_ output: Output) { self.output = output }

    func begin(_ columns: [ResultColumn]) throws {
        rows.begin(columns)
        try output.write("| " + columns.map { Self.cell($0.name) }.joined(separator: " | ") + " |\n")
        try output.write("| " + columns.map { $0.type.isNumeric ? "---:" : "---" }.joined(separator: " | ") + " |\n")
    }

    func write(_ batch: Batch) throws {
        rows.append(batch)
        for row in rows.rows { try output.write("| " + row.map(Self.cell).joined(separator: " | ") + " |\n") }
        rows.rows.removeAll()
    }

    func end() throws {}

    private static func cell(_ text: String) -> String {
        DisplayWidth.flat(text).split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
    }
}

/// One line per column, a heading per row, as `\G` prints.
final class VerticalSink: FormattedSink {
    private let output: Output
    private let rows = TextRows()
    private var rowNumber = 0

    init(_ output: Output) { self.output = output }

    func begin(_ columns: [ResultColumn]) throws { rows.begin(columns) }

    func write(_ batch: Batch) throws {
        rows.append(batch)
        let names = rows.columns.map(\.name)
        let width = names.map(DisplayWidth.of).max() ?? 0
        for row in rows.rows {
            rowNumber += 1
            try output.write("-[ row \(rowNumber) ]" + String(repeating: "-", count: max(width - 4, 4)) + "\n")
            for (name, text) in zip(names, row) {
                try output.write(DisplayWidth.padded(name, width, right: false) + " | " + text + "\n")
            }
        }
        rows.rows.removeAll()
    }

    func end() throws {}
}
