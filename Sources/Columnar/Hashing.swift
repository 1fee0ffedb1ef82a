import SQLTypes

/// Hashes of vectors of every type, one 64-bit lane per row: equal values (as GROUP BY sees them) have equal hashes,
/// whatever the encoding.
///
/// Integers of all widths hash alike by value. -0.0 is 0.0, all NaN are one value, types with a time zone hash their
/// instant alone, NULL has a hash of its own. Top bits are meant for partitions, low bits for slots.
public enum Hashing {
    @usableFromInline static let multiplier: UInt64 = 0xa076_1d64_78bd_642f
    @usableFromInline static let seed: UInt64 = 0x9e37_79b9_7f4a_7c15
    /// Stands for NULL where the bits of a value would be.
    @usableFromInline static let nullBits: UInt64 = 0x6c62_272e_07bb_0142

    /// Both halves of a 128-bit product, folded: one multiplication mixes all bits.
    @inlinable @inline(__always)
    public static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = left.multipliedFullWidth(by: right)
        return product.high ^ product.low
    }

    /// The hash of one value of 64 bits that stands alone.
    @inlinable @inline(__always)
    public static func hash(_ bits: UInt64) -> UInt64 { fold(bits ^ seed, multiplier) }

    /// Adds a column's bits to the hash of the columns before it (`seed` for the first).
    @inlinable @inline(__always)
    static func combine(_ hash: UInt64, _ bits: UInt64) -> UInt64 {
        fold(((hash &<< 29) | (hash &>> 35)) ^ bits, multiplier)
    }

    /// Where `combine` starts: its rotation of this gives `seed`, so that one column hashes as `hash(_:)` does.
    @usableFromInline static let start: UInt64 = (seed &>> 29) | (seed &<< 35)

    /// The hashes of the wanted rows over all columns, at `lanes[row]`; other lanes are left alone or overwritten.
    public static func hash(_ columns: [Vector], _ rows: Rows, into lanes: UnsafeMutablePointer<UInt64>) {
        lanes.update(repeating: start, count: rows.count)
        for column in columns { combine(column, rows, into: lanes) }
    }

    /// Adds `column` to the hashes in `lanes[row]` of the wanted rows.
    public static func combine(_ column: Vector, _ rows: Rows, into lanes: UnsafeMutablePointer<UInt64>) {
        if let dictionary = column.dictionary, let codes = column.codes, dictionary.count <= rows.selectedCount {
            withScratch(dictionary.count) { entries in
                bits(of: dictionary, Rows(count: dictionary.count), into: entries)
                combineEntries(entries, codes, column.validity, rows, lanes)
            }
            return
        }
        if column.isConstant {
            let value =
                column.isNull(0)
                ? nullBits
                : withScratch(1) { one in
                    bits(of: column.gather(zeroCodes, count: 1).flattened(), Rows(count: 1), into: one)
                    return one[0]
                }
            rows.forEach { row in lanes[row] = combine(lanes[row], value) }
            return
        }
        visit(column, rows, CombineInto(lanes: lanes))
    }

    /// Adds a dictionary vector whose entries' bits (from `entryBits`) are known.
    static func combineEntries(
        _ entries: UnsafePointer<UInt64>, _ codes: UnsafePointer<UInt32>, _ validity: UnsafePointer<UInt64>?,
        _ rows: Rows, _ lanes: UnsafeMutablePointer<UInt64>
    ) {
        rows.forEach { row in
            let value = Validity.isValid(validity, row) ? entries[Int(codes[row])] : nullBits
            lanes[row] = combine(lanes[row], value)
        }
    }

    static var zeroCodes: UnsafePointer<UInt32> { ConstantLanes.zeros.assumingMemoryBound(to: UInt32.self) }

    static func withScratch<Result>(_ count: Int, _ body: (UnsafeMutablePointer<UInt64>) -> Result) -> Result {
        let buffer = Buffer(byteCount: max(count, 1) * 8)
        return body(buffer.pointer.assumingMemoryBound(to: UInt64.self))
    }

    /// What stands for each wanted row's value in a hash: its bits when they are few, else a hash of them.
    static func bits(of column: Vector, _ rows: Rows, into lanes: UnsafeMutablePointer<UInt64>) {
        visit(column, rows, StoreInto(lanes: lanes))
    }

    // MARK: One loop per physical type

    /// What happens with the bits of a row.
    private protocol Sink {
        func put(_ row: Int, _ bits: UInt64)
    }

    private struct CombineInto: Sink {
        let lanes: UnsafeMutablePointer<UInt64>
        @inline(__always) func put(_ row: Int, _ bits: UInt64) { lanes[row] = combine(lanes[row], bits) }
    }

    private struct StoreInto: Sink {
        let lanes: UnsafeMutablePointer<UInt64>
        @inline(__always) func put(_ row: Int, _ bits: UInt64) { lanes[row] = bits }
    }

    private static func visit<S: Sink>(_ column: Vector, _ rows: Rows, _ sink: S) {
        let view = column.view
        switch column.physical {
        case .boolean: each(view, rows, sink, UInt8.self) { UInt64($0) }
        case .int8: each(view, rows, sink, Int8.self) { UInt64(bitPattern: Int64($0)) }
        case .int16: each(view, rows, sink, Int16.self) { UInt64(bitPattern: Int64($0)) }
        case .int32: each(view, rows, sink, Int32.self) { UInt64(bitPattern: Int64($0)) }
        case .int64: each(view, rows, sink, UInt64.self) { $0 }
        case .int128:
            if column.type.hasZone {
                each(view, rows, sink, Int128.self) { bits(of: $0 >> 16) }
            } else {
                each(view, rows, sink, Int128.self) { bits(of: $0) }
            }
        case .float: each(view, rows, sink, Float.self) { bits(of: Double($0)) }
        case .double: each(view, rows, sink, Double.self) { bits(of: $0) }
        case .string: each(view, rows, sink, StringView.self) { bits(of: $0) }
        case .list, .map, .row:
            withScratch(column.count) { scratch in
                nestedBits(column, rows, into: scratch)
                rows.forEach { row in sink.put(row, view.isValid(row) ? scratch[row] : nullBits) }
            }
        }
    }

    @inline(__always)
    private static func each<T, S: Sink>(
        _ view: VectorView, _ rows: Rows, _ sink: S, _: T.Type, _ bits: (T) -> UInt64
    ) {
        let data = view.data.assumingMemoryBound(to: T.self)
        if let selection = rows.selection {
            let indices = selection.indices
            for position in 0..<selection.count {
                let row = Int(indices[position])
                sink.put(row, view.isValid(row) ? bits(data[view.index(row)]) : nullBits)
            }
        } else if let validity = view.validity {
            for row in 0..<rows.count {
                sink.put(row, Validity.isValid(validity, row) ? bits(data[view.index(row)]) : nullBits)
            }
        } else if let codes = view.codes {
            for row in 0..<rows.count { sink.put(row, bits(data[Int(codes[row])])) }
        } else {
            for row in 0..<rows.count { sink.put(row, bits(data[row])) }
        }
    }

    @inline(__always)
    static func bits(of value: Int128) -> UInt64 {
        let high = UInt64(truncatingIfNeeded: value >> 64)
        return UInt64(truncatingIfNeeded: value) ^ fold(high ^ seed, 0xe703_7ed1_a0b4_28db)
    }

    @inline(__always)
    static func bits(of value: Double) -> UInt64 {
        if value == 0 { return 0 }
        return value.isNaN ? Double.nan.bitPattern : value.bitPattern
    }

    /// Inline strings by their two words, others by 16 bytes a step.
    @inline(__always)
    public static func bits(of view: StringView) -> UInt64 {
        if view.isInline { return fold(view.low ^ 0x8ebc_6af0_9c88_c6e3, view.high ^ seed) }
        return bits(ofLong: view.address, view.count)
    }

    private static func bits(ofLong bytes: UnsafePointer<UInt8>, _ count: Int) -> UInt64 {
        let raw = UnsafeRawPointer(bytes)
        var state = UInt64(truncatingIfNeeded: count) ^ seed
        var offset = 0
        while offset &+ 16 < count {
            let first = raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            let second = raw.loadUnaligned(fromByteOffset: offset &+ 8, as: UInt64.self)
            state = fold(first ^ 0x8ebc_6af0_9c88_c6e3, second ^ state)
            offset &+= 16
        }
        // The last 16 bytes, overlapping what was read; there are more than 12 in all.
        let lastOffset = count &- 8
        let first = raw.loadUnaligned(fromByteOffset: max(count &- 16, 0), as: UInt64.self)
        let second = raw.loadUnaligned(fromByteOffset: lastOffset, as: UInt64.self)
        return fold(first ^ 0x5899_65cc_7537_4cc3, second ^ state)
    }

    // MARK: Nested types

    private static func nestedBits(_ column: Vector, _ rows: Rows, into lanes: UnsafeMutablePointer<UInt64>) {
        let flat = column.flattened()
        switch flat.physical {
        case .row:
            lanes.update(repeating: 0x1d8e_4e27_c47d_124f, count: flat.count)
            for child in flat.children { combine(child, rows, into: lanes) }
        case .list, .map:
            let entries = flat.pointer(as: ListEntry.self)
            let validity = flat.validity
            var low = Int.max
            var high = 0
            rows.forEach { row in
                guard Validity.isValid(validity, row), entries[row].count > 0 else { return }
                low = min(low, Int(entries[row].offset))
                high = max(high, Int(entries[row].offset) + Int(entries[row].count))
            }
            if low > high { low = high }
            low &= ~63
            let isMap = flat.physical == .map
            withScratch(high - low) { elements in
                elements.update(repeating: start, count: high - low)
                for child in flat.children {
                    let part = child.slice(offset: low, count: high - low)
                    combine(part, Rows(count: high - low), into: elements)
                }
                rows.forEach { row in
                    guard Validity.isValid(validity, row) else { return }
                    let count = Int(entries[row].count)
                    let from = Int(entries[row].offset) - low
                    var state = UInt64(count) ^ seed
                    // Entries of a map have no order, so their hashes are summed.
                    for index in 0..<count {
                        state = isMap ? state &+ elements[from + index] : combine(state, elements[from + index])
                    }
                    lanes[row] = fold(state ^ 0x2d35_8dcc_aa6c_78a5, multiplier)
                }
            }
        default: visit(flat, rows, StoreInto(lanes: lanes))
        }
    }
}

