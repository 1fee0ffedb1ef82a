import Expressions
import Metastore
import Planning
import SQLSyntax
import SQLTypes
import Storage

/// One client's conversation with the engine: its database, settings and statements. Used by one thread at a time.
///
/// The life of a query: `execute` parses, `dispatch` picks the runner, `QueryRunner` binds, optimises, plans pipelines
/// and runs them into the sink.
public final class Session {
    public let engine: Engine
    public internal(set) var database: String
    public let workgroup: String
    public internal(set) var properties: SessionProperties
    public let user: String
    /// What the running query has read; may be looked at from any thread.
    public let progress = QueryProgress()

    /// - Parameter properties: `KEY=VALUE` settings, checked here.
    public init(
        engine: Engine, database: String = "default", workgroup: String = "primary",
        properties: [(String, String)] = [], user: String = "athena-lite"
    ) throws {
        self.engine = engine
        self.database = database.lowercased()
        self.workgroup = workgroup
        self.user = user
        self.properties = SessionProperties(rules: Optimizer.ruleNames) { TimeZone.named($0) != nil }
        for (name, value) in properties { try self.properties.set(name, value) }
    }

    /// Sets a session property, as SET SESSION does.
    public func set(_ name: String, _ value: String) throws { try properties.set(name, value) }

    /// Changes the database of unqualified names.
    /// - Throws: SCHEMA_NOT_FOUND.
    public func use(_ name: String) throws {
        let wanted = name.lowercased()
        guard try wanted == "information_schema" || engine.store.database(wanted) != nil else {
            throw QueryError(
                .schemaNotFound,
                "Schema '\(wanted)' does not exist" + NearNames.hint(wanted, among: try engine.store.databaseNames()))
        }
        database = wanted
    }

    /// Runs one statement (a trailing `;` is allowed) into `sink`.
    ///
    /// - Throws: `QueryError`; rows that the sink got before are then void.
    public func execute(
        _ sql: String, arguments: [StatementArgument] = [], to sink: any StatementSink,
        cancellation: Cancellation = Cancellation(), queryID: String = FreshID.uuid(), timeoutMilliseconds: Int? = nil
    ) throws -> StatementOutcome {
        let started = Engine.nowNanoseconds()
        defer { progress.end() }
        var kind = StatementKind.dml
        let timer = QueryTimer(
            milliseconds: timeoutMilliseconds ?? properties.integer("query_timeout_ms"),
            bytes: properties.integer("bytes_scanned_cutoff"), progress, cancellation)
        defer { timer?.stop() }
        do {
            let parsed = try Parser.parse(sql)
            kind = parsed.statement.kind
            let kept =
                keepsResults
                ? KeptResult(sink, folder: engine.resultsFolder, kind: kind, queryID: queryID) : nil
            var outcome = try dispatch(
                parsed, sql: sql, arguments: arguments, sink: kept ?? sink, cancellation: cancellation,
                queryID: queryID,
                parsing: Double(Engine.nowNanoseconds() - started) / 1e6)
            outcome.kind = kind
            if let kept, !outcome.isReused {
                outcome.outputLocation = kept.commit()
                if let warning = kept.warning { outcome.warnings.append(warning) }
                if let key = outcome.reuseKey, let location = outcome.outputLocation {
                    ReusableResults(folder: engine.resultsFolder).add(
                        key, location: location, startedAt: started / 1_000_000)
                }
            }
            record(sql, started: started, kind: kind, outcome: outcome, error: nil, queryID: queryID)
            return outcome
        } catch let error as QueryError {
            record(sql, started: started, kind: kind, outcome: nil, error: error, queryID: queryID)
            throw error
        }
    }

    /// Minutes to which a kept result may answer; 0 is never. Nothing is looked up in a catalog that is only read.
    var reuseMinutes: Int { engine.store.isReadOnly ? 0 : properties.integer("result_reuse_minutes") }

    private var keepsResults: Bool {
        !engine.store.isReadOnly && (properties.flag("results.keep") || reuseMinutes > 0)
    }

