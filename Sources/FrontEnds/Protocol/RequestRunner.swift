import Engine
import Glibc
import Metastore
import SQLTypes
import Synchronization

/// Runs requests in order, in one session. Every request gets exactly one final line.
final class RequestRunner {
    let session: Session
    let output: ProtocolOutput
    private var options = ValueOptions()
    private var fetchSize = 1000
    private var sendsProgress = false
    private var statements: [String: String] = [:]
    private var cursors: [String: CursorSink] = [:]
    private var nextHandle = 0

    static let methods = [
        "cancel", "catalogs", "close", "columns", "describe", "execute", "executeBatch", "explain", "fetch",
        "functions",
        "get", "hello", "history", "partitions", "ping", "prepare", "queryInfo", "quit", "schemas", "set", "tableTypes",
        "tables", "typeInfo",
    ]

    init(session: Session, output: ProtocolOutput) {
        self.session = session
        self.output = output
    }

    func run(_ request: ProtocolRequest, _ cancellation: Cancellation) {
        do {
            try cancellation.check()
            warnOfUnknownParameters(request)
            switch request.method {
            case "hello": try hello(request)
            case "set": try set(request)
            case "get": try get(request)
            case "prepare": try prepare(request)
            case "execute": try execute(request, cancellation)
            case "executeBatch":
                throw QueryError(.notSupported, "executeBatch is not supported: statements that write data are not")
            case "fetch": try fetch(request)
            case "describe": try describe(request)
            case "close": try close(request)
            case "explain": try explain(request, cancellation)
            case "history", "queryInfo": try history(request)
            case "quit": output.result(request.id, [])
            case "catalogs", "schemas", "tables", "columns", "tableTypes", "typeInfo", "functions", "partitions":
                let rows = try CatalogMethods(session: session).rows(request)
                let sink = StreamSink(
                    id: request.id, output: output, options: options, fetchSize: fetchSize, maxRows: 0)
                try rows.send(to: sink)
                sink.flush()
                output.result(request.id, [.init("row_count", .int(sink.rowCount))])
            default:
                throw ProtocolError.malformed(
                    "Unknown method '\(request.method)'" + NearNames.hint(request.method, among: Self.methods))
            }
        } catch let error as QueryError {
            output.error(request.id, error)
        } catch {
            output.error(request.id, QueryError(.genericInternalError, "\(error)"))
        }
    }

    private func warnOfUnknownParameters(_ request: ProtocolRequest) {
        let known: [String: Set<String>] = [
            "hello": ["protocol", "client"], "set": ["name", "value"], "get": ["name"],
            "prepare": ["sql", "name", "database"],
            "execute": ["statement", "sql", "args", "database", "max_rows", "fetch_size", "timeout_ms", "mode"],
            "fetch": ["cursor", "rows"], "describe": ["statement", "sql", "table"], "close": ["statement", "cursor"],
            "explain": ["sql", "format"],
        ]
        guard let names = known[request.method], case .object(let members) = request.params else { return }
        for member in members where !names.contains(member.key) {
            output.event(
                request.id, "warning", [.init("message", .string("Unknown parameter '\(member.key)' is ignored"))])
        }
    }

    // MARK: - Session

    private func hello(_ request: ProtocolRequest) throws {
        if let wanted = try request.array("protocol"), !wanted.contains(.string("athl/1")) {
            throw ProtocolError.malformed("This server speaks athl/1 only")
        }
        output.result(
            request.id,
            [
                .init("protocol", .string("athl/1")), .init("server", .string("athena-lite")),
                .init("version", .string(Version.number)),
                .init("capabilities", .array(Self.methods.map { .string($0) })),
                .init("limits", .object([.init("max_line_bytes", .int(ProtocolRequest.maxLine))])),
                .init(
                    "defaults",
                    .object([
                        .init("progress", .bool(sendsProgress)), .init("bigint", .string("number")),
                        .init("values", .string("typed")), .init("fetch_size", .int(fetchSize)),
                        .init("database", .string(session.database)),
                    ])),
            ])
    }

