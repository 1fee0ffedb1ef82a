import Columnar
import SQLTypes

/// Neighbouring rows with equal keys (sorted or clustered input): only the first of each run is looked up.
final class KeyRuns {
    private var runBuffer = Buffer(byteCount: Batch.defaultRowCount * 4)

    /// Run number of the i-th selected row, after `find`.
    var runOf: UnsafePointer<UInt32> { UnsafePointer(runBuffer.pointer.assumingMemoryBound(to: UInt32.self)) }

    /// The first rows of all runs, or nil when runs are too short to matter.
    func find(_ keys: [Vector], _ rows: Rows, hashes: UnsafePointer<UInt64>) -> Rows? {
        let total = rows.selectedCount
        guard total > 8 else { return nil }
        let lanes = rows.selection?.indices
        var equal = 0
        if let lanes {
            for index in 1..<total {
                equal &+= Int(
                    unsafeBitCast(hashes[Int(lanes[index])] == hashes[Int(lanes[index &- 1])], to: UInt8.self))
            }
        } else {
            for index in 1..<total {
                equal &+= Int(unsafeBitCast(hashes[index] == hashes[index &- 1], to: UInt8.self))
            }
        }
        guard equal &* 3 > total else { return nil }
        // Equal hashes are compared by value: row i with row i - 1.
        let laneBuffer = Buffer(byteCount: total * 9)
        let current = laneBuffer.pointer.assumingMemoryBound(to: UInt32.self)
        let flags = (laneBuffer.pointer + total * 4).assumingMemoryBound(to: UInt8.self)
        for index in 0..<total { current[index] = lanes.map { $0[index] } ?? UInt32(truncatingIfNeeded: index) }
        flags[0] = 0
        for index in 1..<total {
            flags[index] = unsafeBitCast(
                hashes[Int(current[index])] == hashes[Int(current[index &- 1])], to: UInt8.self)
        }
        for key in keys {
            Comparison.clearDifferent(key, current + 1, key, current, count: total - 1, flags: flags + 1)
        }
        if runBuffer.byteCount < total * 4 { runBuffer = Buffer(byteCount: total * 4) }
        let runs = runBuffer.pointer.assumingMemoryBound(to: UInt32.self)
        let startBuffer = Buffer(byteCount: total * 4)
        let starts = startBuffer.pointer.assumingMemoryBound(to: UInt32.self)
        var count = 0
        for index in 0..<total {
            starts[count] = current[index]
            count &+= Int(1 &- flags[index])
            runs[index] = UInt32(truncatingIfNeeded: count &- 1)
        }
        return Rows(count: rows.count, selection: Selection(startBuffer, count: count))
    }
}
