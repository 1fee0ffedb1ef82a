import SQLTypes

/// A data type as written: `DECIMAL(10, 2)`, `ARRAY(ROW(x INTEGER))`, `struct<a:int>`. `resolve(in:)` turns it into a
/// `DataType`.
public struct TypeName: Hashable, Sendable {
    public var kind: Kind
    public var position: SourcePosition

    public init(_ kind: Kind, at position: SourcePosition) {
        self.kind = kind
        self.position = position
    }

    public indirect enum Kind: Hashable, Sendable {
        /// `integer`, `varchar(10)`, `array(integer)`, `map(varchar, bigint)`, `double precision` (as `double`).
        case named(Identifier, [Parameter])
        /// `ROW(a integer, varchar)` or `struct<a:int>`.
        case row([Field])
        /// `TIME` or `TIMESTAMP`, with its precision as written.
        case time(precision: Parameter?, hasZone: Bool)
        case timestamp(precision: Parameter?, hasZone: Bool)
        case interval(from: IntervalField, to: IntervalField?)
    }

    public enum Parameter: Hashable, Sendable {
        case number(Int)
        case type(TypeName)
    }

    public struct Field: Hashable, Sendable {
        public var name: Identifier?
        public var type: TypeName
        /// Hive's `struct<a:int COMMENT 'text'>`.
        public var comment: String?
    }

    public static func == (left: TypeName, right: TypeName) -> Bool { left.kind == right.kind }
    public func hash(into hasher: inout Hasher) { hasher.combine(kind) }
}

/// A unit of an interval.
public enum IntervalField: String, Hashable, Sendable, CaseIterable {
    case year = "YEAR", month = "MONTH", day = "DAY", hour = "HOUR", minute = "MINUTE", second = "SECOND"
}
