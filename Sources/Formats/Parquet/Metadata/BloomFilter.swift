import Columnar
import SQLTypes
import Storage

/// Parquet's split-block Bloom filter over xxHash64 of the plain-encoded value.
struct BloomFilter {
    private let blocks: Buffer
    private let blockCount: Int

    private static let byteLimit = 128 << 20
    private static let headerByteCount = 256

    /// The filter of a chunk; nil when it has none that can be used.
    static func load(
        _ chunk: ColumnChunk, _ source: any ByteSource, _ metrics: ScanMetrics
    ) throws -> BloomFilter? {
        let size = source.entry.byteCount
        guard chunk.bloomOffset > 0, chunk.bloomOffset < size else { return nil }
        let wanted = min(chunk.bloomByteCount > 0 ? chunk.bloomByteCount : headerByteCount, size - chunk.bloomOffset)
        guard wanted <= byteLimit else { return nil }
        let first = Buffer(byteCount: wanted)
        guard try read(source, chunk.bloomOffset, first, wanted, metrics) else { return nil }
        var byteCount = 0
        var isKnown = true
        var reader = ThriftReader(first.pointer.assumingMemoryBound(to: UInt8.self), count: wanted)
        reader.structure { reader, field, kind in
            switch field {
            case 1: byteCount = reader.integer(kind)
            case 2, 3, 4:
                // Unions whose first member is the only one known.
                reader.structure(kind) { reader, field, kind in
                    if field != 1 { isKnown = false }
                    reader.skip(kind)
                }
            default: reader.skip(kind)
            }
        }
        guard !reader.failed, isKnown, byteCount >= 32, byteCount & 31 == 0, byteCount <= byteLimit else { return nil }
        let headerCount = wanted - reader.remaining
        guard byteCount <= size - chunk.bloomOffset - headerCount else { return nil }
        let blocks = Buffer(byteCount: byteCount)
        if byteCount <= wanted - headerCount {
            blocks.pointer.copyMemory(from: first.pointer + headerCount, byteCount: byteCount)
        } else {
            guard try read(source, chunk.bloomOffset + headerCount, blocks, byteCount, metrics) else { return nil }
        }
        return BloomFilter(blocks: blocks, blockCount: byteCount / 32)
    }

    private static func read(
        _ source: any ByteSource, _ offset: Int, _ buffer: Buffer, _ count: Int, _ metrics: ScanMetrics
    ) throws -> Bool {
        let read = try source.read(at: offset, into: UnsafeMutableRawBufferPointer(start: buffer.pointer, count: count))
        metrics.bytesRead.add(read)
        return read == count
    }

    private static let salts: [UInt32] = [
        0x47b6_137b, 0x4497_4d91, 0x8824_ad5b, 0xa2b7_289d, 0x7054_95c7, 0x2df1_424b, 0x9efc_4947, 0x5c6b_fb31,
    ]

    /// False only when no value with that hash is in the chunk.
    func mayContain(_ hash: UInt64) -> Bool {
        let block = Int((hash >> 32 &* UInt64(blockCount)) >> 32)
        let words = (blocks.pointer + block * 32).assumingMemoryBound(to: UInt32.self)
        let key = UInt32(truncatingIfNeeded: hash)
        for (index, salt) in Self.salts.enumerated() {
            let bit = (key &* salt) >> 27
            if words[index] & (1 &<< bit) == 0 { return false }
        }
        return true
    }

    /// xxHash64 with seed 0 (specification: github.com/Cyan4973/xxHash, doc/xxhash_spec.md).
    static func hash(_ bytes: [UInt8]) -> UInt64 {
        let (p1, p2, p3): (UInt64, UInt64, UInt64) = (
            0x9e37_79b1_85eb_ca87, 0xc2b2_ae3d_27d4_eb4f, 0x1656_67b1_9e37_79f9
        )
        let (p4, p5): (UInt64, UInt64) = (0x85eb_ca77_c2b2_ae63, 0x27d4_eb2f_1656_67c5)
        func rotate(_ x: UInt64, _ by: UInt64) -> UInt64 { (x &<< by) | (x &>> (64 &- by)) }
        func round(_ accumulator: UInt64, _ lane: UInt64) -> UInt64 {
            rotate(accumulator &+ lane &* p2, 31) &* p1
        }
        return bytes.withUnsafeBytes { raw in
            let count = raw.count
            var position = 0
            var hash: UInt64
            if count >= 32 {
                var (a, b, c, d) = (p1 &+ p2, p2, UInt64(0), 0 &- p1)
                while position + 32 <= count {
                    a = round(a, raw.loadUnaligned(fromByteOffset: position, as: UInt64.self))
                    b = round(b, raw.loadUnaligned(fromByteOffset: position + 8, as: UInt64.self))
                    c = round(c, raw.loadUnaligned(fromByteOffset: position + 16, as: UInt64.self))
                    d = round(d, raw.loadUnaligned(fromByteOffset: position + 24, as: UInt64.self))
                    position += 32
                }
                hash = rotate(a, 1) &+ rotate(b, 7) &+ rotate(c, 12) &+ rotate(d, 18)
                for lane in [a, b, c, d] { hash = (hash ^ round(0, lane)) &* p1 &+ p4 }
            } else {
                hash = p5
            }
            hash &+= UInt64(count)
            while position + 8 <= count {
                let lane = raw.loadUnaligned(fromByteOffset: position, as: UInt64.self)
                hash = rotate(hash ^ round(0, lane), 27) &* p1 &+ p4
                position += 8
            }
            if position + 4 <= count {
                let lane = UInt64(raw.loadUnaligned(fromByteOffset: position, as: UInt32.self))
                hash = rotate(hash ^ (lane &* p1), 23) &* p2 &+ p3
                position += 4
            }
            while position < count {
                hash = rotate(hash ^ (UInt64(raw[position]) &* p5), 11) &* p1
                position += 1
            }
            hash = (hash ^ (hash >> 33)) &* p2
            hash = (hash ^ (hash >> 29)) &* p3
            return hash ^ (hash >> 32)
        }
    }
}
