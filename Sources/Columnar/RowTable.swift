import CKernels
import SQLTypes

/// Rows of several columns side by side in pooled blocks: keys and payload of hash tables, which touch one cache line
/// per row instead of one per column. Rows are never moved.
///
/// One worker fills a table; tables of several workers are joined with `absorb`. String bytes are copied into the
/// table's heap, or, where a vector's dictionary is worth it, referred to with the dictionary kept alive.
///
/// `@unchecked Sendable`: written by one thread at a time, then only read.
public final class RowTable: @unchecked Sendable {
    public typealias Row = UnsafeMutableRawPointer

    /// Consecutive rows.
    public struct Block {
        public let start: UnsafeMutableRawPointer
        public var rowCount: Int
        let capacity: Int
        let buffer: Buffer
    }

    public let layout: RowLayout
    public private(set) var blocks: [Block] = []
    public private(set) var rowCount = 0
    private var heap = StringHeap()
    /// Other tables' heaps and dictionaries that views in rows point into.
    private var owners: [AnyObject] = []
    private var blockByteCount = 0
    private var absorbedByteCount = 0
    /// Per field, the dictionary whose views were stored last.
    private var lastDictionaries: [Vector?]

    private static let smallestBlock = 32 << 10
    private static let largestBlock = (2 << 20) - Buffer.padding

    public init(_ layout: RowLayout) {
        self.layout = layout
        lastDictionaries = [Vector?](repeating: nil, count: layout.fields.count)
    }

    /// Bytes held, for the memory budget.
    public var byteCount: Int { blockByteCount + absorbedByteCount + heap.byteCount }

    // MARK: Adding rows

    /// Room for `count` new rows: their addresses, with null bits cleared and everything else undefined.
    public func allocate(_ count: Int, _ addresses: UnsafeMutablePointer<Row>) {
        let stride = layout.stride
        var made = 0
        while made < count {
            if blocks.last.map({ $0.rowCount == $0.capacity }) ?? true { grow() }
            let last = blocks.count - 1
            let room = min(blocks[last].capacity - blocks[last].rowCount, count - made)
            var row = blocks[last].start + blocks[last].rowCount * stride
            blocks[last].rowCount += room
            for index in made..<made + room {
                addresses[index] = row
                row += stride
            }
            made += room
        }
        rowCount += count
        let nullsOffset = layout.nullsOffset
        switch layout.nullsByteCount {
        case 0: break
        case 1: for index in 0..<count { addresses[index].storeBytes(of: 0, toByteOffset: nullsOffset, as: UInt8.self) }
        default:
            for index in 0..<count {
                (addresses[index] + nullsOffset).initializeMemory(
                    as: UInt8.self, repeating: 0, count: layout.nullsByteCount)
            }
        }
    }

    /// Room for up to `count` rows one behind the other; `commit` says how many were taken. Nothing is cleared.
    public func reserve(_ count: Int) -> Row {
        if blocks.last.map({ $0.capacity - $0.rowCount < count }) ?? true { grow(atLeast: count) }
        let last = blocks[blocks.count - 1]
        return last.start + last.rowCount * layout.stride
    }

    /// Makes the first `count` rows of the last reservation rows of the table.
    public func commit(_ count: Int) {
        blocks[blocks.count - 1].rowCount += count
        rowCount += count
    }

    /// Keeps `other`'s strings alive for rows that were copied from there.
    public func shareMemory(of other: RowTable) {
        owners.append(other.heap)
        owners.append(contentsOf: other.owners)
    }

    private func grow(atLeast rows: Int = 1) {
        let wanted = max(min(max(blockByteCount, Self.smallestBlock), Self.largestBlock), rows * layout.stride)
        let capacity = max(wanted / layout.stride, 1)
        let buffer = Buffer(byteCount: capacity * layout.stride)
        blockByteCount += capacity * layout.stride
        blocks.append(Block(start: buffer.pointer, rowCount: 0, capacity: capacity, buffer: buffer))
    }

