import Engine
import Functions
import SQLTypes
import Testing

/// Every example of every function entry, run as a query: the result is the text that the entry says (rows by `; `), or
/// its error's code. What stands behind `SELECT` is the example, so that those of aggregates and window functions bring
/// their FROM along.
@Suite struct FunctionExampleTests {
    @Test func scalarExamples() throws {
        try Self.check(FunctionRegistry.standard.scalars.values.flatMap { $0 }.flatMap(\.examples), atLeast: 300)
    }

    @Test func aggregateExamples() throws {
        try Self.check(FunctionRegistry.standard.aggregates.values.flatMap { $0 }.flatMap(\.examples), atLeast: 50)
    }

    @Test func windowExamples() throws {
        try Self.check(FunctionRegistry.standard.windows.values.flatMap { $0 }.flatMap(\.examples), atLeast: 10)
    }

    /// A reference page without an example is one that nobody ran.
    @Test func everyFunctionHasAnExample() {
        let registry = FunctionRegistry.standard
        for (name, overloads) in registry.scalars where !overloads.allSatisfy(\.isHidden) {
            #expect(overloads.contains { !$0.examples.isEmpty }, "\(name)")
        }
        for (name, overloads) in registry.aggregates where !overloads.allSatisfy(\.isHidden) {
            #expect(overloads.contains { !$0.examples.isEmpty }, "\(name)")
        }
        for (name, overloads) in registry.windows {
            #expect(overloads.contains { !$0.examples.isEmpty }, "\(name)")
        }
    }

    private static func check(_ examples: [FunctionExample], atLeast count: Int) throws {
        #expect(examples.count >= count)
        let folder = TestFolder.temporary()
        defer { TestFolder.remove(folder) }
        let session = try Session(
            engine: Engine(catalogFolder: folder), properties: [("history.keep", "false"), ("threads", "1")])
        for example in examples { check(example, session) }
    }

    private static func check(_ example: FunctionExample, _ session: Session) {
        let sink = TextSink()
        do {
            _ = try session.execute("SELECT " + example.expression, to: sink)
            let wanted = example.result.isEmpty ? "(empty)" : example.result
            #expect(sink.lines.joined(separator: "; ") == wanted, "\(example.expression)")
        } catch let error as QueryError {
            #expect(error.code.rawValue == example.result, "\(example.expression): \(error)")
        } catch {
            Issue.record("\(example.expression): \(error)")
        }
    }
}
