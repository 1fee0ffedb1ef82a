import SQLTypes

/// How a column takes part in an order.
public struct SortKeyColumn: Sendable, Hashable {
    public var type: DataType
    public var isAscending: Bool
    public var nullsFirst: Bool

    public init(type: DataType, isAscending: Bool, nullsFirst: Bool) {
        self.type = type
        self.isAscending = isAscending
        self.nullsFirst = nullsFirst
    }
}

/// The first 16 bytes of a normalised key as two big-endian words: compares as the bytes do.
@frozen
public struct SortPrefix: Sendable {
    public var high: UInt64
    public var low: UInt64

    @inlinable @inline(__always)
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    @inlinable @inline(__always)
    public static func < (left: SortPrefix, right: SortPrefix) -> Bool {
        left.high != right.high ? left.high < right.high : left.low < right.low
    }

    @inlinable @inline(__always)
    public static func == (left: SortPrefix, right: SortPrefix) -> Bool {
        left.high == right.high && left.low == right.low
    }
}

/// Normalised sort keys: bytes whose order is the order of the rows under all keys.
///
/// ```
/// per column: [null byte][value]         DESC: the value's bytes inverted
/// integers    big-endian, sign bit flipped
/// doubles     big-endian, negative ones inverted; -0.0 as 0.0, NaN above everything
/// strings     bytes with 00 as 00 01, then 00 00
/// arrays      01, null byte, element ... 00        rows: null byte, field ...
/// ```
public struct SortKeyEncoder: Sendable {
    public let columns: [SortKeyColumn]
    /// Bytes of every key, when that is fixed and at most 16: then prefixes alone decide.
    public let fixedWidth: Int?

    public init(_ columns: [SortKeyColumn]) {
        self.columns = columns
        var width = 0
        for column in columns {
            guard let value = Self.fixedWidth(column.type) else {
                width = Int.max
                break
            }
            width += 1 + value
        }
        fixedWidth = width <= 16 ? width : nil
    }

    /// Prefixes decide alone; otherwise equal prefixes need the whole keys.
    public var isPrefixEnough: Bool { fixedWidth != nil }

    private static func fixedWidth(_ type: DataType) -> Int? {
        switch type.physical {
        case .boolean, .int8: 1
        case .int16: 2
        case .int32, .float: 4
        case .int64, .double: 8
        case .int128: 16
        case .string, .list, .map, .row: nil
        }
    }

    // MARK: Prefixes of whole batches

    /// The first 16 bytes of the keys of the wanted rows: `prefixes[i]` for the i-th.
    public func prefixes(_ vectors: [Vector], _ rows: Rows, into prefixes: UnsafeMutablePointer<SortPrefix>) {
        let count = rows.selectedCount
        prefixes.update(repeating: SortPrefix(high: 0, low: 0), count: count)
        let bytes = UnsafeMutableRawPointer(prefixes)
        var offset = 0
        for (index, column) in columns.enumerated() {
            guard offset < 16 else { break }
            let width = Self.writePrefix(vectors[index], column, rows, bytes, offset)
            offset = width.map { offset + $0 } ?? 16
        }
        for index in 0..<count {
            prefixes[index] = SortPrefix(high: prefixes[index].high.bigEndian, low: prefixes[index].low.bigEndian)
        }
    }