    /// Adds the wanted rows of `columns` (one per field); `addresses[i]` becomes the place of the i-th wanted row.
    /// `hashes[row]` is stored when the layout has a hash.
    public func append(
        _ columns: [Vector], _ rows: Rows, hashes: UnsafePointer<UInt64>?, _ addresses: UnsafeMutablePointer<Row>
    ) {
        allocate(rows.selectedCount, addresses)
        if layout.hasHash, let hashes {
            var position = 0
            rows.forEach { row in
                addresses[position].storeBytes(of: hashes[row], as: UInt64.self)
                position &+= 1
            }
        }
        for (field, column) in columns.enumerated() { store(column, field: field, rows, addresses) }
    }

    /// Writes one field of freshly allocated rows; `addresses[i]` is the i-th wanted row.
    public func store(_ column: Vector, field index: Int, _ rows: Rows, _ addresses: UnsafePointer<Row>) {
        let field = layout.fields[index]
        let view = column.view
        switch field.physical {
        case .string: storeStrings(column, view, index, field, rows, addresses)
        case .list, .map, .row:
            let flat = column.flattened()
            var scratch: [UInt8] = []
            var position = 0
            rows.forEach { row in
                let address = addresses[position]
                position &+= 1
                if flat.isNull(row) {
                    Self.setNull(address, field)
                    address.storeBytes(of: StringView(), toByteOffset: field.offset, as: StringView.self)
                } else {
                    scratch.removeAll(keepingCapacity: true)
                    NestedValues.append(flat, row, to: &scratch)
                    let copy = scratch.withUnsafeBufferPointer { heap.append($0) }
                    address.storeBytes(of: copy, toByteOffset: field.offset, as: StringView.self)
                }
            }
        default:
            switch field.width {
            case 1: Self.scatter(view, field, rows, addresses, UInt8.self, 0)
            case 2: Self.scatter(view, field, rows, addresses, UInt16.self, 0)
            case 4: Self.scatter(view, field, rows, addresses, UInt32.self, 0)
            case 8: Self.scatter(view, field, rows, addresses, UInt64.self, 0)
            default: Self.scatter(view, field, rows, addresses, StringView.self, StringView())
            }
        }
    }

    @inline(__always)
    private static func setNull(_ row: Row, _ field: RowLayout.Field) {
        let bits = row.load(fromByteOffset: field.nullOffset, as: UInt8.self) | field.nullBit
        row.storeBytes(of: bits, toByteOffset: field.nullOffset, as: UInt8.self)
    }

    @inline(__always)
    private static func scatter<T>(
        _ view: VectorView, _ field: RowLayout.Field, _ rows: Rows, _ addresses: UnsafePointer<Row>, _: T.Type,
        _ zero: T
    ) {
        let offset = field.offset
        let data = view.data.assumingMemoryBound(to: T.self)
        if let validity = view.validity {
            var position = 0
            rows.forEach { row in
                let address = addresses[position]
                position &+= 1
                if Validity.isValid(validity, row) {
                    (address + offset).assumingMemoryBound(to: T.self).pointee = data[view.index(row)]
                } else {
                    setNull(address, field)
                    (address + offset).assumingMemoryBound(to: T.self).pointee = zero
                }
            }
        } else {
            var position = 0
            rows.forEach { row in
                (addresses[position] + offset).assumingMemoryBound(to: T.self).pointee = data[view.index(row)]
                position &+= 1
            }
        }
    }

