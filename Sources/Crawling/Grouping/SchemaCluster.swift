/// A schema that files share: what one table, or one partition, will have.
struct SchemaCluster: Hashable {
    var classification: String
    var columns: [InferredType.Field]
    var csv: FileFinding.CSVLayout?
    var jsonPath: String?
    /// How columns came by a type that no single file gives them; or why they could not.
    var conflicts: [String] = []

    /// Glue's threshold.
    static let threshold = 0.7
    /// Distinct schemas at a level above which it is not one table.
    static let maxClusters = 5

    init(_ finding: FileFinding) {
        classification = finding.classification
        columns = finding.columns
        csv = finding.csv
        jsonPath = finding.jsonPath
        // What differs from file to file without a meaning for tables.
        csv?.firstRecord = []
        csv?.firstTypes = []
        csv?.bodyTypes = []
        csv?.isHeaderCertain = true
    }

    /// Columns are found by position alone: delimited text without names.
    private var isPositional: Bool { csv.map { !$0.hasHeader && $0.names.isEmpty } ?? false }

    /// Share of columns that both have under compatible types, 0...1.
    func similarity(_ other: SchemaCluster) -> Double {
        guard classification == other.classification else { return 0 }
        let widest = max(columns.count, other.columns.count)
        guard widest > 0 else { return 0 }
        if isPositional || other.isPositional {
            // Without names, position is all there is.
            guard columns.count == other.columns.count else { return 0 }
            return Double(zip(columns, other.columns).count { Self.isCompatible($0.type, $1.type) }) / Double(widest)
        }
        var types: [String: InferredType] = [:]
        for column in columns { types[column.name.lowercased()] = column.type }
        let common = other.columns.count { column in
            types[column.name.lowercased()].map { Self.isCompatible($0, column.type) } ?? false
        }
        return Double(common) / Double(widest)
    }

    /// Whether readers can read files of both under one set of properties: the same layout, and columns of delimited
    /// text at the same positions.
    func isReadAlike(_ other: SchemaCluster) -> Bool {
        guard let left = csv, let right = other.csv else {
            return (csv == nil) == (other.csv == nil) && jsonPath == other.jsonPath
        }
        guard left.isReadAlike(right) else { return false }
        return isPositional || hasSamePositions(other)
    }

    /// The names of one are the beginning of the names of the other.
    func hasSamePositions(_ other: SchemaCluster) -> Bool {
        zip(columns, other.columns).allSatisfy { $0.name.lowercased() == $1.name.lowercased() }
    }

    /// The same columns, or some of them where absent ones are nulls (`takesParts`; always in JSON), with types that go
    /// together.
    func isSameSchema(_ other: SchemaCluster, takesParts: Bool = false) -> Bool {
        guard classification == other.classification, similarity(other) > 0 else { return false }
        if isPositional || other.isPositional { return similarity(other) == 1 }
        var types: [String: InferredType] = [:]
        for column in columns { types[column.name.lowercased()] = column.type }
        let common = other.columns.compactMap { column in types[column.name.lowercased()].map { ($0, column.type) } }
        guard common.allSatisfy({ Self.isCompatible($0, $1) }) else { return false }
        if takesParts || classification == "json" { return common.count == min(columns.count, other.columns.count) }
        return common.count == columns.count && common.count == other.columns.count
    }

    static func isCompatible(_ left: InferredType, _ right: InferredType) -> Bool {
        if left == right || left == .null || right == .null { return true }
        switch (left, right) {
        case (.exact(let a), .exact(let b)): return InferredType.mergedExact(a, b) != nil
        case (.structure, .structure), (.array, .array): return true
        default: return left.merged(with: right) != .string
        }
    }

    /// Adds the columns of `other` and widens types; text without names merges by position.
    mutating func absorb(_ other: SchemaCluster) {
        let byPosition = isPositional || other.isPositional || (csv != nil && hasSamePositions(other))
        if isPositional, !other.isPositional {
            for index in columns.indices where index < other.columns.count {
                columns[index].name = other.columns[index].name
            }
        }
        for (position, column) in other.columns.enumerated() {
            let index =
                byPosition
                ? (position < columns.count ? position : nil)
                : columns.firstIndex { $0.name.lowercased() == column.name.lowercased() }
            if let index { widen(index, to: column.type) } else { columns.append(column) }
        }
        if let layout = other.csv { csv?.absorb(layout) }
        for conflict in other.conflicts where !conflicts.contains(conflict) { conflicts.append(conflict) }
    }

    private mutating func widen(_ index: Int, to type: InferredType) {
        let old = columns[index].type
        let merged = old.merged(with: type)
        guard merged != old else { return }
        let name = columns[index].name
        if case .exact = old, case .exact = type, case .string = merged {
            // Files with types of their own are read as one of them or not at all.
            add(
                "column \(name) is \(old.dataType.hiveName); files that have \(type.dataType.hiveName) there cannot be read"
            )
            return
        }
        if merged == .string, old != .null, type != .null {
            add("column \(name) is string: some files have \(old.dataType.hiveName), others \(type.dataType.hiveName)")
        }
        columns[index].type = merged
    }

    private mutating func add(_ conflict: String) { if !conflicts.contains(conflict) { conflicts.append(conflict) } }

    /// By descending count of columns; equal ones keep their order.
    static func widestFirst(_ schemas: [SchemaCluster]) -> [SchemaCluster] {
        schemas.enumerated().sorted {
            ($1.element.columns.count, $0.offset) < ($0.element.columns.count, $1.offset)
        }.map(\.element)
    }

    /// Adds a schema to a list of distinct ones.
    static func add(_ schema: SchemaCluster, to distinct: inout [SchemaCluster], takesParts: Bool = false) {
        if let index = distinct.firstIndex(where: { $0 == schema || $0.isSameSchema(schema, takesParts: takesParts) }) {
            if distinct[index] != schema { distinct[index].absorb(schema) }
        } else {
            distinct.append(schema)
        }
    }
}
