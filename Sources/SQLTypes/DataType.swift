/// A SQL data type, as Trino names it.
///
/// Hive spellings (`int`, `string`, `struct<a:int>`) and Trino spellings (`integer`, `varchar`, `row(a integer)`)
/// are two texts of the same type: see `HiveTypeParser` and `DataType.displayName`.
public indirect enum DataType: Hashable, Sendable {
    /// The type of a bare NULL.
    case unknown
    case boolean
    case tinyint, smallint, integer, bigint
    case real, double
    /// 1 to 38 digits; stored as Int64 up to 18 digits, as Int128 above.
    case decimal(precision: Int, scale: Int)
    /// `length` nil is unbounded.
    case varchar(length: Int?)
    /// Stored without its padding.
    case char(length: Int)
    case varbinary
    /// Days since 1970-01-01.
    case date
    /// Picoseconds of the day.
    case time(precision: Int)
    case timeWithTimeZone(precision: Int)
    /// Microseconds since 1970-01-01 up to precision 6, picoseconds (Int128) above.
    case timestamp(precision: Int)
    /// UTC picoseconds << 16 | zone id.
    case timestampWithTimeZone(precision: Int)
    /// Months.
    case intervalYearToMonth
    /// Milliseconds.
    case intervalDayToSecond
    case json
    case uuid
    case ipaddress
    case array(DataType)
    case map(key: DataType, value: DataType)
    case row([RowField])
    case function(parameters: [DataType], result: DataType)
    /// An opaque aggregate sketch, stored as bytes: `HyperLogLog`, `P4HyperLogLog`, `SetDigest`, `tdigest`,
    /// `qdigest(bigint)`.
    case sketch(name: String, of: DataType?)

    /// An unbounded VARCHAR.
    public static let varcharUnbounded = DataType.varchar(length: nil)
    /// The widest decimal precision.
    public static let maxDecimalPrecision = 38
    /// Digits that fit an Int64 decimal.
    public static let maxShortDecimalPrecision = 18
}

/// A field of a ROW type; `name` is nil for an anonymous field.
public struct RowField: Hashable, Sendable {
    public var name: String?
    public var type: DataType

    public init(name: String?, type: DataType) {
        self.name = name
        self.type = type
    }
}

/// How the values of a type lie in memory. One kernel is written per physical type.
public enum PhysicalType: UInt8, Sendable, CaseIterable {
    /// One byte, 0 or 1.
    case boolean
    case int8, int16, int32, int64, int128
    case float, double
    /// 16-byte `StringView`: varchar, char, varbinary, json, sketches.
    case string
    /// 8-byte `ListEntry` into one child vector.
    case list
    /// 8-byte `ListEntry` into two child vectors (keys, values).
    case map
    /// No data of its own; one child vector per field.
    case row

    /// Bytes of one value; 0 for `row`.
    public var byteCount: Int {
        switch self {
        case .boolean, .int8: 1
        case .int16: 2
        case .int32, .float: 4
        case .int64, .double, .list, .map: 8
        case .int128, .string: 16
        case .row: 0
        }
    }
}

extension DataType {
    /// The type's memory layout.
    public var physical: PhysicalType {
        switch self {
        case .unknown, .boolean: .boolean
        case .tinyint: .int8
        case .smallint: .int16
        case .integer, .date, .intervalYearToMonth: .int32
        case .bigint, .time, .intervalDayToSecond: .int64
        case .real: .float
        case .double: .double
        case .decimal(let precision, _): precision <= Self.maxShortDecimalPrecision ? .int64 : .int128
        case .varchar, .char, .varbinary, .json, .sketch: .string
        case .timestamp(let precision): precision <= 6 ? .int64 : .int128
        case .timeWithTimeZone, .timestampWithTimeZone, .uuid, .ipaddress: .int128
        case .array: .list
        case .map: .map
        case .row: .row
        case .function: .boolean
        }
    }

    /// The type as `typeof()` prints it: `decimal(10,2)`, `array(integer)`, `row("a" integer)` prints as
    /// `row(a integer)`.
    public var displayName: String {
        switch self {
        case .unknown: return "unknown"
        case .boolean: return "boolean"
        case .tinyint: return "tinyint"
        case .smallint: return "smallint"
        case .integer: return "integer"
        case .bigint: return "bigint"
        case .real: return "real"
        case .double: return "double"
        case .decimal(let precision, let scale): return "decimal(\(precision),\(scale))"
        case .varchar(let length): return length.map { "varchar(\($0))" } ?? "varchar"
        case .char(let length): return "char(\(length))"
        case .varbinary: return "varbinary"
        case .date: return "date"
        case .time(let precision): return "time(\(precision))"
        case .timeWithTimeZone(let precision): return "time(\(precision)) with time zone"
        case .timestamp(let precision): return "timestamp(\(precision))"
        case .timestampWithTimeZone(let precision): return "timestamp(\(precision)) with time zone"
        case .intervalYearToMonth: return "interval year to month"
        case .intervalDayToSecond: return "interval day to second"
        case .json: return "json"
        case .uuid: return "uuid"
        case .ipaddress: return "ipaddress"
        case .array(let element): return "array(\(element.displayName))"
        case .map(let key, let value): return "map(\(key.displayName), \(value.displayName))"
        case .row(let fields):
            return "row("
                + fields.map { field in
                    field.name.map { "\($0) \(field.type.displayName)" } ?? field.type.displayName
                }.joined(separator: ", ") + ")"
        case .function(let parameters, let result):
            return "function(" + (parameters + [result]).map(\.displayName).joined(separator: ",") + ")"
        case .sketch(let name, let element):
            return element.map { "\(name)(\($0.displayName))" } ?? name
        }
    }

    /// tinyint, smallint, integer or bigint.
    public var isInteger: Bool {
        switch self {
        case .tinyint, .smallint, .integer, .bigint: true
        default: false
        }
    }

    /// Any type that arithmetic takes.
    public var isNumeric: Bool {
        switch self {
        case .tinyint, .smallint, .integer, .bigint, .real, .double, .decimal: true
        default: false
        }
    }

    /// varchar or char.
    public var isCharacter: Bool {
        switch self {
        case .varchar, .char: true
        default: false
        }
    }

    /// array, map or row.
    public var isNested: Bool {
        switch self {
        case .array, .map, .row: true
        default: false
        }
    }

    /// Whether values can be tested for equality (GROUP BY, joins, DISTINCT).
    public var isComparable: Bool {
        switch self {
        case .function, .sketch: false
        case .array(let element): element.isComparable
        case .map(let key, let value): key.isComparable && value.isComparable
        case .row(let fields): fields.allSatisfy(\.type.isComparable)
        default: true
        }
    }

    /// Whether values have an order (ORDER BY, `<`, min).
    public var isOrderable: Bool {
        switch self {
        case .function, .sketch, .map, .json: false
        case .array(let element): element.isOrderable
        case .row(let fields): fields.allSatisfy(\.type.isOrderable)
        default: true
        }
    }
}

extension DataType: CustomStringConvertible {
    public var description: String { displayName }
}
