import Metastore
import Planning
import SQLTypes
import Storage

/// Says why a query read no file: the usual reason for a result without rows that its writer did not expect.
struct EmptyTableAdvice {
    let store: MetastoreStore
    let fileSystem: any FileSystem
    let locations: LocationResolver
    let cancellation: Cancellation

    /// A sentence for each table of the plan that has nothing to read.
    func warnings(_ plan: LogicalPlan) -> [String] {
        var tables: [String: Table] = [:]
        collect(plan, &tables)
        return tables.sorted { $0.key < $1.key }.compactMap { advice($0.value) }
    }

    private func collect(_ plan: LogicalPlan, _ tables: inout [String: Table]) {
        if case .scan(let scan) = plan, scan.provider == nil {
            tables["\(scan.table.database).\(scan.table.name)"] = scan.table
        }
        for input in plan.inputs { collect(input, &tables) }
    }

    private func advice(_ table: Table) -> String? {
        let name = "\(table.database).\(table.name)"
        if !table.partitionKeys.isEmpty {
            guard (try? store.partitionCount(table.database, table.name)) == 0 else { return nil }
            return
                "Table \(name) has no partitions: run MSCK REPAIR TABLE \(table.name), ALTER TABLE ADD PARTITION or a crawler"
        }
        let location = table.storage.location
        guard let path = try? locations.path(location) else { return nil }
        guard (try? fileSystem.stat(path)) ?? nil != nil else {
            return "Table \(name) has no data: its location \(location) does not exist"
        }
        guard let files = try? fileSystem.listFiles(path, cancellation: cancellation), files.isEmpty else { return nil }
        let hidden = ((try? fileSystem.listFolder(path)) ?? []).filter { $0.hasPrefix("_") || $0.hasPrefix(".") }.count
        return "Table \(name) has no data: its location \(location) holds no files"
            + (hidden > 0 ? " (\(hidden) hidden names that begin with _ or . are not read)" : "")
    }
}
