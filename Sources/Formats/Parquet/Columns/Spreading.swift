import Columnar

/// Runs of bits at any position of a bitmap.
enum BitmapRun {
    /// Bits `first..<first + count` as a bitmap of their own; bits past the end are zero.
    static func copy(_ words: UnsafePointer<UInt64>, _ first: Int, _ count: Int) -> Buffer {
        let wordCount = max(Validity.wordCount(count), 1)
        let buffer = Buffer(byteCount: wordCount * 8)
        let target = buffer.pointer.assumingMemoryBound(to: UInt64.self)
        let shift = UInt64(first & 63)
        let source = words + (first &>> 6)
        let available = Validity.wordCount((first & 63) &+ count)
        for index in 0..<wordCount {
            var word = index < available ? source[index] &>> shift : 0
            if shift > 0, index &+ 1 < available { word |= source[index &+ 1] &<< (64 &- shift) }
            target[index] = word
        }
        let rest = count & 63
        if rest > 0 { target[wordCount &- 1] &= (1 &<< UInt64(rest)) &- 1 }
        if count == 0 { target[0] = 0 }
        return buffer
    }

    static func popcount(_ words: UnsafePointer<UInt64>, _ first: Int, _ count: Int) -> Int {
        var position = first
        let end = first + count
        var total = 0
        while position < end {
            let inWord = position & 63
            let step = min(64 - inWord, end - position)
            let mask: UInt64 = step == 64 ? ~0 : ((1 &<< UInt64(step)) &- 1)
            total += ((words[position >> 6] &>> UInt64(inWord)) & mask).nonzeroBitCount
            position += step
        }
        return total
    }
}

/// Puts dense values at the rows that are not null.
enum Spreading {
    /// `dense` holds one value for each set bit of `bits`; null rows get zero.
    static func spread(_ dense: Vector, over count: Int, _ bits: Buffer) -> Vector {
        let words = UnsafePointer(bits.pointer.assumingMemoryBound(to: UInt64.self))
        if let dictionary = dense.dictionary, let codes = dense.codes {
            let buffer = Buffer(byteCount: max(count, 1) * 4)
            lanes(UnsafeRawPointer(codes), buffer, words, count, UInt32.self, zero: 0)
            return Vector(
                dictionary: dictionary, codes: UnsafePointer(buffer.pointer.assumingMemoryBound(to: UInt32.self)),
                count: count, validity: words, owners: [buffer, bits])
        }
        let flat = dense.flattened()
        let width = flat.physical.byteCount
        let buffer = Buffer(byteCount: max(count * width, 1))
        switch width {
        case 1: lanes(flat.values, buffer, words, count, UInt8.self, zero: 0)
        case 2: lanes(flat.values, buffer, words, count, UInt16.self, zero: 0)
        case 4: lanes(flat.values, buffer, words, count, UInt32.self, zero: 0)
        case 8: lanes(flat.values, buffer, words, count, UInt64.self, zero: 0)
        default: lanes(flat.values, buffer, words, count, StringView.self, zero: StringView())
        }
        return Vector(
            type: flat.type, count: count, values: UnsafeRawPointer(buffer.pointer), validity: words,
            owners: [buffer, bits] + flat.owners)
    }

    /// `source` is readable one value past its end.
    @inline(__always)
    private static func lanes<T>(
        _ source: UnsafeRawPointer, _ buffer: Buffer, _ words: UnsafePointer<UInt64>, _ count: Int, _: T.Type, zero: T
    ) {
        let from = source.assumingMemoryBound(to: T.self)
        let target = buffer.pointer.assumingMemoryBound(to: T.self)
        var next = 0
        var row = 0
        while row < count {
            var word = words[row &>> 6]
            let end = min(row &+ 64, count)
            if word == ~0, end &- row == 64 {
                (target + row).update(from: from + next, count: 64)
                next &+= 64
                row = end
                continue
            }
            while row < end {
                let bit = Int(truncatingIfNeeded: word & 1)
                target[row] = bit != 0 ? from[next] : zero
                next &+= bit
                word &>>= 1
                row &+= 1
            }
        }
    }
}
