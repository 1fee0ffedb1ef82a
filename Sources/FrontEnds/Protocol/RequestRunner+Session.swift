import Engine
import SQLTypes

extension RequestRunner {
    func hello(_ request: ProtocolRequest) throws {
        if let wanted = try request.array("protocol"), !wanted.contains(.string("athl/1")) {
            throw ProtocolError.malformed("This server speaks athl/1 only")
        }
        let options = ["progress", "bigint", "values", "fetch_size", "database"]
        answer(
            request,
            [
                .init("protocol", .string("athl/1")), .init("server", .string("athena-lite")),
                .init("version", .string(Version.number)),
                .init("capabilities", .array(ProtocolRequest.parameters.keys.sorted().map { .string($0) })),
                .init("limits", .object([.init("max_line_bytes", .int(ProtocolRequest.maxLine))])),
                .init("defaults", .object(try options.map { JSONValue.Member($0, try option($0)) })),
            ])
    }

    func set(_ request: ProtocolRequest) throws {
        let name = try request.needed("name")
        let text: String
        switch request.params["value"] {
        case .string(let string): text = string
        case .number(let number): text = number
        case .bool(let flag): text = flag ? "true" : "false"
        case nil: throw ProtocolError.malformed("\"value\" is missing")
        case .null, .array, .object: throw ProtocolError.malformed("\"value\" must be a text, number or boolean")
        }
        func refuse(_ choices: String) -> QueryError {
            QueryError(.invalidSessionProperty, "The option '\(name)' takes \(choices), not '\(text)'")
        }
        switch name {
        case "progress":
            guard text == "true" || text == "false" else { throw refuse("true or false") }
            sendsProgress = text == "true"
        case "bigint":
            guard text == "number" || text == "string" else { throw refuse("number or string") }
            options.bigintAsText = text == "string"
        case "values":
            guard text == "typed" || text == "text" else { throw refuse("typed or text") }
            options.allAsText = text == "text"
        case "fetch_size":
            guard let size = Int(text), size > 0 else { throw refuse("a number above 0") }
            fetchSize = size
        case "database": try session.use(text)
        default: try session.set(name, text)
        }
        answer(request, [.init("value", try option(name))])
    }

    /// The value of a protocol option or session property.
    func option(_ name: String) throws -> JSONValue {
        switch name {
        case "progress": return .bool(sendsProgress)
        case "bigint": return .string(options.bigintAsText ? "string" : "number")
        case "values": return .string(options.allAsText ? "text" : "typed")
        case "fetch_size": return .int(fetchSize)
        case "database": return .string(session.database)
        default:
            _ = try session.properties.definition(name)
            return .string(session.properties[name])
        }
    }

    /// Runs `body` in another database, if one is named.
    func withDatabase<Result>(_ name: String?, _ body: () throws -> Result) throws -> Result {
        guard let name, name.lowercased() != session.database else { return try body() }
        let before = session.database
        try session.use(name)
        defer {
            // A USE inside the statement holds; else the database of before comes back.
            if session.database == name.lowercased() { try? session.use(before) }
        }
        return try body()
    }
}
