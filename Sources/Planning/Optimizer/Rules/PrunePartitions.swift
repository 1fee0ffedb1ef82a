import Expressions
import Metastore
import SQLTypes
import Storage

/// Lists only the partitions that the scan's conditions leave, and drops conditions that those partitions settle.
///
/// ```
/// Scan[t; year = '2024' AND x > 1]   ==>   Scan[t, partitions {year=2024}; x > 1]
/// ```
/// Equalities and IN go to the catalog; every other condition on keys alone is evaluated over the partitions' values, a
/// batch at a time, functions of keys included. A condition that raises for a partition keeps it (the error comes with its rows).
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
        let columns = keyColumns.sorted { $0.value < $1.value }.map(\.key)
        let read = try Self.read(partitions, columns, keyColumns, scan.table, DomainExtractor.domains(of: onKeys))
        var isKept = [Bool](repeating: true, count: read.partitions.count)
        var done: Set<BoundExpression> = []
        for condition in onKeys where condition.isDeterministic {
            let truths = context.folder.truths(of: condition, columns: Array(zip(columns, read.values)))
            var isSettled = !read.holdsUnreadable
            for (row, truth) in truths.enumerated() where isKept[row] {
                if let truth { isKept[row] = truth } else { isSettled = false }
            }
            if isSettled { done.insert(condition) }
        }
        let kept = zip(read.partitions, isKept).filter(\.1).map(\.0) + read.unreadable
        scan.partitions = kept
        scan.filter = scan.filter.filter { !done.contains($0) }
        if kept.isEmpty { return .values(columns: scan.columns.map(\.reference), rows: []) }
        return .scan(scan)
    }

    private struct Keys {
        var partitions: [Partition] = []
        /// Of `partitions`: the values of each key that the scan reads, column by column.
        var values: [[Value]]
        /// Partitions with a value that is not one of its key's type: reading them says so.
        var unreadable: [Partition] = []

        var holdsUnreadable: Bool { !unreadable.isEmpty }
    }

    /// The typed keys of the partitions that `domains` do not rule out.
    private static func read(
        _ partitions: [Partition], _ columns: [ColumnReference], _ places: [ColumnReference: Int], _ table: Table,
        _ domains: [ColumnReference: Domain]
    ) throws -> Keys {
        var keys = Keys(values: columns.map { _ in [] })
        // Keys have few distinct texts each: every one is read and tested once.
        var known = columns.map { _ in [String: (value: Value, isInside: Bool)]() }
        let indices = columns.map { places[$0] ?? 0 }
        var row: [Value] = []
        next: for partition in partitions {
            row.removeAll(keepingCapacity: true)
            var isInside = true
            for (place, column) in columns.enumerated() {
                let index = indices[place]
                guard partition.values.indices.contains(index) else {
                    keys.unreadable.append(partition)
                    continue next
                }
                let text = partition.values[index]
                if let (value, inside) = known[place][text] {
                    row.append(value)
                    isInside = isInside && inside
                    continue
                }
                guard
                    let value = try? Partition.value(text, of: column.type, key: table.partitionKeys[index].name)
                else {
                    keys.unreadable.append(partition)
                    continue next
                }
                let inside = domains[column].map { $0.contains(value, type: column.type) } ?? true
                known[place][text] = (value, inside)
                row.append(value)
                isInside = isInside && inside
            }
            guard isInside else { continue }
            keys.partitions.append(partition)
            for place in columns.indices { keys.values[place].append(row[place]) }
        }
        return keys
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
