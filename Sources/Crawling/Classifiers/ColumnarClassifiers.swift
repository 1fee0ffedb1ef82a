import Metastore
import SQLTypes
import Storage

/// Parquet by its magic number; the schema is the footer's.
struct ParquetClassifier: Classifier {
    let name = "parquet"
    let format: any FileFormat
    let context: ScanContext

    func classify(_ sample: FileSample) throws -> FileFinding? {
        guard sample.head.starts(with: Array("PAR1".utf8)) || sample.head.starts(with: Array("PARE".utf8)) else {
            return nil
        }
        guard let columns = try format.schema(of: sample.entry, context) else { return nil }
        let description = StorageDescription(serde: StoredFormat.parquet.serde, properties: [:], columns: columns)
        let rows = try format.summary(of: sample.entry, description, context)?.rowCount ?? 0
        return FileFinding(
            classification: name, compression: "none",
            columns: columns.map { InferredType.Field(name: $0.name, type: .exact($0.type)) }, csv: nil,
            recordCount: rows, recordByteCount: rows > 0 ? sample.entry.byteCount / rows : 0,
            sampledByteCount: min(sample.entry.byteCount, 64 << 10), reasons: ["magic number PAR1"])
    }
}

/// Formats that are recognised but not read: tables of them would fail, so none is made.
struct MagicClassifier: Classifier {
    let name = "magic"

    func classify(_ sample: FileSample) throws -> FileFinding? {
        let magics: [(String, [UInt8])] = [
            ("pdf", Array("%PDF".utf8)), ("png", [0x89, 0x50, 0x4e, 0x47]), ("jpeg", [0xff, 0xd8, 0xff]),
            ("sqlite", Array("SQLite format 3".utf8)), ("orc", Array("ORC".utf8)), ("avro", Array("Obj\u{1}".utf8)),
            ("ion", [0xe0, 0x01, 0x00, 0xea]),
            ("sequencefile", Array("SEQ".utf8) + [6]), ("zip", [0x50, 0x4b, 0x03, 0x04]),
        ]
        for (classification, magic) in magics where sample.head.starts(with: magic) {
            return unread(classification, sample)
        }
        let text = sample.text.prefix(200).drop { $0 <= 0x20 }
        if text.starts(with: Array("<?xml".utf8)) { return unread("xml", sample) }
        let start = String(decoding: text.prefix(14), as: UTF8.self).lowercased()
        if start.hasPrefix("<!doctype html") || start.hasPrefix("<html") { return unread("html", sample) }
        return nil
    }

    private func unread(_ classification: String, _ sample: FileSample) -> FileFinding {
        FileFinding(
            classification: classification, compression: sample.compression, columns: [], csv: nil, recordCount: 0,
            recordByteCount: 0, sampledByteCount: sample.rawByteCount)
    }
}
