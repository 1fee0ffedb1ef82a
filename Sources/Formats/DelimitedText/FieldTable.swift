import CKernels
import Columnar

/// Where the fields of one block's records lie. Trivial: loops over rows copy nothing and count no references.
///
/// ```
/// bytes      a,b,c\nd,e,f\n
/// positions   ^ ^ ^  ^ ^ ^       ends of fields
/// lastField       2      5       by row: index in positions of its last field (entry -1 wraps to before the first)
/// ```
struct FieldTable {
    var bytes: UnsafePointer<UInt8>
    var positions: UnsafeMutablePointer<UInt32>
    /// Entry 0 is UInt32.max, entry r + 1 belongs to row r.
    var rowEnds: UnsafeMutablePointer<UInt32>
    var rowStarts: UnsafeMutablePointer<UInt32>
    var quote: UInt8 = 0
    var escape: UInt8 = 0
    /// What the block holds at all, so that clean blocks take the short way.
    var hasQuotes = false
    var hasEscapes = false

    /// The index in `positions` of a row's first field.
    @inline(__always)
    func firstField(_ row: Int) -> Int { Int(rowEnds[row] &+ 1) }

    @inline(__always)
    func lastField(_ row: Int) -> Int { Int(rowEnds[row &+ 1]) }

    /// A whole row without its line end.
    func row(_ row: Int) -> UnsafeBufferPointer<UInt8> {
        let start = Int(rowStarts[row])
        return UnsafeBufferPointer(start: bytes + start, count: max(0, Int(positions[lastField(row)]) - start))
    }

    /// A field's bytes as they stand in the file, quotes included; nil when the row has fewer fields.
    @inline(__always)
    func field(
        _ row: Int, _ ordinal: Int
    ) -> (start: UnsafePointer<UInt8>, end: UnsafePointer<UInt8>)? {
        let index = firstField(row) &+ ordinal
        if index > lastField(row) { return nil }
        let start = ordinal == 0 ? Int(rowStarts[row]) : Int(positions[index &- 1]) &+ 1
        return (bytes + start, bytes + Int(positions[index]))
    }
}

/// The rows of a block that a batch is made of: a run, or chosen ones.
struct Lanes {
    var first: Int
    var count: Int
    /// Row numbers; nil for the run from `first`.
    var rows: UnsafePointer<UInt32>?
    var owner: Buffer?

    func row(_ lane: Int) -> Int { numbers.row(lane) }

    /// What loops use: row numbers without the reference that keeps them.
    struct Numbers {
        var first: Int
        var rows: UnsafePointer<UInt32>?

        @inline(__always)
        func row(_ lane: Int) -> Int {
            guard let rows else { return first &+ lane }
            return Int(rows[lane])
        }
    }

    var numbers: Numbers { Numbers(first: first, rows: rows) }

    /// The lanes that a selection names.
    func selected(_ selection: Selection) -> Lanes {
        selected(UnsafeBufferPointer(start: selection.indices, count: selection.count).lazy.map { Int($0) })
    }

    func selected(_ lanes: some Collection<Int>) -> Lanes {
        let buffer = Buffer(byteCount: max(lanes.count, 1) * 4)
        let target = buffer.pointer.assumingMemoryBound(to: UInt32.self)
        for (index, lane) in lanes.enumerated() { target[index] = UInt32(truncatingIfNeeded: row(lane)) }
        return Lanes(first: 0, count: lanes.count, rows: UnsafePointer(target), owner: buffer)
    }
}
