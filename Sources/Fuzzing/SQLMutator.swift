import GrammarModel
import StorageTestSupport

/// Makes SQL text: statements of the corpus and sentences of the grammar, changed by tokens, and calls of functions
/// with arguments that they do not expect.
struct SQLMutator {
    private let seeds: [[String]]
    private let expressions: [[String]]
    private let functions: [String]
    private let generators: [SentenceGenerator]

    init(seeds: [String], expressions: [String], functions: [String], grammar: Grammar) {
        self.seeds = seeds.map(Self.tokens)
        self.expressions = expressions.map(Self.tokens)
        self.functions = functions
        generators = [false, true].map { SentenceGenerator(grammar, isHive: $0, seed: 0) }
    }

    func text(_ random: inout Seeded) -> String {
        var tokens: [String]
        switch random.below(100) {
        case 0..<35:
            tokens = seeds.isEmpty ? ["SELECT", "1"] : random.pick(seeds)
            change(&tokens, random.number(1...6), &random)
        case 35..<60:
            tokens = ["SELECT"] + (expressions.isEmpty ? ["1"] : random.pick(expressions))
            change(&tokens, random.below(5), &random)
            if random.chance(30) { tokens += ["FROM"] + lakeTable(&random) }
        case 60..<75: tokens = call(&random)
        case 75..<92:
            tokens = sentence(&random)
            if random.chance(50) { change(&tokens, random.number(1...4), &random) }
        default: tokens = deep(&random)
        }
        var text = tokens.joined(separator: " ")
        if random.chance(10) {
            var bytes = Array(text.utf8)
            ByteDamage.apply(&bytes, most: 3, special: Array("'\"`()[],.;-/*\\\n\0xX_0\u{e9}".utf8), &random)
            text = String(decoding: bytes, as: UTF8.self)
        }
        return text
    }

    // MARK: - Sources

    private func sentence(_ random: inout Seeded) -> [String] {
        let isHive = random.chance(30)
        var generator = generators[isHive ? 1 : 0]
        generator.random = SeededGenerator(seed: random.next())
        let root =
            isHive
            ? random.pick(["statement", "createExternalTable", "alterTable"])
            : random.pick(["rootQuery", "rootQuery", "rootQuery", "statement", "merge", "createTable"])
        var tokens = generator.sentence(root)
        // Names of the lake now and then, so that more than the parser is reached.
        let names = random.chance(70) ? Self.columns + Self.tables : []
        if !names.isEmpty {
            for index in tokens.indices
            where ["a", "b", "t1", "_x", "Abc"].contains(tokens[index]) && random.chance(60) {
                tokens[index] = random.pick(names)
            }
        }
        return tokens
    }

    /// A function of any arguments.
    private func call(_ random: inout Seeded) -> [String] {
        var tokens = ["SELECT"]
        let isOverTable = random.chance(40)
        for item in 0..<random.number(1...3) {
            if item > 0 { tokens.append(",") }
            tokens += expression(&random, depth: 0, isOverTable)
        }
        if isOverTable {
            tokens += ["FROM"] + lakeTable(&random)
            if random.chance(40) { tokens += ["WHERE"] + expression(&random, depth: 1, true) }
            if random.chance(30) { tokens += ["GROUP", "BY", random.pick(["1", "2", "origin", "ROLLUP ( 1 , 2 )"])] }
            if random.chance(30) { tokens += ["ORDER", "BY", random.pick(["1", "2", "1 DESC NULLS FIRST"])] }
            if random.chance(60) { tokens += ["LIMIT", "20"] }
        }
        return tokens
    }

