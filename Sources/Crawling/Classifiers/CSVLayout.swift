import SQLTypes

extension FileFinding {
    /// How a delimited file is laid out.
    struct CSVLayout: Hashable {
        var delimiter: UInt8
        var quote: UInt8?
        /// A backslash that takes the meaning from delimiters or quotes.
        var escape: UInt8?
        var usesQuotes: Bool
        /// Backslashes are data: the reader must not take them for escapes.
        var keepsBackslashes = false
        var hasHeader: Bool
        /// Not only guessed by the shape of the first record.
        var isHeaderCertain: Bool
        /// A quoted field spans lines.
        var hasEmbeddedNewlines: Bool
        /// Lines before the first record: comments and titles.
        var skippedLineCount: Int
        /// As `serialization.encoding` names it; nil for ASCII.
        var encoding: String?
        /// The first record and the types of its fields, to compare headers across files.
        var firstRecord: [String]
        var firstTypes: [InferredType]
        /// Types of the columns without the first record.
        var bodyTypes: [InferredType]
        /// Names that a classifier gives.
        var names: [String]
        /// Hive types, and the SerDe's class, that a classifier gives.
        var types: [String] = []
        var serde: String?

        init(
            delimiter: UInt8, quote: UInt8?, usesQuotes: Bool, hasHeader: Bool, isHeaderCertain: Bool,
            hasEmbeddedNewlines: Bool, skippedLineCount: Int, firstRecord: [String], firstTypes: [InferredType],
            bodyTypes: [InferredType], names: [String]
        ) {
            self.delimiter = delimiter
            self.quote = quote
            self.usesQuotes = usesQuotes
            self.hasHeader = hasHeader
            self.isHeaderCertain = isHeaderCertain
            self.hasEmbeddedNewlines = hasEmbeddedNewlines
            self.skippedLineCount = skippedLineCount
            self.firstRecord = firstRecord
            self.firstTypes = firstTypes
            self.bodyTypes = bodyTypes
            self.names = names
        }

        /// Lines that readers skip.
        var headerLineCount: Int { skippedLineCount + (hasHeader ? 1 : 0) }

        /// The columns, named by the header when there is one.
        var columns: [InferredType.Field] {
            bodyTypes.indices.map { index in
                let first = index < firstTypes.count ? firstTypes[index] : .null
                var type = hasHeader ? bodyTypes[index] : first.merged(with: bodyTypes[index])
                if index < types.count, let given = try? HiveTypeParser.parse(types[index]) { type = .exact(given) }
                return InferredType.Field(name: name(index), type: type)
            }
        }

        private func name(_ index: Int) -> String {
            if index < names.count { return names[index] }
            if hasHeader, index < firstRecord.count {
                let trimmed = firstRecord[index].trimmingBlanks
                if !trimmed.isEmpty { return trimmed }
            }
            return "col\(index)"
        }

        /// Files of both layouts can be read with one set of properties.
        func isReadAlike(_ other: CSVLayout) -> Bool {
            delimiter == other.delimiter && hasHeader == other.hasHeader && skippedLineCount == other.skippedLineCount
                && (quote == nil || other.quote == nil || quote == other.quote)
                && names == other.names && types == other.types && serde == other.serde
                && (escape == other.escape || !usesQuotes || !other.usesQuotes)
                && (encoding == nil || other.encoding == nil || encoding == other.encoding)
        }

        /// Takes over what readers need for files of `other` too.
        mutating func absorb(_ other: CSVLayout) {
            usesQuotes = usesQuotes || other.usesQuotes
            hasEmbeddedNewlines = hasEmbeddedNewlines || other.hasEmbeddedNewlines
            keepsBackslashes = keepsBackslashes || other.keepsBackslashes
            quote = quote ?? other.quote
            escape = escape ?? other.escape
            encoding = encoding ?? other.encoding
        }
    }
}

/// Counts in sentences.
enum Counted {
    /// `1 file`, `2 files`.
    static func text(_ count: Int, _ thing: String) -> String { "\(count) \(thing)\(count == 1 ? "" : "s")" }
}
