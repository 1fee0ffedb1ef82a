import Columnar
import SQLTypes

/// The start of a text file, for whoever wants to find out what it holds: raw records, and fields by a given set of
/// delimiters. Knows no tables and no query engine, and guesses nothing.
public struct TextSampler: Sendable {
    /// How records and fields are told apart.
    public struct Dialect: Hashable, Sendable {
        public var separator: UInt8
        public var quote: UInt8?
        public var escape: UInt8?

        public init(separator: UInt8, quote: UInt8? = nil, escape: UInt8? = nil) {
            self.separator = separator
            self.quote = quote
            self.escape = escape
        }
    }

    /// One field: its text, and whether it stood in quotes.
    public struct Field: Hashable, Sendable {
        public var text: [UInt8]
        public var wasQuoted: Bool

        public init(text: [UInt8], wasQuoted: Bool) {
            self.text = text
            self.wasQuoted = wasQuoted
        }

        public var string: String { String(decoding: text, as: UTF8.self) }
    }

    /// Facts about the fields of a dialect over the sample.
    public struct Tally: Hashable, Sendable {
        public var recordCount = 0
        /// How many records have how many fields.
        public var fieldCounts: [Int: Int] = [:]
        public var quotedFieldCount = 0
        /// Quoted fields with a separator or a line end inside: what only quotes explain.
        public var neededQuoteCount = 0
        /// Quoted fields that something other than a separator or line end follows: signs of a wrong dialect.
        public var brokenQuoteCount = 0
        public var escapeCount = 0
        /// The sample ended inside a quoted field.
        public var endsInQuotes = false

        public init() {}
    }

    public let file: FileEntry
    public let codec: FileCodec
    public let encoding: TextEncoding
    /// Unpacked bytes without byte order mark, as UTF-8.
    public let bytes: [UInt8]
    /// The sample holds all of the file.
    public let isWhole: Bool
    /// Lines that end in CR LF, LF or CR alone.
    public let lineEnds: (crlf: Int, lf: Int, cr: Int)

    /// Reads at most `byteLimit` unpacked bytes from the start of a file.
    ///
    /// - Throws: HIVE_BAD_DATA for a damaged compressed file, HIVE_FILESYSTEM_ERROR when it cannot be read.
    public init(_ file: FileEntry, _ fileSystem: any FileSystem, byteLimit: Int = 1 << 20) throws {
        let source = try fileSystem.open(file)
        codec = try FileCodec.detect(source)
        let stream = try codec.stream(source)
        func fill(_ stream: any ByteStream, _ limit: Int) throws -> [UInt8] {
            try [UInt8](unsafeUninitializedCapacity: limit) { room, count in
                count = try stream.read(into: UnsafeMutableRawBufferPointer(room))
            }
        }
        var raw = try fill(stream, byteLimit + 1)
        isWhole = raw.count <= byteLimit
        if raw.count > byteLimit { raw.removeLast() }
        let mark = raw.withUnsafeBufferPointer { TextEncoding.byteOrderMark($0) }
        encoding = mark?.encoding ?? .utf8
        if let mark { raw.removeFirst(mark.byteCount) }
        if encoding != .utf8 {
            let inner = MemoryStream(raw)
            raw = try fill(TranscodingStream(inner, encoding), raw.count * 2 + 4)
        }
        bytes = raw
        self.file = file
        var ends = (crlf: 0, lf: 0, cr: 0)
        for (index, byte) in raw.enumerated() {
            if byte == 0x0a {
                if index > 0, raw[index - 1] == 0x0d { ends.crlf += 1 } else { ends.lf += 1 }
            } else if byte == 0x0d, index + 1 < raw.count, raw[index + 1] != 0x0a {
                ends.cr += 1
            }
        }
        lineEnds = ends
    }

    /// Over bytes that are at hand already.
    public init(bytes: [UInt8], file: FileEntry, isWhole: Bool = true) {
        self.file = file
        self.bytes = bytes
        self.isWhole = isWhole
        codec = .plain
        encoding = .utf8
        lineEnds = (0, 0, 0)
    }