    private func storeStrings(
        _ column: Vector, _ view: VectorView, _ index: Int, _ field: RowLayout.Field, _ rows: Rows,
        _ addresses: UnsafePointer<Row>
    ) {
        if let dictionary = column.dictionary {
            // The dictionary stays when a good part of it is used.
            if lastDictionaries[index] === dictionary || dictionary.count <= rows.selectedCount &* 4 {
                if lastDictionaries[index] !== dictionary {
                    lastDictionaries[index] = dictionary
                    owners.append(dictionary)
                }
                Self.scatter(view, field, rows, addresses, StringView.self, StringView())
                return
            }
        }
        let data = view.data.assumingMemoryBound(to: StringView.self)
        let offset = field.offset
        let heap = heap
        var position = 0
        rows.forEach { row in
            let target = (addresses[position] + offset).assumingMemoryBound(to: StringView.self)
            if view.isValid(row) {
                target.pointee = heap.copy(data[view.index(row)])
            } else {
                Self.setNull(addresses[position], field)
                target.pointee = StringView()
            }
            position &+= 1
        }
    }

    /// Takes over all rows of `other`, which keeps none.
    public func absorb(_ other: RowTable) {
        // Full blocks first: the last one is where new rows go.
        blocks.insert(contentsOf: other.blocks, at: 0)
        rowCount += other.rowCount
        absorbedByteCount += other.byteCount
        owners.append(other.heap)
        owners.append(contentsOf: other.owners)
        other.clear()
    }

    /// Forgets all rows, whose bytes were copied elsewhere, but keeps the strings they point to.
    public func forgetRows() {
        blocks = []
        rowCount = 0
        blockByteCount = 0
    }

    /// Forgets all rows and gives their memory back (once no vector gathered from here is alive).
    public func clear() {
        blocks = []
        rowCount = 0
        blockByteCount = 0
        absorbedByteCount = 0
        heap = StringHeap()
        owners = []
        lastDictionaries = [Vector?](repeating: nil, count: layout.fields.count)
    }

    /// Calls `body` with the addresses of up to 2,048 rows at a time, over all rows.
    public func forEachRun(_ body: (UnsafePointer<Row>, Int) throws -> Void) rethrows {
        let buffer = Buffer(byteCount: Batch.defaultRowCount * 8)
        let addresses = buffer.pointer.assumingMemoryBound(to: Row.self)
        for block in blocks {
            var done = 0
            while done < block.rowCount {
                let count = min(Batch.defaultRowCount, block.rowCount - done)
                for index in 0..<count { addresses[index] = block.start + (done + index) * layout.stride }
                try body(addresses, count)
                done += count
            }
        }
    }

    // MARK: Comparing

    /// Clears `flags[i]` (0 or 1) where field `field` of row `addresses[i]` is distinct from lane `lanes[i]` (nil:
    /// lane i) of `column`. Equality as in `Comparison`.
    public func clearDifferent(
        field index: Int, _ column: Vector, _ lanes: UnsafePointer<UInt32>?, _ addresses: UnsafePointer<Row>,
        count: Int, flags: UnsafeMutablePointer<UInt8>
    ) {
        let field = layout.fields[index]
        let view = column.view
        switch field.physical {
        case .boolean, .int8: Self.compare(view, field, lanes, addresses, count, flags, UInt8.self) { $0 == $1 }
        case .int16: Self.compare(view, field, lanes, addresses, count, flags, UInt16.self) { $0 == $1 }
        case .int32: Self.compare(view, field, lanes, addresses, count, flags, UInt32.self) { $0 == $1 }
        case .int64: Self.compare(view, field, lanes, addresses, count, flags, UInt64.self) { $0 == $1 }
        case .int128:
            // Two words: rows are aligned to 8 only.
            if field.type.hasZone {
                Self.compare(view, field, lanes, addresses, count, flags, StringView.self) {
                    $0.high == $1.high && $0.low >> 16 == $1.low >> 16
                }
            } else {
                Self.compare(view, field, lanes, addresses, count, flags, StringView.self) {
                    $0.high == $1.high && $0.low == $1.low
                }
            }
        case .float:
            Self.compare(view, field, lanes, addresses, count, flags, Float.self) { $0 == $1 || ($0.isNaN && $1.isNaN) }
        case .double:
            Self.compare(view, field, lanes, addresses, count, flags, Double.self) {
                $0 == $1 || ($0.isNaN && $1.isNaN)
            }
        case .string: Self.compare(view, field, lanes, addresses, count, flags, StringView.self) { $0 == $1 }
        case .list, .map, .row:
            let stored = gather(field: index, addresses, count: count)
            Comparison.clearDifferent(stored, nil, column, lanes, count: count, flags: flags)
        }
    }

