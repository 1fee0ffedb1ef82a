import SQLTypes

/// What the values of a column seen so far have in common; grows as values are added.
///
/// ```
/// null < boolean | int < bigint < huge < double | date < timestamp | array | struct | map < string
/// ```
indirect enum InferredType: Hashable {
    /// Only nulls.
    case null
    case boolean
    case int, bigint
    /// Whole numbers past 64 bits, up to 38 digits.
    case huge
    case double
    case date, timestamp
    case string
    case array(InferredType)
    case structure([Field])
    /// A type of a file's own schema, taken as it is.
    case exact(DataType)

    struct Field: Hashable {
        /// In the case it was written.
        var name: String
        var type: InferredType
    }

    /// The narrowest type that holds both.
    func merged(with other: InferredType) -> InferredType {
        if self == other { return self }
        switch (self, other) {
        case (.null, let type), (let type, .null): return type
        case (.int, .bigint), (.bigint, .int): return .bigint
        case (.int, .huge), (.huge, .int), (.bigint, .huge), (.huge, .bigint): return .huge
        case (.int, .double), (.double, .int), (.bigint, .double), (.double, .bigint), (.huge, .double),
            (.double, .huge):
            return .double
        case (.date, .timestamp), (.timestamp, .date): return .timestamp
        case (.array(let left), .array(let right)): return .array(left.merged(with: right))
        case (.structure(let left), .structure(let right)):
            var fields = left
            for field in right {
                if let index = fields.firstIndex(where: { $0.name.lowercased() == field.name.lowercased() }) {
                    fields[index].type = fields[index].type.merged(with: field.type)
                } else {
                    fields.append(field)
                }
            }
            return .structure(fields)
        case (.exact(let left), .exact(let right)): return Self.mergedExact(left, right).map { .exact($0) } ?? .string
        default: return .string
        }
    }

    /// The type that readers of the format accept for columns of either type; nil when there is none.
    static func mergedExact(_ left: DataType, _ right: DataType) -> DataType? {
        if left == right { return left }
        switch (left, right) {
        case (.row(let leftFields), .row(let rightFields)):
            var fields = leftFields
            for field in rightFields {
                if let index = fields.firstIndex(where: { $0.name?.lowercased() == field.name?.lowercased() }) {
                    guard let type = mergedExact(fields[index].type, field.type) else { return nil }
                    fields[index].type = type
                } else {
                    fields.append(field)
                }
            }
            return .row(fields)
        case (.array(let a), .array(let b)): return mergedExact(a, b).map { .array($0) }
        case (.map(let aKey, let aValue), .map(let bKey, let bValue)):
            guard let key = mergedExact(aKey, bKey), let value = mergedExact(aValue, bValue) else { return nil }
            return .map(key: key, value: value)
        case (.real, .double), (.double, .real): return .double
        case (.decimal(let p1, let s1), .decimal(let p2, let s2)):
            let scale = max(s1, s2)
            let precision = max(p1 - s1, p2 - s2) + scale
            return precision <= DataType.maxDecimalPrecision ? .decimal(precision: precision, scale: scale) : nil
        case (.varchar, .varchar): return .varcharUnbounded
        default:
            let widths: [DataType] = [.tinyint, .smallint, .integer, .bigint]
            guard let a = widths.firstIndex(of: left), let b = widths.firstIndex(of: right) else { return nil }
            return widths[max(a, b)]
        }
    }

    /// The catalog's type. A column of nulls alone is `string`.
    var dataType: DataType {
        switch self {
        case .null, .string: .varcharUnbounded
        case .boolean: .boolean
        case .int: .integer
        case .bigint: .bigint
        case .huge: .decimal(precision: DataType.maxDecimalPrecision, scale: 0)
        case .double: .double
        case .date: .date
        case .timestamp: .timestamp(precision: 3)
        case .array(let element): .array(element.dataType)
        case .structure(let fields): Self.structType(fields)
        case .exact(let type): type
        }
    }

    /// Keys past this count that look like data make a map instead of a struct.
    private static let mapThreshold = 50

    private static func structType(_ fields: [Field]) -> DataType {
        // Names that are numbers, dates or other ids are data.
        if fields.count > 1, fields.allSatisfy({ $0.name.first?.isNumber ?? false }) {
            let value = fields.reduce(InferredType.null) { $0.merged(with: $1.type) }
            return .map(key: .varcharUnbounded, value: value.dataType)
        }
        if fields.count > mapThreshold {
            let value = fields.reduce(InferredType.null) { $0.merged(with: $1.type) }
            let looksLikeNames = fields.filter {
                $0.name.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" } && !($0.name.first?.isNumber ?? true)
            }
            if looksLikeNames.count * 2 < fields.count { return .map(key: .varcharUnbounded, value: value.dataType) }
        }
        if fields.isEmpty { return .map(key: .varcharUnbounded, value: .varcharUnbounded) }
        return .row(fields.map { RowField(name: $0.name.lowercased(), type: $0.type.dataType) })
    }
}
