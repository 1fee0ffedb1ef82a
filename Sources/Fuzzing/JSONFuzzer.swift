import Columnar
import JSONLines
import SQLTypes
import Storage
import StorageTestSupport

/// JSON records of random schemas, SerDe properties, shapes and containers, damaged or not.
///
/// A file has the same rows in large blocks and in small ones and filtered while it is read and afterwards; one that is
/// whole also in one piece and in many, counted and read.
struct JSONFuzzer: Fuzzer {
    /// Files to damage in place of made ones.
    let seeds: [[UInt8]]

    private enum Arrangement: CaseIterable { case lines, windowsLines, concatenated, array, pretty }

    func makeCase(_ random: inout Seeded) -> FuzzCase {
        let schema = TextSchema(&random)
        let arrangement = random.chance(60) ? .lines : random.pick(Arrangement.allCases)
        let isMade = seeds.isEmpty || random.chance(50)
        var text = isMade ? Self.text(schema, arrangement, &random) : random.pick(seeds)
        let isDamaged = random.chance(60)
        if isDamaged {
            ByteDamage.apply(
                &text, most: 8, special: Array("\"\\,:{}[]\n\r \u{0}0e-.truenlx/u".utf8) + [0x80, 0xff], &random)
        }
        let container = random.chance(75) ? (ending: "", packed: text) : random.pick(Packing.all(text))
        var bytes = container.packed
        if !container.ending.isEmpty, random.chance(50) {
            ByteDamage.apply(&bytes, most: 3, special: [0, 1, 0x7f, 0x80, 0xff], &random)
        }
        let serde = random.chance(60) ? JSONOptions.openXClass : JSONOptions.hiveClass
        var properties: [String: String] = [:]
        if random.chance(40) { properties["ignore.malformed.json"] = random.pick(["true", "TRUE", "false"]) }
        if random.chance(15) { properties["case.insensitive"] = "false" }
        if random.chance(15) { properties["dots.in.keys"] = "true" }
        if random.chance(15) { properties["mapping.id"] = random.pick(["ID", "id", "a1", ""]) }
        if random.chance(10) { properties["timestamp.formats"] = random.pick(["dd/MM/yyyy", "yyyy-MM-dd'T'HH:mm"]) }
        let options = ScanOptions(
            badData: random.pick([.fail, .null, .skip]), timestampPrecision: random.pick([3, 6, 9]))
        // Only whole records, one a line, can be cut anywhere.
        let canBeCut =
            isMade && !isDamaged && container.ending.isEmpty && (arrangement == .lines || arrangement == .windowsLines)
        let cuts = (
            split: canBeCut ? random.number(max(bytes.count / 300, 1)...max(bytes.count / 3, 300)) : nil,
            block: random.pick([128, 200, 1_000, 4_000])
        )
        let batchRowCount = random.pick([1, 7, 100])
        let ending = "json" + container.ending
        let notes = [
            "serde \(serde)", "columns \(schema.text)", "properties \(properties.sorted { $0.key < $1.key })",
            "\(options), split \(cuts.split ?? 0), block \(cuts.block), batches of \(batchRowCount)",
        ]
        return FuzzCase(ending: ending, bytes: bytes, notes: notes) {
            var whole = try TextTable(JSONLinesFormat(), serde: serde, columns: schema.text, properties)
            whole.options = options
            whole.path = "case." + ending
            var pieces = whole
            pieces.format = JSONLinesFormat(splitByteCount: cuts.split, blockByteCount: cuts.block)
            pieces.batchRowCount = batchRowCount
            return try Self.check(whole, pieces, bytes, countsAgree: canBeCut)
        }
    }

    private static func check(
        _ whole: TextTable, _ pieces: TextTable, _ bytes: [UInt8], countsAgree: Bool
    ) throws -> Bool {
        let all = try TextReading(whole, bytes)
        try all.mustEqual(try TextReading(pieces, bytes), "in one piece and in many")
        let counted = try TextReading(pieces, bytes, wanted: [])
        guard case .rows = all else { return false }
        if countsAgree, whole.options.badData != .skip, counted.rowCount != all.rowCount {
            throw FuzzFailure("read \(all.rowCount ?? -1) rows, counted \(counted.rowCount ?? -1)")
        }
        var filtered = pieces
        filtered.filters = [AboveThree(.integer)]
        let kept = try whole.rows(bytes).enumerated().filter { row in
            if case .int(let number) = row.element[0] { number > 3 } else { false }
        }
        let expected = all.only(kept.map(\.offset))
        try expected.mustEqual(try TextReading(filtered, bytes), "filtered afterwards and while reading")
        return true
    }

