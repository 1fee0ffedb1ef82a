import Functions
import Planning
import SQLSyntax
import SQLTypes
import Testing

/// The parts of binding that a printed plan does not show.
@Suite struct BinderTests {
    @Test func headingsKeepTheQuerysCase() throws {
        let plan = try PlanText.bind("SELECT A, t.B AS \"My B\", c + 1, count(*) OVER () Total FROM t")
        #expect(plan.outputs.map(\.name) == ["A", "My B", "_col2", "Total"])
    }

    @Test func describesParametersFromTheirContext() throws {
        let query = try Parser.parseQuery("SELECT a + ? FROM t WHERE b = ? AND d > ? AND a IN (?, ?) LIMIT ?")
        let binder = Binder(
            catalog: PlanText.catalog, functions: TestFunctions.registry, session: BindingSession(parameters: nil))
        let types = try binder.describeParameters(query, count: 6)
        #expect(types == [.bigint, .varcharUnbounded, .date, .bigint, .bigint, .bigint])
    }

    @Test func takesParametersAsLiterals() {
        var session = BindingSession()
        session.parameters = [.init(.int(7), .integer), .init(.int(3), .bigint)]
        #expect(
            PlanText.of("SELECT a FROM t WHERE a = ? LIMIT ?", session: session).contains("(a = 7)"))
    }

    @Test func readsDecimalLiteralsAsTheSessionSays() throws {
        var session = BindingSession()
        #expect(try PlanText.bind("SELECT 1.50", session: session).outputs[0].column.type == .double)
        session.parseDecimalLiteralsAsDouble = false
        #expect(
            try PlanText.bind("SELECT 1.50", session: session).outputs[0].column.type
                == .decimal(precision: 3, scale: 2))
    }

    @Test func timestampsOfTablesHaveTheSessionsPrecision() throws {
        var session = BindingSession()
        session.timestampPrecision = 6
        #expect(
            try PlanText.bind("SELECT ts FROM p", session: session).outputs[0].column.type == .timestamp(precision: 6))
    }

    @Test func printsJSONAndGraphviz() throws {
        let plan = try PlanText.bind("SELECT count(*) n FROM t WHERE a > 1")
        let json = try JSONValue.parse(PlanPrinter().json(plan))
        #expect(json["0"]?["name"]?.stringValue == "Output")
        #expect(PlanPrinter().graphviz(plan).hasPrefix("digraph logical_plan {"))
    }

    @Test func validatorFindsColumnsThatComeFromNowhere() {
        let stranger = ColumnAllocator().make("stranger", .bigint)
        let plan = QueryPlan(
            plan: .filter(.values(columns: [], rows: [[]]), .isNull(.column(stranger))), outputs: [])
        #expect(throws: QueryError.self) { try PlanValidator(allowsDependentJoins: true).validate(plan) }
    }

    @Test func deepNestingIsAnErrorNotACrash() {
        let nested = String(repeating: "(SELECT ", count: 400) + "1" + String(repeating: ")", count: 400)
        let text = PlanText.of("SELECT " + nested)
        #expect(text.contains("nested too deeply") || text.hasPrefix("Output"))
    }
}
