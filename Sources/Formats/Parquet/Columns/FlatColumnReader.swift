import Columnar
import SQLTypes
import Storage

/// One requested column of one row group, read forwards.
protocol ColumnReader: AnyObject {
    /// Passes rows; costs nothing until something is read.
    func skip(_ count: Int)
    /// The next `count` rows.
    func read(_ count: Int) throws -> Vector
    /// Of the next `count` rows those at `positions` (ascending, `positionCount` of them); all are passed.
    func read(_ count: Int, at positions: UnsafePointer<UInt32>, _ positionCount: Int) throws -> Vector
}

/// A column without repetition and with at most one level of null: every entry of a page is a row.
final class FlatColumnReader: ColumnReader {
    private let pages: PageStream
    private let type: DataType
    private let loadIndex: () throws -> ChunkPageIndex?
    private var index: ChunkPageIndex?
    private var isIndexAsked = false
    /// Rows that were asked to be passed and still lie ahead.
    private var pendingSkip = 0
    /// Row of the group at which the page at hand starts.
    private var pageStart = 0
    private var pageCount = 0
    private var pagePosition = 0
    private let flattensDictionary: Bool

    /// Dictionaries of fixed-width values with more entries than this share of the rows are looked up here: what
    /// comes after works faster on plain numbers than through a dictionary that does not repeat.
    private static let repeatsAtLeast = 4

    init(_ pages: PageStream, type: DataType, loadIndex: @escaping () throws -> ChunkPageIndex?) {
        self.pages = pages
        self.type = type
        self.loadIndex = loadIndex
        flattensDictionary = type.physical != .string
    }

    func skip(_ count: Int) { pendingSkip += count }

    func read(_ count: Int) throws -> Vector {
        try settle()
        if pageCount - pagePosition >= count, count > 0 { return try within(count) }
        var pieces: [Vector] = []
        var left = count
        while left > 0 {
            try needPage()
            let step = min(left, pageCount - pagePosition)
            pieces.append(try within(step))
            left -= step
        }
        return Self.joined(pieces, type)
    }

    func read(_ count: Int, at positions: UnsafePointer<UInt32>, _ positionCount: Int) throws -> Vector {
        guard positionCount > 0 else {
            skip(count)
            return .nulls(type, count: 0)
        }
        let buffer = Buffer(byteCount: positionCount * 4)
        let local = buffer.pointer.assumingMemoryBound(to: UInt32.self)
        var pieces: [Vector] = []
        var passed = 0
        var taken = 0
        while taken < positionCount {
            let first = Int(positions[taken])
            skip(first - passed)
            passed = first
            try settle()
            try needPage()
            let room = pageCount - pagePosition
            var inPage = 0
            while taken + inPage < positionCount, Int(positions[taken + inPage]) - passed < room {
                local[inPage] = positions[taken + inPage] &- UInt32(truncatingIfNeeded: passed)
                inPage += 1
            }
            let span = Int(local[inPage - 1]) + 1
            pieces.append(try within(span, at: UnsafePointer(local), inPage))
            passed += span
            taken += inPage
        }
        skip(count - passed)
        return Self.joined(pieces, type)
    }

    // MARK: Moving

    /// Does the pending skip.
    private func settle() throws {
        while pendingSkip > 0 {
            let room = pageCount - pagePosition
            if room == 0 || (pendingSkip >= room && !pages.isLoaded) {
                try jump()
                continue
            }
            let step = min(room, pendingSkip)
            if step == room {
                pagePosition = pageCount
            } else {
                try pages.load()
                try pages.skipDense(validCount(pagePosition, step))
                pagePosition += step
            }
            pendingSkip -= step
        }
    }

    /// Leaves the page at hand, which is not loaded or used up, for the page where the pending skip ends, or the next.
    private func jump() throws {
        let target = pageStart + pagePosition + pendingSkip
        if !isIndexAsked {
            isIndexAsked = true
            index = try loadIndex()
        }
        if let index, let page = index.page(of: target), index.pages[page].firstRow >= pageStart + pageCount {
            let found = index.pages[page]
            try pages.seek(offset: found.offset, entriesBefore: found.firstRow)
            pageStart = found.firstRow
            pageCount = 0
            pagePosition = 0
            pendingSkip = target - found.firstRow
            try nextPage()
            return
        }
        let left = pageCount - pagePosition
        pendingSkip -= left
        pagePosition = pageCount
        if pendingSkip > 0 { try nextPage() }
    }

