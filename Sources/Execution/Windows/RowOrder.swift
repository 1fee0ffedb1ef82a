import Columnar
import SQLTypes

/// Sorts row numbers by columns of whole vectors.
///
/// Each row gets a 64-bit code that keeps the order of as many leading key columns as fit: integers by their distance
/// from the least value, short strings whole, others by their first bits. Codes are sorted by radix; where a code does
/// not tell everything, runs of equal codes are sorted by comparing the columns that are left.
///
/// `@unchecked Sendable`: nothing is written after `init`.
final class RowOrder: @unchecked Sendable {
    struct Key {
        let column: Vector
        let isAscending: Bool
        let nullsFirst: Bool
    }

    /// Codes tell all rows apart that differ in the keys.
    var isExact: Bool { exactCount == keys.count }

    /// How one column goes into the code.
    private struct Part {
        let key: Key
        /// Bits of the value, without the null bit.
        let bits: Int
        let hasNulls: Bool
        /// Bits cut off at the low end.
        let dropped: Int
        /// Integers: what is subtracted; strings: bytes taken.
        let low: Int128
        let byteCount: Int
    }

    struct Entry {
        var code: UInt64
        var row: UInt32
    }

    private let keys: [Key]
    private var parts: [Part] = []
    /// Keys from here on are not wholly in the code.
    private var exactCount = 0

    /// Looks at all rows of the key columns.
    init(_ keys: [Key]) {
        self.keys = keys
        var left = 64
        for key in keys {
            let hasNulls = key.column.view.validity != nil
            guard let (bits, low, byteCount, isWhole) = Self.measure(key.column) else { break }
            let needed = bits + (hasNulls ? 1 : 0)
            if needed <= left {
                parts.append(
                    Part(key: key, bits: bits, hasNulls: hasNulls, dropped: 0, low: low, byteCount: byteCount))
                left -= needed
                if !isWhole { break }
                exactCount += 1
                continue
            }
            let kept = left - (hasNulls ? 1 : 0)
            if kept > 0 {
                parts.append(
                    Part(
                        key: key, bits: kept, hasNulls: hasNulls, dropped: bits - kept, low: low, byteCount: byteCount))
            }
            break
        }
    }

    /// Bits of the codes of a column's values, and whether codes tell all values apart; nil for nested types.
    private static func measure(_ column: Vector) -> (bits: Int, low: Int128, byteCount: Int, isWhole: Bool)? {
        switch column.physical {
        case .boolean, .int8, .int16, .int32, .int64:
            var bounds = KeyBounds()
            bounds.add(column)
            guard bounds.low <= bounds.high else { return (0, 0, 0, true) }
            let span = UInt64(bitPattern: bounds.high) &- UInt64(bitPattern: bounds.low)
            return (64 - span.leadingZeroBitCount, Int128(bounds.low), 0, true)
        case .int128:
            let view = column.view
            var low = Int128.max
            var high = Int128.min
            for row in 0..<view.count where view.isValid(row) {
                let value = wide(view.load(row, as: Int128.self), column.type)
                low = min(low, value)
                high = max(high, value)
            }
            guard low <= high else { return (0, 0, 0, true) }
            let span = UInt128(truncatingIfNeeded: high &- low)
            let bits = 128 - span.leadingZeroBitCount
            // Long spans are cut to their top 64 bits when the code is made.
            return (min(bits, 64), low, max(bits - 64, 0), bits <= 64)
        case .float, .double: return (64, 0, 0, true)
        case .string:
            let view = column.view
            var longest = 0
            for row in 0..<view.count where view.isValid(row) {
                longest = max(longest, view.load(row, as: StringView.self).count)
            }
            // The length tells "a" from "a\0".
            return longest <= 7 ? (longest * 8 + 3, 0, longest, true) : (64, 0, 8, false)
        case .list, .map, .row: return nil
        }
    }

