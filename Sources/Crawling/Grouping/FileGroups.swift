import Storage

/// The files of one folder, sorted into those that can be one table.
struct FileGroups {
    struct Group {
        var files: [FileEntry] = []
        /// Distinct schemas; the first is the one that others are compared to.
        var schemas: [SchemaCluster]
        /// The smallest similarity to the first.
        var similarity = 1.0

        var merged: SchemaCluster {
            var schema = schemas[0]
            for other in schemas.dropFirst() { schema.absorb(other) }
            return schema
        }
    }

    private(set) var groups: [Group] = []
    private let combines: Bool

    /// With `combines` similarity is not looked at.
    init(_ files: [(entry: FileEntry, finding: FileFinding)], combines: Bool) {
        self.combines = combines
        // Most files repeat a schema exactly; the widest come first, so that others find their columns in them.
        let schemas = files.map { SchemaCluster($0.finding) }
        var known: [SchemaCluster: Int] = [:]
        var distinct: [SchemaCluster] = []
        for schema in schemas where known.updateValue(0, forKey: schema) == nil { distinct.append(schema) }
        for schema in SchemaCluster.widestFirst(distinct) { known[schema] = place(schema) }
        for (file, schema) in zip(files, schemas) {
            if let index = known[schema] { groups[index].files.append(file.entry) }
        }
    }

    private mutating func place(_ schema: SchemaCluster) -> Int {
        for index in groups.indices {
            guard
                groups[index].schemas.allSatisfy({
                    $0.classification == schema.classification && $0.isReadAlike(schema)
                })
            else { continue }
            let similarity = groups[index].schemas[0].similarity(schema)
            let isSame = groups[index].schemas.contains { $0.isSameSchema(schema) }
            guard combines || isSame || similarity > SchemaCluster.threshold else { continue }
            SchemaCluster.add(schema, to: &groups[index].schemas)
            if !isSame { groups[index].similarity = min(groups[index].similarity, similarity) }
            return index
        }
        groups.append(Group(schemas: [schema]))
        return groups.count - 1
    }

    /// The group that is the folder's table: the only one, or one with most of the files; nil when every file is a
    /// table of its own.
    var main: Group? {
        guard let largest = groups.max(by: { $0.files.count < $1.files.count }) else { return nil }
        guard combines || largest.schemas.count <= SchemaCluster.maxClusters else { return nil }
        if groups.count == 1 { return largest }
        let count = groups.reduce(0) { $0 + $1.files.count }
        return largest.files.count > 1 && largest.files.count * 2 > count ? largest : nil
    }

    /// Why there is no main group.
    var whyNone: String {
        if let crowded = groups.first(where: { $0.schemas.count > SchemaCluster.maxClusters }) {
            return "its folder holds \(crowded.schemas.count) schemas (\(SchemaCluster.maxClusters) at most make one "
                + "table); --grouping combine makes one table of them"
        }
        guard groups.count > 1 else { return "" }
        let bySize = groups.sorted { $0.files.count > $1.files.count }
        let first = bySize[0].schemas[0]
        let second = bySize[1].schemas[0]
        if first.classification != second.classification {
            return "its folder holds files of several formats (\(first.classification), \(second.classification))"
        }
        let similarity = first.similarity(second)
        if !first.isReadAlike(second), similarity > SchemaCluster.threshold {
            guard let left = first.csv, let right = second.csv, !left.isReadAlike(right) else {
                return "its folder holds files with columns in another order, and delimited text is read by position"
            }
            return "its folder holds files of another layout (\(Self.difference(left, right)))"
        }
        return "its folder holds files of unlike schemas (similarity \(Self.percent(similarity)), more than "
            + "\(Self.percent(SchemaCluster.threshold)) needed)"
    }

    private static func difference(_ left: FileFinding.CSVLayout, _ right: FileFinding.CSVLayout) -> String {
        if left.delimiter != right.delimiter {
            return "delimiters \(CSVClassifier.display(left.delimiter)) and \(CSVClassifier.display(right.delimiter))"
        }
        if left.hasHeader != right.hasHeader { return "with and without a header" }
        if left.skippedLineCount != right.skippedLineCount { return "other numbers of lines before the data" }
        if left.encoding != right.encoding {
            return "encodings \(left.encoding ?? "ASCII") and \(right.encoding ?? "ASCII")"
        }
        return "other quotes or escapes"
    }

    static func percent(_ share: Double) -> String {
        let hundredths = Int(share * 100 + 0.5)
        return "\(hundredths / 100).\(String(hundredths % 100 + 100).dropFirst())"
    }
}