    /// Writes a column's part at `offset` of each 16-byte key, as much as fits. Returns its width; nil when that
    /// differs from row to row (nothing may follow).
    private static func writePrefix(
        _ vector: Vector, _ column: SortKeyColumn, _ rows: Rows, _ bytes: UnsafeMutableRawPointer, _ offset: Int
    ) -> Int? {
        let view = vector.view
        let invert: UInt64 = column.isAscending ? 0 : ~0
        switch vector.physical {
        case .boolean, .int8:
            let flip: UInt64 = vector.physical == .int8 ? 0x80 : 0
            return write(view, column, rows, bytes, offset, 1, UInt8.self) { (UInt64($0) ^ flip ^ invert) &<< 56 }
        case .int16:
            return write(view, column, rows, bytes, offset, 2, UInt16.self) { (UInt64($0 ^ 0x8000) ^ invert) &<< 48 }
        case .int32:
            return write(view, column, rows, bytes, offset, 4, UInt32.self) {
                (UInt64($0 ^ 0x8000_0000) ^ invert) &<< 32
            }
        case .int64:
            return write(view, column, rows, bytes, offset, 8, UInt64.self) { $0 ^ (1 &<< 63) ^ invert }
        case .float:
            return write(view, column, rows, bytes, offset, 4, Float.self) { (UInt64(ordered($0)) ^ invert) &<< 32 }
        case .double:
            return write(view, column, rows, bytes, offset, 8, Double.self) { ordered($0) ^ invert }
        case .int128:
            let type = column.type
            return write(view, column, rows, bytes, offset, 16, StringView.self) { pair in
                // Only the first 15 bytes of the value can matter: a null byte stands before it.
                let value = Int128(truncatingIfNeeded: UInt128(pair.low) | UInt128(pair.high) << 64)
                return UInt64(truncatingIfNeeded: ordered(value, type) >> 64) ^ invert
            } second: { pair in
                let value = Int128(truncatingIfNeeded: UInt128(pair.low) | UInt128(pair.high) << 64)
                return UInt64(truncatingIfNeeded: ordered(value, type)) ^ invert
            }
        case .string, .list, .map, .row:
            let data = view.data.assumingMemoryBound(to: StringView.self)
            var position = 0
            var scratch: [UInt8] = []
            let isString = vector.physical == .string
            rows.forEach { row in
                let key = bytes + position &* 16
                position &+= 1
                guard view.isValid(row) else {
                    (key + offset).storeBytes(of: column.nullsFirst ? 0 : 1, as: UInt8.self)
                    return
                }
                (key + offset).storeBytes(of: column.nullsFirst ? 1 : 0, as: UInt8.self)
                let room = 15 &- offset
                if isString {
                    let value = data[view.index(row)]
                    value.withBytes { source in
                        var target = 0
                        var from = 0
                        while target < room, from < source.count {
                            let byte = source[from]
                            (key + (offset &+ 1 &+ target)).storeBytes(
                                of: byte ^ UInt8(truncatingIfNeeded: invert), as: UInt8.self)
                            target &+= 1
                            if byte == 0 {
                                if target < room {
                                    (key + (offset &+ 1 &+ target)).storeBytes(
                                        of: 1 ^ UInt8(truncatingIfNeeded: invert), as: UInt8.self)
                                    target &+= 1
                                }
                            }
                            from &+= 1
                        }
                        // The terminator and what follows are zeros, inverted for DESC.
                        if invert != 0 {
                            while target < room, from >= source.count {
                                (key + (offset &+ 1 &+ target)).storeBytes(of: 0xff, as: UInt8.self)
                                target &+= 1
                            }
                        }
                    }
                } else {
                    scratch.removeAll(keepingCapacity: true)
                    Self.append(vector, row, column.type, to: &scratch)
                    for index in 0..<min(room, scratch.count) {
                        (key + (offset &+ 1 &+ index)).storeBytes(
                            of: scratch[index] ^ UInt8(truncatingIfNeeded: invert), as: UInt8.self)
                    }
                }
            }
            return nil
        }
    }

    /// Fixed-width values: `first` gives the value's bytes from the top of a word.
    @inline(__always)
    private static func write<T>(
        _ view: VectorView, _ column: SortKeyColumn, _ rows: Rows, _ bytes: UnsafeMutableRawPointer, _ offset: Int,
        _ width: Int, _: T.Type, _ first: (T) -> UInt64, second: ((T) -> UInt64)? = nil
    ) -> Int {
        let data = view.data.assumingMemoryBound(to: T.self)
        let validByte: UInt8 = column.nullsFirst ? 1 : 0
        var position = 0
        // The last word of the 16 bytes that a whole word can be written to without passing the end.
        let room = 15 &- offset
        rows.forEach { row in
            let key = bytes + position &* 16
            position &+= 1
            guard view.isValid(row) else {
                (key + offset).storeBytes(of: 1 &- validByte, as: UInt8.self)
                return
            }
            (key + offset).storeBytes(of: validByte, as: UInt8.self)
            let value = data[view.index(row)]
            store(first(value), min(width, 8), key + (offset &+ 1), room)
            if let second, room > 8 { store(second(value), 8, key + (offset &+ 9), room &- 8) }
        }
        return width + 1
    }

    /// The first `width` bytes of a word, top byte first, `room` at most.
    @inline(__always)
    private static func store(_ word: UInt64, _ width: Int, _ place: UnsafeMutableRawPointer, _ room: Int) {
        let swapped = word.bigEndian
        let count = min(width, room)
        switch count {
        case 8: place.storeBytes(of: swapped, as: UInt64.self)
        case 4: place.storeBytes(of: UInt32(truncatingIfNeeded: swapped), as: UInt32.self)
        case 2: place.storeBytes(of: UInt16(truncatingIfNeeded: swapped), as: UInt16.self)
        default:
            for index in 0..<max(count, 0) {
                place.storeBytes(
                    of: UInt8(truncatingIfNeeded: word &>> UInt64(56 &- index &* 8)), toByteOffset: index,
                    as: UInt8.self)
            }
        }
    }

