import Columnar
import SQLTypes
import Storage

/// The data pages of one column chunk, and the values of the page at hand.
///
/// `advance` reads only headers; `load` unpacks a page, so pages that nobody needs cost a header each, and none with
/// `seek`. Values come out dense (without nulls) and in order through `dense` and `skipDense`.
final class PageStream {
    let leaf: SchemaNode
    let chunk: ColumnChunk
    let place: ChunkPlace
    /// nil: only levels are wanted.
    private let adapter: ValueAdapter?
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

    // The dictionary: where its page lies, then its values.
    private var dictionaryHeader: PageHeader?
    private var dictionaryOffset = 0
    private var dictionaryVector: Vector?
    private var dictionaryCount = 0

    // Levels of the loaded page.
    /// nil: no entry is null (flat columns).
    private(set) var validity: Buffer?
    private(set) var definitions: Buffer?
    private(set) var repetitions: Buffer?

    // Values of the loaded page.
    private enum Kind { case none, fixed, codes, strings }
    private var kind = Kind.none
    private(set) var denseCount = 0
    private var densePosition = 0
    private var fixed: UnsafeRawPointer
    private var codes: HybridDecoder
    private var nextString: UnsafePointer<UInt8>
    private var stringsEnd: UnsafePointer<UInt8>
    private var owners: [AnyObject] = []

    /// Entries of one page beyond this are taken for damage.
    private static let entryLimit = 1 << 28

    init(
        leaf: SchemaNode, chunk: ColumnChunk, adapter: ValueAdapter?, source: ChunkSource,
        decompressor: PageDecompressor, verifiesChecksums: Bool, isFlat: Bool
    ) throws {
        place = source.place
        self.leaf = leaf
        self.chunk = chunk
        self.adapter = adapter
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
        let nowhere = ConstantLanes.zeros
        fixed = nowhere
        nextString = nowhere.assumingMemoryBound(to: UInt8.self)
        stringsEnd = nextString
        codes = HybridDecoder(nextString, count: 0, width: 0)
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
        owners = []
        validity = nil
        definitions = nil
        repetitions = nil
        kind = .none
        densePosition = 0
        let packed = try source.bytes(bodyOffset, header.packedByteCount)
        try verify(packed, header)
        var (start, count): (UnsafePointer<UInt8>, Int)
        if header.kind == PageHeader.Kind.dataV2.rawValue {
            let (repeats, defines) = (header.repetitionByteCount, header.definitionByteCount)
            guard repeats <= header.packedByteCount, defines <= header.packedByteCount - repeats,
                repeats + defines <= header.unpackedByteCount
            else { throw place.bad("Damaged page header: levels exceed the page") }
            try readLevels(packed, repeats, packed + repeats, defines)
            (start, count) = try unpack(
                packed + (repeats + defines), header.packedByteCount - repeats - defines,
                header.unpackedByteCount - repeats - defines, isCompressed: header.isCompressed)
        } else {
            (start, count) = try unpack(packed, header.packedByteCount, header.unpackedByteCount, isCompressed: true)
            try takeLevels(&start, &count)
        }
        if adapter != nil { try beginValues(start, count) }
        isLoaded = true
    }

    private func verify(_ packed: UnsafePointer<UInt8>, _ header: PageHeader) throws {
        guard verifiesChecksums, let expected = header.checksum else { return }
        let bytes = UnsafeRawBufferPointer(start: packed, count: header.packedByteCount)
        guard PageChecksum.crc32(bytes) == expected else { throw place.bad("Page checksum does not match") }
    }

    private func unpack(
        _ packed: UnsafePointer<UInt8>, _ packedCount: Int, _ count: Int, isCompressed: Bool
    ) throws -> (UnsafePointer<UInt8>, Int) {
        if codec == .uncompressed || !isCompressed {
            guard packedCount == count else { throw place.bad("Damaged page header: sizes differ") }
            if let owner = source.owner { owners.append(owner) }
            return (packed, count)
        }
        let buffer = Buffer(byteCount: max(count, 1))
        do {
            try decompressor.decompress(
                codec, UnsafeRawBufferPointer(start: packed, count: packedCount),
                into: UnsafeMutableRawBufferPointer(start: buffer.pointer, count: count))
        } catch let error as QueryError {
            throw place.located(error)
        }
        owners.append(buffer)
        return (UnsafePointer(buffer.pointer.assumingMemoryBound(to: UInt8.self)), count)
    }

