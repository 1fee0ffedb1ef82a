import Columnar
import SQLTypes

/// Casts between JSON and other types: scalars by value, arrays, maps and rows by structure.
enum JSONCasts {
    // MARK: To JSON

    static func toJSON(from source: DataType) -> CastKernel {
        { argument, rows in
            let builder = FlatBuilder(.json, capacity: rows.count)
            builder.zero()
            let heap = builder.strings
            let out = builder.pointer(as: StringView.self)
            var text: [UInt8] = []
            rows.forEach { row in
                guard !argument.isNull(row) else { return builder.setNull(row) }
                text.removeAll(keepingCapacity: true)
                append(argument, row, to: &text)
                out[row] = text.withUnsafeBufferPointer { heap.append($0) }
            }
            return builder.finish(count: rows.count)
        }
    }

    /// Appends the JSON of one lane. Map members are sorted by name, rows keep their field names.
    static func append(_ vector: Vector, _ row: Int, to text: inout [UInt8]) {
        if vector.isNull(row) { return text.append(contentsOf: "null".utf8) }
        let flat = vector.dictionary ?? vector
        let position = vector.position(row)
        switch vector.type {
        case .array:
            let entry = flat.pointer(as: ListEntry.self)[position]
            text.append(UInt8(ascii: "["))
            for index in 0..<Int(entry.count) {
                if index > 0 { text.append(UInt8(ascii: ",")) }
                append(flat.children[0], Int(entry.offset) + index, to: &text)
            }
            text.append(UInt8(ascii: "]"))
        case .map(let keyType, _):
            let entry = flat.pointer(as: ListEntry.self)[position]
            var members: [(key: [UInt8], place: Int)] = []
            for index in Int(entry.offset)..<Int(entry.offset) + Int(entry.count) {
                var key: [UInt8] = []
                ValueText.append(flat.children[0].value(at: index), keyType, to: &key)
                members.append((key, index))
            }
            members.sort { $0.key.lexicographicallyPrecedes($1.key) }
            text.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { text.append(UInt8(ascii: ",")) }
                JSONText.appendString(member.key, to: &text)
                text.append(UInt8(ascii: ":"))
                append(flat.children[1], member.place, to: &text)
            }
            text.append(UInt8(ascii: "}"))
        case .row(let fields):
            text.append(UInt8(ascii: "{"))
            for (index, field) in fields.enumerated() {
                if index > 0 { text.append(UInt8(ascii: ",")) }
                JSONText.appendString((field.name ?? "").utf8, to: &text)
                text.append(UInt8(ascii: ":"))
                append(flat.children[index], position, to: &text)
            }
            text.append(UInt8(ascii: "}"))
        case .json:
            flat.pointer(as: StringView.self)[position].withBytes { text.append(contentsOf: $0) }
        case .varchar, .char:
            flat.pointer(as: StringView.self)[position].withBytes { JSONText.appendString($0, to: &text) }
        case .date, .timestamp:
            text.append(UInt8(ascii: "\""))
            ValueText.append(vector.value(at: row), vector.type, to: &text)
            text.append(UInt8(ascii: "\""))
        default:
            let value = vector.value(at: row)
            if value.isNotFinite { return JSONText.appendString(ValueText.print(value, vector.type).utf8, to: &text) }
            ValueText.append(value, vector.type, to: &text)
        }
    }

    // MARK: From JSON

    static func fromJSON(to target: DataType) -> CastKernel {
        { argument, rows in
            var values = [Value](repeating: .null, count: rows.count)
            let view = argument.view
            try rows.forEach { row in
                guard view.isValid(row) else { return }
                let text = view.load(row, as: StringView.self).withBytes { Array($0) }
                guard let document = try? JSONValue.parse(bytes: text) else { throw failure(text, target) }
                values[row] = try convert(document, target, text)
            }
            return Vector.fromValues(values, target)
        }
    }

    /// A JSON scalar as a SQL value of a scalar type; nil when it does not fit.
    static func scalar(_ json: JSONValue, as target: DataType) -> Value? {
        if json == .null { return .null }
        switch target {
        case .boolean, .tinyint, .smallint, .integer, .bigint, .real, .double, .decimal, .varchar:
            return try? convert(json, target, [])
        default:
            guard let text = try? convert(json, .varcharUnbounded, []), case .bytes(let bytes) = text else {
                return nil
            }
            return try? ValueParser.parse(String(decoding: bytes, as: UTF8.self), as: target)
        }
    }

    private static func convert(_ json: JSONValue, _ target: DataType, _ text: [UInt8]) throws -> Value {
        if target == .json { return .string(json.text) }
        if json == .null { return .null }
        switch target {
        case .varchar(let length):
            let content: String
            switch json {
            case .string(let string): content = string
            case .bool(let flag): content = flag ? "true" : "false"
            case .number(let digits): content = digits
            case .null, .array, .object: throw failure(text, target)
            }
            guard let length else { return .string(content) }
            return try ValueParser.parse(content, as: .varchar(length: length))
        case .boolean:
            switch json {
            case .bool(let flag): return .boolean(flag)
            case .number(let digits): return .boolean((number(digits) ?? 0) != 0)
            case .string(let string):
                do { return try ValueParser.parse(string, as: .boolean) } catch { throw failure(text, target) }
            case .null, .array, .object: throw failure(text, target)
            }
        case .tinyint, .smallint, .integer, .bigint, .real, .double, .decimal:
            return try convertNumber(json, target, text)
        case .array(let element):
            guard case .array(let items) = json else { throw failure(text, target) }
            return .array(try items.map { try convert($0, element, text) })
        case .map(let keyType, let valueType):
            guard case .object(let members) = json else { throw failure(text, target) }
            var keys: [Value] = []
            var values: [Value] = []
            for member in members {
                let key: Value
                do { key = try ValueParser.parse(member.key, as: keyType) } catch { throw failure(text, target) }
                if keys.contains(key) {
                    throw QueryError(
                        .invalidCastArgument, "Cannot cast to \(target.displayName). Duplicate keys are not allowed")
                }
                keys.append(key)
                values.append(try convert(member.value, valueType, text))
            }
            return .map(keys: keys, values: values)
        case .row(let fields):
            switch json {
            case .array(let items):
                guard items.count == fields.count else { throw failure(text, target) }
                return .row(try zip(items, fields).map { try convert($0, $1.type, text) })
            case .object(let members):
                return .row(
                    try fields.map { field in
                        guard let name = field.name else { throw failure(text, target) }
                        let wanted = name.lowercasedASCII
                        guard
                            let member = members.last(where: { $0.key == name })
                                ?? members.last(where: { $0.key.lowercasedASCII == wanted })
                        else { return .null }
                        return try convert(member.value, field.type, text)
                    })
            case .null, .bool, .number, .string: throw failure(text, target)
            }
        default: throw failure(text, target)
        }
    }

    private static func convertNumber(_ json: JSONValue, _ target: DataType, _ text: [UInt8]) throws -> Value {
        let digits: String
        switch json {
        case .bool(let flag): digits = flag ? "1" : "0"
        case .number(let written): digits = written
        case .string(let string): digits = string
        case .null, .array, .object: throw failure(text, target)
        }
        if target.isInteger {
            var copy = digits
            let isInteger = copy.withUTF8 { NumberText.isIntegerForm($0) }
            if !isInteger, case .number = json, let fraction = number(digits) {
                let rounded = fraction.rounded(.toNearestOrAwayFromZero)
                guard let whole = Int64(exactly: rounded) else { throw failure(text, target) }
                return try parsed(String(whole), target, text)
            }
        }
        return try parsed(digits, target, text)
    }

    private static func parsed(_ digits: String, _ target: DataType, _ text: [UInt8]) throws -> Value {
        do { return try ValueParser.parse(digits, as: target) } catch { throw failure(text, target) }
    }

    private static func number(_ digits: String) -> Double? {
        var copy = digits
        return copy.withUTF8 { NumberText.parseDouble($0) }
    }

    private static func failure(_ text: [UInt8], _ target: DataType) -> QueryError {
        QueryError(
            .invalidCastArgument, "Cannot cast '\(String(decoding: text, as: UTF8.self))' to \(target.displayName)")
    }
}

extension Value {
    /// A NaN or infinite number.
    fileprivate var isNotFinite: Bool {
        switch self {
        case .double(let number): !number.isFinite
        case .real(let number): !number.isFinite
        default: false
        }
    }
}