    private func needPage() throws {
        if pagePosition == pageCount { try nextPage() }
    }

    private func nextPage() throws {
        pageStart += pageCount
        guard try pages.advance() else { throw pages.place.bad("Column chunk has fewer values than the row group") }
        pageCount = pages.entryCount
        pagePosition = 0
    }

    private func validCount(_ first: Int, _ count: Int) -> Int {
        guard let bits = pages.validity else { return count }
        let words = UnsafePointer(bits.pointer.assumingMemoryBound(to: UInt64.self))
        return BitmapRun.popcount(words, first, count)
    }

    // MARK: Reading within the page

    private func within(_ count: Int) throws -> Vector {
        try pages.load()
        defer { pagePosition += count }
        guard let bits = pages.validity else { return flattened(try pages.dense(count)) }
        let words = UnsafePointer(bits.pointer.assumingMemoryBound(to: UInt64.self))
        let piece = BitmapRun.copy(words, pagePosition, count)
        let pieceWords = UnsafePointer(piece.pointer.assumingMemoryBound(to: UInt64.self))
        let valid = count - Validity.nullCount(pieceWords, count)
        if valid == count { return flattened(try pages.dense(count)) }
        if valid == 0 { return .nulls(type, count: count) }
        return Spreading.spread(flattened(try pages.dense(valid)), over: count, piece)
    }

    private func within(_ count: Int, at positions: UnsafePointer<UInt32>, _ positionCount: Int) throws -> Vector {
        try pages.load()
        if pages.validity != nil { return try within(count).gather(positions, count: positionCount) }
        defer { pagePosition += count }
        return flattened(try pages.dense(count, at: positions, positionCount))
    }

    private func flattened(_ vector: Vector) -> Vector {
        guard flattensDictionary, let dictionary = vector.dictionary,
            dictionary.count > pages.chunk.valueCount / Self.repeatsAtLeast
        else { return vector }
        return vector.flattened()
    }

    /// Pieces one after the other; a shared dictionary stays.
    static func joined(_ pieces: [Vector], _ type: DataType) -> Vector {
        if pieces.count == 1 { return pieces[0] }
        guard let dictionary = pieces.first?.dictionary, pieces.allSatisfy({ $0.dictionary === dictionary }) else {
            return Vector.concatenate(pieces, type: type)
        }
        let total = pieces.reduce(0) { $0 + $1.count }
        let buffer = Buffer(byteCount: max(total, 1) * 4)
        let target = buffer.pointer.assumingMemoryBound(to: UInt32.self)
        var owners: [AnyObject] = [buffer]
        var bits: Buffer?
        if pieces.contains(where: { $0.validity != nil }) { bits = Validity.makeBits(total, valid: true) }
        var offset = 0
        for piece in pieces {
            if let codes = piece.codes { (target + offset).update(from: codes, count: piece.count) }
            if let bits, let own = piece.validity {
                let words = bits.pointer.assumingMemoryBound(to: UInt64.self)
                for row in 0..<piece.count where !Validity.isValid(own, row) { Validity.setNull(words, offset + row) }
            }
            offset += piece.count
        }
        if let bits { owners.append(bits) }
        return Vector(
            dictionary: dictionary, codes: UnsafePointer(target), count: total,
            validity: bits.map { UnsafePointer($0.pointer.assumingMemoryBound(to: UInt64.self)) }, owners: owners)
    }

    // MARK: The dictionary, for filters

    /// The chunk's dictionary when every data page uses it, so that a condition can be decided on its entries.
    func wholeChunkDictionary() throws -> Vector? {
        guard pages.chunk.hasOnlyDictionaryPages, pageCount == 0 else { return nil }
        try nextPage()
        return pages.hasDictionary ? try pages.dictionary() : nil
    }
}

/// A column that the file lacks: NULL in every row.
final class MissingColumnReader: ColumnReader {
    private let type: DataType

    init(_ type: DataType) { self.type = type }

    func skip(_ count: Int) {}
    func read(_ count: Int) -> Vector { .nulls(type, count: count) }
    func read(_ count: Int, at positions: UnsafePointer<UInt32>, _ positionCount: Int) -> Vector {
        .nulls(type, count: positionCount)
    }
}

extension Vector {
    /// NULL in every row.
    static func nulls(_ type: DataType, count: Int) -> Vector {
        let vector = Vector.constant(.null, type, count: count)
        return count > ConstantLanes.limit ? vector.flattened() : vector
    }
}
