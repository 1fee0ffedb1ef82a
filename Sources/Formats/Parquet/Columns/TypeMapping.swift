import SQLTypes

/// Which table type a file's field has, as Athena's crawler and tables see it.
struct TypeMapping {
    /// 3, 6 or 9.
    let timestampPrecision: Int

    /// The table type of a field, its repetition included.
    func type(of node: SchemaNode) -> DataType {
        switch FieldShape(node) {
        case .leaf: return leafType(node)
        case .list(_, let element, let isBare): return .array(isBare ? bareType(of: element) : type(of: element))
        case .map(_, let key, let value):
            return .map(key: type(of: key), value: type(of: value))
        case .group(let fields): return .row(fields.map { RowField(name: $0.name, type: type(of: $0)) })
        }
    }

    /// The type of a repeated field's single value.
    private func bareType(of node: SchemaNode) -> DataType {
        switch FieldShape(node, ignoresRepetition: true) {
        case .leaf: return leafType(node)
        case .list(_, let element, let isBare): return .array(isBare ? bareType(of: element) : type(of: element))
        case .map(_, let key, let value):
            return .map(key: type(of: key), value: type(of: value))
        case .group(let fields): return .row(fields.map { RowField(name: $0.name, type: type(of: $0)) })
        }
    }

    func leafType(_ node: SchemaNode) -> DataType {
        guard let stored = node.stored else { return .row([]) }
        if node.annotation == .unknown { return .varcharUnbounded }
        if case .decimal(let precision, let scale) = node.annotation {
            let isPossible =
                precision >= 1 && precision <= DataType.maxDecimalPrecision && scale >= 0 && scale <= precision
            switch stored {
            case .int32, .int64, .byteArray, .fixedByteArray:
                if isPossible { return .decimal(precision: precision, scale: scale) }
            default: break
            }
        }
        switch stored {
        case .boolean: return .boolean
        case .int32:
            switch node.annotation {
            case .date: return .date
            case .integer(let bits, let isSigned):
                switch (bits, isSigned) {
                case (8, true): return .tinyint
                case (8, false), (16, true): return .smallint
                case (32, false): return .bigint
                default: return .integer
                }
            default: return .integer
            }
        case .int64:
            switch node.annotation {
            case .timestamp: return .timestamp(precision: timestampPrecision)
            case .integer(64, false): return .decimal(precision: 20, scale: 0)
            default: return .bigint
            }
        case .int96: return .timestamp(precision: timestampPrecision)
        case .float: return .real
        case .double: return .double
        case .byteArray:
            switch node.annotation {
            case .string, .enumeration, .json, .bson: return .varcharUnbounded
            default: return .varbinary
            }
        case .fixedByteArray:
            switch node.annotation {
            case .uuid: return .varcharUnbounded
            case .float16 where node.fixedByteCount == 2: return .real
            default: return .varbinary
            }
        }
    }
}

/// What a schema node stands for, with the old and new ways to write lists and maps told apart
/// (parquet-format, LogicalTypes.md, "Nested Types").
enum FieldShape {
    case leaf
    /// `repeated` holds the elements; with `isBare` it is itself the element (without its repetition).
    case list(repeated: SchemaNode, element: SchemaNode, isBare: Bool)
    case map(repeated: SchemaNode, key: SchemaNode, value: SchemaNode)
    case group([SchemaNode])

    init(_ node: SchemaNode, ignoresRepetition: Bool = false) {
        // A repeated field outside LIST and MAP is a list of what it holds.
        if node.repetition == .repeated, !ignoresRepetition {
            self = .list(repeated: node, element: node, isBare: true)
            return
        }
        if node.isLeaf {
            self = .leaf
            return
        }
        if node.annotation == .list, node.children.count == 1, let repeated = node.children.first,
            repeated.repetition == .repeated
        {
            self = Self.list(repeated, in: node)
            return
        }
        if node.annotation == .map, node.children.count == 1, let repeated = node.children.first,
            repeated.repetition == .repeated, !repeated.isLeaf, (1...2).contains(repeated.children.count)
        {
            // Without values it is a set, read as a list of the keys.
            if repeated.children.count == 1 {
                self = .list(repeated: repeated, element: repeated.children[0], isBare: false)
            } else {
                self = .map(repeated: repeated, key: repeated.children[0], value: repeated.children[1])
            }
            return
        }
        self = .group(node.children)
    }

    private static func list(_ repeated: SchemaNode, in node: SchemaNode) -> FieldShape {
        if repeated.isLeaf || repeated.children.count != 1 {
            return .list(repeated: repeated, element: repeated, isBare: true)
        }
        let child = repeated.children[0]
        if child.repetition == .repeated || repeated.name == "array" || repeated.name == node.name + "_tuple" {
            return .list(repeated: repeated, element: repeated, isBare: true)
        }
        return .list(repeated: repeated, element: child, isBare: false)
    }
}
