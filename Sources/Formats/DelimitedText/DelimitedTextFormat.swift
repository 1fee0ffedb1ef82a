import CKernels
import Columnar
import SQLTypes
import Storage

/// Delimited text: LazySimpleSerDe (delimiters, escapes, nested values) and OpenCSVSerde (quotes), plain or compressed.
///
/// ```
/// file --FileCodec--> bytes --TextBlockSource--> blocks --ck_text_scan--> FieldTable --typed loops--> vectors
/// ```
/// A big plain file is cut into byte ranges; each range owns the records that begin in it. Beyond Athena, quoted fields
/// may hold newlines, and a quote opens a field only at its start, as in RFC 4180.
public struct DelimitedTextFormat: FileFormat {
    /// Plain files up to this size are one split.
    private let splitByteCount: Int
    private let blockByteCount: Int

    /// Both sizes are for tests; the usual ones fit files of any size.
    public init(splitByteCount: Int? = nil, blockByteCount: Int = TextBlockSource.blockByteCount) {
        self.splitByteCount = splitByteCount ?? 0
        self.blockByteCount = blockByteCount
    }

    public var name: String { "delimited" }

    public func splits(
        of file: FileEntry, _ description: StorageDescription, _ context: ScanContext
    ) throws -> [Split] {
        let whole = Split(
            file: file, description: description, range: 0..<file.byteCount, rowCount: nil, byteCount: file.byteCount)
        let size = splitByteCount > 0 ? splitByteCount : TextSplits.usualByteCount(file.byteCount)
        guard file.byteCount > size else { return [whole] }
        let options = try DelimitedOptions(description)
        guard options.footerCount == 0, options.encoding == .utf8 else { return [whole] }
        let source = try context.fileSystem.open(file)
        guard try FileCodec.detect(source) == .plain else { return [whole] }
        let boundaries = try RecordBoundaries(source, options, context)
        guard let start = boundaries.dataStart else { return [whole] }
        return TextSplits.ranges(from: start, to: file.byteCount, size: size).map { range in
            Split(
                file: file, description: description, range: range, rowCount: nil, byteCount: range.count,
                shared: boundaries)
        }
    }

    public func open(_ split: Split, _ request: ScanRequest, _ context: ScanContext) throws -> any BatchReader {
        try DelimitedReader(split, request, context, blockByteCount: blockByteCount)
    }

    public func summary(
        of file: FileEntry, _ description: StorageDescription, _ context: ScanContext
    ) throws -> FileSummary? { nil }

    public func schema(of file: FileEntry, _ context: ScanContext) throws -> [SchemaColumn]? { nil }
}

extension DelimitedOptions {
    /// The structural bytes as the scan kernel takes them.
    var kernelFormat: ck_text_format {
        ck_text_format(
            separator: separators[0], newline: newline, quote: quote ?? 0, escape: escape ?? 0,
            hasQuote: quote == nil ? 0 : 1, hasEscape: escape == nil ? 0 : 1,
            endsRowsAtReturn: endsRowsAtReturn ? 1 : 0)
    }
}