    private func expression(_ random: inout Seeded, depth: Int, _ hasColumns: Bool) -> [String] {
        switch random.below(depth > 3 ? 40 : 100) {
        case 0..<25: return [random.pick(Self.literals)]
        case 25..<40: return [hasColumns ? random.pick(Self.columns) : random.pick(Self.literals)]
        case 40..<80:
            var tokens = [random.pick(functions), "("]
            for argument in 0..<random.below(5) {
                if argument > 0 { tokens.append(",") }
                tokens +=
                    random.chance(8)
                    ? [random.pick(Self.lambdas)] : expression(&random, depth: depth + 1, hasColumns)
            }
            tokens.append(")")
            if random.chance(6) { tokens += [random.pick(Self.tails)] }
            return tokens
        case 80..<90:
            return ["("] + expression(&random, depth: depth + 1, hasColumns) + [random.pick(Self.operators)]
                + expression(&random, depth: depth + 1, hasColumns) + [")"]
        case 90..<95:
            return ["CAST", "("] + expression(&random, depth: depth + 1, hasColumns)
                + ["AS", random.pick(Self.types), ")"]
        case 95..<97:
            return ["CASE", "WHEN"] + expression(&random, depth: depth + 1, hasColumns) + ["THEN"]
                + expression(&random, depth: depth + 1, hasColumns) + ["ELSE"]
                + expression(&random, depth: depth + 1, hasColumns) + ["END"]
        default: return ["TRY", "("] + expression(&random, depth: depth + 1, hasColumns) + [")"]
        }
    }

    private func lakeTable(_ random: inout Seeded) -> [String] {
        switch random.below(6) {
        case 0:
            [random.pick(Self.tables), "a", "JOIN", random.pick(Self.tables), "b", "ON", "a.carrier", "=", "b.carrier"]
        case 1: ["(", "SELECT", "*", "FROM", random.pick(Self.tables), "LIMIT", "30", ")", "t"]
        default: [random.pick(Self.tables)]
        }
    }

    /// Something nested or chained very often.
    private func deep(_ random: inout Seeded) -> [String] {
        let count = random.pick([10, 100, 500, 1_001, 5_000])
        func repeated(_ tokens: [String]) -> [String] { (0..<count).flatMap { _ in tokens } }
        switch random.below(12) {
        case 0: return ["SELECT"] + repeated(["("]) + ["1"] + repeated([")"])
        case 1: return ["SELECT"] + repeated(["NOT"]) + ["true"]
        case 2: return ["SELECT"] + repeated(["-"]) + ["1"]
        case 3:
            return ["SELECT", "1"]
                + repeated([random.pick(["+", "||", "*", "AND", "OR", "="]), random.pick(Self.literals)])
        case 4: return ["SELECT"] + repeated(["ARRAY", "["]) + ["1"] + repeated(["]"])
        case 5: return ["SELECT"] + repeated(["CASE", "WHEN", "true", "THEN"]) + ["1"] + repeated(["END"])
        case 6: return ["SELECT", "1", "IN", "(", "0"] + repeated([",", random.pick(Self.literals)]) + [")"]
        case 7: return repeated(["SELECT", "*", "FROM", "("]) + ["SELECT", "1"] + repeated([")"])
        case 8: return ["SELECT", "1"] + repeated([random.pick(["UNION", "UNION ALL", "EXCEPT"]), "SELECT", "1"])
        case 9: return ["SELECT", "1"] + repeated([",", "1"])
        case 10: return ["SELECT"] + repeated(["abs", "("]) + ["1"] + repeated([")"])
        default:
            return ["SELECT", "CAST", "(", "NULL", "AS"] + repeated(["ARRAY", "("]) + ["int"] + repeated([")"]) + [")"]
        }
    }

    // MARK: - Changes

