import Columnar
import SQLTypes

/// A shortcut past hashing for keys of few values: the codes of dictionaries, or integers within a small window,
/// multiplied into one index of an array of groups.
///
/// ```
/// l_returnflag: code of 3 (+1 for NULL), l_linestatus: code of 2 (+1)  ->  array of 4 * 3 groups
/// ```
/// It only remembers what the hash table said: when a dictionary or window changes, the array is cleared and filled
/// again by need.
final class DirectIndex {
    typealias Row = UnsafeMutableRawPointer

    private struct Column {
        var dictionary: Vector?
        /// A column of one value (a partition key), known by where it lies.
        var constant: Vector?
        /// Window of integers: `base ..< base + extent`.
        var base: Int64 = 0
        /// Values without NULL; 0: not set up.
        var extent = 0
    }

    /// Arrays above this would leave the cache and cost too much to clear.
    private static let largest = 1 << 17
    /// Rounds of set-up that found too many values before the shortcut is given up.
    private static let patience = 4

    private var columns: [Column]
    private var size = 0
    private var buffer: Buffer?
    private var failures = 0
    /// By position among the selected rows.
    private var indexBuffer = Buffer(byteCount: Batch.defaultRowCount * 4)
    private(set) var isGivenUp = false

    init(keyTypes: [DataType]) {
        columns = [Column](repeating: Column(), count: keyTypes.count)
        let isPossible = keyTypes.allSatisfy { type in
            switch type.physical {
            case .boolean, .int8, .int16, .int32, .int64, .string: true
            case .int128, .float, .double, .list, .map, .row: false
            }
        }
        isGivenUp = !isPossible || keyTypes.isEmpty
    }

    func giveUp() {
        isGivenUp = true
        buffer = nil
    }

    /// Forgets the groups, not the windows.
    func clear() {
        buffer?.pointer.initializeMemory(as: UInt8.self, repeating: 0, count: size * 8)
    }

    /// The groups that are known, nil where not: `groups[i]` for the i-th selected row. False: not applicable to this
    /// batch.
    func lookUp(_ keys: [Vector], _ rows: Rows, _ groups: UnsafeMutablePointer<Row?>) -> (
        applies: Bool, isComplete: Bool
    ) {
        if isGivenUp { return (false, false) }
        guard prepare(keys, rows), let buffer else { return (false, false) }
        let count = rows.selectedCount
        if indexBuffer.byteCount < count * 4 { indexBuffer = Buffer(byteCount: count * 4) }
        let indices = indexBuffer.pointer.assumingMemoryBound(to: UInt32.self)
        for (position, key) in keys.enumerated() {
            addCodes(key, columns[position], rows, indices, isFirst: position == 0)
        }
        let table = buffer.pointer.assumingMemoryBound(to: Row?.self)
        var missing: UInt = 0
        for index in 0..<count {
            let group = table[Int(indices[index])]
            groups[index] = group
            missing |= UInt(unsafeBitCast(group == nil, to: UInt8.self))
        }
        return (true, missing == 0)
    }

    /// Remembers the group of the i-th row of the last `lookUp`.
    func remember(_ position: Int, _ group: Row) {
        guard let buffer else { return }
        let index = Int(indexBuffer.pointer.assumingMemoryBound(to: UInt32.self)[position])
        buffer.pointer.assumingMemoryBound(to: Row?.self)[index] = group
    }

    // MARK: Windows

    private func prepare(_ keys: [Vector], _ rows: Rows) -> Bool {
        var hasChanged = size == 0
        for (position, key) in keys.enumerated() {
            if key.isConstant {
                if columns[position].constant?.values == key.values { continue }
                columns[position] = Column(constant: key, extent: 1)
                hasChanged = true
                continue
            }
            if let dictionary = key.dictionary {
                if columns[position].dictionary === dictionary { continue }
                guard dictionary.count < Self.largest else { return fail() }
                columns[position] = Column(dictionary: dictionary, extent: dictionary.count)
                hasChanged = true
                continue
            }
            guard key.physical != .string, let range = Self.range(of: key, rows) else { return fail() }
            let column = columns[position]
            let isWindow = column.dictionary == nil && column.constant == nil && column.extent > 0
            if isWindow, range.lowerBound >= column.base,
                range.upperBound &- column.base < Int64(column.extent)
            {
                continue
            }
            var low = range.lowerBound
            var high = range.upperBound
            if isWindow {
                low = min(low, column.base)
                high = max(high, column.base &+ Int64(column.extent) &- 1)
            }
            let (span, overflow) = high.subtractingReportingOverflow(low)
            guard !overflow, span < Int64(Self.largest) else { return fail() }
            // Twice the room, so that a growing window is set up a few times only.
            var extent = 16
            while extent <= Int(span) { extent *= 2 }
            columns[position] = Column(dictionary: nil, base: low, extent: extent)
            hasChanged = true
        }
        guard hasChanged else { return true }
        var product = 1
        for column in columns {
            let (next, overflow) = product.multipliedReportingOverflow(by: column.extent + 1)
            guard !overflow, next <= Self.largest else { return fail() }
            product = next
        }
        if product > size || buffer == nil { buffer = Buffer(byteCount: product * 8) }
        size = product
        clear()
        return true
    }

