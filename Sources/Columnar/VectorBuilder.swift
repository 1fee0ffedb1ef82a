import SQLTypes

/// Room for a flat vector that a kernel fills: write `values` and clear validity bits, then `finish`.
///
/// Not for `row` types (build the children, then `Vector(rowOf:)`); for lists and maps fill `ListEntry` values and
/// hand the children to `finish`.
public final class FlatBuilder {
    public let type: DataType
    public let capacity: Int
    public let buffer: Buffer
    /// Uninitialised room for `capacity` values (`row`: none).
    public let values: UnsafeMutableRawPointer
    private var bits: Buffer?
    private var heap: StringHeap?
    private var extraOwners: [AnyObject] = []

    public init(_ type: DataType, capacity: Int) {
        self.type = type
        self.capacity = capacity
        buffer = Buffer(byteCount: max(capacity * type.physical.byteCount, 1))
        values = buffer.pointer
    }

    @inlinable @inline(__always)
    public func pointer<T>(as type: T.Type) -> UnsafeMutablePointer<T> { values.assumingMemoryBound(to: type) }

    /// The bitmap to clear bits in; made all-valid on first use.
    public var validity: UnsafeMutablePointer<UInt64> {
        if let bits { return bits.pointer.assumingMemoryBound(to: UInt64.self) }
        let made = Validity.makeBits(capacity, valid: true)
        bits = made
        return made.pointer.assumingMemoryBound(to: UInt64.self)
    }

    /// Whether a bitmap was made, so that some row may be null.
    public var hasNulls: Bool { bits != nil }

    /// Marks a row null and zeroes its lane.
    public func setNull(_ row: Int) {
        Validity.setNull(validity, row)
        let width = type.physical.byteCount
        (values + row * width).initializeMemory(as: UInt8.self, repeating: 0, count: width)
    }

    /// Zeroes all lanes, for kernels that write only some.
    public func zero() {
        values.initializeMemory(as: UInt8.self, repeating: 0, count: capacity * type.physical.byteCount)
    }

    /// The heap that string views of this vector may point into.
    public var strings: StringHeap {
        if let heap { return heap }
        let made = StringHeap()
        heap = made
        return made
    }

    /// Keeps `owner` alive with the vector (an argument's heaps when views are passed on).
    public func keepAlive(_ owner: AnyObject) { extraOwners.append(owner) }
    public func keepAlive(_ owners: [AnyObject]) { extraOwners.append(contentsOf: owners) }

    /// The vector of the first `count` rows.
    public func finish(count: Int, children: [Vector] = []) -> Vector {
        var owners: [AnyObject] = [buffer]
        if let bits { owners.append(bits) }
        if let heap { owners.append(heap) }
        owners.append(contentsOf: extraOwners)
        return Vector(
            type: type, count: count, values: UnsafeRawPointer(values),
            validity: bits.map { UnsafePointer($0.pointer.assumingMemoryBound(to: UInt64.self)) },
            children: children, owners: owners)
    }
}

extension Vector {
    /// One value for `count` rows.
    public static func constant(_ value: Value, _ type: DataType, count: Int) -> Vector {
        let one = Vector.fromValues([value], type)
        return Vector(
            type: type, encoding: .constant, count: count, values: one.values, validity: one.validity,
            children: one.children, owners: one.owners)
    }

    /// A flat vector of values, for literals, VALUES rows, metadata results and tests.
    public static func fromValues(_ list: [Value], _ type: DataType) -> Vector {
        let builder = FlatBuilder(type, capacity: list.count)
        builder.zero()
        for (row, value) in list.enumerated() where value.isNull { builder.setNull(row) }
        var children: [Vector] = []
        switch type.physical {
        case .boolean:
            fill(list, builder, UInt8.self) { if case .boolean(let v) = $0 { v ? 1 : 0 } else { nil } }
        case .int8:
            fill(list, builder, Int8.self) { if case .int(let v) = $0 { Int8(truncatingIfNeeded: v) } else { nil } }
        case .int16:
            fill(list, builder, Int16.self) { if case .int(let v) = $0 { Int16(truncatingIfNeeded: v) } else { nil } }
        case .int32:
            fill(list, builder, Int32.self) { if case .int(let v) = $0 { Int32(truncatingIfNeeded: v) } else { nil } }
        case .int64: fill(list, builder, Int64.self) { if case .int(let v) = $0 { v } else { nil } }
        case .int128:
            fill(list, builder, Int128.self) {
                switch $0 {
                case .int128(let v): v
                case .int(let v): Int128(v)
                default: nil
                }
            }
        case .float: fill(list, builder, Float.self) { if case .real(let v) = $0 { v } else { nil } }
        case .double: fill(list, builder, Double.self) { if case .double(let v) = $0 { v } else { nil } }
        case .string:
            let heap = builder.strings
            fill(list, builder, StringView.self) {
                if case .bytes(let v) = $0 { v.withUnsafeBufferPointer { heap.append($0) } } else { nil }
            }
        case .list:
            guard case .array(let element) = type else { break }
            var all: [Value] = []
            fill(list, builder, ListEntry.self) {
                guard case .array(let elements) = $0 else { return nil }
                defer { all.append(contentsOf: elements) }
                return ListEntry(
                    offset: UInt32(truncatingIfNeeded: all.count), count: UInt32(truncatingIfNeeded: elements.count))
            }
            children = [fromValues(all, element)]
        case .map:
            guard case .map(let keyType, let valueType) = type else { break }
            var allKeys: [Value] = []
            var allValues: [Value] = []
            fill(list, builder, ListEntry.self) {
                guard case .map(let keys, let values) = $0 else { return nil }
                defer {
                    allKeys.append(contentsOf: keys)
                    allValues.append(contentsOf: values)
                }
                return ListEntry(
                    offset: UInt32(truncatingIfNeeded: allKeys.count), count: UInt32(truncatingIfNeeded: keys.count))
            }
            children = [fromValues(allKeys, keyType), fromValues(allValues, valueType)]
        case .row:
            guard case .row(let fields) = type else { break }
            children = fields.enumerated().map { index, field in
                fromValues(
                    list.map { if case .row(let values) = $0, index < values.count { values[index] } else { .null } },
                    field.type)
            }
        }
        return builder.finish(count: list.count, children: children)
    }

    private static func fill<T>(_ list: [Value], _ builder: FlatBuilder, _: T.Type, _ convert: (Value) -> T?) {
        let target = builder.pointer(as: T.self)
        for (row, value) in list.enumerated() { if let converted = convert(value) { target[row] = converted } }
    }
}
