import Engine
import Functions
import SQLTypes
import Testing

/// Every example of every function entry, run as a query: the result is the text that the entry says, or its error.
@Suite struct FunctionExampleTests {
    @Test func scalarExamples() throws {
        let session = try Self.session()
        let examples = FunctionRegistry.standard.scalars.values.flatMap { $0 }.flatMap(\.examples)
        #expect(examples.count > 100)
        for example in examples { Self.check(example, session) }
    }

    static func session() throws -> Session {
        let engine = Engine(catalogFolder: TestFolder.temporary())
        return try Session(engine: engine, properties: [("history.keep", "false"), ("threads", "1")])
    }

    static func check(_ example: FunctionExample, _ session: Session) {
        let sink = TextSink()
        do {
            _ = try session.execute("SELECT " + example.expression, to: sink)
            let found = sink.lines.first ?? ""
            let wanted = example.result.isEmpty ? "(empty)" : example.result
            #expect(found == wanted, "\(example.expression)")
        } catch let error as QueryError {
            #expect(error.code.rawValue == example.result, "\(example.expression): \(error)")
        } catch {
            Issue.record("\(example.expression): \(error)")
        }
    }
}
