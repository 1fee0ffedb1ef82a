import Columnar
import SQLTypes

/// Equality of the key fields of two table rows, as GROUP BY sees it.
struct RowComparer {
    private let fields: [RowLayout.Field]
    private let nullsOffset: Int
    private let nullsByteCount: Int

    init(_ layout: RowLayout) {
        fields = layout.fields
        nullsOffset = layout.nullsOffset
        nullsByteCount = layout.nullsByteCount
    }

    func areEqual(_ left: UnsafeMutableRawPointer, _ right: UnsafeMutableRawPointer) -> Bool {
        for byte in 0..<nullsByteCount
        where left.load(fromByteOffset: nullsOffset &+ byte, as: UInt8.self)
            != right.load(fromByteOffset: nullsOffset &+ byte, as: UInt8.self)
        {
            return false
        }
        return fields.withUnsafeBufferPointer { fields in
            for index in 0..<fields.count where !Self.areEqual(fields[index], left, right) { return false }
            return true
        }
    }

    /// Null fields hold zero on both sides.
    @inline(__always)
    private static func areEqual(
        _ field: RowLayout.Field, _ left: UnsafeMutableRawPointer, _ right: UnsafeMutableRawPointer
    ) -> Bool {
        let offset = field.offset
        switch field.physical {
        case .boolean, .int8:
            return left.load(fromByteOffset: offset, as: UInt8.self)
                == right.load(fromByteOffset: offset, as: UInt8.self)
        case .int16:
            return left.load(fromByteOffset: offset, as: UInt16.self)
                == right.load(fromByteOffset: offset, as: UInt16.self)
        case .int32:
            return left.load(fromByteOffset: offset, as: UInt32.self)
                == right.load(fromByteOffset: offset, as: UInt32.self)
        case .int64:
            return left.load(fromByteOffset: offset, as: UInt64.self)
                == right.load(fromByteOffset: offset, as: UInt64.self)
        case .int128:
            let a = left.load(fromByteOffset: offset, as: StringView.self)
            let b = right.load(fromByteOffset: offset, as: StringView.self)
            switch field.type {
            case .timeWithTimeZone, .timestampWithTimeZone: return a.high == b.high && a.low >> 16 == b.low >> 16
            default: return a.high == b.high && a.low == b.low
            }
        case .float:
            let a = left.load(fromByteOffset: offset, as: Float.self)
            let b = right.load(fromByteOffset: offset, as: Float.self)
            return a == b || (a.isNaN && b.isNaN)
        case .double:
            let a = left.load(fromByteOffset: offset, as: Double.self)
            let b = right.load(fromByteOffset: offset, as: Double.self)
            return a == b || (a.isNaN && b.isNaN)
        case .string:
            return left.load(fromByteOffset: offset, as: StringView.self)
                == right.load(fromByteOffset: offset, as: StringView.self)
        case .list, .map, .row:
            let a = left.load(fromByteOffset: offset, as: StringView.self)
            let b = right.load(fromByteOffset: offset, as: StringView.self)
            // Equal bytes are equal values; others may still be (maps in another order, zeros of either sign).
            return a == b || Comparison.areEqual(nested(field, a), 0, nested(field, b), 0)
        }
    }

    private static func nested(_ field: RowLayout.Field, _ view: StringView) -> Vector {
        let builder = NestedValues.Builder(field.type)
        view.withBytes { bytes in
            guard let start = bytes.baseAddress else {
                builder.appendNull()
                return
            }
            var cursor = UnsafeRawPointer(start)
            builder.append(&cursor)
        }
        return builder.finish()
    }
}
