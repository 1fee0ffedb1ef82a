import CBzip2
import Columnar
import SQLTypes

/// A .bz2 file of one or more streams.
final class Bzip2Stream: ByteStream {
    private var input: CompressedInput
    private let state: UnsafeMutablePointer<bz_stream>
    private var isOpen = false
    private var streams = 0

    init(_ source: any ByteSource) throws {
        state = .allocate(capacity: 1)
        state.initialize(to: bz_stream())
        input = CompressedInput(source)
    }

    deinit {
        if isOpen { BZ2_bzDecompressEnd(state) }
        state.deallocate()
    }

    var bytesRead: Int { input.offset }

    func read(into target: UnsafeMutableRawBufferPointer) throws -> Int {
        guard let start = target.baseAddress else { return 0 }
        var done = 0
        while done < target.count {
            let piece = try input.available()
            if piece.isEmpty {
                if isOpen { throw input.damaged("bzip2 data ends too early") }
                break
            }
            if !isOpen {
                state.pointee = bz_stream()
                guard BZ2_bzDecompressInit(state, 0, 0) == BZ_OK else {
                    throw QueryError(.genericInsufficientResources, "No memory for a bzip2 context")
                }
                isOpen = true
                streams += 1
            }
            let room = min(target.count - done, Int(UInt32.max))
            state.pointee.next_in = UnsafeMutablePointer(
                mutating: piece.baseAddress?.assumingMemoryBound(to: CChar.self))
            state.pointee.avail_in = UInt32(piece.count)
            state.pointee.next_out = (start + done).assumingMemoryBound(to: CChar.self)
            state.pointee.avail_out = UInt32(room)
            let result = BZ2_bzDecompress(state)
            let used = piece.count - Int(state.pointee.avail_in)
            let made = room - Int(state.pointee.avail_out)
            input.consume(used)
            done += made
            switch result {
            case BZ_STREAM_END:
                BZ2_bzDecompressEnd(state)
                isOpen = false
            case BZ_OK:
                if used == 0, made == 0 { throw input.damaged("bzip2 data is damaged") }
            case BZ_DATA_ERROR_MAGIC where streams > 1 && used == 0:
                throw input.damaged("Bytes after the end of bzip2 data")
            default: throw input.damaged("bzip2 data is damaged")
            }
        }
        return done
    }
}
