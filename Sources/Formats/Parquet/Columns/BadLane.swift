import Columnar
import SQLTypes

/// A lane of a vector whose stored value the table's type cannot hold.
///
/// The lane is NULL until filters have said which rows count: then `bad_data` decides (`RowGroupScan`).
struct BadLane {
    var position: Int
    var error: QueryError

    /// Those of `bad` (ascending) that a gather of `positions` (ascending) takes, at their new places.
    static func gathered(_ bad: [BadLane], at positions: UnsafePointer<UInt32>, _ count: Int) -> [BadLane] {
        if bad.isEmpty { return bad }
        var result: [BadLane] = []
        var next = 0
        for index in 0..<count {
            while next < bad.count, bad[next].position < Int(positions[index]) { next += 1 }
            if next < bad.count, bad[next].position == Int(positions[index]) {
                result.append(BadLane(position: index, error: bad[next].error))
            }
        }
        return result
    }

    /// `vector` with NULL in the bad lanes; value by value, because few columns ever need it.
    static func nulled(_ vector: Vector, _ bad: [BadLane]) -> Vector {
        if bad.isEmpty { return vector }
        var values = (0..<vector.count).map { vector.value(at: $0) }
        for lane in bad where lane.position < values.count { values[lane.position] = .null }
        return Vector.fromValues(values, vector.type)
    }
}
