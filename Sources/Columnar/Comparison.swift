import SQLTypes

/// Equality and order of lanes of two vectors of one type, for every type.
///
/// Equality is that of GROUP BY and IS NOT DISTINCT FROM: NULL equals NULL, NaN equals NaN, -0.0 equals 0.0, values
/// with a time zone compare as instants, maps without regard to the order of entries. Order is that of ORDER BY: NaN
/// is the greatest value, and NULL inside nested values comes last.
public enum Comparison {
    /// Clears `flags[i]` where lane `leftRows[i]` of `left` differs from lane `rightRows[i]` of `right`. Rows nil:
    /// lane i. Flags are 0 or 1.
    public static func clearDifferent(
        _ left: Vector, _ leftRows: UnsafePointer<UInt32>?, _ right: Vector, _ rightRows: UnsafePointer<UInt32>?,
        count: Int, flags: UnsafeMutablePointer<UInt8>
    ) {
        let pair = Pair(left.view, leftRows, right.view, rightRows)
        switch left.physical {
        case .boolean, .int8: each(pair, count, flags, UInt8.self) { $0 == $1 }
        case .int16: each(pair, count, flags, UInt16.self) { $0 == $1 }
        case .int32: each(pair, count, flags, UInt32.self) { $0 == $1 }
        case .int64: each(pair, count, flags, UInt64.self) { $0 == $1 }
        case .int128:
            if left.type.hasZone {
                each(pair, count, flags, Int128.self) { $0 >> 16 == $1 >> 16 }
            } else {
                each(pair, count, flags, Int128.self) { $0 == $1 }
            }
        case .float: each(pair, count, flags, Float.self) { $0 == $1 || ($0.isNaN && $1.isNaN) }
        case .double: each(pair, count, flags, Double.self) { $0 == $1 || ($0.isNaN && $1.isNaN) }
        case .string: each(pair, count, flags, StringView.self) { $0 == $1 }
        case .list, .map, .row:
            for index in 0..<count where flags[index] != 0 {
                if !areEqual(left, pair.leftRow(index), right, pair.rightRow(index)) { flags[index] = 0 }
            }
        }
    }

    private struct Pair {
        let left: VectorView
        let right: VectorView
        let leftRows: UnsafePointer<UInt32>?
        let rightRows: UnsafePointer<UInt32>?

        init(
            _ left: VectorView, _ leftRows: UnsafePointer<UInt32>?, _ right: VectorView,
            _ rightRows: UnsafePointer<UInt32>?
        ) {
            self.left = left
            self.right = right
            self.leftRows = leftRows
            self.rightRows = rightRows
        }

        @inline(__always) func leftRow(_ index: Int) -> Int { leftRows.map { Int($0[index]) } ?? index }
        @inline(__always) func rightRow(_ index: Int) -> Int { rightRows.map { Int($0[index]) } ?? index }
    }

    @inline(__always)
    private static func each<T>(
        _ pair: Pair, _ count: Int, _ flags: UnsafeMutablePointer<UInt8>, _: T.Type, _ equal: (T, T) -> Bool
    ) {
        let left = pair.left
        let right = pair.right
        if left.validity == nil, right.validity == nil {
            for index in 0..<count where flags[index] != 0 {
                let isEqual = equal(
                    left.load(pair.leftRow(index), as: T.self), right.load(pair.rightRow(index), as: T.self))
                flags[index] = unsafeBitCast(isEqual, to: UInt8.self)
            }
            return
        }
        for index in 0..<count where flags[index] != 0 {
            let leftRow = pair.leftRow(index)
            let rightRow = pair.rightRow(index)
            let leftIsValid = left.isValid(leftRow)
            let isEqual: Bool
            if leftIsValid != right.isValid(rightRow) {
                isEqual = false
            } else {
                isEqual = !leftIsValid || equal(left.load(leftRow, as: T.self), right.load(rightRow, as: T.self))
            }
            flags[index] = unsafeBitCast(isEqual, to: UInt8.self)
        }
    }

