import Glibc

/// The productions of `grammar/*.ebnf`, read as `grammar/README.md` describes them.
package final class Grammar: Sendable {
    /// A part of a production. Nodes are numbered for the recogniser's memory.
    package struct Node: Sendable {
        package var id: Int
        package var kind: Kind

        package indirect enum Kind: Sendable {
            /// A keyword or symbol, in capitals.
            case literal(String)
            /// `IDENTIFIER`, `STRING`, ...
            case token(String)
            case rule(String)
            case sequence([Node])
            case choice([Node])
            case optional(Node)
            case repeated(Node)
            /// Each part at most once, in any order.
            case unordered([Node])
            /// Nothing; the dialect must be Hive's (or Trino's).
            case dialect(isHive: Bool)
        }
    }

    package let rules: [String: Node]
    package let nodeCount: Int

    package struct Failure: Error, CustomStringConvertible {
        package var description: String
    }

    package init(folder: String) throws {
        var rules: [String: Node] = [:]
        var count = 0
        let files = [
            "statement", "query", "relation", "expression", "json", "type", "hive", "table", "data", "show", "session",
            "routine", "access",
        ]
        for file in files {
            var reader = Reader(try readGrammarFile("\(folder)/\(file).ebnf"), firstID: count)
            for (name, node) in try reader.rules() {
                guard rules[name] == nil else { throw Failure(description: "\(file): rule \(name) is defined twice") }
                rules[name] = node
            }
            count = reader.nextID
        }
        self.rules = rules
        nodeCount = count
        for node in rules.values {
            for name in Self.references(node) where rules[name] == nil {
                throw Failure(description: "no rule \(name)")
            }
        }
    }

    static func references(_ node: Node) -> [String] {
        switch node.kind {
        case .rule(let name): [name]
        case .sequence(let parts), .choice(let parts), .unordered(let parts): parts.flatMap(references)
        case .optional(let part), .repeated(let part): references(part)
        case .literal, .token, .dialect: []
        }
    }

    /// All keywords that the productions name.
    package var keywords: Set<String> {
        func words(_ node: Node) -> [String] {
            switch node.kind {
            case .literal(let text): text.first.map { $0.isLetter } == true ? [text] : []
            case .sequence(let parts), .choice(let parts), .unordered(let parts): parts.flatMap(words)
            case .optional(let part), .repeated(let part): words(part)
            case .token, .dialect, .rule: []
            }
        }
        return Set(rules.values.flatMap(words))
    }
}

/// The text of a file.
package func readGrammarFile(_ path: String) throws -> String {
    guard let file = fopen(path, "r") else { throw Grammar.Failure(description: "cannot read \(path)") }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = fread(&buffer, 1, buffer.count, file)
        if count == 0 { break }
        bytes += buffer[0..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
}

/// Reads one file of productions.
private struct Reader {
    private var symbols: [String]
    private var index = 0
    private(set) var nextID: Int

    init(_ text: String, firstID: Int) {
        nextID = firstID
        symbols = []
        let characters = Array(text)
        var position = 0
        while position < characters.count {
            let character = characters[position]
            if character.isWhitespace {
                position += 1
            } else if character == "(", position + 1 < characters.count, characters[position + 1] == "*" {
                position += 2
                while !(characters[position] == "*" && characters[position + 1] == ")") { position += 1 }
                position += 2
            } else if character == "'" {
                let start = position
                position += 1
                while characters[position] != "'" { position += 1 }
                position += 1
                symbols.append(String(characters[start..<position]))
            } else if character.isLetter {
                let start = position
                while position < characters.count, characters[position].isLetter || characters[position] == "_" {
                    position += 1
                }
                symbols.append(String(characters[start..<position]))
            } else if character == "<" || character == ">" {
                symbols.append(String([character, character]))
                position += 2
            } else {
                symbols.append(String(character))
                position += 1
            }
        }
    }

    private mutating func node(_ kind: Grammar.Node.Kind) -> Grammar.Node {
        nextID += 1
        return Grammar.Node(id: nextID - 1, kind: kind)
    }

    private mutating func expect(_ symbol: String) throws {
        guard index < symbols.count, symbols[index] == symbol else {
            let found = index < symbols.count ? symbols[index] : "the end"
            throw Grammar.Failure(
                description: "expected \(symbol), found \(found) after \(symbols[max(0, index - 5)..<index])")
        }
        index += 1
    }

    mutating func rules() throws -> [(String, Grammar.Node)] {
        var rules: [(String, Grammar.Node)] = []
        while index < symbols.count {
            let name = symbols[index]
            index += 1
            try expect("=")
            rules.append((name, try choice()))
            try expect(";")
        }
        return rules
    }

    private mutating func choice() throws -> Grammar.Node {
        var parts = [try sequence()]
        while index < symbols.count, symbols[index] == "|" {
            index += 1
            parts.append(try sequence())
        }
        return parts.count == 1 ? parts[0] : node(.choice(parts))
    }

    private mutating func sequence() throws -> Grammar.Node {
        var parts: [Grammar.Node] = []
        while index < symbols.count, ![";", "|", ")", "]", "}", ">>"].contains(symbols[index]) {
            parts.append(try part())
        }
        return parts.count == 1 ? parts[0] : node(.sequence(parts))
    }

    private mutating func part() throws -> Grammar.Node {
        let symbol = symbols[index]
        index += 1
        switch symbol {
        case "(":
            let inner = try choice()
            try expect(")")
            return inner
        case "[":
            let inner = try choice()
            try expect("]")
            return node(.optional(inner))
        case "{":
            let inner = try choice()
            try expect("}")
            return node(.repeated(inner))
        case "<<":
            var parts = [try sequence()]
            while symbols[index] == "|" {
                index += 1
                parts.append(try sequence())
            }
            try expect(">>")
            return node(.unordered(parts))
        case "HIVE": return node(.dialect(isHive: true))
        case "TRINO": return node(.dialect(isHive: false))
        default:
            if symbol.hasPrefix("'") { return node(.literal(String(symbol.dropFirst().dropLast()))) }
            if symbol.allSatisfy({ $0.isUppercase || $0 == "_" }) { return node(.token(symbol)) }
            return node(.rule(symbol))
        }
    }
}
