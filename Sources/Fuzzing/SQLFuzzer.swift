import Columnar
import Crawling
import Engine
import Functions
import GrammarModel
import Metastore
import SQLSyntax
import SQLTypes
import StorageTestSupport

/// Runs SQL text through every stage: parse, print, parse again to an equal tree; then the queries against a catalog of
/// the sample lake, under a time limit and a memory limit. Statements that change something are parsed and printed only.
final class SQLFuzzer: Fuzzer {
    private let mutator: SQLMutator
    private let engine: Engine
    private let session: Session
    private let catalog: TemporaryFolder

    /// Queries that run longer are cancelled, which is a right outcome.
    private static let timeLimit = 1_000
    private static let memoryLimit = "256MB"

    init(repository: String, corpus: String) throws {
        var seeds = try Corpus.texts(corpus, ending: ".slt").flatMap(Self.statements)
        seeds += try Corpus.texts(corpus, ending: ".sql").flatMap { StatementSplitter.split($0).map(\.text) }
        let registry = FunctionRegistry.standard
        let examples =
            registry.scalars.values.flatMap { $0 }.flatMap(\.examples)
            + registry.aggregates.values.flatMap { $0 }.flatMap(\.examples)
        let expressions = Set(examples.map(\.expression)).sorted()
        let functions = (Array(registry.scalars.keys) + registry.aggregates.keys + registry.windows.keys)
            .filter { !$0.hasPrefix("$") }.sorted()
        mutator = SQLMutator(
            seeds: seeds, expressions: expressions, functions: functions,
            grammar: try Grammar(folder: repository + "/grammar"))
        catalog = try TemporaryFolder()
        engine = Engine(catalogFolder: catalog.path)
        session = try Session(
            engine: engine,
            properties: [
                ("threads", "2"), ("history.keep", "false"), ("memory_limit", Self.memoryLimit),
                ("batch_rows", "512"),
            ])
        _ = try engine.crawl(
            CrawlOptions(name: "lake", paths: [repository + "/testdata/lake"]), session: session, runID: "fuzz",
            plansOnly: false, cancellation: Cancellation())
    }

    /// The SQL of a file of SQL tests.
    private static func statements(_ file: String) -> [String] {
        var found: [String] = []
        var lines: [Substring]?
        for line in file.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.isEmpty || line == "----" {
                if let lines, !lines.isEmpty { found.append(lines.joined(separator: "\n")) }
                lines = nil
            } else if line.hasPrefix("query") || line.hasPrefix("statement") {
                lines = lines ?? []
            } else {
                lines?.append(line)
            }
        }
        return found
    }

    func makeCase(_ random: inout Seeded) -> FuzzCase {
        let text = mutator.text(&random)
        return FuzzCase(ending: "sql", bytes: Array(text.utf8)) { [self] in try run(text) }
    }

    private func run(_ text: String) throws -> Bool {
        _ = StatementSplitter.split(text)
        let statement = try Parser.parse(text).statement
        let printed = SQLFormatter.format(statement)
        let again: Statement
        do {
            again = try Parser.parse(printed).statement
        } catch {
            throw FuzzFailure("the printed statement does not parse: \(error.text)\n\(printed)")
        }
        guard again == statement else { throw FuzzFailure("the printed statement parses to another tree: \(printed)") }
        guard Self.changesNothing(statement) else { return true }
        do {
            _ = try session.describe(text)
            _ = try session.execute(text, to: ReadingSink(), timeoutMilliseconds: Self.timeLimit)
        } catch let error as QueryError where error.code == .genericInternalError {
            throw FuzzFailure("an internal error: \(error.text)")
        }
        return true
    }

    private static func changesNothing(_ statement: Statement) -> Bool {
        switch statement {
        case .query: true
        case .explain(let explain): changesNothing(explain.statement)
        default: false
        }
    }

    /// Reads every value, as a front end would.
    private final class ReadingSink: StatementSink {
        private var columns: [ResultColumn] = []

        func begin(_ columns: [ResultColumn]) { self.columns = columns }

        func write(_ batch: Batch) {
            for row in 0..<batch.rowCount {
                for (vector, column) in zip(batch.columns, columns) {
                    _ = ValueText.print(vector.value(at: row), column.type)
                }
            }
        }
    }
}
