import Columnar
import SQLTypes
import Storage

/// Yields the records of one split of a JSON file.
///
/// Records are parsed in place, one after the other, into appenders of the wanted columns; keys that nobody wants are
/// stepped over. A record that a block does not hold whole is left for the next block.
final class JSONReader: BatchReader {
    private let request: ScanRequest
    private let context: ScanContext
    private let options: JSONOptions
    private let file: FileEntry
    private let codec: FileCodec
    private let source: TextBlockSource
    private let columns: [ValueReader]
    /// The same without a reference count at every value; `columns` keeps them alive.
    private let quickColumns: UnsafeMutablePointer<Unmanaged<ValueReader>>
    private let keys: KeyTable
    /// By declared position, for records that are arrays.
    private let byOrdinal: [ValueReader?]
    private let filters: [(columns: [Int], evaluator: any ScanFilterEvaluator)]
    /// Lines that begin at or after this position belong to the next split.
    private let limit: Int
    /// The range's start is inside a line, which belongs to the split before.
    private var skipsLine: Bool
    private var isAtFileStart: Bool
    private var isInArray = false

    private var place = 0
    /// Where the line at hand begins in the unpacked file: a split owns the records of the lines that begin in it.
    private var lineStart: Int
    private var isLoaded = false
    private var isFinished = false
    private var rowCount = 0
    private var bad = BadValues()

    init(_ split: Split, _ request: ScanRequest, _ context: ScanContext, blockByteCount: Int) throws {
        self.request = request
        self.context = context
        let options = try JSONOptions(split.description)
        self.options = options
        file = split.file
        let bytes = try context.fileSystem.open(split.file)
        codec = try FileCodec.detect(bytes)
        // The byte before the range tells whether a line begins with it.
        let start = max(split.range.lowerBound - 1, 0)
        limit = split.range.upperBound < split.file.byteCount ? split.range.upperBound : .max
        skipsLine = split.range.lowerBound > 0
        lineStart = start
        isAtFileStart = split.range.lowerBound == 0
        var stream: any ByteStream =
            codec == .plain ? FileStream(bytes, from: start) : try codec.scanStream(bytes, context.options)
        if let path = options.path { stream = JSONPathStream(stream, path) }
        source = TextBlockSource(
            stream, split.file, context, from: start, softEnd: limit, blockByteCount: blockByteCount)
        let capacity = max(request.batchRowCount, 1)
        columns = request.columns.map { column in
            ValueReader(ValueAppender(column.type, options.rules, capacity: capacity), options, fields: column.fields)
        }
        quickColumns = .allocate(capacity: max(columns.count, 1))
        for (index, column) in columns.enumerated() {
            (quickColumns + index).initialize(to: Unmanaged.passUnretained(column))
        }
        keys = KeyTable(request.columns.map(\.name), options)
        var byOrdinal: [ValueReader?] = []
        for (index, column) in request.columns.enumerated() where column.ordinal >= 0 && column.ordinal < 100_000 {
            while byOrdinal.count <= column.ordinal { byOrdinal.append(nil) }
            byOrdinal[column.ordinal] = columns[index]
        }
        self.byOrdinal = byOrdinal
        filters = try request.filters.map { ($0.columns, try $0.makeEvaluator()) }
        context.metrics.filesRead.add(start == 0 ? 1 : 0)
    }

    deinit { quickColumns.deallocate() }

    func next() throws -> Batch? {
        let capacity = max(request.batchRowCount, 1)
        while true {
            rowCount = 0
            bad.clear()
            if isLoaded { for column in columns { column.appender.keepAlive(source.block) } }
            while rowCount < capacity, !isFinished {
                if !isLoaded || place >= source.count {
                    try loadBlock(keepingFrom: place)
                } else if try readRecords(capacity) == .incomplete {
                    try loadBlock(keepingFrom: place)
                }
            }
            if rowCount == 0 { return nil }
            context.metrics.rowsRead.add(rowCount)
            if let batch = try finish() { return batch }
        }
    }

    private func loadBlock(keepingFrom kept: Int) throws {
        guard try source.advance(keepingFrom: isLoaded ? kept : 0) else {
            isFinished = true
            return
        }
        isLoaded = true
        place = 0
        if isAtFileStart {
            isAtFileStart = false
            let head = UnsafeBufferPointer(start: source.bytes, count: source.count)
            if let mark = TextEncoding.byteOrderMark(head) {
                guard mark.encoding == .utf8 else {
                    throw QueryError(.hiveBadData, "File is UTF-16 text", in: DataLocation(file: file.path))
                }
                place = mark.byteCount
            }
        }
        for column in columns { column.appender.keepAlive(source.block) }
    }