    /// Whether two lanes are not distinct. Not for loops over rows of primitive types: see `clearDifferent`.
    public static func areEqual(_ left: Vector, _ leftRow: Int, _ right: Vector, _ rightRow: Int) -> Bool {
        let leftIsNull = left.isNull(leftRow)
        if leftIsNull || right.isNull(rightRow) { return leftIsNull == right.isNull(rightRow) }
        switch left.physical {
        case .list:
            let leftEntry = left.pointer(as: ListEntry.self)[left.position(leftRow)]
            let rightEntry = right.pointer(as: ListEntry.self)[right.position(rightRow)]
            guard leftEntry.count == rightEntry.count else { return false }
            let leftChild = (left.dictionary ?? left).children[0]
            let rightChild = (right.dictionary ?? right).children[0]
            for index in 0..<Int(leftEntry.count) {
                let isEqual = areEqual(
                    leftChild, Int(leftEntry.offset) + index, rightChild, Int(rightEntry.offset) + index)
                if !isEqual { return false }
            }
            return true
        case .map:
            let leftEntry = left.pointer(as: ListEntry.self)[left.position(leftRow)]
            let rightEntry = right.pointer(as: ListEntry.self)[right.position(rightRow)]
            guard leftEntry.count == rightEntry.count else { return false }
            let leftChildren = (left.dictionary ?? left).children
            let rightChildren = (right.dictionary ?? right).children
            let leftStart = Int(leftEntry.offset)
            let rightStart = Int(rightEntry.offset)
            for index in 0..<Int(leftEntry.count) {
                // Most often the entries have one order.
                var match: Int?
                if areEqual(leftChildren[0], leftStart + index, rightChildren[0], rightStart + index) {
                    match = rightStart + index
                } else {
                    match = (rightStart..<rightStart + Int(rightEntry.count)).first {
                        areEqual(leftChildren[0], leftStart + index, rightChildren[0], $0)
                    }
                }
                guard let match, areEqual(leftChildren[1], leftStart + index, rightChildren[1], match) else {
                    return false
                }
            }
            return true
        case .row:
            let leftFlat = left.dictionary ?? left
            let rightFlat = right.dictionary ?? right
            let leftPosition = left.position(leftRow)
            let rightPosition = right.position(rightRow)
            for field in leftFlat.children.indices {
                let isEqual = areEqual(
                    leftFlat.children[field], leftPosition, rightFlat.children[field], rightPosition)
                if !isEqual { return false }
            }
            return true
        default: return compare(left, leftRow, right, rightRow) == 0
        }
    }

    /// Negative, zero or positive: the order of two lanes, with NULL after everything.
    public static func compare(_ left: Vector, _ leftRow: Int, _ right: Vector, _ rightRow: Int) -> Int {
        let leftIsNull = left.isNull(leftRow)
        let rightIsNull = right.isNull(rightRow)
        if leftIsNull || rightIsNull { return leftIsNull == rightIsNull ? 0 : (leftIsNull ? 1 : -1) }
        let leftPosition = left.position(leftRow)
        let rightPosition = right.position(rightRow)
        switch left.physical {
        case .boolean: return order(left, leftPosition, right, rightPosition, UInt8.self)
        case .int8: return order(left, leftPosition, right, rightPosition, Int8.self)
        case .int16: return order(left, leftPosition, right, rightPosition, Int16.self)
        case .int32: return order(left, leftPosition, right, rightPosition, Int32.self)
        case .int64: return order(left, leftPosition, right, rightPosition, Int64.self)
        case .int128:
            let first = left.pointer(as: Int128.self)[leftPosition]
            let second = right.pointer(as: Int128.self)[rightPosition]
            if left.type.hasZone { return order(first >> 16, second >> 16) }
            if left.type.isUnsigned128 {
                return order(UInt128(truncatingIfNeeded: first), UInt128(truncatingIfNeeded: second))
            }
            return order(first, second)
        case .float:
            return order(
                Double(left.pointer(as: Float.self)[leftPosition]), Double(right.pointer(as: Float.self)[rightPosition])
            )
        case .double:
            return order(left.pointer(as: Double.self)[leftPosition], right.pointer(as: Double.self)[rightPosition])
        case .string:
            return StringView.compare(
                left.pointer(as: StringView.self)[leftPosition], right.pointer(as: StringView.self)[rightPosition])
        case .list:
            let leftEntry = left.pointer(as: ListEntry.self)[leftPosition]
            let rightEntry = right.pointer(as: ListEntry.self)[rightPosition]
            let leftChild = (left.dictionary ?? left).children[0]
            let rightChild = (right.dictionary ?? right).children[0]
            for index in 0..<Int(min(leftEntry.count, rightEntry.count)) {
                let result = compare(
                    leftChild, Int(leftEntry.offset) + index, rightChild, Int(rightEntry.offset) + index)
                if result != 0 { return result }
            }
            return order(leftEntry.count, rightEntry.count)
        case .map: return areEqual(left, leftRow, right, rightRow) ? 0 : 1
        case .row:
            let leftChildren = (left.dictionary ?? left).children
            let rightChildren = (right.dictionary ?? right).children
            for field in leftChildren.indices {
                let result = compare(leftChildren[field], leftPosition, rightChildren[field], rightPosition)
                if result != 0 { return result }
            }
            return 0
        }
    }

    @inline(__always)
    private static func order<T: Comparable>(
        _ left: Vector, _ leftPosition: Int, _ right: Vector, _ rightPosition: Int, _: T.Type
    ) -> Int {
        order(left.pointer(as: T.self)[leftPosition], right.pointer(as: T.self)[rightPosition])
    }

    @inline(__always)
    private static func order<T: Comparable>(_ left: T, _ right: T) -> Int {
        left < right ? -1 : (left == right ? 0 : 1)
    }

    /// NaN is greater than all numbers.
    @inline(__always)
    private static func order(_ left: Double, _ right: Double) -> Int {
        if left < right { return -1 }
        if left == right { return 0 }
        if left > right { return 1 }
        return left.isNaN ? (right.isNaN ? 0 : 1) : -1
    }
}
