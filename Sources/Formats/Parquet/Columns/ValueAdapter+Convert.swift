import Columnar
import SQLTypes

/// A value that the table's type cannot hold.
struct ValueOutOfRange: Error {
    var text: String
}

extension ValueAdapter {
    /// `count` stored values at `raw` (readable 64 bytes past their end) as a flat vector without nulls. The vector
    /// may lie in the same memory, which `owners` keep alive.
    func convert(_ raw: UnsafeRawPointer, _ count: Int, owners: [AnyObject]) throws -> Vector {
        switch rule {
        case .same:
            let width = storedByteCount
            let alignment = min(width, 8)
            if Int(bitPattern: raw) & (alignment - 1) == 0 {
                return Vector(type: type, count: count, values: raw, owners: owners)
            }
            let builder = FlatBuilder(type, capacity: count)
            builder.values.copyMemory(from: raw, byteCount: count * width)
            return builder.finish(count: count)
        case .widenSigned32: return each(raw, count, Int32.self, Int64.self) { Int64($0) }
        case .widenUnsigned32: return each(raw, count, UInt32.self, Int64.self) { Int64($0) }
        case .narrow32(let low, let high):
            var (least, most) = (Int32.max, Int32.min)
            for index in 0..<count {
                let value = raw.loadUnaligned(fromByteOffset: index &* 4, as: Int32.self)
                least = min(least, value)
                most = max(most, value)
            }
            if count > 0, least < low || most > high { throw ValueOutOfRange(text: "\(least < low ? least : most)") }
            switch type.physical {
            case .int8: return each(raw, count, Int32.self, Int8.self) { Int8(truncatingIfNeeded: $0) }
            case .int16: return each(raw, count, Int32.self, Int16.self) { Int16(truncatingIfNeeded: $0) }
            default: return each(raw, count, Int32.self, Int32.self) { $0 }
            }
        case .integer(let scaling, let isSigned):
            if stored == .int32 {
                return isSigned
                    ? try scaled(raw, count, scaling) {
                        Int128(raw.loadUnaligned(fromByteOffset: $0 &* 4, as: Int32.self))
                    }
                    : try scaled(raw, count, scaling) {
                        Int128(raw.loadUnaligned(fromByteOffset: $0 &* 4, as: UInt32.self))
                    }
            }
            return isSigned
                ? try scaled(raw, count, scaling) { Int128(raw.loadUnaligned(fromByteOffset: $0 &* 8, as: Int64.self)) }
                : try scaled(raw, count, scaling) {
                    Int128(raw.loadUnaligned(fromByteOffset: $0 &* 8, as: UInt64.self))
                }
        case .timestamp(let multiply, let divide, let scale):
            return try timestamps(raw, count, multiply, divide, scale)
        case .int96(let precision): return try oldTimestamps(raw, count, precision)
        case .floatToDouble: return each(raw, count, Float.self, Double.self) { Double($0) }
        case .halfToReal: return each(raw, count, UInt16.self, Float.self) { Self.real(half: $0) }
        case .halfToDouble: return each(raw, count, UInt16.self, Double.self) { Double(Self.real(half: $0)) }
        case .bytesToDecimal(let scaling): return try decimals(raw, count, scaling)
        case .fixedToBytes:
            let builder = FlatBuilder(type, capacity: count)
            let target = builder.pointer(as: StringView.self)
            let bytes = raw.assumingMemoryBound(to: UInt8.self)
            for index in 0..<count { target[index] = StringView(bytes + index &* fixedByteCount, fixedByteCount) }
            builder.keepAlive(owners)
            return builder.finish(count: count)
        case .uuidToText:
            let builder = FlatBuilder(type, capacity: count)
            let target = builder.pointer(as: StringView.self)
            let bytes = raw.assumingMemoryBound(to: UInt8.self)
            for index in 0..<count { target[index] = Self.uuidText(bytes + index &* 16, builder.strings) }
            return builder.finish(count: count)
        case .uuidToNumber:
            let builder = FlatBuilder(type, capacity: count)
            let target = builder.pointer(as: Int128.self)
            for index in 0..<count { target[index] = Self.bigEndian(raw + index &* 16, 16) }
            return builder.finish(count: count)
        case .truncate(let limit): return strings(raw, count, owners) { Self.prefix($0, limit) }
        case .trimChar(let limit): return strings(raw, count, owners) { Self.trimmed(Self.prefix($0, limit)) }
        case .nothing: return FlatBuilder.zeros(type, count)
        }
    }

    @inline(__always)
    private func each<S, T>(
        _ raw: UnsafeRawPointer, _ count: Int, _: S.Type, _: T.Type, _ operation: (S) -> T
    ) -> Vector {
        let builder = FlatBuilder(type, capacity: count)
        let target = builder.pointer(as: T.self)
        for index in 0..<count {
            target[index] = operation(raw.loadUnaligned(fromByteOffset: index &* MemoryLayout<S>.size, as: S.self))
        }
        return builder.finish(count: count)
    }

