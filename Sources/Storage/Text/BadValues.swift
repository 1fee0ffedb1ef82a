import Columnar
import SQLTypes

/// What could not be read in one batch of a text file, kept until the filters have said which rows count: errors
/// belong to rows, so a bad value of a row that no filter lets through is none.
public struct BadValues {
    public struct Item {
        /// The reader's number of the record.
        public var row: Int
        /// Where the record begins in the unpacked file, to find its line.
        public var offset: Int
        public var column: String
        public var error: QueryError

        public init(row: Int, offset: Int, column: String, error: QueryError) {
            self.row = row
            self.offset = offset
            self.column = column
            self.error = error
        }
    }

    public private(set) var items: [Item] = []

    public init() {}

    public var isEmpty: Bool { items.isEmpty }

    public mutating func add(_ item: Item) { items.append(item) }

    public mutating func clear() { items.removeAll(keepingCapacity: true) }

    /// The error for text that is no value of its column's type, in Athena's words.
    public static func parseError(
        _ text: UnsafeBufferPointer<UInt8>, field: Int, column: String, type: DataType
    ) -> QueryError {
        QueryError(
            .hiveBadData,
            "Error parsing field value '\(shown(text))' for field \(field): not a value of type \(type.displayName)")
    }

    /// The start of a raw value for an error message.
    public static func shown(_ text: UnsafeBufferPointer<UInt8>) -> String {
        let limit = 100
        let start = String(decoding: text.prefix(limit), as: UTF8.self)
        return text.count > limit ? start + "..." : start
    }

    /// Applies `bad_data` to the records in `rows` (ascending). Returns the positions in `rows` that stay, or nil when
    /// all do. `line` finds the line of a record that begins at an offset.
    ///
    /// - Throws: the first bad value's error under `fail`.
    public func settle(
        _ rows: some RandomAccessCollection<Int>, _ context: ScanContext, file: FileEntry, line: (Int) -> Int?
    ) throws -> [Int]? {
        if items.isEmpty { return nil }
        let counted = Set(rows)
        let hits = items.filter { counted.contains($0.row) }
        if hits.isEmpty { return nil }
        switch context.options.badData {
        case .fail:
            guard let first = hits.min(by: { $0.row < $1.row }) else { return nil }
            var error = first.error
            error.location = DataLocation(
                file: file.path, line: line(first.offset), column: first.column.isEmpty ? nil : first.column)
            throw error
        case .null:
            context.metrics.badValues.add(hits.count)
            return nil
        case .skip:
            let dropped = Set(hits.map(\.row))
            context.metrics.badValues.add(dropped.count)
            return rows.enumerated().compactMap { dropped.contains($0.element) ? nil : $0.offset }
        }
    }
}

extension FileCodec {
    /// The line (from 1) at `offset` of the unpacked file: reads the file up to there, for errors only.
    public func line(at offset: Int, of file: FileEntry, _ context: ScanContext) -> Int? {
        guard let source = try? context.fileSystem.open(file), let stream = try? stream(source) else { return nil }
        let buffer = Buffer(byteCount: 64 << 10)
        var line = 1
        var left = offset
        while left > 0 {
            let room = UnsafeMutableRawBufferPointer(start: buffer.pointer, count: min(left, buffer.byteCount))
            guard let count = try? stream.read(into: room), count > 0 else { break }
            for byte in room[..<count] where byte == 0x0a { line += 1 }
            left -= count
        }
        return line
    }
}
