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
            let first = sample.text.first { $0 > 0x20 }
            let isCut = !sample.head.contains(0x0a) || first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
            guard !sample.isWhole, limit < options.sampleBytes * 10, isCut else {
                return FileFinding(
                    classification: sample.head.isEmpty ? FileFinding.empty : "unknown",
                    compression: sample.compression, columns: [], csv: nil, recordCount: 0, recordByteCount: 0,
                    sampledByteCount: sample.rawByteCount)
            }
            limit = min(limit * 4, options.sampleBytes * 10)
        }
    }

    private func read(_ source: any ByteSource, _ codec: FileCodec, limit: Int) throws -> FileSample {
        let stream = try codec.stream(source)
        // One more byte than a small file has tells that it has ended.
        let capacity = codec == .plain ? min(limit, source.entry.byteCount + 1) : limit
        let head = try [UInt8](unsafeUninitializedCapacity: capacity) { room, count in
            while count < capacity {
                let rest = UnsafeMutableRawBufferPointer(room)[count..<min(capacity, count + (256 << 10))]
                let got = try stream.read(into: UnsafeMutableRawBufferPointer(rebasing: rest))
                if got == 0 { break }
                count += got
            }
        }
        let isWhole = head.count < capacity || (codec == .plain && head.count == source.entry.byteCount)
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

extension FileFinding {
    /// The classification of a file without content: a compressed nothing.
    static let empty = "empty"
}
