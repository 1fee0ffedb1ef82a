import Columnar
import SQLTypes

/// Turns the key columns of a join into one 64-bit key per row.
///
/// ```
/// packed   integers with known bounds: ((a - minA) * widthB + (b - minB)) ...  exact, below `domain`
/// raw      one 64-bit integer whose bounds are too far apart                   exact
/// hashed   everything else                                                    equal keys must be compared
/// ```
/// Made from the build side's bounds: a probe key outside of them has no match and never reaches the table. Rows whose
/// key is NULL (or NaN, which equals nothing) under a plain `=` are flagged out; under IS NOT DISTINCT FROM, NULL is one
/// more code.
struct JoinKeyEncoder: Sendable {
    enum Mode: Sendable { case packed, raw, hashed }

    /// One key column.
    struct Part: Sendable {
        let type: DataType
        let isNullSafe: Bool
        /// Bounds of the build side's values (packed).
        var low: Int64 = 0
        /// Greatest minus least.
        var span: UInt64 = 0
        /// Codes of the column: span + 1, and one for NULL when null-safe.
        var width: UInt64 = 1
    }

    let mode: Mode
    let parts: [Part]
    /// Keys are below it (packed).
    let domain: UInt64

    /// Whether equal keys mean equal columns.
    var isExact: Bool { mode != .hashed }

    /// - Parameter bounds: per column, least and greatest value of an integer-like column; nil for other types and
    ///   columns without values.
    init(_ columns: [(type: DataType, isNullSafe: Bool)], bounds: [KeyBounds]) {
        var made: [Part] = []
        var domain: UInt64 = 1
        var canPack = true
        for (column, bound) in zip(columns, bounds) {
            var part = Part(type: column.type, isNullSafe: column.isNullSafe)
            if column.type.physical.isIntegerLike {
                if bound.low <= bound.high {
                    part.low = bound.low
                    part.span = UInt64(bitPattern: bound.high) &- UInt64(bitPattern: bound.low)
                    let (width, overflow) = part.span.addingReportingOverflow(column.isNullSafe ? 2 : 1)
                    part.width = width
                    if overflow { canPack = false }
                } else {
                    // No values: nothing matches but NULL.
                    part.low = 1
                    part.span = 0
                    part.width = column.isNullSafe ? 2 : 1
                }
                let (product, overflow) = domain.multipliedReportingOverflow(by: part.width)
                domain = product
                if overflow || product > 1 << 62 { canPack = false }
            } else {
                canPack = false
            }
            made.append(part)
        }
        parts = made
        if canPack {
            mode = .packed
            self.domain = domain
        } else if columns.count == 1, columns[0].type.physical == .int64, !columns[0].isNullSafe {
            mode = .raw
            self.domain = 0
        } else {
            mode = .hashed
            self.domain = 0
        }
    }

    /// Writes `keys[i]` and `flags[i]` (1: may have a match, 0: has none) for the i-th row: lane `lanes[i]` of the
    /// columns, or lane i. `scratch` has room for a hash per lane.
    func encode(
        _ columns: [Vector], _ batch: Rows, keys: UnsafeMutablePointer<UInt64>, flags: UnsafeMutablePointer<UInt8>,
        hasher: VectorHasher, scratch: UnsafeMutablePointer<UInt64>
    ) {
        let count = batch.selectedCount
        let lanes = batch.selection?.indices
        flags.update(repeating: 1, count: count)
        switch mode {
        case .raw:
            let view = columns[0].view
            let data = view.data.assumingMemoryBound(to: UInt64.self)
            if lanes == nil, view.codes == nil, view.validity == nil {
                keys.update(from: data, count: count)
            } else {
                for index in 0..<count {
                    let row = lanes.map { Int($0[index]) } ?? index
                    keys[index] = data[view.index(row)]
                    flags[index] = unsafeBitCast(view.isValid(row), to: UInt8.self)
                }
            }
        case .packed:
            if parts.isEmpty { keys.update(repeating: 0, count: count) }
            for (index, part) in parts.enumerated() {
                let view = columns[index].view
                let isFirst = index == 0
                switch part.type.physical {
                case .boolean: Self.pack(view, part, lanes, count, keys, flags, isFirst, UInt8.self) { Int64($0) }
                case .int8: Self.pack(view, part, lanes, count, keys, flags, isFirst, Int8.self) { Int64($0) }
                case .int16: Self.pack(view, part, lanes, count, keys, flags, isFirst, Int16.self) { Int64($0) }
                case .int32: Self.pack(view, part, lanes, count, keys, flags, isFirst, Int32.self) { Int64($0) }
                default: Self.pack(view, part, lanes, count, keys, flags, isFirst, Int64.self) { $0 }
                }
            }
        case .hashed:
            if let lanes {
                hasher.hash(columns, batch, into: scratch)
                for index in 0..<count { keys[index] = scratch[Int(lanes[index])] }
            } else {
                hasher.hash(columns, batch, into: keys)
            }
            for (column, part) in zip(columns, parts) where !part.isNullSafe {
                Self.clearUnmatchable(column, lanes, count, flags)
            }
        }
    }

