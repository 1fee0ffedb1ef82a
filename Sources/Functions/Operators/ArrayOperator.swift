import Columnar
import SQLTypes

/// `ARRAY[a, b, c]`: `$array(a, b, c)`. Literals of literals never get here: they are constants already.
///
/// ```
/// arguments  a: 1 2 3    b: 4 5 6          one list of two elements per row
/// child      1 4 2 5 3 6                   the arguments' lanes, row by row
/// ```
enum ArrayOperator {
    static let scalars: [ScalarFunction] = [
        ScalarFunction(
            "$array", "(T...) -> array(T)", summary: "Array of the arguments", nulls: .handled, isHidden: true
        ) { signature in { call in make(call, signature.result) } }
    ]

    private static func make(_ call: borrowing KernelCall, _ type: DataType) -> Vector {
        let width = call.arguments.count
        let count = call.rows.count
        guard width > 0, case .array(let element) = type else { return .constant(.array([]), type, count: count) }
        let lanes = Vector.concatenate(call.arguments, type: element)
        let indices = Buffer(byteCount: max(count * width, 1) * MemoryLayout<UInt32>.stride)
        let target = indices.pointer.assumingMemoryBound(to: UInt32.self)
        let builder = FlatBuilder(type, capacity: count)
        let entries = builder.pointer(as: ListEntry.self)
        for row in 0..<count {
            for column in 0..<width {
                target[row &* width &+ column] = UInt32(truncatingIfNeeded: column &* count &+ row)
            }
            entries[row] = ListEntry(
                offset: UInt32(truncatingIfNeeded: row &* width), count: UInt32(truncatingIfNeeded: width))
        }
        return builder.finish(count: count, children: [lanes.gather(target, count: count &* width)])
    }
}
