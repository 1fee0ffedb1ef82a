/// One value outside vectors: a literal, a partition value, a statistic, a cell of a small result.
///
/// A value has a layout but no type of its own: it always travels with a `DataType`, and lies in the case that the
/// type's `physical` layout names. Never used per row on data paths.
public indirect enum Value: Hashable, Sendable {
    case null
    case boolean(Bool)
    /// tinyint to bigint, date (days), time (picoseconds), timestamp(p<=6) (microseconds), both intervals,
    /// decimals to 18 digits (unscaled).
    case int(Int64)
    /// Wider decimals (unscaled), timestamp(p>6) (picoseconds), both types with time zone, uuid and ipaddress
    /// (big-endian bit pattern).
    case int128(Int128)
    case real(Float)
    case double(Double)
    /// varchar, char, varbinary, json and sketches, as bytes.
    case bytes([UInt8])
    case array([Value])
    case map(keys: [Value], values: [Value])
    case row([Value])

    /// Text as a varchar value.
    public static func string(_ text: String) -> Value { .bytes(Array(text.utf8)) }

    public var isNull: Bool { self == .null }
}
