import CBzip2
import CDeflate
import CLZ4
import CSnappy
import CZstd

/// Packs bytes in the containers that readers know.
public enum Packing {
    /// Bytes in every container, with how such a file's name ends.
    public static func all(_ bytes: [UInt8]) -> [(ending: String, packed: [UInt8])] {
        let (first, second) = (Array(bytes.prefix(bytes.count / 2)), Array(bytes.dropFirst(bytes.count / 2)))
        return [
            ("", bytes), (".gz", gzip(bytes)), (".gz", gzip(first) + gzip(second)), (".zst", zstd(bytes)),
            (".bz2", bzip2(bytes)), (".lz4", lz4(bytes)), (".lz4", hadoop(bytes, lz4Block)),
            (".snappy", hadoop(bytes, snappyBlock)),
        ]
    }

    public static func gzip(_ bytes: [UInt8], level: Int32 = 6) -> [UInt8] {
        guard let compressor = libdeflate_alloc_compressor(level) else { return [] }
        defer { libdeflate_free_compressor(compressor) }
        let bound = libdeflate_gzip_compress_bound(compressor, bytes.count)
        return [UInt8](unsafeUninitializedCapacity: bound) { room, count in
            count = libdeflate_gzip_compress(compressor, bytes, bytes.count, room.baseAddress, bound)
        }
    }

    public static func zstd(_ bytes: [UInt8]) -> [UInt8] {
        let bound = ZSTD_compressBound(bytes.count)
        return [UInt8](unsafeUninitializedCapacity: bound) { room, count in
            count = ZSTD_compress(room.baseAddress, bound, bytes, bytes.count, 3)
        }
    }

    public static func bzip2(_ bytes: [UInt8]) -> [UInt8] {
        var input = bytes.map { CChar(bitPattern: $0) }
        let bound = bytes.count + bytes.count / 50 + 700
        return [UInt8](unsafeUninitializedCapacity: bound) { room, count in
            var made = UInt32(bound)
            room.withMemoryRebound(to: CChar.self) { room in
                _ = BZ2_bzBuffToBuffCompress(room.baseAddress, &made, &input, UInt32(bytes.count), 5, 0, 0)
            }
            count = Int(made)
        }
    }

    public static func lz4(_ bytes: [UInt8]) -> [UInt8] {
        let bound = LZ4F_compressFrameBound(bytes.count, nil)
        return [UInt8](unsafeUninitializedCapacity: bound) { room, count in
            count = LZ4F_compressFrame(room.baseAddress, bound, bytes, bytes.count, nil)
        }
    }

    private static func bigEndian(_ value: Int) -> [UInt8] {
        [UInt8(value >> 24 & 255), UInt8(value >> 16 & 255), UInt8(value >> 8 & 255), UInt8(value & 255)]
    }

    public static func snappyBlock(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        let input = bytes.map { CChar(bitPattern: $0) }
        let bound = snappy_max_compressed_length(input.count)
        return [UInt8](unsafeUninitializedCapacity: bound) { room, count in
            var made = bound
            room.withMemoryRebound(to: CChar.self) { room in
                _ = snappy_compress(input, input.count, room.baseAddress, &made)
            }
            count = made
        }
    }

    public static func lz4Block(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        let input = bytes.map { CChar(bitPattern: $0) }
        let bound = Int(LZ4_compressBound(Int32(input.count)))
        return [UInt8](unsafeUninitializedCapacity: bound) { room, count in
            room.withMemoryRebound(to: CChar.self) { room in
                count = Int(LZ4_compress_default(input, room.baseAddress, Int32(input.count), Int32(bound)))
            }
        }
    }

    /// Hadoop's framing, with two pieces in every block.
    public static func hadoop(_ bytes: [UInt8], _ compress: (ArraySlice<UInt8>) -> [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 100_000) {
            let block = bytes[start..<min(start + 100_000, bytes.count)]
            out += bigEndian(block.count)
            let middle = block.startIndex + block.count / 2
            for piece in [block[..<middle], block[middle...]] where !piece.isEmpty {
                let packed = compress(piece)
                out += bigEndian(packed.count) + packed
            }
        }
        return out
    }
}
