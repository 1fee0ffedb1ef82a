import Expressions
import Planning
import SQLTypes

extension PhysicalPlanner {
    func planWindow(_ node: Window, required: Set<ColumnReference>) throws -> Fragment {
        throw QueryError(.notSupported, "Window is not supported")
    }
}