    // MARK: - Dispatch

    private func dispatch(
        _ parsed: ParsedStatement, sql: String, arguments: [StatementArgument], sink: any StatementSink,
        cancellation: Cancellation, queryID: String, parsing: Double
    ) throws -> StatementOutcome {
        let statement = parsed.statement
        let runner = QueryRunner(
            session: self, cancellation: cancellation, startMicroseconds: Engine.nowNanoseconds() / 1000)
        switch statement {
        case .query(let query):
            var outcome = try runner.run(
                query, sql, parameters: try parameters(arguments, of: parsed, runner), to: sink, queryID: queryID)
            outcome.statistics.planning += parsing
            return outcome
        case .explain(let explain):
            let parameters = try parameters(arguments, of: parsed, runner)
            return try ExplainRunner(runner: runner).run(explain, parameters: parameters, to: sink, queryID: queryID)
        case .execute(let name, let expressions):
            let record = try preparedStatement(name)
            let inner = try Parser.parse(record.sql)
            let given = expressions.map { StatementArgument.expression(SQLFormatter.format($0)) }
            return try dispatch(
                inner, sql: record.sql, arguments: given + arguments, sink: sink, cancellation: cancellation,
                queryID: queryID, parsing: parsing)
        case .executeImmediate(let text, _, let expressions):
            let given = expressions.map { StatementArgument.expression(SQLFormatter.format($0)) }
            return try dispatch(
                try Parser.parse(text), sql: text, arguments: given + arguments, sink: sink,
                cancellation: cancellation, queryID: queryID, parsing: parsing)
        default:
            // A prepared statement's `?` wait for EXECUTE.
            if case .prepare = statement {} else { try checkParameterCount(arguments.count, parsed) }
            let rows = try MetadataStatementRunner(session: self, runner: runner, cancellation: cancellation).run(
                parsed)
            if let rows { try rows.send(to: sink) }
            return StatementOutcome(
                queryID: queryID, kind: statement.kind, hasResultSet: rows != nil, rowCount: rows?.rows.count ?? 0)
        }
    }

    // MARK: - Parameters

    func preparedStatement(_ name: Identifier) throws -> PreparedStatementRecord {
        guard let record = try engine.store.preparedStatement(workgroup, name.canonical) else {
            throw QueryError(.notFound, "Prepared statement not found: \(name.value)", at: name.position)
        }
        return record
    }

    func checkParameterCount(_ given: Int, _ parsed: ParsedStatement) throws {
        let wanted = parsed.parameterCount
        guard given == wanted else {
            throw QueryError(
                .invalidParameterUsage, "Incorrect number of parameters: expected \(wanted) but found \(given)")
        }
    }

    private func parameters(
        _ arguments: [StatementArgument], of parsed: ParsedStatement, _ runner: QueryRunner
    ) throws -> [BindingSession.Parameter] {
        try checkParameterCount(arguments.count, parsed)
        guard !arguments.isEmpty else { return [] }
        var contextTypes: [DataType] = []
        if arguments.contains(where: { if case .untyped = $0 { true } else { false } }) {
            contextTypes = try describe(parsed).parameters
        }
        return try arguments.enumerated().map { index, argument in
            switch argument {
            case .value(let value, let type): return BindingSession.Parameter(value, type)
            case .expression(let text):
                let (value, type) = try runner.constant(try Parser.parseExpression(text))
                return BindingSession.Parameter(value, type)
            case .untyped(let text):
                let type = index < contextTypes.count ? contextTypes[index] : .unknown
                guard type != .unknown, !type.isNested else {
                    return BindingSession.Parameter(.string(text), .varcharUnbounded)
                }
                if type.isCharacter { return BindingSession.Parameter(.string(text), .varcharUnbounded) }
                return BindingSession.Parameter(try ValueParser.parse(text, as: type), type)
            }
        }
    }

