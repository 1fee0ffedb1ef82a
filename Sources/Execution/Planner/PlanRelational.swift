import Columnar
import Expressions
import Planning
import SQLTypes

/// Filter, project, values, limit, union and the small ones.
extension PhysicalPlanner {
    func planValues(_ columns: [ColumnReference], _ rows: [[BoundExpression]]) throws -> Fragment {
        fragment(
            ValuesSource(rows, types: columns.map(\.type), context: context.evaluation), columns: columns)
    }

    func planFilter(
        _ input: LogicalPlan, _ predicate: BoundExpression, required: Set<ColumnReference>
    ) throws -> Fragment {
        var fragment = try plan(input, required: required.union(predicate.columns))
        append(FilterOperator(predicate, layout: fragment.layout), to: &fragment, columns: fragment.columns)
        return fragment
    }

    func planProject(
        _ input: LogicalPlan, _ assignments: [Assignment], required: Set<ColumnReference>
    ) throws -> Fragment {
        let wanted = assignments.filter { required.contains($0.column) }
        var needed: Set<ColumnReference> = []
        for assignment in wanted { needed.formUnion(assignment.expression.columns) }
        // A condition on a renamed column is one on the column itself.
        var filters: [(ColumnReference, any DynamicColumnFilter)] = []
        for assignment in assignments {
            guard case .column(let source) = assignment.expression, source != assignment.column else { continue }
            for filter in dynamicFilters[assignment.column] ?? [] { filters.append((source, filter)) }
        }
        var fragment = try withDynamicFilters(filters) { try plan(input, required: needed) }
        let pieces = try wanted.map { assignment -> ProjectOperator.Piece in
            if case .column(let source) = assignment.expression { return .column(try fragment.position(of: source)) }
            return .expression(assignment.expression)
        }
        let columns = wanted.map(\.column)
        let isOnlyPicking = pieces.allSatisfy { if case .column = $0 { true } else { false } }
        if isOnlyPicking {
            let positions = pieces.compactMap { if case .column(let position) = $0 { position } else { nil } }
            if positions == Array(fragment.columns.indices) {
                fragment.columns = columns
            } else {
                append(SelectColumnsOperator(positions), to: &fragment, columns: columns)
            }
            return fragment
        }
        append(ProjectOperator(pieces, layout: fragment.layout), to: &fragment, columns: columns)
        return fragment
    }

    func planLimit(_ input: LogicalPlan, count: Int?, offset: Int, required: Set<ColumnReference>) throws -> Fragment {
        var fragment = try withoutDynamicFilters { try plan(input, required: required) }
        append(LimitOperator(count: count, offset: offset), to: &fragment, columns: fragment.columns)
        return fragment
    }

    /// The pipelines of all inputs, each brought to the union's columns.
    func planUnion(_ node: Union, required: Set<ColumnReference>) throws -> Fragment {
        let wanted = node.columns.indices.filter { required.contains(node.columns[$0]) }
        let columns = wanted.map { node.columns[$0] }
        var pipelines: [Pipeline] = []
        for (input, inputColumns) in zip(node.inputs, node.inputColumns) {
            let sources = wanted.map { inputColumns[$0] }
            let filters = zip(columns, sources).flatMap { output, source in
                (dynamicFilters[output] ?? []).map { (source, $0) }
            }
            var fragment = try withoutDynamicFilters {
                try withDynamicFilters(filters) { try plan(input, required: Set(sources)) }
            }
            let positions = try fragment.positions(of: sources)
            if positions != Array(fragment.columns.indices) {
                append(SelectColumnsOperator(positions), to: &fragment, columns: columns)
            }
            fragment.isOrdered = false
            pipelines += fragment.pipelines
        }
        return Fragment(pipelines: pipelines, columns: columns)
    }

    func planEnforceSingleRow(_ input: LogicalPlan, required: Set<ColumnReference>) throws -> Fragment {
        let (rows, columns) = try materialize(input, required: required)
        return fragment(SingleRowSource(rows, types: columns.map(\.type)), columns: columns)
    }

    func planUniqueID(
        _ input: LogicalPlan, _ column: ColumnReference, required: Set<ColumnReference>
    ) throws -> Fragment {
        var fragment = try plan(input, required: required.subtracting([column]))
        append(UniqueIDOperator(), to: &fragment, columns: fragment.columns + [column])
        return fragment
    }

    func planSample(_ input: LogicalPlan, _ fraction: Double, required: Set<ColumnReference>) throws -> Fragment {
        var fragment = try plan(input, required: required)
        let seed = UInt64(bitPattern: context.evaluation.startMicroseconds) &* 0x2545_f491_4f6c_dd1d
        append(SampleOperator(fraction: fraction, seed: seed), to: &fragment, columns: fragment.columns)
        return fragment
    }

    /// Plans `input` as a stage of its own whose rows are kept.
    func materialize(
        _ input: LogicalPlan, required: Set<ColumnReference>
    ) throws -> (rows: MaterializedRows, columns: [ColumnReference]) {
        let fragment = try withoutDynamicFilters { try plan(input, required: required) }
        let rows = MaterializedRows(context.memory)
        close(fragment, with: rows, metrics: makeMetrics(rows.name))
        return (rows, fragment.columns)
    }
}
