import Columnar
import SQLTypes
import Storage

/// The bytes of one column chunk, read in large pieces into pooled buffers. Memory stays bounded however large the
/// chunk is; a buffer lives as long as vectors point into it.
final class ChunkSource {
    let source: any ByteSource
    let place: ChunkPlace
    private let metrics: ScanMetrics
    /// Where reading ahead stops.
    private let end: Int
    private var window: Buffer?
    private var windowStart = 0
    private var windowCount = 0

    /// Only a few pages are wanted: little is read beyond what is asked for.
    private let isSparse: Bool

    /// Chunks up to this size are read at once.
    private static let wholeChunkLimit = 3 << 19
    private static let readAhead = 1 << 20
    private static let sparseReadAhead = 16 << 10
    /// Old writers counted their chunks up to this much too short.
    private static let slack = 128

    init(
        _ source: any ByteSource, _ chunk: ColumnChunk, _ place: ChunkPlace, _ metrics: ScanMetrics,
        isSparse: Bool = false
    ) {
        self.source = source
        self.isSparse = isSparse
        self.place = place
        self.metrics = metrics
        end = min(chunk.start &+ chunk.packedByteCount &+ Self.slack, source.entry.byteCount)
    }

    /// What keeps the bytes of the last call alive.
    var owner: Buffer? { window }

    /// `count` bytes at `offset` of the file; they stay while `owner` does and are readable 64 bytes past their end.
    func bytes(_ offset: Int, _ count: Int) throws -> UnsafePointer<UInt8> {
        guard offset >= 0, count >= 0, count <= source.entry.byteCount, offset <= source.entry.byteCount - count else {
            throw place.bad("Page lies outside the file")
        }
        if let window, offset >= windowStart, offset + count <= windowStart + windowCount {
            return UnsafePointer((window.pointer + (offset - windowStart)).assumingMemoryBound(to: UInt8.self))
        }
        let left = max(end - offset, 0)
        let ahead =
            isSparse ? min(left, Self.sparseReadAhead) : (left <= Self.wholeChunkLimit ? left : Self.readAhead)
        let wanted = min(max(count, ahead), source.entry.byteCount - offset)
        let buffer = Buffer(byteCount: max(wanted, 1))
        let read = try source.read(
            at: offset, into: UnsafeMutableRawBufferPointer(start: buffer.pointer, count: wanted))
        metrics.bytesRead.add(read)
        guard read >= count else { throw place.bad("File ends inside a column chunk") }
        window = buffer
        windowStart = offset
        windowCount = read
        return UnsafePointer(buffer.pointer.assumingMemoryBound(to: UInt8.self))
    }

    /// Bytes of the window from `offset` on; at least one, more where they are at hand.
    func peek(_ offset: Int, atLeast count: Int) throws -> (bytes: UnsafePointer<UInt8>, count: Int) {
        let possible = min(count, source.entry.byteCount - offset)
        guard possible > 0 else { throw place.bad("File ends inside a column chunk") }
        let start = try bytes(offset, possible)
        return (start, windowStart + windowCount - offset)
    }
}

/// Names a chunk in errors.
struct ChunkPlace: Sendable {
    var file: String
    var rowGroup: Int
    var column: String

    var location: DataLocation { DataLocation(file: file, rowGroup: rowGroup, column: column) }

    func bad(_ message: String) -> QueryError { QueryError(.hiveBadData, message, in: location) }

    /// The error with this place, unless it has one.
    func located(_ error: QueryError) -> QueryError {
        guard error.location == nil else { return error }
        var copy = error
        copy.location = location
        return copy
    }
}