    @inline(__always)
    private func scaled(
        _ raw: UnsafeRawPointer, _ count: Int, _ scaling: IntegerScaling, _ load: (Int) -> Int128?
    ) throws -> Vector {
        let builder = FlatBuilder(type, capacity: count)
        if type.physical == .int128 {
            let target = builder.pointer(as: Int128.self)
            for index in 0..<count {
                guard let value = load(index), let result = scaling.apply(value) else {
                    throw ValueOutOfRange(text: load(index).map { "\($0)" } ?? "")
                }
                target[index] = result
            }
        } else {
            let target = builder.pointer(as: Int64.self)
            for index in 0..<count {
                guard let value = load(index), let result = scaling.apply(value) else {
                    throw ValueOutOfRange(text: load(index).map { "\($0)" } ?? "")
                }
                target[index] = Int64(truncatingIfNeeded: result)
            }
        }
        return builder.finish(count: count)
    }

    private func decimals(_ raw: UnsafeRawPointer, _ count: Int, _ scaling: IntegerScaling) throws -> Vector {
        let isPlain = scaling.multiply == 1 && scaling.divide == 1
        if stored == .fixedByteArray {
            let width = fixedByteCount
            // Values that fit Int64 whatever they are need no checks beyond the bounds.
            if isPlain, width >= 1, width <= 8, type.physical == .int64 {
                let builder = FlatBuilder(type, capacity: count)
                let target = builder.pointer(as: Int64.self)
                let shift = Int64(64 &- width &* 8)
                var (least, most) = (Int64.max, Int64.min)
                for index in 0..<count {
                    let word = Int64(bigEndian: raw.loadUnaligned(fromByteOffset: index &* width, as: Int64.self))
                    let value = word &>> shift
                    least = min(least, value)
                    most = max(most, value)
                    target[index] = value
                }
                if count > 0, Int128(least) < scaling.low || Int128(most) > scaling.high {
                    throw ValueOutOfRange(text: "\(Int128(least) < scaling.low ? least : most)")
                }
                return builder.finish(count: count)
            }
            return try scaled(raw, count, scaling) { Self.wideInteger(raw + $0 &* width, width) }
        }
        let views = raw.assumingMemoryBound(to: StringView.self)
        return try scaled(raw, count, scaling) { index in
            views[index].withBytes { bytes in
                bytes.baseAddress.flatMap { Self.wideInteger(UnsafeRawPointer($0), bytes.count) }
            }
        }
    }

    /// A big-endian integer of any length; nil when it exceeds Int128.
    private static func wideInteger(_ bytes: UnsafeRawPointer, _ count: Int) -> Int128? {
        let start = bytes.assumingMemoryBound(to: UInt8.self)
        guard count > 0 else { return 0 }
        if count <= 16 { return bigEndian(bytes, count) }
        let extra = count - 16
        let sign: UInt8 = start[extra] & 0x80 != 0 ? 0xff : 0
        for index in 0..<extra where start[index] != sign { return nil }
        return bigEndian(bytes + extra, 16)
    }

    static func bigEndian(_ bytes: UnsafeRawPointer, _ count: Int) -> Int128 {
        let start = bytes.assumingMemoryBound(to: UInt8.self)
        var result: Int128 = Int8(bitPattern: start[0]) < 0 ? -1 : 0
        for index in 0..<count { result = result &<< 8 | Int128(start[index]) }
        return result
    }

    private func timestamps(
        _ raw: UnsafeRawPointer, _ count: Int, _ multiply: Int64, _ divide: Int64, _ scale: Int64
    ) throws -> Vector {
        let builder = FlatBuilder(type, capacity: count)
        let target = builder.pointer(as: Int64.self)
        if divide == 1 {
            for index in 0..<count {
                let value = raw.loadUnaligned(fromByteOffset: index &* 8, as: Int64.self)
                let (result, overflow) = value.multipliedReportingOverflow(by: multiply)
                if overflow { throw ValueOutOfRange(text: "\(value)") }
                target[index] = result
            }
        } else if divide == 1000 {
            for index in 0..<count {
                let value = raw.loadUnaligned(fromByteOffset: index &* 8, as: Int64.self)
                target[index] = Self.roundedDivision(value, 1000) &* scale
            }
        } else if divide == 1_000_000 {
            for index in 0..<count {
                let value = raw.loadUnaligned(fromByteOffset: index &* 8, as: Int64.self)
                target[index] = Self.roundedDivision(value, 1_000_000) &* scale
            }
        } else {
            for index in 0..<count {
                let value = raw.loadUnaligned(fromByteOffset: index &* 8, as: Int64.self)
                target[index] = Self.roundedDivision(value, divide) &* scale
            }
        }
        return builder.finish(count: count)
    }

