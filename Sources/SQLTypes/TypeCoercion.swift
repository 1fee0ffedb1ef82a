/// Which types convert without being asked: Trino's implicit coercions.
///
/// ```
/// tinyint → smallint → integer → bigint → decimal → real → double
/// date → timestamp(p) → timestamp(p) with time zone          time(p) → time(p) with time zone
/// varchar(n) → varchar(m), m ≥ n      char(n) → varchar      unknown → anything
/// ```
/// Arrays, maps and rows coerce by their parts. There is no coercion between text and numbers or dates.
public enum TypeCoercion {
    /// Whether a value of `source` is taken where `target` is wanted.
    public static func canCoerce(_ source: DataType, to target: DataType) -> Bool {
        if source == target { return true }
        if case .char(let length) = source, case .varchar(let limit) = target {
            return limit.map { $0 >= length } ?? true
        }
        return commonSuperType(source, target) == target
    }

    /// The type of a list of values (CASE branches, IN lists, UNION columns, array elements), nil when there is none.
    public static func commonSuperType(_ types: some Sequence<DataType>) -> DataType? {
        var common = DataType.unknown
        for type in types {
            guard let next = commonSuperType(common, type) else { return nil }
            common = next
        }
        return common
    }

    /// The narrowest type that both types coerce to, nil when there is none.
    public static func commonSuperType(_ left: DataType, _ right: DataType) -> DataType? {
        if left == right { return left }
        switch (left, right) {
        case (.unknown, let other), (let other, .unknown): return other
        case (.varchar(let a), .varchar(let b)):
            guard let a, let b else { return .varchar(length: nil) }
            return .varchar(length: max(a, b))
        case (.char(let a), .char(let b)): return .char(length: max(a, b))
        case (.char(let a), .varchar(let b)), (.varchar(let b), .char(let a)):
            guard let b, max(a, b) <= DataType.maxCharLength else { return .varchar(length: nil) }
            return .char(length: max(a, b))
        case (.date, .timestamp), (.date, .timestampWithTimeZone): return right
        case (.timestamp, .date), (.timestampWithTimeZone, .date): return left
        case (.timestamp(let a), .timestamp(let b)): return .timestamp(precision: max(a, b))
        case (.timestampWithTimeZone(let a), .timestampWithTimeZone(let b)),
            (.timestamp(let a), .timestampWithTimeZone(let b)),
            (.timestampWithTimeZone(let a), .timestamp(let b)):
            return .timestampWithTimeZone(precision: max(a, b))
        case (.time(let a), .time(let b)): return .time(precision: max(a, b))
        case (.timeWithTimeZone(let a), .timeWithTimeZone(let b)), (.time(let a), .timeWithTimeZone(let b)),
            (.timeWithTimeZone(let a), .time(let b)):
            return .timeWithTimeZone(precision: max(a, b))
        case (.array(let a), .array(let b)): return commonSuperType(a, b).map { .array($0) }
        case (.map(let aKey, let aValue), .map(let bKey, let bValue)):
            guard let key = commonSuperType(aKey, bKey), let value = commonSuperType(aValue, bValue) else { return nil }
            return .map(key: key, value: value)
        case (.row(let a), .row(let b)): return commonRow(a, b)
        case (.function(let aParameters, let aResult), .function(let bParameters, let bResult)):
            guard aParameters == bParameters, let result = commonSuperType(aResult, bResult) else { return nil }
            return .function(parameters: aParameters, result: result)
        default: return commonNumber(left, right)
        }
    }

    private static func commonRow(_ left: [RowField], _ right: [RowField]) -> DataType? {
        guard left.count == right.count else { return nil }
        var fields: [RowField] = []
        for (a, b) in zip(left, right) {
            guard let type = commonSuperType(a.type, b.type) else { return nil }
            fields.append(
                RowField(
                    name: a.name == b.name ? a.name : (a.name == nil ? b.name : (b.name == nil ? a.name : nil)),
                    type: type))
        }
        return .row(fields)
    }

    private static func commonNumber(_ left: DataType, _ right: DataType) -> DataType? {
        guard let a = numericRank(left), let b = numericRank(right) else { return nil }
        let wider = a > b ? left : right
        if case .decimal = wider { return commonDecimal(left, right) }
        return wider
    }

    private static func commonDecimal(_ left: DataType, _ right: DataType) -> DataType? {
        guard case .decimal(let p1, let s1)? = left.asDecimal, case .decimal(let p2, let s2)? = right.asDecimal
        else { return nil }
        let scale = max(s1, s2)
        let integerDigits = max(p1 - s1, p2 - s2)
        return .decimal(precision: min(DataType.maxDecimalPrecision, integerDigits + scale), scale: scale)
    }

    private static func numericRank(_ type: DataType) -> Int? {
        switch type {
        case .tinyint: 0
        case .smallint: 1
        case .integer: 2
        case .bigint: 3
        case .decimal: 4
        case .real: 5
        case .double: 6
        default: nil
        }
    }
}

extension DataType {
    /// The longest CHAR.
    public static let maxCharLength = 65536

    /// The decimal type that holds every value of an exact numeric type: integer is decimal(10,0).
    public var asDecimal: DataType? {
        switch self {
        case .tinyint: .decimal(precision: 3, scale: 0)
        case .smallint: .decimal(precision: 5, scale: 0)
        case .integer: .decimal(precision: 10, scale: 0)
        case .bigint: .decimal(precision: 19, scale: 0)
        case .decimal: self
        default: nil
        }
    }
}
