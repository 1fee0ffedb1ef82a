import Columnar
import Glibc
import SQLTypes
import Storage

/// Reads and parses a file's footer.
///
/// ```
/// ... | footer (Thrift) | footer length, 4 bytes | PAR1
/// ```
struct FooterParser {
    let file: String

    /// Bytes read at first: enough for most footers in one read.
    private static let firstRead = 64 << 10

    static func cached(_ source: any ByteSource, _ context: ScanContext) throws -> ParquetFooter {
        try context.footers.footer(source.entry, now: now()) {
            try FooterParser(file: source.entry.path).read(source, context.metrics)
        }
    }

    static func cached(_ entry: FileEntry, _ context: ScanContext) throws -> ParquetFooter {
        try context.footers.footer(entry, now: now()) {
            try FooterParser(file: entry.path).read(try context.fileSystem.open(entry), context.metrics)
        }
    }

    private static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }

    func bad(_ message: String) -> QueryError {
        QueryError(.hiveBadData, message, in: DataLocation(file: file))
    }

    func read(_ source: any ByteSource, _ metrics: ScanMetrics) throws -> ParquetFooter {
        let size = source.entry.byteCount
        guard size >= 12 else { throw bad("Not a Parquet file: it has only \(size) bytes") }
        let tailCount = min(size, Self.firstRead)
        let tail = Buffer(byteCount: tailCount)
        try fill(tail, tailCount, from: size - tailCount, source, metrics)
        let end = tail.pointer + tailCount
        let magic = (end - 4).loadUnaligned(as: UInt32.self)
        if magic == 0x4552_4150 { throw bad("Encrypted Parquet files are not supported") }
        guard magic == 0x3152_4150 else { throw bad("Not a Parquet file: the end marker PAR1 is missing") }
        let length = Int((end - 8).loadUnaligned(as: UInt32.self))
        guard length > 0, length <= size - 8, length < Int(Int32.max) else {
            throw bad("Damaged Parquet footer: its length is \(length) bytes")
        }
        let bytes = Buffer(byteCount: length)
        if length + 8 <= tailCount {
            bytes.pointer.copyMemory(from: end - 8 - length, byteCount: length)
        } else {
            try fill(bytes, length, from: size - 8 - length, source, metrics)
        }
        return try parse(bytes, fileByteCount: size)
    }

    private func fill(
        _ buffer: Buffer, _ count: Int, from offset: Int, _ source: any ByteSource, _ metrics: ScanMetrics
    ) throws {
        let read = try source.read(at: offset, into: UnsafeMutableRawBufferPointer(start: buffer.pointer, count: count))
        guard read == count else { throw bad("Parquet file ends before its footer does") }
        metrics.bytesRead.add(count)
    }

    func parse(_ bytes: Buffer, fileByteCount: Int) throws -> ParquetFooter {
        typealias Kind = ThriftReader.Kind
        let start = bytes.pointer.assumingMemoryBound(to: UInt8.self)
        var reader = ThriftReader(start, count: bytes.byteCount)
        var rowCount = -1
        var elements: [SchemaElement] = []
        var groups: [RowGroup] = []
        var groupChunks: [Int] = []
        var chunks = ContiguousArray<ColumnChunk>()
        var orders: [Bool] = []
        reader.structure { reader, field, kind in
            switch field {
            case 2:
                reader.list(kind, begin: { elements.reserveCapacity(min($0, 10_000)) }) { reader, kind in
                    elements.append(Self.schemaElement(&reader, kind))
                }
            case 3: rowCount = reader.integer(kind)
            case 4:
                reader.list(kind) { reader, kind in
                    var group = RowGroup()
                    let before = chunks.count
                    reader.structure(kind) { reader, field, kind in
                        switch field {
                        case 1:
                            reader.list(kind) { reader, kind in
                                chunks.append(Self.columnChunk(&reader, kind, start))
                            }
                        case 2: group.byteCount = reader.integer(kind)
                        case 3: group.rowCount = reader.integer(kind)
                        default: reader.skip(kind)
                        }
                    }
                    groups.append(group)
                    groupChunks.append(chunks.count - before)
                }
            case 7:
                reader.list(kind) { reader, kind in
                    var isTypeOrder = false
                    reader.structure(kind) { reader, field, kind in
                        if field == 1 { isTypeOrder = true }
                        reader.skip(kind)
                    }
                    orders.append(isTypeOrder)
                }
            default: reader.skip(kind)
            }
        }
        guard !reader.failed else { throw bad("Damaged Parquet footer") }
        var builder = SchemaTreeBuilder(elements)
        guard let root = builder.root() else { throw bad("Damaged Parquet footer: the schema is not a tree") }
        let leaves = builder.leaves
        var firstRow = 0
        for index in groups.indices {
            guard groupChunks[index] == leaves.count else {
                throw bad("Damaged Parquet footer: a row group has \(groupChunks[index]) columns of \(leaves.count)")
            }
            guard groups[index].rowCount >= 0 else { throw bad("Damaged Parquet footer: negative row count") }
            groups[index].firstRow = firstRow
            let (sum, overflow) = firstRow.addingReportingOverflow(groups[index].rowCount)
            guard !overflow, sum < 1 << 48 else { throw bad("Damaged Parquet footer: impossible row count") }
            firstRow = sum
        }
        if orders.count != leaves.count { orders = [Bool](repeating: false, count: leaves.count) }
        for index in chunks.indices {
            let leaf = leaves[index % max(leaves.count, 1)]
            try check(chunks[index], leaf, fileByteCount)
            // Without repetition every row is a value.
            let rows = groups[index / max(leaves.count, 1)].rowCount
            guard leaf.repetitionLevel > 0 || chunks[index].valueCount == rows || !chunks[index].hasMetadata else {
                throw bad(
                    "Damaged Parquet footer: column '\(leaf.path)' has \(chunks[index].valueCount) values for \(rows) rows"
                )
            }
        }
        return ParquetFooter(
            rowCount: groups.isEmpty ? max(rowCount, 0) : firstRow, root: root, leaves: leaves, rowGroups: groups,
            chunks: chunks, hasTypeOrder: orders, bytes: bytes)
    }

    /// Sizes that later code relies on.
    private func check(_ chunk: ColumnChunk, _ leaf: SchemaNode, _ fileByteCount: Int) throws {
        guard chunk.hasMetadata, !chunk.isEncrypted, !chunk.isInOtherFile else { return }
        guard chunk.stored == leaf.stored?.rawValue, chunk.valueCount >= 0,
            chunk.dataPageOffset >= 0, chunk.dataPageOffset <= fileByteCount, chunk.dictionaryPageOffset >= 0,
            chunk.packedByteCount >= 0, chunk.packedByteCount <= fileByteCount,
            chunk.offsetIndexOffset >= 0, chunk.offsetIndexByteCount >= 0, chunk.columnIndexOffset >= 0,
            chunk.columnIndexByteCount >= 0, chunk.bloomOffset >= 0, chunk.bloomByteCount >= 0
        else { throw bad("Damaged Parquet footer: impossible sizes of column '\(leaf.path)'") }
    }

    private static func schemaElement(_ reader: inout ThriftReader, _ kind: UInt8) -> SchemaElement {
        var element = SchemaElement()
        reader.structure(kind) { reader, field, kind in
            switch field {
            case 1: element.stored = reader.integer(kind)
            case 2: element.fixedByteCount = reader.integer(kind)
            case 3: element.repetition = reader.integer(kind)
            case 4: element.name = reader.string(kind)
            case 5: element.childCount = reader.integer(kind)
            case 6: element.converted = reader.integer(kind)
            case 7: element.scale = reader.integer(kind)
            case 8: element.precision = reader.integer(kind)
            case 10: element.logical = logicalType(&reader, kind)
            default: reader.skip(kind)
            }
        }
        return element
    }

    private static func logicalType(_ reader: inout ThriftReader, _ kind: UInt8) -> Annotation {
        var result = Annotation.none
        reader.structure(kind) { reader, field, kind in
            switch field {
            case 5:
                var (scale, precision) = (0, 0)
                reader.structure(kind) { reader, field, kind in
                    switch field {
                    case 1: scale = reader.integer(kind)
                    case 2: precision = reader.integer(kind)
                    default: reader.skip(kind)
                    }
                }
                result = .decimal(precision: precision, scale: scale)
            case 7, 8:
                var unit = TimeUnit.millis
                reader.structure(kind) { reader, field, kind in
                    guard field == 2 else {
                        reader.skip(kind)
                        return
                    }
                    reader.structure(kind) { reader, field, kind in
                        unit = field == 1 ? .millis : (field == 2 ? .micros : .nanos)
                        reader.skip(kind)
                    }
                }
                result = field == 7 ? .time(unit) : .timestamp(unit)
            case 10:
                var (bits, isSigned) = (32, true)
                reader.structure(kind) { reader, field, kind in
                    switch field {
                    case 1: bits = reader.integer(kind)
                    case 2: isSigned = reader.boolean(kind)
                    default: reader.skip(kind)
                    }
                }
                result = .integer(bits: bits, isSigned: isSigned)
            default:
                reader.skip(kind)
                switch field {
                case 1: result = .string
                case 2: result = .map
                case 3: result = .list
                case 4: result = .enumeration
                case 6: result = .date
                case 11: result = .unknown
                case 12: result = .json
                case 13: result = .bson
                case 14: result = .uuid
                case 15: result = .float16
                default: result = .other
                }
            }
        }
        return result
    }

    private static func columnChunk(
        _ reader: inout ThriftReader, _ kind: UInt8, _ start: UnsafePointer<UInt8>
    ) -> ColumnChunk {
        var chunk = ColumnChunk()
        reader.structure(kind) { reader, field, kind in
            switch field {
            case 1: chunk.isInOtherFile = !reader.binary(kind).isEmpty
            case 3:
                chunk.hasMetadata = true
                columnMetadata(&reader, kind, &chunk, start)
            case 4: chunk.offsetIndexOffset = reader.integer(kind)
            case 5: chunk.offsetIndexByteCount = reader.integer(kind)
            case 6: chunk.columnIndexOffset = reader.integer(kind)
            case 7: chunk.columnIndexByteCount = reader.integer(kind)
            case 8, 9:
                chunk.isEncrypted = true
                reader.skip(kind)
            default: reader.skip(kind)
            }
        }
        return chunk
    }

    private static func columnMetadata(
        _ reader: inout ThriftReader, _ kind: UInt8, _ chunk: inout ColumnChunk, _ start: UnsafePointer<UInt8>
    ) {
        reader.structure(kind) { reader, field, kind in
            switch field {
            case 1: chunk.stored = reader.integer(kind)
            case 4: chunk.codec = reader.integer(kind)
            case 5: chunk.valueCount = reader.integer(kind)
            case 6: chunk.unpackedByteCount = reader.integer(kind)
            case 7: chunk.packedByteCount = reader.integer(kind)
            case 9: chunk.dataPageOffset = reader.integer(kind)
            case 11: chunk.dictionaryPageOffset = reader.integer(kind)
            case 12: chunk.statistics = statistics(&reader, kind, start)
            case 13:
                // Page types 0 and 3 hold data; encodings 2 and 8 are dictionaries.
                var (coded, other) = (0, 0)
                reader.list(kind) { reader, kind in
                    var (page, encoding, count) = (0, 0, 0)
                    reader.structure(kind) { reader, field, kind in
                        switch field {
                        case 1: page = reader.integer(kind)
                        case 2: encoding = reader.integer(kind)
                        case 3: count = reader.integer(kind)
                        default: reader.skip(kind)
                        }
                    }
                    guard page == 0 || page == 3, count > 0 else { return }
                    if encoding == 2 || encoding == 8 { coded = 1 } else { other = 1 }
                }
                chunk.hasOnlyDictionaryPages = coded > 0 && other == 0
            case 14: chunk.bloomOffset = reader.integer(kind)
            case 15: chunk.bloomByteCount = reader.integer(kind)
            default: reader.skip(kind)
            }
        }
    }

    private static func statistics(
        _ reader: inout ThriftReader, _ kind: UInt8, _ start: UnsafePointer<UInt8>
    ) -> ChunkStatistics {
        var found = ChunkStatistics()
        func span(_ reader: inout ThriftReader, _ kind: UInt8) -> ParquetFooter.Span {
            let bytes = reader.binary(kind)
            guard !reader.failed, let first = bytes.baseAddress else { return ParquetFooter.Span() }
            return ParquetFooter.Span(
                offset: Int32(truncatingIfNeeded: first - start), count: Int32(truncatingIfNeeded: bytes.count))
        }
        reader.structure(kind) { reader, field, kind in
            switch field {
            case 1: found.oldMaximum = span(&reader, kind)
            case 2: found.oldMinimum = span(&reader, kind)
            case 3: found.nullCount = reader.integer(kind)
            case 4: found.distinctCount = reader.integer(kind)
            case 5: found.maximum = span(&reader, kind)
            case 6: found.minimum = span(&reader, kind)
            case 7: found.maximumIsExact = reader.boolean(kind)
            case 8: found.minimumIsExact = reader.boolean(kind)
            case 9: found.nanCount = reader.integer(kind)
            default: reader.skip(kind)
            }
        }
        return found
    }
}
