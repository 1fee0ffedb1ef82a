import Crawling
import Engine
import SQLTypes
import Testing

/// Random queries have one answer, however they are run.
@Suite struct RandomQueryTests {
    private static let queriesPerSeed = 40

    private struct Runner {
        let engine: Engine
        let sessions: [Session]

        /// One worker with tiny batches, several with the usual ones, and no optional rule of the optimiser.
        init(catalog: String) throws {
            engine = Engine(catalogFolder: catalog)
            sessions = try [
                SQLTests.Configuration(threads: 1, batchRows: 7),
                SQLTests.Configuration(threads: 4, batchRows: 2048),
                SQLTests.Configuration(threads: 2, batchRows: 2048, isOptimized: false),
            ].map { [engine] in try $0.session(engine) }
            _ = try engine.crawl(
                CrawlOptions(name: "lake", paths: [TestFolder.root + "/testdata/lake"]), session: sessions[0],
                runID: "test", plansOnly: false, cancellation: Cancellation())
            for view in RandomQuery.views { _ = try sessions[0].execute(view, to: TextSink()) }
        }

        /// Sorted rows, or the error's code.
        func answer(_ sql: String, _ session: Session) -> [String] {
            let sink = TextSink()
            do {
                _ = try session.execute(sql, to: sink)
                return sink.lines.sorted()
            } catch let error as QueryError {
                return [error.code.rawValue]
            } catch {
                return ["\(error)"]
            }
        }
    }

    @Test(arguments: 1...6)
    func sameAnswerHoweverRun(_ seed: Int) throws {
        let catalog = TestFolder.temporary()
        defer { TestFolder.remove(catalog) }
        let runner = try Runner(catalog: catalog)
        var random = RandomQuery(seed: UInt64(seed))
        for _ in 0..<Self.queriesPerSeed {
            let sql = random.query()
            let answers = runner.sessions.map { runner.answer(sql, $0) }
            #expect(answers[0] == answers[1], "one worker and four differ: \(sql)")
            #expect(answers[1] == answers[2], "with and without the optimiser differ: \(sql)")
        }
    }

    /// Ternary logic partitioning: every row meets a condition, its negation, or makes it NULL.
    @Test(arguments: 101...104)
    func conditionsPartitionRows(_ seed: Int) throws {
        let catalog = TestFolder.temporary()
        defer { TestFolder.remove(catalog) }
        let runner = try Runner(catalog: catalog)
        var random = RandomQuery(seed: UInt64(seed))
        for _ in 0..<Self.queriesPerSeed {
            let (from, predicate) = random.condition()
            func count(_ condition: String) -> Int? {
                Int(runner.answer("SELECT count(*) FROM \(from) WHERE \(condition)", runner.sessions[1]).first ?? "")
            }
            guard let isTrue = count(predicate), let isFalse = count("NOT (\(predicate))"),
                let isNull = count("(\(predicate)) IS NULL"), let all = count("true")
            else { continue }
            #expect(isTrue + isFalse + isNull == all, "\(from) WHERE \(predicate)")
        }
    }
}
