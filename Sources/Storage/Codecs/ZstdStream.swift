import CZstd
import Columnar
import SQLTypes

/// A .zst file of one or more frames.
final class ZstdStream: ByteStream {
    /// Windows above 128 MiB (zstd --long=28 and more) are refused: memory stays bounded.
    private static let windowLimitLog: Int32 = 27

    private var input: CompressedInput
    private let context: OpaquePointer
    private var isInFrame = false

    init(_ source: any ByteSource) throws {
        guard let made = ZSTD_createDCtx() else {
            throw QueryError(.genericInsufficientResources, "No memory for a zstd context")
        }
        context = made
        ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, Self.windowLimitLog)
        input = CompressedInput(source)
    }

    deinit { ZSTD_freeDCtx(context) }

    var bytesRead: Int { input.offset }

    func read(into target: UnsafeMutableRawBufferPointer) throws -> Int {
        var output = ZSTD_outBuffer(dst: target.baseAddress, size: target.count, pos: 0)
        while output.pos < output.size {
            let piece = try input.available()
            // With no input a call would wait for the next frame.
            if piece.isEmpty, !isInFrame { break }
            var packed = ZSTD_inBuffer(src: piece.baseAddress, size: piece.count, pos: 0)
            let before = output.pos
            let result = ZSTD_decompressStream(context, &output, &packed)
            if ZSTD_isError(result) != 0 {
                let reason = String(cString: ZSTD_getErrorName(result))
                throw input.damaged("zstd data is damaged: \(reason)")
            }
            input.consume(packed.pos)
            isInFrame = result != 0
            if packed.pos == 0, output.pos == before {
                throw input.damaged(piece.isEmpty ? "zstd data ends too early" : "zstd data is damaged")
            }
        }
        return output.pos
    }
}
