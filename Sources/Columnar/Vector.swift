import SQLTypes

/// One column of a batch: immutable once built, shared by reference, and flat, dictionary or constant.
///
/// ```
/// flat        values: count values of the physical type
/// constant    values: one value that stands for every row
/// dictionary  codes: count UInt32 positions into `dictionary`, a flat vector
/// list, map   values: ListEntry a row; children: [elements] or [keys, values]
/// row         no values; children: one vector per field, each as long as the row vector (constant: length 1)
/// ```
/// `validity` is the whole truth about nulls of the *rows*, whatever the encoding: a row whose dictionary entry is
/// null has its bit cleared, and its code is still a valid position. A constant has one bit. Null lanes of `values`
/// hold zero. A row vector's children are null wherever the row is.
///
/// `@unchecked Sendable`: nothing is written after `init`.
public final class Vector: @unchecked Sendable {
    public enum Encoding: UInt8, Sendable { case flat, constant, dictionary }

    public let type: DataType
    public let physical: PhysicalType
    public let encoding: Encoding
    /// Rows.
    public let count: Int
    /// Values of a flat or constant vector; of the dictionary for a dictionary vector (same as `dictionary.values`).
    public let values: UnsafeRawPointer
    public let validity: UnsafePointer<UInt64>?
    /// One position per row for a dictionary vector.
    public let codes: UnsafePointer<UInt32>?
    public let dictionary: Vector?
    public let children: [Vector]
    /// What keeps `values`, `validity`, `codes` and the bytes behind string views alive.
    public let owners: [AnyObject]

    /// A flat or constant vector over memory that `owners` keep alive.
    public init(
        type: DataType, encoding: Encoding = .flat, count: Int, values: UnsafeRawPointer,
        validity: UnsafePointer<UInt64>? = nil, children: [Vector] = [], owners: [AnyObject]
    ) {
        self.type = type
        physical = type.physical
        self.encoding = encoding
        self.count = count
        self.values = values
        self.validity = validity
        codes = nil
        dictionary = nil
        self.children = children
        self.owners = owners
    }

    /// A dictionary vector. `dictionary` is flat and has at least one entry; `validity` clears every row whose entry
    /// is null; every code, of null rows too, is below `dictionary.count`.
    public init(
        dictionary: Vector, codes: UnsafePointer<UInt32>, count: Int, validity: UnsafePointer<UInt64>?,
        owners: [AnyObject]
    ) {
        type = dictionary.type
        physical = dictionary.physical
        encoding = .dictionary
        self.count = count
        values = dictionary.values
        self.validity = validity
        self.codes = codes
        self.dictionary = dictionary
        children = []
        self.owners = owners
    }

    /// The typed start of `values`.
    @inlinable @inline(__always)
    public func pointer<T>(as type: T.Type) -> UnsafePointer<T> { values.assumingMemoryBound(to: type) }

    public var isConstant: Bool { encoding == .constant }
    public var isFlat: Bool { encoding == .flat }
    public var mayHaveNulls: Bool { validity != nil }

    /// Whether row `row` is null. Not for loops over rows: take `validity` out first.
    public func isNull(_ row: Int) -> Bool {
        !Validity.isValid(validity, encoding == .constant ? 0 : row)
    }

    /// The position in `values` (and of `children`) that holds row `row`.
    @inlinable @inline(__always)
    public func position(_ row: Int) -> Int {
        switch encoding {
        case .flat: row
        case .constant: 0
        case .dictionary: Int(codes.unsafelyUnwrapped[row])
        }
    }

    /// The same values under another type with the same physical layout.
    public func retyped(_ type: DataType) -> Vector {
        if type == self.type { return self }
        if encoding == .dictionary, let dictionary, let codes {
            return Vector(
                dictionary: dictionary.retyped(type), codes: codes, count: count, validity: validity, owners: owners)
        }
        return Vector(
            type: type, encoding: encoding, count: count, values: values, validity: validity, children: children,
            owners: owners)
    }

    /// Value of row `row`, for results, tests and planning; not for data paths.
    public func value(at row: Int) -> Value {
        if isNull(row) { return .null }
        return (dictionary ?? self).plainValue(at: position(row))
    }

    private func plainValue(at index: Int) -> Value {
        switch physical {
        case .boolean: return .boolean(pointer(as: UInt8.self)[index] != 0)
        case .int8: return .int(Int64(pointer(as: Int8.self)[index]))
        case .int16: return .int(Int64(pointer(as: Int16.self)[index]))
        case .int32: return .int(Int64(pointer(as: Int32.self)[index]))
        case .int64: return .int(pointer(as: Int64.self)[index])
        case .int128: return .int128(pointer(as: Int128.self)[index])
        case .float: return .real(pointer(as: Float.self)[index])
        case .double: return .double(pointer(as: Double.self)[index])
        case .string: return .bytes(pointer(as: StringView.self)[index].withBytes(Array.init))
        case .list:
            let entry = pointer(as: ListEntry.self)[index]
            let start = Int(entry.offset)
            return .array((start..<start + Int(entry.count)).map { children[0].value(at: $0) })
        case .map:
            let entry = pointer(as: ListEntry.self)[index]
            let range = Int(entry.offset)..<Int(entry.offset) + Int(entry.count)
            return .map(keys: range.map { children[0].value(at: $0) }, values: range.map { children[1].value(at: $0) })
        case .row: return .row(children.map { $0.value(at: index) })
        }
    }
}