extension DataType {
    /// The low 16 bits of a value name a zone, which equality, hashing and order leave out.
    @usableFromInline
    var hasZone: Bool {
        switch self {
        case .timeWithTimeZone, .timestampWithTimeZone: true
        default: false
        }
    }

    /// Stored as Int128 but ordered as an unsigned number.
    @usableFromInline
    var isUnsigned128: Bool {
        switch self {
        case .uuid, .ipaddress: true
        default: false
        }
    }
}

/// Hashes batch after batch of the same columns: remembers the hashes of dictionaries that come again.
public final class VectorHasher {
    private struct Remembered {
        var dictionary: Vector?
        var entries: Buffer?
        /// Rows hashed with this dictionary so far.
        var rowCount = 0
    }

    /// Larger dictionaries are hashed by the row: their remembered hashes would leave the cache.
    private static let largestRemembered = 1 << 16
    private var remembered: [Remembered]

    public init(columnCount: Int) {
        remembered = [Remembered](repeating: Remembered(), count: columnCount)
    }

    /// As `Hashing.hash`; `columns` come in the same order each time.
    public func hash(_ columns: [Vector], _ rows: Rows, into lanes: UnsafeMutablePointer<UInt64>) {
        lanes.update(repeating: Hashing.start, count: rows.count)
        for (index, column) in columns.enumerated() {
            guard let dictionary = column.dictionary, let codes = column.codes,
                dictionary.count <= Self.largestRemembered
            else {
                Hashing.combine(column, rows, into: lanes)
                continue
            }
            if remembered[index].dictionary !== dictionary {
                remembered[index] = Remembered(dictionary: dictionary)
            }
            remembered[index].rowCount += rows.selectedCount
            if remembered[index].entries == nil {
                guard remembered[index].rowCount >= dictionary.count else {
                    Hashing.combine(column, rows, into: lanes)
                    continue
                }
                let buffer = Buffer(byteCount: max(dictionary.count, 1) * 8)
                Hashing.bits(
                    of: dictionary, Rows(count: dictionary.count),
                    into: buffer.pointer.assumingMemoryBound(to: UInt64.self))
                remembered[index].entries = buffer
            }
            guard let entries = remembered[index].entries else { continue }
            Hashing.combineEntries(
                entries.pointer.assumingMemoryBound(to: UInt64.self), codes, column.validity, rows, lanes)
        }
    }
}
