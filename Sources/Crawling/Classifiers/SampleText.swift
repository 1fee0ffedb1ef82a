import Storage

/// A sample as UTF-8 text, whatever its encoding; nil for what is not text.
struct SampleText {
    /// Without byte order mark and, when more follows, without the last unfinished line.
    let bytes: [UInt8]
    /// As `serialization.encoding` names it; nil when the sample is ASCII alone.
    let encoding: String?

    init?(_ sample: FileSample) {
        let mark = sample.head.withUnsafeBufferPointer { TextEncoding.byteOrderMark($0) }
        var text = sample.head.dropFirst(mark?.byteCount ?? 0)
        var encoding: String?
        switch mark?.encoding {
        case .utf16LittleEndian, .utf16BigEndian:
            let isLittle = mark?.encoding == .utf16LittleEndian
            guard let read = Self.transcoded(text, isLittle ? .utf16LittleEndian : .utf16BigEndian) else { return nil }
            text = read[...]
            encoding = isLittle ? "UTF-16LE" : "UTF-16BE"
        default: break
        }
        if !sample.isWhole, let last = text.lastIndex(of: 0x0a) { text = text[...last] }
        guard Self.isText(text) else { return nil }
        if encoding == nil, text.contains(where: { $0 >= 0x80 }) {
            encoding = "utf-8"
            if String(validating: text, as: UTF8.self) == nil {
                // Bytes that are no UTF-8: Windows' code page reads them all.
                guard let read = Self.transcoded(text, .windows1252) else { return nil }
                text = read[...]
                encoding = "windows-1252"
            }
        }
        bytes = Array(text)
        self.encoding = encoding
    }

    private static func transcoded(_ bytes: ArraySlice<UInt8>, _ encoding: TextEncoding) -> [UInt8]? {
        let stream = TranscodingStream(MemoryStream(Array(bytes)), encoding)
        let capacity = bytes.count * 3 + 4
        return try? [UInt8](unsafeUninitializedCapacity: capacity) { room, count in
            count = try stream.read(into: UnsafeMutableRawBufferPointer(room))
        }
    }

    /// No NUL and few control bytes.
    private static func isText(_ text: ArraySlice<UInt8>) -> Bool {
        var controls = 0
        for byte in text.prefix(4096) {
            if byte == 0 { return false }
            if byte < 0x20, byte != 0x09, byte != 0x0a, byte != 0x0d, byte != 0x01 { controls += 1 }
        }
        return controls * 20 <= min(text.count, 4096)
    }
}
