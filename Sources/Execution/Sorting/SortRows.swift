import Columnar
import SQLTypes

/// One worker's rows to be sorted: the columns that come out in a row table, keys as entries beside it.
final class SortRows {
    let table: RowTable
    let orderer: SortOrderer
    private let encoder: SortKeyEncoder
    private let keys: [Int]
    private let columns: [Int]
    private var entryBuffer: Buffer
    private var capacity: Int
    private(set) var entries: UnsafeMutablePointer<SortEntry>
    private(set) var count = 0
    private let keyHeap = StringHeap()
    private var prefixBuffer = Buffer(byteCount: Batch.defaultRowCount * 16)
    private var addressBuffer = Buffer(byteCount: Batch.defaultRowCount * 8)

    /// - Parameters:
    ///   - keys: positions of the key columns in batches, in the encoder's order.
    ///   - columns: positions of the columns that are kept.
    init(_ encoder: SortKeyEncoder, keys: [Int], columns: [Int], types: [DataType]) {
        self.encoder = encoder
        self.keys = keys
        self.columns = columns
        let layout = RowLayout(
            types, hasHash: false, extraByteCount: encoder.isPrefixEnough ? 0 : MemoryLayout<LongKey>.size)
        table = RowTable(layout)
        orderer = SortOrderer(longKeyOffset: encoder.isPrefixEnough ? nil : layout.extraOffset)
        capacity = Batch.defaultRowCount
        entryBuffer = Buffer(byteCount: capacity * MemoryLayout<SortEntry>.stride)
        entries = entryBuffer.pointer.assumingMemoryBound(to: SortEntry.self)
    }

    var byteCount: Int { table.byteCount + capacity * MemoryLayout<SortEntry>.stride + keyHeap.byteCount }

    /// The prefixes of a batch's keys: `[i]` for the i-th selected row, until the next call.
    func prefixes(_ batch: Batch) -> UnsafeMutablePointer<SortPrefix> {
        let rows = batch.rows
        if prefixBuffer.byteCount < rows.selectedCount * 16 {
            prefixBuffer = Buffer(byteCount: rows.selectedCount * 16)
        }
        let made = prefixBuffer.pointer.assumingMemoryBound(to: SortPrefix.self)
        encoder.prefixes(keys.map { batch.columns[$0] }, rows, into: made)
        return made
    }

    func add(_ batch: Batch) { add(batch, prefixes(batch)) }

    /// `prefixes` are those of `batch`.
    func add(_ batch: Batch, _ prefixes: UnsafePointer<SortPrefix>) {
        let rows = batch.rows
        let added = rows.selectedCount
        reserve(added)
        if addressBuffer.byteCount < added * 8 { addressBuffer = Buffer(byteCount: added * 8) }
        let addresses = addressBuffer.pointer.assumingMemoryBound(to: UnsafeMutableRawPointer.self)
        table.append(columns.map { batch.columns[$0] }, rows, hashes: nil, addresses)
        let target = entries + count
        for index in 0..<added { target[index] = SortEntry(prefix: prefixes[index], row: addresses[index]) }
        count += added
        if let offset = orderer.longKeyOffset {
            let vectors = keys.map { batch.columns[$0] }
            var scratch: [UInt8] = []
            var position = 0
            rows.forEach { row in
                scratch.removeAll(keepingCapacity: true)
                encoder.append(vectors, row, to: &scratch)
                let place = keyHeap.allocate(scratch.count)
                scratch.withUnsafeBufferPointer {
                    place.update(from: $0.baseAddress ?? UnsafePointer(place), count: $0.count)
                }
                addresses[position].storeBytes(
                    of: LongKey(bytes: UnsafePointer(place), count: scratch.count), toByteOffset: offset,
                    as: LongKey.self)
                position += 1
            }
        }
    }

    /// Copies the first entries of other rows of the same layout.
    func add(first wanted: Int, of other: SortRows) {
        var start = 0
        while start < wanted {
            let part = min(Batch.defaultRowCount, wanted - start)
            reserve(part)
            let buffer = Buffer(byteCount: part * 16)
            let old = buffer.pointer.assumingMemoryBound(to: UnsafeMutableRawPointer.self)
            let new = old + part
            for index in 0..<part { old[index] = other.entries[start + index].row }
            table.append(other.gather(old, part), Rows(count: part), hashes: nil, new)
            for index in 0..<part {
                entries[count + index] = SortEntry(prefix: other.entries[start + index].prefix, row: new[index])
                guard let offset = orderer.longKeyOffset else { continue }
                let key = old[index].load(fromByteOffset: offset, as: LongKey.self)
                let place = keyHeap.allocate(key.count)
                place.update(from: key.bytes, count: key.count)
                new[index].storeBytes(
                    of: LongKey(bytes: UnsafePointer(place), count: key.count), toByteOffset: offset, as: LongKey.self)
            }
            count += part
            start += part
        }
    }

    private func reserve(_ more: Int) {
        if count + more <= capacity { return }
        capacity = max(capacity * 2, count + more)
        let made = Buffer(byteCount: capacity * MemoryLayout<SortEntry>.stride)
        let target = made.pointer.assumingMemoryBound(to: SortEntry.self)
        target.update(from: entries, count: count)
        entryBuffer = made
        entries = target
    }

    func sort(_ check: () throws -> Void) throws {
        let scratch = Buffer(byteCount: max(count, 1) * MemoryLayout<SortEntry>.stride)
        try orderer.sort(
            entries, count, scratch: scratch.pointer.assumingMemoryBound(to: SortEntry.self), check: check)
    }

    /// Forgets the entries behind the first `kept` of the sorted ones.
    func truncate(_ kept: Int) { count = min(count, kept) }

    /// The columns of rows of this or any other table of the same layout whose strings `table` keeps alive.
    func gather(_ rows: UnsafePointer<UnsafeMutableRawPointer>, _ rowCount: Int) -> [Vector] {
        table.layout.fields.indices.map { table.gather(field: $0, rows, count: rowCount) }
    }
}
