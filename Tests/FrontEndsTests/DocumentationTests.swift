import Foundation
import SQLTypes
import Testing

/// Every example of the documentation runs, and prints what the documentation says.
///
/// Fenced blocks say what they are:
/// ```
/// console        lines `$ command`, each followed by what it prints; a line ... stands for any lines
/// sh             commands, each of which must succeed
/// sql            statements over the sample lake, each of which must succeed
/// protocol       a conversation in the form of testdata/protocol
/// X not-run      an example that a test cannot run, of any language
/// text, swift    no example
/// ```
/// All blocks of a page run in one folder, in which `athena-lite` can be called and `lake` is the sample lake.
@Suite struct DocumentationTests {
    static let pages: [String] = {
        var found = ["README.md", "CONTRIBUTING.md"]
        let sources = FileManager.default.enumerator(atPath: Program.root + "/Sources")
        while let name = sources?.nextObject() as? String {
            if name.contains(".docc/"), name.hasSuffix(".md") { found.append("Sources/" + name) }
        }
        return found.sorted()
    }()

    struct Block {
        var line: Int
        var kind: String
        var text: [String]
    }

    static func blocks(_ page: String) throws -> [Block] {
        let text = try String(contentsOfFile: Program.root + "/" + page, encoding: .utf8)
        var blocks: [Block] = []
        var open: Block?
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if line.hasPrefix("```") {
                if let block = open {
                    blocks.append(block)
                    open = nil
                } else {
                    open = Block(line: index + 1, kind: String(line.dropFirst(3)), text: [])
                }
            } else {
                open?.text.append(String(line))
            }
        }
        return blocks
    }

    @Test(arguments: pages) func examplesRun(_ page: String) throws {
        let folder = Folder()
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/lake", withDestinationPath: Program.root + "/testdata/lake")
        try FileManager.default.createDirectory(atPath: folder.path + "/bin", withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/bin/athena-lite", withDestinationPath: Program.path)
        for block in try Self.blocks(page) {
            let place = "\(page):\(block.line)"
            switch block.kind {
            case "text", "swift": break
            case _ where block.kind.hasSuffix(" not-run"): break
            case "console": try checkConsole(block, folder, place)
            case "sh":
                for line in block.text where !line.isEmpty {
                    let outcome = try shell(line, folder)
                    #expect(outcome.status == 0, "\(place): \(line): \(outcome.output)")
                }
            case "sql":
                try crawl(folder)
                let outcome = try shell(
                    "athena-lite query <<'SQL'\n" + block.text.joined(separator: "\n") + "\nSQL", folder)
                #expect(outcome.status == 0, "\(place): \(outcome.output)")
            case "protocol":
                try crawl(folder)
                try checkProtocol(block, folder, place)
            default: Issue.record("\(place): a block says what it is: console, sh, sql, protocol, text or ... not-run")
            }
        }
    }

    private func crawl(_ folder: Folder) throws {
        if !folder.names().contains(".athena-lite") { _ = try shell("athena-lite crawl lake", folder) }
    }

    /// Standard output and errors together, as a terminal shows them.
    private func shell(_ command: String, _ folder: Folder) throws -> Program.Outcome {
        try Program.run(
            "/bin/sh", ["-c", "{ \(command)\n} 2>&1"], input: Data(), in: folder,
            environment: ["PATH": folder.path + "/bin:/usr/bin:/bin"])
    }

    private func checkConsole(_ block: Block, _ folder: Folder, _ place: String) throws {
        var rest = block.text[...]
        while let first = rest.popFirst() {
            guard first.hasPrefix("$ ") else {
                Issue.record("\(place): a command begins with '$ ': \(first)")
                return
            }
            var command = String(first.dropFirst(2))
            // A command goes on while a quote or a here-document is open, or after a backslash.
            while let next = rest.first, !next.hasPrefix("$ "), Self.isOpen(command) {
                command += "\n" + next
                rest = rest.dropFirst()
            }
            let expected = Array(rest.prefix { !$0.hasPrefix("$ ") })
            rest = rest.dropFirst(expected.count)
            let outcome = try shell(command, folder)
            let found = outcome.output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            #expect(
                Self.matches(found.last == "" ? found.dropLast() : found[...], Self.trimmed(expected)),
                "\(place): \(command)\nprints\n\(outcome.output)")
        }
    }

    private static func isOpen(_ command: String) -> Bool {
        if command.hasSuffix("\\") { return true }
        if let mark = command.split(separator: "\n").first?.components(separatedBy: "<<'").dropFirst().first {
            let word = mark.prefix { $0 != "'" }
            return !command.split(separator: "\n").dropFirst().contains { $0 == word }
        }
        return command.filter { $0 == "'" }.count % 2 == 1
    }

    private static func trimmed(_ lines: [String]) -> ArraySlice<String> {
        var lines = lines[...]
        while lines.last == "" { lines.removeLast() }
        return lines
    }

    /// `...` stands for any lines.
    private static func matches(_ found: ArraySlice<String>, _ expected: ArraySlice<String>) -> Bool {
        guard let first = expected.first else { return found.isEmpty }
        if first == "..." {
            return matches(found, expected.dropFirst()) || (!found.isEmpty && matches(found.dropFirst(), expected))
        }
        return found.first == first && matches(found.dropFirst(), expected.dropFirst())
    }

    private func checkProtocol(_ block: Block, _ folder: Folder, _ place: String) throws {
        let file = try ProtocolFile(block.text.joined(separator: "\n"))
        let server = try Server(folder, file.options)
        for step in file.steps {
            server.send(step.sent)
            for expected in step.expected {
                let line = try #require(server.reader.line(), "\(place): no line came")
                let found = (try? JSONValue.parse(line)) ?? .null
                #expect(ProtocolMatch.matches(found, expected.json), "\(place): \(line)")
            }
        }
        server.endInput()
        #expect(server.child.wait() == 0)
    }
}
