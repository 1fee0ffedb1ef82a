import GrammarModel

/// Says whether a list of tokens is a sentence of a grammar, by trying every way: for each part and start it remembers
/// all places where the part can end. It knows nothing of the parser.
struct Recogniser {
    let grammar: Grammar
    let isHive: Bool
    private let tokens: [TokenShape]
    private var memory: [Int: [Int]] = [:]

    /// What a token's text can stand for.
    struct TokenShape {
        var upper: String
        var classes: Set<String>

        static let reserved = Set((try? Grammar.words(of: "reserved")) ?? [])
        static let hiveReserved = Set((try? Grammar.words(of: "hive-reserved")) ?? [])
        /// Words that begin a form of their own before `(`.
        static let formWords: Set<String> = ["ROW", "TRY_CAST"]
        static let typeWords: Set<String> = ["TIME", "TIMESTAMP", "DOUBLE", "ROW"]
        static let hiveTypeWords: Set<String> = ["TIME", "TIMESTAMP", "DOUBLE", "ARRAY", "MAP", "UNIONTYPE"]

        init(_ text: String, isHive: Bool) {
            upper = text.uppercased()
            classes = text == ";" ? [] : ["ANY"]
            guard let first = text.first else { return }
            if text.hasPrefix("'") {
                classes.insert("STRING")
                if text.count > 2 { classes.insert("NAME") }
                if text.count == 3, let middle = text.dropFirst().first, middle != " ", middle != "+", middle != "\"",
                    !middle.isHexDigit
                {
                    classes.insert("ESCAPE")
                }
            } else if text.uppercased().hasPrefix("U&'") {
                classes.insert("UNICODE")
            } else if text.uppercased().hasPrefix("X'") {
                classes.insert("BINARY")
            } else if first == "\"" || first == "`" {
                if first == "\"", isHive { classes.insert("STRING") }
                if isHive || first == "\"" { classes.formUnion(["IDENTIFIER", "CALLABLE", "TYPE_NAME"]) }
            } else if first.isNumber || (first == "." && text.count > 1) {
                if text.uppercased().hasPrefix("0X") || !text.contains(where: { ".eE".contains($0) }) {
                    classes.insert("INTEGER")
                } else {
                    classes.insert(text.contains { "eE".contains($0) } ? "DOUBLE" : "DECIMAL")
                }
            } else if first.isLetter || first == "_" {
                classes.formUnion(["WORD", "TRANSFORM"])
                if !["TRUE", "FALSE", "NULL"].contains(upper) { classes.insert("LITERAL_TYPE") }
                if !Self.hiveTypeWords.contains(upper) { classes.insert("HIVE_TYPE_NAME") }
                if isHive, !Self.typeWords.contains(upper) { classes.insert("TYPE_NAME") }
                if !(isHive ? Self.hiveReserved : Self.reserved).contains(upper) {
                    classes.insert("IDENTIFIER")
                    if !Self.formWords.contains(upper) { classes.insert("CALLABLE") }
                    if !Self.typeWords.contains(upper) { classes.insert("TYPE_NAME") }
                }
            }
        }
    }

    static func accepts(_ tokens: [String], isHive: Bool, rule: String = "statement") throws -> Bool {
        let grammar = try Grammar.shared()
        var recogniser = Recogniser(
            grammar: grammar, isHive: isHive, tokens: tokens.map { TokenShape($0, isHive: isHive) })
        guard let root = grammar.rules[rule] else { return false }
        let ends = recogniser.ends(root, 0)
        // A statement may end with `;`.
        return ends.contains(tokens.count) || (tokens.last == ";" && ends.contains(tokens.count - 1))
    }

    private mutating func ends(_ node: Grammar.Node, _ start: Int) -> [Int] {
        let key = node.id &* 4096 &+ start
        if let known = memory[key] { return known }
        let result: [Int]
        switch node.kind {
        case .literal(let text): result = start < tokens.count && tokens[start].upper == text ? [start + 1] : []
        case .token(let name):
            result = start < tokens.count && tokens[start].classes.contains(name) ? [start + 1] : []
        case .rule(let name): result = grammar.rules[name].map { ends($0, start) } ?? []
        case .sequence(let parts):
            var places: Set<Int> = [start]
            for part in parts {
                var next: Set<Int> = []
                for place in places { next.formUnion(ends(part, place)) }
                places = next
                if places.isEmpty { break }
            }
            result = Array(places)
        case .choice(let parts):
            var places: Set<Int> = []
            for part in parts { places.formUnion(ends(part, start)) }
            result = Array(places)
        case .optional(let part): result = Array(Set(ends(part, start)).union([start]))
        case .repeated(let part):
            var places: Set<Int> = [start]
            var open = [start]
            while let place = open.popLast() {
                for end in ends(part, place) where places.insert(end).inserted { open.append(end) }
            }
            result = Array(places)
        case .unordered(let parts):
            result = Array(unorderedEnds(parts, start, used: 0))
        case .dialect(let hive): result = hive == isHive ? [start] : []
        }
        memory[key] = result
        return result
    }

    private mutating func unorderedEnds(_ parts: [Grammar.Node], _ start: Int, used: Int) -> Set<Int> {
        var places: Set<Int> = [start]
        for (index, part) in parts.enumerated() where used & (1 << index) == 0 {
            for end in ends(part, start) where end > start {
                places.formUnion(unorderedEnds(parts, end, used: used | 1 << index))
            }
        }
        return places
    }
}
