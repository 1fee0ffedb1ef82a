/// Random queries over a few hundred flights and the sample lake's small tables: joins, subqueries, aggregates, grouping
/// sets, windows and set operations over random expressions. The same seed makes the same queries.
struct RandomQuery {
    private enum Kind: CaseIterable { case number, text, time }

    private typealias Scope = [(name: String, kind: Kind)]

    private var random: Seeded

    init(seed: UInt64) { random = Seeded(state: seed) }

    /// Views that the queries read.
    static let views = [
        """
        CREATE VIEW fl AS SELECT flight, dep_delay, arr_delay, distance, hour, carrier, tailnum, origin, dest, time_hour
        FROM flights WHERE month = '1' AND flight_date = DATE '2013-01-01'
        """,
        "CREATE VIEW ap AS SELECT faa, name, alt, tz, dst FROM airports WHERE alt < 60",
        "CREATE VIEW pl AS SELECT tailnum, year AS built, manufacturer, seats FROM planes WHERE seats > 250",
    ]

    private static let tables: [(name: String, columns: Scope)] = [
        (
            "fl",
            [
                ("flight", .number), ("dep_delay", .number), ("arr_delay", .number), ("distance", .number),
                ("hour", .number), ("carrier", .text), ("tailnum", .text), ("origin", .text), ("dest", .text),
                ("time_hour", .time),
            ]
        ),
        ("ap", [("faa", .text), ("name", .text), ("alt", .number), ("tz", .number), ("dst", .text)]),
        ("pl", [("tailnum", .text), ("built", .number), ("manufacturer", .text), ("seats", .number)]),
    ]

    // MARK: Queries

    /// A query whose rows have no order.
    mutating func query() -> String {
        switch random.below(10) {
        case 0..<5: return aggregation()
        case 5, 6: return selection()
        case 7, 8: return windows()
        default:
            let kinds = [kind(), kind()]
            return "\(plain(kinds)) \(one(of: ["UNION", "UNION ALL", "INTERSECT", "EXCEPT"])) \(plain(kinds))"
        }
    }

    /// FROM clause and a condition over it.
    mutating func condition() -> (from: String, predicate: String) {
        let (from, scope) = source()
        return (from, predicate(scope, 0))
    }

    private mutating func aggregation() -> String {
        let (from, scope) = source()
        let keys = (0..<random.below(3)).map { _ in expression(kind(), scope, 1) }
        let calls = (0...random.below(3)).map { _ in aggregate(scope) }
        let items = (keys + calls).joined(separator: ", ")
        let filter = random.below(3) == 0 ? "" : " WHERE \(predicate(scope, 0))"
        if keys.isEmpty { return "SELECT \(items) FROM \(from)\(filter)" }
        let ordinals = keys.indices.map { String($0 + 1) }.joined(separator: ", ")
        let grouping = one(of: ["\(ordinals)", "\(ordinals)", "ROLLUP (\(ordinals))", "CUBE (\(ordinals))"])
        return "SELECT \(items) FROM \(from)\(filter) GROUP BY \(grouping)"
    }

    private mutating func selection() -> String {
        let (from, scope) = source()
        let items = (0...random.below(3)).map { _ in expression(kind(), scope, 0) }.joined(separator: ", ")
        return "SELECT \(one(of: ["", "DISTINCT "]))\(items) FROM \(from) WHERE \(predicate(scope, 0))"
    }

    private mutating func plain(_ kinds: [Kind]) -> String {
        let (from, scope) = source()
        let items = kinds.map { expression($0, scope, 1) }.joined(separator: ", ")
        return "SELECT \(items) FROM \(from) WHERE \(predicate(scope, 1))"
    }

    private mutating func windows() -> String {
        let (from, scope) = source()
        let all = scope.map(\.name).joined(separator: ", ")
        let partition = random.below(3) == 0 ? "" : "PARTITION BY \(column(kind(), scope)) "
        let number = column(.number, scope)
        let window = one(of: [
            "sum(\(number)) OVER (\(partition)ORDER BY \(all) ROWS BETWEEN 2 PRECEDING AND 1 FOLLOWING)",
            "max(\(number)) OVER (\(partition)ORDER BY \(number) GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW)",
            "count(*) OVER (\(partition)ORDER BY \(number) RANGE BETWEEN 5 PRECEDING AND 20 FOLLOWING)",
            "rank() OVER (\(partition)ORDER BY \(number) DESC)", "row_number() OVER (\(partition)ORDER BY \(all))",
            "lag(\(number), 2) OVER (\(partition)ORDER BY \(all))",
        ])
        return "SELECT \(expression(kind(), scope, 1)), \(window) FROM \(from) WHERE \(predicate(scope, 1))"
    }

    private mutating func aggregate(_ scope: Scope) -> String {
        let call = one(of: [
            "count(*)", "sum(\(expression(.number, scope, 1)))", "min(\(expression(kind(), scope, 1)))",
            "max(\(expression(kind(), scope, 1)))", "count(\(expression(kind(), scope, 1)))",
            "count(DISTINCT \(expression(kind(), scope, 1)))", "sum(DISTINCT \(expression(.number, scope, 1)))",
        ])
        return random.below(5) == 0 ? "\(call) FILTER (WHERE \(predicate(scope, 1)))" : call
    }

    private mutating func source() -> (String, Scope) {
        func columns(_ index: Int, _ alias: String) -> Scope {
            Self.tables[index].columns.map { ("\(alias).\($0.name)", $0.kind) }
        }
        if random.below(3) == 0 {
            let index = random.below(Self.tables.count)
            return ("\(Self.tables[index].name) a", columns(index, "a"))
        }
        let (other, key) = one(of: [(1, "a.dest = b.faa"), (1, "a.origin = b.faa"), (2, "a.tailnum = b.tailnum")])
        let scope = columns(0, "a") + columns(other, "b")
        let more = random.below(3) == 0 ? " AND \(predicate(scope, 1))" : ""
        let kind = one(of: ["JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"])
        return ("fl a \(kind) \(Self.tables[other].name) b ON \(key)\(more)", scope)
    }

