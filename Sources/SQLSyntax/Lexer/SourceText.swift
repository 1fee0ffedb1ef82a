/// A statement's bytes, followed by zeros so that scanners may read a little past the end.
///
/// - Note: `@unchecked Sendable` is right because the bytes are written in `init` alone.
public final class SourceText: @unchecked Sendable {
    let bytes: UnsafeMutablePointer<UInt8>
    public let byteCount: Int
    private static let padding = 32
    /// Offsets are 32 bits.
    static let maxByteCount = Int(UInt32.max) - 64

    public init(_ text: String) {
        var text = text
        byteCount = text.utf8.count
        bytes = .allocate(capacity: byteCount + Self.padding)
        let target = bytes
        text.withUTF8 { buffer in
            if let base = buffer.baseAddress { target.initialize(from: base, count: buffer.count) }
        }
        (bytes + byteCount).initialize(repeating: 0, count: Self.padding)
    }

    deinit { bytes.deallocate() }

    func text(_ start: Int, _ end: Int) -> String {
        String(decoding: UnsafeBufferPointer(start: bytes + start, count: end - start), as: UTF8.self)
    }

    func text(of token: Token) -> String { text(Int(token.start), Int(token.end)) }
}
