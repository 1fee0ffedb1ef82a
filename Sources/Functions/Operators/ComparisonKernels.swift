import Columnar
import SQLTypes

/// `= <> < <= > >=` and IS [NOT] DISTINCT FROM over vectors of one type, as a vector of booleans or as a selection.
///
/// One loop per physical type and operator; a selection is made without branches. Doubles compare as IEEE says (NaN
/// equals nothing), except for IS DISTINCT FROM. Values with a time zone compare as instants.
public enum ComparisonKernels {
    public enum Operator: UInt8, Sendable {
        case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual, isDistinct, isNotDistinct
    }

    /// The comparison as a boolean vector.
    ///
    /// Three loops a type are enough: `a > b` is `b < a`, `a >= b` is `b <= a`, and `<>` is the opposite of `=`.
    public static func evaluate(_ op: Operator, _ left: Vector, _ right: Vector, _ rows: Rows) throws -> Vector {
        switch op {
        case .isDistinct, .isNotDistinct: return distinct(op == .isDistinct, left, right, rows)
        case .notEqual where !left.type.isNested:
            let equal = try evaluate(.equal, left, right, rows)
            return negated(equal, rows.count)
        case .greater where !left.type.isNested: return try evaluate(.less, right, left, rows)
        case .greaterOrEqual where !left.type.isNested: return try evaluate(.lessOrEqual, right, left, rows)
        case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual: break
        }
        switch left.physical {
        case .boolean: return byOperator(op, left, right, rows, UInt8.self)
        case .int8: return byOperator(op, left, right, rows, Int8.self)
        case .int16: return byOperator(op, left, right, rows, Int16.self)
        case .int32: return byOperator(op, left, right, rows, Int32.self)
        case .int64: return byOperator(op, left, right, rows, Int64.self)
        case .int128:
            if left.type.isZoned { return byOperator(op, left, right, rows, ZonedInstant.self) }
            if left.type.isUnsignedBits { return byOperator(op, left, right, rows, UInt128.self) }
            return byOperator(op, left, right, rows, Int128.self)
        case .float: return byOperator(op, left, right, rows, Float.self)
        case .double: return byOperator(op, left, right, rows, Double.self)
        case .string: return byOperator(op, left, right, rows, StringView.self)
        case .list, .map, .row: return try nested(op, left, right, rows)
        }
    }

    /// The rows for which the comparison is true.
    public static func select(_ op: Operator, _ left: Vector, _ right: Vector, _ rows: Rows) throws -> Selection {
        if right.isConstant, !left.isConstant, op.rawValue < Operator.isDistinct.rawValue {
            if right.isNull(0) { return .none }
            switch left.physical {
            case .int8: return selectInteger(op, left, right, rows, Int8.self)
            case .int16: return selectInteger(op, left, right, rows, Int16.self)
            case .int32: return selectInteger(op, left, right, rows, Int32.self)
            case .int64: return selectInteger(op, left, right, rows, Int64.self)
            case .float: return selectFloat(op, left, right, rows, Float.self)
            case .double: return selectFloat(op, left, right, rows, Double.self)
            case .int128:
                if !left.type.isZoned, !left.type.isUnsignedBits {
                    return selectInteger(op, left, right, rows, Int128.self)
                }
            case .string: return selectString(op, left, right, rows)
            case .boolean, .list, .map, .row: break
            }
        }
        if op.rawValue < Operator.isDistinct.rawValue, op != .notEqual, !left.isConstant, !right.isConstant {
            let isFlipped = op == .greater || op == .greaterOrEqual
            let (a, b) = isFlipped ? (right, left) : (left, right)
            switch left.physical {
            case .int32: return selectPair(op, a, b, rows, Int32.self)
            case .int64: return selectPair(op, a, b, rows, Int64.self)
            case .double: return selectPair(op, a, b, rows, Double.self)
            default: break
            }
        }
        return Selecting.rowsTrue(try evaluate(op, left, right, rows), rows)
    }

    /// A comparison with a constant is a range.
    private static func selectInteger<T: FixedWidthInteger & SignedInteger>(
        _ op: Operator, _ vector: Vector, _ constant: Vector, _ rows: Rows, _: T.Type
    ) -> Selection {
        let value = constant.pointer(as: T.self)[0]
        switch op {
        case .equal, .isNotDistinct: return between(vector, rows, value, value)
        case .less: return value == .min ? .none : between(vector, rows, .min, value - 1)
        case .lessOrEqual: return between(vector, rows, .min, value)
        case .greater: return value == .max ? .none : between(vector, rows, value + 1, .max)
        case .greaterOrEqual: return between(vector, rows, value, .max)
        case .notEqual, .isDistinct: return Selecting.rows(vector, rows, T.self) { $0 != value }
        }
    }