    /// Int128 in the order of its type.
    private static func wide(_ value: Int128, _ type: DataType) -> Int128 {
        switch type {
        case .timeWithTimeZone, .timestampWithTimeZone: value >> 16
        // Unsigned order: flip the sign.
        case .uuid, .ipaddress: value ^ Int128.min
        default: value
        }
    }

    /// Sorts `rows`.
    func sort(_ rows: UnsafeMutablePointer<UInt32>, _ count: Int, _ cancellation: Cancellation) throws {
        if count < 2 || keys.isEmpty { return }
        let buffer = Buffer(byteCount: count * MemoryLayout<Entry>.stride)
        let entries = buffer.pointer.assumingMemoryBound(to: Entry.self)
        for index in 0..<count { entries[index] = Entry(code: 0, row: rows[index]) }
        var usedBits = 0
        for part in parts {
            addCodes(part, entries, count)
            usedBits += part.bits + (part.hasNulls ? 1 : 0)
        }
        try Self.radixSort(entries, count, usedBits, cancellation)
        if exactCount < keys.count {
            var start = 0
            while start < count {
                var end = start + 1
                while end < count, entries[end].code == entries[start].code { end += 1 }
                if end - start > 1 {
                    try cancellation.check()
                    var slice = UnsafeMutableBufferPointer(start: entries + start, count: end - start)
                    slice.sort { compareRest($0.row, $1.row) < 0 }
                }
                start = end
            }
        }
        for index in 0..<count { rows[index] = entries[index].row }
    }

    /// The order of two rows by the keys that are not wholly in the code.
    private func compareRest(_ left: UInt32, _ right: UInt32) -> Int {
        for key in keys[exactCount...] {
            let column = key.column
            let leftIsNull = column.isNull(Int(left))
            let rightIsNull = column.isNull(Int(right))
            if leftIsNull || rightIsNull {
                if leftIsNull == rightIsNull { continue }
                return leftIsNull == key.nullsFirst ? -1 : 1
            }
            let order = Comparison.compare(column, Int(left), column, Int(right))
            if order != 0 { return key.isAscending ? order : -order }
        }
        // Stable in the order of rows.
        return left < right ? -1 : 1
    }

    private func addCodes(_ part: Part, _ entries: UnsafeMutablePointer<Entry>, _ count: Int) {
        let column = part.key.column
        let low = UInt64(truncatingIfNeeded: part.low)
        switch column.physical {
        case .boolean: add(part, entries, count, UInt8.self) { UInt64($0) &- low }
        case .int8: add(part, entries, count, Int8.self) { UInt64(bitPattern: Int64($0)) &- low }
        case .int16: add(part, entries, count, Int16.self) { UInt64(bitPattern: Int64($0)) &- low }
        case .int32: add(part, entries, count, Int32.self) { UInt64(bitPattern: Int64($0)) &- low }
        case .int64: add(part, entries, count, Int64.self) { UInt64(bitPattern: $0) &- low }
        case .int128:
            let type = column.type
            let least = part.low
            let cut = UInt128(part.byteCount)
            add(part, entries, count, Int128.self) {
                UInt64(truncatingIfNeeded: UInt128(truncatingIfNeeded: Self.wide($0, type) &- least) >> cut)
            }
        case .float: add(part, entries, count, Float.self) { Self.ordered(Double($0)) }
        case .double: add(part, entries, count, Double.self) { Self.ordered($0) }
        case .string:
            if part.byteCount == 8 {
                add(part, entries, count, StringView.self) { Self.prefix($0) }
            } else {
                let shift = UInt64(64 - part.byteCount * 8)
                add(part, entries, count, StringView.self) {
                    part.byteCount == 0 ? 0 : (Self.prefix($0) &>> shift) &<< 3 | UInt64($0.count)
                }
            }
        case .list, .map, .row: break
        }
    }

    /// Bits whose unsigned order is that of numbers, with NaN last.
    @inline(__always)
    private static func ordered(_ value: Double) -> UInt64 {
        if value == 0 { return 1 << 63 }
        let bits = value.isNaN ? Double.nan.bitPattern : value.bitPattern
        return bits >> 63 != 0 ? ~bits : bits | 1 << 63
    }