    private func set(_ request: ProtocolRequest) throws {
        guard let name = try request.string("name") else { throw ProtocolError.malformed("\"name\" is missing") }
        guard let value = request.params["value"] else { throw ProtocolError.malformed("\"value\" is missing") }
        let text: String
        switch value {
        case .string(let string): text = string
        case .number(let number): text = number
        case .bool(let flag): text = flag ? "true" : "false"
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
        output.result(request.id, [.init("value", value)])
    }

    private func get(_ request: ProtocolRequest) throws {
        guard let name = try request.string("name") else { throw ProtocolError.malformed("\"name\" is missing") }
        let value: JSONValue
        switch name {
        case "progress": value = .bool(sendsProgress)
        case "bigint": value = .string(options.bigintAsText ? "string" : "number")
        case "values": value = .string(options.allAsText ? "text" : "typed")
        case "fetch_size": value = .int(fetchSize)
        case "database": value = .string(session.database)
        default:
            _ = try session.properties.definition(name)
            value = .string(session.properties[name])
        }
        output.result(request.id, [.init("value", value)])
    }

    /// Runs `body` with the database of the request, if it names one.
    private func withDatabase<Result>(_ request: ProtocolRequest, _ body: () throws -> Result) throws -> Result {
        guard let name = try request.string("database") else { return try body() }
        let before = session.database
        try session.use(name)
        defer { try? session.use(before) }
        return try body()
    }

    // MARK: - Statements

    private func sql(_ request: ProtocolRequest) throws -> String {
        if let handle = try request.string("statement") {
            guard let sql = statements[handle] else {
                throw QueryError(.invalidHandle, "Statement '\(handle)' is not open")
            }
            return sql
        }
        guard let sql = try request.string("sql") else {
            throw ProtocolError.malformed("\"sql\" or \"statement\" is needed")
        }
        return sql
    }

    private func prepare(_ request: ProtocolRequest) throws {
        guard let text = try request.string("sql") else { throw ProtocolError.malformed("\"sql\" is missing") }
        let description = try withDatabase(request) { try session.describe(text) }
        if let name = try request.string("name") {
            try session.engine.store.savePreparedStatement(
                PreparedStatementRecord(workgroup: session.workgroup, name: name.lowercased(), sql: text))
        }
        nextHandle += 1
        let handle = "s\(nextHandle)"
        statements[handle] = text
        output.result(request.id, [.init("statement", .string(handle))] + Self.members(description))
    }

    private static func members(_ description: StatementDescription) -> [JSONValue.Member] {
        let kind = description.kind == .dml ? "query" : description.kind.rawValue.lowercased()
        return [
            .init("kind", .string(kind)), .init("columns", RowEncoder.json(description.columns)),
            .init(
                "parameters",
                .array(
                    description.parameters.enumerated().map { index, type in
                        .object([.init("index", .int(index + 1)), .init("type", .string(type.displayName))])
                    })),
        ]
    }

    private func execute(_ request: ProtocolRequest, _ cancellation: Cancellation) throws {
        let text = try sql(request)
        let arguments = try ProtocolArguments.parse(try request.array("args") ?? [])
        let size = try request.int("fetch_size") ?? fetchSize
        let mode = try request.string("mode") ?? "stream"
        guard mode == "stream" || mode == "cursor" else {
            throw ProtocolError.malformed("\"mode\" is stream or cursor")
        }
        let queryID = FreshID.uuid()
        let timeout = try request.int("timeout_ms")
        let maxRows = try request.int("max_rows") ?? 0
        let progress = sendsProgress ? ProgressEvents(id: request.id, output: output, progress: session.progress) : nil
        defer { progress?.stop() }
        do {
            try withDatabase(request) {
                if mode == "cursor" {
                    try executeCursor(request, text, arguments, size, cancellation, queryID, timeout)
                } else {
                    try executeStream(request, text, arguments, size, maxRows, cancellation, queryID, timeout)
                }
            }
        } catch let error as QueryError {
            output.error(request.id, error, queryID: queryID)
        }
    }

    private func executeStream(
        _ request: ProtocolRequest, _ text: String, _ arguments: [StatementArgument], _ size: Int, _ maxRows: Int,
        _ cancellation: Cancellation, _ queryID: String, _ timeout: Int?
    ) throws {
        let sink = StreamSink(id: request.id, output: output, options: options, fetchSize: size, maxRows: maxRows)
        let outcome = try session.execute(
            text, arguments: arguments, to: sink, cancellation: cancellation, queryID: queryID,
            timeoutMilliseconds: timeout)
        sink.flush()
        for warning in outcome.warnings { output.event(request.id, "warning", [.init("message", .string(warning))]) }
        output.result(
            request.id,
            [
                .init("row_count", .int(sink.rowCount)),
                .init("update_count", outcome.updateCount.map { .int($0) } ?? .null),
                .init("truncated", .bool(sink.isTruncated)), .init("kind", .string(Self.kind(outcome))),
                .init("query_id", .string(queryID)), .init("stats", Self.statistics(outcome)),
            ])
    }

    private func executeCursor(
        _ request: ProtocolRequest, _ text: String, _ arguments: [StatementArgument], _ size: Int,
        _ cancellation: Cancellation, _ queryID: String, _ timeout: Int?
    ) throws {
        let sink = CursorSink(options: options, spillFolder: session.engine.store.folder + "/spill")
        _ = try session.execute(
            text, arguments: arguments, to: sink, cancellation: cancellation, queryID: queryID,
            timeoutMilliseconds: timeout)
        nextHandle += 1
        let handle = "c\(nextHandle)"
        cursors[handle] = sink
        try sendRows(
            request.id, sink, size,
            [
                .init("cursor", .string(handle)), .init("columns", RowEncoder.json(sink.columns)),
                .init("query_id", .string(queryID)),
            ])
    }

    /// A result line with the next rows of a cursor.
    private func sendRows(_ id: JSONValue, _ cursor: CursorSink, _ count: Int, _ members: [JSONValue.Member]) throws {
        let offset = cursor.offset
        let rows = try cursor.next(count)
        var line: [UInt8] = Array("{\"id\":".utf8)
        id.write(to: &line)
        line.append(contentsOf: ",\"result\":{".utf8)
        for member in members + [.init("offset", .int(offset)), .init("done", .bool(cursor.isDone))] {
            JSONValue.writeString(member.key.utf8, to: &line)
            line.append(UInt8(ascii: ":"))
            member.value.write(to: &line)
            line.append(UInt8(ascii: ","))
        }
        line.append(contentsOf: "\"rows\":[".utf8)
        line.append(contentsOf: rows)
        line.append(contentsOf: "]}}\n".utf8)
        output.send(line)
    }

    private func fetch(_ request: ProtocolRequest) throws {
        guard let handle = try request.string("cursor") else { throw ProtocolError.malformed("\"cursor\" is missing") }
        guard let cursor = cursors[handle] else { throw QueryError(.invalidHandle, "Cursor '\(handle)' is not open") }
        try sendRows(request.id, cursor, try request.int("rows") ?? fetchSize, [])
    }

    private func close(_ request: ProtocolRequest) throws {
        if let handle = try request.string("cursor") {
            guard cursors.removeValue(forKey: handle) != nil else {
                throw QueryError(.invalidHandle, "Cursor '\(handle)' is not open")
            }
        } else if let handle = try request.string("statement") {
            guard statements.removeValue(forKey: handle) != nil else {
                throw QueryError(.invalidHandle, "Statement '\(handle)' is not open")
            }
        } else {
            throw ProtocolError.malformed("\"cursor\" or \"statement\" is needed")
        }
        output.result(request.id, [])
    }

    private func describe(_ request: ProtocolRequest) throws {
        if let table = try request.string("table") {
            let description = try session.describe("SELECT * FROM " + table)
            output.result(
                request.id,
                [
                    .init("columns", RowEncoder.json(description.columns)), .init("parameters", .array([])),
                ])
            return
        }
        output.result(request.id, Self.members(try session.describe(try sql(request))))
    }

    private func explain(_ request: ProtocolRequest, _ cancellation: Cancellation) throws {
        let format = (try request.string("format") ?? "text").uppercased()
        let sink = CollectingSink()
        _ = try session.execute(
            "EXPLAIN (FORMAT \(format)) " + (try sql(request)), to: sink, cancellation: cancellation)
        output.result(request.id, [.init("plan", .string(sink.lines.joined(separator: "\n")))])
    }

    private func history(_ request: ProtocolRequest) throws {
        let id = try request.string("query_id")
        let records = try session.engine.store.queries(id: id)
        if request.method == "queryInfo", records.isEmpty {
            throw QueryError(.notFound, "Query '\(id ?? "")' is not in the history")
        }
        let items = records.map { record in
            JSONValue.object([
                .init("QueryExecutionId", .string(record.id)), .init("Query", .string(record.sql)),
                .init("StatementType", .string(record.kind)), .init("WorkGroup", .string(record.workgroup)),
                .init("Database", .string(record.database)), .init("State", .string(record.state.rawValue)),
                .init("StateChangeReason", record.reason.map { .string($0) } ?? .null),
                .init("SubmissionDateTime", .int(Int(record.submittedAt))),
                .init("CompletionDateTime", record.completedAt.map { .int(Int($0)) } ?? .null),
                .init("Statistics", record.details),
            ])
        }
        output.result(request.id, [.init("queries", .array(items))])
    }

    private static func kind(_ outcome: StatementOutcome) -> String {
        switch outcome.kind {
        case .dml: outcome.updateCount == nil ? "query" : "update"
        case .ddl: "ddl"
        case .utility: "utility"
        }
    }

    private static func statistics(_ outcome: StatementOutcome) -> JSONValue {
        let statistics = outcome.statistics
        return .object([
            .init("queue_ms", .int(0)), .init("planning_ms", .int(Int(statistics.planning))),
            .init("execution_ms", .int(Int(statistics.execution))), .init("cpu_ms", .int(Int(statistics.cpu))),
            .init("bytes_scanned", .int(statistics.bytesScanned)), .init("rows_read", .int(statistics.rowsRead)),
            .init("peak_memory_bytes", .int(statistics.peakMemory)),
            .init("output_location", outcome.outputLocation.map { .string($0) } ?? .null),
            .init("reused", .bool(false)),
        ])
    }
}

/// Sends a progress event four times a second at most, from a thread of its own.
private final class ProgressEvents: Sendable {
    private let isStopped = Atomic<Bool>(false)
    private let id: JSONValue
    private let output: ProtocolOutput
    private let progress: QueryProgress

    init(id: JSONValue, output: ProtocolOutput, progress: QueryProgress) {
        self.id = id
        self.output = output
        self.progress = progress
        var thread = pthread_t()
        pthread_create(
            &thread, nil,
            { pointer in
                guard let pointer else { return nil }
                Unmanaged<ProgressEvents>.fromOpaque(pointer).takeRetainedValue().run()
                return nil
            }, Unmanaged.passRetained(self).toOpaque())
        pthread_detach(thread)
    }

    func stop() { isStopped.store(true, ordering: .sequentiallyConsistent) }

    private func run() {
        while true {
            usleep(250_000)
            if isStopped.load(ordering: .sequentiallyConsistent) { return }
            guard let now = progress.snapshot else { continue }
            output.event(
                id, "progress",
                [
                    .init("splits_done", .int(now.splitsDone)), .init("splits_total", .int(now.splitsTotal)),
                    .init("rows_read", .int(now.rowsRead)), .init("bytes_scanned", .int(now.bytesScanned)),
                    .init("elapsed_ms", .int(now.elapsedMilliseconds)),
                ])
        }
    }
}
