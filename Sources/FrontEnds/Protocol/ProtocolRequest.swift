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
    /// Since the line was read.
    let clock = Stopwatch()

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
        var params = json["params"] ?? .null
        if params == .null { params = .object([]) }
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

    /// The methods with the parameters that they know.
    static let parameters: [String: Set<String>] = {
        let statement: Set<String> = ["statement", "sql", "args", "database", "max_rows", "fetch_size", "timeout_ms"]
        let patterns: Set<String> = ["catalog", "schema", "table", "column", "types"]
        var all: [String: Set<String>] = [
            "hello": ["protocol", "client"], "set": ["name", "value"], "get": ["name"],
            "prepare": ["sql", "name", "database"], "execute": statement.union(["mode"]),
            "executeBatch": ["statement", "args"], "fetch": ["cursor", "rows"],
            "describe": ["statement", "sql", "table", "database"], "cancel": ["target", "cursor"],
            "close": ["statement", "cursor"], "explain": ["statement", "sql", "format", "database"],
            "history": ["query_id"], "queryInfo": ["query_id"], "ping": [], "quit": [],
        ]
        for method in catalogMethods { all[method] = patterns }
        return all
    }()

    static let catalogMethods: Set<String> = [
        "catalogs", "schemas", "tables", "columns", "tableTypes", "typeInfo", "functions", "partitions",
    ]

    /// What `warning` events say of parameters that the method does not know.
    var warnings: [JSONValue.Member] {
        guard let known = Self.parameters[method], case .object(let members) = params else { return [] }
        return members.filter { !known.contains($0.key) }.map { member in
            JSONValue.Member(
                "message",
                .string(
                    "Unknown parameter '\(member.key)' is ignored" + NearNames.hint(member.key, among: known.sorted())))
        }
    }

    /// A parameter of a type; nil when it is missing or null.
    func string(_ name: String) throws -> String? {
        guard let value = params[name], value != .null else { return nil }
        guard let text = value.stringValue else { throw ProtocolError.malformed("\"\(name)\" must be a string") }
        return text
    }

    /// A string that must be there.
    func needed(_ name: String) throws -> String {
        guard let text = try string(name) else { throw ProtocolError.malformed("\"\(name)\" is missing") }
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