    /// Whole lines (without their ends), the last one too when the sample holds all of the file.
    public func lines(limit: Int = 1000) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        var start = 0
        var at = 0
        while at < bytes.count, lines.count < limit {
            let byte = bytes[at]
            let isReturn = byte == 0x0d && (at + 1 >= bytes.count || bytes[at + 1] != 0x0a)
            if byte == 0x0a || isReturn {
                var end = at
                if byte == 0x0a, end > start, bytes[end - 1] == 0x0d { end -= 1 }
                lines.append(bytes[start..<end])
                start = at + 1
            }
            at += 1
        }
        if isWhole, start < bytes.count, lines.count < limit { lines.append(bytes[start...]) }
        return lines
    }

    /// Records as fields, quotes and escapes resolved, the way the readers of delimited text see them.
    public func records(_ dialect: Dialect, limit: Int = 1000) -> [[Field]] {
        var records: [[Field]] = []
        _ = walk(dialect, limit: limit) { records.append($0) }
        return records
    }

    /// The same walk with the fields counted only.
    public func tally(_ dialect: Dialect, limit: Int = 1000) -> Tally { walk(dialect, limit: limit) { _ in } }

    private func walk(_ dialect: Dialect, limit: Int, _ body: ([Field]) -> Void) -> Tally {
        var tally = Tally()
        var fields: [Field] = []
        var field = Field(text: [], wasQuoted: false)
        var isInQuotes = false
        var isAtStart = true
        var blanks = 0
        var hasInner = false
        var at = 0
        func endField() {
            if field.wasQuoted {
                tally.quotedFieldCount += 1
                if hasInner { tally.neededQuoteCount += 1 }
            }
            fields.append(field)
            field = Field(text: [], wasQuoted: false)
            isAtStart = true
            blanks = 0
            hasInner = false
        }
        func endRecord() {
            endField()
            tally.recordCount += 1
            tally.fieldCounts[fields.count, default: 0] += 1
            body(fields)
            fields = []
        }
        while at < bytes.count, tally.recordCount < limit {
            let byte = bytes[at]
            let next: UInt8? = at + 1 < bytes.count ? bytes[at + 1] : nil
            if isInQuotes {
                if let escape = dialect.escape, byte == escape, escape != dialect.quote {
                    tally.escapeCount += 1
                    if next == dialect.quote || next == escape, let next {
                        field.text.append(next)
                        at += 1
                    }
                } else if byte == dialect.quote {
                    if next == byte {
                        field.text.append(byte)
                        at += 1
                    } else {
                        isInQuotes = false
                        if let next, next != dialect.separator, next != 0x0a, next != 0x0d {
                            tally.brokenQuoteCount += 1
                        }
                    }
                } else {
                    if byte == dialect.separator || byte == 0x0a { hasInner = true }
                    field.text.append(byte)
                }
                at += 1
                continue
            }
            if byte == dialect.separator {
                endField()
            } else if byte == 0x0a || (byte == 0x0d && next != 0x0a) {
                endRecord()
            } else if byte == 0x0d {
                // Half of a line end.
            } else if let quote = dialect.quote, byte == quote, isAtStart {
                field.text.removeLast(blanks)
                field.wasQuoted = true
                isInQuotes = true
                isAtStart = false
            } else if let escape = dialect.escape, byte == escape {
                tally.escapeCount += 1
                if dialect.quote == nil || next == dialect.quote || next == escape, let next {
                    field.text.append(next)
                    at += 1
                }
                isAtStart = false
            } else {
                if isAtStart, byte == 0x20 || byte == 0x09 { blanks += 1 } else { isAtStart = false }
                field.text.append(byte)
            }
            at += 1
        }
        if tally.recordCount < limit {
            tally.endsInQuotes = isInQuotes
            if isWhole, !fields.isEmpty || !field.text.isEmpty || field.wasQuoted { endRecord() }
        }
        return tally
    }
}

/// A stream over bytes in memory.
public final class MemoryStream: ByteStream {
    private let bytes: [UInt8]
    private var offset = 0

    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    public var bytesRead: Int { offset }

    public func read(into target: UnsafeMutableRawBufferPointer) throws -> Int {
        let count = min(target.count, bytes.count - offset)
        target.copyBytes(from: bytes[offset..<offset + count])
        offset += count
        return count
    }
}
