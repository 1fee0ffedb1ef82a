import CLZ4
import CSnappy
import Columnar
import SQLTypes

/// A block of unpacked bytes that `read` calls copy out of.
struct UnpackedBlock {
    private(set) var buffer = Buffer(byteCount: 64 << 10)
    private var start = 0
    private var end = 0

    init() {}

    var isEmpty: Bool { start == end }

    /// Room for `count` bytes in place of what was there.
    mutating func room(_ count: Int) -> UnsafeMutableRawBufferPointer {
        if buffer.byteCount < count { buffer = Buffer(byteCount: count) }
        start = 0
        end = count
        return UnsafeMutableRawBufferPointer(start: buffer.pointer, count: count)
    }

    mutating func clear() { start = end }

    /// Fewer bytes were made than there is room for.
    mutating func shorten(to count: Int) { end = count }

    mutating func copy(into target: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(target.count, end - start)
        guard count > 0, let place = target.baseAddress else { return 0 }
        place.copyMemory(from: buffer.pointer + start, byteCount: count)
        start += count
        return count
    }
}

/// Hadoop's block form of .lz4 and .snappy files: each block is its unpacked size, then pieces of packed size and data
/// until that size is reached; sizes are 4 bytes, big-endian.
final class HadoopBlockStream: ByteStream {
    enum Codec: String { case lz4, snappy }

    /// Hadoop's blocks are 256 KiB by default; sizes beyond this are damage.
    private static let blockLimit = 256 << 20

    private var input: CompressedInput
    private let codec: Codec
    private var packed = Buffer(byteCount: 64 << 10)
    private var block = UnpackedBlock()
    /// Bytes that the current block still lacks.
    private var missing = 0

    init(_ source: any ByteSource, _ codec: Codec) {
        input = CompressedInput(source)
        self.codec = codec
    }

    var bytesRead: Int { input.offset }

    func read(into target: UnsafeMutableRawBufferPointer) throws -> Int {
        var done = 0
        while done < target.count {
            if block.isEmpty, try !nextPiece() { break }
            done += block.copy(into: UnsafeMutableRawBufferPointer(rebasing: target[done...]))
        }
        return done
    }

    private func size() throws -> Int? {
        try withUnsafeTemporaryAllocation(byteCount: 4, alignment: 4) { room -> Int? in
            guard try input.readExactly(room) else { return nil }
            return Int(UInt32(bigEndian: room.load(as: UInt32.self)))
        }
    }

    private func nextPiece() throws -> Bool {
        while missing == 0 {
            guard let count = try size() else { return false }
            guard count <= Self.blockLimit else { throw damaged() }
            missing = count
        }
        guard let packedCount = try size(), packedCount <= Self.blockLimit, packedCount > 0 else { throw damaged() }
        if packed.byteCount < packedCount { packed = Buffer(byteCount: packedCount) }
        let piece = UnsafeMutableRawBufferPointer(start: packed.pointer, count: packedCount)
        guard try input.readExactly(piece) else { throw damaged() }
        let source = packed.pointer.assumingMemoryBound(to: CChar.self)
        switch codec {
        case .snappy:
            var count = 0
            guard snappy_uncompressed_length(source, packedCount, &count) == SNAPPY_OK, count > 0, count <= missing
            else { throw damaged() }
            let room = block.room(count)
            guard let target = room.baseAddress?.assumingMemoryBound(to: CChar.self),
                snappy_uncompress(source, packedCount, target, &count) == SNAPPY_OK, count == room.count
            else {
                block.clear()
                throw damaged()
            }
            missing -= count
        case .lz4:
            // A piece does not say its own size: it is at most what the block lacks.
            guard packedCount <= Int(Int32.max) / 2 else { throw damaged() }
            let room = block.room(missing)
            guard let target = room.baseAddress?.assumingMemoryBound(to: CChar.self) else { throw damaged() }
            let count = Int(LZ4_decompress_safe(source, target, Int32(packedCount), Int32(missing)))
            guard count > 0 else {
                block.clear()
                throw damaged()
            }
            block.shorten(to: count)
            missing -= count
        }
        return true
    }