    /// Half up: 1.5 to 2, -1.5 to -1. `divisor` is positive.
    @inline(__always)
    static func roundedDivision(_ value: Int64, _ divisor: Int64) -> Int64 {
        var quotient = value / divisor
        var rest = value &- quotient &* divisor
        if rest < 0 {
            quotient &-= 1
            rest &+= divisor
        }
        return rest &* 2 >= divisor ? quotient &+ 1 : quotient
    }

    /// INT96: nanoseconds of the day, then the Julian day. Spark lets days far from now wrap around in microseconds
    /// and back, and so does this.
    private func oldTimestamps(_ raw: UnsafeRawPointer, _ count: Int, _ precision: Int) throws -> Vector {
        let builder = FlatBuilder(type, capacity: count)
        let epoch: Int64 = 2_440_588
        let microsPerDay: Int64 = 86_400_000_000
        let divide = Int64(Self.power(9 - precision))
        if precision > 6 {
            let target = builder.pointer(as: Int128.self)
            for index in 0..<count {
                let nanos = raw.loadUnaligned(fromByteOffset: index &* 12, as: Int64.self)
                let day = Int64(raw.loadUnaligned(fromByteOffset: index &* 12 &+ 8, as: Int32.self)) &- epoch
                let rounded = divide == 1 ? nanos : Self.roundedDivision(nanos, divide) &* divide
                let micros = rounded / 1000
                let whole = day &* microsPerDay &+ micros
                target[index] = Int128(whole) * 1_000_000 + Int128(rounded &- micros &* 1000) * 1000
            }
        } else {
            let target = builder.pointer(as: Int64.self)
            let scale = Int64(Self.power(6 - precision))
            for index in 0..<count {
                let nanos = raw.loadUnaligned(fromByteOffset: index &* 12, as: Int64.self)
                let day = Int64(raw.loadUnaligned(fromByteOffset: index &* 12 &+ 8, as: Int32.self)) &- epoch
                target[index] = day &* microsPerDay &+ Self.roundedDivision(nanos, divide) &* scale
            }
        }
        return builder.finish(count: count)
    }

    private func strings(
        _ raw: UnsafeRawPointer, _ count: Int, _ owners: [AnyObject], _ operation: (StringView) -> StringView
    ) -> Vector {
        let builder = FlatBuilder(type, capacity: count)
        let views = raw.assumingMemoryBound(to: StringView.self)
        let target = builder.pointer(as: StringView.self)
        for index in 0..<count { target[index] = operation(views[index]) }
        builder.keepAlive(owners)
        return builder.finish(count: count)
    }

    /// The first `limit` code points.
    private static func prefix(_ view: StringView, _ limit: Int) -> StringView {
        if view.count <= limit { return view }
        return view.withBytes { bytes in
            var seen = 0
            for index in 0..<bytes.count where bytes[index] & 0xc0 != 0x80 {
                if seen == limit { return cut(view, bytes, index) }
                seen += 1
            }
            return view
        }
    }

    private static func trimmed(_ view: StringView) -> StringView {
        view.withBytes { bytes in
            var count = bytes.count
            while count > 0, bytes[count - 1] == UInt8(ascii: " ") { count -= 1 }
            return count == bytes.count ? view : cut(view, bytes, count)
        }
    }

    private static func cut(_ view: StringView, _ bytes: UnsafeBufferPointer<UInt8>, _ count: Int) -> StringView {
        guard count > 0, let start = bytes.baseAddress else { return StringView() }
        // A long result points into the same memory as the long original.
        return StringView(start, count)
    }

    private static func uuidText(_ bytes: UnsafePointer<UInt8>, _ heap: StringHeap) -> StringView {
        let place = heap.allocate(36)
        var at = 0
        for index in 0..<16 {
            if index == 4 || index == 6 || index == 8 || index == 10 {
                place[at] = UInt8(ascii: "-")
                at += 1
            }
            for digit in [bytes[index] >> 4, bytes[index] & 15] {
                place[at] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
                at += 1
            }
        }
        return StringView(place, 36)
    }

    /// An IEEE half as a float, exactly.
    static func real(half: UInt16) -> Float {
        let sign = UInt32(half & 0x8000) << 16
        let exponent = Int(half >> 10) & 31
        let fraction = UInt32(half & 0x3ff)
        if exponent == 31 { return Float(bitPattern: sign | 0x7f80_0000 | fraction << 13) }
        if exponent == 0 {
            let value = Float(fraction) * 0x1p-24
            return sign == 0 ? value : -value
        }
        return Float(bitPattern: sign | UInt32(exponent + 112) << 23 | fraction << 13)
    }
}

extension FlatBuilder {
    /// Lanes of zero.
    static func zeros(_ type: DataType, _ count: Int) -> Vector {
        let builder = FlatBuilder(type, capacity: count)
        builder.zero()
        return builder.finish(count: count)
    }
}
