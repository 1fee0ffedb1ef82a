import SQLTypes

/// Where the parts of a row of a `RowTable` lie.
///
/// ```
/// [hash 8]? [fields of 16 and 8 bytes][of 4][of 2][of 1][null bits, a byte per 8 fields] ... [extra, aligned to 8]
/// ```
/// Strings are `StringView`s; lists, maps and rows are `StringView`s over their `NestedValues` form. `extra` is room
/// for what the owner keeps in the row: aggregate states, marks.
/// Rows start at multiples of 8.
public struct RowLayout: Sendable {
    public struct Field: Sendable {
        public let type: DataType
        public let physical: PhysicalType
        public let offset: Int
        /// Offset of the byte with the null bit, and the bit.
        public let nullOffset: Int
        public let nullBit: UInt8

        /// Bytes in the row: nested values are views.
        var width: Int { physical.isNested ? 16 : physical.byteCount }
    }

    public let fields: [Field]
    /// The hash lies at offset 0.
    public let hasHash: Bool
    public let nullsOffset: Int
    public let nullsByteCount: Int
    public let extraOffset: Int
    public let extraByteCount: Int
    /// From row to row.
    public let stride: Int

    public init(_ types: [DataType], hasHash: Bool = true, extraByteCount: Int = 0) {
        var offset = hasHash ? 8 : 0
        var offsets = [Int](repeating: 0, count: types.count)
        for width in [16, 8, 4, 2, 1] {
            for (index, type) in types.enumerated() {
                let physical = type.physical
                guard (physical.isNested ? 16 : physical.byteCount) == width else { continue }
                offsets[index] = offset
                offset += width
            }
        }
        let nullsOffset = offset
        nullsByteCount = (types.count + 7) / 8
        offset += nullsByteCount
        fields = types.enumerated().map { index, type in
            Field(
                type: type, physical: type.physical, offset: offsets[index], nullOffset: nullsOffset + index / 8,
                nullBit: 1 << UInt8(index % 8))
        }
        self.nullsOffset = nullsOffset
        self.hasHash = hasHash
        self.extraByteCount = extraByteCount
        extraOffset = (offset + 7) & ~7
        stride = max((extraOffset + extraByteCount + 7) & ~7, 8)
    }
}

extension PhysicalType {
    @usableFromInline
    var isNested: Bool {
        switch self {
        case .list, .map, .row: true
        default: false
        }
    }
}
