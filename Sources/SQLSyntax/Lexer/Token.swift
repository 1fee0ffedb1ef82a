import SQLTypes

/// What a token is. Keywords are `word`s with a `Keyword`.
public enum TokenKind: UInt8, Hashable, Sendable {
    /// The end of the text.
    case end
    /// An unquoted name or a keyword.
    case word
    /// A word that begins with a digit.
    case digitWord
    /// `"..."`: a name; in Hive DDL also a string.
    case quoted
    case backquoted
    case string
    /// `U&'...'`.
    case unicodeString
    /// `X'...'`.
    case binary
    case integer, decimal, double
    case dot, comma, leftParenthesis, rightParenthesis, leftBracket, rightBracket, leftBrace, rightBrace
    /// `{-` and `-}` of row patterns.
    case leftExclusion, rightExclusion
    case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
    case plus, minus, star, slash, percent, concat, bar, question, semicolon
    /// `->` and `=>`.
    case arrow, fatArrow
    case colon, caret, dollar
    /// A character that no rule uses.
    case other

    /// The text of a kind that has only one.
    var symbol: String? {
        switch self {
        case .dot: "."
        case .comma: ","
        case .leftParenthesis: "("
        case .rightParenthesis: ")"
        case .leftBracket: "["
        case .rightBracket: "]"
        case .leftBrace: "{"
        case .rightBrace: "}"
        case .leftExclusion: "{-"
        case .rightExclusion: "-}"
        case .equal: "="
        case .notEqual: "<>"
        case .less: "<"
        case .lessOrEqual: "<="
        case .greater: ">"
        case .greaterOrEqual: ">="
        case .plus: "+"
        case .minus: "-"
        case .star: "*"
        case .slash: "/"
        case .percent: "%"
        case .concat: "||"
        case .bar: "|"
        case .question: "?"
        case .semicolon: ";"
        case .arrow: "->"
        case .fatArrow: "=>"
        case .colon: ":"
        case .caret: "^"
        case .dollar: "$"
        case .end, .word, .digitWord, .quoted, .backquoted, .string, .unicodeString, .binary, .integer, .decimal,
            .double, .other:
            nil
        }
    }
}

/// A token: its kind, the bytes it covers and where it stands.
public struct Token: Sendable {
    public var kind: TokenKind
    public var keyword: Keyword?
    /// Offsets of its first byte and of the byte after it.
    public var start: UInt32
    public var end: UInt32
    var line: UInt32
    var column: UInt32

    public var position: SourcePosition { SourcePosition(line: Int(line), column: Int(column)) }
}
