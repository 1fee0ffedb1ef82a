import Columnar
import Expressions
import Planning
import SQLTypes

/// Subplans that are read more than once, recursion, and the engine's table functions.
extension PhysicalPlanner {
    func planShared(
        _ id: Int, _ definition: LogicalPlan, _ body: LogicalPlan, required: Set<ColumnReference>
    ) throws -> Fragment {
        let columns = definition.outputColumns
        var fragment = try withoutDynamicFilters { try plan(definition, required: Set(columns)) }
        let positions = try fragment.positions(of: columns)
        if positions != Array(fragment.columns.indices) {
            append(SelectColumnsOperator(positions), to: &fragment, columns: columns)
        }
        let rows = MaterializedRows(context.memory)
        close(fragment, with: rows, metrics: makeMetrics(rows.name))
        let outer = sharedResults[id]
        sharedResults[id] = rows
        defer { sharedResults[id] = outer }
        return try plan(body, required: required)
    }

    func planSharedScan(_ id: Int, _ columns: [ColumnReference]) throws -> Fragment {
        guard let rows = sharedResults[id] else {
            throw QueryError(.genericInternalError, "The shared subplan \(id) was not planned")
        }
        return fragment(MaterializedSource(rows, columns: Array(columns.indices)), columns: columns)
    }

    /// The base and the step are planned apart: the source runs the step until a round gives no row.
    func planRecursive(
        _ id: Int, _ columns: [ColumnReference], base: LogicalPlan, step: LogicalPlan, maxDepth: Int
    ) throws -> Fragment {
        let source = RecursiveSource(
            id: id, base: base, step: step, columnCount: columns.count, maxDepth: maxDepth, shared: sharedResults)
        return fragment(source, columns: columns)
    }

    func planTableFunction(
        _ name: String, _ arguments: [BoundExpression], _ columns: [ColumnReference]
    ) throws -> Fragment {
        guard name == "sequence" else {
            throw QueryError(.functionNotFound, "Table function '\(name)' not registered")
        }
        let values = try arguments.map { argument -> Int64? in
            let compiled = try CompiledExpression(argument, layout: [:], context: context.evaluation)
            let value = try compiled.evaluate(Batch(columns: [], rowCount: 1)).value(at: 0)
            if case .int(let number) = value { return number }
            return nil
        }
        let start = (values.first ?? nil) ?? 0
        guard values.count > 1, let stop = values[1] else {
            throw QueryError(.invalidFunctionArgument, "Stop is null")
        }
        let increment = values.count > 2 ? values[2] ?? 1 : 1
        if increment == 0 { throw QueryError(.invalidFunctionArgument, "Step must not be zero") }
        return fragment(SequenceSource(start: start, stop: stop, step: increment), columns: columns)
    }
}
