import Storage

/// Recognises a file by its content. The list is asked in order; the first finding wins.
protocol Classifier {
    /// `parquet`, `csv`, or a custom classifier's name.
    var name: String { get }
    /// nil when the file is of another kind.
    func classify(_ sample: FileSample) throws -> FileFinding?
}

/// The beginning of a file, decompressed.
struct FileSample {
    var entry: FileEntry
    /// `none`, `gzip` ...
    var compression: String
    /// Decompressed bytes from the start.
    var head: [UInt8]
    /// `head` is the whole file.
    var isWhole: Bool
    /// Compressed bytes that `head` came from.
    var rawByteCount: Int
    var maxRecords: Int

    /// Decompressed bytes of the whole file, estimated from the sample's ratio.
    var estimatedByteCount: Int {
        if isWhole { return head.count }
        guard rawByteCount > 0 else { return entry.byteCount }
        return Int(Double(head.count) / Double(rawByteCount) * Double(entry.byteCount))
    }

    /// `head` without a byte order mark.
    var text: ArraySlice<UInt8> { head.starts(with: [0xef, 0xbb, 0xbf]) ? head.dropFirst(3) : head[...] }
}
