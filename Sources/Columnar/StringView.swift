import Glibc

/// A 16-byte string or byte sequence: 4 bytes of length, then up to 12 bytes inline, or 4 bytes of prefix and a
/// pointer into memory that the vector's owners keep alive.
///
/// ```
/// low  = length | first 4 bytes << 32
/// high = bytes 4..<12 (inline, zero padded)   or   address of all bytes
/// ```
/// Unused inline bytes are zero, so two inline strings are equal exactly when both words are.
@frozen
public struct StringView: Sendable {
    public var low: UInt64
    public var high: UInt64

    public static let inlineLimit = 12

    @inlinable @inline(__always)
    public init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    /// The empty string.
    @inlinable @inline(__always)
    public init() {
        low = 0
        high = 0
    }

    /// A view of `count` bytes at `pointer`, which must outlive the view when `count` exceeds `inlineLimit`.
    @inlinable @inline(__always)
    public init(_ pointer: UnsafePointer<UInt8>, _ count: Int) {
        let raw = UnsafeRawPointer(pointer)
        if count > Self.inlineLimit {
            let prefix = raw.loadUnaligned(as: UInt32.self)
            low = UInt64(UInt32(truncatingIfNeeded: count)) | UInt64(prefix) &<< 32
            high = UInt64(UInt(bitPattern: pointer))
        } else {
            var prefix: UInt64 = 0
            var rest: UInt64 = 0
            if count >= 8 {
                let first = raw.loadUnaligned(as: UInt64.self)
                let last = raw.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
                prefix = first & 0xffff_ffff
                // The last 8 bytes overlap the first; keep bytes 4..<count.
                rest = first &>> 32
                if count > 8 { rest |= (last &>> (UInt64(16 &- count) &* 8)) &<< 32 }
            } else if count >= 4 {
                let first = raw.loadUnaligned(as: UInt32.self)
                let last = raw.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self)
                prefix = UInt64(first)
                rest = count == 4 ? 0 : UInt64(last) &>> (UInt64(8 &- count) &* 8)
            } else {
                for index in 0..<count { prefix |= UInt64(pointer[index]) &<< (UInt64(index) &* 8) }
            }
            low = UInt64(UInt32(truncatingIfNeeded: count)) | prefix &<< 32
            high = rest
        }
    }

    /// The same for text of which 16 bytes may be read whatever its length: no branches for short text.
    @inlinable @inline(__always)
    public init(padded pointer: UnsafePointer<UInt8>, _ count: Int) {
        let raw = UnsafeRawPointer(pointer)
        if count > Self.inlineLimit {
            let prefix = raw.loadUnaligned(as: UInt32.self)
            low = UInt64(UInt32(truncatingIfNeeded: count)) | UInt64(prefix) &<< 32
            high = UInt64(UInt(bitPattern: pointer))
        } else {
            let first = raw.loadUnaligned(as: UInt64.self)
            let second = raw.loadUnaligned(fromByteOffset: 4, as: UInt64.self)
            let firstKept = count >= 4 ? first : first & ((1 &<< (UInt64(count) &* 8)) &- 1)
            let rest = count &- 4
            let secondKept = rest <= 0 ? 0 : (rest >= 8 ? second : second & ((1 &<< (UInt64(rest) &* 8)) &- 1))
            low = UInt64(UInt32(truncatingIfNeeded: count)) | firstKept &<< 32
            high = secondKept
        }
    }

    /// Bytes.
    @inlinable @inline(__always)
    public var count: Int { Int(truncatingIfNeeded: low & 0xffff_ffff) }

    @inlinable @inline(__always)
    public var isInline: Bool { low & 0xffff_ffff <= 12 }

    /// The address of a string that is not inline.
    @inlinable @inline(__always)
    public var address: UnsafePointer<UInt8> {
        UnsafePointer<UInt8>(bitPattern: UInt(high)).unsafelyUnwrapped
    }

    /// The bytes, for the length of `body` (inline bytes live on the stack).
    @inlinable @inline(__always)
    public func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) throws -> Result) rethrows -> Result {
        if isInline {
            let words = (low &>> 32 | high &<< 32, high &>> 32)
            return try withUnsafeBytes(of: words) { raw in
                try body(
                    UnsafeBufferPointer(
                        start: raw.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: UInt8.self), count: count))
            }
        }
        return try body(UnsafeBufferPointer(start: address, count: count))
    }

    @inlinable @inline(__always)
    public static func == (left: StringView, right: StringView) -> Bool {
        if left.low != right.low { return false }
        if left.high == right.high { return true }
        if left.isInline { return false }
        return memcmp(left.address, right.address, left.count) == 0
    }

    /// Byte order, which is code point order for UTF-8: negative, zero or positive.
    @inlinable @inline(__always)
    public static func compare(_ left: StringView, _ right: StringView) -> Int {
        let leftPrefix = UInt32(truncatingIfNeeded: left.low &>> 32).byteSwapped
        let rightPrefix = UInt32(truncatingIfNeeded: right.low &>> 32).byteSwapped
        if leftPrefix != rightPrefix { return leftPrefix < rightPrefix ? -1 : 1 }
        return compareSlow(left, right)
    }

    @usableFromInline
    static func compareSlow(_ left: StringView, _ right: StringView) -> Int {
        left.withBytes { leftBytes in
            right.withBytes { rightBytes in
                let common = min(leftBytes.count, rightBytes.count)
                if common > 0, let leftStart = leftBytes.baseAddress, let rightStart = rightBytes.baseAddress {
                    let order = memcmp(leftStart, rightStart, common)
                    if order != 0 { return Int(order) }
                }
                return leftBytes.count &- rightBytes.count
            }
        }
    }
}

