import Glibc
import GrammarModel
import SQLSyntax
import SQLTypes
import Testing

/// The grammar and the parser, held to each other.
@Suite struct GrammarTests {
    /// `ATHENA_LITE_SEED` draws other sentences, `ATHENA_LITE_SENTENCES` more of them.
    static let seed = environment("ATHENA_LITE_SEED") ?? 20_261_122
    static let sentenceCount = Int(environment("ATHENA_LITE_SENTENCES") ?? 1_500)

    private static func environment(_ name: String) -> UInt64? {
        getenv(name).flatMap { UInt64(String(cString: $0)) }
    }

    static func text(_ tokens: [String]) -> String { tokens.joined(separator: " ") }

    /// Sentences of the grammar, of both dialects, some from the root and some from each area.
    static func sentences(_ count: Int, seed: UInt64) throws -> [[String]] {
        var sentences: [[String]] = []
        let roots = [
            "statement", "rootQuery", "rootQuery", "createExternalTable", "alterTable", "createTable", "show", "merge",
            "describe", "function",
        ]
        var generators: [SentenceGenerator] = try [false, true].map {
            SentenceGenerator(try Grammar.shared(), isHive: $0, seed: seed &+ ($0 ? 1 : 0))
        }
        let hiveRoots: Set<String> = ["createExternalTable", "alterTable", "describe"]
        for index in 0..<count {
            let root = roots[index % roots.count]
            let isHive =
                hiveRoots.contains(root)
                || (root != "rootQuery" && root != "createTable" && index / roots.count % 2 == 1)
            var tokens = generators[isHive ? 1 : 0].sentence(root)
            if root == "function" { tokens.insert("CREATE", at: 0) }
            // The sentence's own first words choose the dialect; drop those that mix both.
            // Before AS is seen, a backslash before a quote could belong to either dialect.
            if tokens.contains("'a\\'"), tokens.contains(where: { $0.uppercased() == "CREATE" }) { continue }
            if isAmbiguous(tokens) { continue }
            if (Parser.dialect(of: text(tokens)) == .hive) == isHive { sentences.append(tokens) }
        }
        return sentences
    }

    /// Where the grammar has two readings and the parser takes one: the value that ends WITH SESSION or WITH FUNCTION
    /// may be a call with the query that follows in parentheses, and FORMATTED after DESCRIBE may be a table.
    static func isAmbiguous(_ tokens: [String]) -> Bool {
        let words = tokens.map { $0.uppercased() }
        if zip(words, words.dropFirst()).contains(where: { $0 == "WITH" && ($1 == "SESSION" || $1 == "FUNCTION") }) {
            return true
        }
        return (words.first ?? "").hasPrefix("DESC") && words.count > 1 && ["FORMATTED", "EXTENDED"].contains(words[1])
    }

    @Test func everySentenceParses() throws {
        for tokens in try Self.sentences(Self.sentenceCount, seed: Self.seed) {
            let text = Self.text(tokens)
            #expect(throws: Never.self, "seed \(Self.seed): \(text)") { try Parser.parseStatement(text) }
        }
    }

    @Test func printedStatementsParseEqual() throws {
        for tokens in try Self.sentences(Self.sentenceCount, seed: Self.seed &+ 7) {
            guard let statement = try? Parser.parseStatement(Self.text(tokens)) else { continue }
            let printed = SQLFormatter.format(statement)
            let again = try? Parser.parseStatement(printed)
            #expect(again == statement, "seed \(Self.seed): \(Self.text(tokens))\nprinted as \(printed)")
        }
    }

    @Test func theRecogniserAcceptsEverySentence() throws {
        for tokens in try Self.sentences(Self.sentenceCount / 4, seed: Self.seed &+ 13) {
            let isHive = Parser.dialect(of: Self.text(tokens)) == .hive
            #expect(try Recogniser.accepts(tokens, isHive: isHive), "seed \(Self.seed): \(Self.text(tokens))")
        }
    }

    @Test func damagedSentencesGetTheSameVerdict() throws {
        var random = SeededGenerator(seed: Self.seed)
        for tokens in try Self.sentences(Self.sentenceCount, seed: Self.seed &+ 17) where tokens.count < 90 {
            let damaged = Self.damage(tokens, &random)
            if Self.isAmbiguous(damaged) { continue }
            let text = Self.text(damaged)
            let isHive = Parser.dialect(of: text) == .hive
            let parses = (try? Parser.parseStatement(text)) != nil
            let isSentence = try Recogniser.accepts(damaged, isHive: isHive)
            #expect(parses == isSentence, "seed \(Self.seed): parser \(parses), grammar \(isSentence): \(text)")
        }
    }

