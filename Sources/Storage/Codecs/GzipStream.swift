import CDeflate
import Columnar
import SQLTypes

/// A .gz file of one or more members.
///
/// Members that unpack to at most 64 MiB go through libdeflate, which is fastest but wants whole members; larger ones
/// are streamed through our own inflater.
package final class GzipStream: ByteStream {
    /// The largest member (packed or unpacked) that is held in memory whole.
    package static let wholeLimit = 64 << 20

    private let source: any ByteSource
    private let file: FileEntry
    // Whole members.
    private var packed: Buffer?
    private var offset = 0
    private var block = UnpackedBlock()
    private var deflate: OpaquePointer?
    private var guess = 0
    // A streamed member.
    private var inflater: Inflater?
    private var members = 0

    private let limit: Int

    /// `wholeLimit` is for tests.
    package init(_ source: any ByteSource, wholeLimit: Int = GzipStream.wholeLimit) throws {
        limit = wholeLimit
        self.source = source
        file = source.entry
        guard file.byteCount >= 18 else { throw damaged("gzip data ends too early") }
        // The last four bytes are the last member's size modulo 2^32.
        let tail = try withUnsafeTemporaryAllocation(byteCount: 4, alignment: 4) { room in
            guard try source.read(at: file.byteCount - 4, into: room) == 4 else { return UInt32.max }
            return UInt32(littleEndian: room.load(as: UInt32.self))
        }
        guess = Int(tail)
        if file.byteCount <= limit, guess <= limit { try loadWhole() }
        if packed == nil { inflater = try Inflater(source, from: 0) }
    }

    deinit { if let deflate { libdeflate_free_decompressor(deflate) } }

    package var bytesRead: Int { inflater.map(\.bytesRead) ?? (packed == nil ? 0 : file.byteCount) }

    package func read(into target: UnsafeMutableRawBufferPointer) throws -> Int {
        var done = 0
        while done < target.count {
            if let inflater {
                return done + (try inflater.read(into: UnsafeMutableRawBufferPointer(rebasing: target[done...])))
            }
            if block.isEmpty, try !nextMember() {
                if inflater != nil { continue }
                break
            }
            done += block.copy(into: UnsafeMutableRawBufferPointer(rebasing: target[done...]))
        }
        return done
    }

    private func loadWhole() throws {
        guard let made = libdeflate_alloc_decompressor() else {
            throw QueryError(.genericInsufficientResources, "No memory for a gzip context")
        }
        deflate = made
        let buffer = Buffer(byteCount: file.byteCount)
        guard
            try source.read(at: 0, into: UnsafeMutableRawBufferPointer(start: buffer.pointer, count: file.byteCount))
                == file.byteCount
        else { throw damaged("File was cut while it was read") }
        packed = buffer
    }

    /// Unpacks the next member (which may be empty); false at the end. Switches to streaming when the member is too large.
    private func nextMember() throws -> Bool {
        guard let packed, let deflate else { return false }
        let start = packed.pointer + offset
        let left = file.byteCount - offset
        if left == 0 { return false }
        if members > 0, GzipPadding.isZero(UnsafeRawBufferPointer(start: start, count: left)) { return false }
        var capacity = max(members == 0 ? guess : 0, min(left * 4, 1 << 20), 1)
        while true {
            let room = block.room(capacity)
            var used = 0
            var made = 0
            let result = libdeflate_gzip_decompress_ex(deflate, start, left, room.baseAddress, capacity, &used, &made)
            switch result {
            case LIBDEFLATE_SUCCESS where used > 0:
                block.shorten(to: made)
                offset += used
                members += 1
                return true
            case LIBDEFLATE_INSUFFICIENT_SPACE:
                if capacity >= limit {
                    block.clear()
                    self.packed = nil
                    inflater = try Inflater(source, from: offset, members: members)
                    return false
                }
                capacity = min(capacity * 4, limit)
            default:
                block.clear()
                throw damaged("gzip data is damaged")
            }
        }
    }

    private func damaged(_ sentence: String) -> QueryError {
        QueryError(.hiveBadData, sentence, in: DataLocation(file: file.path))
    }
}

/// Zero bytes after the last member, as tape programs leave them.
enum GzipPadding {
    static func isZero(_ bytes: UnsafeRawBufferPointer) -> Bool { bytes.allSatisfy { $0 == 0 } }
}
