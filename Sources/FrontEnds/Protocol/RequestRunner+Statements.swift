import Engine
import Metastore
import SQLTypes

extension RequestRunner {
    // MARK: - Texts and handles

    /// The text of a request and the database it belongs to: of a statement handle, or given as `sql`.
    private func statement(_ request: ProtocolRequest) throws -> (sql: String, database: String?) {
        let database = try request.string("database")
        if let handle = try request.string("statement") {
            let prepared = try self.prepared(handle)
            return (prepared.sql, database ?? prepared.database)
        }
        guard let sql = try request.string("sql") else {
            throw ProtocolError.malformed("\"sql\" or \"statement\" is needed")
        }
        return (sql, database)
    }

    private func prepared(_ handle: String) throws -> PreparedText {
        guard let text = statements[handle] else {
            throw QueryError(.invalidHandle, "Statement '\(handle)' is not open")
        }
        return text
    }

    func prepare(_ request: ProtocolRequest) throws {
        let sql = try request.needed("sql")
        let name = try request.string("name")
        try withDatabase(try request.string("database")) {
            let description = try session.describe(sql)
            if let name { try session.prepare(name, sql) }
            let handle = newHandle("s")
            statements[handle] = PreparedText(sql: sql, database: session.database)
            answer(request, [.init("statement", .string(handle))] + Self.members(description))
        }
    }

