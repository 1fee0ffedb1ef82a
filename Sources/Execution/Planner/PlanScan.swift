import Expressions
import Planning
import SQLTypes

extension PhysicalPlanner {
    func planScan(_ scan: TableScan, required: Set<ColumnReference>) throws -> Fragment {
        throw QueryError(.notSupported, "Scan is not supported")
    }
}
