import Expressions
import SQLTypes

/// Answers count, min and max over whole tables from what files say about themselves.
///
/// ```
/// Aggregate[count(*), min(d)](Scan[t])   ==>   Values[(6001215, DATE '1992-01-02')]
/// ```
/// Only where that is exact: all files have summaries, null counts are known, bounds are values that occur and of the
/// table's type, never of real or double (NaN, -0.0).
struct AnswerFromStatistics: NodeRule {
    func rewrite(_ node: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan? {
        guard case .aggregate(let aggregate) = node, aggregate.keys.isEmpty, aggregate.groupingSets == nil,
            !aggregate.calls.isEmpty
        else { return nil }
        var names: [ColumnReference: ColumnReference] = [:]
        var constants: [ColumnReference: BoundExpression] = [:]
        guard let scan = Self.scan(aggregate.input, &names, &constants), scan.filter.isEmpty, scan.provider == nil
        else { return nil }
        guard aggregate.calls.allSatisfy({ Self.isCandidate($0) }),
            let table = try context.statistics.exactStatistics(of: scan)
        else { return nil }
        var row: [BoundExpression] = []
        for call in aggregate.calls {
            guard let value = Self.value(of: call, scan, table, names, constants) else { return nil }
            row.append(.constant(value, call.output.type))
        }
        return .values(columns: aggregate.calls.map(\.output), rows: [row])
    }

    private static func isCandidate(_ call: AggregateCall) -> Bool {
        guard call.filter == nil else { return false }
        switch call.function.name {
        case "count": return !call.isDistinct && call.arguments.count <= 1
        case "min", "max": return call.arguments.count == 1
        default: return false
        }
    }

    /// The scan below projections that only rename; a constant's count is the count of rows.
    private static func scan(
        _ plan: LogicalPlan, _ names: inout [ColumnReference: ColumnReference],
        _ constants: inout [ColumnReference: BoundExpression]
    ) -> TableScan? {
        switch plan {
        case .scan(let scan): return scan
        case .project(let input, let assignments):
            guard let scan = scan(input, &names, &constants) else { return nil }
            for assignment in assignments {
                if let source = assignment.expression.asColumn {
                    names[assignment.column] = names[source] ?? source
                    constants[assignment.column] = constants[source]
                } else if case .constant = assignment.expression {
                    constants[assignment.column] = assignment.expression
                }
            }
            return scan
        default: return nil
        }
    }

    private static func value(
        of call: AggregateCall, _ scan: TableScan, _ table: TableStatistics,
        _ names: [ColumnReference: ColumnReference], _ constants: [ColumnReference: BoundExpression]
    ) -> Value? {
        let isCount = call.function.name == "count"
        guard let argument = call.arguments.first else {
            return isCount ? .int(Int64(table.rowCount)) : nil
        }
        guard case .column(let column) = argument else {
            if isCount, case .constant(let value, _) = argument {
                return .int(value.isNull ? 0 : Int64(table.rowCount))
            }
            return nil
        }
        if case .constant(let value, _)? = constants[column] {
            if isCount { return .int(value.isNull ? 0 : Int64(table.rowCount)) }
            return table.rowCount > 0 ? value : .null
        }
        let source = names[column] ?? column
        guard let entry = scan.columns.first(where: { $0.reference == source }), case .data(let index) = entry.source,
            scan.table.storage.columns.indices.contains(index)
        else { return nil }
        if table.rowCount == 0 { return isCount ? .int(0) : .null }
        guard let facts = table.columns[scan.table.storage.columns[index].name.lowercased()],
            let nullCount = facts.nullCount
        else { return nil }
        if isCount { return .int(Int64(table.rowCount - nullCount)) }
        if nullCount == table.rowCount { return .null }
        guard facts.boundsAreExact, column.type != .real, column.type != .double else { return nil }
        return call.function.name == "min" ? facts.minimum : facts.maximum
    }
}