    private static func selectFloat<T: BinaryFloatingPoint>(
        _ op: Operator, _ vector: Vector, _ constant: Vector, _ rows: Rows, _: T.Type
    ) -> Selection {
        let value = constant.pointer(as: T.self)[0]
        if value.isNaN, op != .notEqual { return .none }
        switch op {
        case .equal, .isNotDistinct: return between(vector, rows, value, value)
        case .less: return value == -.infinity ? .none : between(vector, rows, -.infinity, value.nextDown)
        case .lessOrEqual: return between(vector, rows, -.infinity, value)
        case .greater: return value == .infinity ? .none : between(vector, rows, value.nextUp, .infinity)
        case .greaterOrEqual: return between(vector, rows, value, .infinity)
        case .notEqual, .isDistinct: return Selecting.rows(vector, rows, T.self) { $0 != value }
        }
    }

    private static func selectString(_ op: Operator, _ vector: Vector, _ constant: Vector, _ rows: Rows) -> Selection {
        let value = constant.pointer(as: StringView.self)[0]
        switch op {
        case .equal, .isNotDistinct: return Selecting.rows(vector, rows, StringView.self) { $0 == value }
        case .notEqual, .isDistinct: return Selecting.rows(vector, rows, StringView.self) { !($0 == value) }
        case .less, .lessOrEqual, .greater, .greaterOrEqual:
            let isLess = op == .less || op == .lessOrEqual
            let includesEqual = op == .lessOrEqual || op == .greaterOrEqual
            return Selecting.rows(vector, rows, StringView.self) { view in
                let order = StringView.compare(view, value)
                return order == 0 ? includesEqual : (order < 0) == isLess
            }
        }
    }

    private static func between<T: Comparable>(_ vector: Vector, _ rows: Rows, _ from: T, _ to: T) -> Selection {
        Selecting.rows(vector, rows, T.self) { value in
            let above = value >= from
            let below = value <= to
            return Selecting.both(above, below)
        }
    }

    /// The rows with `low <= value <= high` (or without the equality), where both bounds are constants that are not
    /// null.
    public static func selectRange(
        _ vector: Vector, low: Vector, _ includesLow: Bool, high: Vector, _ includesHigh: Bool, _ rows: Rows
    ) -> Selection? {
        switch vector.physical {
        case .int8: return range(vector, low, includesLow, high, includesHigh, rows, Int8.self)
        case .int16: return range(vector, low, includesLow, high, includesHigh, rows, Int16.self)
        case .int32: return range(vector, low, includesLow, high, includesHigh, rows, Int32.self)
        case .int64: return range(vector, low, includesLow, high, includesHigh, rows, Int64.self)
        case .float: return floatRange(vector, low, includesLow, high, includesHigh, rows, Float.self)
        case .double: return floatRange(vector, low, includesLow, high, includesHigh, rows, Double.self)
        case .boolean, .int128, .string, .list, .map, .row: return nil
        }
    }

    private static func range<T: FixedWidthInteger & SignedInteger>(
        _ vector: Vector, _ low: Vector, _ includesLow: Bool, _ high: Vector, _ includesHigh: Bool, _ rows: Rows,
        _: T.Type
    ) -> Selection {
        var from = low.pointer(as: T.self)[0]
        var to = high.pointer(as: T.self)[0]
        if !includesLow {
            if from == .max { return .none }
            from += 1
        }
        if !includesHigh {
            if to == .min { return .none }
            to -= 1
        }
        return between(vector, rows, from, to)
    }

    private static func floatRange<T: BinaryFloatingPoint>(
        _ vector: Vector, _ low: Vector, _ includesLow: Bool, _ high: Vector, _ includesHigh: Bool, _ rows: Rows,
        _: T.Type
    ) -> Selection {
        let from = includesLow ? low.pointer(as: T.self)[0] : low.pointer(as: T.self)[0].nextUp
        let to = includesHigh ? high.pointer(as: T.self)[0] : high.pointer(as: T.self)[0].nextDown
        return between(vector, rows, from, to)
    }

    // MARK: Loops

