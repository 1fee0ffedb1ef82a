import SQLTypes
import Storage

/// Decides what is one table: walks the folders bottom-up and merges children that are alike.
///
/// ```
/// lake/flights/year=2013/month=1/a.parquet   } k=v folders of one key, similar schemas: partitions of `flights`
/// lake/flights/year=2013/month=2/b.parquet   }
/// lake/airports/x.csv                          another schema: a table of its own
/// ```
struct TableGrouper {
    let options: CrawlOptions
    let findings: [String: FileFinding]

    /// What lies below a folder: one table's worth of leaves, or several tables.
    private enum Subtree {
        case empty
        case uniform(Uniform)
        case tables([TableCandidate])
    }

    private struct Uniform {
        /// Partition keys of the levels below, outermost first.
        var keys: [String]
        var leaves: [TableCandidate.Leaf]
        var clusters: [SchemaCluster]
        var reasons: [String]
        var warnings: [String]
    }

    /// The tables of one include path.
    func tables(of root: LakeFolder, rootLevel: Int) -> [TableCandidate] {
        switch analyse(root, level: rootLevel, isRoot: true) {
        case .empty: return []
        case .uniform(let uniform): return [candidate(root, uniform)]
        case .tables(let tables): return tables
        }
    }

    private func analyse(_ folder: LakeFolder, level: Int, isRoot: Bool) -> Subtree {
        let children = folder.folders.map { ($0, analyse($0, level: level + 1, isRoot: false)) }.filter {
            if case .empty = $0.1 { false } else { true }
        }
        if let wanted = options.tableLevel {
            if level < wanted { return .tables(children.flatMap { tables($0.0, $0.1) } + looseTables(folder)) }
            if level == wanted, let merged = forced(folder, children) { return .tables([merged]) }
        }
        if children.isEmpty { return leaf(folder, isRoot: isRoot) }
        if let merged = merge(folder, children, isRoot: isRoot) {
            return folder.files.isEmpty ? .uniform(merged) : mixed(folder, merged, children)
        }
        return .tables(children.flatMap { tables($0.0, $0.1) } + looseTables(folder))
    }

    private func tables(_ folder: LakeFolder, _ subtree: Subtree) -> [TableCandidate] {
        switch subtree {
        case .empty: []
        case .uniform(let uniform): [candidate(folder, uniform)]
        case .tables(let tables): tables
        }
    }

    private func candidate(_ folder: LakeFolder, _ uniform: Uniform) -> TableCandidate {
        var schema = uniform.clusters[0]
        for cluster in uniform.clusters.dropFirst() { schema.absorb(cluster) }
        return TableCandidate(
            sourceName: folder.name, path: folder.path, partitionKeys: uniform.keys, leaves: uniform.leaves,
            schema: schema,
            reasons: uniform.reasons, warnings: uniform.warnings)
    }

    // MARK: - Files of one folder

    private func clusters(_ files: [FileEntry]) -> [SchemaCluster] {
        SchemaCluster.distinct(files.compactMap { findings[$0.path] }.map(SchemaCluster.init))
    }

    /// A folder of files alone: one table when they are alike, else a table a file.
    private func leaf(_ folder: LakeFolder, isRoot: Bool) -> Subtree {
        let clusters = clusters(folder.files)
        guard !clusters.isEmpty else { return .empty }
        guard let comparison = compare(clusters) else {
            return .tables(looseTables(folder))
        }
        return .uniform(
            Uniform(
                keys: [], leaves: [TableCandidate.Leaf(values: [], path: folder.path, files: folder.files)],
                clusters: clusters, reasons: ["\(folder.files.count) files of one folder, " + comparison], warnings: [])
        )
    }

    /// A table for each group of like files.
    private func looseTables(_ folder: LakeFolder) -> [TableCandidate] {
        folder.files.compactMap { file in
            guard let finding = findings[file.path] else { return nil }
            return TableCandidate(
                sourceName: LakeFolder.lastPart(file.path), path: file.path, isFile: true,
                leaves: [TableCandidate.Leaf(values: [], path: file.path, files: [file])],
                schema: SchemaCluster(finding),
                reasons: ["the file is unlike the others at its level"])
        }
    }

    /// Why schemas are one table, or nil when they are not.
    private func compare(_ clusters: [SchemaCluster]) -> String? {
        guard clusters.allSatisfy({ $0.classification == clusters[0].classification }) else { return nil }
        if clusters.count == 1 { return "one schema" }
        if options.combinesCompatibleSchemas { return "\(clusters.count) schemas combined (grouping combine)" }
        guard clusters.count <= SchemaCluster.maxClusters else { return nil }
        let lowest = clusters.dropFirst().map { clusters[0].similarity($0) }.min() ?? 1
        guard lowest > SchemaCluster.threshold else { return nil }
        return "\(clusters.count) schemas of similarity \(Self.percent(lowest)) or more"
    }

