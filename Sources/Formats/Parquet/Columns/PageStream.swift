import Columnar
import SQLTypes
import Storage

/// The data pages of one column chunk, one after the other.
///
/// ```
/// advance, seek -> page header     load -> unpacked page -> PageLevels (which entries are there)
///                                                        -> PageValues (what they are)
/// ```
/// `advance` reads only headers; `load` unpacks a page, so pages that nobody needs cost a header each, and none with
/// `seek`.
final class PageStream {
    let leaf: SchemaNode
    let chunk: ColumnChunk
    let place: ChunkPlace
    private let source: ChunkSource
    private let decompressor: PageDecompressor
    private let codec: PageCodec
    private let verifiesChecksums: Bool
    /// Levels come as one validity bitmap instead of bytes.
    private let isFlat: Bool

    // Where the stream stands.
    private var next: Int
    private var entriesLeft: Int
    private(set) var header = PageHeader()
    private var bodyOffset = 0
    private(set) var isLoaded = false
    private var peekedFirst = false

    // Where the dictionary's page lies.
    private var dictionaryHeader: PageHeader?
    private var dictionaryOffset = 0
    private var dictionaryValues: ChunkDictionary?

    /// Levels of the loaded page.
    private(set) var levels = PageLevels()
    /// Values of the loaded page; nil when only levels are wanted.
    let values: PageValues?

    /// Entries of one page beyond this are taken for damage.
    private static let entryLimit = 1 << 28

    /// - Parameter adapter: nil when only levels are wanted.
    init(
        leaf: SchemaNode, chunk: ColumnChunk, adapter: ValueAdapter?, source: ChunkSource,
        decompressor: PageDecompressor, verifiesChecksums: Bool, isFlat: Bool
    ) throws {
        place = source.place
        self.leaf = leaf
        self.chunk = chunk
        self.source = source
        self.decompressor = decompressor
        self.verifiesChecksums = verifiesChecksums
        self.isFlat = isFlat
        guard !chunk.isEncrypted else { throw place.bad("Encrypted Parquet columns are not supported") }
        guard chunk.hasMetadata, !chunk.isInOtherFile else {
            throw place.bad("Column chunks in other files are not supported")
        }
        guard let codec = PageCodec(rawValue: chunk.codec) else {
            throw place.bad("Unknown Parquet compression codec \(chunk.codec)")
        }
        self.codec = codec
        next = chunk.start
        entriesLeft = chunk.valueCount
        values = adapter.map { PageValues(leaf, $0, source.place) }
    }

    // MARK: Moving

    var entryCount: Int { header.valueCount }

    /// The next data page's header; false after the last page.
    func advance() throws -> Bool {
        isLoaded = false
        peekedFirst = true
        while entriesLeft > 0 {
            let (found, byteCount) = try readHeader(next)
            bodyOffset = next + byteCount
            next = bodyOffset + found.packedByteCount
            switch PageHeader.Kind(rawValue: found.kind) {
            case .data, .dataV2:
                guard found.valueCount <= entriesLeft else { throw place.bad("Pages hold more values than the column") }
                entriesLeft -= found.valueCount
                if found.valueCount == 0 { continue }
                header = found
                return true
            case .dictionary:
                guard dictionaryHeader == nil else { throw place.bad("Column chunk has two dictionaries") }
                dictionaryHeader = found
                dictionaryOffset = bodyOffset
            case .index, nil: continue
            }
        }
        return false
    }

    /// Goes to the data page at `offset`, before which `entries` entries lie (flat columns), as an offset index says.
    func seek(offset: Int, entriesBefore: Int) throws {
        if !peekedFirst {
            // A dictionary can only be the first page.
            peekedFirst = true
            let (found, byteCount) = try readHeader(chunk.start)
            if found.kind == PageHeader.Kind.dictionary.rawValue {
                dictionaryHeader = found
                dictionaryOffset = chunk.start + byteCount
            }
        }
        guard entriesBefore <= chunk.valueCount else { throw place.bad("Offset index does not fit the column chunk") }
        isLoaded = false
        next = offset
        entriesLeft = chunk.valueCount - entriesBefore
    }