extension StringView: Comparable {
    @inlinable @inline(__always)
    public static func < (left: StringView, right: StringView) -> Bool { compare(left, right) < 0 }
}

/// Where a list or map value lies in its child vector.
@frozen
public struct ListEntry: Sendable {
    public var offset: UInt32
    public var count: UInt32

    @inlinable @inline(__always)
    public init(offset: UInt32, count: UInt32) {
        self.offset = offset
        self.count = count
    }
}

/// Memory that string views point into. Grows in chunks, never moves; lives as long as a vector refers to it.
///
/// `@unchecked Sendable`: appended to by one thread until the vector is built, then only read.
public final class StringHeap: @unchecked Sendable {
    private var chunks: [Buffer] = []
    private var next: UnsafeMutablePointer<UInt8>
    private var end: UnsafeMutablePointer<UInt8>
    /// Bytes allocated.
    public private(set) var byteCount = 0

    public init() {
        let nowhere = UnsafeMutablePointer<UInt8>(bitPattern: 64).unsafelyUnwrapped
        next = nowhere
        end = nowhere
    }

    /// Room for `count` bytes that stays where it is.
    @inline(__always)
    public func allocate(_ count: Int) -> UnsafeMutablePointer<UInt8> {
        if end - next < count { grow(count) }
        let place = next
        next += count
        return place
    }

    /// Copies `count` bytes, into the view itself when they fit.
    @inline(__always)
    public func append(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> StringView {
        if count <= StringView.inlineLimit { return StringView(bytes, count) }
        let place = allocate(count)
        memcpy(place, bytes, count)
        return StringView(place, count)
    }

    public func append(_ bytes: UnsafeBufferPointer<UInt8>) -> StringView {
        guard let start = bytes.baseAddress else { return StringView() }
        return append(start, bytes.count)
    }

    /// A copy of `view` that lives in this heap.
    @inline(__always)
    public func copy(_ view: StringView) -> StringView {
        view.isInline ? view : append(view.address, view.count)
    }

    private func grow(_ count: Int) {
        let size = max(count, min(max(byteCount, 4000), 1 << 20))
        let chunk = Buffer(byteCount: size)
        chunks.append(chunk)
        byteCount += size
        next = chunk.pointer.assumingMemoryBound(to: UInt8.self)
        end = next + size
    }
}
