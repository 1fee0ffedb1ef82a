import Expressions
import Functions
import Planning
import SQLTypes

/// Window functions: a stage that takes all rows, then a source that sorts, computes and gives them bucket by bucket.
extension PhysicalPlanner {
    func planWindow(_ node: Window, required: Set<ColumnReference>) throws -> Fragment {
        let calls = node.calls.filter { required.contains($0.output) }
        let inputColumns = Set(node.input.outputColumns)
        var needed = required.intersection(inputColumns).union(node.partitionBy).union(node.orderBy.map(\.column))
        for call in calls {
            for argument in call.arguments { if case .column(let column) = argument { needed.insert(column) } }
            if let filter = call.filter { needed.insert(filter) }
            for bound in [call.frame.start, call.frame.end] {
                switch bound {
                case .preceding(let column), .following(let column): needed.insert(column)
                case .unboundedPreceding, .currentRow, .unboundedFollowing: break
                }
            }
        }
        // Whole partitions may be left out, single rows may not.
        let input = try withoutDynamicFilters(keeping: Set(node.partitionBy)) {
            try plan(node.input, required: needed)
        }
        let passThrough = input.columns.filter(required.contains)
        let specification = WindowSpecification(
            partitionBy: try input.positions(of: node.partitionBy),
            orderBy: try node.orderBy.map {
                WindowSpecification.Order(
                    column: try input.position(of: $0.column), isAscending: $0.isAscending, nullsFirst: $0.nullsFirst)
            },
            calls: try calls.map { try windowCall($0, input) }, types: input.columns.map(\.type),
            passThrough: try input.positions(of: passThrough))
        let rows = WindowRows(specification, context.memory)
        close(input, with: rows, metrics: makeMetrics(rows.name))
        return fragment(WindowSource(rows), columns: passThrough + calls.map(\.output))
    }

    private func windowCall(_ call: WindowCall, _ input: Fragment) throws -> WindowSpecification.Call {
        if call.isDistinct {
            throw QueryError(.notSupported, "DISTINCT in window function parameters not yet supported")
        }
        func bound(_ bound: WindowFrame.Bound) throws -> WindowSpecification.Bound {
            switch bound {
            case .unboundedPreceding: .unboundedPreceding
            case .preceding(let column): .preceding(try input.position(of: column))
            case .currentRow: .currentRow
            case .following(let column): .following(try input.position(of: column))
            case .unboundedFollowing: .unboundedFollowing
            }
        }
        return WindowSpecification.Call(
            function: call.function, signature: call.signature,
            arguments: try call.arguments.map { argument in
                switch argument {
                case .column(let column): return .column(try input.position(of: column))
                case .constant(let value, let type): return .constant(value, type)
                case .lambda:
                    throw QueryError(.notSupported, "Lambda arguments of window functions are not supported")
                }
            },
            filter: try call.filter.map(input.position), ignoresNulls: call.ignoresNulls,
            frame: WindowSpecification.Frame(
                unit: call.frame.unit, start: try bound(call.frame.start), end: try bound(call.frame.end)))
    }
}
