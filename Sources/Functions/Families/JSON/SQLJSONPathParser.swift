import SQLTypes

/// Reads JSON paths, see `SQLJSONPath`.
///
/// ```
/// path      = ( 'lax' | 'strict' ) sum
/// sum       = product { ( '+' | '-' ) product }
/// product   = unary { ( '*' | '/' | '%' ) unary }
/// unary     = ( '+' | '-' ) unary | accessor
/// accessor  = primary { '.' key | '.' '*' | '..' key | '[' subscripts ']' | '?' '(' predicate ')' | '.' method '(' ')' }
/// primary   = literal | '$' | '$'name | '@' | 'last' | '(' sum ')'
/// predicate = conjunction { '||' conjunction }
/// conjunction = test { '&&' test }
/// test      = '!' test | '(' predicate ')' [ 'is' 'unknown' ] | 'exists' '(' sum ')'
///           | sum comparison sum | sum 'starts' 'with' sum
/// ```
struct SQLJSONPathParser {
    private let scalars: [Unicode.Scalar]
    private var place = 0
    private var depth = 0
    /// Parts that may still be read: a parenthesis in a predicate is read twice, and those in it four times.
    private var budget = 100_000
    private var variables: Set<String> = []

    private static let maxDepth = 200

    init(_ text: String) { scalars = Array(text.unicodeScalars) }

    mutating func parse() throws -> SQLJSONPath {
        skipBlanks()
        let isLax: Bool
        switch name() {
        case "lax": isLax = true
        case "strict": isLax = false
        default:
            place = 0
            throw fault("expected 'lax' or 'strict'")
        }
        let root = try parseSum()
        skipBlanks()
        guard place == scalars.count else { throw fault("unexpected text") }
        return SQLJSONPath(isLax: isLax, root: root, variables: variables)
    }

    private func fault(_ message: String) -> QueryError {
        QueryError(.invalidPath, "invalid JSON path: \(message) at character \(place + 1)")
    }

    // MARK: Expressions

    private mutating func nested<Result>(_ body: (inout SQLJSONPathParser) throws -> Result) throws -> Result {
        depth += 1
        budget -= 1
        defer { depth -= 1 }
        guard depth <= Self.maxDepth, budget > 0 else { throw fault("nested too deeply") }
        return try body(&self)
    }

    private mutating func parseSum() throws -> SQLJSONPath.Node {
        try nested { parser in
            var left = try parser.parseProduct()
            for _ in 0..<Self.maxDepth {
                if parser.accept("+") {
                    left = .arithmetic(.add, left, try parser.parseProduct())
                } else if parser.accept("-") {
                    left = .arithmetic(.subtract, left, try parser.parseProduct())
                } else {
                    return left
                }
            }
            throw parser.fault("too long")
        }
    }

    private mutating func parseProduct() throws -> SQLJSONPath.Node {
        var left = try parseUnary()
        for _ in 0..<Self.maxDepth {
            if accept("*") {
                left = .arithmetic(.multiply, left, try parseUnary())
            } else if accept("/") {
                left = .arithmetic(.divide, left, try parseUnary())
            } else if accept("%") {
                left = .arithmetic(.modulus, left, try parseUnary())
            } else {
                return left
            }
        }
        throw fault("too long")
    }

    private mutating func parseUnary() throws -> SQLJSONPath.Node {
        try nested { parser in
            if parser.accept("+") { return .plus(try parser.parseUnary()) }
            if parser.accept("-") { return .negate(try parser.parseUnary()) }
            return try parser.parseAccessor()
        }
    }

    private mutating func parseAccessor() throws -> SQLJSONPath.Node {
        var base = try parsePrimary()
        for _ in 0..<Self.maxDepth {
            if accept("..") {
                base = .descendants(base, try key())
            } else if accept(".") {
                if accept("*") {
                    base = .allMembers(base)
                    continue
                }
                skipBlanks()
                let isQuoted = peek == "\""
                let word = try key()
                if !isQuoted, let method = SQLJSONPath.Method(rawValue: word), accept("(") {
                    try expect(")")
                    base = .method(base, method)
                } else {
                    base = .member(base, word)
                }
            } else if accept("[") {
                base = try parseSubscripts(base)
            } else if accept("?") {
                try expect("(")
                let predicate = try parsePredicate()
                try expect(")")
                base = .filter(base, predicate)
            } else {
                return base
            }
        }
        throw fault("too long")
    }

    private mutating func parseSubscripts(_ base: SQLJSONPath.Node) throws -> SQLJSONPath.Node {
        if accept("*") {
            try expect("]")
            return .allElements(base)
        }
        var list: [SQLJSONPath.Subscript] = []
        repeat {
            let from = try parseSum()
            list.append(SQLJSONPath.Subscript(from: from, to: acceptWord("to") ? try parseSum() : nil))
        } while accept(",")
        try expect("]")
        return .elements(base, list)
    }

    private mutating func parsePrimary() throws -> SQLJSONPath.Node {
        skipBlanks()
        guard let first = peek else { throw fault("unexpected end") }
        if first == "(" {
            place += 1
            let inner = try parseSum()
            try expect(")")
            return inner
        }
        if first == "$" {
            place += 1
            let word = identifier()
            if word.isEmpty { return .context }
            variables.insert(word)
            return .variable(word)
        }
        if first == "@" {
            place += 1
            return .current
        }
        if first == "\"" { return .literal(.string(try quoted())) }
        if Self.isDigit(first) || first == "." { return .literal(.number(try number())) }
        let start = place
        switch name() {
        case "true": return .literal(.bool(true))
        case "false": return .literal(.bool(false))
        case "null": return .literal(.null)
        case "last": return .last
        default:
            place = start
            throw fault("expected a value")
        }
    }

