import Columnar
import SQLTypes

/// Builds arrays and maps over lanes of several vectors, each with positions of its own; a missing one is NULL.
///
/// ```
/// zip([1, 2], ['a'])       positions of the first source  0 1
///                          positions of the second        0 -     -> [{1, a}, {2, NULL}]
/// ```
struct ElementPicks {
    private static let missing = UInt32.max

    private var positions: [UInt32] = []
    private var hasMissing = false

    var count: Int { positions.count }

    /// Adds a lane of the source, or NULL.
    mutating func append(_ position: Int?) {
        if let position {
            positions.append(UInt32(truncatingIfNeeded: position))
        } else {
            positions.append(Self.missing)
            hasMissing = true
        }
    }

    /// The lanes that were added.
    func gather(_ source: Vector) -> Vector {
        if positions.isEmpty { return Vector.fromValues([], source.type) }
        guard hasMissing || source.count == 0 else { return Self.gather(source, positions) }
        let null = UInt32(truncatingIfNeeded: source.count)
        let widened = Vector.concatenate([source, Vector.fromValues([.null], source.type)], type: source.type)
        return Self.gather(widened, positions.map { $0 == Self.missing ? null : $0 })
    }

    private static func gather(_ source: Vector, _ positions: [UInt32]) -> Vector {
        positions.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return Vector.fromValues([], source.type) }
            return source.gather(base, count: positions.count).flattened()
        }
    }
}

/// The entries of an array or map vector whose children are made elsewhere.
final class ListEntries {
    private let builder: FlatBuilder
    private let rows: Rows
    private var next = 0

    init(_ type: DataType, _ rows: Rows) {
        self.rows = rows
        builder = FlatBuilder(type, capacity: rows.count)
        builder.zero()
    }

    /// The row has the next `count` elements.
    func append(_ row: Int, count: Int) {
        builder.pointer(as: ListEntry.self)[row] = ListEntry(
            offset: UInt32(truncatingIfNeeded: next), count: UInt32(truncatingIfNeeded: count))
        next += count
    }

    func setNull(_ row: Int) { builder.setNull(row) }

    func finish(_ children: [Vector]) -> Vector { builder.finish(count: rows.count, children: children) }
}

/// Keys of a map that is being built: distinct and not NULL.
struct MapKeys {
    private let keys: Vector
    private var seen: Set<Value> = []

    init(_ keys: Vector) { self.keys = keys }

    mutating func add(_ position: Int) throws {
        let key = keys.value(at: position)
        if key.isNull { throw QueryError(.invalidFunctionArgument, "map key cannot be null") }
        if !seen.insert(key).inserted {
            throw QueryError(
                .invalidFunctionArgument, "Duplicate map keys (\(ValueText.print(key, keys.type))) are not allowed")
        }
    }
}
