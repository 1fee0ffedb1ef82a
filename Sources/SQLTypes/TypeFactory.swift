/// Builds a `DataType` from a type's name and arguments, as each dialect spells it. Both parsers of type texts and the
/// SQL parser's type names end here, so that a range is checked in one place.
public enum TypeFactory {
    public enum Argument: Hashable, Sendable {
        case number(Int)
        case type(DataType)
    }

    /// Trino's spelling; `name` in lower case. `timestamp`, `time` and `row` with a zone or with fields have their own
    /// syntax and are built by the caller.
    ///
    /// - Throws: TYPE_NOT_FOUND for an unknown name, or what the range checks below raise.
    public static func trino(_ name: String, _ arguments: [Argument] = []) throws -> DataType {
        if arguments.isEmpty, let type = plainTrinoTypes[name] { return type }
        switch name {
        case "decimal", "dec", "numeric": return try decimal(arguments, defaultPrecision: 38)
        case "varchar":
            if arguments.isEmpty { return .varcharUnbounded }
            return .varchar(length: try length(arguments, of: "VARCHAR", in: 0...2_147_483_646))
        case "char":
            if arguments.isEmpty { return .char(length: 1) }
            return .char(length: try length(arguments, of: "CHAR", in: 0...65_536))
        case "time": return .time(precision: try precision(arguments, of: "TIME"))
        case "timestamp": return .timestamp(precision: try precision(arguments, of: "TIMESTAMP"))
        case "array":
            if case .some(.type(let element)) = arguments.first, arguments.count == 1 { return .array(element) }
        case "map":
            if arguments.count == 2, case .type(let key) = arguments[0], case .type(let value) = arguments[1] {
                guard key.isComparable else {
                    throw QueryError(
                        .invalidFunctionArgument, "Key type of map must be comparable: \(key.displayName)")
                }
                return .map(key: key, value: value)
            }
        case "row":
            let types = arguments.compactMap { argument -> DataType? in
                if case .type(let type) = argument { return type } else { return nil }
            }
            if !types.isEmpty, types.count == arguments.count {
                return .row(types.map { RowField(name: nil, type: $0) })
            }
        case "function":
            let types = arguments.compactMap { argument -> DataType? in
                if case .type(let type) = argument { return type } else { return nil }
            }
            if let result = types.last, types.count == arguments.count {
                return .function(parameters: Array(types.dropLast()), result: result)
            }
        case "qdigest":
            if case .some(.type(let element)) = arguments.first, arguments.count == 1 {
                return .sketch(name: "qdigest", of: element)
            }
        default: break
        }
        throw unknown(name, arguments)
    }

    /// Hive's spelling; `name` in lower case.
    ///
    /// `timestamp` is TIMESTAMP(3): the session's `hive.timestamp_precision` changes that when a table is bound.
    public static func hive(_ name: String, _ arguments: [Argument] = []) throws -> DataType {
        if arguments.isEmpty, let type = plainHiveTypes[name] { return type }
        switch name {
        case "decimal", "numeric", "dec": return try decimal(arguments, defaultPrecision: 10)
        case "varchar":
            if arguments.isEmpty { return .varcharUnbounded }
            return .varchar(length: try length(arguments, of: "VARCHAR", in: 1...65_535))
        case "char": return .char(length: try length(arguments, of: "CHAR", in: 1...255))
        case "array":
            if case .some(.type(let element)) = arguments.first, arguments.count == 1 { return .array(element) }
        case "map": return try trino("map", arguments)
        case "uniontype": throw QueryError(.notSupported, "The type uniontype is not supported")
        default: break
        }
        throw unknown(name, arguments)
    }

