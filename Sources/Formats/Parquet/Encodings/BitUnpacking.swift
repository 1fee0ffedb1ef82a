import CKernels

/// Reads runs of values of a fixed number of bits, least significant bit first, as RLE and delta pages pack them.
enum BitUnpacking {
    /// Values `first..<first + count` of a packed run. The run's memory is readable 16 bytes past its end.
    static func unpack(
        _ packed: UnsafePointer<UInt8>, width: Int, first: Int, count: Int, into target: UnsafeMutablePointer<UInt32>
    ) {
        var position = first
        var done = 0
        // Whole groups of 8 start on byte borders.
        while done < count, position & 7 != 0 {
            target[done] = one(packed, width, position)
            position &+= 1
            done &+= 1
        }
        let groups = (count &- done) & ~7
        if groups > 0 {
            let start = packed + (position &>> 3) &* width
            if width > 25 || ck_unpack32(start, target + done, groups, Int32(width)) == 0 {
                unpackPlainly(start, width, groups, target + done)
            }
            position &+= groups
            done &+= groups
        }
        while done < count {
            target[done] = one(packed, width, position)
            position &+= 1
            done &+= 1
        }
    }

    /// The same in plain Swift, for other processors and widths, and as the oracle of tests.
    static func unpackPlainly(
        _ packed: UnsafePointer<UInt8>, _ width: Int, _ count: Int, _ target: UnsafeMutablePointer<UInt32>
    ) {
        let mask: UInt64 = (1 &<< UInt64(width)) &- 1
        let raw = UnsafeRawPointer(packed)
        var bit = 0
        for index in 0..<count {
            let word = raw.loadUnaligned(fromByteOffset: bit &>> 3, as: UInt64.self)
            target[index] = UInt32(truncatingIfNeeded: (word &>> UInt64(bit & 7)) & mask)
            bit &+= width
        }
    }

    /// Value `index`, of up to 32 bits.
    @inline(__always)
    static func one(_ packed: UnsafePointer<UInt8>, _ width: Int, _ index: Int) -> UInt32 {
        let bit = index &* width
        let word = UnsafeRawPointer(packed).loadUnaligned(fromByteOffset: bit &>> 3, as: UInt64.self)
        return UInt32(truncatingIfNeeded: (word &>> UInt64(bit & 7)) & ((1 &<< UInt64(width)) &- 1))
    }

    /// Value `index`, of 33 to 64 bits.
    static func oneWide(_ packed: UnsafePointer<UInt8>, _ width: Int, _ index: Int) -> UInt64 {
        let bit = index &* width
        let raw = UnsafeRawPointer(packed)
        let shift = UInt64(bit & 7)
        var word = raw.loadUnaligned(fromByteOffset: bit &>> 3, as: UInt64.self) &>> shift
        if shift > 0 { word |= UInt64(packed[(bit &>> 3) &+ 8]) &<< (64 &- shift) }
        return width == 64 ? word : word & ((1 &<< UInt64(width)) &- 1)
    }
}
