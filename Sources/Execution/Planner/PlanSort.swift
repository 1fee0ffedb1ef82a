import Expressions
import Planning
import SQLTypes

extension PhysicalPlanner {
    func planSort(_ input: LogicalPlan, _ keys: [SortKey], required: Set<ColumnReference>) throws -> Fragment {
        throw QueryError(.notSupported, "Sort is not supported")
    }

    func planTopN(
        _ input: LogicalPlan, _ keys: [SortKey], count: Int, offset: Int, withTies: Bool,
        required: Set<ColumnReference>
    ) throws -> Fragment {
        throw QueryError(.notSupported, "Top-N is not supported")
    }
}
