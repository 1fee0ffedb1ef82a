import Columnar
import SQLTypes
import Storage

/// One requested column of one row group, read forwards.
protocol ColumnReader: AnyObject {
    /// Lanes of the last vector read that are NULL because the table's type cannot hold their values; ascending.
    var bad: [BadLane] { get }
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
    private(set) var bad: [BadLane] = []

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
        bad = []
        try settle()
        if pageCount - pagePosition >= count, count > 0 { return try within(count, at: 0) }
        var pieces: [Vector] = []
        var left = count
        while left > 0 {
            try needPage()
            let step = min(left, pageCount - pagePosition)
            pieces.append(try within(step, at: count - left))
            left -= step
        }
        return Self.joined(pieces, type)
    }

    func read(_ count: Int, at positions: UnsafePointer<UInt32>, _ positionCount: Int) throws -> Vector {
        guard positionCount > 0 else {
            bad = []
            skip(count)
            return .nulls(type, count: 0)
        }
        bad = []
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
            pieces.append(try within(span, of: UnsafePointer(local), inPage, at: taken))
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
                try pages.values?.skip(validCount(pagePosition, step))
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
        guard let bits = pages.levels.validity else { return count }
        let words = UnsafePointer(bits.pointer.assumingMemoryBound(to: UInt64.self))
        return BitmapRun.popcount(words, first, count)
    }

    // MARK: Reading within the page

    /// The next `count` rows, which the page at hand has; they become the lanes of the result from `lane` on.
    private func within(_ count: Int, at lane: Int) throws -> Vector {
        try pages.load()
        defer { pagePosition += count }
        guard let values = pages.values else { return .nulls(type, count: count) }
        guard let bits = pages.levels.validity else { return noted(try values.take(count), values.bad, at: lane) }
        let words = UnsafePointer(bits.pointer.assumingMemoryBound(to: UInt64.self))
        let piece = BitmapRun.copy(words, pagePosition, count)
        let pieceWords = UnsafePointer(piece.pointer.assumingMemoryBound(to: UInt64.self))
        let valid = count - Validity.nullCount(pieceWords, count)
        if valid == count { return noted(try values.take(count), values.bad, at: lane) }
        if valid == 0 { return .nulls(type, count: count) }
        let spread = Spreading.spread(flattened(try values.take(valid)), over: count, piece)
        if values.bad.isEmpty { return spread }
        let rows = (0..<count).filter { Validity.isValid(pieceWords, $0) }
        let found = values.bad.map { BadLane(position: rows[$0.position], error: $0.error) }
        return noted(spread, found, at: lane)
    }

    /// Of the next `count` rows those at `positions`.
    private func within(
        _ count: Int, of positions: UnsafePointer<UInt32>, _ positionCount: Int, at lane: Int
    ) throws -> Vector {
        try pages.load()
        if pages.levels.validity != nil {
            let before = bad.count
            let all = try within(count, at: 0)
            let found = BadLane.gathered(Array(bad[before...]), at: positions, positionCount)
            bad.removeSubrange(before...)
            bad += found.map { BadLane(position: $0.position + lane, error: $0.error) }
            return all.gather(positions, count: positionCount)
        }
        defer { pagePosition += count }
        guard let values = pages.values else { return .nulls(type, count: positionCount) }
        return noted(try values.take(count, at: positions, positionCount), values.bad, at: lane)
    }

    /// The vector with its bad lanes noted and NULL.
    private func noted(_ vector: Vector, _ found: [BadLane], at lane: Int) -> Vector {
        if found.isEmpty { return flattened(vector) }
        bad += found.map { BadLane(position: $0.position + lane, error: $0.error) }
        return BadLane.nulled(vector, found)
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
        guard pages.hasDictionary else { return nil }
        let dictionary = try pages.dictionary()
        return dictionary.bad.isEmpty ? dictionary.vector : nil
    }
}

/// A column that the file lacks: NULL in every row.
final class MissingColumnReader: ColumnReader {
    private let type: DataType
    let bad: [BadLane] = []

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
