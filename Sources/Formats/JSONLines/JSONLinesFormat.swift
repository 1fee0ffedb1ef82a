import CKernels
import Columnar
import SQLTypes
import Storage

/// JSON records: one a line (OpenX and Hive JSON SerDe), and beyond Athena also pretty-printed, concatenated, or as
/// the elements of a top-level array.
///
/// ```
/// file --FileCodec--> bytes --TextBlockSource--> blocks --RecordParser--> appenders of the wanted columns --> vectors
/// ```
/// A big plain file of one record a line is cut into byte ranges; other shapes are read as one split.
public struct JSONLinesFormat: FileFormat {
    private let splitByteCount: Int
    private let blockByteCount: Int
    /// Bytes looked at to tell lines from other shapes.
    private static let sampleByteCount = 1 << 20

    /// Both sizes are for tests; the usual ones fit files of any size.
    public init(splitByteCount: Int? = nil, blockByteCount: Int = TextBlockSource.blockByteCount) {
        self.splitByteCount = splitByteCount ?? 0
        self.blockByteCount = blockByteCount
    }

    public var name: String { "json" }

    public func splits(
        of file: FileEntry, _ description: StorageDescription, _ context: ScanContext
    ) throws -> [Split] {
        let whole = Split(
            file: file, description: description, range: 0..<file.byteCount, rowCount: nil, byteCount: file.byteCount)
        let size = splitByteCount > 0 ? splitByteCount : TextSplits.usualByteCount(file.byteCount)
        guard file.byteCount > size, description.properties["json.path"] == nil else { return [whole] }
        let source = try context.fileSystem.open(file)
        guard try FileCodec.detect(source) == .plain, try Self.isOneRecordALine(source) else { return [whole] }
        return TextSplits.ranges(from: 0, to: file.byteCount, size: size).map { range in
            Split(file: file, description: description, range: range, rowCount: nil, byteCount: range.count)
        }
    }

    /// The first record is an object that ends on its line, and the next line begins another.
    static func isOneRecordALine(_ source: any ByteSource) throws -> Bool {
        let room = min(sampleByteCount, source.entry.byteCount)
        let buffer = Buffer(byteCount: room + Buffer.padding)
        let count = try source.read(at: 0, into: UnsafeMutableRawBufferPointer(start: buffer.pointer, count: room))
        (buffer.pointer + count).initializeMemory(as: UInt8.self, repeating: 0, count: Buffer.padding)
        let bytes = UnsafePointer(buffer.pointer.assumingMemoryBound(to: UInt8.self))
        let end = bytes + count
        var at = bytes
        if count >= 3, bytes[0] == 0xef, bytes[1] == 0xbb, bytes[2] == 0xbf { at += 3 }
        JSONScanner.skipBlanks(&at, end)
        guard at < end, at[0] == UInt8(ascii: "{") else { return false }
        let start = at
        guard JSONScanner.skipValue(&at, end) == .done else { return false }
        var look = start
        while look < at {
            if look[0] == 0x0a { return false }
            look += 1
        }
        while at < end, at[0] == 0x20 || at[0] == 0x09 || at[0] == 0x0d { at += 1 }
        return at == end || at[0] == 0x0a
    }

    public func open(_ split: Split, _ request: ScanRequest, _ context: ScanContext) throws -> any BatchReader {
        try JSONReader(split, request, context, blockByteCount: blockByteCount)
    }

    public func summary(
        of file: FileEntry, _ description: StorageDescription, _ context: ScanContext
    ) throws -> FileSummary? { nil }

    public func schema(of file: FileEntry, _ context: ScanContext) throws -> [SchemaColumn]? { nil }
}