    // MARK: - Making files

    private static func text(_ schema: TextSchema, _ arrangement: Arrangement, _ random: inout Seeded) -> [UInt8] {
        let records = (0..<random.pick([0, 1, 3, 20, 60])).map { _ in
            object(schema.columns, depth: 0, &random, isPretty: arrangement == .pretty)
        }
        let mark = random.chance(5) ? "\u{feff}" : ""
        switch arrangement {
        case .lines, .pretty:
            return Array((mark + records.joined(separator: "\n") + (random.chance(70) ? "\n" : "")).utf8)
        case .windowsLines: return Array((mark + records.map { $0 + "\r\n" }.joined()).utf8)
        case .concatenated: return Array((mark + records.joined(separator: random.pick(["", " "]))).utf8)
        case .array:
            return Array((mark + "[" + records.joined(separator: random.pick([",", ",\n", " , "])) + "]").utf8)
        }
    }

    private static func object(
        _ fields: [(name: String, shape: TextSchema.Shape)], depth: Int, _ random: inout Seeded, isPretty: Bool = false
    ) -> String {
        var fields = fields
        if random.chance(20) { fields.shuffle(using: &random) }
        if random.chance(10) { fields.removeLast(random.below(fields.count)) }
        if random.chance(15) { fields.append(("other", .array(.scalar("string")))) }
        let space = isPretty ? "\n  " : random.chance(20) ? " " : ""
        let parts = fields.map { field in
            quoted(key(field.name, &random), &random) + ":" + space + value(field.shape, depth: depth + 1, &random)
        }
        return "{" + space + parts.joined(separator: "," + space) + (isPretty ? "\n}" : "}")
    }

    private static func key(_ name: String, _ random: inout Seeded) -> String {
        switch random.below(20) {
        case 0: name.uppercased()
        case 1: name.replacing("_", with: ".")
        case 2: name + "x"
        default: name
        }
    }

    private static func value(_ shape: TextSchema.Shape, depth: Int, _ random: inout Seeded) -> String {
        if random.chance(5) { return "null" }
        if random.chance(5), depth < 6 {
            return random.pick(["7", "\"x\"", "true", "[1,\"a\"]", "{\"k\":{}}", "[]", "{}", "-0.0e0", "\"\"", "NaN"])
        }
        switch shape {
        case .scalar(let name):
            let text = TextSchema.scalar(name, &random)
            switch name {
            case "tinyint", "smallint", "int", "bigint", "float", "double", "decimal(9,2)", "decimal(38,10)", "boolean":
                return random.chance(80) && isWord(text) ? text : quoted(text, &random)
            default: return quoted(text, &random)
            }
        case .array(let element):
            return "["
                + (0..<random.below(4)).map { _ in value(element, depth: depth + 1, &random) }
                .joined(separator: ",") + "]"
        case .map(let key, let inner):
            let entries = (0..<random.below(3)).map { _ -> String in
                var name = "k"
                if case .scalar(let type) = key { name = TextSchema.scalar(type, &random) }
                return quoted(name, &random) + ":" + value(inner, depth: depth + 1, &random)
            }
            return "{" + entries.joined(separator: ",") + "}"
        case .structure(let fields): return object(fields, depth: depth, &random)
        }
    }

    private static func isWord(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && !"\"\\,:{}[]'".utf8.contains($0) }
    }

    /// A JSON string, now and then with more escapes than it needs.
    private static func quoted(_ text: String, _ random: inout Seeded) -> String {
        let escapesAll = random.chance(5)
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            default:
                if scalar.value < 0x20 || (escapesAll && scalar.value < 0x10000) {
                    let digits = String(scalar.value, radix: 16)
                    result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                } else {
                    result.unicodeScalars.append(scalar)
                }
            }
        }
        return result + "\""
    }
}