    /// Reads records of the block until the batch is full, or the block or the split ends. `incomplete`: the block
    /// ends inside a record.
    private func readRecords(_ capacity: Int) throws -> JSONScanner.Outcome {
        let bytes = source.bytes
        let end = bytes + source.count
        var at = bytes + place
        defer { place = at - bytes }
        if skipsLine {
            while at < end, at[0] != 0x0a { at += 1 }
            if at == end {
                // Nothing before the line end is ours.
                if source.offset + source.count >= limit || source.isLast { isFinished = true }
                return .done
            }
            at += 1
            skipsLine = false
            lineStart = source.offset + (at - bytes)
        }
        while rowCount < capacity {
            passBlanks(&at, end)
            if isInArray, at < end, at[0] == UInt8(ascii: ",") {
                at += 1
                continue
            }
            if at == end {
                if source.isLast { isFinished = true }
                return .done
            }
            if lineStart >= limit {
                isFinished = true
                return .done
            }
            let start = at
            var outcome: JSONScanner.Outcome
            switch at[0] {
            case UInt8(ascii: "{"): outcome = readObject(&at, end)
            case UInt8(ascii: "]") where isInArray:
                isInArray = false
                at += 1
                continue
            case UInt8(ascii: "["):
                var look = at + 1
                JSONScanner.skipBlanks(&look, end)
                if look == end, !source.isLast {
                    outcome = .incomplete
                } else if look < end, look[0] == UInt8(ascii: "{") || (look[0] == UInt8(ascii: "]") && !isInArray) {
                    isInArray = true
                    at = look
                    continue
                } else {
                    outcome =
                        columns.first?.readPositional(&at, end, 0, byOrdinal, []) ?? JSONScanner.skipValue(&at, end)
                    fillMissing()
                }
            default: outcome = readNoRecord(&at, end)
            }
            switch outcome {
            case .done: rowCount &+= 1
            case .incomplete where !source.isLast:
                cutBack()
                at = start
                return .incomplete
            case .incomplete, .malformed, .bad, .duplicate:
                cutBack()
                // The next line is a new chance.
                at = start
                while at < end, at[0] != 0x0a { at += 1 }
                if at == end, !source.isLast {
                    at = start
                    return .incomplete
                }
                try replaceRecord(start, at, outcome)
            }
        }
        return .done
    }

    /// Passes blanks between records.
    private func passBlanks(_ at: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) {
        while at < end, at[0] <= 0x20 {
            if at[0] == 0x0a { lineStart = source.offset + (at - source.bytes) + 1 }
            at += 1
        }
    }

    /// Takes back what a broken record left in the appenders.
    private func cutBack() {
        for column in columns { column.appender.cut(to: rowCount) }
    }

    /// A broken record becomes a row of NULLs, and an error unless the table ignores such.
    private func replaceRecord(
        _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ outcome: JSONScanner.Outcome
    ) throws {
        for column in columns { column.appender.appendNull() }
        if !options.ignoresMalformed {
            let shown = BadValues.shown(UnsafeBufferPointer(start: start, count: end - start))
            let reason = outcome == .duplicate ? "Duplicate key" : "not well-formed"
            bad.add(
                BadValues.Item(
                    row: rowCount, offset: source.offset + (start - source.bytes), column: "",
                    error: QueryError(.hiveCursorError, "Row is not a valid JSON Object - \(reason): \(shown)")))
        }
        rowCount += 1
    }

    private func readObject(_ at: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> JSONScanner.Outcome {
        let row = rowCount
        let recordStart = at
        let columnCount = columns.count
        if columnCount == 0 { return JSONScanner.skipValue(&at, end) }
        let quickColumns = quickColumns
        var written = 0
        let outcome = ValueReader.readFields(&at, end, keys) { at, target in
            if target < 0 { return JSONScanner.skipQuickly(&at, end) }
            let start = at
            let outcome = quickColumns[target]._withUnsafeGuaranteedRef { column in
                column.appender.count > row ? .duplicate : column.read(&at, end, 1)
            }
            written &+= 1
            if outcome != .bad { return outcome }
            // The value is passed over and NULL for now; the batch's end settles what that means.
            at = start
            let skipped = JSONScanner.skipValue(&at, end)
            if skipped != .done { return skipped }
            columns[target].appender.appendNull()
            report(target, recordStart, start, at)
            return .done
        }
        if outcome == .done, written < columnCount { fillMissing() }
        return outcome
    }

    private func fillMissing() {
        for column in columns where column.appender.count == rowCount { column.appender.appendNull() }
    }

    private func report(
        _ column: Int, _ record: UnsafePointer<UInt8>, _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>
    ) {
        let requested = request.columns[column]
        bad.add(
            BadValues.Item(
                row: rowCount, offset: source.offset + (record - source.bytes), column: requested.name,
                error: BadValues.parseError(
                    UnsafeBufferPointer(start: start, count: end - start), field: requested.ordinal,
                    column: requested.name, type: requested.type)))
    }

    /// Something else at the top level: `null` is a row of NULLs, all else no record.
    private func readNoRecord(_ at: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> JSONScanner.Outcome {
        let start = at
        let outcome = JSONScanner.skipValue(&at, end)
        if outcome == .incomplete, !source.isLast { return .incomplete }
        let isNull = outcome != .malformed && at > start && JSONText.word(start, at) == .null
        guard isNull else { return .malformed }
        fillMissing()
        return .done
    }

    /// The batch of what was read, filtered; nil when no row is left.
    private func finish() throws -> Batch? {
        var vectors = columns.map { $0.appender.finish() }
        var rows = Array(0..<(bad.isEmpty ? 0 : rowCount))
        var count = rowCount
        for filter in filters {
            let selection = try filter.evaluator.select(filter.columns.map { vectors[$0] }, Rows(count: count))
            if selection.count == count { continue }
            if selection.count == 0 { return nil }
            vectors = vectors.map { $0.gather(selection.indices, count: selection.count) }
            count = selection.count
            if !bad.isEmpty { rows = (0..<count).map { rows[Int(selection.indices[$0])] } }
        }
        if !bad.isEmpty,
            let kept = try bad.settle(
                rows, context, file: file, line: { codec.line(at: $0, of: file, context) })
        {
            if kept.isEmpty { return nil }
            let selection = Selection(kept)
            vectors = vectors.map { $0.gather(selection.indices, count: selection.count) }
            count = kept.count
        }
        return Batch(columns: vectors, rowCount: count)
    }
}