    /// TIME or TIMESTAMP with its precision checked.
    public static func dateTime(isTimestamp: Bool, precision: Int, hasZone: Bool) throws -> DataType {
        let name = isTimestamp ? "TIMESTAMP" : "TIME"
        guard (0...12).contains(precision) else {
            throw QueryError(
                .numericValueOutOfRange,
                "\(name)\(hasZone ? " WITH TIME ZONE" : "") precision must be in range [0, 12]: \(precision)")
        }
        switch (isTimestamp, hasZone) {
        case (true, true): return .timestampWithTimeZone(precision: precision)
        case (true, false): return .timestamp(precision: precision)
        case (false, true): return .timeWithTimeZone(precision: precision)
        case (false, false): return .time(precision: precision)
        }
    }

    /// The precision of a TIME or TIMESTAMP without one.
    public static let defaultTimePrecision = 3

    private static func decimal(_ arguments: [Argument], defaultPrecision: Int) throws -> DataType {
        var numbers: [Int] = []
        for argument in arguments {
            guard case .number(let number) = argument else { throw unknown("decimal", arguments) }
            numbers.append(number)
        }
        guard numbers.count <= 2 else { throw unknown("decimal", arguments) }
        let precision = numbers.first ?? defaultPrecision
        let scale = numbers.count == 2 ? numbers[1] : 0
        guard (1...DataType.maxDecimalPrecision).contains(precision) else {
            throw QueryError(
                .invalidFunctionArgument,
                "DECIMAL precision must be in range [1, \(DataType.maxDecimalPrecision)]: \(precision)")
        }
        guard (0...precision).contains(scale) else {
            throw QueryError(
                .invalidFunctionArgument, "DECIMAL scale must be in range [0, precision (\(precision))]: \(scale)")
        }
        return .decimal(precision: precision, scale: scale)
    }

    private static func length(_ arguments: [Argument], of name: String, in range: ClosedRange<Int>) throws -> Int {
        guard arguments.count == 1, case .number(let length) = arguments[0] else {
            throw unknown(name.lowercased(), arguments)
        }
        guard range.contains(length) else {
            throw QueryError(
                .invalidFunctionArgument,
                "\(name) length must be in range [\(range.lowerBound), \(range.upperBound)], got \(length)")
        }
        return length
    }

    private static func precision(_ arguments: [Argument], of name: String) throws -> Int {
        if arguments.isEmpty { return defaultTimePrecision }
        guard arguments.count == 1, case .number(let precision) = arguments[0] else {
            throw unknown(name.lowercased(), arguments)
        }
        guard (0...12).contains(precision) else {
            throw QueryError(.numericValueOutOfRange, "\(name) precision must be in range [0, 12]: \(precision)")
        }
        return precision
    }

    private static func unknown(_ name: String, _ arguments: [Argument]) -> QueryError {
        let list = arguments.map { argument in
            switch argument {
            case .number(let number): String(number)
            case .type(let type): type.displayName
            }
        }
        let text = list.isEmpty ? name : "\(name)(\(list.joined(separator: ", ")))"
        return QueryError(.typeNotFound, "Unknown type: \(text)")
    }

    private static let plainTrinoTypes: [String: DataType] = [
        "unknown": .unknown, "boolean": .boolean, "tinyint": .tinyint, "smallint": .smallint, "integer": .integer,
        "int": .integer, "bigint": .bigint, "real": .real, "double": .double, "varbinary": .varbinary, "date": .date,
        "json": .json, "uuid": .uuid, "ipaddress": .ipaddress, "hyperloglog": .sketch(name: "HyperLogLog", of: nil),
        "p4hyperloglog": .sketch(name: "P4HyperLogLog", of: nil), "setdigest": .sketch(name: "SetDigest", of: nil),
        "tdigest": .sketch(name: "tdigest", of: nil),
    ]

    private static let plainHiveTypes: [String: DataType] = [
        "boolean": .boolean, "tinyint": .tinyint, "smallint": .smallint, "int": .integer, "integer": .integer,
        "bigint": .bigint, "float": .real, "double": .double, "string": .varcharUnbounded, "binary": .varbinary,
        "date": .date, "timestamp": .timestamp(precision: defaultTimePrecision),
    ]
}
