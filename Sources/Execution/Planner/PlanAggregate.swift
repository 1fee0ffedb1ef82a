import Expressions
import Planning
import SQLTypes

extension PhysicalPlanner {
    func planAggregate(_ node: Aggregate, required: Set<ColumnReference>) throws -> Fragment {
        throw QueryError(.notSupported, "Aggregation is not supported")
    }
}
