/// How a leaf's values are stored. Raw values are Parquet's `Type`.
enum StoredType: Int, Sendable {
    case boolean = 0
    case int32 = 1
    case int64 = 2
    case int96 = 3
    case float = 4
    case double = 5
    case byteArray = 6
    case fixedByteArray = 7

    /// The name that error messages use.
    var displayName: String {
        switch self {
        case .boolean: "BOOLEAN"
        case .int32: "INT32"
        case .int64: "INT64"
        case .int96: "INT96"
        case .float: "FLOAT"
        case .double: "DOUBLE"
        case .byteArray: "BINARY"
        case .fixedByteArray: "FIXED_LEN_BYTE_ARRAY"
        }
    }
}

enum TimeUnit: Sendable, Hashable { case millis, micros, nanos }

/// What stored values mean: the logical type, or the older converted type.
enum Annotation: Sendable, Hashable {
    case none
    case string, enumeration, json, bson, uuid, float16, interval
    case decimal(precision: Int, scale: Int)
    case date
    case time(TimeUnit)
    case timestamp(TimeUnit)
    case integer(bits: Int, isSigned: Bool)
    case list, map
    /// Only nulls.
    case unknown
    /// Something newer than this reader; read as if it were not there.
    case other
}

enum Repetition: Int, Sendable { case required = 0, optional = 1, repeated = 2 }

/// One field of a file's schema tree, with the levels at which it has a value.
final class SchemaNode: Sendable {
    let name: String
    let lowerName: String
    let repetition: Repetition
    /// nil for groups.
    let stored: StoredType?
    /// Bytes of a `fixedByteArray`.
    let fixedByteCount: Int
    let annotation: Annotation
    /// Optional and repeated fields from the root to here: the definition level of a value that is there.
    let definitionLevel: Int
    /// Repeated fields from the root to here.
    let repetitionLevel: Int
    let children: [SchemaNode]
    /// Position of the (first) leaf among all leaves of the file.
    let leafIndex: Int
    /// Names from the root, joined by dots.
    let path: String

    init(
        name: String, repetition: Repetition, stored: StoredType?, fixedByteCount: Int, annotation: Annotation,
        definitionLevel: Int, repetitionLevel: Int, children: [SchemaNode], leafIndex: Int, path: String
    ) {
        self.name = name
        lowerName = name.lowercased()
        self.repetition = repetition
        self.stored = stored
        self.fixedByteCount = fixedByteCount
        self.annotation = annotation
        self.definitionLevel = definitionLevel
        self.repetitionLevel = repetitionLevel
        self.children = children
        self.leafIndex = leafIndex
        self.path = path
    }

    var isLeaf: Bool { stored != nil }

    /// The child of that name; exact spelling first, then without regard to case.
    func child(_ wanted: String) -> SchemaNode? {
        if let exact = children.first(where: { $0.name == wanted }) { return exact }
        let lower = wanted.lowercased()
        return children.first { $0.lowerName == lower }
    }
}

/// One `SchemaElement` as it stands in the footer: the tree in depth-first order.
struct SchemaElement {
    var stored: Int?
    var fixedByteCount = 0
    var repetition = 0
    var name = ""
    var childCount = 0
    var converted: Int?
    var scale = 0
    var precision = 0
    var logical = Annotation.none

    /// The logical type, else what the converted type says.
    var annotation: Annotation {
        if logical != .none, logical != .other { return logical }
        guard let converted else { return logical }
        switch converted {
        case 0: return .string
        case 1, 2: return .map
        case 3: return .list
        case 4: return .enumeration
        case 5: return .decimal(precision: precision, scale: scale)
        case 6: return .date
        case 7: return .time(.millis)
        case 8: return .time(.micros)
        case 9: return .timestamp(.millis)
        case 10: return .timestamp(.micros)
        case 11: return .integer(bits: 8, isSigned: false)
        case 12: return .integer(bits: 16, isSigned: false)
        case 13: return .integer(bits: 32, isSigned: false)
        case 14: return .integer(bits: 64, isSigned: false)
        case 15: return .integer(bits: 8, isSigned: true)
        case 16: return .integer(bits: 16, isSigned: true)
        case 17: return .integer(bits: 32, isSigned: true)
        case 18: return .integer(bits: 64, isSigned: true)
        case 19: return .json
        case 20: return .bson
        case 21: return .interval
        default: return .other
        }
    }
}

/// Builds the tree; nil when the elements do not form one.
struct SchemaTreeBuilder {
    static let depthLimit = 100
    let elements: [SchemaElement]
    private var next = 0
    private var leafCount = 0
    private(set) var leaves: [SchemaNode] = []

    init(_ elements: [SchemaElement]) { self.elements = elements }

    mutating func root() -> SchemaNode? {
        guard let root = node(parentDefinition: 0, parentRepetition: 0, prefix: "", depth: 0), next == elements.count
        else { return nil }
        return root
    }

    private mutating func node(
        parentDefinition: Int, parentRepetition: Int, prefix: String, depth: Int
    ) -> SchemaNode? {
        guard next < elements.count, depth < Self.depthLimit else { return nil }
        let element = elements[next]
        let isRoot = depth == 0
        next += 1
        guard let repetition = isRoot ? .required : Repetition(rawValue: element.repetition) else { return nil }
        let definition = parentDefinition + (repetition == .required ? 0 : 1)
        let repeats = parentRepetition + (repetition == .repeated ? 1 : 0)
        let path = isRoot ? "" : (prefix.isEmpty ? element.name : prefix + "." + element.name)
        let firstLeaf = leafCount
        var stored: StoredType?
        var children: [SchemaNode] = []
        if element.childCount > 0 || isRoot {
            guard element.childCount >= 0, element.childCount <= elements.count - next else { return nil }
            children.reserveCapacity(element.childCount)
            for _ in 0..<element.childCount {
                guard
                    let child = node(
                        parentDefinition: definition, parentRepetition: repeats, prefix: path, depth: depth + 1)
                else { return nil }
                children.append(child)
            }
        } else if let raw = element.stored {
            guard let known = StoredType(rawValue: raw), element.fixedByteCount >= 0 else { return nil }
            stored = known
            leafCount += 1
        }
        let made = SchemaNode(
            name: element.name, repetition: repetition, stored: stored, fixedByteCount: element.fixedByteCount,
            annotation: element.annotation, definitionLevel: definition, repetitionLevel: repeats, children: children,
            leafIndex: firstLeaf, path: path)
        if stored != nil { leaves.append(made) }
        return made
    }
}