    private func damaged() -> QueryError { input.damaged("\(codec.rawValue) data is damaged") }
}

/// The framing format of snappy (`.sz`): chunks of a type byte, a 3-byte little-endian size, a masked CRC-32C of the
/// unpacked bytes and at most 65,536 of them.
final class SnappyFrameStream: ByteStream {
    private static let chunkLimit = 65_536

    private var input: CompressedInput
    private var packed = Buffer(byteCount: (1 << 24) + 8)
    private var block = UnpackedBlock()
    private var isFirst = true

    init(_ source: any ByteSource) { input = CompressedInput(source) }

    var bytesRead: Int { input.offset }

    func read(into target: UnsafeMutableRawBufferPointer) throws -> Int {
        var done = 0
        while done < target.count {
            if block.isEmpty, try !nextChunk() { break }
            done += block.copy(into: UnsafeMutableRawBufferPointer(rebasing: target[done...]))
        }
        return done
    }

    private func nextChunk() throws -> Bool {
        while true {
            let header = try withUnsafeTemporaryAllocation(byteCount: 4, alignment: 4) { room -> UInt32? in
                try input.readExactly(room) ? UInt32(littleEndian: room.load(as: UInt32.self)) : nil
            }
            guard let header else { return false }
            let kind = UInt8(truncatingIfNeeded: header)
            let size = Int(header >> 8)
            let piece = UnsafeMutableRawBufferPointer(start: packed.pointer, count: size)
            if size > 0, try !input.readExactly(piece) { throw damaged() }
            if isFirst, kind != 0xff { throw damaged() }
            isFirst = false
            switch kind {
            case 0x00:
                guard size > 4 else { throw damaged() }
                let source = (packed.pointer + 4).assumingMemoryBound(to: CChar.self)
                var count = 0
                guard snappy_uncompressed_length(source, size - 4, &count) == SNAPPY_OK, count <= Self.chunkLimit
                else { throw damaged() }
                if count == 0 { continue }
                let room = block.room(count)
                guard let target = room.baseAddress?.assumingMemoryBound(to: CChar.self),
                    snappy_uncompress(source, size - 4, target, &count) == SNAPPY_OK, count == room.count
                else {
                    block.clear()
                    throw damaged()
                }
                try check(UnsafeRawBufferPointer(room))
                return true
            case 0x01:
                guard size >= 4, size - 4 <= Self.chunkLimit else { throw damaged() }
                if size == 4 { continue }
                let room = block.room(size - 4)
                room.copyMemory(from: UnsafeRawBufferPointer(rebasing: piece[4...]))
                try check(UnsafeRawBufferPointer(room))
                return true
            case 0x02...0x7f: throw damaged()
            default: continue
            }
        }
    }

    private func check(_ bytes: UnsafeRawBufferPointer) throws {
        let stored = UInt32(littleEndian: packed.pointer.loadUnaligned(as: UInt32.self))
        let sum = CRC32C.checksum(bytes)
        let masked = (sum >> 15 | sum << 17) &+ 0xa282_ead8
        guard stored == masked else {
            block.clear()
            throw input.damaged("snappy data is damaged (wrong checksum)")
        }
    }

    private func damaged() -> QueryError { input.damaged("snappy data is damaged") }
}

/// CRC-32C (Castagnoli), one table step a byte.
enum CRC32C {
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { sum, _ in sum & 1 == 1 ? sum >> 1 ^ 0x82f6_3b78 : sum >> 1 }
    }

    static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        table.withUnsafeBufferPointer { table in
            var sum = ~UInt32(0)
            for byte in bytes { sum = sum >> 8 ^ table[Int(UInt8(truncatingIfNeeded: sum) ^ byte)] }
            return ~sum
        }
    }
}
