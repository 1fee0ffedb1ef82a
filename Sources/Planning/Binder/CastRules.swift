import SQLTypes

/// Which types CAST converts at all; whether a value fits is found when it runs.
enum CastRules {
    static func canCast(_ source: DataType, to target: DataType) -> Bool {
        if source == target || source == .unknown || TypeCoercion.canCoerce(source, to: target) { return true }
        switch (source, target) {
        case (.array(let a), .array(let b)): return canCast(a, to: b)
        case (.map(let aKey, let aValue), .map(let bKey, let bValue)):
            return canCast(aKey, to: bKey) && canCast(aValue, to: bValue)
        case (.row(let a), .row(let b)):
            return a.count == b.count && zip(a, b).allSatisfy { canCast($0.type, to: $1.type) }
        case (_, .json): return isJSONSource(source)
        case (.json, _): return isJSONTarget(target)
        case (.sketch, .varbinary), (.varbinary, .sketch), (.sketch, .sketch): return true
        default:
            guard let from = family(source), let to = family(target) else { return false }
            return targets[from]?.contains(to) ?? false
        }
    }

    /// Families whose members convert into one another.
    private enum Family: Hashable {
        case number, boolean, text, binary, date, time, timestamp, monthInterval, dayInterval, uuid, address
    }

    /// By source family, the families that it converts to.
    private static let targets: [Family: Set<Family>] = [
        .number: [.number, .boolean, .text], .boolean: [.boolean, .number, .text],
        .text: [
            .text, .number, .boolean, .binary, .date, .time, .timestamp, .monthInterval, .dayInterval, .uuid, .address,
        ],
        .binary: [.binary, .uuid, .address], .date: [.date, .timestamp, .text],
        .time: [.time, .timestamp, .text], .timestamp: [.timestamp, .date, .time, .text],
        .monthInterval: [.monthInterval, .text], .dayInterval: [.dayInterval, .text], .uuid: [.uuid, .text, .binary],
        .address: [.address, .text, .binary],
    ]

    private static func family(_ type: DataType) -> Family? {
        switch type {
        case .tinyint, .smallint, .integer, .bigint, .real, .double, .decimal: .number
        case .boolean: .boolean
        case .varchar, .char: .text
        case .varbinary: .binary
        case .date: .date
        case .time, .timeWithTimeZone: .time
        case .timestamp, .timestampWithTimeZone: .timestamp
        case .intervalYearToMonth: .monthInterval
        case .intervalDayToSecond: .dayInterval
        case .uuid: .uuid
        case .ipaddress: .address
        case .unknown, .json, .array, .map, .row, .function, .sketch: nil
        }
    }

    private static func isJSONSource(_ type: DataType) -> Bool {
        switch type {
        case .boolean, .tinyint, .smallint, .integer, .bigint, .real, .double, .decimal, .varchar, .char, .json, .date,
            .timestamp, .unknown:
            true
        case .array(let element): isJSONSource(element)
        case .map(let key, let value): isJSONKey(key) && isJSONSource(value)
        case .row(let fields): fields.allSatisfy { isJSONSource($0.type) }
        default: false
        }
    }

    private static func isJSONTarget(_ type: DataType) -> Bool {
        switch type {
        case .boolean, .tinyint, .smallint, .integer, .bigint, .real, .double, .decimal, .varchar, .json: true
        case .array(let element): isJSONTarget(element)
        case .map(let key, let value): isJSONKey(key) && isJSONTarget(value)
        case .row(let fields): fields.allSatisfy { isJSONTarget($0.type) }
        default: false
        }
    }

    private static func isJSONKey(_ type: DataType) -> Bool {
        switch type {
        case .boolean, .tinyint, .smallint, .integer, .bigint, .real, .double, .decimal, .varchar: true
        default: false
        }
    }
}
