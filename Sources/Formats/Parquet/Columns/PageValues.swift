import Columnar
import SQLTypes

/// The values of one page, dense (without nulls) and in order, in the table's type.
///
/// How values are laid out (`Encoding`) is dealt with when the page begins; from then on they are of fixed width,
/// dictionary codes, or strings with their lengths before them.
final class PageValues {
    let adapter: ValueAdapter
    private let leaf: SchemaNode
    private let stored: StoredType
    private let place: ChunkPlace

    private enum Kind { case none, fixed, codes, strings }
    private var kind = Kind.none
    private var count = 0
    private var position = 0
    private var fixed: UnsafeRawPointer
    private var codes: HybridDecoder
    private var dictionary: ChunkDictionary?
    private var nextString: UnsafePointer<UInt8>
    private var stringsEnd: UnsafePointer<UInt8>
    private var owners: [AnyObject] = []

    /// Lanes of the last vector taken whose values the table's type cannot hold.
    private(set) var bad: [BadLane] = []

    init(_ leaf: SchemaNode, _ adapter: ValueAdapter, _ place: ChunkPlace) {
        self.leaf = leaf
        self.adapter = adapter
        stored = adapter.stored
        self.place = place
        let nowhere = ConstantLanes.zeros
        fixed = nowhere
        nextString = nowhere.assumingMemoryBound(to: UInt8.self)
        stringsEnd = nextString
        codes = HybridDecoder(nextString, count: 0, width: 0)
    }

    // MARK: Encodings

    /// Goes to the values of another page, of which there are `count`.
    func begin(
        _ page: UnpackedPage, _ rawEncoding: Int, count denseCount: Int, dictionary: () throws -> ChunkDictionary
    ) throws {
        owners = page.owner.map { [$0] } ?? []
        kind = .none
        position = 0
        self.count = denseCount
        let (start, count) = (page.start, page.byteCount)
        guard let encoding = Encoding(rawValue: rawEncoding) else {
            throw place.bad("Unknown encoding \(rawEncoding)")
        }
        guard denseCount > 0 else { return }
        switch encoding {
        case .plain: try beginPlain(page, count: denseCount)
        case .plainDictionary, .rleDictionary:
            self.dictionary = try dictionary()
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
        case .bitPacked: throw place.bad("Unknown encoding of values \(rawEncoding)")
        }
    }

    private func setFixed(_ values: Buffer) {
        fixed = UnsafeRawPointer(values.pointer)
        owners.append(values)
        kind = .fixed
    }

    /// The same for values in plain encoding, as dictionaries have them.
    func beginPlain(_ page: UnpackedPage, count needed: Int) throws {
        owners = page.owner.map { [$0] } ?? []
        position = 0
        self.count = needed
        let (start, count) = (page.start, page.byteCount)
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
            // Four bytes of length each.
            guard needed <= count / 4 else { throw place.bad("Page ends inside its values") }
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
            decoder.count >= self.count
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
            let (views, made) = ByteArrayDecoders.deltaStrings(start, byteCount: count, heap: heap), made >= self.count
        else { throw place.bad("Damaged page: DELTA_BYTE_ARRAY") }
        owners.append(heap)
        guard stored == .fixedByteArray else {
            setFixed(views)
            return
        }
        let width = leaf.fixedByteCount
        let values = Buffer(byteCount: max(self.count * width, 1))
        let source = views.pointer.assumingMemoryBound(to: StringView.self)
        for index in 0..<self.count {
            guard source[index].count == width else { throw place.bad("Damaged page: a value has another length") }
            source[index].withBytes { bytes in
                guard let first = bytes.baseAddress else { return }
                (values.pointer + index * width).copyMemory(from: first, byteCount: width)
            }
        }
        setFixed(values)
    }

    // MARK: Taking values

    func skip(_ count: Int) throws {
        guard count <= self.count - position else { throw place.bad("Page ends inside its values") }
        switch kind {
        case .none, .fixed: break
        case .codes:
            guard codes.skip(count) else { throw place.bad("Page ends inside its dictionary codes") }
        case .strings: try walkStrings(count)
        }
        position += count
    }

