import Columnar
import SQLTypes
import Storage

/// Yields the records of one split of a JSON file.
///
/// Records are parsed in place, one after the other, into appenders of the wanted columns; keys that nobody wants are
/// stepped over. A record that a block does not hold whole is left for the next block.
///
/// While few rows pass the filters, only the columns that filters read are parsed at first, and the others of the
/// records that pass afterwards.
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
    /// By column: some filter reads it.
    private let isFiltered: [Bool]
    /// By column: this pass over records steps over its values.
    private let isPassedOver: UnsafeMutablePointer<Bool>
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

    /// The batch is read in two passes, and lies in one block.
    private var isLean = false
    /// Where its records begin in the block; nil for one that became a row of NULLs.
    private var recordStarts: [Int?] = []
    /// Where the batch began, to read it again in one pass.
    private var batchStart = (place: 0, lineStart: 0, isInArray: false, skipsLine: false)

    /// Fewer than one of this many rows pass: the next batch is read in two passes.
    private static let leanBelow = 4

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
        isFiltered = request.columns.indices.map { column in request.filters.contains { $0.columns.contains(column) } }
        isPassedOver = .allocate(capacity: max(columns.count, 1))
        isPassedOver.initialize(repeating: false, count: max(columns.count, 1))
        context.metrics.filesRead.add(start == 0 ? 1 : 0)
    }

    deinit {
        quickColumns.deallocate()
        isPassedOver.deallocate()
    }

    func next() throws -> Batch? {
        let capacity = max(request.batchRowCount, 1)
        while true {
            rowCount = 0
            bad.clear()
            recordStarts.removeAll(keepingCapacity: true)
            for column in columns.indices { isPassedOver[column] = isLean && !isFiltered[column] }
            if isLoaded { for column in columns { column.appender.keepAlive(source.block) } }
            while rowCount < capacity, !isFinished {
                if rowCount == 0 { batchStart = (place, lineStart, isInArray, skipsLine) }
                let isUsedUp = !isLoaded || place >= source.count
                if !isUsedUp, try readRecords(capacity) != .incomplete { continue }
                if isLean, rowCount > 0 { break }
                try loadBlock(keepingFrom: place)
            }
            if rowCount == 0 { return nil }
            let count = rowCount
            guard let batch = try finish() else {
                // A record breaks in the second pass: once more, in one.
                isLean = false
                (place, lineStart, isInArray, skipsLine) = batchStart
                isFinished = false
                continue
            }
            context.metrics.rowsRead.add(count)
            if batch.rowCount > 0 { return batch }
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
            case .done:
                if isLean { recordStarts.append(start - bytes) }
                rowCount &+= 1
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
        fillMissing()
        if isLean { recordStarts.append(nil) }
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
        let isPassedOver = isPassedOver
        let recordStart = at
        let columnCount = columns.count
        if columnCount == 0 { return JSONScanner.skipValue(&at, end) }
        let quickColumns = quickColumns
        var written = 0
        let outcome = ValueReader.readFields(&at, end, keys) { at, target in
            if target < 0 || isPassedOver[target] { return JSONScanner.skipQuickly(&at, end) }
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
        for (index, column) in columns.enumerated() where column.appender.count == rowCount && !isPassedOver[index] {
            column.appender.appendNull()
        }
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

    /// The batch of what was read, filtered and maybe empty; nil when it has to be read again in one pass.
    private func finish() throws -> Batch? {
        let total = rowCount
        // Records that are arrays fill all columns at once.
        if isLean, columns.enumerated().contains(where: { isPassedOver[$0] && $1.appender.count > 0 }) {
            return startAnew()
        }
        var vectors = columns.enumerated().map { isPassedOver[$0] ? nil : $1.appender.finish() }
        var rows = isLean || !bad.isEmpty ? Array(0..<total) : []
        var count = total
        for filter in filters {
            let selection = try filter.evaluator.select(filter.columns.compactMap { vectors[$0] }, Rows(count: count))
            if selection.count == count { continue }
            vectors = vectors.map { $0?.gather(selection.indices, count: selection.count) }
            count = selection.count
            if !rows.isEmpty { rows = (0..<count).map { rows[Int(selection.indices[$0])] } }
            if count == 0 { break }
        }
        if isLean, count > 0 {
            guard readRest(rows) else { return startAnew() }
        }
        if isLean {
            for (index, column) in columns.enumerated() where vectors[index] == nil {
                vectors[index] = column.appender.finish()
            }
        }
        isLean = count * Self.leanBelow < total && isFiltered.contains(false)
        if count == 0 { return Batch(columns: [], rowCount: 0) }
        var result = vectors.compactMap { $0 }
        if !bad.isEmpty,
            let kept = try bad.settle(
                rows, context, file: file, line: { codec.line(at: $0, of: file, context) })
        {
            let selection = Selection(kept)
            result = result.map { $0.gather(selection.indices, count: selection.count) }
            count = kept.count
        }
        return Batch(columns: result, rowCount: count)
    }

    /// Drops what the appenders hold.
    private func startAnew() -> Batch? {
        for column in columns { _ = column.appender.finish() }
        return nil
    }

    /// The second pass: of the records that passed (`rows` of the batch) the columns that no filter reads. False when
    /// one of them breaks.
    private func readRest(_ rows: [Int]) -> Bool {
        for column in columns.indices { isPassedOver[column] = isFiltered[column] }
        let end = source.bytes + source.count
        var found = BadValues()
        swap(&found, &bad)
        rowCount = 0
        var isWhole = true
        for row in rows where isWhole {
            guard let start = recordStarts[row] else {
                fillMissing()
                rowCount += 1
                continue
            }
            var at = source.bytes + start
            isWhole = at[0] == UInt8(ascii: "{") && readObject(&at, end) == .done
            rowCount += 1
        }
        if !isWhole { return false }
        // Rows of the second pass are counted among those that passed.
        for var item in bad.items {
            item.row = rows[item.row]
            found.add(item)
        }
        bad = found
        return true
    }
}
