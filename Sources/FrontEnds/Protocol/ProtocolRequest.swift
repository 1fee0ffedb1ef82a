import Engine
import SQLTypes

/// One request line, read once at the border.
struct ProtocolRequest {
    /// As it came: `1` and `"1"` differ.
    var id: JSONValue
    var method: String
    var params: JSONValue
    /// Size of the line, for the limit on waiting requests.
    var byteCount: Int

    static let maxLine = 16 << 20

    /// - Throws: PROTOCOL_ERROR; `id` is what could be read of it.
    static func parse(_ line: [UInt8]) -> Result<ProtocolRequest, ProtocolFault> {
        let json: JSONValue
        do {
            guard String(validating: line, as: UTF8.self) != nil else {
                return .failure(ProtocolFault(id: .null, message: "The line is not UTF-8"))
            }
            json = try JSONValue.parse(bytes: line)
        } catch {
            return .failure(
                ProtocolFault(id: .null, message: "The line is not JSON: \(error.message) at byte \(error.offset + 1)"))
        }
        guard case .object = json else {
            return .failure(ProtocolFault(id: .null, message: "A request is a JSON object"))
        }
        let id = json["id"] ?? .null
        guard isValid(id) else {
            return .failure(ProtocolFault(id: .null, message: "\"id\" must be a string or an integer within 2^53"))
        }
        guard let method = json["method"]?.stringValue else {
            return .failure(ProtocolFault(id: id, message: "\"method\" is missing or not a string"))
        }
        let params = json["params"] ?? .object([])
        guard case .object = params else {
            return .failure(ProtocolFault(id: id, message: "\"params\" must be an object"))
        }
        return .success(ProtocolRequest(id: id, method: method, params: params, byteCount: line.count))
    }

    private static func isValid(_ id: JSONValue) -> Bool {
        switch id {
        case .string: true
        case .number(let text): Int64(text).map { abs($0) <= 1 << 53 } ?? false
        default: false
        }
    }

    // MARK: Parameters

    /// A parameter of a type; nil when it is missing or null.
    func string(_ name: String) throws -> String? {
        guard let value = params[name], value != .null else { return nil }
        guard let text = value.stringValue else { throw ProtocolError.malformed("\"\(name)\" must be a string") }
        return text
    }

    func int(_ name: String) throws -> Int? {
        guard let value = params[name], value != .null else { return nil }
        guard let number = value.intValue, number >= 0 else {
            throw ProtocolError.malformed("\"\(name)\" must be an integer of 0 or more")
        }
        return number
    }

    func array(_ name: String) throws -> [JSONValue]? {
        guard let value = params[name], value != .null else { return nil }
        guard let items = value.arrayValue else { throw ProtocolError.malformed("\"\(name)\" must be an array") }
        return items
    }
}

struct ProtocolFault: Error {
    var id: JSONValue
    var message: String
}

/// Arguments of `?` from JSON values.
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
            switch value {
            case .null: return .value(.null, type)
            case .string(let text): return .value(try ValueParser.parse(text, as: type), type)
            case .bool(let flag): return .value(try ValueParser.parse(flag ? "true" : "false", as: type), type)
            case .number(let text): return .value(try ValueParser.parse(text, as: type), type)
            case .array, .object:
                throw ProtocolError.malformed("An argument of type \(name) must be a text, number or boolean")
            }
        case .array: throw ProtocolError.malformed("An argument may not be an array")
        }
    }
}