    /// `=`, `<` or `<=`: a loop for flat operands, one for a constant on the right, one for all else.
    private static func byOperator<T: Comparable>(
        _ op: Operator, _ left: Vector, _ right: Vector, _ rows: Rows, _: T.Type
    ) -> Vector {
        switch op {
        case .less, .greater: compare(left, right, rows, T.self) { $0 < $1 }
        case .lessOrEqual, .greaterOrEqual: compare(left, right, rows, T.self) { $0 <= $1 }
        case .equal, .notEqual, .isDistinct, .isNotDistinct: compare(left, right, rows, T.self) { $0 == $1 }
        }
    }

    @inline(__always)
    private static func compare<T>(
        _ left: Vector, _ right: Vector, _ rows: Rows, _: T.Type, _ test: (T, T) -> Bool
    ) -> Vector {
        let count = rows.count
        let builder = FlatBuilder(.boolean, capacity: count)
        let target = builder.pointer(as: UInt8.self)
        let a = left.view
        let b = right.view
        let x = a.data.assumingMemoryBound(to: T.self)
        let y = b.data.assumingMemoryBound(to: T.self)
        if rows.selection != nil {
            builder.zero()
            rows.forEach { row in target[row] = unsafeBitCast(test(x[a.index(row)], y[b.index(row)]), to: UInt8.self) }
        } else if a.codes == nil, right.isConstant {
            let value = y[0]
            for row in 0..<count { target[row] = unsafeBitCast(test(x[row], value), to: UInt8.self) }
        } else if a.codes == nil, b.codes == nil {
            for row in 0..<count { target[row] = unsafeBitCast(test(x[row], y[row]), to: UInt8.self) }
        } else {
            for row in 0..<count { target[row] = unsafeBitCast(test(x[a.index(row)], y[b.index(row)]), to: UInt8.self) }
        }
        let validity = Kernel.mergedValidity([left, right], count: count)
        return builder.finish(count: count, validity: validity.bits, owners: validity.owners)
    }

    /// The opposite of a flat boolean vector.
    private static func negated(_ flags: Vector, _ count: Int) -> Vector {
        let builder = FlatBuilder(.boolean, capacity: count)
        let target = builder.pointer(as: UInt8.self)
        let source = flags.pointer(as: UInt8.self)
        for row in 0..<count { target[row] = source[row] ^ 1 }
        return builder.finish(count: count, validity: flags.validity, owners: [flags])
    }

    private static func selectPair<T: Comparable>(
        _ op: Operator, _ left: Vector, _ right: Vector, _ rows: Rows, _: T.Type
    ) -> Selection {
        switch op {
        case .less, .greater: Selecting.pairs(left, right, rows, T.self) { $0 < $1 }
        case .lessOrEqual, .greaterOrEqual: Selecting.pairs(left, right, rows, T.self) { $0 <= $1 }
        case .equal, .notEqual, .isDistinct, .isNotDistinct: Selecting.pairs(left, right, rows, T.self) { $0 == $1 }
        }
    }

    /// IS [NOT] DISTINCT FROM: never null.
    private static func distinct(_ wanted: Bool, _ left: Vector, _ right: Vector, _ rows: Rows) -> Vector {
        let builder = FlatBuilder(.boolean, capacity: rows.count)
        let flags = builder.pointer(as: UInt8.self)
        flags.update(repeating: 1, count: rows.count)
        Comparison.clearDifferent(left, nil, right, nil, count: rows.count, flags: flags)
        if wanted { for row in 0..<rows.count { flags[row] ^= 1 } }
        return builder.finish(count: rows.count)
    }

    // MARK: Nested values

    /// `=` of nested values is NULL when an undecided pair of parts holds a NULL; order refuses NULLs inside.
    private static func nested(_ op: Operator, _ left: Vector, _ right: Vector, _ rows: Rows) throws -> Vector {
        let builder = FlatBuilder(.boolean, capacity: rows.count)
        builder.zero()
        let target = builder.pointer(as: UInt8.self)
        try rows.forEach { row in
            guard !left.isNull(row), !right.isNull(row) else { return builder.setNull(row) }
            switch op {
            case .equal, .notEqual, .isDistinct, .isNotDistinct:
                guard let isEqual = equality(left, row, right, row) else { return builder.setNull(row) }
                target[row] = isEqual == (op == .equal) ? 1 : 0
            case .less: target[row] = try order(left, row, right, row) < 0 ? 1 : 0
            case .lessOrEqual: target[row] = try order(left, row, right, row) <= 0 ? 1 : 0
            case .greater: target[row] = try order(left, row, right, row) > 0 ? 1 : 0
            case .greaterOrEqual: target[row] = try order(left, row, right, row) >= 0 ? 1 : 0
            }
        }
        return builder.finish(count: rows.count)
    }

