import CKernels
import Columnar
import SQLTypes
import Storage

/// Yields the rows of one split of a delimited file.
///
/// A block is scanned once for its structure; its rows then leave in even batches. Of a batch the columns that filters
/// read come first, and the others are read only for the rows that are left.
final class DelimitedReader: BatchReader {
    private let request: ScanRequest
    private let context: ScanContext
    private let options: DelimitedOptions
    private let format: ck_text_format
    private let file: FileEntry
    private let codec: FileCodec
    private let source: TextBlockSource
    private let columns: [ColumnReader]
    private let filters: [(columns: [Int], evaluator: any ScanFilterEvaluator)]
    /// Records that begin at or after this position belong to the next split.
    private let limit: Int
    private var rowsToSkip: Int
    /// The byte order mark is still to be looked for.
    private var isAtFileStart: Bool

    // The block at hand.
    private var table: FieldTable
    private var positions = Buffer(byteCount: 64)
    private var rowEnds = Buffer(byteCount: 64)
    private var rowStarts = Buffer(byteCount: 64)
    private var rowCount = 0
    private var nextRow = 0
    private var batchRowCount = 1
    /// Where the bytes that the next block begins with lie in this one.
    private var keptFrom = 0
    private var isFinished = false
    /// Rows found by counting alone.
    private var countedRows = 0

    init(_ split: Split, _ request: ScanRequest, _ context: ScanContext, blockByteCount: Int) throws {
        self.request = request
        self.context = context
        options = try DelimitedOptions(split.description)
        format = options.kernelFormat
        file = split.file
        let bytes = try context.fileSystem.open(split.file)
        var start = 0
        if let boundaries = split.shared as? RecordBoundaries {
            codec = .plain
            start = try boundaries.recordStart(atOrAfter: split.range.lowerBound, bytes, context)
            limit = split.range.upperBound
            rowsToSkip = 0
            isAtFileStart = false
            isFinished = start >= limit
            if split.range.lowerBound == boundaries.dataStart { context.metrics.filesRead.add(1) }
        } else {
            codec = try FileCodec.detect(bytes)
            limit = .max
            rowsToSkip = options.headerCount
            isAtFileStart = true
            context.metrics.filesRead.add(1)
        }
        var stream: any ByteStream =
            codec == .plain ? FileStream(bytes, from: start) : try codec.scanStream(bytes, context.options)
        if options.encoding != .utf8 { stream = TranscodingStream(stream, options.encoding) }
        source = TextBlockSource(
            stream, split.file, context, from: start, softEnd: codec == .plain && limit != .max ? limit : .max,
            blockByteCount: blockByteCount)
        let declared = split.description.columns.count
        let options = options
        columns = request.columns.map { ColumnReader($0, options, declaredCount: declared) }
        filters = try request.filters.map { ($0.columns, try $0.makeEvaluator()) }
        let nowhere = positions.pointer.assumingMemoryBound(to: UInt32.self)
        table = FieldTable(
            bytes: UnsafePointer(positions.pointer.assumingMemoryBound(to: UInt8.self)), positions: nowhere,
            rowEnds: nowhere, rowStarts: nowhere)
    }

    func next() throws -> Batch? {
        if columns.isEmpty, filters.isEmpty, options.footerCount == 0 { return try nextCount() }
        while true {
            while nextRow < rowCount {
                let count = min(batchRowCount, rowCount - nextRow)
                let lanes = Lanes(first: nextRow, count: count)
                nextRow += count
                if let batch = try read(lanes) { return batch }
            }
            if isFinished { return nil }
            try loadBlock()
        }
    }

    // MARK: Blocks