    /// Cut, overwritten and joined texts end in a statement or an error, whatever they are.
    @Test func damagedTextNeverTraps() throws {
        var random = SeededGenerator(seed: Self.seed)
        let strangers = Array("'\"`()[]{}<>;:.,-+*/%|?=!$^#@\\ \n\u{0}aEx0_&".utf8) + [0xC3, 0xFF, 0xE2]
        for tokens in try Self.sentences(Self.sentenceCount, seed: Self.seed &+ 23) {
            var bytes = Array(Self.text(tokens).utf8)
            for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes.removeSubrange(place...)
                case 1: bytes[place] = strangers.randomElement(using: &random) ?? 0
                default: bytes.insert(strangers.randomElement(using: &random) ?? 0, at: place)
                }
            }
            let text = String(decoding: bytes, as: UTF8.self)
            _ = try? Parser.parseStatement(text)
            let statements = StatementSplitter.split(text)
            #expect(statements.allSatisfy { !$0.text.isEmpty })
        }
    }

    /// One token dropped, doubled, exchanged with another, or replaced.
    static func damage(_ tokens: [String], _ random: inout SeededGenerator) -> [String] {
        var damaged = tokens
        guard !damaged.isEmpty else { return ["x"] }
        let place = Int.random(in: 0..<damaged.count, using: &random)
        let other = Int.random(in: 0..<damaged.count, using: &random)
        let strangers = [
            "(", ")", ",", "SELECT", "FROM", "x", "1", "'s'", "AS", "NULL", "=", ".", "*", "WHERE", "BY", "-",
        ]
        switch Int.random(in: 0..<5, using: &random) {
        case 0: damaged.remove(at: place)
        case 1: damaged.insert(damaged[place], at: place)
        case 2: damaged.swapAt(place, other)
        case 3: damaged[place] = strangers.randomElement(using: &random) ?? "x"
        default: damaged.insert(strangers.randomElement(using: &random) ?? "x", at: place)
        }
        return damaged.isEmpty ? ["x"] : damaged
    }
}

/// The keyword lists of the grammar and those of the parser.
@Suite struct KeywordTests {
    @Test func reservedWordsAgree() throws {
        let listed = Set(try Grammar.words(of: "reserved"))
        #expect(listed == Set(Keyword.allCases.filter(\.isReserved).map(\.rawValue)))
    }

    @Test func hiveReservedWordsAgree() throws {
        let listed = Set(try Grammar.words(of: "hive-reserved"))
        #expect(listed == Set(Keyword.allCases.filter(\.isReservedInHive).map(\.rawValue)))
    }

    @Test func everyWordIsInOneList() throws {
        let reserved = try Grammar.words(of: "reserved")
        let others = try Grammar.words(of: "nonreserved")
        let hive = try Grammar.words(of: "hive-words")
        #expect(Set(reserved).isDisjoint(with: others))
        let all = Set(reserved + others + hive + (try Grammar.words(of: "hive-reserved")))
        #expect(all == Set(Keyword.allCases.map(\.rawValue)))
        // Only EXTRACT's fields are matched by their text.
        let fields = Set(ExtractField.allCases.map(\.rawValue))
        #expect(try Grammar.shared().keywords.subtracting(fields).isSubset(of: all))
    }

    @Test func reservedWordsAreNoNames() throws {
        for word in try Grammar.words(of: "reserved") {
            #expect(throws: QueryError.self, "\(word)") { try Parser.parseStatement("SELECT 1 AS \(word)") }
            #expect(throws: Never.self, "\(word)") { try Parser.parseStatement("SELECT 1 AS \"\(word)\"") }
        }
    }

    @Test func otherWordsAreNames() throws {
        for word in try Grammar.words(of: "nonreserved") + Grammar.words(of: "hive-words") {
            let text =
                "SELECT \(word), x.\(word), \(word) AS \(word) FROM \(word) AS \(word) WHERE \(word) = 1 ORDER BY \(word)"
            #expect(throws: Never.self, "\(word)") { try Parser.parseStatement(text) }
            let bare = "SELECT 1 \(word), 2 FROM t \(word), u"
            #expect(throws: Never.self, "\(word)") { try Parser.parseStatement(bare) }
        }
    }

    @Test func hiveReservedWordsNeedQuotes() throws {
        for word in try Grammar.words(of: "hive-reserved") {
            #expect(throws: QueryError.self, "\(word)") {
                try Parser.parseStatement("CREATE EXTERNAL TABLE t (\(word) int) LOCATION 'x'")
            }
            #expect(throws: Never.self, "\(word)") {
                try Parser.parseStatement("CREATE EXTERNAL TABLE t (`\(word)` int) LOCATION 'x'")
            }
        }
    }
}
