import Columnar
import Expressions
import Functions
import Planning
import SQLTypes

/// GROUP BY, DISTINCT aggregates and grouping sets.
///
/// ```
/// plain        input -> HashAggregate
/// DISTINCT     input -> FanOut[ main aggregation of the other calls; one aggregation by (keys, arguments) each ]
///              then each of those, read as rows, -> main aggregation, which updates only the distinct calls
/// sets         input -> FanOut[ one aggregation per set ], then their outputs one after another
/// ```
extension PhysicalPlanner {
    func planAggregate(_ node: Aggregate, required: Set<ColumnReference>) throws -> Fragment {
        let calls = node.calls.filter { required.contains($0.output) }
        var needed = Set(node.keys)
        for call in calls { needed.formUnion(call.inputColumns) }
        // A condition on a key holds for whole groups, so scans may leave them out early.
        let passing = node.groupingSets == nil ? Set(node.keys) : []
        var input = try withoutDynamicFilters(keeping: passing) { try plan(node.input, required: needed) }
        input.isOrdered = false

        guard let sets = node.groupingSets else {
            let keyPositions = node.keys.indices.filter { required.contains(node.keyOutputs[$0]) }
            let aggregation = try makeGrouping(input, keys: node.keys, calls: calls)
            close(input, with: fanOut(aggregation.firstSinks), metrics: makeMetrics("HashAggregate"))
            closeDistinct(aggregation)
            let columns = keyPositions.map { node.keyOutputs[$0] } + calls.map(\.output)
            return fragment(aggregation.source(keys: keyPositions), columns: columns)
        }
        return try planGroupingSets(node, sets, calls, input, required)
    }

    private func planGroupingSets(
        _ node: Aggregate, _ sets: [[Int]], _ calls: [AggregateCall], _ input: Fragment,
        _ required: Set<ColumnReference>
    ) throws -> Fragment {
        let groupings = try sets.map { set in
            try makeGrouping(input, keys: set.map { node.keys[$0] }, calls: calls)
        }
        close(input, with: fanOut(groupings.flatMap(\.firstSinks)), metrics: makeMetrics("HashAggregate"))
        for grouping in groupings { closeDistinct(grouping) }
        let wantedKeys = node.keys.indices.filter { required.contains(node.keyOutputs[$0]) }
        let groupID = node.groupID.flatMap { required.contains($0) ? $0 : nil }
        let columns = wantedKeys.map { node.keyOutputs[$0] } + (groupID.map { [$0] } ?? []) + calls.map(\.output)
        var pipelines: [Pipeline] = []
        for (number, grouping) in groupings.enumerated() {
            let set = sets[number]
            let present = wantedKeys.filter(set.contains)
            let source = grouping.source(keys: present.compactMap { set.firstIndex(of: $0) })
            var part = fragment(source, columns: [])
            var pieces: [GroupingSetOperator.Piece] = wantedKeys.map { key in
                if let position = present.firstIndex(of: key) { return .column(position) }
                return .constant(.null, node.keyOutputs[key].type)
            }
            if groupID != nil { pieces.append(.constant(.int(Int64(number)), .bigint)) }
            pieces += calls.indices.map { .column(present.count + $0) }
            append(GroupingSetOperator(pieces), to: &part, columns: columns)
            pipelines += part.pipelines
        }
        return Fragment(pipelines: pipelines, columns: columns)
    }

    private func fanOut(_ sinks: [any SinkOperator]) -> any SinkOperator {
        sinks.count == 1 ? sinks[0] : FanOutSink(sinks, name: "HashAggregate")
    }

    /// The stages that read distinct arguments into the main aggregation.
    private func closeDistinct(_ grouping: Grouping) {
        for step in grouping.distinctSteps {
            let source = HashAggregateSource(
                step.aggregation, keys: Array(step.aggregation.keyTypes.indices), calls: [], settings: context.settings)
            close(
                fragment(source, columns: []), with: grouping.sink(step.input), metrics: makeMetrics("HashAggregate"))
        }
    }

    // MARK: One grouping

    /// One GROUP BY over an input: its main state, and the steps that make DISTINCT arguments distinct.
    struct Grouping {
        enum State {
            case hashed(HashAggregation)
            case ungrouped(UngroupedAggregation)
        }

        struct DistinctStep {
            var aggregation: HashAggregation
            /// What the step's rows (keys, then arguments) feed into the main state.
            var input: AggregateInput
        }

        var state: State
        var firstSinks: [any SinkOperator]
        var distinctSteps: [DistinctStep]
        var callCount: Int
        var settings: ExecutionSettings

        func sink(_ input: AggregateInput) -> any SinkOperator {
            switch state {
            case .hashed(let aggregation): HashAggregateSink(aggregation, input)
            case .ungrouped(let aggregation): UngroupedAggregateSink(aggregation, input)
            }
        }

        func source(keys: [Int]) -> any SourceOperator {
            switch state {
            case .hashed(let aggregation):
                HashAggregateSource(aggregation, keys: keys, calls: Array(0..<callCount), settings: settings)
            case .ungrouped(let aggregation):
                UngroupedAggregateSource(aggregation, calls: Array(0..<callCount))
            }
        }
    }