    private func loadBlock() throws {
        rowCount = 0
        nextRow = 0
        guard try source.advance(keepingFrom: keptFrom) else {
            isFinished = true
            return
        }
        keptFrom = 0
        let bodyStart = try skipByteOrderMark()
        scan(from: bodyStart)
        guard rowCount > 0 else { return }
        if rowsToSkip > 0 {
            let skipped = min(rowsToSkip, rowCount)
            rowsToSkip -= skipped
            nextRow = skipped
        }
        if options.footerCount > 0 {
            // The last records are only known to be data when as many follow.
            let usable = max(nextRow, rowCount - options.footerCount)
            if !source.isLast, usable < rowCount { keptFrom = Int(table.rowStarts[usable]) }
            rowCount = usable
        }
        if source.offset + source.count > limit {
            while rowCount > nextRow, source.offset + Int(table.rowStarts[rowCount - 1]) >= limit { rowCount -= 1 }
        }
        // A record that begins at the limit or later, or the end of the stream, ends the split.
        isFinished = source.isLast || source.offset + keptFrom >= limit
        let rows = rowCount - nextRow
        let largest = max(request.batchRowCount, 1)
        let batches = (rows + largest - 1) / largest
        batchRowCount = batches == 0 ? 1 : (rows + batches - 1) / batches
    }

    private func skipByteOrderMark() throws -> Int {
        guard isAtFileStart else { return 0 }
        isAtFileStart = false
        let head = UnsafeBufferPointer(start: source.bytes, count: source.count)
        guard let mark = TextEncoding.byteOrderMark(head) else { return 0 }
        guard mark.encoding == .utf8 else {
            throw QueryError(
                .hiveBadData, "File is UTF-16 text: set the SerDe property serialization.encoding to 'UTF-16'",
                in: DataLocation(file: file.path))
        }
        return mark.byteCount
    }

    /// Finds fields and records of the block from `start` on.
    private func scan(from start: Int) {
        let count = source.count
        let room = (count + 128) * 4
        if positions.byteCount < room {
            positions = Buffer(byteCount: room)
            rowEnds = Buffer(byteCount: room)
            rowStarts = Buffer(byteCount: room)
        }
        let positions = positions.pointer.assumingMemoryBound(to: UInt32.self)
        let rowEnds = self.rowEnds.pointer.assumingMemoryBound(to: UInt32.self)
        let rowStarts = self.rowStarts.pointer.assumingMemoryBound(to: UInt32.self)
        let bytes = source.bytes
        var stop = count
        // A carriage return at the block's end may be the first half of a line end.
        if !source.isLast, format.endsRowsAtReturn == 1, stop > 0, bytes[stop - 1] == 0x0d { stop -= 1 }
        var result = ck_text_result(state: 0, seen: 0, fieldCount: 0, rowCount: 0)
        rowEnds[0] = .max
        withUnsafePointer(to: format) { ck_text_scan(bytes, start, stop, $0, positions, rowEnds + 1, &result) }
        var rows = result.rowCount
        var starts = start
        for row in 0..<rows {
            rowStarts[row] = UInt32(truncatingIfNeeded: starts)
            starts = Int(positions[Int(rowEnds[row &+ 1])]) &+ 1
        }
        if source.isLast, starts < count {
            // The last record without a line end.
            positions[result.fieldCount] = UInt32(truncatingIfNeeded: count)
            rowEnds[rows + 1] = UInt32(truncatingIfNeeded: result.fieldCount)
            rowStarts[rows] = UInt32(truncatingIfNeeded: starts)
            rows += 1
            starts = count
        }
        if result.seen & UInt32(CK_TEXT_SAW_RETURN) != 0 {
            // A line that ends in CR LF ends before the CR.
            for row in 0..<rows {
                let end = positions + Int(rowEnds[row &+ 1])
                let place = Int(end.pointee)
                if place > Int(rowStarts[row]), place < count, bytes[place] == 0x0a, bytes[place &- 1] == 0x0d {
                    end.pointee -= 1
                }
            }
        }
        keptFrom = rows == 0 ? start : starts
        rowCount = rows
        table = FieldTable(
            bytes: bytes, positions: positions, rowEnds: rowEnds, rowStarts: rowStarts, quote: format.quote,
            escape: format.escape, hasQuotes: result.seen & UInt32(CK_TEXT_SAW_QUOTE) != 0,
            hasEscapes: result.seen & UInt32(CK_TEXT_SAW_ESCAPE) != 0)
    }

