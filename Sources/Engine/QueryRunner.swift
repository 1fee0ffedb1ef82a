import Columnar
import Execution
import Expressions
import Functions
import Glibc
import Planning
import SQLSyntax
import SQLTypes
import Storage

/// Binds, optimises, plans and runs queries for a session.
struct QueryRunner {
    let session: Session
    let cancellation: Cancellation
    /// The query's `now()`, microseconds since 1970.
    let startMicroseconds: Int64

    private var engine: Engine { session.engine }
    private var properties: SessionProperties { session.properties }

    // MARK: - Running

    /// - Parameter sql: the text of the query, which tells reusable results apart.
    func run(
        _ query: Query, _ sql: String, parameters: [BindingSession.Parameter], to sink: any StatementSink,
        queryID: String
    ) throws -> StatementOutcome {
        let clock = Stopwatch()
        let context = makeExecutionContext(collectsMetrics: false)
        let version = session.reuseMinutes > 0 ? try? engine.store.tablesVersion() : nil
        let bound = try boundPlan(query, parameters: parameters)
        let plan = try optimize(bound, context)
        let columns = plan.outputs.map { ResultColumn(name: $0.name, type: $0.column.type) }
        /// What the answer depends on now; made anew after the query, as files may have changed below it.
        func reuseKey() -> ReuseKey? {
            guard session.reuseMinutes > 0 else { return nil }
            return ReuseKey(
                sql, parameters, bound: bound, optimized: plan, version: version, session: session,
                locations: locations, cancellation: cancellation)
        }
        let key = reuseKey()
        if let key, let outcome = try reuse(key, columns, to: sink, queryID: queryID, clock) { return outcome }
        let consumer = SinkConsumer(sink, columns: columns, cancellation: cancellation)
        let execution = try PhysicalPlanner(context).plan(plan, into: consumer)
        var statistics = StatementStatistics()
        statistics.planning = clock.milliseconds
        session.progress.begin(context.scan.metrics)
        try execution.run()
        try consumer.end()
        statistics.execution = clock.milliseconds - statistics.planning
        statistics.cpu = clock.cpuMilliseconds
        statistics.bytesScanned = context.scan.metrics.bytesRead.value
        statistics.rowsRead = context.scan.metrics.rowsRead.value
        statistics.peakMemory = context.memory.peakBytes
        var warnings: [String] = []
        let badValues = context.scan.metrics.badValues.value
        if badValues > 0 {
            warnings.append("\(badValues) values could not be read (bad_data = \(properties["bad_data"]))")
        }
        if context.scan.metrics.filesRead.value == 0 {
            warnings += EmptyTableAdvice(
                store: engine.store, fileSystem: engine.fileSystem, locations: locations, cancellation: cancellation
            ).warnings(bound.plan)
        }
        var outcome = StatementOutcome(
            queryID: queryID, kind: .dml, hasResultSet: true, rowCount: consumer.rowCount, statistics: statistics,
            warnings: warnings)
        if let key, key.text == reuseKey()?.text { outcome.reuseKey = key }
        return outcome
    }

    /// Sends a kept result that answers the query, if there is one that is young enough.
    private func reuse(
        _ key: ReuseKey, _ columns: [ResultColumn], to sink: any StatementSink, queryID: String, _ clock: Stopwatch
    ) throws -> StatementOutcome? {
        // A century is as good as for ever, and cannot overflow.
        let minutes = min(Int64(session.reuseMinutes), 100 * 366 * 24 * 60)
        let oldest = startMicroseconds / 1000 - minutes * 60_000
        let results = ReusableResults(folder: engine.resultsFolder)
        guard
            let found = results.find(
                key, columns, notBefore: oldest, rowsPerBatch: properties.integer("batch_rows"))
        else { return nil }
        var statistics = StatementStatistics()
        statistics.planning = clock.milliseconds
        try sink.begin(columns)
        for batch in found.batches {
            try cancellation.check()
            if sink.isSatisfied { break }
            try sink.write(batch)
        }
        statistics.execution = clock.milliseconds - statistics.planning
        statistics.cpu = clock.cpuMilliseconds
        var outcome = StatementOutcome(
            queryID: queryID, kind: .dml, hasResultSet: true, rowCount: found.batches.reduce(0) { $0 + $1.rowCount },
            statistics: statistics, outputLocation: found.location)
        outcome.isReused = true
        return outcome
    }

    /// The query's plan as it will run.
    func optimizedPlan(
        _ query: Query, parameters: [BindingSession.Parameter], _ context: ExecutionContext
    ) throws -> QueryPlan {
        let bound = try boundPlan(query, parameters: parameters)
        return try optimize(bound, context)
    }

    func boundPlan(_ query: Query, parameters: [BindingSession.Parameter]) throws -> QueryPlan {
        try binder(parameters: parameters).bind(query)
    }

    // MARK: - Describing