    private func change(_ tokens: inout [String], _ count: Int, _ random: inout Seeded) {
        for _ in 0..<count {
            if tokens.isEmpty { tokens = ["SELECT"] }
            let place = random.below(tokens.count)
            switch random.below(11) {
            case 0: tokens.remove(at: place)
            case 1: tokens.insert(tokens[place], at: place)
            case 2: tokens.swapAt(place, random.below(tokens.count))
            case 3: tokens[place] = random.pick(Self.words)
            case 4, 5: replace(&tokens, { Self.isLiteral($0) }, with: random.pick(Self.literals), &random)
            case 6: replace(&tokens, { Self.isName($0) }, with: random.pick(Self.columns + functions), &random)
            case 7: tokens.insert(random.pick(Self.words + Self.operators), at: place)
            case 8:
                // A piece of another statement.
                let other = random.pick(seeds.isEmpty ? expressions : seeds)
                guard !other.isEmpty else { continue }
                let start = random.below(other.count)
                tokens.insert(contentsOf: other[start..<min(other.count, start + random.number(1...8))], at: place)
            case 9: tokens.removeSubrange(place..<min(tokens.count, place + random.number(1...5)))
            default:
                guard !expressions.isEmpty else { continue }
                let inner = ["("] + random.pick(expressions) + [")"]
                replace(&tokens, { Self.isLiteral($0) || Self.isName($0) }, with: inner.joined(separator: " "), &random)
            }
            if tokens.count > 2_000 { tokens.removeLast(tokens.count - 2_000) }
        }
    }

    private func replace(
        _ tokens: inout [String], _ isWanted: (String) -> Bool, with text: String, _ random: inout Seeded
    ) {
        let places = tokens.indices.filter { isWanted(tokens[$0]) }
        if !places.isEmpty { tokens[random.pick(places)] = text }
    }

    private static func isLiteral(_ token: String) -> Bool {
        token.utf8.first.map { $0 == UInt8(ascii: "'") || (0x30...0x39).contains($0) } ?? false
    }

    private static func isName(_ token: String) -> Bool {
        token.utf8.first.map { (0x61...0x7a).contains($0) } ?? false
    }