    private static func members(_ description: StatementDescription) -> [JSONValue.Member] {
        let kind = Self.kind(description.kind, isQuery: description.hasResultSet)
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

    private static func kind(_ kind: StatementKind, isQuery: Bool) -> String {
        switch kind {
        case .dml: isQuery ? "query" : "update"
        case .ddl: "ddl"
        case .utility: "utility"
        }
    }

    func describe(_ request: ProtocolRequest) throws {
        if let table = try request.string("table") {
            try withDatabase(try request.string("database")) {
                let columns = try session.describeTable(table)
                answer(request, [.init("columns", RowEncoder.json(columns)), .init("parameters", .array([]))])
            }
            return
        }
        let (sql, database) = try statement(request)
        try withDatabase(database) { answer(request, Self.members(try session.describe(sql))) }
    }

    func close(_ request: ProtocolRequest) throws {
        if let handle = try request.string("cursor") {
            guard cursors.removeValue(forKey: handle) != nil else {
                throw QueryError(.invalidHandle, "Cursor '\(handle)' is not open")
            }
        } else if let handle = try request.string("statement") {
            _ = try prepared(handle)
            statements[handle] = nil
        } else {
            throw ProtocolError.malformed("\"cursor\" or \"statement\" is needed")
        }
        answer(request, [])
    }

    func explain(_ request: ProtocolRequest, _ cancellation: Cancellation) throws {
        let format = (try request.string("format") ?? "text").uppercased()
        guard ["TEXT", "JSON", "GRAPHVIZ"].contains(format) else {
            throw ProtocolError.malformed("\"format\" is text, json or graphviz")
        }
        let (sql, database) = try statement(request)
        let sink = CollectingSink()
        do {
            // The statement keeps its own lines: its errors are one line further down.
            try withDatabase(database) {
                _ = try session.execute("EXPLAIN (FORMAT \(format))\n" + sql, to: sink, cancellation: cancellation)
            }
        } catch var error as QueryError {
            error.position?.line -= 1
            throw error
        }
        answer(request, [.init("plan", .string(sink.lines.joined(separator: "\n")))])
    }

    // MARK: - Running

    /// How a request wants its statement run.
    private struct Execution {
        var sql: String
        var arguments: [StatementArgument]
        var fetchSize: Int
        var maxRows: Int
        var timeout: Int?
        let queryID = FreshID.uuid()
    }

    func execute(_ request: ProtocolRequest, _ cancellation: Cancellation) throws {
        let mode = try request.string("mode") ?? "stream"
        guard mode == "stream" || mode == "cursor" else {
            throw ProtocolError.malformed("\"mode\" is stream or cursor")
        }
        let (sql, database) = try statement(request)
        let wanted = try request.int("fetch_size") ?? 0
        let execution = Execution(
            sql: sql, arguments: try ProtocolArguments.parse(try request.array("args") ?? []),
            fetchSize: wanted == 0 ? fetchSize : wanted, maxRows: try request.int("max_rows") ?? 0,
            timeout: try request.int("timeout_ms"))
        let progress = sendsProgress ? ProgressEvents(id: request.id, output: output, progress: session.progress) : nil
        defer { progress?.stop() }
        do {
            try withDatabase(database) {
                if mode == "cursor" {
                    try open(request, execution, cancellation, progress)
                } else {
                    try stream(request, execution, cancellation, progress)
                }
            }
        } catch let error as QueryError {
            progress?.stop()
            fail(request, error, queryID: execution.queryID)
        }
    }

    private func run(
        _ request: ProtocolRequest, _ execution: Execution, to sink: any StatementSink, _ cancellation: Cancellation,
        _ progress: ProgressEvents?
    ) throws -> StatementOutcome {
        let waited = request.clock.milliseconds
        var outcome = try session.execute(
            execution.sql, arguments: execution.arguments, to: sink, cancellation: cancellation,
            queryID: execution.queryID, timeoutMilliseconds: execution.timeout)
        outcome.statistics.queue = waited
        progress?.stop()
        return outcome
    }

    private func warn(_ request: ProtocolRequest, _ outcome: StatementOutcome) {
        for warning in outcome.warnings { output.event(request.id, "warning", [.init("message", .string(warning))]) }
    }

    private func stream(
        _ request: ProtocolRequest, _ execution: Execution, _ cancellation: Cancellation, _ progress: ProgressEvents?
    ) throws {
        let sink = StreamSink(
            id: request.id, output: output, options: options, fetchSize: execution.fetchSize,
            maxRows: execution.maxRows)
        let outcome = try run(request, execution, to: sink, cancellation, progress)
        sink.flush()
        warn(request, outcome)
        answer(
            request, [.init("row_count", .int(sink.rowCount))] + Self.members(outcome, isTruncated: sink.isTruncated))
    }

    private func open(
        _ request: ProtocolRequest, _ execution: Execution, _ cancellation: Cancellation, _ progress: ProgressEvents?
    ) throws {
        let sink = CursorSink(
            options: options, maxRows: execution.maxRows, spillFolder: session.engine.store.folder + "/spill")
        let outcome = try run(request, execution, to: sink, cancellation, progress)
        warn(request, outcome)
        let handle = newHandle("c")
        cursors[handle] = sink
        try sendRows(
            request, sink, execution.fetchSize,
            [.init("cursor", .string(handle)), .init("columns", RowEncoder.json(sink.columns))]
                + Self.members(outcome, isTruncated: sink.isTruncated))
    }

    private static func members(_ outcome: StatementOutcome, isTruncated: Bool) -> [JSONValue.Member] {
        [
            .init("update_count", outcome.updateCount.map { .int($0) } ?? .null),
            .init("truncated", .bool(isTruncated)),
            .init("kind", .string(kind(outcome.kind, isQuery: outcome.updateCount == nil))),
            .init("query_id", .string(outcome.queryID)), .init("stats", statistics(outcome)),
        ]
    }

    /// A statement without a result set, once for each list of arguments.
    func executeBatch(_ request: ProtocolRequest, _ cancellation: Cancellation) throws {
        let prepared = try self.prepared(try request.needed("statement"))
        guard let lists = try request.array("args") else { throw ProtocolError.malformed("\"args\" is missing") }
        let arguments = try lists.map { list in
            guard let items = list.arrayValue else {
                throw ProtocolError.malformed("\"args\" must be an array of arrays")
            }
            return try ProtocolArguments.parse(items)
        }
        let counts = try withDatabase(prepared.database) {
            guard !(try session.describe(prepared.sql).hasResultSet) else {
                throw QueryError(.notSupported, "executeBatch takes statements without a result set")
            }
            return try arguments.map { list in
                let outcome = try session.execute(
                    prepared.sql, arguments: list, to: CollectingSink(), cancellation: cancellation)
                return JSONValue.int(outcome.updateCount ?? 0)
            }
        }
        answer(request, [.init("update_counts", .array(counts))])
    }

    // MARK: - Cursors

    func fetch(_ request: ProtocolRequest) throws {
        let handle = try request.needed("cursor")
        guard let cursor = cursors[handle] else { throw QueryError(.invalidHandle, "Cursor '\(handle)' is not open") }
        try sendRows(request, cursor, try request.int("rows") ?? fetchSize, [])
    }

    /// A result line with the next rows of a cursor.
    private func sendRows(
        _ request: ProtocolRequest, _ cursor: CursorSink, _ count: Int, _ members: [JSONValue.Member]
    ) throws {
        let offset = cursor.offset
        let rows = try cursor.next(count)
        var line: [UInt8] = Array("{\"id\":".utf8)
        request.id.write(to: &line)
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
        answer(request, line: line)
    }

    private static func statistics(_ outcome: StatementOutcome) -> JSONValue {
        let statistics = outcome.statistics
        return .object([
            .init("queue_ms", .int(Int(statistics.queue))), .init("planning_ms", .int(Int(statistics.planning))),
            .init("execution_ms", .int(Int(statistics.execution))), .init("cpu_ms", .int(Int(statistics.cpu))),
            .init("bytes_scanned", .int(statistics.bytesScanned)), .init("rows_read", .int(statistics.rowsRead)),
            .init("peak_memory_bytes", .int(statistics.peakMemory)),
            .init("output_location", outcome.outputLocation.map { .string($0) } ?? .null),
            .init("reused", .bool(outcome.isReused)),
        ])
    }
}