    /// Adds one column to packed keys.
    @inline(__always)
    private static func pack<T>(
        _ view: VectorView, _ part: Part, _ lanes: UnsafePointer<UInt32>?, _ count: Int,
        _ keys: UnsafeMutablePointer<UInt64>, _ flags: UnsafeMutablePointer<UInt8>, _ isFirst: Bool, _: T.Type,
        _ widen: (T) -> Int64
    ) {
        let data = view.data.assumingMemoryBound(to: T.self)
        let low = UInt64(bitPattern: part.low)
        let span = part.span
        let width = part.width
        if view.validity == nil, view.codes == nil, lanes == nil {
            if isFirst {
                for index in 0..<count {
                    let code = UInt64(bitPattern: widen(data[index])) &- low
                    keys[index] = code
                    flags[index] = unsafeBitCast(code <= span, to: UInt8.self)
                }
            } else {
                for index in 0..<count {
                    let code = UInt64(bitPattern: widen(data[index])) &- low
                    keys[index] = keys[index] &* width &+ code
                    flags[index] &= unsafeBitCast(code <= span, to: UInt8.self)
                }
            }
            return
        }
        for index in 0..<count {
            let row = lanes.map { Int($0[index]) } ?? index
            var code = UInt64(bitPattern: widen(data[view.index(row)])) &- low
            var isIn = code <= span
            if !view.isValid(row) {
                code = width &- 1
                isIn = part.isNullSafe
            }
            keys[index] = (isFirst ? 0 : keys[index] &* width) &+ code
            flags[index] &= unsafeBitCast(isIn, to: UInt8.self)
        }
    }

    /// Flags out NULL and NaN, which equal nothing.
    static func clearUnmatchable(
        _ column: Vector, _ lanes: UnsafePointer<UInt32>?, _ count: Int, _ flags: UnsafeMutablePointer<UInt8>
    ) {
        let view = column.view
        if view.validity != nil {
            for index in 0..<count {
                let row = lanes.map { Int($0[index]) } ?? index
                flags[index] &= unsafeBitCast(view.isValid(row), to: UInt8.self)
            }
        }
        switch column.physical {
        case .float:
            for index in 0..<count {
                let value = view.load(lanes.map { Int($0[index]) } ?? index, as: Float.self)
                flags[index] &= unsafeBitCast(value == value, to: UInt8.self)
            }
        case .double:
            for index in 0..<count {
                let value = view.load(lanes.map { Int($0[index]) } ?? index, as: Double.self)
                flags[index] &= unsafeBitCast(value == value, to: UInt8.self)
            }
        default: break
        }
    }
}

/// Least and greatest value of an integer-like key column; `low > high` while there is none.
struct KeyBounds: Sendable {
    var low = Int64.max
    var high = Int64.min
    var hasNull = false

    mutating func add(_ other: KeyBounds) {
        low = min(low, other.low)
        high = max(high, other.high)
        hasNull = hasNull || other.hasNull
    }

    /// Adds all lanes of `column`.
    mutating func add(_ column: Vector) {
        if column.count == 0 { return }
        if column.mayHaveNulls, Validity.nullCount(column.view.validity, column.count) > 0 { hasNull = true }
        switch column.physical {
        case .boolean: scan(column, UInt8.self) { Int64($0) }
        case .int8: scan(column, Int8.self) { Int64($0) }
        case .int16: scan(column, Int16.self) { Int64($0) }
        case .int32: scan(column, Int32.self) { Int64($0) }
        case .int64: scan(column, Int64.self) { $0 }
        default: break
        }
    }

    @inline(__always)
    private mutating func scan<T: Comparable>(_ column: Vector, _: T.Type, _ widen: (T) -> Int64) {
        let view = column.view
        let data = view.data.assumingMemoryBound(to: T.self)
        if column.isConstant {
            guard view.isValid(0) else { return }
            low = min(low, widen(data[0]))
            high = max(high, widen(data[0]))
            return
        }
        if view.validity == nil, view.codes == nil {
            var least = data[0]
            var greatest = data[0]
            for row in 0..<view.count {
                least = data[row] < least ? data[row] : least
                greatest = data[row] > greatest ? data[row] : greatest
            }
            low = min(low, widen(least))
            high = max(high, widen(greatest))
            return
        }
        var low = low
        var high = high
        for row in 0..<view.count where view.isValid(row) {
            let value = widen(data[view.index(row)])
            low = min(low, value)
            high = max(high, value)
        }
        self.low = low
        self.high = high
    }
}

extension PhysicalType {
    /// Values are whole numbers of up to 64 bits.
    var isIntegerLike: Bool {
        switch self {
        case .boolean, .int8, .int16, .int32, .int64: true
        case .int128, .float, .double, .string, .list, .map, .row: false
        }
    }
}
