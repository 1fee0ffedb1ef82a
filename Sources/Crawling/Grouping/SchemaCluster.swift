/// Files whose schemas are alike enough to be one table.
struct SchemaCluster {
    var classification: String
    var columns: [InferredType.Field]
    var csv: FileFinding.CSVLayout?

    /// Glue's threshold.
    static let threshold = 0.7
    /// Distinct schemas at a level above which it is not one table.
    static let maxClusters = 5

    init(_ finding: FileFinding) {
        classification = finding.classification
        columns = finding.columns
        csv = finding.csv
    }

    /// Share of columns that both have under compatible types, 0...1.
    func similarity(_ other: SchemaCluster) -> Double {
        guard classification == other.classification else { return 0 }
        if let left = csv, let right = other.csv {
            guard left.delimiter == right.delimiter else { return 0 }
            // Without names, position is all there is.
            if !left.hasHeader || !right.hasHeader {
                guard columns.count == other.columns.count else { return 0 }
                let same = zip(columns, other.columns).filter { Self.isCompatible($0.type, $1.type) }.count
                return columns.isEmpty ? 0 : Double(same) / Double(columns.count)
            }
        }
        let widest = max(columns.count, other.columns.count)
        guard widest > 0 else { return 0 }
        var types: [String: InferredType] = [:]
        for column in columns { types[column.name.lowercased()] = column.type }
        let common = other.columns.filter { column in
            types[column.name.lowercased()].map { Self.isCompatible($0, column.type) } ?? false
        }.count
        return Double(common) / Double(widest)
    }

    static func isCompatible(_ left: InferredType, _ right: InferredType) -> Bool {
        if left == right || left == .null || right == .null { return true }
        switch (left, right) {
        case (.exact(let a), .exact(let b)): return InferredType.mergedExact(a, b) != nil
        case (.structure, .structure), (.array, .array): return true
        default: return left.merged(with: right) != .string
        }
    }

    /// Adds the columns of `other` and widens types; CSV without headers merges by position.
    mutating func absorb(_ other: SchemaCluster) {
        let isPositional = csv.map { !$0.hasHeader } ?? false
        for (position, column) in other.columns.enumerated() {
            let index =
                isPositional
                ? (position < columns.count ? position : nil)
                : columns.firstIndex { $0.name.lowercased() == column.name.lowercased() }
            if let index {
                columns[index].type = columns[index].type.merged(with: column.type)
            } else {
                columns.append(column)
            }
        }
        if var merged = csv, let layout = other.csv {
            merged.usesQuotes = merged.usesQuotes || layout.usesQuotes
            merged.hasEmbeddedNewlines = merged.hasEmbeddedNewlines || layout.hasEmbeddedNewlines
            merged.quote = merged.quote ?? layout.quote
            csv = merged
        }
    }

    /// Distinct schemas among `all`; equal ones are counted once.
    static func distinct(_ all: [SchemaCluster]) -> [SchemaCluster] {
        var found: [SchemaCluster] = []
        for cluster in all
        where !found.contains(where: {
            $0.columns == cluster.columns && $0.classification == cluster.classification
                && $0.csv?.delimiter == cluster.csv?.delimiter
        }) {
            found.append(cluster)
        }
        return found
    }
}
