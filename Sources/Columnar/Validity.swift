/// Validity bitmaps: one bit a row, 1 = not null, 64 rows a word. A missing bitmap means that no row is null.
public enum Validity {
    @inlinable @inline(__always)
    public static func wordCount(_ rows: Int) -> Int { (rows &+ 63) &>> 6 }

    @inlinable @inline(__always)
    public static func isValid(_ bits: UnsafePointer<UInt64>?, _ row: Int) -> Bool {
        guard let bits else { return true }
        return (bits[row &>> 6] &>> UInt64(row & 63)) & 1 != 0
    }

    @inlinable @inline(__always)
    public static func setNull(_ bits: UnsafeMutablePointer<UInt64>, _ row: Int) {
        bits[row &>> 6] &= ~(1 &<< UInt64(row & 63))
    }

    @inlinable @inline(__always)
    public static func setValid(_ bits: UnsafeMutablePointer<UInt64>, _ row: Int) {
        bits[row &>> 6] |= 1 &<< UInt64(row & 63)
    }

    /// A bitmap for `rows` rows, all valid or all null.
    public static func makeBits(_ rows: Int, valid: Bool) -> Buffer {
        let words = max(wordCount(rows), 1)
        let buffer = Buffer(byteCount: words * 8)
        buffer.pointer.assumingMemoryBound(to: UInt64.self).update(repeating: valid ? ~0 : 0, count: words)
        return buffer
    }

    /// Rows of `0..<rows` that are null.
    public static func nullCount(_ bits: UnsafePointer<UInt64>?, _ rows: Int) -> Int {
        guard let bits, rows > 0 else { return 0 }
        var valid = 0
        let whole = rows >> 6
        for word in 0..<whole { valid += bits[word].nonzeroBitCount }
        let rest = rows & 63
        if rest > 0 { valid += (bits[whole] & ((1 << UInt64(rest)) - 1)).nonzeroBitCount }
        return rows - valid
    }
}