    // MARK: Levels

    private static func width(_ level: Int) -> Int { Int.bitWidth - level.leadingZeroBitCount }

    /// Version 1: levels stand before the values, each with its length.
    private func takeLevels(_ start: inout UnsafePointer<UInt8>, _ count: inout Int) throws {
        var spans: [(UnsafePointer<UInt8>, Int)] = []
        for (level, encoding) in [
            (leaf.repetitionLevel, header.repetitionEncoding), (leaf.definitionLevel, header.definitionEncoding),
        ] {
            guard level > 0 else {
                spans.append((start, 0))
                continue
            }
            var byteCount: Int
            if encoding == Encoding.bitPacked.rawValue {
                byteCount = (header.valueCount * Self.width(level) + 7) / 8
            } else {
                guard count >= 4 else { throw place.bad("Page ends inside its levels") }
                byteCount = Int(UnsafeRawPointer(start).loadUnaligned(as: UInt32.self))
                start += 4
                count -= 4
            }
            guard byteCount <= count else { throw place.bad("Page ends inside its levels") }
            spans.append((start, byteCount))
            start += byteCount
            count -= byteCount
        }
        try readLevels(spans[0].0, spans[0].1, spans[1].0, spans[1].1)
    }

    private func readLevels(
        _ repeats: UnsafePointer<UInt8>, _ repeatCount: Int, _ defines: UnsafePointer<UInt8>, _ defineCount: Int
    ) throws {
        let count = header.valueCount
        let isV2 = header.kind == PageHeader.Kind.dataV2.rawValue
        denseCount = count
        if leaf.repetitionLevel > 0 {
            repetitions = try levelBytes(
                repeats, repeatCount, leaf.repetitionLevel, isV2 ? Encoding.rle.rawValue : header.repetitionEncoding)
        }
        guard leaf.definitionLevel > 0 else { return }
        let encoding = isV2 ? Encoding.rle.rawValue : header.definitionEncoding
        if isFlat, encoding != Encoding.bitPacked.rawValue {
            if isV2, header.nullCount == 0 { return }
            let bits = Validity.makeBits(count, valid: false)
            let words = bits.pointer.assumingMemoryBound(to: UInt64.self)
            var decoder = HybridDecoder(defines, count: defineCount, width: 1)
            guard decoder.readBits(words, count) else { throw place.bad("Page ends inside its definition levels") }
            let nulls = Validity.nullCount(UnsafePointer(words), count)
            denseCount = count - nulls
            if nulls > 0 { validity = bits }
            return
        }
        let bytes = try levelBytes(defines, defineCount, leaf.definitionLevel, encoding)
        let levels = bytes.pointer.assumingMemoryBound(to: UInt8.self)
        if isFlat {
            let bits = Validity.makeBits(count, valid: false)
            let words = bits.pointer.assumingMemoryBound(to: UInt64.self)
            for index in 0..<count where levels[index] != 0 { Validity.setValid(words, index) }
            denseCount = count - Validity.nullCount(UnsafePointer(words), count)
            if denseCount < count { validity = bits }
            return
        }
        definitions = bytes
        let full = UInt8(truncatingIfNeeded: leaf.definitionLevel)
        var valid = 0
        for index in 0..<count { valid &+= Int(unsafeBitCast(levels[index] == full, to: UInt8.self)) }
        denseCount = valid
    }

    private func levelBytes(
        _ bytes: UnsafePointer<UInt8>, _ byteCount: Int, _ level: Int, _ encoding: Int
    ) throws -> Buffer {
        guard level < 128 else { throw place.bad("Column is nested too deeply") }
        let result = Buffer(byteCount: max(header.valueCount, 1))
        let target = result.pointer.assumingMemoryBound(to: UInt8.self)
        let limit = UInt8(level)
        let isRead: Bool
        if encoding == Encoding.bitPacked.rawValue {
            isRead = PackedLevelDecoder.read(
                bytes, byteCount: byteCount, width: Self.width(level), count: header.valueCount, into: target,
                limit: limit)
        } else {
            guard encoding == Encoding.rle.rawValue else { throw place.bad("Unknown encoding of levels \(encoding)") }
            var decoder = HybridDecoder(bytes, count: byteCount, width: Self.width(level))
            isRead = decoder.readBytes(target, header.valueCount, limit: limit)
        }
        guard isRead else { throw place.bad("Damaged levels") }
        return result
    }

    // MARK: Values

