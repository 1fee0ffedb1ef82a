import Expressions
import Planning
import SQLTypes

extension PhysicalPlanner {
    func planUnnest(_ node: Unnest, required: Set<ColumnReference>) throws -> Fragment {
        throw QueryError(.notSupported, "Unnest is not supported")
    }
}
