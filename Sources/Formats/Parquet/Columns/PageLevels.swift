import Columnar
import SQLTypes

/// Which entries of one page are there, and where lists begin: its definition and repetition levels.
struct PageLevels {
    /// Flat columns: a set bit for each entry that is there; nil when all are.
    private(set) var validity: Buffer?
    /// Nested columns: a byte an entry; nil when the column has no such levels.
    private(set) var definitions: Buffer?
    private(set) var repetitions: Buffer?
    /// Entries that hold a value.
    private(set) var valueCount = 0

    typealias Bytes = (start: UnsafePointer<UInt8>, count: Int)

    init() {}

    /// Version 1: levels stand before the values, each with its length. Takes them off the page.
    init(
        _ header: PageHeader, _ leaf: SchemaNode, isFlat: Bool, takenFrom page: inout UnpackedPage, _ place: ChunkPlace
    ) throws {
        func take(_ level: Int, _ encoding: Int) throws -> Bytes {
            guard level > 0 else { return (page.start, 0) }
            var byteCount: Int
            if encoding == Encoding.bitPacked.rawValue {
                byteCount = (header.valueCount * Self.width(level) + 7) / 8
            } else {
                guard page.byteCount >= 4 else { throw place.bad("Page ends inside its levels") }
                byteCount = Int(UnsafeRawPointer(page.start).loadUnaligned(as: UInt32.self))
                page.start += 4
                page.byteCount -= 4
            }
            guard byteCount <= page.byteCount else { throw place.bad("Page ends inside its levels") }
            defer {
                page.start += byteCount
                page.byteCount -= byteCount
            }
            return (page.start, byteCount)
        }
        let repetitions = try take(leaf.repetitionLevel, header.repetitionEncoding)
        let definitions = try take(leaf.definitionLevel, header.definitionEncoding)
        try self.init(
            header, leaf, isFlat: isFlat, repetitions: repetitions, definitions: definitions, place)
    }

    init(
        _ header: PageHeader, _ leaf: SchemaNode, isFlat: Bool, repetitions: Bytes, definitions: Bytes,
        _ place: ChunkPlace
    ) throws {
        let count = header.valueCount
        let isV2 = header.kind == PageHeader.Kind.dataV2.rawValue
        valueCount = count
        if leaf.repetitionLevel > 0 {
            self.repetitions = try Self.levelBytes(
                repetitions, leaf.repetitionLevel, isV2 ? Encoding.rle.rawValue : header.repetitionEncoding, count,
                place)
        }
        guard leaf.definitionLevel > 0 else { return }
        let encoding = isV2 ? Encoding.rle.rawValue : header.definitionEncoding
        if isFlat, encoding != Encoding.bitPacked.rawValue {
            if isV2, header.nullCount == 0 { return }
            let bits = Validity.makeBits(count, valid: false)
            let words = bits.pointer.assumingMemoryBound(to: UInt64.self)
            var decoder = HybridDecoder(definitions.start, count: definitions.count, width: 1)
            guard decoder.readBits(words, count) else { throw place.bad("Page ends inside its definition levels") }
            takeValidity(bits, count)
            return
        }
        let bytes = try Self.levelBytes(definitions, leaf.definitionLevel, encoding, count, place)
        let levels = bytes.pointer.assumingMemoryBound(to: UInt8.self)
        if isFlat {
            let bits = Validity.makeBits(count, valid: false)
            let words = bits.pointer.assumingMemoryBound(to: UInt64.self)
            for index in 0..<count where levels[index] != 0 { Validity.setValid(words, index) }
            takeValidity(bits, count)
            return
        }
        self.definitions = bytes
        let full = UInt8(truncatingIfNeeded: leaf.definitionLevel)
        valueCount = 0
        for index in 0..<count { valueCount &+= Int(unsafeBitCast(levels[index] == full, to: UInt8.self)) }
    }

    private mutating func takeValidity(_ bits: Buffer, _ count: Int) {
        let nulls = Validity.nullCount(UnsafePointer(bits.pointer.assumingMemoryBound(to: UInt64.self)), count)
        valueCount = count - nulls
        if nulls > 0 { validity = bits }
    }

    /// Bits that levels up to `level` take.
    private static func width(_ level: Int) -> Int { Int.bitWidth - level.leadingZeroBitCount }

    private static func levelBytes(
        _ bytes: Bytes, _ level: Int, _ encoding: Int, _ count: Int, _ place: ChunkPlace
    ) throws -> Buffer {
        guard level < 128 else { throw place.bad("Column is nested too deeply") }
        let result = Buffer(byteCount: max(count, 1))
        let target = result.pointer.assumingMemoryBound(to: UInt8.self)
        let limit = UInt8(level)
        let isRead: Bool
        if encoding == Encoding.bitPacked.rawValue {
            isRead = PackedLevelDecoder.read(
                bytes.start, byteCount: bytes.count, width: width(level), count: count, into: target, limit: limit)
        } else {
            guard encoding == Encoding.rle.rawValue else { throw place.bad("Unknown encoding of levels \(encoding)") }
            var decoder = HybridDecoder(bytes.start, count: bytes.count, width: width(level))
            isRead = decoder.readBytes(target, count, limit: limit)
        }
        guard isRead else { throw place.bad("Damaged levels") }
        return result
    }
}
