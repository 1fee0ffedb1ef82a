import Columnar
import SQLTypes

/// The dictionary of one column chunk in the table's type.
final class ChunkDictionary {
    let vector: Vector
    let count: Int
    /// Entries that the table's type cannot hold, by code: an error of the rows that use them.
    let bad: [UInt32: QueryError]

    init(
        _ page: UnpackedPage, count: Int, _ leaf: SchemaNode, _ adapter: ValueAdapter, _ place: ChunkPlace
    ) throws {
        self.count = count
        guard count > 0 else {
            vector = FlatBuilder.zeros(adapter.type, 1)
            bad = [:]
            return
        }
        let values = PageValues(leaf, adapter, place)
        try values.beginPlain(page, count: count)
        vector = try values.take(count)
        bad = Dictionary(values.bad.map { (UInt32(truncatingIfNeeded: $0.position), $0.error) }) { first, _ in first }
    }
}
