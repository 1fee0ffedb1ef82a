import Columnar
import Expressions
import Planning
import SQLTypes
import Storage

extension PhysicalPlanner {
    func planScan(_ scan: TableScan, required: Set<ColumnReference>) throws -> Fragment {
        if let provider = scan.provider { return try planMetadataScan(scan, provider) }
        // Columns of the output first, then those that only conditions read.
        let wanted = scan.columns.filter { required.contains($0.reference) }
        var filterColumns: Set<ColumnReference> = []
        for conjunct in scan.filter { filterColumns.formUnion(conjunct.columns) }
        let dynamic = scan.columns.filter { dynamicFilters[$0.reference] != nil }
        let extra = scan.columns.filter { column in
            !required.contains(column.reference)
                && (filterColumns.contains(column.reference)
                    || dynamic.contains(where: { $0.reference == column.reference }))
        }
        let all = wanted + extra
        var requested: [RequestedColumn] = []
        var dataPositions: [ColumnReference: Int] = [:]
        var pieces: [ScanPlan.Piece] = []
        let keyTypes = try scan.table.partitionKeys.map { try $0.dataType() }
        for column in all {
            switch column.source {
            case .data(let ordinal):
                pieces.append(.data(requested.count))
                dataPositions[column.reference] = requested.count
                requested.append(
                    RequestedColumn(
                        name: scan.table.storage.columns[ordinal].name, type: column.reference.type, ordinal: ordinal,
                        fields: column.fields))
            case .partitionKey(let position): pieces.append(.partitionKey(position, column.reference.type))
            case .hidden(let name):
                guard let hidden = ScanPlan.HiddenColumn(rawValue: name) else {
                    throw QueryError(.columnNotFound, "Column '\(name)' cannot be resolved")
                }
                pieces.append(.hidden(hidden))
            }
        }
        var filters: [any ScanFilter] = []
        var fileFilters: [BoundExpression] = []
        var residual: [BoundExpression] = []
        for conjunct in scan.filter.flatMap(\.conjuncts) {
            let columns = conjunct.columns.sorted { $0.id < $1.id }
            let positions = columns.compactMap { column in dataPositions[column].map { (column, $0) } }
            if !columns.isEmpty, positions.count == columns.count, conjunct.isDeterministic {
                filters.append(ExpressionScanFilter(conjunct, positions: positions, context: context.evaluation))
            } else if !columns.isEmpty, positions.isEmpty, conjunct.cannotRaise, conjunct.isDeterministic {
                fileFilters.append(conjunct)
            } else {
                residual.append(conjunct)
            }
        }
        for column in dynamic {
            guard let position = dataPositions[column.reference] else { continue }
            for filter in dynamicFilters[column.reference] ?? [] {
                filters.append(DynamicScanFilter(filter, column: position))
            }
        }
        var keyTypesOfColumns = keyTypes
        for column in all {
            if case .partitionKey(let position) = column.source { keyTypesOfColumns[position] = column.reference.type }
        }
        let plan = ScanPlan(
            table: scan.table, partitions: scan.partitions, partitionKeyTypes: keyTypesOfColumns, requested: requested,
            pieces: pieces, columns: all.map(\.reference), outputCount: wanted.count, filters: filters,
            fileFilters: fileFilters, residual: residual)
        return fragment(ScanSource(plan, context.evaluation), columns: wanted.map(\.reference))
    }

    /// Rows of the catalog.
    private func planMetadataScan(_ scan: TableScan, _ provider: any MetadataTable) throws -> Fragment {
        let columns = scan.columns.map(\.reference)
        let ordinals = try scan.columns.map { column -> Int in
            guard case .data(let ordinal) = column.source else {
                throw QueryError(.columnNotFound, "Column '\(column.reference.name)' cannot be resolved")
            }
            return ordinal
        }
        var made = fragment(
            MetadataSource(provider, ordinals: ordinals, types: columns.map(\.type)), columns: columns)
        if !scan.filter.isEmpty {
            let filter = FilterOperator(.conjunction(scan.filter), layout: made.layout)
            append(filter, to: &made, columns: columns)
        }
        return made
    }
}
