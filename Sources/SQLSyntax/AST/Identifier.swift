import SQLTypes

/// A name as it stands in the text: `orders`, `"Order Total"`, or a back-ticked name of Hive DDL.
///
/// Equality looks at the text and the quoting, not at the position.
public struct Identifier: Hashable, Sendable {
    /// The name without its quotes, in the case it was written.
    public var value: String
    /// Whether it was quoted (by double quotes or backticks).
    public var isDelimited: Bool
    public var position: SourcePosition

    public init(
        _ value: String, isDelimited: Bool = false, at position: SourcePosition = SourcePosition(line: 1, column: 1)
    ) {
        self.value = value
        self.isDelimited = isDelimited
        self.position = position
    }

    /// The name that lookups use: names match without regard to case.
    public var canonical: String {
        for byte in value.utf8 where byte >= 0x80 || (byte >= 0x41 && byte <= 0x5A) { return value.lowercased() }
        return value
    }

    public static func == (left: Identifier, right: Identifier) -> Bool {
        left.isDelimited == right.isDelimited && left.value == right.value
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(value) }
}

/// One to many identifiers joined by dots: `catalog.schema.table`.
public struct QualifiedName: Hashable, Sendable {
    /// Never empty.
    public var parts: [Identifier]

    public init(_ parts: [Identifier]) { self.parts = parts }

    public var position: SourcePosition { parts[0].position }
    public var last: Identifier { parts[parts.count - 1] }
    /// The parts as lookups use them.
    public var canonicalParts: [String] { parts.map(\.canonical) }
    /// The lower-cased parts joined by dots, for messages.
    public var displayName: String { canonicalParts.joined(separator: ".") }
}