    private func fail() -> Bool {
        failures += 1
        size = 0
        for index in columns.indices { columns[index] = Column() }
        if failures >= Self.patience { giveUp() }
        return false
    }

    /// The least and greatest valid value; 0...0 without any. nil when they lie too far apart.
    private static func range(of key: Vector, _ rows: Rows) -> ClosedRange<Int64>? {
        let view = key.view
        switch key.physical {
        case .boolean: return 0...1
        case .int8: return -128...127
        case .int16: return range(view, rows, Int16.self)
        case .int32: return range(view, rows, Int32.self)
        case .int64: return range(view, rows, Int64.self)
        case .int128, .float, .double, .string, .list, .map, .row: return nil
        }
    }

    private static func range<T: FixedWidthInteger>(_ view: VectorView, _ rows: Rows, _: T.Type) -> ClosedRange<Int64>?
    {
        let data = view.data.assumingMemoryBound(to: T.self)
        var low = T.max
        var high = T.min
        if rows.selection == nil, view.codes == nil, view.validity == nil {
            for row in 0..<rows.count {
                low = min(low, data[row])
                high = max(high, data[row])
            }
        } else {
            rows.forEach { row in
                guard view.isValid(row) else { return }
                let value = data[view.index(row)]
                low = min(low, value)
                high = max(high, value)
            }
        }
        return low > high ? 0...0 : Int64(low)...Int64(high)
    }

    // MARK: Codes

    private func addCodes(
        _ key: Vector, _ column: Column, _ rows: Rows, _ indices: UnsafeMutablePointer<UInt32>, isFirst: Bool
    ) {
        let view = key.view
        let factor = UInt32(truncatingIfNeeded: column.extent + 1)
        let null = UInt32(truncatingIfNeeded: column.extent)
        if column.dictionary != nil, let codes = key.codes {
            Self.add(view, rows, indices, factor, null, isFirst) { codes[$0] }
            return
        }
        if column.constant != nil {
            Self.add(view, rows, indices, factor, null, isFirst) { _ in 0 }
            return
        }
        let base = column.base
        switch key.physical {
        case .boolean: Self.addIntegers(view, rows, indices, factor, null, isFirst, base, UInt8.self)
        case .int8: Self.addIntegers(view, rows, indices, factor, null, isFirst, base, Int8.self)
        case .int16: Self.addIntegers(view, rows, indices, factor, null, isFirst, base, Int16.self)
        case .int32: Self.addIntegers(view, rows, indices, factor, null, isFirst, base, Int32.self)
        default: Self.addIntegers(view, rows, indices, factor, null, isFirst, base, Int64.self)
        }
    }

    @inline(__always)
    private static func addIntegers<T: FixedWidthInteger>(
        _ view: VectorView, _ rows: Rows, _ indices: UnsafeMutablePointer<UInt32>, _ factor: UInt32, _ null: UInt32,
        _ isFirst: Bool, _ base: Int64, _: T.Type
    ) {
        let data = view.data.assumingMemoryBound(to: T.self)
        if view.codes == nil {
            add(view, rows, indices, factor, null, isFirst) {
                UInt32(truncatingIfNeeded: Int64(truncatingIfNeeded: data[$0]) &- base)
            }
        } else {
            add(view, rows, indices, factor, null, isFirst) {
                UInt32(truncatingIfNeeded: Int64(truncatingIfNeeded: data[view.index($0)]) &- base)
            }
        }
    }

    @inline(__always)
    private static func add(
        _ view: VectorView, _ rows: Rows, _ indices: UnsafeMutablePointer<UInt32>, _ factor: UInt32, _ null: UInt32,
        _ isFirst: Bool, _ code: (Int) -> UInt32
    ) {
        if rows.selection == nil, view.validity == nil {
            if isFirst {
                for row in 0..<rows.count { indices[row] = code(row) }
            } else {
                for row in 0..<rows.count { indices[row] = indices[row] &* factor &+ code(row) }
            }
            return
        }
        var position = 0
        rows.forEach { row in
            let own = view.isValid(row) ? code(row) : null
            indices[position] = isFirst ? own : indices[position] &* factor &+ own
            position &+= 1
        }
    }
}
