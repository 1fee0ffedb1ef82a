import CBrotli
import CDeflate
import CLZ4
import CSnappy
import CZstd
import SQLTypes

/// How a page or block of known unpacked size is compressed. Raw values are Parquet's `CompressionCodec`.
public enum PageCodec: Int, Sendable {
    case uncompressed = 0
    case snappy = 1
    case gzip = 2
    case lzo = 3
    case brotli = 4
    /// Hadoop's framing (big-endian sizes before each block); files of some writers hold a raw block instead.
    case lz4 = 5
    case zstd = 6
    case lz4Raw = 7
}

/// Unpacks pages. Keeps one context per library, so each worker or reader has its own; not for sharing.
public final class PageDecompressor {
    private var zstd: OpaquePointer?
    private var deflate: OpaquePointer?

    public init() {}

    deinit {
        if let zstd { ZSTD_freeDCtx(zstd) }
        if let deflate { libdeflate_free_decompressor(deflate) }
    }

    /// Unpacks `source` into exactly `target.count` bytes.
    /// - Throws: HIVE_BAD_DATA, without place, when the data is damaged or has another size.
    public func decompress(
        _ codec: PageCodec, _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
    ) throws {
        guard target.count > 0 else {
            // Writers store nothing or an empty frame for a page without values.
            return
        }
        guard let input = source.baseAddress, let output = target.baseAddress, source.count > 0 else {
            throw Self.damaged(codec)
        }
        let isWhole: Bool
        switch codec {
        case .uncompressed:
            isWhole = source.count == target.count
            if isWhole { output.copyMemory(from: input, byteCount: target.count) }
        case .snappy:
            var count = target.count
            isWhole =
                snappy_uncompress(
                    input.assumingMemoryBound(to: CChar.self), source.count,
                    output.assumingMemoryBound(to: CChar.self), &count) == SNAPPY_OK && count == target.count
        case .gzip: isWhole = try gunzip(source, target)
        case .lzo: throw QueryError(.notSupported, "LZO compressed Parquet pages are not supported")
        case .brotli:
            var count = target.count
            isWhole =
                BrotliDecoderDecompress(
                    source.count, input.assumingMemoryBound(to: UInt8.self), &count,
                    output.assumingMemoryBound(to: UInt8.self)) == BROTLI_DECODER_RESULT_SUCCESS
                && count == target.count
        case .lz4: isWhole = Self.unpackFramedLZ4(source, target) || Self.unpackLZ4(source, target)
        case .zstd:
            let context = try zstdContext()
            let count = ZSTD_decompressDCtx(context, output, target.count, input, source.count)
            isWhole = ZSTD_isError(count) == 0 && count == target.count
        case .lz4Raw: isWhole = Self.unpackLZ4(source, target)
        }
        guard isWhole else { throw Self.damaged(codec) }
    }

    private func zstdContext() throws -> OpaquePointer {
        if let zstd { return zstd }
        guard let made = ZSTD_createDCtx() else {
            throw QueryError(.genericInsufficientResources, "No memory for a zstd context")
        }
        zstd = made
        return made
    }

    /// One or more gzip members; some writers store zlib streams under the same name.
    private func gunzip(_ source: UnsafeRawBufferPointer, _ target: UnsafeMutableRawBufferPointer) throws -> Bool {
        let context: OpaquePointer
        if let deflate {
            context = deflate
        } else {
            guard let made = libdeflate_alloc_decompressor() else {
                throw QueryError(.genericInsufficientResources, "No memory for a gzip context")
            }
            deflate = made
            context = made
        }
        guard let input = source.baseAddress, let output = target.baseAddress else { return false }
        var read = 0
        var written = 0
        while read < source.count {
            var used = 0
            var made = 0
            let result = libdeflate_gzip_decompress_ex(
                context, input + read, source.count - read, output + written, target.count - written, &used, &made)
            guard result == LIBDEFLATE_SUCCESS, used > 0 else {
                guard read == 0 else { return false }
                return libdeflate_zlib_decompress(
                    context, input, source.count, output, target.count, &made) == LIBDEFLATE_SUCCESS
                    && made == target.count
            }
            read += used
            written += made
        }
        return written == target.count
    }

    private static func unpackLZ4(_ source: UnsafeRawBufferPointer, _ target: UnsafeMutableRawBufferPointer) -> Bool {
        guard let input = source.baseAddress, let output = target.baseAddress,
            let inputCount = Int32(exactly: source.count), let outputCount = Int32(exactly: target.count)
        else { return false }
        return LZ4_decompress_safe(
            input.assumingMemoryBound(to: CChar.self), output.assumingMemoryBound(to: CChar.self), inputCount,
            outputCount) == outputCount
    }

    /// Hadoop's blocks: unpacked size, packed size, data; all sizes big-endian. False when the sizes do not add up.
    private static func unpackFramedLZ4(
        _ source: UnsafeRawBufferPointer, _ target: UnsafeMutableRawBufferPointer
    ) -> Bool {
        var read = 0
        var written = 0
        while source.count - read >= 8 {
            let unpacked = Int(UInt32(bigEndian: source.loadUnaligned(fromByteOffset: read, as: UInt32.self)))
            let packed = Int(UInt32(bigEndian: source.loadUnaligned(fromByteOffset: read + 4, as: UInt32.self)))
            read += 8
            guard packed <= source.count - read, unpacked <= target.count - written else { return false }
            if unpacked > 0 {
                let piece = UnsafeRawBufferPointer(rebasing: source[read..<read + packed])
                let room = UnsafeMutableRawBufferPointer(rebasing: target[written..<written + unpacked])
                guard unpackLZ4(piece, room) else { return false }
            }
            read += packed
            written += unpacked
        }
        return read == source.count && written == target.count
    }

    private static func damaged(_ codec: PageCodec) -> QueryError {
        QueryError(.hiveBadData, "Compressed page is damaged (\(codec))")
    }
}

/// The CRC-32 that gzip and Parquet pages use.
public enum PageChecksum {
    public static func crc32(_ bytes: UnsafeRawBufferPointer, continuing start: UInt32 = 0) -> UInt32 {
        libdeflate_crc32(start, bytes.baseAddress, bytes.count)
    }
}
