import Expressions
import Metastore
import SQLTypes
import Storage

/// Lists only the partitions that the scan's conditions leave, and drops conditions that those partitions settle.
///
/// ```
/// Scan[t; year = '2024' AND x > 1]   ==>   Scan[t, partitions {year=2024}; x > 1]
/// ```
/// Equalities and IN go to the catalog; every other condition on keys alone is evaluated per partition, functions of
/// keys included. A condition that raises for a partition keeps it (the error comes with its rows).
struct PrunePartitions: NodeRule {
    func rewrite(_ node: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan? {
        guard case .scan(var scan) = node, scan.partitions == nil, scan.provider == nil,
            !scan.table.partitionKeys.isEmpty
        else { return nil }
        var keyColumns: [ColumnReference: Int] = [:]
        for column in scan.columns {
            if case .partitionKey(let index) = column.source { keyColumns[column.reference] = index }
        }
        let keys = Set(keyColumns.keys)
        let onKeys = scan.filter.filter { !$0.columns.isEmpty && $0.columns.isSubset(of: keys) }
        let partitions = try context.catalog.partitions(
            scan.table.database, scan.table.name, matching: Self.filter(onKeys, keyColumns))
        guard !onKeys.isEmpty else {
            scan.partitions = partitions
            return .scan(scan)
        }
        let domains = DomainExtractor.domains(of: onKeys)
        var settled = [Bool](repeating: true, count: onKeys.count)
        var kept: [Partition] = []
        // Partitions often share the values of single keys: each condition is evaluated once per combination.
        var known: [[Value]: [Value?]] = [:]
        let columns = keyColumns.sorted { $0.value < $1.value }
        for partition in partitions {
            var values: [Value] = []
            var isReadable = true
            for (column, index) in columns {
                guard partition.values.indices.contains(index) else {
                    isReadable = false
                    break
                }
                let key = scan.table.partitionKeys[index].name
                guard let value = try? Partition.value(partition.values[index], of: column.type, key: key) else {
                    isReadable = false
                    break
                }
                values.append(value)
            }
            guard isReadable else {
                // A value that is not one of its type: reading the partition says so.
                settled = settled.map { _ in false }
                kept.append(partition)
                continue
            }
            let isOutside = zip(columns, values).contains { entry, value in
                domains[entry.key].map { !$0.contains(value, type: entry.key.type) } ?? false
            }
            if isOutside { continue }
            let results: [Value?]
            if let before = known[values] {
                results = before
            } else {
                var constants: [ColumnReference: BoundExpression] = [:]
                for ((column, _), value) in zip(columns, values) { constants[column] = .constant(value, column.type) }
                let simplifier = ExpressionSimplifier(folder: context.folder)
                results = onKeys.map { condition in
                    let simple = simplifier.simplify(condition.replacingColumns { constants[$0] })
                    if case .constant(let value, _) = simple { return value }
                    return nil
                }
                known[values] = results
            }
            if results.contains(where: { $0.map { $0 != .boolean(true) } ?? false }) { continue }
            for (index, result) in results.enumerated() where result == nil { settled[index] = false }
            kept.append(partition)
        }
        scan.partitions = kept
        let done = Set(zip(onKeys, settled).filter { $0.1 }.map { $0.0 })
        scan.filter = scan.filter.filter { !done.contains($0) }
        if kept.isEmpty { return .values(columns: scan.columns.map(\.reference), rows: []) }
        return .scan(scan)
    }

    /// Equality and IN conditions on text keys, as the catalog compares them. Other types have several texts for one
    /// value (`1`, `01`).
    private static func filter(
        _ conditions: [BoundExpression], _ keys: [ColumnReference: Int]
    ) -> PartitionFilter? {
        var allowed: [Int: Set<String>] = [:]
        for (column, domain) in DomainExtractor.domains(of: conditions) {
            guard let index = keys[column], case .varchar = column.type, !domain.allowsNull,
                let values = domain.discreteValues
            else { continue }
            var texts: Set<String> = []
            for value in values {
                guard case .bytes(let bytes) = value else { return nil }
                texts.insert(String(decoding: bytes, as: UTF8.self))
            }
            allowed[index] = texts
        }
        return allowed.isEmpty ? nil : PartitionFilter(allowedValues: allowed)
    }
}
