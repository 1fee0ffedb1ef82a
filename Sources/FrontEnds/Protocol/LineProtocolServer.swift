import Engine
import Glibc
import SQLSyntax
import SQLTypes

/// The line protocol `athl/1`: requests on standard input, events and results on standard output.
///
/// ```
/// stdin -reader thread-> RequestQueue -this thread-> RequestRunner -> ProtocolOutput -writer thread-> stdout
///             └ ping and cancel are answered at once
/// ```
struct LineProtocolServer {
    let session: Session

    func run() {
        let output = ProtocolOutput()
        let queue = RequestQueue()
        let reader = LineReader(queue: queue, output: output)
        // JSON and SQL texts nest: a parse needs more than the default stack.
        DetachedThread.start(stackByteCount: 64 << 20) { reader.read() }
        let runner = RequestRunner(session: session, queue: queue, output: output)
        while let (request, cancellation) = queue.next() { runner.run(request, cancellation) }
        output.finish()
    }
}

/// Reads lines on a thread of its own and turns them into requests.
private final class LineReader: @unchecked Sendable {
    // Everything but `queue` and `output` is used by the reader's thread alone.
    private let queue: RequestQueue
    private let output: ProtocolOutput
    private var splitter = StatementSplitter()
    /// A statement of SQL text waits for its end.
    private var isInStatement = false
    private var sqlNumber = 0
    private var line: [UInt8] = []
    /// The rest of a line that was too long is skipped.
    private var isSkipping = false
    private var hasQuit = false

    init(queue: RequestQueue, output: ProtocolOutput) {
        self.queue = queue
        self.output = output
    }

    func read() {
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while !hasQuit {
            output.waitForReader()
            let count = Glibc.read(0, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN {
                // The client made the pipe non-blocking.
                var descriptor = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
                poll(&descriptor, 1, -1)
                continue
            }
            if count <= 0 { break }
            var start = 0
            while start < count, !hasQuit {
                guard let end = chunk[start..<count].firstIndex(of: 0x0a) else {
                    append(chunk[start..<count])
                    break
                }
                append(chunk[start..<end])
                endLine()
                start = end + 1
            }
        }
        if !hasQuit, !line.isEmpty { endLine() }
        for statement in splitter.finish() { addSQL(statement.text) }
        queue.end()
    }

    private func append(_ bytes: ArraySlice<UInt8>) {
        if isSkipping { return }
        line.append(contentsOf: bytes)
        if line.count > ProtocolRequest.maxLine {
            output.errorAtOnce(.null, ProtocolError.malformed("The line is longer than 16 MiB"))
            line = []
            isSkipping = true
        }
    }

    private func endLine() {
        defer { line.removeAll(keepingCapacity: line.capacity < 1 << 20) }
        if isSkipping {
            isSkipping = false
            return
        }
        if line.last == 0x0d { line.removeLast() }
        if isInStatement {
            feedSQL()
            return
        }
        guard let first = line.first(where: { $0 != 0x20 && $0 != 0x09 }) else { return }
        switch first {
        case UInt8(ascii: "#"): return
        case UInt8(ascii: "{"): handle(ProtocolRequest.parse(line))
        default: feedSQL()
        }
    }

    private func feedSQL() {
        guard let text = String(validating: line, as: UTF8.self) else {
            output.errorAtOnce(.null, ProtocolError.malformed("The line is not UTF-8"))
            return
        }
        for statement in splitter.feed(text + "\n") { addSQL(statement.text) }
        // Long statements are not scanned again for each of their lines: only these characters can end one.
        if !isInStatement || line.contains(UInt8(ascii: ";")) || line.contains(UInt8(ascii: "/")) {
            isInStatement = splitter.hasOpenStatement
        }
    }

    private func addSQL(_ sql: String) {
        sqlNumber += 1
        add(
            ProtocolRequest(
                id: .string("sql-\(sqlNumber)"), method: "execute", params: .object([.init("sql", .string(sql))]),
                byteCount: sql.utf8.count))
    }

    private func handle(_ parsed: Result<ProtocolRequest, ProtocolFault>) {
        switch parsed {
        case .failure(let fault): output.errorAtOnce(fault.id, ProtocolError.malformed(fault.message))
        case .success(let request):
            switch request.method {
            case "ping", "cancel": answer(request)
            case "quit":
                add(request)
                hasQuit = true
            default: add(request)
            }
        }
    }

    /// What does not wait for its turn.
    private func answer(_ request: ProtocolRequest) {
        if queue.isInUse(request.id) { return refuseID(request) }
        for warning in request.warnings { output.eventAtOnce(request.id, "warning", [warning]) }
        if request.method == "ping" { return output.resultAtOnce(request.id, []) }
        if let target = request.params["target"], target != .null {
            return output.resultAtOnce(request.id, [.init("cancelled", .bool(queue.cancel(target)))])
        }
        guard let cursor = request.params["cursor"], cursor != .null else {
            return output.errorAtOnce(request.id, ProtocolError.malformed("\"target\" or \"cursor\" is needed"))
        }
        // The rows of an open cursor are all there: nothing waits or runs for it.
        output.resultAtOnce(request.id, [.init("cancelled", .bool(false))])
    }

    private func add(_ request: ProtocolRequest) { if !queue.add(request) { refuseID(request) } }

    private func refuseID(_ request: ProtocolRequest) {
        output.errorAtOnce(
            request.id, ProtocolError.malformed("The id is in use by a request that has not ended"))
    }
}
