import Engine
import Glibc
import SQLSyntax
import SQLTypes

/// The line protocol `athl/1`: requests on standard input, events and results on standard output.
///
/// ```
/// stdin -reader thread-> RequestQueue -this thread-> RequestRunner -> ProtocolOutput -> stdout
///             └ ping and cancel are answered at once
/// ```
struct LineProtocolServer {
    let engine: Engine
    let session: Session

    func run() {
        let output = ProtocolOutput()
        let queue = RequestQueue()
        let reader = LineReader(queue: queue, output: output)
        reader.start()
        let runner = RequestRunner(session: session, output: output)
        while let (request, cancellation) = queue.next() {
            runner.run(request, cancellation)
            queue.finish()
        }
    }
}

/// Reads lines on a thread of its own and turns them into requests.
private final class LineReader: @unchecked Sendable {
    // Everything but `queue` and `output` is used by the reader's thread alone.
    private let queue: RequestQueue
    private let output: ProtocolOutput
    private var splitter = StatementSplitter()
    private var sqlNumber = 0
    private var line: [UInt8] = []
    /// The rest of a line that was too long is skipped.
    private var isSkipping = false
    private var hasQuit = false

    init(queue: RequestQueue, output: ProtocolOutput) {
        self.queue = queue
        self.output = output
    }

    func start() {
        var thread = pthread_t()
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        // JSON and SQL texts nest: a parse needs more than the default stack.
        pthread_attr_setstacksize(&attributes, 64 << 20)
        pthread_create(
            &thread, &attributes,
            { pointer in
                guard let pointer else { return nil }
                Unmanaged<LineReader>.fromOpaque(pointer).takeRetainedValue().read()
                return nil
            }, Unmanaged.passRetained(self).toOpaque())
        pthread_attr_destroy(&attributes)
        pthread_detach(thread)
    }

    private func read() {
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while !hasQuit {
            let count = Glibc.read(0, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
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
            output.error(.null, ProtocolError.malformed("The line is longer than 16 MiB"))
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
        if splitter.hasOpenStatement {
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
            output.error(.null, ProtocolError.malformed("The line is not UTF-8"))
            return
        }
        for statement in splitter.feed(text + "\n") { addSQL(statement.text) }
    }

    private func addSQL(_ sql: String) {
        sqlNumber += 1
        let request = ProtocolRequest(
            id: .string("sql-\(sqlNumber)"), method: "execute", params: .object([.init("sql", .string(sql))]),
            byteCount: sql.utf8.count)
        add(request)
    }

    private func handle(_ parsed: Result<ProtocolRequest, ProtocolFault>) {
        switch parsed {
        case .failure(let fault): output.error(fault.id, ProtocolError.malformed(fault.message))
        case .success(let request):
            switch request.method {
            case "ping": output.result(request.id, [])
            case "cancel":
                let target = request.params["target"] ?? request.params["cursor"] ?? .null
                output.result(request.id, [.init("cancelled", .bool(queue.cancel(target)))])
            case "quit":
                add(request)
                hasQuit = true
            default: add(request)
            }
        }
    }

    private func add(_ request: ProtocolRequest) {
        if !queue.add(request) {
            output.error(request.id, ProtocolError.malformed("The id is in use by a request that has not ended"))
        }
    }
}