    private func beginValues(_ start: UnsafePointer<UInt8>, _ count: Int) throws {
        guard let stored = leaf.stored, let encoding = Encoding(rawValue: header.encoding) else {
            throw place.bad("Unknown encoding \(header.encoding)")
        }
        guard denseCount > 0 else { return }
        switch encoding {
        case .plain: try beginPlain(stored, start, count, denseCount)
        case .plainDictionary, .rleDictionary:
            try loadDictionary()
            guard count > 0 else { throw place.bad("Page ends inside its values") }
            let width = Int(start[0])
            guard width <= 32 else { throw place.bad("Damaged page: \(width) bits a dictionary code") }
            codes = HybridDecoder(start + 1, count: count - 1, width: width)
            kind = .codes
        case .rle:
            guard stored == .boolean, count >= 4 else { throw place.bad("Damaged page: RLE of \(stored.displayName)") }
            let byteCount = Int(UnsafeRawPointer(start).loadUnaligned(as: UInt32.self))
            guard byteCount <= count - 4 else { throw place.bad("Page ends inside its values") }
            var decoder = HybridDecoder(start + 4, count: byteCount, width: 1)
            let values = Buffer(byteCount: denseCount)
            guard decoder.readBytes(values.pointer.assumingMemoryBound(to: UInt8.self), denseCount, limit: 1) else {
                throw place.bad("Page ends inside its values")
            }
            setFixed(values)
        case .deltaBinaryPacked: try beginDelta(stored, start, count)
        case .deltaLengthByteArray:
            guard stored == .byteArray, let (views, made) = ByteArrayDecoders.deltaLength(start, byteCount: count),
                made >= denseCount
            else { throw place.bad("Damaged page: DELTA_LENGTH_BYTE_ARRAY") }
            setFixed(views)
        case .deltaByteArray: try beginDeltaStrings(stored, start, count)
        case .byteStreamSplit:
            let width: Int
            switch stored {
            case .int32, .float: width = 4
            case .int64, .double: width = 8
            case .fixedByteArray: width = leaf.fixedByteCount
            default: throw place.bad("Damaged page: BYTE_STREAM_SPLIT of \(stored.displayName)")
            }
            guard width > 0, count / width >= denseCount else { throw place.bad("Page ends inside its values") }
            let values = Buffer(byteCount: count)
            ByteArrayDecoders.unsplit(
                start, width: width, count: count / width, into: values.pointer.assumingMemoryBound(to: UInt8.self))
            setFixed(values)
        case .bitPacked: throw place.bad("Unknown encoding of values \(header.encoding)")
        }
    }

    private func setFixed(_ values: Buffer) {
        fixed = UnsafeRawPointer(values.pointer)
        owners.append(values)
        kind = .fixed
    }

    private func beginPlain(_ stored: StoredType, _ start: UnsafePointer<UInt8>, _ count: Int, _ needed: Int) throws {
        switch stored {
        case .boolean:
            guard needed <= count * 8 else { throw place.bad("Page ends inside its values") }
            let values = Buffer(byteCount: needed)
            let target = values.pointer.assumingMemoryBound(to: UInt8.self)
            for index in 0..<needed { target[index] = (start[index &>> 3] &>> UInt8(index & 7)) & 1 }
            setFixed(values)
        case .byteArray:
            nextString = start
            stringsEnd = start + count
            kind = .strings
        case .int32, .int64, .int96, .float, .double, .fixedByteArray:
            let width = stored == .fixedByteArray ? leaf.fixedByteCount : Self.plainWidth(stored)
            guard width == 0 || needed <= count / width else { throw place.bad("Page ends inside its values") }
            fixed = UnsafeRawPointer(start)
            kind = .fixed
        }
    }

    private static func plainWidth(_ stored: StoredType) -> Int {
        switch stored {
        case .int32, .float: 4
        case .int96: 12
        default: 8
        }
    }

    private func beginDelta(_ stored: StoredType, _ start: UnsafePointer<UInt8>, _ count: Int) throws {
        guard stored == .int32 || stored == .int64, var decoder = DeltaDecoder(start, byteCount: count),
            decoder.count >= denseCount
        else { throw place.bad("Damaged page: DELTA_BINARY_PACKED") }
        let values = Buffer(byteCount: max(decoder.count, 1) * 8)
        let wide = values.pointer.assumingMemoryBound(to: Int64.self)
        guard decoder.read(wide) != nil else { throw place.bad("Damaged page: DELTA_BINARY_PACKED") }
        if stored == .int32 {
            // In place: the narrow value never overtakes the wide one.
            let narrow = values.pointer.assumingMemoryBound(to: Int32.self)
            for index in 0..<decoder.count {
                let value = UnsafeRawPointer(values.pointer).load(fromByteOffset: index &* 8, as: Int64.self)
                narrow[index] = Int32(truncatingIfNeeded: value)
            }
        }
        setFixed(values)
    }

