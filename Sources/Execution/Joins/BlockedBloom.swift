import Columnar

/// A Bloom filter in blocks of one cache line: a key sets one bit in each of the eight words of its block, so that a
/// test costs one miss at most. At 16 bits a key about one in five hundred foreign keys passes.
///
/// `@unchecked Sendable`: filled by one thread, then only read.
final class BlockedBloom: @unchecked Sendable {
    private let buffer: Buffer
    private let blocks: UnsafeMutablePointer<SIMD8<UInt64>>
    private let mask: UInt64

    private static let bitsPerKey = 16
    private static let blockBits = 512

    init(_ keyCount: Int) {
        var blockCount = 1
        while blockCount * Self.blockBits < keyCount * Self.bitsPerKey { blockCount *= 2 }
        mask = UInt64(blockCount - 1)
        buffer = Buffer(byteCount: blockCount * 64)
        blocks = buffer.pointer.assumingMemoryBound(to: SIMD8<UInt64>.self)
        blocks.update(repeating: SIMD8(repeating: 0), count: blockCount)
    }

    /// One bit per word, chosen by six bits each of a second mix of the hash.
    @inline(__always)
    private static func pattern(_ hash: UInt64) -> SIMD8<UInt64> {
        let mixed = hash &* 0x9fb2_1c65_1e98_df25
        let picks = SIMD8<UInt64>(repeating: mixed) &>> SIMD8<UInt64>(10, 16, 22, 28, 34, 40, 46, 52)
        return SIMD8<UInt64>(repeating: 1) &<< (picks & 63)
    }

    @inline(__always)
    func add(_ hash: UInt64) {
        blocks[Int(truncatingIfNeeded: (hash &>> 20) & mask)] |= Self.pattern(hash)
    }

    @inline(__always)
    func mayContain(_ hash: UInt64) -> Bool {
        // Folded by halves: comparing whole vectors becomes a loop over their words.
        let missing = Self.pattern(hash) & ~blocks[Int(truncatingIfNeeded: (hash &>> 20) & mask)]
        let half = missing.lowHalf | missing.highHalf
        let quarter = half.lowHalf | half.highHalf
        return quarter.x | quarter.y == 0
    }
}