    /// The first eight bytes, big-endian, zero-padded.
    @inline(__always)
    private static func prefix(_ view: StringView) -> UInt64 {
        let first = view.low &>> 32
        let second = view.isInline ? view.high & 0xffff_ffff : UInt64(longSecond(view))
        return (first | second &<< 32).byteSwapped
    }

    @inline(__always)
    private static func longSecond(_ view: StringView) -> UInt32 {
        (UnsafeRawPointer(view.address) + 4).loadUnaligned(as: UInt32.self)
    }

    @inline(__always)
    private func add<T>(
        _ part: Part, _ entries: UnsafeMutablePointer<Entry>, _ count: Int, _: T.Type, _ code: (T) -> UInt64
    ) {
        let view = part.key.column.view
        let mask: UInt64 = part.bits == 64 ? ~0 : (1 &<< UInt64(part.bits)) &- 1
        let flip = part.key.isAscending ? 0 : mask
        let dropped = UInt64(part.dropped)
        if !part.hasNulls {
            let shift = UInt64(part.bits)
            for index in 0..<count {
                let value = ((code(view.load(Int(entries[index].row), as: T.self)) &>> dropped) & mask) ^ flip
                entries[index].code = (part.bits == 64 ? 0 : entries[index].code &<< shift) | value
            }
            return
        }
        let nullBit: UInt64 = part.key.nullsFirst ? 0 : 1
        let shift = UInt64(part.bits + 1)
        for index in 0..<count {
            let row = Int(entries[index].row)
            let high = part.bits >= 63 ? 0 : entries[index].code &<< shift
            if view.isValid(row) {
                let value = ((code(view.load(row, as: T.self)) &>> dropped) & mask) ^ flip
                entries[index].code = high | (1 &- nullBit) &<< UInt64(part.bits) | value
            } else {
                entries[index].code = high | nullBit &<< UInt64(part.bits)
            }
        }
    }

    /// Least significant byte first; small inputs by comparison.
    private static func radixSort(
        _ entries: UnsafeMutablePointer<Entry>, _ count: Int, _ usedBits: Int, _ cancellation: Cancellation
    ) throws {
        if usedBits == 0 { return }
        if count < 256 {
            var all = UnsafeMutableBufferPointer(start: entries, count: count)
            all.sort { $0.code != $1.code ? $0.code < $1.code : $0.row < $1.row }
            return
        }
        let buffer = Buffer(byteCount: count * MemoryLayout<Entry>.stride)
        var source = entries
        var target = buffer.pointer.assumingMemoryBound(to: Entry.self)
        let passes = (usedBits + 7) / 8
        let histogramBuffer = Buffer(byteCount: passes * 256 * 8)
        let histograms = histogramBuffer.pointer.assumingMemoryBound(to: Int.self)
        histograms.update(repeating: 0, count: passes * 256)
        for index in 0..<count {
            var code = entries[index].code
            for pass in 0..<passes {
                histograms[pass &<< 8 | Int(truncatingIfNeeded: code & 255)] &+= 1
                code &>>= 8
            }
        }
        for pass in 0..<passes {
            try cancellation.check()
            let histogram = histograms + pass * 256
            let shift = UInt64(pass * 8)
            // A byte that all codes share moves nothing.
            if histogram[Int(truncatingIfNeeded: (source[0].code &>> shift) & 255)] == count { continue }
            var sum = 0
            for digit in 0..<256 {
                let size = histogram[digit]
                histogram[digit] = sum
                sum &+= size
            }
            for index in 0..<count {
                let entry = source[index]
                let digit = Int(truncatingIfNeeded: (entry.code &>> shift) & 255)
                target[histogram[digit]] = entry
                histogram[digit] &+= 1
            }
            swap(&source, &target)
        }
        if source != entries { entries.update(from: source, count: count) }
    }
}