    private func beginDeltaStrings(_ stored: StoredType, _ start: UnsafePointer<UInt8>, _ count: Int) throws {
        let heap = StringHeap()
        guard stored == .byteArray || stored == .fixedByteArray,
            let (views, made) = ByteArrayDecoders.deltaStrings(start, byteCount: count, heap: heap), made >= denseCount
        else { throw place.bad("Damaged page: DELTA_BYTE_ARRAY") }
        owners.append(heap)
        guard stored == .fixedByteArray else {
            setFixed(views)
            return
        }
        let width = leaf.fixedByteCount
        let values = Buffer(byteCount: max(denseCount * width, 1))
        let source = views.pointer.assumingMemoryBound(to: StringView.self)
        for index in 0..<denseCount {
            guard source[index].count == width else { throw place.bad("Damaged page: a value has another length") }
            source[index].withBytes { bytes in
                guard let first = bytes.baseAddress else { return }
                (values.pointer + index * width).copyMemory(from: first, byteCount: width)
            }
        }
        setFixed(values)
    }

    // MARK: The dictionary

    /// Pages of this chunk seen so far come with a dictionary.
    var hasDictionary: Bool { dictionaryHeader != nil }

    /// The chunk's dictionary in the table's type, one object for the whole chunk.
    func dictionary() throws -> Vector {
        try loadDictionary()
        guard let dictionaryVector else { throw place.bad("Column chunk has no dictionary") }
        return dictionaryVector
    }

    private func loadDictionary() throws {
        guard dictionaryVector == nil else { return }
        guard let header = dictionaryHeader, let adapter, let stored = leaf.stored else {
            throw place.bad("Column chunk has no dictionary")
        }
        guard header.encoding == Encoding.plain.rawValue || header.encoding == Encoding.plainDictionary.rawValue else {
            throw place.bad("Unknown encoding of a dictionary \(header.encoding)")
        }
        let saved = owners
        owners = []
        defer { owners = saved }
        let packed = try source.bytes(dictionaryOffset, header.packedByteCount)
        try verify(packed, header)
        let (start, count) = try unpack(packed, header.packedByteCount, header.unpackedByteCount, isCompressed: true)
        dictionaryCount = header.valueCount
        guard dictionaryCount > 0 else {
            dictionaryVector = FlatBuilder.zeros(adapter.type, 1)
            return
        }
        if stored == .byteArray {
            // Four bytes of length each.
            guard dictionaryCount <= count / 4 else { throw place.bad("Dictionary ends inside its values") }
        }
        let savedKind = kind
        try beginPlain(stored, start, count, dictionaryCount)
        dictionaryVector = try converted(take: dictionaryCount, from: 0, adapter)
        kind = savedKind
    }

    // MARK: Taking values

    func skipDense(_ count: Int) throws {
        guard count <= denseCount - densePosition else { throw place.bad("Page ends inside its values") }
        switch kind {
        case .none, .fixed: break
        case .codes:
            guard codes.skip(count) else { throw place.bad("Page ends inside its dictionary codes") }
        case .strings: try walkStrings(count)
        }
        densePosition += count
    }

    /// The next `count` values, none of them null: flat, or dictionary where the page is.
    func dense(_ count: Int) throws -> Vector {
        guard let adapter, count <= denseCount - densePosition else { throw place.bad("Page ends inside its values") }
        defer { densePosition += count }
        if kind == .codes {
            let buffer = Buffer(byteCount: max(count, 1) * 4)
            let target = buffer.pointer.assumingMemoryBound(to: UInt32.self)
            try readCodes(target, count)
            return Vector(
                dictionary: try dictionary(), codes: UnsafePointer(target), count: count, validity: nil,
                owners: [buffer])
        }
        return try converted(take: count, from: densePosition, adapter)
    }