    @inline(__always)
    private static func compare<T>(
        _ view: VectorView, _ field: RowLayout.Field, _ lanes: UnsafePointer<UInt32>?,
        _ addresses: UnsafePointer<Row>, _ count: Int, _ flags: UnsafeMutablePointer<UInt8>, _: T.Type,
        _ equal: (T, T) -> Bool
    ) {
        let data = view.data.assumingMemoryBound(to: T.self)
        let offset = field.offset
        for index in 0..<count where flags[index] != 0 {
            let row = lanes.map { Int($0[index]) } ?? index
            let address = addresses[index]
            let isNull = address.load(fromByteOffset: field.nullOffset, as: UInt8.self) & field.nullBit != 0
            let isEqual: Bool
            if view.isValid(row) {
                let stored = (address + offset).assumingMemoryBound(to: T.self).pointee
                isEqual = !isNull && equal(stored, data[view.index(row)])
            } else {
                isEqual = isNull
            }
            flags[index] = unsafeBitCast(isEqual, to: UInt8.self)
        }
    }

    // MARK: Reading back

    /// Field `field` of the rows at `addresses`, as a flat vector. It keeps the table alive where it points into it.
    public func gather(field index: Int, _ addresses: UnsafePointer<Row>, count: Int) -> Vector {
        let field = layout.fields[index]
        if field.physical.isNested {
            let builder = NestedValues.Builder(field.type)
            for position in 0..<count {
                let address = addresses[position]
                if address.load(fromByteOffset: field.nullOffset, as: UInt8.self) & field.nullBit != 0 {
                    builder.appendNull()
                } else {
                    (address + field.offset).assumingMemoryBound(to: StringView.self).pointee.withBytes {
                        var cursor = UnsafeRawPointer($0.baseAddress.unsafelyUnwrapped)
                        builder.append(&cursor)
                    }
                }
            }
            return builder.finish()
        }
        let builder = FlatBuilder(field.type, capacity: count)
        switch field.width {
        case 1: Self.collect(builder, field, addresses, count, UInt8.self)
        case 2: Self.collect(builder, field, addresses, count, UInt16.self)
        case 4: Self.collect(builder, field, addresses, count, UInt32.self)
        case 8: Self.collect(builder, field, addresses, count, UInt64.self)
        default: Self.collect(builder, field, addresses, count, StringView.self)
        }
        var nulls: UInt8 = 0
        for position in 0..<count {
            nulls |= addresses[position].load(fromByteOffset: field.nullOffset, as: UInt8.self)
        }
        if nulls & field.nullBit != 0 {
            let bits = builder.validity
            for position in 0..<count
            where addresses[position].load(fromByteOffset: field.nullOffset, as: UInt8.self) & field.nullBit != 0 {
                Validity.setNull(bits, position)
            }
        }
        if field.physical == .string { builder.keepAlive(self) }
        return builder.finish(count: count)
    }

    @inline(__always)
    private static func collect<T>(
        _ builder: FlatBuilder, _ field: RowLayout.Field, _ addresses: UnsafePointer<Row>, _ count: Int, _: T.Type
    ) {
        let target = builder.pointer(as: T.self)
        let offset = field.offset
        for position in 0..<count {
            target[position] = (addresses[position] + offset).assumingMemoryBound(to: T.self).pointee
        }
    }

    /// The stored hash of a row.
    @inlinable @inline(__always)
    public static func hash(of row: Row) -> UInt64 { row.load(as: UInt64.self) }
}
