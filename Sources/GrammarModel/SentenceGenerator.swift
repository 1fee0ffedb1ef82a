/// Random numbers that a seed repeats (SplitMix64).
package struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// Draws sentences of a grammar, as lists of tokens. Past a depth it takes the shortest way out.
package struct SentenceGenerator {
    let grammar: Grammar
    let isHive: Bool
    package var random: SeededGenerator
    var maxDepth = 28
    private var tokens: [String] = []
    /// The least number of tokens of every rule.
    private let shortest: [String: Int]

    package init(_ grammar: Grammar, isHive: Bool, seed: UInt64) {
        self.grammar = grammar
        self.isHive = isHive
        random = SeededGenerator(seed: seed)
        var shortest: [String: Int] = [:]
        var changed = true
        while changed {
            changed = false
            for (name, node) in grammar.rules {
                let cost = Self.cost(node, shortest, isHive)
                if cost < shortest[name] ?? Self.never {
                    shortest[name] = cost
                    changed = true
                }
            }
        }
        self.shortest = shortest
    }

    private static let never = 1_000_000

    private static func cost(_ node: Grammar.Node, _ shortest: [String: Int], _ isHive: Bool) -> Int {
        switch node.kind {
        case .literal, .token: 1
        case .rule(let name): shortest[name] ?? never
        case .sequence(let parts): min(never, parts.reduce(0) { $0 + cost($1, shortest, isHive) })
        case .choice(let parts): parts.map { cost($0, shortest, isHive) }.min() ?? 0
        case .optional, .repeated, .unordered: 0
        case .dialect(let hive): hive == isHive ? 0 : never
        }
    }

    package mutating func sentence(_ rule: String) -> [String] {
        tokens = []
        emit(Grammar.Node(id: -1, kind: .rule(rule)), 0)
        return tokens
    }

    private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

    private mutating func emit(_ node: Grammar.Node, _ depth: Int) {
        let isLate = depth > maxDepth || tokens.count > 120
        switch node.kind {
        case .literal(let text): tokens.append(chance(20) ? text.lowercased() : text)
        case .token(let name): tokens.append(token(name))
        case .rule(let name):
            if let rule = grammar.rules[name] { emit(rule, depth + 1) }
        case .sequence(let parts): for part in parts { emit(part, depth) }
        case .choice(let parts):
            let possible = parts.filter { Self.cost($0, shortest, isHive) < Self.never }
            let choices =
                isLate
                ? [possible.min { Self.cost($0, shortest, isHive) < Self.cost($1, shortest, isHive) }].compactMap { $0 }
                : possible
            if let choice = choices.randomElement(using: &random) { emit(choice, depth) }
        case .optional(let part):
            if !isLate, chance(40), Self.cost(part, shortest, isHive) < Self.never { emit(part, depth) }
        case .repeated(let part):
            var percent = 30
            while !isLate, chance(percent), tokens.count < 120, Self.cost(part, shortest, isHive) < Self.never {
                emit(part, depth)
                percent /= 2
            }
        case .unordered(let parts):
            for part in parts.shuffled(using: &random) where !isLate && chance(35) { emit(part, depth) }
        case .dialect: break
        }
    }

    private mutating func token(_ name: String) -> String {
        let choices: [String]
        switch name {
        case "IDENTIFIER", "CALLABLE":
            choices =
                isHive
                ? ["a", "b", "t1", "_x", "`c d`", "`select`", "Abc"]
                : ["a", "b", "t1", "_x", "\"c d\"", "\"select\"", "Abc"]
        case "TYPE_NAME": choices = ["integer", "varchar", "decimal", "bigint", "json"]
        case "HIVE_TYPE_NAME": choices = ["int", "string", "decimal", "bigint", "date"]
        case "TRANSFORM": choices = ["year", "bucket", "truncate"]
        case "LITERAL_TYPE": choices = ["date", "timestamp", "decimal"]
        case "WORD": choices = ["a", "b", "date", "c1"]
        case "STRING":
            choices =
                isHive ? ["'x'", "'it\\'s'", "'a\\001b'", "\"y\"", "''"] : ["'x'", "'it''s'", "''", "'a\\'", "'ü'"]
        case "NAME": choices = ["'x'", "'$elem$'"]
        case "ESCAPE": choices = ["'#'", "'!'"]
        case "UNICODE": choices = ["U&'\\2603'", "U&'x'"]
        case "BINARY": choices = ["X'65'", "x''", "X'00 ff'"]
        case "INTEGER": choices = ["0", "1", "42", "0xFF", "1_000", "0b1"]
        case "DECIMAL": choices = ["1.5", ".5", "2.", "1_0.5"]
        case "DOUBLE": choices = ["1e3", "1.5E-3", ".5e10"]
        case "ANY": choices = ["a", "'x'", "1", "("]
        default: choices = ["?"]
        }
        return choices.randomElement(using: &random) ?? choices[0]
    }
}
