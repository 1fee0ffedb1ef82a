import SQLTypes

/// Lists, maps and rows as runs of bytes that stand for themselves: what row stores, states and spilled rows hold.
///
/// ```
/// value    = null byte (1: null, and nothing follows) + body
/// body     = fixed-width bytes | UInt32 length + bytes | UInt32 count + values (map: key, value, key, value ...) |
///            a value per field
/// ```
/// A top-level value is not null, so its form is the body alone. Numbers are unaligned and in the machine's order.
public enum NestedValues {
    /// Appends the body of lane `row`, which must not be null.
    public static func append(_ vector: Vector, _ row: Int, to bytes: inout [UInt8]) {
        let flat = vector.dictionary ?? vector
        let position = vector.position(row)
        switch vector.physical {
        case .boolean, .int8, .int16, .int32, .int64, .int128, .float, .double:
            let width = vector.physical.byteCount
            bytes.append(contentsOf: UnsafeRawBufferPointer(start: flat.values + position * width, count: width))
        case .string:
            flat.pointer(as: StringView.self)[position].withBytes {
                append(count: $0.count, to: &bytes)
                bytes.append(contentsOf: $0)
            }
        case .list, .map:
            let entry = flat.pointer(as: ListEntry.self)[position]
            append(count: Int(entry.count), to: &bytes)
            for index in 0..<Int(entry.count) {
                for child in flat.children { appendNullable(child, Int(entry.offset) + index, to: &bytes) }
            }
        case .row:
            for child in flat.children { appendNullable(child, position, to: &bytes) }
            // A row without fields still needs an address.
            if flat.children.isEmpty { bytes.append(0) }
        }
    }

    /// Appends a lane that may be null, as elements of nested values are.
    public static func appendNullable(_ vector: Vector, _ row: Int, to bytes: inout [UInt8]) {
        if vector.isNull(row) {
            bytes.append(1)
        } else {
            bytes.append(0)
            append(vector, row, to: &bytes)
        }
    }

    public static func append(count: Int, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: UInt32(truncatingIfNeeded: count)) { bytes.append(contentsOf: $0) }
    }

    /// Builds a flat vector of any type value by value, without knowing the count before.
    public final class Builder {
        public let type: DataType
        private let physical: PhysicalType
        public private(set) var count = 0
        private var capacity = 0
        private var values: Buffer?
        private var bits: Buffer?
        private let children: [Builder]
        private lazy var heap = StringHeap()
        private var usesHeap = false

        public init(_ type: DataType) {
            self.type = type
            physical = type.physical
            switch type {
            case .array(let element): children = [Builder(element)]
            case .map(let key, let value): children = [Builder(key), Builder(value)]
            case .row(let fields): children = fields.map { Builder($0.type) }
            default: children = []
            }
        }

        private func reserve(_ wanted: Int) {
            guard wanted > capacity else { return }
            let grown = max(capacity * 2, max(wanted, 64))
            let width = physical.byteCount
            let newValues = Buffer(byteCount: max(grown * width, 1))
            let newBits = Validity.makeBits(grown, valid: true)
            if let values { newValues.pointer.copyMemory(from: values.pointer, byteCount: count * width) }
            if let bits { newBits.pointer.copyMemory(from: bits.pointer, byteCount: Validity.wordCount(count) * 8) }
            values = newValues
            bits = newBits
            capacity = grown
        }

        private var valueBytes: UnsafeMutableRawPointer {
            values.unsafelyUnwrapped.pointer + count * physical.byteCount
        }

        private var hasNulls = false

        public func appendNull() {
            reserve(count + 1)
            let width = physical.byteCount
            valueBytes.initializeMemory(as: UInt8.self, repeating: 0, count: width)
            Validity.setNull(bits.unsafelyUnwrapped.pointer.assumingMemoryBound(to: UInt64.self), count)
            hasNulls = true
            if physical == .row { for child in children { child.appendNull() } }
            count += 1
        }

        /// Reads a body and moves `cursor` behind it.
        public func append(_ cursor: inout UnsafeRawPointer) {
            reserve(count + 1)
            switch physical {
            case .boolean, .int8, .int16, .int32, .int64, .int128, .float, .double:
                let width = physical.byteCount
                valueBytes.copyMemory(from: cursor, byteCount: width)
                cursor += width
            case .string:
                let length = Self.takeCount(&cursor)
                usesHeap = true
                let view = heap.append(cursor.assumingMemoryBound(to: UInt8.self), length)
                valueBytes.storeBytes(of: view, as: StringView.self)
                cursor += length
            case .list, .map:
                let length = Self.takeCount(&cursor)
                valueBytes.storeBytes(
                    of: ListEntry(
                        offset: UInt32(truncatingIfNeeded: children[0].count), count: UInt32(truncatingIfNeeded: length)
                    ),
                    as: ListEntry.self)
                for _ in 0..<length { for child in children { child.appendNullable(&cursor) } }
            case .row:
                for child in children { child.appendNullable(&cursor) }
                if children.isEmpty { cursor += 1 }
            }
            count += 1
        }

        private func appendNullable(_ cursor: inout UnsafeRawPointer) {
            let isNull = cursor.load(as: UInt8.self) != 0
            cursor += 1
            if isNull { appendNull() } else { append(&cursor) }
        }

        private static func takeCount(_ cursor: inout UnsafeRawPointer) -> Int {
            let count = Int(cursor.loadUnaligned(as: UInt32.self))
            cursor += 4
            return count
        }

        public func finish() -> Vector {
            reserve(1)
            var owners: [AnyObject] = []
            if let values { owners.append(values) }
            if let bits { owners.append(bits) }
            if usesHeap { owners.append(heap) }
            return Vector(
                type: type, count: count, values: UnsafeRawPointer(values.unsafelyUnwrapped.pointer),
                validity: hasNulls
                    ? UnsafePointer(bits.unsafelyUnwrapped.pointer.assumingMemoryBound(to: UInt64.self)) : nil,
                children: children.map { $0.finish() }, owners: owners)
        }
    }
}
