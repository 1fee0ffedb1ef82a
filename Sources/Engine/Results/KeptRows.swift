import Columnar
import SQLTypes

/// The rows of a kept result: what `CSVText` wrote, read back as values.
enum KeptRows {
    /// Whether a type's text is read back as the same value. Arrays, maps, rows and intervals are not.
    static func canRead(_ type: DataType) -> Bool {
        switch type {
        case .boolean, .tinyint, .smallint, .integer, .bigint, .real, .double, .decimal, .varchar, .char, .varbinary,
            .date, .timestamp, .timestampWithTimeZone, .json, .uuid, .ipaddress, .unknown:
            true
        case .time, .timeWithTimeZone, .intervalYearToMonth, .intervalDayToSecond, .array, .map, .row, .sketch,
            .function:
            false
        }
    }

    /// The rows below the header, as batches; nil when the bytes are not such a result.
    static func batches(_ bytes: [UInt8], _ columns: [ResultColumn], rowsPerBatch: Int) -> [Batch]? {
        guard !columns.isEmpty else { return nil }
        var reader = Reader(bytes: bytes)
        guard reader.record(columns.count) != nil else { return nil }
        var batches: [Batch] = []
        var values = [[Value]](repeating: [], count: columns.count)
        func flush() {
            let vectors = columns.indices.map { Vector.fromValues(values[$0], columns[$0].type) }
            batches.append(Batch(columns: vectors, rowCount: values[0].count))
            values = [[Value]](repeating: [], count: columns.count)
        }
        while !reader.isAtEnd {
            guard let fields = reader.record(columns.count) else { return nil }
            for (index, field) in fields.enumerated() {
                guard let field else {
                    values[index].append(.null)
                    continue
                }
                guard let value = value(field, columns[index].type) else { return nil }
                values[index].append(value)
            }
            if values[0].count == rowsPerBatch { flush() }
        }
        if !values[0].isEmpty { flush() }
        return batches
    }

    private static func value(_ field: [UInt8], _ type: DataType) -> Value? {
        if type == .varbinary {
            guard let text = String(validating: field, as: UTF8.self) else { return nil }
            let pairs = text.split(separator: " ")
            let bytes = pairs.compactMap { UInt8($0, radix: 16) }
            return bytes.count == pairs.count ? .bytes(bytes) : nil
        }
        if case .varchar = type { return .bytes(field) }
        return field.withUnsafeBufferPointer { try? ValueParser.parse($0, as: type) }
    }

    /// Cuts the bytes into records of quoted fields.
    private struct Reader {
        let bytes: [UInt8]
        var offset = 0

        init(bytes: [UInt8]) { self.bytes = bytes }

        var isAtEnd: Bool { offset == bytes.count }

        /// Fields of the next record, nil for NULL; nil for anything else than `count` fields and a line end.
        mutating func record(_ count: Int) -> [[UInt8]?]? {
            var fields: [[UInt8]?] = []
            for index in 0..<count {
                fields.append(field())
                guard offset < bytes.count,
                    bytes[offset] == (index == count - 1 ? 0x0a : UInt8(ascii: ","))
                else { return nil }
                offset += 1
            }
            return fields
        }

        private mutating func field() -> [UInt8]? {
            let quote = UInt8(ascii: "\"")
            guard offset < bytes.count, bytes[offset] == quote else { return nil }
            offset += 1
            var field: [UInt8] = []
            while offset < bytes.count {
                let byte = bytes[offset]
                offset += 1
                if byte == quote {
                    guard offset < bytes.count, bytes[offset] == quote else { return field }
                    offset += 1
                }
                field.append(byte)
            }
            return field
        }
    }
}
