/// Parquet's RLE and bit-packed hybrid: dictionary codes, levels, booleans. A cursor over its runs; skipping costs
/// nothing per value.
///
/// ```
/// run    = varint header, then
///          header & 1 == 0:  header >> 1 times one value of ceil(width / 8) bytes
///          header & 1 == 1:  (header >> 1) * 8 values of `width` bits
/// ```
/// The memory must be readable 16 bytes past its end.
struct HybridDecoder {
    private var position: UnsafePointer<UInt8>
    private let end: UnsafePointer<UInt8>
    let width: Int
    /// Values left in the current run.
    private(set) var runLeft = 0
    private(set) var isRepeated = true
    /// The value of a repeated run.
    private(set) var value: UInt32 = 0
    /// The current packed run and the next position in it.
    private(set) var packed: UnsafePointer<UInt8>
    private(set) var packedPosition = 0

    /// `width` is at most 32.
    init(_ bytes: UnsafePointer<UInt8>, count: Int, width: Int) {
        position = bytes
        end = bytes + count
        packed = bytes
        self.width = width
    }

    /// Begins the next run; false at the end of the data or where it is damaged.
    mutating func nextRun() -> Bool {
        repeat {
            guard position < end else { return false }
            var header: UInt64 = 0
            var shift: UInt64 = 0
            while true {
                guard position < end, shift < 63 else { return false }
                let byte = position.pointee
                position += 1
                header |= UInt64(byte & 0x7f) &<< shift
                if byte & 0x80 == 0 { break }
                shift &+= 7
            }
            guard header < 1 << 34 else { return false }
            if header & 1 == 0 {
                let byteCount = (width &+ 7) &>> 3
                guard end - position >= byteCount else { return false }
                value = 0
                for index in 0..<byteCount { value |= UInt32(position[index]) &<< UInt32(index &* 8) }
                position += byteCount
                isRepeated = true
                runLeft = Int(header >> 1)
            } else {
                let groups = Int(header >> 1)
                packed = position
                packedPosition = 0
                isRepeated = false
                // Some writers cut the padding of the last run.
                let byteCount = min(groups &* width, end - position)
                runLeft = width == 0 ? groups &* 8 : min(groups &* 8, byteCount &* 8 / width)
                position += byteCount
            }
        } while runLeft == 0
        return true
    }

    /// Takes up to `count` values of the current run without looking at them.
    @inline(__always)
    mutating func advance(_ count: Int) {
        runLeft &-= count
        packedPosition &+= count
    }

    mutating func skip(_ count: Int) -> Bool {
        var left = count
        while left > 0 {
            if runLeft == 0, !nextRun() { return false }
            let step = min(left, runLeft)
            advance(step)
            left &-= step
        }
        return true
    }

    /// The next `count` values; false when there are fewer.
    mutating func read(_ target: UnsafeMutablePointer<UInt32>, _ count: Int) -> Bool {
        var done = 0
        while done < count {
            if runLeft == 0, !nextRun() { return false }
            let step = min(count &- done, runLeft)
            if isRepeated {
                (target + done).update(repeating: value, count: step)
            } else if width == 0 {
                (target + done).update(repeating: 0, count: step)
            } else {
                BitUnpacking.unpack(packed, width: width, first: packedPosition, count: step, into: target + done)
            }
            advance(step)
            done &+= step
        }
        return true
    }

    /// The next `count` values as bytes; false when there are fewer or one exceeds `limit`.
    mutating func readBytes(_ target: UnsafeMutablePointer<UInt8>, _ count: Int, limit: UInt8) -> Bool {
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 1024) { temporary in
            guard let values = temporary.baseAddress else { return false }
            var done = 0
            while done < count {
                if runLeft == 0, !nextRun() { return false }
                let step = min(count &- done, min(runLeft, 1024))
                if isRepeated {
                    guard value <= UInt32(limit) else { return false }
                    (target + done).update(repeating: UInt8(truncatingIfNeeded: value), count: step)
                    advance(step)
                } else {
                    guard read(values, step) else { return false }
                    var highest: UInt32 = 0
                    for index in 0..<step {
                        highest = max(highest, values[index])
                        target[done &+ index] = UInt8(truncatingIfNeeded: values[index])
                    }
                    guard highest <= UInt32(limit) else { return false }
                }
                done &+= step
            }
            return true
        }
    }

    /// `count` one-bit values as a bitmap, which must be zero; false when there are fewer.
    mutating func readBits(_ target: UnsafeMutablePointer<UInt64>, _ count: Int) -> Bool {
        var done = 0
        while done < count {
            if runLeft == 0, !nextRun() { return false }
            let step = min(count &- done, runLeft)
            if isRepeated {
                if value != 0 { Self.setBits(target, done, step) }
            } else {
                Self.copyBits(packed, packedPosition, target, done, step)
            }
            advance(step)
            done &+= step
        }
        return true
    }

    static func setBits(_ target: UnsafeMutablePointer<UInt64>, _ first: Int, _ count: Int) {
        var position = first
        let end = first &+ count
        while position < end {
            let inWord = position & 63
            let step = min(64 &- inWord, end &- position)
            let ones: UInt64 = step == 64 ? ~0 : ((1 &<< UInt64(step)) &- 1)
            target[position &>> 6] |= ones &<< UInt64(inWord)
            position &+= step
        }
    }

    /// Copies bits; the target's must be zero. The source is readable 8 bytes past its end.
    static func copyBits(
        _ source: UnsafePointer<UInt8>, _ sourceFirst: Int, _ target: UnsafeMutablePointer<UInt64>, _ first: Int,
        _ count: Int
    ) {
        let raw = UnsafeRawPointer(source)
        var done = 0
        while done < count {
            let at = first &+ done
            let inWord = at & 63
            let from = sourceFirst &+ done
            // 57 bits are there whatever the position in the byte.
            let step = min(min(64 &- inWord, count &- done), 56)
            let bits = raw.loadUnaligned(fromByteOffset: from &>> 3, as: UInt64.self) &>> UInt64(from & 7)
            target[at &>> 6] |= (bits & ((1 &<< UInt64(step)) &- 1)) &<< UInt64(inWord)
            done &+= step
        }
    }
}

/// The deprecated BIT_PACKED levels: most significant bit first, without runs.
struct PackedLevelDecoder {
    static func read(
        _ bytes: UnsafePointer<UInt8>, byteCount: Int, width: Int, count: Int, into target: UnsafeMutablePointer<UInt8>,
        limit: UInt8
    ) -> Bool {
        guard count <= byteCount &* 8 / max(width, 1) else { return false }
        var bit = 0
        for index in 0..<count {
            var value = 0
            for _ in 0..<width {
                value = value << 1 | Int(bytes[bit >> 3] >> UInt8(7 - bit & 7)) & 1
                bit += 1
            }
            guard value <= Int(limit) else { return false }
            target[index] = UInt8(value)
        }
        return true
    }
}
