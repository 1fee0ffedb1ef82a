import Columnar
import Execution
import Planning
import SQLSyntax
import SQLTypes
import Storage

/// EXPLAIN and EXPLAIN ANALYZE: the plan as text, JSON or Graphviz; with what its operators did when it ran.
struct ExplainRunner {
    let runner: QueryRunner

    func run(
        _ explain: Explain, parameters: [BindingSession.Parameter], to sink: any StatementSink, queryID: String
    ) throws -> StatementOutcome {
        guard case .query(let query) = explain.statement else {
            throw QueryError(
                .notSupported, "EXPLAIN of \(explain.statement.displayName) is not supported", at: explain.place.value)
        }
        var statistics = StatementStatistics()
        let text: String
        if explain.isAnalyze {
            text = try analyze(query, explain, parameters, &statistics)
        } else {
            let context = runner.makeExecutionContext(collectsMetrics: false)
            let plan = try runner.optimizedPlan(query, parameters: parameters, context)
            text = try render(plan, explain, notes: [:])
        }
        var rows = StatementRows("Query Plan")
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) { rows.append(String(line)) }
        if rows.rows.last == [.string("")] { rows.rows.removeLast() }
        try rows.send(to: sink)
        return StatementOutcome(
            queryID: queryID, kind: .utility, hasResultSet: true, rowCount: rows.rows.count, statistics: statistics)
    }

    private func render(_ plan: QueryPlan, _ explain: Explain, notes: [Int: [String]]) throws -> String {
        if explain.type == .validate { return "true" }
        if explain.type == .io {
            throw QueryError(.notSupported, "EXPLAIN (TYPE IO) is not supported", at: explain.place.value)
        }
        switch explain.format ?? .text {
        case .text: return printer(notes).text(plan)
        case .json: return printer(notes).json(plan)
        case .graphviz: return printer(notes).graphviz(plan)
        }
    }

    /// A printer that adds `notes`, by the node's number in pre-order, which is the order of printing.
    private func printer(_ notes: [Int: [String]]) -> PlanPrinter {
        guard !notes.isEmpty else { return PlanPrinter() }
        let next = Counter()
        return PlanPrinter { _ in
            let number = next.value
            next.add(1)
            return notes[number] ?? []
        }
    }

    private func analyze(
        _ query: Query, _ explain: Explain, _ parameters: [BindingSession.Parameter],
        _ statistics: inout StatementStatistics
    ) throws -> String {
        let clock = Stopwatch()
        let context = runner.makeExecutionContext(collectsMetrics: true)
        let plan = try runner.optimizedPlan(query, parameters: parameters, context)
        let consumer = SinkConsumer(DiscardingSink(), columns: [], cancellation: runner.cancellation)
        let execution = try PhysicalPlanner(context).plan(plan, into: consumer)
        statistics.planning = clock.milliseconds
        try execution.run()
        statistics.execution = clock.milliseconds - statistics.planning
        statistics.cpu = clock.cpuMilliseconds
        statistics.bytesScanned = context.scan.metrics.bytesRead.value
        statistics.rowsRead = context.scan.metrics.rowsRead.value
        statistics.peakMemory = context.memory.peakBytes
        // An operator a line, in the order in which they run: what a node must have whole comes before what it gives.
        let sinks = Set(execution.stages.map { ObjectIdentifier($0.sinkMetrics) })
        let notes = execution.metrics.mapValues { operators in
            operators.map { $0.summary(isSink: sinks.contains(ObjectIdentifier($0))) }
        }
        let body = try render(plan, explain, notes: notes)
        if explain.format == .json { return body }
        let metrics = context.scan.metrics
        let head = [
            "Planning \(Self.text(statistics.planning)), execution \(Self.text(statistics.execution)), "
                + "processor time \(Self.text(statistics.cpu))",
            "Files \(metrics.filesRead.value), splits \(metrics.splitsDone.value), row groups pruned "
                + "\(metrics.rowGroupsPruned.value), pages pruned \(metrics.pagesPruned.value), bytes read "
                + "\(statistics.bytesScanned), rows read \(statistics.rowsRead), peak memory \(statistics.peakMemory)",
        ]
        return head.joined(separator: "\n") + "\n\n" + body
    }

    private static func text(_ milliseconds: Double) -> String { "\(Double(Int(milliseconds * 100 + 0.5)) / 100) ms" }
}

/// Takes rows and forgets them.
private final class DiscardingSink: StatementSink {
    func begin(_ columns: [ResultColumn]) throws {}
    func write(_ batch: Batch) throws {}
}