    /// Of the next `count` values those at `positions` (ascending); all are passed.
    func dense(_ count: Int, at positions: UnsafePointer<UInt32>, _ positionCount: Int) throws -> Vector {
        guard let adapter, count <= denseCount - densePosition else { throw place.bad("Page ends inside its values") }
        switch kind {
        case .fixed:
            let width = adapter.storedByteCount
            let buffer = Buffer(byteCount: max(positionCount * width, 1))
            let from = fixed + densePosition * width
            Self.gather(from, buffer.pointer, width, positions, positionCount)
            densePosition += count
            return try checked {
                try adapter.convert(UnsafeRawPointer(buffer.pointer), positionCount, owners: owners + [buffer])
            }
        case .strings:
            let buffer = Buffer(byteCount: max(positionCount, 1) * 16)
            let target = buffer.pointer.assumingMemoryBound(to: StringView.self)
            var passed = 0
            for index in 0..<positionCount {
                let wanted = Int(positions[index])
                try walkStrings(wanted - passed)
                try takeStrings(target + index, 1)
                passed = wanted + 1
            }
            try walkStrings(count - passed)
            densePosition += count
            return try checked {
                try adapter.convert(UnsafeRawPointer(buffer.pointer), positionCount, owners: owners + [buffer])
            }
        case .none, .codes:
            return try dense(count).gather(positions, count: positionCount)
        }
    }

    private static func gather(
        _ from: UnsafeRawPointer, _ target: UnsafeMutableRawPointer, _ width: Int, _ positions: UnsafePointer<UInt32>,
        _ count: Int
    ) {
        switch width {
        case 4:
            for index in 0..<count {
                let value = from.loadUnaligned(fromByteOffset: Int(positions[index]) &* 4, as: UInt32.self)
                target.storeBytes(of: value, toByteOffset: index &* 4, as: UInt32.self)
            }
        case 8:
            for index in 0..<count {
                let value = from.loadUnaligned(fromByteOffset: Int(positions[index]) &* 8, as: UInt64.self)
                target.storeBytes(of: value, toByteOffset: index &* 8, as: UInt64.self)
            }
        default:
            for index in 0..<count {
                (target + index &* width).copyMemory(from: from + Int(positions[index]) &* width, byteCount: width)
            }
        }
    }

    private func readCodes(_ target: UnsafeMutablePointer<UInt32>, _ count: Int) throws {
        guard codes.read(target, count) else { throw place.bad("Page ends inside its dictionary codes") }
        var highest: UInt32 = 0
        for index in 0..<count { highest = max(highest, target[index]) }
        guard Int(highest) < dictionaryCount || count == 0 else {
            throw place.bad("Dictionary code \(highest) is beyond the \(dictionaryCount) entries")
        }
    }

    private func converted(take count: Int, from position: Int, _ adapter: ValueAdapter) throws -> Vector {
        switch kind {
        case .fixed:
            let start = fixed + position * adapter.storedByteCount
            return try checked { try adapter.convert(start, count, owners: owners) }
        case .strings:
            let buffer = Buffer(byteCount: max(count, 1) * 16)
            try takeStrings(buffer.pointer.assumingMemoryBound(to: StringView.self), count)
            return try checked {
                try adapter.convert(UnsafeRawPointer(buffer.pointer), count, owners: owners + [buffer])
            }
        case .none, .codes: return FlatBuilder.zeros(adapter.type, count)
        }
    }

    private func checked(_ convert: () throws -> Vector) throws -> Vector {
        do {
            return try convert()
        } catch let error as ValueOutOfRange {
            let type = adapter?.type.hiveName ?? ""
            throw place.bad("Value \(error.text) of a field is out of range for type \(type)")
        }
    }

    private func takeStrings(_ target: UnsafeMutablePointer<StringView>, _ count: Int) throws {
        var position = nextString
        let end = stringsEnd
        for index in 0..<count {
            guard end - position >= 4 else { throw place.bad("Page ends inside its values") }
            let length = Int(UnsafeRawPointer(position).loadUnaligned(as: UInt32.self))
            position += 4
            guard length <= end - position else { throw place.bad("Page ends inside its values") }
            target[index] = StringView(position, length)
            position += length
        }
        nextString = position
    }

    private func walkStrings(_ count: Int) throws {
        var position = nextString
        let end = stringsEnd
        for _ in 0..<max(count, 0) {
            guard end - position >= 4 else { throw place.bad("Page ends inside its values") }
            let length = Int(UnsafeRawPointer(position).loadUnaligned(as: UInt32.self))
            position += 4
            guard length <= end - position else { throw place.bad("Page ends inside its values") }
            position += length
        }
        nextString = position
    }
}
