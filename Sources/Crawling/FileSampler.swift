import SQLTypes
import Storage

/// Reads the beginning of files and asks the classifiers.
struct FileSampler {
    let options: CrawlOptions
    let classifiers: [any Classifier]
    let fileSystem: any FileSystem

    /// What the file is, from its first bytes; never reads more than the sample.
    func finding(_ entry: FileEntry) throws -> FileFinding {
        let source = try fileSystem.open(entry)
        let codec = try FileCodec.detect(source)
        var limit = options.sampleBytes
        while true {
            let sample = try read(source, codec, limit: limit)
            for classifier in classifiers {
                if let finding = try classifier.classify(sample) { return finding }
            }
            // One record can be longer than the sample: Glue, too, goes on to 10 MB.
            guard !sample.isWhole, limit < options.sampleBytes * 10, !sample.head.contains(0x0a) else {
                return FileFinding(
                    classification: "unknown", compression: sample.compression, columns: [], csv: nil, recordCount: 0,
                    recordByteCount: 0, sampledByteCount: sample.rawByteCount)
            }
            limit = min(limit * 4, options.sampleBytes * 10)
        }
    }

    private func read(_ source: any ByteSource, _ codec: FileCodec, limit: Int) throws -> FileSample {
        let stream = try codec.stream(source)
        var head = [UInt8](repeating: 0, count: limit)
        var count = 0
        var isWhole = false
        while count < limit {
            let got = try head.withUnsafeMutableBytes { bytes in
                try stream.read(
                    into: UnsafeMutableRawBufferPointer(rebasing: bytes[count..<min(limit, count + (256 << 10))]))
            }
            if got == 0 {
                isWhole = true
                break
            }
            count += got
        }
        head.removeSubrange(count...)
        return FileSample(
            entry: source.entry, compression: codec.glueName, head: head, isWhole: isWhole,
            rawByteCount: isWhole ? source.entry.byteCount : max(stream.bytesRead, 1), maxRecords: options.sampleRecords
        )
    }
}

extension FileCodec {
    /// As `compressionType` names it.
    var glueName: String { self == .plain ? "none" : rawValue }
}
