import Expressions
import SQLTypes

/// What each rule did in one run of the optimiser.
public struct OptimizerTrace: Sendable {
    public struct Entry: Sendable {
        public var rule: String
        /// Times it ran, and times it changed the plan.
        public var runCount = 0
        public var changeCount = 0
        public var nanoseconds: Int64 = 0
    }

    /// In the order in which the rules first ran.
    public private(set) var entries: [Entry] = []
    private var positions: [String: Int] = [:]

    public init() {}

    mutating func add(_ rule: String, isChanged: Bool, nanoseconds: Int64) {
        let index = positions[rule] ?? entries.count
        if index == entries.count {
            positions[rule] = index
            entries.append(Entry(rule: rule))
        }
        entries[index].runCount += 1
        entries[index].changeCount += isChanged ? 1 : 0
        entries[index].nanoseconds += nanoseconds
    }

    public var nanoseconds: Int64 { entries.reduce(0) { $0 + $1.nanoseconds } }
}

/// Turns the plan that binding made into the one that runs: applies `OptimizerRules.stages` in order.
///
/// Each rule can be switched off (`optimizer.<rule_in_snake_case>`), is timed, and in debug builds the plan is
/// validated after each change.
public struct Optimizer {
    public let context: OptimizerContext

    public init(context: OptimizerContext) { self.context = context }

    /// Names of the rules that have a switch, in the order in which they first run.
    public static var ruleNames: [String] {
        var seen: Set<String> = []
        return OptimizerRules.stages.filter { !$0.isRequired }.flatMap { $0.entries.map(\.switchName) }
            .filter { seen.insert($0).inserted }
    }

    public func optimize(_ plan: QueryPlan) throws -> QueryPlan {
        var trace = OptimizerTrace()
        return try optimize(plan, trace: &trace)
    }

    /// As `optimize`, and tells per rule how often it changed the plan and how long it took.
    public func optimize(_ query: QueryPlan, trace: inout OptimizerTrace) throws -> QueryPlan {
        var context = context
        context.columns = ColumnAllocator(after: query.plan.maximumColumnID)
        context.statistics = RememberedStatistics(context.statistics)
        // The root: exactly the client's columns. Rules see it as any projection.
        let outputs = Self.unique(query.outputs.map(\.column))
        var plan = query.plan.withOutputs(outputs)
        for stage in OptimizerRules.stages {
            for _ in 0..<stage.maximumRounds {
                var isChanged = false
                for entry in stage.entries where stage.isRequired || !context.disabledRules.contains(entry.switchName) {
                    let start = ContinuousClock.now
                    let next = try entry.rule.apply(to: plan, context)
                    let time = (ContinuousClock.now - start).components
                    trace.add(
                        entry.name, isChanged: next != nil,
                        nanoseconds: time.seconds * 1_000_000_000 + time.attoseconds / 1_000_000_000)
                    guard let next else { continue }
                    plan = next
                    isChanged = true
                    if context.validates { try validate(plan, query, after: entry.name) }
                }
                if !isChanged { break }
            }
        }
        guard !plan.containsDependentJoin else {
            throw QueryError(.notSupported, "Given correlated subquery is not supported")
        }
        return QueryPlan(plan: plan, outputs: query.outputs)
    }

    private func validate(_ plan: LogicalPlan, _ query: QueryPlan, after rule: String) throws {
        do {
            try PlanValidator(allowsDependentJoins: true).validate(QueryPlan(plan: plan, outputs: query.outputs))
        } catch var error as QueryError {
            error.message += " after \(rule)"
            throw error
        }
    }

    private static func unique(_ columns: [ColumnReference]) -> [ColumnReference] {
        var seen: Set<ColumnReference> = []
        return columns.filter { seen.insert($0).inserted }
    }
}

extension LogicalPlan {
    /// The largest id of a column that the plan makes or reads, lambda parameters included.
    var maximumColumnID: Int {
        var largest = 0
        forEachPlan { node in
            for column in node.outputColumns { largest = max(largest, column.id) }
            for column in node.columnsMade { largest = max(largest, column.id) }
            for expression in node.expressions {
                expression.forEachNode { part in
                    switch part {
                    case .column(let column): largest = max(largest, column.id)
                    case .lambda(let parameters, _): for column in parameters { largest = max(largest, column.id) }
                    default: break
                    }
                }
            }
        }
        return largest
    }
}
