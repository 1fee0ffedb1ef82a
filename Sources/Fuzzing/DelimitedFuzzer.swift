import Columnar
import DelimitedText
import SQLTypes
import Storage
import StorageTestSupport

/// Delimited text of random schemas, SerDe properties and containers, damaged or not.
///
/// A file has the same rows in one piece and in many, in large blocks and in small ones, counted and read, filtered
/// while it is read and afterwards.
struct DelimitedFuzzer: Fuzzer {
    /// Files to damage in place of made ones.
    let seeds: [[UInt8]]

    private struct Dialect {
        var serde: String
        var properties: [String: String]
        var separator: UInt8
        var quote: UInt8?
        var escape: UInt8?
        var nested: [UInt8]
    }

    func makeCase(_ random: inout Seeded) -> FuzzCase {
        let schema = TextSchema(&random)
        let dialect = Self.dialect(&random)
        var text = seeds.isEmpty || random.chance(50) ? Self.text(schema, dialect, &random) : random.pick(seeds)
        let special = Array("\"'\\,\n\r;|\t \u{1}\u{2}\u{3}:0-".utf8) + [dialect.separator, 0, 0xff, 0xef]
        if random.chance(50) { ByteDamage.apply(&text, most: 8, special: special, &random) }
        let container = random.chance(75) ? (ending: "", packed: text) : random.pick(Packing.all(text))
        var bytes = container.packed
        var isPlain = container.ending.isEmpty
        if !isPlain, random.chance(50) {
            ByteDamage.apply(&bytes, most: 3, special: [0, 1, 0x7f, 0x80, 0xff], &random)
        }
        // A name that promises something else.
        let ending = random.chance(2) ? random.pick(["csv.gz", "csv.snappy", "csv.zst"]) : "csv" + container.ending
        if ending != "csv" { isPlain = false }
        let options = ScanOptions(
            badData: random.pick([.fail, .null, .skip]), timestampPrecision: random.pick([3, 6, 9]))
        // No more than some hundred pieces: each is opened on its own.
        let cuts = (
            split: isPlain ? random.number(max(bytes.count / 300, 1)...max(bytes.count / 3, 300)) : nil,
            block: random.pick([128, 200, 1_000, 4_000])
        )
        let batchRowCount = random.pick([1, 7, 100])
        let notes = [
            "serde \(dialect.serde)", "columns \(schema.text)",
            "properties \(dialect.properties.sorted { $0.key < $1.key })",
            "\(options), split \(cuts.split ?? 0), block \(cuts.block), batches of \(batchRowCount)",
        ]
        return FuzzCase(ending: ending, bytes: bytes, notes: notes) {
            var whole = try TextTable(
                DelimitedTextFormat(), serde: dialect.serde, columns: schema.text, dialect.properties)
            whole.options = options
            whole.path = "case." + ending
            var pieces = whole
            pieces.format = DelimitedTextFormat(splitByteCount: cuts.split, blockByteCount: cuts.block)
            pieces.batchRowCount = batchRowCount
            return try Self.check(whole, pieces, bytes)
        }
    }

    private static func check(_ whole: TextTable, _ pieces: TextTable, _ bytes: [UInt8]) throws -> Bool {
        let all = try TextReading(whole, bytes)
        try all.mustEqual(try TextReading(pieces, bytes), "in one piece and in many")
        let counted = try TextReading(pieces, bytes, wanted: [])
        guard case .rows = all else { return false }
        if whole.options.badData != .skip, counted.rowCount != all.rowCount {
            throw FuzzFailure("read \(all.rowCount ?? -1) rows, counted \(counted.rowCount ?? -1)")
        }
        var filtered = pieces
        filtered.filters = [AboveThree(.integer)]
        let kept = try whole.rows(bytes).enumerated().filter { row in
            if case .int(let number) = row.element[0] { number > 3 } else { false }
        }
        let expected = try TextReading(whole, bytes).only(kept.map(\.offset))
        try expected.mustEqual(try TextReading(filtered, bytes), "filtered afterwards and while reading")
        return true
    }

    // MARK: - Making files

