import Expressions
import Planning
import SQLTypes

extension PhysicalPlanner {
    func planShared(
        _ id: Int, _ definition: LogicalPlan, _ body: LogicalPlan, required: Set<ColumnReference>
    ) throws -> Fragment {
        throw QueryError(.notSupported, "Shared subplans are not supported")
    }

    func planSharedScan(_ id: Int, _ columns: [ColumnReference]) throws -> Fragment {
        throw QueryError(.notSupported, "Shared subplans are not supported")
    }

    func planRecursive(
        _ id: Int, _ columns: [ColumnReference], base: LogicalPlan, step: LogicalPlan, maxDepth: Int
    ) throws -> Fragment {
        throw QueryError(.notSupported, "Recursive queries are not supported")
    }

    func planTableFunction(
        _ name: String, _ arguments: [BoundExpression], _ columns: [ColumnReference]
    ) throws -> Fragment {
        throw QueryError(.notSupported, "Table function \(name) is not supported")
    }
}
