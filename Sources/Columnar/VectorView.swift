/// A vector without its references: what loops over rows use, whatever the encoding.
///
/// Row `i` lies at `data[index(i)]`. For a constant, `codes` is a shared run of zeros, so one loop serves all three
/// encodings; take the flat path (`codes == nil`) first where it matters.
@frozen
public struct VectorView {
    public let data: UnsafeRawPointer
    public let codes: UnsafePointer<UInt32>?
    /// Bit per row, also for constants.
    public let validity: UnsafePointer<UInt64>?
    public let count: Int

    @inlinable @inline(__always)
    public init(data: UnsafeRawPointer, codes: UnsafePointer<UInt32>?, validity: UnsafePointer<UInt64>?, count: Int) {
        self.data = data
        self.codes = codes
        self.validity = validity
        self.count = count
    }

    @inlinable @inline(__always)
    public func index(_ row: Int) -> Int {
        guard let codes else { return row }
        return Int(codes[row])
    }

    @inlinable @inline(__always)
    public func load<T>(_ row: Int, as type: T.Type) -> T {
        data.assumingMemoryBound(to: type)[index(row)]
    }

    @inlinable @inline(__always)
    public func isValid(_ row: Int) -> Bool { Validity.isValid(validity, row) }
}

/// Zeros that stand for the codes and the all-null validity of constants.
public enum ConstantLanes {
    /// The longest constant vector; longer ones must be made flat.
    public static let limit = 1 << 16

    // Written once here, then only read.
    nonisolated(unsafe) public static let zeros: UnsafeRawPointer = {
        let pointer = UnsafeMutableRawPointer.allocate(byteCount: limit * 4, alignment: 64)
        pointer.initializeMemory(as: UInt8.self, repeating: 0, count: limit * 4)
        return UnsafeRawPointer(pointer)
    }()
}

extension Vector {
    /// The vector as loops see it; only valid while the vector is referred to.
    public var view: VectorView {
        switch encoding {
        case .flat, .dictionary:
            return VectorView(data: values, codes: codes, validity: validity, count: count)
        case .constant:
            let zeros = ConstantLanes.zeros
            return VectorView(
                data: values, codes: zeros.assumingMemoryBound(to: UInt32.self),
                validity: isNull(0) ? zeros.assumingMemoryBound(to: UInt64.self) : nil, count: count)
        }
    }
}
