import Columnar
import SQLTypes
import Storage

/// How delimited files of a table are to be read: SERDEPROPERTIES and TBLPROPERTIES of LazySimpleSerDe and
/// OpenCSVSerde, parsed once.
public struct DelimitedOptions: Hashable, Sendable {
    public enum Dialect: Sendable {
        /// Quotes are data; `field.delim`, `escape.delim`, nested values by further delimiters.
        case lazySimple
        /// Quoted fields; `separatorChar`, `quoteChar`, `escapeChar`.
        case openCSV
    }

    public var dialect: Dialect
    /// Field, collection items, map keys, and then one for each level of nesting.
    public var separators: [UInt8]
    public var quote: UInt8?
    public var escape: UInt8?
    public var newline: UInt8
    /// The text that stands for NULL; nil when the dialect has none.
    public var nullText: [UInt8]?
    public var headerCount: Int
    public var footerCount: Int
    public var lastColumnTakesRest: Bool
    public var encoding: TextEncoding
    public var rules: TextValueRules

    public static let openCSVClass = "org.apache.hadoop.hive.serde2.OpenCSVSerde"
    public static let lazySimpleClass = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"

    /// - Throws: INVALID_TABLE_PROPERTY for a value that cannot be understood.
    public init(_ description: StorageDescription) throws {
        let properties = description.properties
        func first(_ names: String...) -> String? {
            for name in names { if let value = properties[name] { return value } }
            return nil
        }
        rules = TextValueRules()
        newline = UInt8(ascii: "\n")
        headerCount = try Self.count("skip.header.line.count", properties)
        footerCount = try Self.count("skip.footer.line.count", properties)
        encoding = try TextEncoding(named: first("serialization.encoding") ?? "UTF-8")
        rules.timestampPatterns = try Self.patterns(first("timestamp.formats"))
        if description.serde.lowercased().hasSuffix("opencsvserde") {
            dialect = .openCSV
            separators = [try Self.character(first("separatorChar"), "separatorChar") ?? UInt8(ascii: ",")]
            quote = try Self.character(first("quoteChar"), "quoteChar") ?? UInt8(ascii: "\"")
            escape = try Self.character(first("escapeChar"), "escapeChar") ?? UInt8(ascii: "\\")
            if quote == 0 { quote = nil }
            // A doubled quote escapes itself whatever the escape byte is.
            if escape == quote || escape == 0 { escape = nil }
            nullText = first("serialization.null.format").map { Array($0.utf8) }
            lastColumnTakesRest = false
            rules.acceptsEpochNumbers = true
            if separators[0] == quote || separators[0] == escape {
                throw QueryError(
                    .invalidTableProperty, "separatorChar must differ from quoteChar and escapeChar")
            }
        } else {
            dialect = .lazySimple
            let field = try Self.byte(first("field.delim", "serialization.format"), "field.delim") ?? 1
            let collection = try Self.byte(first("collection.delim", "colelction.delim"), "collection.delim") ?? 2
            let mapKey = try Self.byte(first("mapkey.delim"), "mapkey.delim") ?? 3
            // As Hive numbers the levels below: control characters that no text has.
            separators = [field, collection, mapKey] + [4, 5, 6, 7, 8, 11, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24]
            quote = nil
            escape = try Self.byte(first("escape.delim"), "escape.delim")
            newline = try Self.byte(first("line.delim"), "line.delim") ?? UInt8(ascii: "\n")
            if newline == UInt8(ascii: "\r") { newline = UInt8(ascii: "\n") }
            nullText = Array((first("serialization.null.format") ?? "\\N").utf8)
            lastColumnTakesRest = first("serialization.last.column.takes.rest")?.lowercased() == "true"
        }
    }

    /// The bytes that the structural scan looks for.
    var endsRowsAtReturn: Bool { newline == UInt8(ascii: "\n") && separators[0] != UInt8(ascii: "\r") }

    private static func count(_ name: String, _ properties: [String: String]) throws -> Int {
        guard let text = properties[name], !text.isEmpty else { return 0 }
        guard let value = Int(text), value >= 0 else {
            throw QueryError(.invalidTableProperty, "Invalid value for \(name) property: \(text)")
        }
        return value
    }

    /// A LazySimple delimiter: a number is the byte's value (negative ones as signed bytes), else the first byte.
    private static func byte(_ text: String?, _ name: String) throws -> UInt8? {
        guard let text, let first = text.utf8.first else { return nil }
        if let number = Int(text) {
            if let value = Int8(exactly: number) { return UInt8(bitPattern: value) }
            if let value = UInt8(exactly: number) { return value }
        }
        if text.utf8.count > 1, text.unicodeScalars.count == 1 {
            throw QueryError(.notSupported, "\(name) must be a single byte: '\(text)'")
        }
        if let escaped = escapes[text] { return escaped }
        return first
    }

    private static func character(_ text: String?, _ name: String) throws -> UInt8? {
        guard let text, let first = text.utf8.first else { return nil }
        guard first < 0x80 else { throw QueryError(.notSupported, "\(name) must be an ASCII character: '\(text)'") }
        return escapes[text] ?? first
    }

    /// Delimiters that arrive still escaped, as some clients write them.
    private static let escapes: [String: UInt8] = [
        "\\t": 9, "\\n": 10, "\\r": 13, "\\\\": 0x5c, "\\001": 1, "\\u0001": 1,
    ]

    private static func patterns(_ text: String?) throws -> [TimestampPattern] {
        guard let text else { return [] }
        // Commas within quotes or after a backslash belong to a pattern.
        var patterns: [String] = [""]
        var isQuoted = false
        var isEscaped = false
        for character in text {
            if isEscaped {
                patterns[patterns.count - 1].append(character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if character == ",", !isQuoted {
                patterns.append("")
            } else {
                if character == "'" { isQuoted.toggle() }
                patterns[patterns.count - 1].append(character)
            }
        }
        return try patterns.filter { !$0.isEmpty }.map { try TimestampPattern($0) }
    }
}