    private static func dialect(_ random: inout Seeded) -> Dialect {
        var properties: [String: String] = [:]
        if random.chance(20) { properties["skip.header.line.count"] = String(random.below(4)) }
        if random.chance(10) { properties["skip.footer.line.count"] = String(random.below(4)) }
        if random.chance(10) {
            properties["timestamp.formats"] = random.pick(["dd/MM/yyyy", "yyyy-MM-dd'T'HH:mm,millis"])
        }
        if random.chance(8) {
            properties["serialization.encoding"] = random.pick(["ISO-8859-1", "UTF-16", "windows-1252", "UTF-16LE"])
        }
        if random.chance(15) { properties["serialization.null.format"] = random.pick(["", "NULL", "-1", "\\N"]) }
        if random.chance(50) {
            var dialect = Dialect(
                serde: DelimitedOptions.openCSVClass, properties: properties, separator: UInt8(ascii: ","),
                quote: UInt8(ascii: "\""), escape: UInt8(ascii: "\\"), nested: [])
            func character(_ name: String, _ choices: String, _ random: inout Seeded) -> UInt8? {
                guard random.chance(40) else { return nil }
                let byte = random.pick(Array(choices.utf8))
                dialect.properties[name] = String(UnicodeScalar(byte))
                return byte
            }
            dialect.separator = character("separatorChar", ";\t| a", &random) ?? dialect.separator
            dialect.quote = character("quoteChar", "'\u{0}`", &random) ?? dialect.quote
            dialect.escape = character("escapeChar", "!\"\u{0}", &random) ?? dialect.escape
            return dialect
        }
        let separators: [UInt8] =
            random.chance(50) ? [1, 2, 3] : [random.pick(Array(",;\t|".utf8)), UInt8(ascii: "#"), UInt8(ascii: ":")]
        if separators[0] != 1 {
            properties["field.delim"] = String(UnicodeScalar(separators[0]))
            properties["collection.delim"] = "#"
            properties["mapkey.delim"] = ":"
        }
        if random.chance(10) { properties["line.delim"] = random.pick(["\n", "\r", "|", "\u{1e}"]) }
        if random.chance(10) { properties["serialization.last.column.takes.rest"] = "true" }
        let escape: UInt8? = random.chance(40) ? UInt8(ascii: "\\") : nil
        if escape != nil { properties["escape.delim"] = "\\" }
        return Dialect(
            serde: DelimitedOptions.lazySimpleClass, properties: properties, separator: separators[0], quote: nil,
            escape: escape, nested: Array(separators[1...]) + [4, 5, 6, 7])
    }

    private static func text(_ schema: TextSchema, _ dialect: Dialect, _ random: inout Seeded) -> [UInt8] {
        var bytes: [UInt8] = random.chance(8) ? [0xef, 0xbb, 0xbf] : []
        let lineEnd = random.pick(["\n", "\n", "\r\n", "\r", "\u{1e}"])
        let rowCount = random.pick([0, 1, 3, 20, 60])
        for row in 0..<rowCount {
            var columns = schema.columns
            if random.chance(4) { columns.removeLast(random.below(columns.count)) }
            if random.chance(4) { columns.append(("extra", .scalar("string"))) }
            for (index, column) in columns.enumerated() {
                if index > 0 { bytes.append(dialect.separator) }
                let field = field(column.shape, dialect, level: 0, &random)
                if let quote = dialect.quote, random.chance(40) {
                    bytes.append(quote)
                    for byte in field {
                        if byte == quote { bytes.append(random.chance(70) ? quote : dialect.escape ?? quote) }
                        bytes.append(byte)
                    }
                    if random.chance(20) { bytes += Array("\nx".utf8) }
                    bytes.append(quote)
                } else {
                    bytes += field
                }
            }
            if row + 1 < rowCount || random.chance(70) { bytes += Array(lineEnd.utf8) }
        }
        return bytes
    }

    private static func field(
        _ shape: TextSchema.Shape, _ dialect: Dialect, level: Int, _ random: inout Seeded
    ) -> [UInt8] {
        func delimiter(_ level: Int) -> UInt8 { level < dialect.nested.count ? dialect.nested[level] : 8 }
        func joined(_ parts: [[UInt8]], _ separator: UInt8) -> [UInt8] { Array(parts.joined(separator: [separator])) }
        switch shape {
        case .scalar(let name):
            var bytes = Array(TextSchema.scalar(name, &random).utf8)
            if let escape = dialect.escape, random.chance(5) { bytes.insert(escape, at: 0) }
            return bytes
        case .array(let element):
            let parts = (0..<random.below(4)).map { _ in field(element, dialect, level: level + 1, &random) }
            return joined(parts, delimiter(level))
        case .map(let key, let value):
            let parts = (0..<random.below(3)).map { _ in
                field(key, dialect, level: level + 2, &random) + [delimiter(level + 1)]
                    + field(value, dialect, level: level + 2, &random)
            }
            return joined(parts, delimiter(level))
        case .structure(let fields):
            return joined(fields.map { field($0.shape, dialect, level: level + 1, &random) }, delimiter(level))
        }
    }
}

extension TextReading {
    /// The rows at some positions.
    func only(_ positions: [Int]) -> TextReading {
        switch self {
        case .rows(let rows): .rows(positions.filter(rows.indices.contains).map { rows[$0] })
        case .refused: self
        }
    }
}
