import Columnar
import SQLTypes

/// How a whole file is compressed.
public enum FileCodec: String, Sendable, CaseIterable {
    case plain, gzip, zstd, bzip2, lz4, snappy

    /// The codec that a file's name claims: by the last extension, in any letter case.
    public init?(extensionOf path: String) {
        guard let dot = path.utf8.lastIndex(of: UInt8(ascii: ".")) else { return nil }
        switch path[path.index(after: dot)...].lowercased() {
        case "gz", "gzip", "tgz": self = .gzip
        case "zst", "zstd": self = .zstd
        case "bz2", "bzip2": self = .bzip2
        case "lz4": self = .lz4
        case "snappy", "sz": self = .snappy
        default: return nil
        }
    }

    /// The codec that a file's first bytes show, where they are unmistakable.
    public init?(magic head: some Collection<UInt8>) {
        let bytes = Array(head.prefix(10))
        func starts(_ magic: [UInt8]) -> Bool { bytes.starts(with: magic) }
        if starts([0x1f, 0x8b, 0x08]) {
            self = .gzip
        } else if starts([0x28, 0xb5, 0x2f, 0xfd]) || Self.isSkippable(bytes) {
            self = .zstd
        } else if starts([0x42, 0x5a, 0x68]), bytes.count >= 10, (0x31...0x39).contains(bytes[3]),
            Array(bytes[4...]) == [0x31, 0x41, 0x59, 0x26, 0x53, 0x59]
                || Array(bytes[4...]) == [0x17, 0x72, 0x45, 0x38, 0x50, 0x90]
        {
            self = .bzip2
        } else if starts([0x04, 0x22, 0x4d, 0x18]) {
            self = .lz4
        } else if starts([0xff, 0x06, 0x00, 0x00, 0x73, 0x4e, 0x61, 0x50, 0x70, 0x59]) {
            self = .snappy
        } else {
            return nil
        }
    }

    /// A frame that both zstd and lz4 skip; zstd's parallel writer puts one first.
    private static func isSkippable(_ bytes: [UInt8]) -> Bool {
        bytes.count >= 4 && bytes[0] & 0xf0 == 0x50 && bytes[1] == 0x2a && bytes[2] == 0x4d && bytes[3] == 0x18
    }

    /// The codec of a file: its first bytes decide where they are unmistakable, else its name does. Hadoop's block
    /// forms of lz4 and snappy have no magic and are known by name only.
    ///
    /// - Throws: HIVE_BAD_DATA when the name claims a codec whose magic the bytes lack.
    public static func detect(_ source: any ByteSource) throws -> FileCodec {
        let file = source.entry
        guard file.byteCount > 0 else { return .plain }
        let head = try withUnsafeTemporaryAllocation(byteCount: 16, alignment: 8) { room in
            let count = try source.read(at: 0, into: room)
            return Array(UnsafeRawBufferPointer(rebasing: room[..<count]))
        }
        let claimed = FileCodec(extensionOf: file.path)
        if let shown = FileCodec(magic: head), claimed != .lz4 || shown == .lz4 || shown != .zstd { return shown }
        switch claimed {
        case nil, .plain, .lz4, .snappy: return claimed ?? .plain
        case .gzip, .zstd, .bzip2:
            throw QueryError(
                .hiveBadData, "File is named as \(claimed?.rawValue ?? "") but does not begin as such",
                in: DataLocation(file: file.path))
        }
    }
}

/// Bytes in order: of a file, or of what a compressed file unpacks to. One reader at a time.
public protocol ByteStream: AnyObject {
    /// Fills `target` from the start and returns the count of bytes; fewer than `target.count` only at the end.
    func read(into target: UnsafeMutableRawBufferPointer) throws -> Int
    /// Bytes of the file read so far, for metrics.
    var bytesRead: Int { get }
}

extension FileCodec {
    /// The unpacked bytes of a file, in bounded memory.
    public func stream(_ source: any ByteSource) throws -> any ByteStream {
        switch self {
        case .plain: return FileStream(source)
        case .gzip: return try GzipStream(source)
        case .zstd: return try ZstdStream(source)
        case .bzip2: return try Bzip2Stream(source)
        case .lz4:
            return FileCodec(magic: try source.head()) != nil
                ? try LZ4FrameStream(source) : HadoopBlockStream(source, .lz4)
        case .snappy:
            return FileCodec(magic: try source.head()) == .snappy
                ? SnappyFrameStream(source) : HadoopBlockStream(source, .snappy)
        }
    }
}

extension ByteSource {
    func head() throws -> [UInt8] {
        try withUnsafeTemporaryAllocation(byteCount: 16, alignment: 8) { room in
            let count = try read(at: 0, into: room)
            return Array(UnsafeRawBufferPointer(rebasing: room[..<count]))
        }
    }
}

/// A file's own bytes from an offset on.
public final class FileStream: ByteStream {
    private let source: any ByteSource
    private var offset: Int
    private let start: Int

    public init(_ source: any ByteSource, from offset: Int = 0) {
        self.source = source
        self.offset = offset
        start = offset
    }

    public var bytesRead: Int { offset - start }

    public func read(into target: UnsafeMutableRawBufferPointer) throws -> Int {
        let count = min(target.count, source.entry.byteCount - offset)
        guard count > 0 else { return 0 }
        let done = try source.read(at: offset, into: UnsafeMutableRawBufferPointer(rebasing: target[..<count]))
        guard done == count else {
            throw QueryError(
                .hiveCannotOpenSplit, "File was cut while it was read", in: DataLocation(file: source.entry.path))
        }
        offset += done
        return done
    }
}

/// What a decompressor reads from: the file's bytes through a buffer.
struct CompressedInput {
    static let chunkByteCount = 256 << 10

    let source: any ByteSource
    private let buffer = Buffer(byteCount: chunkByteCount)
    /// The next byte of the file to read.
    private(set) var offset: Int
    private var start = 0
    private var end = 0

    init(_ source: any ByteSource, from offset: Int = 0) {
        self.source = source
        self.offset = offset
    }

    var isAtEnd: Bool { start == end && offset >= source.entry.byteCount }

    /// Bytes that are there; empty only at the end of the file.
    mutating func available() throws -> UnsafeRawBufferPointer {
        if start == end {
            let count = min(Self.chunkByteCount, source.entry.byteCount - offset)
            guard count > 0 else { return UnsafeRawBufferPointer(start: nil, count: 0) }
            let done = try source.read(
                at: offset, into: UnsafeMutableRawBufferPointer(start: buffer.pointer, count: count))
            guard done == count else { throw damaged("File was cut while it was read") }
            offset += done
            start = 0
            end = done
        }
        return UnsafeRawBufferPointer(start: buffer.pointer + start, count: end - start)
    }

    mutating func consume(_ count: Int) { start += count }

    /// Copies exactly `target.count` bytes; false when the file ends before the first of them.
    mutating func readExactly(_ target: UnsafeMutableRawBufferPointer) throws -> Bool {
        var done = 0
        while done < target.count {
            let piece = try available()
            guard !piece.isEmpty else {
                if done == 0 { return false }
                throw damaged("Compressed file ends too early")
            }
            let count = min(piece.count, target.count - done)
            UnsafeMutableRawBufferPointer(rebasing: target[done..<done + count]).copyMemory(
                from: UnsafeRawBufferPointer(rebasing: piece[..<count]))
            done += count
            consume(count)
        }
        return true
    }

    func damaged(_ sentence: String) -> QueryError {
        QueryError(.hiveBadData, sentence, in: DataLocation(file: source.entry.path))
    }
}