    // MARK: Whole keys

    /// Appends the whole key of one row.
    public func append(_ vectors: [Vector], _ row: Int, to bytes: inout [UInt8]) {
        for (index, column) in columns.enumerated() {
            let vector = vectors[index]
            if vector.isNull(row) {
                bytes.append(column.nullsFirst ? 0 : 1)
                continue
            }
            bytes.append(column.nullsFirst ? 1 : 0)
            let start = bytes.count
            Self.append(vector, row, column.type, to: &bytes)
            if !column.isAscending { for place in start..<bytes.count { bytes[place] = ~bytes[place] } }
        }
    }

    /// A value that is not null, ascending.
    private static func append(_ vector: Vector, _ row: Int, _ type: DataType, to bytes: inout [UInt8]) {
        let position = vector.position(row)
        func add(_ word: UInt64, _ width: Int) {
            for index in 0..<width {
                bytes.append(UInt8(truncatingIfNeeded: word &>> UInt64((width &- 1 &- index) &* 8)))
            }
        }
        switch vector.physical {
        case .boolean: bytes.append(vector.pointer(as: UInt8.self)[position])
        case .int8: bytes.append(vector.pointer(as: UInt8.self)[position] ^ 0x80)
        case .int16: add(UInt64(vector.pointer(as: UInt16.self)[position] ^ 0x8000), 2)
        case .int32: add(UInt64(vector.pointer(as: UInt32.self)[position] ^ 0x8000_0000), 4)
        case .int64: add(vector.pointer(as: UInt64.self)[position] ^ (1 << 63), 8)
        case .float: add(UInt64(ordered(vector.pointer(as: Float.self)[position])), 4)
        case .double: add(ordered(vector.pointer(as: Double.self)[position]), 8)
        case .int128:
            let word = ordered(vector.pointer(as: Int128.self)[position], type)
            add(UInt64(truncatingIfNeeded: word >> 64), 8)
            add(UInt64(truncatingIfNeeded: word), 8)
        case .string:
            vector.pointer(as: StringView.self)[position].withBytes { source in
                for byte in source {
                    bytes.append(byte)
                    if byte == 0 { bytes.append(1) }
                }
            }
            bytes.append(0)
            bytes.append(0)
        case .list:
            guard case .array(let element) = type else { return }
            let entry = vector.pointer(as: ListEntry.self)[position]
            let child = (vector.dictionary ?? vector).children[0]
            for index in Int(entry.offset)..<Int(entry.offset) + Int(entry.count) {
                bytes.append(1)
                appendNullable(child, index, element, to: &bytes)
            }
            bytes.append(0)
        case .row:
            guard case .row(let fields) = type else { return }
            let children = (vector.dictionary ?? vector).children
            for (field, child) in zip(fields, children) { appendNullable(child, position, field.type, to: &bytes) }
        case .map: break
        }
    }

    /// Nulls inside values come last.
    private static func appendNullable(_ vector: Vector, _ row: Int, _ type: DataType, to bytes: inout [UInt8]) {
        if vector.isNull(row) {
            bytes.append(1)
        } else {
            bytes.append(0)
            append(vector, row, type, to: &bytes)
        }
    }

    // MARK: Numbers whose unsigned order is that of the values

    @inline(__always)
    private static func ordered(_ value: Double) -> UInt64 {
        if value.isNaN { return ~0 }
        let bits = (value == 0 ? 0 : value).bitPattern
        return bits ^ (bits &>> 63 == 1 ? ~0 : 1 &<< 63)
    }

    @inline(__always)
    private static func ordered(_ value: Float) -> UInt32 {
        if value.isNaN { return ~0 }
        let bits = (value == 0 ? 0 : value).bitPattern
        return bits ^ (bits &>> 31 == 1 ? ~0 : 1 &<< 31)
    }

    @inline(__always)
    private static func ordered(_ value: Int128, _ type: DataType) -> UInt128 {
        if type.isUnsigned128 { return UInt128(truncatingIfNeeded: value) }
        let comparable = type.hasZone ? value >> 16 : value
        return UInt128(truncatingIfNeeded: comparable) ^ (1 << 127)
    }
}
