import Metastore
import SQLTypes

/// Brings the catalog in line with what was found, by the crawler's change policies. Runs inside one transaction;
/// with `writes` false it only says what it would do.
struct CatalogUpdater {
    let store: MetastoreStore
    let options: CrawlOptions
    let writes: Bool
    /// Without a catalog there is nothing to compare with, and a plan does not make one.
    let hasCatalog: Bool
    /// Milliseconds since 1970.
    let now: Int64
    let runID: String
    /// What the include paths are, as locations: tables of the crawler elsewhere are left alone.
    let includeLocations: [String]

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
        guard hasCatalog, let known = try store.table(found.database, found.name) else {
            if writes {
                try store.createTable(marked(found))
                try store.addPartitions(found.database, found.name, built.partitions)
            }
            return report
        }
        var isChanged = false
        let differences = Self.differences(known, found)
        if !differences.isEmpty || Self.properties(known) != Self.properties(found) {
            if options.updateBehavior == .log || options.recrawlBehavior == .newFoldersOnly {
                if !differences.isEmpty {
                    let why =
                        options.recrawlBehavior == .newFoldersOnly
                        ? "only new folders are crawled" : "update behavior LOG"
                    report.reasons += differences.map { "not changed (\(why)): " + $0 }
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
                    return CatalogColumn(
                        name: column.name, typeName: column.typeName, comment: old.comment, parameters: old.parameters)
                }
                for (key, value) in known.parameters
                where table.parameters[key] == nil && !Self.crawlerKeys.contains(key) {
                    table.parameters[key] = value
                }
                if writes { try store.updateTable(marked(table)) }
                report.columns = table.storage.columns
                report.reasons += differences
                isChanged = !differences.isEmpty
                if known.parameters[Self.deprecatedKey] != nil {
                    report.reasons.append("no longer deprecated: its files are back")
                    isChanged = true
                }
            }
        }
        let partitions = try updatePartitions(built, &report, &warnings)
        report.action = isChanged || partitions ? .updated : .unchanged
        return report
    }

    static let deprecatedKey = "DEPRECATED_BY_CRAWLER"
    private static let runKey = "CRAWL_RUN_ID"
    /// Properties that go when a crawl does not find them again; others are the owner's and stay.
    private static let crawlerKeys: Set<String> = [
        deprecatedKey, runKey, "skip.header.line.count", "delimiter", "areColumnsQuoted", "columnsOrdered",
        "exclusions",
        "partition_filtering.enabled",
    ]

    private func marked(_ table: Table) -> Table {
        var table = table
        table.parameters[Self.runKey] = runID
        return table
    }

    /// What a reader of the catalog would notice.
    private static func differences(_ old: Table, _ new: Table) -> [String] {
        var found: [String] = []
        for column in new.storage.columns {
            guard let known = old.storage.columns.first(where: { $0.name == column.name }) else {
                found.append("new column \(column.name) \(column.typeName)")
                continue
            }
            if known.typeName != column.typeName {
                found.append("column \(column.name) was \(known.typeName), is \(column.typeName)")
            }
        }
        for column in old.storage.columns where !new.storage.columns.contains(where: { $0.name == column.name }) {
            found.append("column \(column.name) is no longer in the files")
        }
        if old.partitionKeys.map(\.name) != new.partitionKeys.map(\.name) { found.append("other partition keys") }
        for (known, key) in zip(old.partitionKeys, new.partitionKeys) where known.typeName != key.typeName {
            found.append("partition key \(key.name) was \(known.typeName), is \(key.typeName)")
        }
        if old.storage.serde != new.storage.serde { found.append("other format: \(new.storage.serde)") }
        if old.storage.serdeParameters != new.storage.serdeParameters { found.append("other format properties") }
        if old.storage.location != new.storage.location { found.append("other location: \(new.storage.location)") }
        if old.parameters["skip.header.line.count"] != new.parameters["skip.header.line.count"] {
            found.append("other header")
        }
        return found
    }

    private static func properties(_ table: Table) -> [String: String] {
        table.parameters.filter { $0.key != "transient_lastDdlTime" && $0.key != runKey }
    }

    /// - Returns: whether partitions came, went or changed.
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
        if !new.isEmpty { report.reasons.append(Counted.text(new.count, "new partition")) }
        var hasChanged = !new.isEmpty
        if options.updateBehavior == .updateInDatabase, options.recrawlBehavior != .newFoldersOnly {
            let changed = built.partitions.filter { partition in
                known[partition.values].map { $0.storage != partition.storage || $0.parameters != partition.parameters }
                    ?? false
            }
            if writes { for partition in changed { try store.updatePartition(table.database, table.name, partition) } }
            let isNoteworthy = changed.count { partition in
                known[partition.values].map {
                    $0.storage != partition.storage || $0.parameters[Self.deprecatedKey] != nil
                        || $0.parameters["sizeKey"] != partition.parameters["sizeKey"]
                } ?? false
            }
            if isNoteworthy > 0 {
                report.reasons.append(Counted.text(isNoteworthy, "changed partition"))
                hasChanged = true
            }
        }
        let gone = known.filter { !found.contains($0.key) && $0.value.parameters[Self.deprecatedKey] == nil }.map(
            \.value)
        guard !gone.isEmpty, options.recrawlBehavior != .newFoldersOnly else { return hasChanged }
        let partitions = Counted.text(gone.count, "partition")
        switch options.deleteBehavior {
        case .log: warnings.append("\(partitions) of \(table.name) without files (delete behavior LOG)")
        case .delete:
            if writes {
                for partition in gone { try store.dropPartition(table.database, table.name, values: partition.values) }
            }
            report.reasons.append("\(partitions) without files deleted")
            hasChanged = true
        case .deprecate:
            for var partition in gone where writes {
                partition.parameters[Self.deprecatedKey] = String(now)
                try store.updatePartition(table.database, table.name, partition)
            }
            report.reasons.append("\(partitions) without files deprecated")
            hasChanged = true
        }
        return hasChanged
    }

    /// Tables of this crawler that were not found again.
    private func removeMissing(found: Set<String>, _ warnings: inout [String]) throws -> [CrawlReport.TableReport] {
        guard hasCatalog, options.recrawlBehavior != .newFoldersOnly, try store.database(options.database) != nil else {
            return []
        }
        var reports: [CrawlReport.TableReport] = []
        for name in try store.tableNames(options.database) where !found.contains(name) {
            guard var table = try store.table(options.database, name),
                table.parameters["UPDATED_BY_CRAWLER"] == options.name, table.parameters[Self.deprecatedKey] == nil,
                isIncluded(table.storage.location)
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

    private func isIncluded(_ location: String) -> Bool {
        includeLocations.contains { location == $0 || location.hasPrefix($0 + "/") }
    }
}
