import Columnar
import SQLTypes

/// Builds array vectors whose elements are lanes of existing vectors: rows append positions, elements are gathered once.
final class ListBuilder {
    private let type: DataType
    private let builder: FlatBuilder
    private var positions: [UInt32] = []
    private var start = 0
    private let rows: Rows

    init(_ type: DataType, _ rows: Rows) {
        self.type = type
        self.rows = rows
        builder = FlatBuilder(type, capacity: rows.count)
        builder.zero()
    }

    /// Adds lane `position` of the source to the row that is being built.
    @inline(__always)
    func append(_ position: Int) { positions.append(UInt32(truncatingIfNeeded: position)) }

    /// Ends the row: what was appended since the last one is its elements.
    func endRow(_ row: Int) {
        builder.pointer(as: ListEntry.self)[row] = ListEntry(
            offset: UInt32(truncatingIfNeeded: start), count: UInt32(truncatingIfNeeded: positions.count - start))
        start = positions.count
    }

    func setNull(_ row: Int) {
        positions.removeSubrange(start...)
        builder.setNull(row)
    }

    /// The arrays (or maps, with two sources) over the lanes of `sources`.
    func finish(_ sources: Vector...) -> Vector {
        let children = sources.map { source -> Vector in
            positions.withUnsafeBufferPointer { buffer in
                guard let base = buffer.baseAddress, !positions.isEmpty, source.count > 0 else {
                    return Vector.fromValues([], source.type)
                }
                return source.gather(base, count: positions.count).flattened()
            }
        }
        return builder.finish(count: rows.count, children: children)
    }
}

/// An array or map argument as loops use it.
struct ListArgument {
    let vector: Vector
    let view: VectorView
    /// Elements, or keys of a map.
    let elements: Vector

    init(_ vector: Vector) {
        self.vector = vector
        view = vector.view
        elements = (vector.dictionary ?? vector).children[0]
    }

    var mapValues: Vector { (vector.dictionary ?? vector).children[1] }

    func isNull(_ row: Int) -> Bool { !view.isValid(row) }

    /// Positions of the row's elements in `elements`.
    @inline(__always)
    func range(_ row: Int) -> Range<Int> {
        let entry = view.load(row, as: ListEntry.self)
        return Int(entry.offset)..<Int(entry.offset) + Int(entry.count)
    }
}

extension Vector {
    /// Both vectors' lanes, and where the second begins.
    static func joined(_ first: Vector, _ second: Vector) -> (all: Vector, offset: Int) {
        (Vector.concatenate([first, second], type: first.type), first.count)
    }
}