    /// The next `count` values: flat, or dictionary where the page is.
    func take(_ count: Int) throws -> Vector {
        guard count <= self.count - position else { throw place.bad("Page ends inside its values") }
        defer { position += count }
        bad.removeAll(keepingCapacity: true)
        switch kind {
        case .fixed: return try converted(fixed + position * adapter.storedByteCount, count, owners)
        case .strings:
            let buffer = Buffer(byteCount: max(count, 1) * 16)
            try takeStrings(buffer.pointer.assumingMemoryBound(to: StringView.self), count)
            return try converted(UnsafeRawPointer(buffer.pointer), count, owners + [buffer])
        case .codes:
            guard let dictionary else { throw place.bad("Column chunk has no dictionary") }
            let buffer = Buffer(byteCount: max(count, 1) * 4)
            let target = buffer.pointer.assumingMemoryBound(to: UInt32.self)
            try readCodes(target, count, dictionary)
            return Vector(
                dictionary: dictionary.vector, codes: UnsafePointer(target), count: count, validity: nil,
                owners: [buffer])
        case .none: return FlatBuilder.zeros(adapter.type, count)
        }
    }

    /// Of the next `count` values those at `positions` (ascending); all are passed.
    func take(_ count: Int, at positions: UnsafePointer<UInt32>, _ positionCount: Int) throws -> Vector {
        guard count <= self.count - position else { throw place.bad("Page ends inside its values") }
        switch kind {
        case .fixed:
            let width = adapter.storedByteCount
            let buffer = Buffer(byteCount: max(positionCount * width, 1))
            Self.gather(fixed + position * width, buffer.pointer, width, positions, positionCount)
            position += count
            return try converted(UnsafeRawPointer(buffer.pointer), positionCount, owners + [buffer])
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
            position += count
            return try converted(UnsafeRawPointer(buffer.pointer), positionCount, owners + [buffer])
        case .none, .codes:
            let all = try take(count)
            bad = BadLane.gathered(bad, at: positions, positionCount)
            return all.gather(positions, count: positionCount)
        }
    }

    /// Stored values in the table's type. Those that it cannot hold are noted in `bad`, their lanes are zero.
    private func converted(_ raw: UnsafeRawPointer, _ count: Int, _ owners: [AnyObject]) throws -> Vector {
        bad.removeAll(keepingCapacity: true)
        do {
            return try adapter.convert(raw, count, owners: owners)
        } catch is ValueOutOfRange {
            return convertedOneByOne(raw, count)
        }
    }

    private func convertedOneByOne(_ raw: UnsafeRawPointer, _ count: Int) -> Vector {
        let width = adapter.storedByteCount
        let values = (0..<count).map { lane -> Value in
            do {
                return try adapter.convert(raw + lane * width, 1, owners: []).value(at: 0)
            } catch {
                let text = (error as? ValueOutOfRange)?.text ?? ""
                bad.append(
                    BadLane(
                        position: lane,
                        error: place.bad("Value \(text) of a field is out of range for type \(adapter.type.hiveName)")))
                return .null
            }
        }
        // A null lane is zero; what it means is settled with the row.
        let vector = Vector.fromValues(values, adapter.type)
        return Vector(type: adapter.type, count: count, values: vector.values, owners: [vector])
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

    private func readCodes(
        _ target: UnsafeMutablePointer<UInt32>, _ count: Int, _ dictionary: ChunkDictionary
    ) throws {
        guard codes.read(target, count) else { throw place.bad("Page ends inside its dictionary codes") }
        var highest: UInt32 = 0
        for index in 0..<count { highest = max(highest, target[index]) }
        guard Int(highest) < dictionary.count || count == 0 else {
            throw place.bad("Dictionary code \(highest) is beyond the \(dictionary.count) entries")
        }
        if dictionary.bad.isEmpty { return }
        for index in 0..<count {
            if let error = dictionary.bad[target[index]] { bad.append(BadLane(position: index, error: error)) }
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
