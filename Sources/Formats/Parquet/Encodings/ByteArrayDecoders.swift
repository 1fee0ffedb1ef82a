import Columnar
import Glibc

/// Byte arrays whose lengths are delta-encoded. Results are views, into the page or into a heap of their own.
enum ByteArrayDecoders {
    /// DELTA_LENGTH_BYTE_ARRAY: all lengths, then all bytes. nil when damaged.
    static func deltaLength(
        _ bytes: UnsafePointer<UInt8>, byteCount: Int
    ) -> (views: Buffer, count: Int)? {
        guard var decoder = DeltaDecoder(bytes, byteCount: byteCount) else { return nil }
        let count = decoder.count
        let lengths = Buffer(byteCount: max(count, 1) * 8)
        let length = lengths.pointer.assumingMemoryBound(to: Int64.self)
        guard var next = decoder.read(length) else { return nil }
        let end = bytes + byteCount
        let views = Buffer(byteCount: max(count, 1) * 16)
        let target = views.pointer.assumingMemoryBound(to: StringView.self)
        for index in 0..<count {
            guard length[index] >= 0, length[index] <= Int64(end - next) else { return nil }
            target[index] = StringView(next, Int(length[index]))
            next += Int(length[index])
        }
        return (views, count)
    }

    /// Bytes that one page may unfold to.
    private static let unfoldedLimit = 1 << 31

    /// DELTA_BYTE_ARRAY: lengths shared with the value before, lengths of the rest, then the rests. nil when damaged.
    static func deltaStrings(
        _ bytes: UnsafePointer<UInt8>, byteCount: Int, heap: StringHeap
    ) -> (views: Buffer, count: Int)? {
        let end = bytes + byteCount
        guard var prefixDecoder = DeltaDecoder(bytes, byteCount: byteCount) else { return nil }
        let count = prefixDecoder.count
        let prefixes = Buffer(byteCount: max(count, 1) * 8)
        let prefix = prefixes.pointer.assumingMemoryBound(to: Int64.self)
        guard let middle = prefixDecoder.read(prefix) else { return nil }
        guard var suffixDecoder = DeltaDecoder(middle, byteCount: end - middle), suffixDecoder.count == count else {
            return nil
        }
        let suffixes = Buffer(byteCount: max(count, 1) * 8)
        let suffix = suffixes.pointer.assumingMemoryBound(to: Int64.self)
        guard var next = suffixDecoder.read(suffix) else { return nil }
        let views = Buffer(byteCount: max(count, 1) * 16)
        let target = views.pointer.assumingMemoryBound(to: StringView.self)
        var total = 0
        // Where the value before lies in full; the heap never moves.
        var last = bytes
        var lastCount = 0
        for index in 0..<count {
            guard prefix[index] >= 0, prefix[index] <= Int64(lastCount), suffix[index] >= 0,
                suffix[index] <= Int64(end - next)
            else { return nil }
            let (head, rest) = (Int(prefix[index]), Int(suffix[index]))
            if head == 0 {
                last = next
                lastCount = rest
            } else if rest == 0, head == lastCount {
                // The same value again.
            } else {
                total += head + rest
                guard total <= unfoldedLimit else { return nil }
                let place = heap.allocate(head + rest)
                memcpy(place, last, head)
                memcpy(place + head, next, rest)
                last = UnsafePointer(place)
                lastCount = head + rest
            }
            next += rest
            target[index] = StringView(last, lastCount)
        }
        return (views, count)
    }

    /// BYTE_STREAM_SPLIT: byte `b` of every value, for each `b` in turn. `count` values of `width` bytes.
    static func unsplit(
        _ bytes: UnsafePointer<UInt8>, width: Int, count: Int, into target: UnsafeMutablePointer<UInt8>
    ) {
        switch width {
        case 4:
            for index in 0..<count {
                for byte in 0..<4 { target[index &* 4 &+ byte] = bytes[byte &* count &+ index] }
            }
        case 8:
            for index in 0..<count {
                for byte in 0..<8 { target[index &* 8 &+ byte] = bytes[byte &* count &+ index] }
            }
        default:
            for byte in 0..<width {
                let stream = bytes + byte &* count
                for index in 0..<count { target[index &* width &+ byte] = stream[index] }
            }
        }
    }
}
