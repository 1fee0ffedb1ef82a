import CKernels
import Columnar
import SQLTypes
import Storage
import Synchronization

/// Where records begin in one big plain file: what its splits share.
///
/// Without quotes a record begins after any newline. With quotes only the bytes before can tell a newline in a field
/// from a record's end, so the file is scanned from its start (at memory speed, without looking at fields), as far as
/// the split at hand needs; whoever comes later goes on from there.
final class RecordBoundaries: Sendable {
    /// After byte order mark and header; nil when the file has no record after them.
    let dataStart: Int?
    private let format: ck_text_format
    private let file: FileEntry
    private let scanned: Mutex<Scanned>

    private struct Scanned {
        /// Record starts by the position they were asked for.
        var known: [Int: Int] = [:]
    }

    init(_ source: any ByteSource, _ options: DelimitedOptions, _ context: ScanContext) throws {
        file = source.entry
        format = options.kernelFormat
        let blocks = TextBlockSource(FileStream(source), file, context)
        var skipped = 0
        var start: Int?
        if try blocks.advance(keepingFrom: 0) {
            var position = 0
            if let mark = TextEncoding.byteOrderMark(UnsafeBufferPointer(start: blocks.bytes, count: blocks.count)) {
                position = mark.byteCount
                // Not UTF-8: the reader of the whole file says so.
                if mark.encoding != .utf8 { skipped = .max }
            }
            while skipped < options.headerCount {
                if let end = Self.recordEnd(blocks, position, format) {
                    skipped += 1
                    position = end
                } else {
                    guard try blocks.advance(keepingFrom: position) else { break }
                    position = 0
                }
            }
            if skipped == options.headerCount { start = blocks.offset + position }
        }
        dataStart = start
        scanned = Mutex(Scanned())
    }

    /// The position after the record that begins at `start` of the block, when the block holds all of it.
    private static func recordEnd(_ blocks: TextBlockSource, _ start: Int, _ format: ck_text_format) -> Int? {
        let count = blocks.count - start
        guard count > 0 else { return nil }
        let positions = Buffer(byteCount: (count + 64) * 4)
        let rowEnds = Buffer(byteCount: (count + 64) * 4)
        var result = ck_text_result(state: 0, seen: 0, fieldCount: 0, rowCount: 0)
        withUnsafePointer(to: format) { format in
            ck_text_scan(
                blocks.bytes, start, blocks.count, format, positions.pointer.assumingMemoryBound(to: UInt32.self),
                rowEnds.pointer.assumingMemoryBound(to: UInt32.self), &result)
        }
        guard result.rowCount > 0 else { return nil }
        let index = Int(rowEnds.pointer.load(as: UInt32.self))
        let end = Int(positions.pointer.assumingMemoryBound(to: UInt32.self)[index]) + 1
        // A carriage return at the block's end may be half of a line end.
        if end == blocks.count, !blocks.isLast, blocks.bytes[end - 1] == 0x0d { return nil }
        return end
    }

    /// Where the first record that begins at or after `target` begins (the file's end when none does).
    func recordStart(atOrAfter target: Int, _ source: any ByteSource, _ context: ScanContext) throws -> Int {
        guard let dataStart, target > dataStart else { return dataStart ?? file.byteCount }
        if format.hasQuote == 0 { return try nextLine(target, source) }
        return try scanned.withLock { scanned in
            if let known = scanned.known[target] { return known }
            let near = scanned.known.values.filter { $0 <= target }.max() ?? dataStart
            let position = near < target ? try scan(from: near, to: target, source, context) : near
            scanned.known[target] = position
            return position
        }
    }

    /// The first byte after a line end at or after `target - 1`.
    private func nextLine(_ target: Int, _ source: any ByteSource) throws -> Int {
        let buffer = Buffer(byteCount: 64 << 10)
        let bytes = buffer.pointer.assumingMemoryBound(to: UInt8.self)
        var offset = target - 1
        while true {
            let count = try source.read(
                at: offset, into: UnsafeMutableRawBufferPointer(start: buffer.pointer, count: buffer.byteCount))
            let isLast = offset + count >= file.byteCount
            for index in 0..<count {
                if bytes[index] == format.newline { return offset + index + 1 }
                guard bytes[index] == 0x0d, format.endsRowsAtReturn == 1 else { continue }
                if index + 1 < count {
                    if bytes[index + 1] != 0x0a { return offset + index + 1 }
                } else if !isLast {
                    var next: UInt8 = 0
                    _ = try withUnsafeMutableBytes(of: &next) { try source.read(at: offset + count, into: $0) }
                    if next != 0x0a { return offset + count }
                }
            }
            offset += count
            if isLast || count == 0 { return file.byteCount }
        }
    }

    /// Counts records from one start on to find the first start at or after `target`.
    private func scan(
        from position: Int, to target: Int, _ source: any ByteSource, _ context: ScanContext
    ) throws -> Int {
        // The bytes are read again by the splits that own them: they count there.
        let quiet = ScanContext(
            fileSystem: context.fileSystem, metrics: ScanMetrics(), cancellation: context.cancellation,
            footers: context.footers, options: context.options)
        let blocks = TextBlockSource(FileStream(source, from: position), file, quiet, from: position, softEnd: target)
        var kept = 0
        while try blocks.advance(keepingFrom: kept) {
            var to = blocks.count
            if !blocks.isLast, format.endsRowsAtReturn == 1, blocks.bytes[to - 1] == 0x0d { to -= 1 }
            // Records that end before the target are passed over in one go.
            let stop = min(to, target - blocks.offset)
            var start = 0
            var last = -1
            if stop > 0 {
                var result = ck_text_result(state: 0, seen: 0, fieldCount: 0, rowCount: 0)
                var lastEnd = 0
                withUnsafePointer(to: format) { ck_text_count(blocks.bytes, stop, $0, &result, &lastEnd) }
                if result.rowCount > 0 { last = lastEnd }
                start = last + 1
                if blocks.offset + start >= target { return blocks.offset + start }
            }
            if blocks.offset + to >= target {
                // The record over the target: its end is the answer.
                if let end = Self.recordEnd(blocks, start, format) { return blocks.offset + end }
            }
            kept = start
        }
        return file.byteCount
    }
}
