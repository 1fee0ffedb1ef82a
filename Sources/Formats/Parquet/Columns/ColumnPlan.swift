import SQLTypes
import Storage

/// How one requested column is read from a file: worked out once per split, used for each row group.
enum ColumnPlan: Sendable {
    case missing(DataType)
    case flat(SchemaNode, ValueAdapter)
    case nested(NestedShape, [PlannedLeaf])

    struct PlannedLeaf: Sendable {
        var node: SchemaNode
        /// nil: only levels are wanted.
        var adapter: ValueAdapter?
    }

    /// `isPositional`: columns are found by their place in the table, not by name.
    init(_ column: RequestedColumn, in footer: ParquetFooter, isPositional: Bool, file: String) throws {
        let columns = footer.root.children
        let found =
            isPositional
            ? (columns.indices.contains(column.ordinal) ? columns[column.ordinal] : nil)
            : footer.root.child(column.name)
        guard let node = found else {
            self = .missing(column.type)
            return
        }
        var builder = Builder(column: column, file: file)
        if node.isLeaf, node.repetition != .repeated {
            if node.annotation == .unknown {
                self = .missing(column.type)
                return
            }
            guard let adapter = ValueAdapter(node, as: column.type) else {
                throw builder.incompatible(node, column.type)
            }
            self = .flat(node, adapter)
            return
        }
        let shape = try builder.shape(node, column.type, path: [], isBare: false, depth: 0)
        self = .nested(shape, builder.leaves)
    }

    private struct Builder {
        let column: RequestedColumn
        let file: String
        var leaves: [PlannedLeaf] = []

        func incompatible(_ node: SchemaNode, _ type: DataType) -> QueryError {
            let stored: String
            switch FieldShape(node, ignoresRepetition: true) {
            case .leaf: stored = node.stored?.displayName ?? "group"
            case .list: stored = "LIST"
            case .map: stored = "MAP"
            case .group: stored = "group"
            }
            return QueryError(
                .hiveBadData,
                "Field \(node.path)'s type \(stored) in parquet is incompatible with type \(type.hiveName) defined in table schema",
                in: DataLocation(file: file, column: column.name))
        }

        /// The leaf that tells how often things at `node` repeat.
        private mutating func donor(_ node: SchemaNode) -> Int? {
            var leaf = node
            while !leaf.isLeaf {
                guard let first = leaf.children.first else { return nil }
                leaf = first
            }
            if let known = leaves.firstIndex(where: { $0.node === leaf }) { return known }
            leaves.append(PlannedLeaf(node: leaf, adapter: nil))
            return leaves.count - 1
        }

        private func isWanted(_ path: [String]) -> Bool {
            guard let fields = column.fields else { return true }
            return fields.contains { wanted in
                wanted.count >= path.count ? wanted.starts(with: path) : path.starts(with: wanted)
            }
        }

        mutating func shape(
            _ node: SchemaNode, _ type: DataType, path: [String], isBare: Bool, depth: Int
        ) throws -> NestedShape {
            guard depth < SchemaTreeBuilder.depthLimit else { throw incompatible(node, type) }
            switch (FieldShape(node, ignoresRepetition: isBare), type) {
            case (.leaf, _):
                if node.annotation == .unknown, let donor = donor(node) { return .missing(type: type, donor: donor) }
                guard let adapter = ValueAdapter(node, as: type) else { throw incompatible(node, type) }
                let position: Int
                if let known = leaves.firstIndex(where: { $0.node === node && $0.adapter == nil }) {
                    leaves[known].adapter = adapter
                    position = known
                } else {
                    leaves.append(PlannedLeaf(node: node, adapter: adapter))
                    position = leaves.count - 1
                }
                return .leaf(position, type: type, full: node.definitionLevel)
            case (.list(let repeated, let element, let elementIsBare), .array(let elementType)):
                let child = try shape(element, elementType, path: path, isBare: elementIsBare, depth: depth + 1)
                guard let donor = donor(repeated) else { throw incompatible(node, type) }
                return .list(
                    type: type, present: present(node, repeated), element: repeated.definitionLevel,
                    repeats: repeated.repetitionLevel, donor: donor, child: child)
            case (.map(let repeated, let key, let value), .map(let keyType, let valueType)):
                let keyShape = try shape(key, keyType, path: path, isBare: false, depth: depth + 1)
                guard let donor = donor(key) else { throw incompatible(node, type) }
                let valueShape = try shape(value, valueType, path: path, isBare: false, depth: depth + 1)
                return .map(
                    type: type, present: present(node, repeated), element: repeated.definitionLevel,
                    repeats: repeated.repetitionLevel, donor: donor, key: keyShape, value: valueShape)
            case (.group(let children), .row(let fields)):
                var shapes: [NestedShape] = []
                for (index, field) in fields.enumerated() {
                    let child = field.name.map { node.child($0) } ?? (index < children.count ? children[index] : nil)
                    let childPath = path + [(field.name ?? "").lowercased()]
                    guard let child, isWanted(childPath) else {
                        guard let donor = donor(node) else { throw incompatible(node, type) }
                        shapes.append(.missing(type: field.type, donor: donor))
                        continue
                    }
                    shapes.append(try shape(child, field.type, path: childPath, isBare: false, depth: depth + 1))
                }
                guard let donor = donor(node) else { throw incompatible(node, type) }
                return .row(type: type, present: node.definitionLevel, donor: donor, fields: shapes)
            case (.list, _), (.map, _), (.group, _): throw incompatible(node, type)
            }
        }

        /// The definition level from which a list is not null.
        private func present(_ node: SchemaNode, _ repeated: SchemaNode) -> Int {
            node === repeated ? repeated.definitionLevel - 1 : node.definitionLevel
        }
    }
}
