import Engine
import SQLTypes

/// Arguments of `?` from JSON values.
///
/// A JSON integer is integer or bigint, a fraction double; a string takes the type that the `?`'s context gives;
/// `{"type": "...", "value": ...}` says the type, and its value has the form in which the protocol sends such values.
enum ProtocolArguments {
    static func parse(_ items: [JSONValue]) throws -> [StatementArgument] { try items.map(parse) }

    private static func parse(_ item: JSONValue) throws -> StatementArgument {
        switch item {
        case .null: return .value(.null, .unknown)
        case .bool(let flag): return .value(.boolean(flag), .boolean)
        case .number(let text):
            if let number = Int64(text) {
                return .value(.int(number), Int32(exactly: number) == nil ? .bigint : .integer)
            }
            guard let number = Double(text), number.isFinite else {
                throw ProtocolError.malformed("The number \(text) is out of range")
            }
            return .value(.double(number), .double)
        case .string(let text): return .untyped(text)
        case .object:
            guard let name = item["type"]?.stringValue, let value = item["value"] else {
                throw ProtocolError.malformed("An argument object needs \"type\" and \"value\"")
            }
            let type = try TrinoTypeParser.parse(name)
            return .value(try self.value(value, type), type)
        case .array:
            throw ProtocolError.malformed("An argument may not be an array: use {\"type\": ..., \"value\": ...}")
        }
    }

    private static func value(_ json: JSONValue, _ type: DataType) throws -> Value {
        func refuse() -> QueryError {
            ProtocolError.malformed("The value of an argument is not of the form of its type \(type.displayName)")
        }
        switch (json, type) {
        case (.null, _): return .null
        case (.array(let items), .array(let element)): return .array(try items.map { try value($0, element) })
        case (.array(let items), .map(let keyType, let valueType)):
            var keys: [Value] = []
            var values: [Value] = []
            for item in items {
                guard let pair = item.arrayValue, pair.count == 2 else { throw refuse() }
                keys.append(try value(pair[0], keyType))
                values.append(try value(pair[1], valueType))
            }
            guard !keys.contains(.null) else { throw QueryError(.invalidFunctionArgument, "map key cannot be null") }
            guard Set(keys).count == keys.count else {
                throw QueryError(.invalidFunctionArgument, "Duplicate map keys are not allowed")
            }
            return .map(keys: keys, values: values)
        case (.array(let items), .row(let fields)):
            guard items.count == fields.count else { throw refuse() }
            return .row(try zip(items, fields).map { try value($0, $1.type) })
        case (_, .array), (_, .map), (_, .row), (.array, _), (.object, _): throw refuse()
        case (.string(let text), .varbinary):
            guard let bytes = Base64Text.parse(text) else { throw refuse() }
            return .bytes(bytes)
        case (.string(let text), _): return try ValueParser.parse(text, as: type)
        case (.number(let text), _): return try ValueParser.parse(text, as: type)
        case (.bool(let flag), _): return try ValueParser.parse(flag ? "true" : "false", as: type)
        }
    }
}
