import SQLTypes

/// Cuts text into statements, for every way that text comes in: options, files, standard input, the shell, the line
/// protocol.
///
/// A statement ends at `;` outside strings, quoted names, comments and an inline function's BEGIN ... END; the last
/// needs none. Blank statements and those of comments alone are dropped. A statement's text begins at its first byte
/// that is not blank, comments included, and leaves out the `;`. Text that is not closed (a string, a name, a comment)
/// reaches to the end; the parser then says where it began.
public struct StatementSplitter: Sendable {
    /// One statement of a longer text.
    public struct Statement: Hashable, Sendable {
        public var text: String
        /// The line of the whole text on which `text` begins; counts from 1.
        public var line: Int
        /// The line of the first token after leading comments.
        public var firstTokenLine: Int
        /// Whether a `;` ended it.
        public var isTerminated: Bool
    }

    private var pending = ""
    /// The line on which `pending` begins.
    private var pendingLine = 1

    public init() {}

    /// All statements of a text.
    public static func split(_ text: String) -> [Statement] {
        var splitter = StatementSplitter()
        return splitter.feed(text) + splitter.finish()
    }

    /// Whether nothing but blanks and comments follows the last `;`: what a shell asks before it runs the lines typed
    /// so far. Blank text is complete.
    public static func isComplete(_ text: String) -> Bool {
        var splitter = StatementSplitter()
        _ = splitter.feed(text)
        return !splitter.hasOpenStatement
    }

    /// Takes more text and returns the statements that it ends. What is left waits for more.
    public mutating func feed(_ text: String) -> [Statement] {
        pending += text
        // No statement can end without it.
        guard text.utf8.contains(0x3B) else { return [] }
        let source = SourceText(pending)
        var scanner = Scanner(source: source)
        var lines = LineCounter(source, line: pendingLine)
        var statements: [Statement] = []
        while let found = scanner.next(), found.isTerminated {
            if let statement = Self.statement(found, source, &lines) { statements.append(statement) }
        }
        let rest = scanner.finishedOffset
        pendingLine = lines.line(at: rest)
        pending = source.text(rest, source.byteCount)
        return statements
    }

    /// The statement that the end of the text ends, if one is open.
    public mutating func finish() -> [Statement] {
        let source = SourceText(pending)
        var scanner = Scanner(source: source)
        var lines = LineCounter(source, line: pendingLine)
        var statements: [Statement] = []
        while let found = scanner.next() {
            if let statement = Self.statement(found, source, &lines) { statements.append(statement) }
        }
        pending = ""
        pendingLine = 1
        return statements
    }

    /// Whether a statement, or a comment that is not closed, waits for its end.
    public var hasOpenStatement: Bool {
        let source = SourceText(pending)
        var scanner = Scanner(source: source)
        guard let found = scanner.next() else { return false }
        return found.firstToken != nil || found.isUnclosed
    }

    /// The text that waits for its end.
    public var openText: String { pending }

    /// Forgets what waits.
    public mutating func reset() { self = StatementSplitter() }

    private static func statement(
        _ found: Scanner.Found, _ source: SourceText, _ lines: inout LineCounter
    ) -> Statement? {
        guard found.firstToken != nil || found.isUnclosed else { return nil }
        var start = found.start
        while start < found.end, isBlank(source.bytes[start]) { start += 1 }
        var end = found.end
        while end > start, isBlank(source.bytes[end - 1]) { end -= 1 }
        let line = lines.line(at: start)
        let tokenLine = lines.line(at: found.firstToken ?? start)
        return Statement(
            text: source.text(start, end), line: line, firstTokenLine: tokenLine, isTerminated: found.isTerminated)
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) }
}

/// Counts lines up to offsets that only grow.
private struct LineCounter {
    private let source: SourceText
    private var offset = 0
    private var line: Int

    init(_ source: SourceText, line: Int) {
        self.source = source
        self.line = line
    }

    mutating func line(at target: Int) -> Int {
        while offset < target {
            if source.bytes[offset] == 0x0A { line &+= 1 }
            offset &+= 1
        }
        return line
    }
}

/// Finds the ends of statements in one text.
private struct Scanner {
    struct Found {
        var start: Int
        /// Before the `;`.
        var end: Int
        /// The offset of the first token; nil for a blank statement.
        var firstToken: Int?
        var isTerminated: Bool
        /// Whether a string, name or comment reaches the end.
        var isUnclosed: Bool
    }

    let source: SourceText
    private var offset = 0

    init(source: SourceText) { self.source = source }

    /// After the last `;` that was found.
    private(set) var finishedOffset = 0

    /// The next statement; nil at the end of the text.
    mutating func next() -> Found? {
        guard offset < source.byteCount else { return nil }
        let start = offset
        var found = Found(start: start, end: source.byteCount, firstToken: nil, isTerminated: false, isUnclosed: false)
        var ahead = Lexer(source, dialect: .trino, from: start)
        let dialect = (try? DialectDetector.detect(&ahead)) ?? .trino
        var lexer = Lexer(source, dialect: dialect, from: start)
        var blocks = BlockDepth()
        while true {
            let token: Token
            do {
                token = try lexer.next()
            } catch {
                found.isUnclosed = true
                offset = source.byteCount
                return found
            }
            if token.kind == .end {
                offset = source.byteCount
                return found
            }
            if token.kind == .semicolon, !blocks.isInside {
                found.end = Int(token.start)
                found.isTerminated = true
                offset = Int(token.end)
                finishedOffset = offset
                return found
            }
            if found.firstToken == nil { found.firstToken = Int(token.start) }
            blocks.read(token)
        }
    }
}

/// Follows BEGIN ... END, CASE ... END and the like, in statements that define functions.
private struct BlockDepth {
    private var words = 0
    private var definesFunction = false
    private var couldDefine = true
    private var depth = 0
    private var previous: Keyword?

    var isInside: Bool { depth > 0 }

    mutating func read(_ token: Token) {
        defer {
            previous = token.keyword
            words += 1
        }
        if !definesFunction {
            guard couldDefine else { return }
            switch (words, token.keyword) {
            case (0, .with), (0, .create), (0, .explain), (0, .insert), (0, .prepare), (0, .unload), (0, .analyze):
                break
            case (_, .function) where previous == .with || previous == .create || previous == .replace:
                definesFunction = true
            default: couldDefine = words < Self.longestLead
            }
            return
        }
        switch token.keyword {
        case .begin: depth += 1
        case .case: if previous != .end { depth += 1 }
        case .end: depth = max(0, depth - 1)
        // END IF, END LOOP, ... close what opened them; the openers are counted where END follows.
        case .if, .loop, .while, .repeat: if previous == .end { depth += 1 }
        default: break
        }
    }

    /// `FUNCTION` comes within this many tokens, or not at all: CREATE TABLE names, properties and AS may precede it.
    private static let longestLead = 64
}