    private static func percent(_ share: Double) -> String { "0." + String(Int(share * 100 + 0.5) + 100).dropFirst() }

    // MARK: - Folders of folders

    /// The children as partitions of one table, or nil.
    private func merge(_ folder: LakeFolder, _ children: [(LakeFolder, Subtree)], isRoot: Bool) -> Uniform? {
        var uniforms: [(LakeFolder, Uniform)] = []
        for (child, subtree) in children {
            guard case .uniform(let uniform) = subtree else { return nil }
            uniforms.append((child, uniform))
        }
        guard let first = uniforms.first?.1 else { return nil }
        // Every child has the same levels below.
        guard uniforms.allSatisfy({ Self.hasSameLevels($0.1.keys, first.keys) }) else { return nil }
        let parsed = uniforms.map { PartitionFolder.parse($0.0.name) }
        let keys = Set(parsed.map { $0?.key.lowercased() ?? "" })
        let isNamed = keys.count == 1 && keys.first != ""
        guard isNamed || parsed.allSatisfy({ $0 == nil }) else { return nil }
        // Unnamed folders right below the include path are tables, unless there are several of one schema.
        if !isNamed, isRoot, uniforms.count < 2 { return nil }
        let clusters = SchemaCluster.distinct(uniforms.flatMap(\.1.clusters))
        guard let comparison = compare(clusters) else { return nil }
        if !isNamed, isRoot, clusters.count > 1, !options.combinesCompatibleSchemas { return nil }
        let key = isNamed ? keys.first ?? "" : ""
        let leaves = zip(uniforms, parsed).flatMap { child, pair in
            child.1.leaves.map { leaf in
                TableCandidate.Leaf(
                    values: [pair?.value ?? child.0.name] + leaf.values, path: leaf.path, files: leaf.files)
            }
        }
        var warnings = uniforms.flatMap(\.1.warnings)
        if !isNamed {
            warnings.append(
                "the folders below \(folder.path) are taken as a partition level because their schemas are alike; "
                    + "use --table-level if they are tables")
        }
        let level = isNamed ? "\(uniforms.count) folders \(key)=..., " : "\(uniforms.count) folders of like schemas, "
        return Uniform(
            keys: [key] + first.keys, leaves: leaves, clusters: clusters, reasons: [level + comparison] + first.reasons,
            warnings: warnings)
    }

    private static func hasSameLevels(_ left: [String], _ right: [String]) -> Bool { left == right }

    /// Files beside partition folders: the files are tables of their own, and said to be.
    private func mixed(_ folder: LakeFolder, _ merged: Uniform, _ children: [(LakeFolder, Subtree)]) -> Subtree {
        var table = candidate(folder, merged)
        table.warnings.append("files beside the partition folders of \(folder.path) are tables of their own")
        return .tables([table] + looseTables(folder))
    }

    /// With `--table-level`: everything below is one table, whatever it looks like.
    private func forced(_ folder: LakeFolder, _ children: [(LakeFolder, Subtree)]) -> TableCandidate? {
        var leaves: [TableCandidate.Leaf] = []
        collect(folder, [], &leaves)
        let files = leaves.flatMap(\.files)
        let found = clusters(files)
        guard var schema = found.first else { return nil }
        for cluster in found.dropFirst() where cluster.classification == schema.classification {
            schema.absorb(cluster)
        }
        let depth = leaves.map(\.values.count).max() ?? 0
        var keys = [String](repeating: "", count: depth)
        for leaf in leaves {
            for (index, value) in leaf.values.enumerated() {
                if let pair = PartitionFolder.parse(value) { keys[index] = pair.key.lowercased() }
            }
        }
        var warnings: [String] = []
        let usable = leaves.filter { $0.values.count == depth }
        if usable.count < leaves.count { warnings.append("files at other depths than \(depth) are left out") }
        return TableCandidate(
            sourceName: folder.name, path: folder.path, partitionKeys: keys,
            leaves: usable.map { leaf in
                TableCandidate.Leaf(
                    values: leaf.values.map { PartitionFolder.parse($0)?.value ?? $0 }, path: leaf.path,
                    files: leaf.files)
            }, schema: schema, reasons: ["table level \(options.tableLevel ?? 0)"], warnings: warnings)
    }

    private func collect(_ folder: LakeFolder, _ values: [String], _ leaves: inout [TableCandidate.Leaf]) {
        if !folder.files.isEmpty {
            leaves.append(TableCandidate.Leaf(values: values, path: folder.path, files: folder.files))
        }
        for child in folder.folders { collect(child, values + [child.name], &leaves) }
    }
}
