import Engine
import Metastore
import SQLTypes

/// Runs requests in order, in one session. Every request gets exactly one final line.
final class RequestRunner {
    /// A statement handle: its text, and the database in which it was prepared.
    struct PreparedText {
        var sql: String
        var database: String
    }

    let session: Session
    let queue: RequestQueue
    let output: ProtocolOutput
    var options = ValueOptions()
    var fetchSize = RequestRunner.defaultFetchSize
    var sendsProgress = false
    var statements: [String: PreparedText] = [:]
    var cursors: [String: CursorSink] = [:]
    private var lastHandle = 0

    static let defaultFetchSize = 1000

    init(session: Session, queue: RequestQueue, output: ProtocolOutput) {
        self.session = session
        self.queue = queue
        self.output = output
    }

    func run(_ request: ProtocolRequest, _ cancellation: Cancellation) {
        do {
            try cancellation.check()
            guard ProtocolRequest.parameters[request.method] != nil else {
                throw ProtocolError.malformed(
                    "Unknown method '\(request.method)'"
                        + NearNames.hint(request.method, among: ProtocolRequest.parameters.keys.sorted()))
            }
            for warning in request.warnings { output.event(request.id, "warning", [warning]) }
            try dispatch(request, cancellation)
        } catch let error as QueryError {
            fail(request, error)
        } catch {
            fail(request, QueryError(.genericInternalError, "\(error)"))
        }
    }

    private func dispatch(_ request: ProtocolRequest, _ cancellation: Cancellation) throws {
        switch request.method {
        case "hello": try hello(request)
        case "set": try set(request)
        case "get": answer(request, [.init("value", try option(request.needed("name")))])
        case "prepare": try prepare(request)
        case "execute": try execute(request, cancellation)
        case "executeBatch": try executeBatch(request, cancellation)
        case "fetch": try fetch(request)
        case "describe": try describe(request)
        case "close": try close(request)
        case "explain": try explain(request, cancellation)
        case "history": try history(request)
        case "queryInfo": try queryInfo(request)
        case "quit": answer(request, [])
        default: try listCatalog(request)
        }
    }

    // MARK: - Final lines

    // The request ends before its final line is sent: who has read the line may use its id again.

    func answer(_ request: ProtocolRequest, _ members: [JSONValue.Member]) {
        queue.finish()
        output.result(request.id, members)
    }

    func answer(_ request: ProtocolRequest, line: [UInt8]) {
        queue.finish()
        output.send(line)
    }

    func fail(_ request: ProtocolRequest, _ error: QueryError, queryID: String? = nil) {
        queue.finish()
        output.error(request.id, error, queryID: queryID)
    }

    /// `s1`, `c2`: never used twice in a connection.
    func newHandle(_ prefix: String) -> String {
        lastHandle += 1
        return prefix + String(lastHandle)
    }

    // MARK: - Catalog and history

    private func listCatalog(_ request: ProtocolRequest) throws {
        let rows = try CatalogMethods(session: session).rows(request)
        let sink = StreamSink(id: request.id, output: output, options: options, fetchSize: fetchSize, maxRows: 0)
        try rows.send(to: sink)
        sink.flush()
        answer(
            request,
            [
                .init("row_count", .int(sink.rowCount)), .init("update_count", .null), .init("truncated", .bool(false)),
                .init("kind", .string("utility")),
            ])
    }

    private func history(_ request: ProtocolRequest) throws {
        let records = try session.engine.store.queries(id: try request.string("query_id"))
        answer(request, [.init("queries", .array(records.map(HistoryText.json)))])
    }

    private func queryInfo(_ request: ProtocolRequest) throws {
        let id = try request.needed("query_id")
        guard let record = try session.engine.store.queries(id: id).first else {
            throw QueryError(.notFound, "Query '\(id)' is not in the history")
        }
        answer(request, [.init("query", HistoryText.json(record))])
    }
}