    func describe(_ query: Query, parameterCount: Int) throws -> ([ResultColumn], [DataType]) {
        let types =
            try parameterCount == 0
            ? [] : binder(parameters: nil).describeParameters(query, count: parameterCount)
        let nulls = types.map { BindingSession.Parameter(.null, $0) }
        let plan = try boundPlan(query, parameters: nulls)
        return (plan.outputs.map { ResultColumn(name: $0.name, type: $0.column.type) }, types)
    }

    /// The value of a constant expression.
    func constant(_ expression: SQLSyntax.Expression) throws -> (Value, DataType) {
        let bound = try binder(parameters: []).bindConstant(expression)
        if case .constant(let value, let type) = bound { return (value, type) }
        return (try ConstantFolder(context: evaluationContext()).value(of: bound), bound.type)
    }

    // MARK: - Contexts

    private func binder(parameters: [BindingSession.Parameter]?) -> Binder {
        Binder(
            catalog: engine.store, functions: engine.functions,
            session: BindingSession(
                catalog: CatalogNames.catalog, catalogAliases: CatalogNames.catalogAliases,
                database: session.database, user: session.user, timeZone: properties["timezone"],
                parseDecimalLiteralsAsDouble: properties.flag("parse_decimal_literals_as_double"),
                timestampPrecision: timestampPrecision,
                maxRecursionDepth: max(1, properties.integer("max_recursion_depth")), parameters: parameters,
                metadata: CatalogMetadata(store: engine.store)))
    }

    func evaluationContext() -> EvaluationContext {
        EvaluationContext(
            startMicroseconds: startMicroseconds, timeZone: properties["timezone"], user: session.user,
            catalog: CatalogNames.catalog, schema: session.database, cancellation: cancellation)
    }

    private var timestampPrecision: Int {
        switch properties["hive.timestamp_precision"] {
        case "MICROSECONDS": 6
        case "NANOSECONDS": 9
        default: 3
        }
    }

    var locations: LocationResolver { engine.locations(properties) }

    func makeExecutionContext(collectsMetrics: Bool) -> ExecutionContext {
        let wanted = properties.integer("threads")
        let threads = wanted == 0 ? Engine.processorCount : wanted
        let scan = ScanContext(
            fileSystem: engine.fileSystem, cancellation: cancellation, footers: engine.footers,
            options: ScanOptions(
                badData: ScanOptions.BadData(rawValue: properties["bad_data"]) ?? .fail,
                timestampPrecision: timestampPrecision, verifiesChecksums: properties.flag("parquet.verify_checksum"),
                // One thread means one processor.
                unpacksAhead: threads > 1))
        return ExecutionContext(
            settings: ExecutionSettings(
                threads: threads, batchRowCount: properties.integer("batch_rows"),
                memoryLimit: properties.byteCount("memory_limit") ?? Engine.defaultMemoryLimit,
                collectsMetrics: collectsMetrics),
            evaluation: evaluationContext(), scan: scan, formats: engine.formats, locations: locations,
            pool: engine.pools.pool(threads: threads))
    }

    /// The plan after all rules; the validator checks it after each in debug builds.
    func optimize(_ plan: QueryPlan, _ context: ExecutionContext) throws -> QueryPlan {
        let statistics = EngineStatistics(context: context.scan, locations: locations, formats: engine.formats)
        let optimizerContext = OptimizerContext(
            statistics: statistics, catalog: engine.store, folder: ConstantFolder(context: evaluationContext()),
            functions: engine.functions, disabledRules: properties.disabledRules, cancellation: cancellation)
        return try Optimizer(context: optimizerContext).optimize(plan)
    }
}

/// Passes batches on to a statement's sink, without selections.
final class SinkConsumer: ResultConsumer, @unchecked Sendable {
    // Only called by one worker at a time, as `ResultConsumer` promises.
    private let sink: any StatementSink
    private let columns: [ResultColumn]
    private let cancellation: Cancellation
    private(set) var rowCount = 0
    private var hasBegun = false

    init(_ sink: any StatementSink, columns: [ResultColumn], cancellation: Cancellation) {
        self.sink = sink
        self.columns = columns
        self.cancellation = cancellation
    }

    /// Begins the result when it had no rows. A query that fails before its first row shows no heading.
    func end() throws { if !hasBegun { try begin() } }

    private func begin() throws {
        hasBegun = true
        try sink.begin(columns)
    }

    func take(_ batch: Batch) throws -> PushResult {
        try cancellation.check()
        if !hasBegun { try begin() }
        let compact = batch.compacted()
        rowCount += compact.rowCount
        try sink.write(compact)
        return sink.isSatisfied ? .finished : .needsMore
    }
}

/// Wall and processor time since it was made.
public struct Stopwatch {
    private let wall = Self.read(CLOCK_MONOTONIC)
    private let cpu = Self.read(CLOCK_PROCESS_CPUTIME_ID)

    public init() {}

    public var milliseconds: Double { Double(Self.read(CLOCK_MONOTONIC) - wall) / 1e6 }
    public var cpuMilliseconds: Double { Double(Self.read(CLOCK_PROCESS_CPUTIME_ID) - cpu) / 1e6 }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