    /// Keeps a statement in the catalog under a name, as PREPARE does.
    public func prepare(_ name: String, _ sql: String) throws {
        let statement = try Parser.parse(sql).statement
        try MetadataStatementRunner.checkIsPreparable(statement)
        try engine.store.savePreparedStatement(
            PreparedStatementRecord(workgroup: workgroup, name: name.lowercased(), sql: SQLFormatter.format(statement)))
    }

    /// Columns of a table or view; `name` has up to three parts, quoted or not.
    public func describeTable(_ name: String) throws -> [ResultColumn] {
        try describe("SELECT * FROM " + name).columns
    }

    /// Columns and parameters of a statement, without running it.
    public func describe(_ sql: String) throws -> StatementDescription { try describe(try Parser.parse(sql)) }

    func describe(_ parsed: ParsedStatement) throws -> StatementDescription {
        let statement = parsed.statement
        let count = parsed.parameterCount
        let runner = QueryRunner(session: self, cancellation: Cancellation(), startMicroseconds: 0)
        switch statement {
        case .query(let query):
            let (columns, parameters) = try runner.describe(query, parameterCount: count)
            return StatementDescription(kind: .dml, columns: columns, parameters: parameters, hasResultSet: true)
        case .explain(let explain):
            return StatementDescription(
                kind: .utility, columns: [ResultColumn(name: "Query Plan", type: .varcharUnbounded)],
                parameters: try describe(parsed.inner(explain.statement)).parameters, hasResultSet: true)
        case .execute(let name, _): return try describe(try Parser.parse(preparedStatement(name).sql))
        default:
            let unknown = [DataType](repeating: .unknown, count: count)
            // Its rows come of work that a description must not do.
            if case .repairTable = statement {
                return StatementDescription(
                    kind: statement.kind, columns: MetadataStatementRunner.repairColumns, parameters: unknown,
                    hasResultSet: true)
            }
            guard statement.hasResultSet else {
                return StatementDescription(kind: statement.kind, columns: [], parameters: unknown, hasResultSet: false)
            }
            let rows = try MetadataStatementRunner(session: self, runner: runner, cancellation: Cancellation()).run(
                parsed)
            return StatementDescription(
                kind: statement.kind, columns: rows?.columns ?? [], parameters: unknown, hasResultSet: true)
        }
    }

    // MARK: - History

    private func record(
        _ sql: String, started: Int64, kind: StatementKind, outcome: StatementOutcome?, error: QueryError?,
        queryID: String
    ) {
        guard !engine.store.isReadOnly, properties.flag("history.keep") else { return }
        let now = Engine.now()
        let statistics = outcome?.statistics ?? StatementStatistics()
        let total = now - started / 1_000_000
        let details = JSONValue.object([
            .init("DataScannedInBytes", .int(statistics.bytesScanned)),
            .init("EngineExecutionTimeInMillis", .int(Int(statistics.execution))),
            .init("QueryPlanningTimeInMillis", .int(Int(statistics.planning))),
            .init("TotalExecutionTimeInMillis", .int(Int(total))),
            .init("OutputLocation", outcome?.outputLocation.map { .string($0) } ?? .null),
            .init("ReusedPreviousResult", .bool(outcome?.isReused ?? false)),
        ])
        let state: QueryRecord.State =
            error == nil ? .succeeded : (error?.code == .userCanceled ? .cancelled : .failed)
        // History is a convenience: a full disk must not turn an answered query into a failed one.
        try? engine.store.saveQuery(
            QueryRecord(
                id: queryID, workgroup: workgroup, sql: sql, database: database, kind: kind.rawValue, state: state,
                reason: error.map { "\($0.code.rawValue): \($0.text)" }, submittedAt: started / 1_000_000,
                completedAt: now, details: details))
    }
}

extension ParsedStatement {
    /// The statement inside an EXPLAIN, with the same parameters.
    fileprivate func inner(_ statement: Statement) -> ParsedStatement {
        var copy = self
        copy.statement = statement
        return copy
    }
}