    private func readHeader(_ offset: Int) throws -> (PageHeader, Int) {
        var wanted = 1
        while true {
            let (bytes, available) = try source.peek(offset, atLeast: wanted)
            if let (found, byteCount) = PageHeader.parse(bytes, count: available) {
                let size = source.source.entry.byteCount
                guard found.packedByteCount >= 0, found.packedByteCount <= size - offset - byteCount,
                    found.unpackedByteCount >= 0, found.valueCount >= 0, found.valueCount <= Self.entryLimit,
                    found.definitionByteCount >= 0, found.repetitionByteCount >= 0
                else { throw place.bad("Damaged page header") }
                return (found, byteCount)
            }
            guard available < 16 << 20, offset + available < source.source.entry.byteCount else {
                throw place.bad("Damaged page header")
            }
            wanted = max(available * 2, 64 << 10)
        }
    }

    // MARK: Loading

    /// Unpacks the page and its levels.
    func load() throws {
        guard !isLoaded else { return }
        let packed = try source.bytes(bodyOffset, header.packedByteCount)
        try verify(packed, header)
        let page: UnpackedPage
        if header.kind == PageHeader.Kind.dataV2.rawValue {
            let (repeats, defines) = (header.repetitionByteCount, header.definitionByteCount)
            guard repeats <= header.packedByteCount, defines <= header.packedByteCount - repeats,
                repeats + defines <= header.unpackedByteCount
            else { throw place.bad("Damaged page header: levels exceed the page") }
            page = try unpack(
                packed + (repeats + defines), header.packedByteCount - repeats - defines,
                header.unpackedByteCount - repeats - defines, isCompressed: header.isCompressed)
            levels = try PageLevels(
                header, leaf, isFlat: isFlat, repetitions: (packed, repeats), definitions: (packed + repeats, defines),
                place)
        } else {
            var whole = try unpack(packed, header.packedByteCount, header.unpackedByteCount, isCompressed: true)
            levels = try PageLevels(header, leaf, isFlat: isFlat, takenFrom: &whole, place)
            page = whole
        }
        if let values {
            try values.begin(page, header.encoding, count: levels.valueCount) { try self.dictionary() }
        }
        isLoaded = true
    }

    private func verify(_ packed: UnsafePointer<UInt8>, _ header: PageHeader) throws {
        guard verifiesChecksums, let expected = header.checksum else { return }
        let bytes = UnsafeRawBufferPointer(start: packed, count: header.packedByteCount)
        guard PageChecksum.crc32(bytes) == expected else { throw place.bad("Page checksum does not match") }
    }

    private func unpack(
        _ packed: UnsafePointer<UInt8>, _ packedCount: Int, _ count: Int, isCompressed: Bool
    ) throws -> UnpackedPage {
        if codec == .uncompressed || !isCompressed {
            guard packedCount == count else { throw place.bad("Damaged page header: sizes differ") }
            return UnpackedPage(start: packed, byteCount: count, owner: source.owner)
        }
        let buffer = Buffer(byteCount: max(count, 1))
        do {
            try decompressor.decompress(
                codec, UnsafeRawBufferPointer(start: packed, count: packedCount),
                into: UnsafeMutableRawBufferPointer(start: buffer.pointer, count: count))
        } catch let error as QueryError {
            throw place.located(error)
        }
        return UnpackedPage(
            start: UnsafePointer(buffer.pointer.assumingMemoryBound(to: UInt8.self)), byteCount: count, owner: buffer)
    }

    // MARK: The dictionary

    /// Pages of this chunk seen so far come with a dictionary.
    var hasDictionary: Bool { dictionaryHeader != nil }

    /// The chunk's dictionary in the table's type, one object for the whole chunk.
    func dictionary() throws -> ChunkDictionary {
        if let dictionaryValues { return dictionaryValues }
        guard let header = dictionaryHeader, let values else { throw place.bad("Column chunk has no dictionary") }
        guard header.encoding == Encoding.plain.rawValue || header.encoding == Encoding.plainDictionary.rawValue else {
            throw place.bad("Unknown encoding of a dictionary \(header.encoding)")
        }
        let packed = try source.bytes(dictionaryOffset, header.packedByteCount)
        try verify(packed, header)
        let page = try unpack(packed, header.packedByteCount, header.unpackedByteCount, isCompressed: true)
        let made = try ChunkDictionary(page, count: header.valueCount, leaf, values.adapter, place)
        dictionaryValues = made
        return made
    }
}

/// An unpacked page, or what is left of it.
struct UnpackedPage {
    var start: UnsafePointer<UInt8>
    var byteCount: Int
    /// Keeps the bytes alive.
    var owner: Buffer?
}
