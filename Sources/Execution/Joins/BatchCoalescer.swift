import Columnar
import SQLTypes

/// Joins small batches into larger ones: behind a selective filter or join, work per batch would outweigh the work on
/// its few rows.
///
/// Batches that are not small pass at once; the rows of small ones are copied together until there are enough.
final class BatchCoalescer: LocalConsumer {
    private let downstream: any LocalConsumer
    private let smallRowCount: Int
    private let enoughRowCount: Int
    private var pending: [Batch] = []
    private var pendingRowCount = 0

    init(_ downstream: any LocalConsumer, batchRowCount: Int) {
        self.downstream = downstream
        smallRowCount = batchRowCount / 8
        enoughRowCount = batchRowCount / 2
    }

    func push(_ batch: Batch) throws -> PushResult {
        let count = batch.selectedCount
        if count > smallRowCount { return try downstream.push(batch) }
        pending.append(batch.compacted())
        pendingRowCount += count
        return pendingRowCount >= enoughRowCount ? try flush() : .needsMore
    }

    func finish() throws {
        if pendingRowCount > 0 { _ = try flush() }
    }

    private func flush() throws -> PushResult {
        let batches = pending
        let count = pendingRowCount
        pending.removeAll(keepingCapacity: true)
        pendingRowCount = 0
        if batches.count == 1 { return try downstream.push(batches[0]) }
        let columns = batches[0].columns.indices.map { position in
            Self.joined(batches.map { $0.columns[position] })
        }
        return try downstream.push(Batch(columns: columns, rowCount: count))
    }

    /// All rows of vectors of one column; a dictionary that all share is kept.
    private static func joined(_ vectors: [Vector]) -> Vector {
        let first = vectors[0]
        guard let dictionary = first.dictionary, vectors.allSatisfy({ $0.dictionary === dictionary }) else {
            return Vector.concatenate(vectors, type: first.type)
        }
        let count = vectors.reduce(0) { $0 + $1.count }
        let buffer = Buffer(byteCount: max(count, 1) * 4)
        let codes = buffer.pointer.assumingMemoryBound(to: UInt32.self)
        var owners: [AnyObject] = [buffer]
        var validity: UnsafePointer<UInt64>?
        if vectors.contains(where: \.mayHaveNulls) {
            let bits = Validity.makeBits(count, valid: true)
            let words = bits.pointer.assumingMemoryBound(to: UInt64.self)
            var offset = 0
            for vector in vectors {
                if let source = vector.validity {
                    for row in 0..<vector.count where !Validity.isValid(source, row) {
                        Validity.setNull(words, offset + row)
                    }
                }
                offset += vector.count
            }
            owners.append(bits)
            validity = UnsafePointer(words)
        }
        var offset = 0
        for vector in vectors {
            if let source = vector.codes { (codes + offset).update(from: source, count: vector.count) }
            offset += vector.count
        }
        return Vector(dictionary: dictionary, codes: codes, count: count, validity: validity, owners: owners)
    }
}
