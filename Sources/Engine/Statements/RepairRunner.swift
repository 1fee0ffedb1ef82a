import Metastore
import SQLSyntax
import SQLTypes
import Storage

/// MSCK REPAIR TABLE: compares the folders below the table's location with the catalog's partitions, and adds, drops
/// or both, in one transaction.
///
/// Unlike Athena's, folders' keys match in any case and `:` in values is no obstacle.
struct RepairRunner {
    let store: MetastoreStore
    let fileSystem: any FileSystem
    let locations: LocationResolver
    let cancellation: Cancellation

    func run(_ table: Table, _ mode: RepairMode) throws -> [String] {
        guard !table.partitionKeys.isEmpty else { return [] }
        let root = try locations.path(table.storage.location)
        guard try fileSystem.stat(root) != nil else {
            throw QueryError(
                .hiveFileNotFound, "The location \(table.storage.location) of table \(table.name) does not exist")
        }
        var found: [[String]: String] = [:]
        try collect(root, "", [], table.partitionKeys.map { $0.name.lowercased() }, &found)
        let known = Dictionary(
            try store.partitions(table.database, table.name, matching: nil).map { ($0.values, $0) },
            uniquingKeysWith: { first, _ in first })
        var lines: [String] = []
        let label = { (values: [String]) in
            table.name + ":" + PartitionFolder.path(keys: table.partitionKeys.map(\.name), values: values)
        }
        let missing = found.keys.filter { known[$0] == nil }.sorted { $0.lexicographicallyPrecedes($1) }
        var gone: [[String]] = []
        if mode != .add {
            gone = try known.values.filter { try fileSystem.stat(locations.path($0.storage.location)) == nil }
                .map(\.values).sorted { $0.lexicographicallyPrecedes($1) }
        }
        if !missing.isEmpty {
            lines.append("Partitions not in metastore:\t" + missing.map(label).joined(separator: "\t"))
        }
        if !gone.isEmpty {
            lines.append("Partitions missing from filesystem:\t" + gone.map(label).joined(separator: "\t"))
        }
        let base = table.storage.location.hasSuffix("/") ? table.storage.location : table.storage.location + "/"
        try store.transaction {
            if mode != .drop, !missing.isEmpty {
                let added = missing.map { values in
                    var storage = table.storage
                    storage.location = base + (found[values] ?? "") + "/"
                    return Partition(values: values, storage: storage)
                }
                try store.addPartitions(table.database, table.name, added, ifNotExists: true)
                lines += missing.map { "Repair: Added partition to metastore \(label($0))" }
            }
            if mode != .add {
                for values in gone { try store.dropPartition(table.database, table.name, values: values) }
                lines += gone.map { "Repair: Dropped partition from metastore \(label($0))" }
            }
        }
        return lines
    }

    /// Folders `k1=v1/k2=v2` below `folder`, by their values; the text is the path relative to the table.
    private func collect(
        _ folder: String, _ relative: String, _ values: [String], _ keys: [String], _ found: inout [[String]: String]
    ) throws {
        try cancellation.check()
        if values.count == keys.count {
            found[values] = relative
            return
        }
        for name in try fileSystem.listFolder(folder)
        where name.hasSuffix("/") && !name.hasPrefix(".") && !name.hasPrefix("_") {
            let plain = String(name.dropLast())
            guard let (key, value) = PartitionFolder.parse(plain), key.lowercased() == keys[values.count] else {
                continue
            }
            try collect(
                folder + "/" + plain, relative.isEmpty ? plain : relative + "/" + plain, values + [value], keys, &found)
        }
    }
}
