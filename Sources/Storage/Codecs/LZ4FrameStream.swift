import CLZ4
import Columnar
import SQLTypes

/// A .lz4 file of one or more frames, as the lz4 program writes them.
final class LZ4FrameStream: ByteStream {
    private var input: CompressedInput
    private let context: OpaquePointer
    private var isInFrame = false

    init(_ source: any ByteSource) throws {
        var made: OpaquePointer?
        guard LZ4F_isError(LZ4F_createDecompressionContext(&made, UInt32(LZ4F_VERSION))) == 0, let made else {
            throw QueryError(.genericInsufficientResources, "No memory for an lz4 context")
        }
        context = made
        input = CompressedInput(source)
    }

    deinit { LZ4F_freeDecompressionContext(context) }

    var bytesRead: Int { input.offset }

    func read(into target: UnsafeMutableRawBufferPointer) throws -> Int {
        guard let start = target.baseAddress else { return 0 }
        var done = 0
        while done < target.count {
            let piece = try input.available()
            var used = piece.count
            var made = target.count - done
            if piece.isEmpty, !isInFrame { break }
            let result = LZ4F_decompress(context, start + done, &made, piece.baseAddress, &used, nil)
            if LZ4F_isError(result) != 0 {
                let reason = String(cString: LZ4F_getErrorName(result))
                throw input.damaged("lz4 data is damaged: \(reason)")
            }
            input.consume(used)
            done += made
            isInFrame = result != 0
            if used == 0, made == 0 {
                throw input.damaged(piece.isEmpty ? "lz4 data ends too early" : "lz4 data is damaged")
            }
        }
        return done
    }
}