    // MARK: Counting

    /// Rows without columns: record ends are counted, fields not looked for.
    private func nextCount() throws -> Batch? {
        while countedRows == 0 {
            if isFinished { return nil }
            guard try source.advance(keepingFrom: keptFrom) else {
                isFinished = true
                return nil
            }
            keptFrom = 0
            let start = try skipByteOrderMark()
            let bytes = source.bytes
            var stop = source.count
            if !source.isLast, format.endsRowsAtReturn == 1, stop > start, bytes[stop - 1] == 0x0d { stop -= 1 }
            // Only records that begin before the limit count: the last of them ends at or after it.
            var rows = 0
            var lastEnd = start - 1
            let inside = min(stop, max(limit == .max ? .max : limit - source.offset, start))
            count(from: start, to: inside, &rows, &lastEnd)
            if inside < stop || source.isLast {
                let rest = lastEnd + 1
                if rest < inside {
                    // The record across the limit, or the last one without a line end.
                    if inside < stop {
                        var more = 0
                        var end = rest - 1
                        count(from: rest, to: stop, &more, &end)
                        if more > 0 || source.isLast {
                            rows += 1
                            isFinished = true
                        }
                    } else {
                        rows += 1
                    }
                } else if inside < stop {
                    isFinished = true
                }
            }
            if source.isLast { isFinished = true }
            if !isFinished, limit != .max, source.offset + lastEnd + 1 >= limit { isFinished = true }
            keptFrom = lastEnd + 1
            context.metrics.rowsRead.add(rows)
            let skipped = min(rowsToSkip, rows)
            rowsToSkip -= skipped
            countedRows = rows - skipped
        }
        let count = min(countedRows, max(request.batchRowCount, 1))
        countedRows -= count
        return Batch(columns: [], rowCount: count)
    }

    private func count(from start: Int, to stop: Int, _ rows: inout Int, _ lastEnd: inout Int) {
        guard stop > start else { return }
        var result = ck_text_result(state: 0, seen: 0, fieldCount: 0, rowCount: 0)
        var end = 0
        withUnsafePointer(to: format) { ck_text_count(source.bytes + start, stop - start, $0, &result, &end) }
        rows += result.rowCount
        if result.rowCount > 0 { lastEnd = start + end }
    }

    // MARK: Batches

    private func read(_ start: Lanes) throws -> Batch? {
        var lanes = start
        var bad = BadValues()
        let input = ColumnReader.Input(table: table, block: source.block, offset: source.offset)
        var vectors = [Vector?](repeating: nil, count: columns.count)
        context.metrics.rowsRead.add(lanes.count)
        for filter in filters {
            var arguments: [Vector] = []
            for column in filter.columns {
                let vector = try vectors[column] ?? columns[column].read(input, lanes, &bad)
                vectors[column] = vector
                arguments.append(vector)
            }
            let selection = try filter.evaluator.select(arguments, Rows(count: lanes.count))
            if selection.count == lanes.count { continue }
            if selection.count == 0 { return nil }
            lanes = lanes.selected(selection)
            for index in vectors.indices {
                vectors[index] = vectors[index]?.gather(selection.indices, count: selection.count)
            }
        }
        var result: [Vector] = []
        result.reserveCapacity(columns.count)
        for (index, column) in columns.enumerated() {
            result.append(try vectors[index] ?? column.read(input, lanes, &bad))
        }
        if !bad.isEmpty {
            let finalLanes = lanes
            let kept = try bad.settle(
                (0..<lanes.count).map { finalLanes.row($0) }, context, file: file,
                line: { codec.line(at: $0, of: file, context) })
            if let kept {
                if kept.isEmpty { return nil }
                let selection = Selection(kept)
                result = result.map { $0.gather(selection.indices, count: selection.count) }
                return Batch(columns: result, rowCount: kept.count)
            }
        }
        return Batch(columns: result, rowCount: lanes.count)
    }
}