    private static func order(_ left: Vector, _ leftRow: Int, _ right: Vector, _ rightRow: Int) throws -> Int {
        if holdsNull(left, leftRow) || holdsNull(right, rightRow) {
            let name = if case .row = left.type { "ROW" } else { "ARRAY" }
            throw QueryError(
                .notSupported, "\(name) comparison not supported for \(name.lowercased())s with null elements")
        }
        return Comparison.compare(left, leftRow, right, rightRow)
    }

    private static func holdsNull(_ vector: Vector, _ row: Int) -> Bool {
        let flat = vector.dictionary ?? vector
        let position = vector.position(row)
        switch flat.physical {
        case .list:
            let entry = flat.pointer(as: ListEntry.self)[position]
            return (0..<Int(entry.count)).contains { index in
                let child = Int(entry.offset) + index
                return flat.children[0].isNull(child) || holdsNull(flat.children[0], child)
            }
        case .row: return flat.children.contains { $0.isNull(position) || holdsNull($0, position) }
        default: return false
        }
    }

    /// SQL equality of two lanes that are not null: nil when it is unknown.
    public static func equality(_ left: Vector, _ leftRow: Int, _ right: Vector, _ rightRow: Int) -> Bool? {
        let leftFlat = left.dictionary ?? left
        let rightFlat = right.dictionary ?? right
        let leftPosition = left.position(leftRow)
        let rightPosition = right.position(rightRow)
        switch left.physical {
        case .list:
            let a = leftFlat.pointer(as: ListEntry.self)[leftPosition]
            let b = rightFlat.pointer(as: ListEntry.self)[rightPosition]
            guard a.count == b.count else { return false }
            var isUnknown = false
            for index in 0..<Int(a.count) {
                let result = nullableEquality(
                    leftFlat.children[0], Int(a.offset) + index, rightFlat.children[0], Int(b.offset) + index)
                if result == false { return false }
                if result == nil { isUnknown = true }
            }
            return isUnknown ? nil : true
        case .map:
            let a = leftFlat.pointer(as: ListEntry.self)[leftPosition]
            let b = rightFlat.pointer(as: ListEntry.self)[rightPosition]
            guard a.count == b.count else { return false }
            var isUnknown = false
            for index in Int(a.offset)..<Int(a.offset) + Int(a.count) {
                let match = (Int(b.offset)..<Int(b.offset) + Int(b.count)).first {
                    Comparison.areEqual(leftFlat.children[0], index, rightFlat.children[0], $0)
                }
                guard let match else { return false }
                let result = nullableEquality(leftFlat.children[1], index, rightFlat.children[1], match)
                if result == false { return false }
                if result == nil { isUnknown = true }
            }
            return isUnknown ? nil : true
        case .row:
            var isUnknown = false
            for field in leftFlat.children.indices {
                let result = nullableEquality(
                    leftFlat.children[field], leftPosition, rightFlat.children[field], rightPosition)
                if result == false { return false }
                if result == nil { isUnknown = true }
            }
            return isUnknown ? nil : true
        case .float:
            return leftFlat.pointer(as: Float.self)[leftPosition] == rightFlat.pointer(as: Float.self)[rightPosition]
        case .double:
            return leftFlat.pointer(as: Double.self)[leftPosition] == rightFlat.pointer(as: Double.self)[rightPosition]
        default: return Comparison.areEqual(left, leftRow, right, rightRow)
        }
    }

    private static func nullableEquality(_ left: Vector, _ leftRow: Int, _ right: Vector, _ rightRow: Int) -> Bool? {
        if left.isNull(leftRow) || right.isNull(rightRow) { return nil }
        return equality(left, leftRow, right, rightRow)
    }
}

/// `UTC picoseconds << 16 | zone` in order of the instant.
struct ZonedInstant: Comparable {
    var packed: Int128

    @inline(__always) static func == (a: ZonedInstant, b: ZonedInstant) -> Bool { a.packed &>> 16 == b.packed &>> 16 }
    @inline(__always) static func < (a: ZonedInstant, b: ZonedInstant) -> Bool { a.packed &>> 16 < b.packed &>> 16 }
}

extension DataType {
    /// Values carry a zone: compare on `value >> 16`.
    var isZoned: Bool {
        switch self {
        case .timestampWithTimeZone, .timeWithTimeZone: true
        default: false
        }
    }

    /// Int128 bit patterns in unsigned order.
    var isUnsignedBits: Bool { self == .uuid || self == .ipaddress }
}
