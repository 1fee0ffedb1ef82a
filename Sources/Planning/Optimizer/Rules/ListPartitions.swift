import Storage

/// Lists every partition of a scan that `PrunePartitions` left alone because its switch is off.
///
/// ```
/// Scan[t]   ==>   Scan[t, partitions {year=2023}, {year=2024}]
/// ```
struct ListPartitions: NodeRule {
    func rewrite(_ node: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan? {
        guard case .scan(var scan) = node, scan.partitions == nil, scan.provider == nil,
            !scan.table.partitionKeys.isEmpty
        else { return nil }
        scan.partitions = try context.catalog.partitions(scan.table.database, scan.table.name, matching: nil)
        return .scan(scan)
    }
}
