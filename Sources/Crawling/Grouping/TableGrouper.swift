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
    /// Files that no classifier knows.
    let unreadable: Set<String>

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
        /// Distinct schemas of the leaves.
        var schemas: [SchemaCluster]
        var strays: [FileEntry]
        var reasons: [String]
        var warnings: [String]
    }

    /// The tables of one include path.
    func tables(of root: LakeFolder, rootLevel: Int) -> [TableCandidate] {
        tables(root, analyse(root, level: rootLevel, isRoot: true))
    }

    private func analyse(_ folder: LakeFolder, level: Int, isRoot: Bool) -> Subtree {
        if let wanted = options.tableLevel, level == wanted {
            return forced(folder).map { .tables([$0]) } ?? .empty
        }
        let children = folder.folders.map { ($0, analyse($0, level: level + 1, isRoot: false)) }.filter {
            if case .empty = $0.1 { false } else { true }
        }
        if let wanted = options.tableLevel, level < wanted {
            return .tables(children.flatMap { tables($0.0, $0.1) } + looseTables(folder.files, "above the table level"))
        }
        if children.isEmpty { return leaf(folder) }
        var why: String?
        if let merged = merge(folder, children, isRoot: isRoot, &why) {
            return folder.files.isEmpty ? .uniform(merged) : mixed(folder, merged)
        }
        var found = children.flatMap { tables($0.0, $0.1) }
        if let why { for index in found.indices { found[index].reasons.insert(why, at: 0) } }
        return .tables(found + looseTables(folder.files, "it lies beside folders of other tables"))
    }

    private func tables(_ folder: LakeFolder, _ subtree: Subtree) -> [TableCandidate] {
        switch subtree {
        case .empty: return []
        case .uniform(let uniform):
            let main = candidate(folder, uniform)
            // Beside an unpartitioned table, files of other kinds are tables; among partitions they are left alone.
            guard uniform.keys.isEmpty else { return [main] }
            return [main] + looseTables(uniform.strays, groups(folder.files).whyNone)
        case .tables(let tables): return tables
        }
    }

    private func candidate(_ folder: LakeFolder, _ uniform: Uniform) -> TableCandidate {
        var uniform = uniform
        dropRepeatedValues(&uniform)
        var schema = uniform.leaves[0].schema
        for leaf in uniform.leaves.dropFirst() where leaf.schema != schema { schema.absorb(leaf.schema) }
        let count = uniform.leaves.reduce(0) { $0 + $1.files.count }
        var table = TableCandidate(
            sourceName: folder.name, path: folder.path, partitionKeys: uniform.keys, leaves: uniform.leaves,
            schema: schema, strays: uniform.strays,
            reasons: ["\(Counted.text(count, "file")) in \(Counted.text(uniform.leaves.count, "folder"))"],
            warnings: uniform.warnings)
        for reason in uniform.reasons + schema.conflicts where !table.reasons.contains(reason) {
            table.reasons.append(reason)
        }
        if uniform.keys.contains("") {
            table.warnings.append(
                "the folders below \(folder.path) became partitions of one table because their schemas are alike; "
                    + "--table-level makes them tables")
        }
        // Files of no known format have a warning of their own.
        let others = uniform.strays.filter { !unreadable.contains($0.path) }
        if !others.isEmpty {
            table.warnings.append(
                "\(Counted.text(others.count, "file")) below \(folder.path) excluded from its table, being of another "
                    + "format, layout or schema: \(Self.names(others))")
        }
        return table
    }

    /// Two folders can spell the same values (`k=a b` and `k=a%20b`); a partition has one folder.
    private func dropRepeatedValues(_ uniform: inout Uniform) {
        guard !uniform.keys.isEmpty else { return }
        var first: [[String]: String] = [:]
        var dropped: [String] = []
        uniform.leaves.removeAll { leaf in
            guard let known = first.updateValue(leaf.path, forKey: leaf.values) else { return false }
            first[leaf.values] = known
            dropped.append("folder \(leaf.path) left out: it has the partition values of \(known)")
            return true
        }
        uniform.warnings += dropped
    }

    /// The first few names.
    static func names(_ files: [FileEntry]) -> String {
        let shown = files.prefix(3).map { LakeFolder.lastPart($0.path) }.joined(separator: ", ")
        return files.count > 3 ? shown + ", ..." : shown
    }

    // MARK: - Files of one folder

    private func groups(_ files: [FileEntry]) -> FileGroups {
        FileGroups(
            files.compactMap { file in findings[file.path].map { (file, $0) } },
            combines: options.combinesCompatibleSchemas)
    }

    /// A folder of files alone: one table when most are alike, else a table a file.
    private func leaf(_ folder: LakeFolder) -> Subtree {
        let groups = groups(folder.files)
        guard !groups.groups.isEmpty else { return .empty }
        guard let main = groups.main else { return .tables(looseTables(folder.files, groups.whyNone)) }
        let schema = main.merged
        let own = files(folder.files, of: main)
        let reasons = main.schemas.count > 1 ? ["one folder: " + comparison(main.schemas.count, main.similarity)] : []
        return .uniform(
            Uniform(
                keys: [],
                leaves: [TableCandidate.Leaf(values: [], path: folder.path, files: own.files, schema: schema)],
                schemas: main.schemas, strays: own.strays, reasons: reasons, warnings: []))
    }

    /// The files of a group, and with them files that were not sampled; apart from these those of other kinds.
    private func files(_ files: [FileEntry], of group: FileGroups.Group) -> (files: [FileEntry], strays: [FileEntry]) {
        let own = Set(group.files.map(\.path))
        func belongs(_ file: FileEntry) -> Bool {
            own.contains(file.path) || (findings[file.path] == nil && !unreadable.contains(file.path))
        }
        return (files.filter(belongs), files.filter { !belongs($0) })
    }

    private func comparison(_ count: Int, _ similarity: Double) -> String {
        options.combinesCompatibleSchemas
            ? "\(count) schemas combined (grouping combine)"
            : "\(count) schemas, similarity \(FileGroups.percent(similarity)) or more"
    }

    /// A table for each file.
    private func looseTables(_ files: [FileEntry], _ reason: String) -> [TableCandidate] {
        files.compactMap { file in
            guard let finding = findings[file.path] else { return nil }
            let schema = SchemaCluster(finding)
            return TableCandidate(
                sourceName: LakeFolder.lastPart(file.path), path: file.path, isFile: true,
                leaves: [TableCandidate.Leaf(values: [], path: file.path, files: [file], schema: schema)],
                schema: schema, reasons: reason.isEmpty ? [] : ["a table of one file: " + reason])
        }
    }

    // MARK: - Folders of folders

    /// The children as partitions of one table, or nil, with the reason where it is worth knowing.
    private func merge(
        _ folder: LakeFolder, _ children: [(LakeFolder, Subtree)], isRoot: Bool, _ why: inout String?
    ) -> Uniform? {
        let parsed = children.map { PartitionFolder.parse($0.0.name) }
        let keys = Set(parsed.map { $0?.key.lowercased() ?? "" })
        let isNamed = keys.count == 1 && keys.first != ""
        var uniforms: [(LakeFolder, Uniform)] = []
        for (child, subtree) in children {
            guard case .uniform(let uniform) = subtree else {
                let isUniform = children.contains { if case .uniform = $0.1 { true } else { false } }
                if isNamed, isUniform { why = "not a partition: other folders beside it hold several tables" }
                return nil
            }
            uniforms.append((child, uniform))
        }
        guard let first = uniforms.first?.1 else { return nil }
        guard isNamed || parsed.allSatisfy({ $0 == nil }) else {
            why = "not a partition: the folders below \(folder.path) have several keys"
            return nil
        }
        // Every child has the same levels below.
        guard uniforms.allSatisfy({ $0.1.keys == first.keys }) else {
            if isNamed || !isRoot { why = "not a partition: the folders below \(folder.path) have other levels" }
            return nil
        }
        // A single folder right below the include path is a table.
        if !isNamed, isRoot, uniforms.count < 2 { return nil }
        var schemas: [SchemaCluster] = []
        // Folders that are named as partitions may have gained columns over time.
        for schema in SchemaCluster.widestFirst(uniforms.flatMap(\.1.schemas)) {
            SchemaCluster.add(schema, to: &schemas, takesParts: isNamed)
        }
        guard let comparison = compare(schemas, isNamed: isNamed, isRoot: isRoot, &why) else { return nil }
        let key = isNamed ? keys.first ?? "" : ""
        let leaves = zip(uniforms, parsed).flatMap { child, pair in
            child.1.leaves.map { leaf in
                var leaf = leaf
                leaf.values.insert(pair?.value ?? child.0.name, at: 0)
                return leaf
            }
        }
        var warnings: [String] = []
        for warning in uniforms.flatMap(\.1.warnings) where !warnings.contains(warning) { warnings.append(warning) }
        let folders = Counted.text(uniforms.count, "folder")
        var level = isNamed ? "\(folders) \(key)=..." : "\(folders) of like schemas"
        let widths = Set(uniforms.flatMap(\.1.leaves).map(\.schema.columns.count))
        if schemas.count == 1, isNamed, let least = widths.min(), let most = widths.max(), least < most {
            level += ", with \(least) to \(most) of the columns"
        }
        return Uniform(
            keys: [key] + first.keys, leaves: leaves, schemas: schemas, strays: uniforms.flatMap(\.1.strays),
            reasons: [comparison.isEmpty ? level : level + ", " + comparison] + first.reasons, warnings: warnings)
    }

    /// Why schemas of several folders are one table, or nil when they are not.
    private func compare(_ schemas: [SchemaCluster], isNamed: Bool, isRoot: Bool, _ why: inout String?) -> String? {
        guard let first = schemas.first else { return nil }
        let advice = "; --grouping combine makes one table of them"
        guard schemas.allSatisfy({ $0.classification == first.classification }) else {
            if isNamed { why = "not a partition: the folders beside it hold files of other formats" }
            return nil
        }
        if schemas.count == 1 { return "" }
        let lowest = schemas.dropFirst().map { first.similarity($0) }.min() ?? 1
        if options.combinesCompatibleSchemas { return comparison(schemas.count, lowest) }
        guard lowest > SchemaCluster.threshold else {
            // Unlike folders right below the include path are what one expects.
            if isNamed || !isRoot {
                why =
                    "not a partition: the schemas of the folders beside it are unlike (similarity "
                    + "\(FileGroups.percent(lowest)), more than \(FileGroups.percent(SchemaCluster.threshold)) needed)"
                    + advice
            }
            return nil
        }
        guard schemas.count <= SchemaCluster.maxClusters else {
            why =
                "not a partition: the folders beside it have \(schemas.count) schemas "
                + "(\(SchemaCluster.maxClusters) at most make one table)" + advice
            return nil
        }
        return comparison(schemas.count, lowest)
    }

    /// Files beside partition folders: the files are tables of their own, and said to be.
    private func mixed(_ folder: LakeFolder, _ merged: Uniform) -> Subtree {
        .tables([candidate(folder, merged)] + looseTables(folder.files, "it lies beside partition folders"))
    }

    // MARK: - A given level

    /// With `--table-level`: everything below is one table, whatever it looks like.
    private func forced(_ folder: LakeFolder) -> TableCandidate? {
        var found: [TableCandidate.Leaf] = []
        collect(folder, [], &found)
        guard let first = found.first else { return nil }
        var warnings: [String] = []
        let depth = found.map(\.values.count).max() ?? 0
        var leaves: [TableCandidate.Leaf] = []
        for leaf in found {
            if leaf.values.count != depth {
                warnings.append(
                    "files in \(leaf.path) left out: they lie at another depth than the partitions")
            } else if leaf.schema.classification != first.schema.classification {
                warnings.append("files in \(leaf.path) left out: they are \(leaf.schema.classification)")
            } else {
                leaves.append(leaf)
            }
        }
        guard !leaves.isEmpty else { return nil }
        var keys = [String](repeating: "", count: depth)
        for leaf in leaves {
            for (index, value) in leaf.values.enumerated() {
                if let pair = PartitionFolder.parse(value) { keys[index] = pair.key.lowercased() }
            }
        }
        for index in leaves.indices {
            leaves[index].values = leaves[index].values.map { PartitionFolder.parse($0)?.value ?? $0 }
        }
        let own = Set(leaves.flatMap { $0.files.map(\.path) })
        let used = Set(leaves.map(\.path))
        var strays: [FileEntry] = []
        collectFiles(folder) { file, path in
            if used.contains(path), !own.contains(file.path) { strays.append(file) }
        }
        return candidate(
            folder,
            Uniform(
                keys: keys, leaves: leaves, schemas: [], strays: strays,
                reasons: ["all below table level \(options.tableLevel ?? 0)"], warnings: warnings))
    }

    private func collect(_ folder: LakeFolder, _ values: [String], _ leaves: inout [TableCandidate.Leaf]) {
        let groups = FileGroups(
            folder.files.compactMap { file in findings[file.path].map { (file, $0) } }, combines: true)
        if let main = groups.groups.max(by: { $0.files.count < $1.files.count }) {
            leaves.append(
                TableCandidate.Leaf(
                    values: values, path: folder.path, files: files(folder.files, of: main).files, schema: main.merged))
        }
        for child in folder.folders { collect(child, values + [child.name], &leaves) }
    }

    private func collectFiles(_ folder: LakeFolder, _ body: (FileEntry, String) -> Void) {
        for file in folder.files { body(file, folder.path) }
        for child in folder.folders { collectFiles(child, body) }
    }
}