    // MARK: Expressions

    private mutating func predicate(_ scope: Scope, _ depth: Int) -> String {
        switch random.below(depth < 2 ? 12 : 8) {
        case 0, 1, 2:
            let kind = kind()
            let comparison = one(of: ["=", "<>", "<", "<=", ">", ">=", "IS DISTINCT FROM"])
            return "\(expression(kind, scope, depth + 1)) \(comparison) \(expression(kind, scope, depth + 1))"
        case 3: return "\(expression(kind(), scope, depth + 1)) IS \(one(of: ["", "NOT "]))NULL"
        case 4, 5:
            let kind = kind()
            let list = (0...random.below(4)).map { _ in literal(kind) } + (random.below(4) == 0 ? ["NULL"] : [])
            let negation = one(of: ["", "NOT "])
            return "\(expression(kind, scope, depth + 1)) \(negation)IN (\(list.joined(separator: ", ")))"
        case 6:
            let kind = kind()
            return "\(expression(kind, scope, depth + 1)) BETWEEN \(literal(kind)) AND \(literal(kind))"
        case 7:
            let pattern = one(of: ["N%", "%A", "%1%", "_A%", "%o%e%", "J__", "%"])
            return "\(expression(.text, scope, depth + 1)) \(one(of: ["", "NOT "]))LIKE '\(pattern)'"
        case 8: return "(\(predicate(scope, depth + 1)) AND \(predicate(scope, depth + 1)))"
        case 9: return "(\(predicate(scope, depth + 1)) OR \(predicate(scope, depth + 1)))"
        case 10: return "NOT (\(predicate(scope, depth + 1)))"
        default: return subquery(scope, depth)
        }
    }

    private mutating func subquery(_ scope: Scope, _ depth: Int) -> String {
        let table = one(of: Self.tables)
        let inner: Scope = table.columns.map { ("s.\($0.name)", $0.kind) }
        let link = random.below(2) == 0 ? "" : " AND \(column(.text, inner)) = \(column(.text, scope))"
        let tail = "FROM \(table.name) s WHERE \(predicate(inner, 2))\(link)"
        let negation = one(of: ["", "NOT "])
        switch random.below(3) {
        case 0: return "\(negation)EXISTS (SELECT 1 \(tail))"
        case 1: return "\(column(.text, scope)) \(negation)IN (SELECT \(column(.text, inner)) \(tail))"
        default: return "\(column(.number, scope)) < (SELECT max(\(column(.number, inner))) \(tail))"
        }
    }

    private mutating func expression(_ kind: Kind, _ scope: Scope, _ depth: Int) -> String {
        if depth > 2 || random.below(2) == 0 {
            return random.below(6) == 0 ? literal(kind) : column(kind, scope)
        }
        switch random.below(6) {
        case 0:
            let condition = predicate(scope, depth + 2)
            let values = (expression(kind, scope, depth + 1), expression(kind, scope, depth + 1))
            return "CASE WHEN \(condition) THEN \(values.0) ELSE \(values.1) END"
        case 1: return "coalesce(\(expression(kind, scope, depth + 1)), \(literal(kind)))"
        case 2: return "nullif(\(expression(kind, scope, depth + 1)), \(literal(kind)))"
        default: break
        }
        switch kind {
        case .number:
            let operand = expression(.number, scope, depth + 1)
            return one(of: [
                "(\(operand) + \(expression(.number, scope, depth + 1)))", "(\(operand) / 7)", "(\(operand) % 5)",
                "abs(\(operand))", "length(\(expression(.text, scope, depth + 1)))",
                "hour(\(expression(.time, scope, depth + 1)))",
            ])
        case .text:
            let operand = expression(.text, scope, depth + 1)
            return one(of: [
                "upper(\(operand))", "substr(\(operand), 2, 3)", "(\(operand) || \(column(.text, scope)))",
                "replace(\(operand), 'A', 'x')", "CAST(\(expression(.number, scope, depth + 1)) AS varchar)",
            ])
        case .time:
            let operand = expression(.time, scope, depth + 1)
            return one(of: ["date_trunc('day', \(operand))", "(\(operand) + INTERVAL '3' HOUR)"])
        }
    }

    private mutating func column(_ kind: Kind, _ scope: Scope) -> String {
        let fitting = scope.filter { $0.kind == kind }
        return fitting.isEmpty ? literal(kind) : one(of: fitting).name
    }

    private mutating func literal(_ kind: Kind) -> String {
        switch kind {
        case .number: String(random.below(2) == 0 ? random.below(30) : random.below(1500) - 30)
        case .text: "'" + one(of: ["UA", "JFK", "EWR", "LAX", "B6", "N14228", "", "A", "BOEING"]) + "'"
        case .time: "TIMESTAMP '2013-01-01 \(10 + random.below(12)):00:00'"
        }
    }

    private mutating func kind() -> Kind { one(of: [.number, .number, .number, .text, .text, .time]) }

    private mutating func one<Item>(of items: [Item]) -> Item { items[random.below(items.count)] }

    /// SplitMix64.
    private struct Seeded {
        var state: UInt64

        mutating func below(_ bound: Int) -> Int {
            state &+= 0x9e37_79b9_7f4a_7c15
            var bits = state
            bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
            bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
            return Int((bits ^ (bits >> 31)) % UInt64(bound))
        }
    }
}
