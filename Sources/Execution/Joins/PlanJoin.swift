import Expressions
import Planning
import SQLTypes

extension PhysicalPlanner {
    func planJoin(_ node: Join, required: Set<ColumnReference>) throws -> Fragment {
        throw QueryError(.notSupported, "Join is not supported")
    }
}
