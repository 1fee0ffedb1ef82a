import SQLTypes

/// A hand-written recursive-descent parser of both dialects: one extension per area, one method per production, each
/// naming its production of `grammar/*.ebnf` in its doc comment.
///
/// There is no backtracking: where the grammar is ambiguous for one token, the method looks at a few more. Chains are
/// flat or bounded (`Limits`), so that neither parsing nor anything that walks the tree runs out of stack.
///
/// The list of what would have been accepted is gathered only when a parse fails: the statement is parsed once more
/// and every check at the failing token notes what it asked for.
public struct Parser {
    /// How deep a tree may become. Real statements stay below a hundredth of it.
    public enum Limits {
        /// Levels of nesting, and levels of the tree.
        public static let depth = 1_000
    }

    let source: SourceText
    let tokens: TokenList
    var dialect: Dialect { tokens.dialect }
    var index = 0
    var parameterCount = 0
    /// Where the last primary before `.*` began.
    var starPrimaryIndex = -1

    // Depth accounting, see Parser+Depth.swift.
    var depth = 0
    var tallest = 0
    var chain = 0
    var stackFloor: UInt = 0

    // Failure reporting.
    var recordedIndex = -1
    var expectations: Set<String> = []
    var mismatchIndex: Int?

    init(_ source: SourceText, tokens: TokenList) {
        self.source = source
        self.tokens = tokens
    }
}

/// A statement and how many `?` it has.
public struct ParsedStatement: Hashable, Sendable {
    public var statement: Statement
    public var parameterCount: Int
    public var dialect: Dialect
}

extension Parser {
    /// Parses one statement; a `;` may follow it.
    ///
    /// - Throws: SYNTAX_ERROR in Trino's form, with its position in `text`.
    public static func parse(_ text: String) throws(QueryError) -> ParsedStatement {
        let source = SourceText(text)
        let dialect = try DialectDetector.detect(source)
        return try run(source, dialect) { parser throws(QueryError) in
            let statement = try parser.parseStatement()
            _ = parser.take(.semicolon)
            try parser.expectEnd()
            return ParsedStatement(
                statement: statement, parameterCount: parser.parameterCount, dialect: parser.dialect)
        }
    }

    public static func parseStatement(_ text: String) throws(QueryError) -> Statement {
        try parse(text).statement
    }

    /// Parses an expression that stands alone, such as an execution parameter's literal.
    public static func parseExpression(_ text: String) throws(QueryError) -> Expression {
        try run(SourceText(text), .trino) { parser throws(QueryError) in
            let expression = try parser.parseExpression()
            try parser.expectEnd()
            return expression
        }
    }

    /// Parses a query that stands alone, such as a view's text.
    public static func parseQuery(_ text: String) throws(QueryError) -> Query {
        try run(SourceText(text), .trino) { parser throws(QueryError) in
            let query = try parser.parseRootQuery()
            _ = parser.take(.semicolon)
            try parser.expectEnd()
            return query
        }
    }

    /// Parses a type in either spelling.
    public static func parseType(_ text: String, dialect: Dialect = .trino) throws(QueryError) -> TypeName {
        try run(SourceText(text), dialect) { parser throws(QueryError) in
            let type = try dialect == .hive ? parser.parseHiveType() : parser.parseType()
            try parser.expectEnd()
            return type
        }
    }

    /// The dialect that the first keywords of `text` choose.
    public static func dialect(of text: String) -> Dialect {
        (try? DialectDetector.detect(SourceText(text))) ?? .trino
    }

    private static func run<Result>(
        _ source: SourceText, _ dialect: Dialect, _ rule: (inout Parser) throws(QueryError) -> Result
    ) throws(QueryError) -> Result {
        let tokens = try TokenList(source, dialect: dialect)
        var parser = Parser(source, tokens: tokens)
        do {
            return try rule(&parser)
        } catch {
            guard let failed = parser.mismatchIndex else { throw error }
            // Once more, to learn what was expected at the failing token.
            var again = Parser(source, tokens: tokens)
            again.recordedIndex = failed
            _ = try? rule(&again)
            throw again.mismatchError(at: failed)
        }
    }
}

/// All tokens of a statement, followed by a few `.end` tokens so that looking ahead needs no check.
///
/// - Note: `@unchecked Sendable` is right because the memory is written in `init` alone.
final class TokenList: @unchecked Sendable {
    let base: UnsafeMutablePointer<Token>
    /// Without the ends.
    let count: Int
    let dialect: Dialect
    private static let padding = 16

    init(_ source: SourceText, dialect: Dialect) throws(QueryError) {
        guard source.byteCount <= SourceText.maxByteCount else {
            throw QueryError(.queryTextTooLarge, "The statement is too long")
        }
        self.dialect = dialect
        var lexer = Lexer(source, dialect: dialect)
        var capacity = source.byteCount / 4 + Self.padding + 1
        var base = UnsafeMutablePointer<Token>.allocate(capacity: capacity)
        var count = 0
        while true {
            let token: Token
            do {
                token = try lexer.next()
            } catch {
                base.deallocate()
                throw error
            }
            if count + Self.padding + 1 > capacity {
                let larger = UnsafeMutablePointer<Token>.allocate(capacity: capacity * 2)
                larger.moveInitialize(from: base, count: count)
                base.deallocate()
                base = larger
                capacity *= 2
            }
            if token.kind == .end {
                (base + count).initialize(repeating: token, count: Self.padding + 1)
                break
            }
            (base + count).initialize(to: token)
            count += 1
        }
        self.base = base
        self.count = count
    }

    deinit { base.deallocate() }
}
