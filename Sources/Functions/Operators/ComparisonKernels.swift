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
    public static func evaluate(_ op: Operator, _ left: Vector, _ right: Vector, _ rows: Rows) throws -> Vector {
        switch op {
        case .isDistinct, .isNotDistinct: return distinct(op == .isDistinct, left, right, rows)
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
        case .string:
            switch op {
            case .equal: return plain(left, right, rows, StringView.self) { $0 == $1 }
            case .notEqual: return plain(left, right, rows, StringView.self) { !($0 == $1) }
            default: return byOperator(op, left, right, rows, StringView.self)
            }
        case .list, .map, .row: return try nested(op, left, right, rows)
        }
    }

    /// The rows for which the comparison is true.
    public static func select(_ op: Operator, _ left: Vector, _ right: Vector, _ rows: Rows) throws -> Selection {
        if right.isConstant, !left.isConstant, op.rawValue < Operator.isDistinct.rawValue {
            if right.isNull(0) { return .none }
            switch left.physical {
            case .int8: return selectConstant(op, left, right, rows, Int8.self)
            case .int16: return selectConstant(op, left, right, rows, Int16.self)
            case .int32: return selectConstant(op, left, right, rows, Int32.self)
            case .int64: return selectConstant(op, left, right, rows, Int64.self)
            case .float: return selectConstant(op, left, right, rows, Float.self)
            case .double: return selectConstant(op, left, right, rows, Double.self)
            case .int128:
                if !left.type.isZoned, !left.type.isUnsignedBits {
                    return selectConstant(op, left, right, rows, Int128.self)
                }
            case .string:
                let value = right.pointer(as: StringView.self)[0]
                switch op {
                case .equal: return Selecting.rows(left, rows, StringView.self) { $0 == value }
                case .notEqual: return Selecting.rows(left, rows, StringView.self) { !($0 == value) }
                default: return selectConstant(op, left, right, rows, StringView.self)
                }
            case .boolean, .list, .map, .row: break
            }
        }
        if op.rawValue < Operator.isDistinct.rawValue, !left.isConstant, !right.isConstant {
            switch left.physical {
            case .int32: return selectPair(op, left, right, rows, Int32.self)
            case .int64: return selectPair(op, left, right, rows, Int64.self)
            case .double: return selectPair(op, left, right, rows, Double.self)
            default: break
            }
        }
        return Selecting.rowsTrue(try evaluate(op, left, right, rows), rows)
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
        _ vector: Vector, _ low: Vector, _ includesLow: Bool, _ high: Vector, _ includesHigh: Bool, _ rows: Rows, _: T.Type
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
        return Selecting.rows(vector, rows, T.self) { value in
            let above = value >= from
            let below = value <= to
            return Selecting.both(above, below)
        }
    }

    private static func floatRange<T: BinaryFloatingPoint>(
        _ vector: Vector, _ low: Vector, _ includesLow: Bool, _ high: Vector, _ includesHigh: Bool, _ rows: Rows, _: T.Type
    ) -> Selection {
        let from = includesLow ? low.pointer(as: T.self)[0] : low.pointer(as: T.self)[0].nextUp
        let to = includesHigh ? high.pointer(as: T.self)[0] : high.pointer(as: T.self)[0].nextDown
        return Selecting.rows(vector, rows, T.self) { value in
            let above = value >= from
            let below = value <= to
            return Selecting.both(above, below)
        }
    }

    // MARK: Loops

    private static func plain<T>(
        _ left: Vector, _ right: Vector, _ rows: Rows, _: T.Type, _ test: (T, T) -> Bool
    ) -> Vector {
        Kernel.binary(left, right, rows, as: .boolean, T.self, T.self, UInt8.self) {
            unsafeBitCast(test($0, $1), to: UInt8.self)
        }
    }

    @inline(__always)
    private static func byOperator<T: Comparable>(
        _ op: Operator, _ left: Vector, _ right: Vector, _ rows: Rows, _: T.Type
    ) -> Vector {
        switch op {
        case .equal, .isNotDistinct: plain(left, right, rows, T.self) { $0 == $1 }
        case .notEqual, .isDistinct: plain(left, right, rows, T.self) { $0 != $1 }
        case .less: plain(left, right, rows, T.self) { $0 < $1 }
        case .lessOrEqual: plain(left, right, rows, T.self) { $0 <= $1 }
        case .greater: plain(left, right, rows, T.self) { $0 > $1 }
        case .greaterOrEqual: plain(left, right, rows, T.self) { $0 >= $1 }
        }
    }

    @inline(__always)
    private static func selectConstant<T: Comparable>(
        _ op: Operator, _ left: Vector, _ right: Vector, _ rows: Rows, _: T.Type
    ) -> Selection {
        let value = right.pointer(as: T.self)[0]
        switch op {
        case .equal, .isNotDistinct: return Selecting.rows(left, rows, T.self) { $0 == value }
        case .notEqual, .isDistinct: return Selecting.rows(left, rows, T.self) { $0 != value }
        case .less: return Selecting.rows(left, rows, T.self) { $0 < value }
        case .lessOrEqual: return Selecting.rows(left, rows, T.self) { $0 <= value }
        case .greater: return Selecting.rows(left, rows, T.self) { $0 > value }
        case .greaterOrEqual: return Selecting.rows(left, rows, T.self) { $0 >= value }
        }
    }

    @inline(__always)
    private static func selectPair<T: Comparable>(
        _ op: Operator, _ left: Vector, _ right: Vector, _ rows: Rows, _: T.Type
    ) -> Selection {
        switch op {
        case .equal, .isNotDistinct: Selecting.pairs(left, right, rows, T.self) { $0 == $1 }
        case .notEqual, .isDistinct: Selecting.pairs(left, right, rows, T.self) { $0 != $1 }
        case .less: Selecting.pairs(left, right, rows, T.self) { $0 < $1 }
        case .lessOrEqual: Selecting.pairs(left, right, rows, T.self) { $0 <= $1 }
        case .greater: Selecting.pairs(left, right, rows, T.self) { $0 > $1 }
        case .greaterOrEqual: Selecting.pairs(left, right, rows, T.self) { $0 >= $1 }
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
            throw QueryError(.notSupported, "\(name) comparison not supported for \(name.lowercased())s with null elements")
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
