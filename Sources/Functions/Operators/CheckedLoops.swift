import Columnar
import SQLTypes

/// Loops of arithmetic that can overflow: computed for all lanes without branches together with a mark of suspicion,
/// and re-run with checks on the wanted rows only when a mark was set.
enum CheckedLoops {
    /// `fast` gives the wrapped result and a number that is negative when it may be wrong; `checked` raises.
    @inline(__always)
    static func binary<A, B, R, S: FixedWidthInteger & SignedInteger>(
        _ left: Vector, _ right: Vector, _ rows: Rows, as result: DataType, _: A.Type, _: B.Type, _: R.Type, _: S.Type,
        fast: (A, B) -> (R, S), checked: (A, B) throws -> R
    ) throws -> Vector {
        let count = rows.count
        let leftView = left.view
        let rightView = right.view
        let builder = FlatBuilder(result, capacity: count)
        let target = builder.pointer(as: R.self)
        let a = leftView.data.assumingMemoryBound(to: A.self)
        let b = rightView.data.assumingMemoryBound(to: B.self)
        var suspicion: S = 0
        // All lanes are computed, whatever the selection: that is cheaper than going row by row.
        if leftView.codes == nil, right.isConstant {
            let constant = b[0]
            for row in 0..<count {
                let (value, mark) = fast(a[row], constant)
                target[row] = value
                suspicion |= mark
            }
        } else if leftView.codes == nil, rightView.codes == nil {
            for row in 0..<count {
                let (value, mark) = fast(a[row], b[row])
                target[row] = value
                suspicion |= mark
            }
        } else {
            for row in 0..<count {
                let (value, mark) = fast(a[leftView.index(row)], b[rightView.index(row)])
                target[row] = value
                suspicion |= mark
            }
        }
        if suspicion < 0 {
            try rows.forEach { row in
                guard leftView.isValid(row), rightView.isValid(row) else { return }
                target[row] = try checked(a[leftView.index(row)], b[rightView.index(row)])
            }
        }
        let validity = Kernel.mergedValidity([left, right], count: count)
        return builder.finish(count: count, validity: validity.bits, owners: validity.owners)
    }

    /// One operand.
    @inline(__always)
    static func unary<A, R, S: FixedWidthInteger & SignedInteger>(
        _ argument: Vector, _ rows: Rows, as result: DataType, _: A.Type, _: R.Type, _: S.Type,
        fast: (A) -> (R, S), checked: (A) throws -> R
    ) throws -> Vector {
        let count = rows.count
        let view = argument.view
        let builder = FlatBuilder(result, capacity: count)
        let target = builder.pointer(as: R.self)
        let a = view.data.assumingMemoryBound(to: A.self)
        var suspicion: S = 0
        for row in 0..<count {
            let (value, mark) = fast(a[view.index(row)])
            target[row] = value
            suspicion |= mark
        }
        if suspicion < 0 {
            try rows.forEach { row in
                if view.isValid(row) { target[row] = try checked(a[view.index(row)]) }
            }
        }
        return builder.finish(count: count, validity: view.validity, owners: [argument])
    }
}