    private func makeGrouping(
        _ input: Fragment, keys: [ColumnReference], calls: [AggregateCall]
    ) throws -> Grouping {
        let keyPositions = try input.positions(of: keys)
        let keyTypes = keys.map(\.type)
        let makers = calls.map { kernelMaker($0) }
        let layout = try AggregateLayout(
            keyTypes: keyTypes, makeKernels: makers, inputs: calls.map(\.inputText))
        let state: Grouping.State =
            keys.isEmpty
            ? .ungrouped(UngroupedAggregation(layout: layout, context: context))
            : .hashed(HashAggregation(layout: layout, keyTypes: keyTypes, context: context))
        var grouping = Grouping(
            state: state, firstSinks: [], distinctSteps: [], callCount: calls.count, settings: context.settings)

        var plainCalls: [AggregateCallPlan] = []
        var distinctGroups: [(arguments: [ColumnReference], filter: ColumnReference?, calls: [Int])] = []
        for (number, call) in calls.enumerated() {
            let columns = call.argumentColumns
            if call.isDistinct, !columns.isEmpty, !call.ignoresDuplicates {
                let wanted = columns + call.orderBy.map(\.column).filter { !columns.contains($0) }
                if let known = distinctGroups.firstIndex(where: { $0.arguments == wanted && $0.filter == call.filter })
                {
                    distinctGroups[known].calls.append(number)
                } else {
                    distinctGroups.append((wanted, call.filter, [number]))
                }
            } else {
                plainCalls.append(
                    try callPlan(call, number, makers[number], positionOf: input.position, filter: call.filter))
            }
        }
        // Groups whose rows all fail a FILTER exist too, so the main state must see every row's key then.
        if distinctGroups.isEmpty || !plainCalls.isEmpty || distinctGroups.contains(where: { $0.filter != nil }) {
            grouping.firstSinks.append(grouping.sink(AggregateInput(keys: keyPositions, calls: plainCalls)))
        }
        for group in distinctGroups {
            let stepColumns = keys + group.arguments
            let stepTypes = stepColumns.map(\.type)
            let step = HashAggregation(
                layout: try AggregateLayout(keyTypes: stepTypes, makeKernels: []), keyTypes: stepTypes, context: context
            )
            let sink = HashAggregateSink(step, AggregateInput(keys: try input.positions(of: stepColumns), calls: []))
            grouping.firstSinks.append(
                try group.filter.map { FilterColumnSink(sink, column: try input.position(of: $0)) } ?? sink)
            let stepCalls = try group.calls.map { number in
                try callPlan(
                    calls[number], number, makers[number],
                    positionOf: { column in
                        keys.count + (group.arguments.firstIndex(of: column) ?? 0)
                    }, filter: nil)
            }
            grouping.distinctSteps.append(
                Grouping.DistinctStep(
                    aggregation: step, input: AggregateInput(keys: Array(keys.indices), calls: stepCalls)))
        }
        return grouping
    }

    private func callPlan(
        _ call: AggregateCall, _ number: Int, _ make: @escaping @Sendable () throws -> any AggregateKernel,
        positionOf: (ColumnReference) throws -> Int, filter: ColumnReference?
    ) throws -> AggregateCallPlan {
        var arguments: [AggregateCallPlan.Argument] = []
        for argument in call.arguments {
            switch argument {
            case .column(let column): arguments.append(.column(try positionOf(column)))
            case .constant(let value, let type): arguments.append(.constant(value, type))
            case .lambda: break
            }
        }
        let isOrdered = !call.orderBy.isEmpty && !call.function.isOrderInsensitive
        if isOrdered { for key in call.orderBy { arguments.append(.column(try positionOf(key.column))) } }
        return AggregateCallPlan(
            makeKernel: make, arguments: arguments, skipsNulls: call.function.skipsNulls && !call.arguments.isEmpty,
            filter: try filter.map(positionOf), state: number)
    }

    /// Makes the kernel of a call, wrapped where its rows have to be sorted first.
    private func kernelMaker(_ call: AggregateCall) -> @Sendable () throws -> any AggregateKernel {
        let function = call.function
        let signature = call.signature
        let evaluation = context.evaluation
        let lambdas = call.arguments.compactMap { argument -> AggregateLambda? in
            guard case .lambda(let parameters, let body) = argument else { return nil }
            return AggregateLambda(parameters: parameters, body: body)
        }
        let make: @Sendable () throws -> any AggregateKernel = {
            let kernel = try function.makeKernel(signature)
            if let user = kernel as? any LambdaAggregateKernel {
                user.lambdas = try lambdas.map { try $0.makeEvaluator(evaluation) }
            }
            return kernel
        }
        if call.orderBy.isEmpty || function.isOrderInsensitive { return make }
        let orderBy = call.orderBy
        return { try OrderedAggregateKernel(make(), orderBy: orderBy) }
    }
}

extension AggregateCall {
    /// Columns that the call reads.
    var inputColumns: [ColumnReference] {
        argumentColumns + (filter.map { [$0] } ?? []) + orderBy.map(\.column)
    }

    var argumentColumns: [ColumnReference] {
        arguments.compactMap { if case .column(let column) = $0 { column } else { nil } }
    }

    /// What tells apart the rows and values that calls see; nil for calls that see theirs in an order.
    var inputText: String? {
        if !orderBy.isEmpty { return nil }
        let columns = arguments.map { argument -> String in
            switch argument {
            case .column(let column): "#\(column.id)"
            case .constant(let value, let type): "\(value) \(type)"
            case .lambda: "lambda"
            }
        }
        return "\(columns) \(isDistinct && !ignoresDuplicates) \(filter?.id ?? 0)"
    }

    /// Equal arguments change nothing, so DISTINCT need not be done.
    var ignoresDuplicates: Bool {
        switch function.name {
        case "min", "max", "bool_and", "bool_or", "every", "arbitrary", "any_value", "approx_distinct",
            "bitwise_and_agg", "bitwise_or_agg":
            arguments.count == 1
        default: false
        }
    }
}