    // MARK: Predicates

    private mutating func parsePredicate() throws -> SQLJSONPath.Predicate {
        try nested { parser in
            var left = try parser.parseConjunction()
            for _ in 0..<Self.maxDepth {
                guard parser.accept("||") else { return left }
                left = .or(left, try parser.parseConjunction())
            }
            throw parser.fault("too long")
        }
    }

    private mutating func parseConjunction() throws -> SQLJSONPath.Predicate {
        var left = try parseTest()
        for _ in 0..<Self.maxDepth {
            guard accept("&&") else { return left }
            left = .and(left, try parseTest())
        }
        throw fault("too long")
    }

    private mutating func parseTest() throws -> SQLJSONPath.Predicate {
        skipBlanks()
        if peek == "!", peek(1) != "=" {
            place += 1
            return .not(try nested { try $0.parseTest() })
        }
        if acceptWord("exists") {
            try expect("(")
            let path = try parseSum()
            try expect(")")
            return .exists(path)
        }
        if peek == "(" {
            // A parenthesis holds a predicate or begins an operand: the predicate is tried first.
            var attempt = self
            attempt.place += 1
            let predicate = try? attempt.parsePredicate()
            budget = attempt.budget
            if let inner = predicate, attempt.accept(")"), !attempt.continuesOperand() {
                self = attempt
                guard acceptWord("is") else { return inner }
                guard acceptWord("unknown") else { throw fault("expected 'unknown'") }
                return .isUnknown(inner)
            }
        }
        let left = try parseSum()
        if acceptWord("starts") {
            guard acceptWord("with") else { throw fault("expected 'with'") }
            return .startsWith(left, try parseSum())
        }
        for (text, comparison) in Self.comparisons where accept(text) {
            return .comparison(comparison, left, try parseSum())
        }
        throw fault("expected a comparison")
    }

    /// The longer ones first.
    private static let comparisons: [(String, SQLJSONPath.Comparison)] = [
        ("==", .equal), ("<>", .notEqual), ("!=", .notEqual), ("<=", .lessOrEqual), (">=", .greaterOrEqual),
        ("<", .less), (">", .greater),
    ]

    private mutating func continuesOperand() -> Bool {
        skipBlanks()
        guard let next = peek else { return false }
        return ".[?+-*/%=<>".unicodeScalars.contains(next) || (next == "!" && peek(1) == "=")
    }

    // MARK: Tokens

    private var peek: Unicode.Scalar? { place < scalars.count ? scalars[place] : nil }

    private func peek(_ distance: Int) -> Unicode.Scalar? {
        place + distance < scalars.count ? scalars[place + distance] : nil
    }

    private mutating func skipBlanks() {
        while let next = peek, next == " " || next == "\t" || next == "\n" || next == "\r" { place += 1 }
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { scalar.value &- 0x30 < 10 }

    private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        isDigit(scalar) || scalar == "_" || scalar.value >= 0x80 || (scalar.value | 0x20) &- 0x61 < 26
    }

    private mutating func accept(_ text: String) -> Bool {
        let saved = place
        skipBlanks()
        for scalar in text.unicodeScalars {
            guard peek == scalar else {
                place = saved
                return false
            }
            place += 1
        }
        return true
    }

    private mutating func acceptWord(_ word: String) -> Bool {
        let saved = place
        skipBlanks()
        if identifier() == word { return true }
        place = saved
        return false
    }

    private mutating func expect(_ text: String) throws {
        guard accept(text) else { throw fault("expected '\(text)'") }
    }

    private mutating func identifier() -> String {
        let start = place
        while let next = peek, Self.isWord(next) { place += 1 }
        return text(start..<place)
    }

    private mutating func name() -> String {
        skipBlanks()
        return identifier()
    }

    private func text(_ range: Range<Int>) -> String {
        var out = ""
        out.unicodeScalars.append(contentsOf: scalars[range])
        return out
    }

    private mutating func key() throws -> String {
        skipBlanks()
        if peek == "\"" { return try quoted() }
        guard let first = peek, !Self.isDigit(first) else { throw fault("expected a member name") }
        let word = identifier()
        guard !word.isEmpty else { throw fault("expected a member name") }
        return word
    }

    /// A string in double quotes, which are doubled within.
    private mutating func quoted() throws -> String {
        place += 1
        var out = ""
        while let next = peek {
            place += 1
            if next == "\"" {
                guard peek == "\"" else { return out }
                place += 1
            }
            out.unicodeScalars.append(next)
        }
        throw fault("a string is not closed")
    }

    private mutating func number() throws -> String {
        let start = place
        while let next = peek, Self.isDigit(next) { place += 1 }
        if peek == ".", let next = peek(1), Self.isDigit(next) {
            place += 1
            while let next = peek, Self.isDigit(next) { place += 1 }
        }
        if let exponent = peek, exponent == "e" || exponent == "E" {
            place += 1
            if let sign = peek, sign == "+" || sign == "-" { place += 1 }
            while let next = peek, Self.isDigit(next) { place += 1 }
        }
        let digits = text(start..<place)
        guard SQLJSONNumber(digits) != nil else { throw fault("not a number") }
        return digits.hasPrefix(".") ? "0" + digits : digits
    }
}
