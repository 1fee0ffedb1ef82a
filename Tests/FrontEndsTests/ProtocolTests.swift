import Foundation
import SQLTypes
import Testing

/// The conformance files of the line protocol, each against a server of its own over the sample lake.
@Suite struct ProtocolTests {
    static let files =
        ((try? FileManager.default.contentsOfDirectory(atPath: Program.root + "/testdata/protocol")) ?? [])
        .filter { $0.hasSuffix(".lines") }.sorted()

    @Test(arguments: files) func conforms(_ name: String) throws {
        let text = try String(contentsOfFile: Program.root + "/testdata/protocol/" + name, encoding: .utf8)
        let file = try ProtocolFile(text)
        let folder = Folder()
        try folder.addLake()
        let server = try Server(folder, file.options)
        for step in file.steps {
            server.send(step.sent)
            guard check(step, server, name) else { return }
        }
        server.endInput()
        while let line = server.reader.line() { Issue.record("\(name): unexpected last line \(line)") }
        #expect(server.child.wait() == 0, "\(name)")
    }

    /// False when a line is missing: what follows would only repeat it.
    private func check(_ step: ProtocolFile.Step, _ server: Server, _ name: String) -> Bool {
        var expected = step.expected[...]
        while let first = expected.first {
            guard let line = server.reader.line() else {
                Issue.record("\(name):\(first.line): no line came")
                return false
            }
            let found = (try? JSONValue.parse(line)) ?? .null
            let group = first.isUnordered ? expected.prefix { $0.isUnordered } : expected.prefix(1)
            guard let index = group.firstIndex(where: { ProtocolMatch.matches(found, $0.json) }) else {
                Issue.record("\(name):\(first.line): found \(line)")
                return false
            }
            expected.remove(at: index)
        }
        return true
    }

    @Test func refusesLongLines() throws {
        let folder = Folder()
        let server = try Server(folder)
        // One byte over 16 MiB, then a line that is exactly as long as allowed.
        let limit = 16 << 20
        let head = #"{"id":1,"method":"ping","params":{"x":""#
        let tail = #""}}"#
        func line(_ count: Int) -> [UInt8] {
            Array(head.utf8) + [UInt8](repeating: UInt8(ascii: "a"), count: count - head.count - tail.count)
                + Array(tail.utf8) + [0x0a]
        }
        server.send(line(limit + 1))
        let refused = try JSONValue.parse(try #require(server.reader.line()))
        #expect(refused["id"] == .null)
        #expect(refused["error"]?["sqlstate"] == .string("08P01"))
        server.send(line(limit))
        let warned = try JSONValue.parse(try #require(server.reader.line()))
        #expect(warned["event"] == .string("warning"))
        #expect(server.reader.line() == #"{"id":1,"result":{}}"#)
        server.endInput()
        #expect(server.child.wait() == 0)
    }

    /// A client may write everything before it reads anything.
    @Test func readsWhileOutputWaits() throws {
        let folder = Folder()
        let server = try Server(folder)
        let count = 2000
        var requests = ""
        for id in 1...count {
            requests += #"{"id":\#(id),"method":"execute","params":{"sql":"SELECT repeat('x', 1000)"}}"# + "\n"
            requests += #"{"id":"p\#(id)","method":"ping"}"# + "\n"
        }
        server.send(Array(requests.utf8))
        server.endInput()
        var lines = 0
        while server.reader.line() != nil { lines += 1 }
        #expect(lines == count * 4)
        #expect(server.child.wait() == 0)
    }

    @Test func endsWhenTheClientGoesAway() throws {
        let folder = Folder()
        let input = try PipeEnds()
        let output = try PipeEnds()
        let child = try Child(
            Program.path, ["serve", "--stdio"], in: folder,
            descriptors: [input.read, output.write, open("/dev/null", O_WRONLY)])
        close(output.read)
        let request = Array("SELECT * FROM UNNEST(sequence(1, 10000)) CROSS JOIN UNNEST(sequence(1, 10000));\n".utf8)
        _ = request.withUnsafeBytes { write(input.write, $0.baseAddress, $0.count) }
        close(input.write)
        #expect(child.wait() == 0)
    }

    @Test func theEndOfInputEndsTheLastStatement() throws {
        let outcome = try Program.run(
            ["serve", "--stdio"], input: "{\"id\":1,\"method\":\"ping\"}\nSELECT\n'last' AS n", in: Folder())
        let lines = outcome.output.split(separator: "\n")
        #expect(lines.count == 4)
        #expect(lines.contains(#"{"id":"sql-1","event":"rows","rows":[["last"]]}"#))
        #expect(outcome.status == 0)
    }

    @Test func sendsProgress() throws {
        let folder = Folder()
        try folder.addLake()
        let server = try Server(folder)
        server.send(
            Array(
                """
                {"id":1,"method":"set","params":{"name":"progress","value":true}}
                {"id":2,"method":"execute","params":{"sql":"SELECT count(*) FROM flights a CROSS JOIN flights b CROSS JOIN flights c WHERE a.dep_delay + b.dep_delay + c.dep_delay = 1000000","timeout_ms":1500}}

                """.utf8))
        _ = server.reader.line()
        var events = 0
        while let line = server.reader.line() {
            let json = try JSONValue.parse(line)
            guard json["event"] == .string("progress") else {
                #expect(json["error"]?["sqlstate"] == .string("HYT00"))
                break
            }
            for name in ["splits_done", "splits_total", "rows_read", "bytes_scanned", "elapsed_ms"] {
                #expect(json[name]?.intValue != nil)
            }
            events += 1
        }
        // 1.5 seconds at most four times a second; a busy machine sends fewer.
        #expect((1...7).contains(events))
        server.endInput()
        #expect(server.child.wait() == 0)
    }
}

/// `athena-lite serve --stdio` at the other end of two pipes.
final class Server {
    let child: Child
    let reader: TimedReader
    private var input: Int32

    init(_ folder: Folder, _ options: [String] = []) throws {
        signal(SIGPIPE, SIG_IGN)
        let input = try PipeEnds()
        let output = try PipeEnds()
        child = try Child(
            Program.path, ["serve", "--stdio", "--catalog", ".athena-lite"] + options, in: folder,
            descriptors: [input.read, output.write, open(folder.path + "/errors", O_WRONLY | O_CREAT, 0o644)])
        self.input = input.write
        reader = TimedReader(output.read)
    }

    deinit { endInput() }

    func send(_ bytes: [UInt8]) {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { raw in
                raw.baseAddress.map { write(input, $0 + done, raw.count - done) } ?? 0
            }
            if count <= 0 { return }
            done += count
        }
    }

    func endInput() {
        if input >= 0 { close(input) }
        input = -1
    }
}