    /// Rough tokens: words, numbers, quoted texts, single other characters. Comments fall apart, which is fine here.
    static func tokens(_ text: String) -> [String] {
        let bytes = Array(text.utf8)
        var tokens: [String] = []
        var at = 0
        while at < bytes.count {
            let start = at
            let byte = bytes[at]
            at += 1
            switch byte {
            case 0...0x20: continue
            case UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "`"):
                while at < bytes.count, bytes[at] != byte { at += 1 }
                at = min(at + 1, bytes.count)
            case UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "!"), UInt8(ascii: "|"), UInt8(ascii: "-"),
                UInt8(ascii: "="):
                if at < bytes.count, [UInt8(ascii: "="), UInt8(ascii: ">"), UInt8(ascii: "|")].contains(bytes[at]) {
                    at += 1
                }
            default:
                guard Self.isWord(byte) else { break }
                while at < bytes.count, Self.isWord(bytes[at]) { at += 1 }
            }
            tokens.append(String(decoding: bytes[start..<at], as: UTF8.self))
        }
        return tokens
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        byte >= 0x80 || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "$") || (0x30...0x39).contains(byte)
            || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
    }

    // MARK: - Words

    private static let tables = ["flights", "airports", "airlines", "planes", "weather", "routes", "nowhere"]
    private static let columns = [
        "carrier", "origin", "dest", "flight", "dep_delay", "arr_delay", "distance", "flight_date", "time_hour", "name",
        "faa", "lat", "lon", "tzone", "year", "month", "day", "tailnum", "wind", "temp", "seats", "engine", "*",
    ]
    private static let literals = [
        "NULL", "true", "false", "0", "1", "-1", "2", "7", "100", "1000000", "2147483647", "2147483648",
        "-9223372036854775808", "9223372036854775807", "0.1", "1.5", "1e0", "1e308", "-1e-308", "nan()", "infinity()",
        "DECIMAL '99999999999999999999999999999999999999'", "DECIMAL '-0.00000000000000000000000000000000000001'",
        "''", "'a'", "'abc'", "'%_'", "'\\'", "'(a+)+$'", "'[1, 2, {\"a\": null}]'", "'{\"a\": [1]}'", "'$.a[0]'",
        "'2024-02-29'", "'%Y-%m-%d %H:%i:%s'", "'\u{e9}\u{4e2d}\u{1f600}e\u{301}'", "'UTC'", "'America/New_York'",
        "X''", "X'00ff80'", "DATE '2024-02-29'", "DATE '-5877641-06-23'", "DATE '5881580-07-11'",
        "TIME '23:59:59.999999999999'",
        "TIMESTAMP '2024-02-29 23:59:59.999999'", "TIMESTAMP '1969-12-31 23:59:59.999999999999 Europe/Berlin'",
        "TIMESTAMP '9999-12-31 00:00:00 +14:00'", "INTERVAL '2' DAY", "INTERVAL '-99999999' YEAR", "INTERVAL '1' MONTH",
        "ARRAY[]", "ARRAY[1, NULL, 3]", "ARRAY['a', '', NULL]", "ARRAY[ARRAY[1], NULL]", "MAP()",
        "MAP(ARRAY['k', 'l'], ARRAY[1, NULL])", "ROW(1, 'x', NULL)", "JSON '{\"a\": [1, null]}'", "IPADDRESS '::1'",
        "UUID '12151fd2-7586-11e9-8f9e-2a86e4085a59'", "CAST(NULL AS bigint)", "CAST('x' AS char(3))",
        "repeat('ab', 500)", "sequence(1, 50)", "rand()", "current_date", "now()", "(SELECT 1)",
    ]
    private static let lambdas = [
        "x -> x", "x -> x + 1", "(x, y) -> x", "(x, y) -> x < y", "(s, x) -> s + x", "s -> s", "x -> NULL",
        "(k, v) -> k", "x -> x IS NULL",
    ]
    private static let tails = [
        "OVER ()", "OVER (ORDER BY 1)",
        "OVER (PARTITION BY origin ORDER BY day ROWS BETWEEN 2 PRECEDING AND CURRENT ROW)",
        "OVER (ORDER BY day RANGE BETWEEN 3 PRECEDING AND 1 FOLLOWING)", "FILTER (WHERE true)",
        "IGNORE NULLS OVER (ORDER BY 1)",
        "WITHIN GROUP (ORDER BY 1)", "AT TIME ZONE 'Asia/Tokyo'", "[1]", "IS NOT NULL", "LIKE 'a%'", "BETWEEN 1 AND 2",
    ]
    private static let operators = [
        "+", "-", "*", "/", "%", "||", "=", "<>", "<", ">=", "AND", "OR", "IS DISTINCT FROM", "LIKE", "IN",
    ]
    private static let types = [
        "tinyint", "smallint", "integer", "bigint", "real", "double", "boolean", "varchar", "varchar(3)", "char(2)",
        "varbinary", "date", "time(3)", "timestamp(0)", "timestamp(9)", "timestamp(3) with time zone", "decimal(1,1)",
        "decimal(38,0)", "decimal(18,18)", "json", "array(integer)", "map(varchar,bigint)", "row(a integer, b varchar)",
        "interval day to second", "uuid", "ipaddress", "time with time zone",
    ]
    private static let words = [
        "SELECT", "FROM", "WHERE", "GROUP", "BY", "HAVING", "ORDER", "LIMIT", "OFFSET", "FETCH", "FIRST", "ROWS",
        "ONLY",
        "WITH", "RECURSIVE", "AS", "JOIN", "LEFT", "RIGHT", "FULL", "CROSS", "NATURAL", "USING", "ON", "UNNEST",
        "ORDINALITY", "LATERAL", "VALUES", "TABLE", "TABLESAMPLE", "UNION", "INTERSECT", "EXCEPT", "ALL", "DISTINCT",
        "CASE",
        "WHEN", "THEN", "ELSE", "END", "EXISTS", "IN", "ANY", "SOME", "BETWEEN", "IS", "NOT", "NULL", "OVER",
        "PARTITION",
        "WINDOW", "ROLLUP", "CUBE", "GROUPING", "SETS", "EXTRACT", "CAST", "TRY_CAST", "INTERVAL", "DATE", "TIMESTAMP",
        "(", ")", "[", "]", ",", ".", "*", "?", ";", "->", "=>", "ROW", "MAP", "ARRAY", "EXPLAIN", "ANALYZE", "DESC",
        "NULLS", "FILTER", "ESCAPE", "AT", "TIME", "ZONE",
    ]
}
