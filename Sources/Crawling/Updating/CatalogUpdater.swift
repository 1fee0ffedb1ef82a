import Metastore
import SQLTypes

/// Brings the catalog in line with what was found, by the crawler's change policies. Runs inside one transaction;
/// with `writes` false it only says what it would do.
struct CatalogUpdater {
    let store: MetastoreStore
    let options: CrawlOptions
    let writes: Bool
    /// Milliseconds since 1970.
    let now: Int64

    func update(_ built: [TableBuilder.Built]) throws -> (tables: [CrawlReport.TableReport], warnings: [String]) {
        var reports: [CrawlReport.TableReport] = []
        var warnings: [String] = []
        if writes, try store.database(options.database) == nil {
            try store.createDatabase(Database(name: options.database), ifNotExists: true)
        }
        for item in built { reports.append(try update(item, &warnings)) }
        reports += try removeMissing(found: Set(built.map(\.table.name)), &warnings)
        return (reports, warnings)
    }

    private func update(_ built: TableBuilder.Built, _ warnings: inout [String]) throws -> CrawlReport.TableReport {
        let found = built.table
        var report = CrawlReport.TableReport(
            name: found.name, action: .created, location: found.storage.location,
            classification: found.parameters["classification"] ?? "", columns: found.storage.columns,
            partitionKeys: found.partitionKeys, partitions: built.partitions.map(\.values),
            properties: found.parameters, reasons: built.reasons)
        guard let known = try store.table(found.database, found.name) else {
            if writes {
                try store.createTable(found)
                try store.addPartitions(found.database, found.name, built.partitions)
            }
            return report
        }
        var isChanged = false
        let differences = Self.differences(known, found)
        if !differences.isEmpty || Self.properties(known) != Self.properties(found) {
            if options.updateBehavior == .log || options.recrawlBehavior == .newFoldersOnly {
                if !differences.isEmpty {
                    report.reasons += differences.map { "not changed (update behavior LOG): " + $0 }
                    report.columns = known.storage.columns
                }
            } else {
                var table = found
                table.comment = known.comment
                table.createdAt = known.createdAt
                table.storage.columns = table.storage.columns.map { column in
                    guard let old = known.storage.columns.first(where: { $0.name == column.name }) else {
                        return column
                    }
                    // A column that its owner pinned keeps its type, whatever the files say.
                    return old.parameters["pinned"] == "true"
                        ? old
                        : CatalogColumn(
                            name: column.name, typeName: column.typeName, comment: old.comment,
                            parameters: old.parameters)
                }
                for (key, value) in known.parameters where table.parameters[key] == nil && key != Self.deprecatedKey {
                    table.parameters[key] = value
                }
                if writes { try store.updateTable(table) }
                report.reasons += differences
                isChanged = !differences.isEmpty
            }
        }
        let partitions = try updatePartitions(built, &report, &warnings)
        report.action = isChanged || partitions ? .updated : .unchanged
        return report
    }

    static let deprecatedKey = "DEPRECATED_BY_CRAWLER"

    /// What a reader of the catalog would notice.
    private static func differences(_ old: Table, _ new: Table) -> [String] {
        var found: [String] = []
        for column in new.storage.columns {
            guard let known = old.storage.columns.first(where: { $0.name == column.name }) else {
                found.append("new column \(column.name) \(column.typeName)")
                continue
            }
            if known.typeName != column.typeName, known.parameters["pinned"] != "true" {
                found.append("column \(column.name) was \(known.typeName), is \(column.typeName)")
            }
        }
        for column in old.storage.columns where !new.storage.columns.contains(where: { $0.name == column.name }) {
            found.append("column \(column.name) is no longer in the files")
        }
        if old.partitionKeys.map(\.name) != new.partitionKeys.map(\.name) { found.append("other partition keys") }
        if old.storage.serde != new.storage.serde { found.append("other format: \(new.storage.serde)") }
        if old.storage.serdeParameters != new.storage.serdeParameters { found.append("other format properties") }
        if old.storage.location != new.storage.location { found.append("other location: \(new.storage.location)") }
        if old.parameters["skip.header.line.count"] != new.parameters["skip.header.line.count"] {
            found.append("other header")
        }
        return found
    }

    private static func properties(_ table: Table) -> [String: String] {
        table.parameters.filter { $0.key != "transient_lastDdlTime" }
    }

    /// - Returns: whether partitions came or went.
    private func updatePartitions(
        _ built: TableBuilder.Built, _ report: inout CrawlReport.TableReport, _ warnings: inout [String]
    ) throws -> Bool {
        let table = built.table
        guard !table.partitionKeys.isEmpty else { return false }
        let known = Dictionary(
            try store.partitions(table.database, table.name, matching: nil).map { ($0.values, $0) },
            uniquingKeysWith: { first, _ in first })
        let found = Set(built.partitions.map(\.values))
        let new = built.partitions.filter { known[$0.values] == nil }
        if writes { try store.addPartitions(table.database, table.name, new, ifNotExists: true) }
        if !new.isEmpty { report.reasons.append("\(new.count) new partitions") }
        if writes, options.updateBehavior == .updateInDatabase {
            for partition in built.partitions {
                guard let old = known[partition.values] else { continue }
                if old.storage != partition.storage || old.parameters != partition.parameters {
                    try store.updatePartition(table.database, table.name, partition)
                }
            }
        }
        var hasChanged = !new.isEmpty
        let gone = known.filter { !found.contains($0.key) && $0.value.parameters[Self.deprecatedKey] == nil }.map(
            \.value)
        guard !gone.isEmpty, options.recrawlBehavior != .newFoldersOnly else { return hasChanged }
        switch options.deleteBehavior {
        case .log:
            warnings.append("\(gone.count) partitions of \(table.name) have no files any more (delete behavior LOG)")
        case .delete:
            if writes {
                for partition in gone { try store.dropPartition(table.database, table.name, values: partition.values) }
            }
            report.reasons.append("\(gone.count) partitions without files deleted")
            hasChanged = true
        case .deprecate:
            for var partition in gone where writes {
                partition.parameters[Self.deprecatedKey] = String(now)
                try store.updatePartition(table.database, table.name, partition)
            }
            report.reasons.append("\(gone.count) partitions without files deprecated")
            hasChanged = true
        }
        return hasChanged
    }

    /// Tables of this crawler that were not found again.
    private func removeMissing(found: Set<String>, _ warnings: inout [String]) throws -> [CrawlReport.TableReport] {
        guard options.recrawlBehavior != .newFoldersOnly, try store.database(options.database) != nil else { return [] }
        var reports: [CrawlReport.TableReport] = []
        for name in try store.tableNames(options.database) where !found.contains(name) {
            guard var table = try store.table(options.database, name),
                table.parameters["UPDATED_BY_CRAWLER"] == options.name, table.parameters[Self.deprecatedKey] == nil
            else { continue }
            let action: CrawlReport.Action
            switch options.deleteBehavior {
            case .log:
                warnings.append("table \(name) has no files any more (delete behavior LOG)")
                continue
            case .delete:
                action = .deleted
                if writes { try store.dropTable(options.database, name) }
            case .deprecate:
                action = .deprecated
                table.parameters[Self.deprecatedKey] = String(now)
                if writes { try store.updateTable(table) }
            }
            reports.append(
                CrawlReport.TableReport(
                    name: name, action: action, location: table.storage.location,
                    classification: table.parameters["classification"] ?? "", columns: table.storage.columns,
                    partitionKeys: table.partitionKeys, partitions: [], properties: table.parameters,
                    reasons: ["no matching files were found at the table's location"]))
        }
        return reports
    }
}
