import Crawling
import Engine
import Glibc
import SQLTypes
import Testing

/// Runs every file of `testdata/slt` over the sample lake (those of `slt/tpch` over `testdata/tpch`): with one worker and
/// with four, with batches of 7 rows and of the usual size, and with every optional rule of the optimiser off (but for
/// TPC-H, whose plans then join everything with everything). The answers must be those of the file each time.
@Suite struct SQLTests {
    struct Configuration: CustomTestStringConvertible, Sendable {
        var threads: Int
        var batchRows: Int
        var isOptimized = true

        var testDescription: String {
            "threads \(threads), batch_rows \(batchRows)\(isOptimized ? "" : ", optimiser off")"
        }

        /// A session with these settings; "optimiser off" is without each rule that has a switch.
        func session(_ engine: Engine) throws -> Session {
            let session = try Session(
                engine: engine,
                properties: [
                    ("threads", String(threads)), ("batch_rows", String(batchRows)), ("history.keep", "false"),
                ])
            if !isOptimized {
                for property in session.properties.all where property.name.hasPrefix("optimizer.") {
                    try session.set(property.name, "false")
                }
            }
            return session
        }

        static let all = [
            Configuration(threads: 4, batchRows: 2048), Configuration(threads: 1, batchRows: 2048),
            Configuration(threads: 1, batchRows: 7), Configuration(threads: 4, batchRows: 7),
            Configuration(threads: 2, batchRows: 2048, isOptimized: false),
        ]
    }

    @Test(arguments: TestFolder.files(), Configuration.all)
    func file(_ name: String, _ configuration: Configuration) throws {
        let isTPCH = name.hasPrefix("tpch/")
        if isTPCH, !configuration.isOptimized { return }
        let file = try SQLTestFile(TestFolder.read("testdata/slt/" + name))
        let catalog = TestFolder.temporary()
        defer { TestFolder.remove(catalog) }
        let engine = Engine(catalogFolder: catalog)
        let session = try configuration.session(engine)
        _ = try engine.crawl(
            CrawlOptions(name: "lake", paths: [TestFolder.root + "/testdata/" + (isTPCH ? "tpch" : "lake")]),
            session: session, runID: "test",
            plansOnly: false, cancellation: Cancellation())
        for record in file.records { check(record, name, session) }
    }

    private func check(_ record: SQLTestFile.Record, _ name: String, _ session: Session) {
        let place = "\(name):\(record.line)"
        let sink = TextSink()
        do {
            _ = try session.execute(record.sql, to: sink)
            switch record.expectation {
            case .ok: break
            case .error(let code, _): Issue.record("\(place): expected \(code), but the statement succeeded")
            case .rows(let wanted, let inAnyOrder):
                let found = inAnyOrder ? sink.lines.sorted() : sink.lines
                let expected = inAnyOrder ? wanted.sorted() : wanted
                #expect(
                    Self.areEqual(found, expected),
                    "\(place): found \(found.prefix(20)), expected \(expected.prefix(20))")
            }
        } catch let error as QueryError {
            guard case .error(let code, let text) = record.expectation else {
                Issue.record("\(place): \(error)")
                return
            }
            #expect(error.code.rawValue == code, "\(place): \(error)")
            #expect(text.isEmpty || error.text.contains(text), "\(place): \(error)")
        } catch {
            Issue.record("\(place): \(error)")
        }
    }

    /// Cells are equal as texts, or as floating numbers to a relative 1e-12 (sums depend on the order of rows).
    private static func areEqual(_ left: [String], _ right: [String]) -> Bool {
        guard left.count == right.count else { return false }
        return zip(left, right).allSatisfy { a, b in
            if a == b { return true }
            let aCells = a.split(separator: "\t", omittingEmptySubsequences: false)
            let bCells = b.split(separator: "\t", omittingEmptySubsequences: false)
            return aCells.count == bCells.count
                && zip(aCells, bCells).allSatisfy { x, y in
                    if x == y { return true }
                    guard x.contains(where: { ".E".contains($0) }), let p = Double(x), let q = Double(y) else {
                        return false
                    }
                    return abs(p - q) <= 1e-12 * max(abs(p), abs(q))
                }
        }
    }
}

extension String {
    func contains(_ part: String) -> Bool {
        part.isEmpty || indices.contains { self[$0...].hasPrefix(part) }
    }
}

/// The repository's folder and temporary ones.
enum TestFolder {
    /// From this file's path.
    static let root: String = {
        let parts = #filePath.split(separator: "/")
        return "/" + parts.dropLast(3).joined(separator: "/")
    }()

    /// SQL test files, relative to `testdata/slt`, sorted.
    static func files() -> [String] {
        var found: [String] = []
        func visit(_ relative: String) {
            guard let folder = opendir(root + "/testdata/slt/" + relative) else { return }
            defer { closedir(folder) }
            while let entry = readdir(folder) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                if name.hasPrefix(".") { continue }
                let path = relative.isEmpty ? name : relative + "/" + name
                if name.hasSuffix(".slt") { found.append(path) } else { visit(path) }
            }
        }
        visit("")
        return found.sorted()
    }

    static func read(_ path: String) throws -> String {
        guard let file = fopen(root + "/" + path, "r") else { throw QueryError(.notFound, "no file \(path)") }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = fread(&chunk, 1, chunk.count, file)
            if count == 0 { break }
            bytes.append(contentsOf: chunk[..<count])
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func temporary() -> String {
        var template = Array("/tmp/athena-lite-test-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { return "/tmp/athena-lite-test" }
        return String(cString: made)
    }

    static func remove(_ folder: String) {
        guard let handle = opendir(folder) else { return }
        while let entry = readdir(handle) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name == "." || name == ".." { continue }
            let path = folder + "/" + name
            if unlink(path) != 0 { remove(path) }
        }
        closedir(handle)
        rmdir(folder)
    }
}
