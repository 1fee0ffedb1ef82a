import CKernels
import Columnar

/// Searching bytes in bytes.
enum TextSearch {
    /// Calls `body` with the range of each piece between delimiters, until it returns false. An empty delimiter parts
    /// nothing.
    static func forEachPiece(
        _ text: UnsafeBufferPointer<UInt8>, _ delimiter: UnsafeBufferPointer<UInt8>, _ body: (Range<Int>) -> Bool
    ) {
        var start = 0
        while true {
            guard let place = find(delimiter, in: text, from: start), !delimiter.isEmpty else {
                _ = body(start..<text.count)
                return
            }
            if !body(start..<place) { return }
            start = place + delimiter.count
        }
    }

    /// The offset of the first `needle` at or after `start`.
    static func find(_ needle: UnsafeBufferPointer<UInt8>, in text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int?
    {
        guard start <= text.count else { return nil }
        guard let needleStart = needle.baseAddress, !needle.isEmpty else { return start }
        guard let base = text.baseAddress, text.count - start >= needle.count else { return nil }
        guard let place = ck_find(base + start, text.count - start, needleStart, needle.count) else { return nil }
        return place - UnsafeRawPointer(base)
    }
}
