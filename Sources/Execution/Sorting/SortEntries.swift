import Columnar
import Glibc

/// A row to be sorted: the first bytes of its key and where it lies.
struct SortEntry {
    var prefix: SortPrefix
    var row: UnsafeMutableRawPointer
}

/// Where a row's whole key lies when the prefix does not decide: in the extra part of its table row.
struct LongKey {
    var bytes: UnsafePointer<UInt8>
    var count: Int

    /// Negative, zero or positive.
    @inline(__always)
    static func compare(_ left: LongKey, _ right: LongKey) -> Int {
        let order = memcmp(left.bytes, right.bytes, min(left.count, right.count))
        return order != 0 ? Int(order) : left.count &- right.count
    }
}

/// Sorting and searching of entries.
struct SortOrderer {
    /// Offset of the `LongKey` in a row; nil when prefixes decide.
    let longKeyOffset: Int?

    @inline(__always)
    func precedes(_ left: SortEntry, _ right: SortEntry) -> Bool { compare(left, right) < 0 }

    @inline(__always)
    func compare(_ left: SortEntry, _ right: SortEntry) -> Int {
        if left.prefix.high != right.prefix.high { return left.prefix.high < right.prefix.high ? -1 : 1 }
        if left.prefix.low != right.prefix.low { return left.prefix.low < right.prefix.low ? -1 : 1 }
        guard let longKeyOffset else { return 0 }
        return LongKey.compare(
            left.row.load(fromByteOffset: longKeyOffset, as: LongKey.self),
            right.row.load(fromByteOffset: longKeyOffset, as: LongKey.self))
    }

    /// Sorts by the bytes of the prefix from the top (most significant digit first), skipping bytes that all entries
    /// share; small parts by insertion, ties of whole prefixes by the long keys. `check` runs before every large part.
    func sort(
        _ entries: UnsafeMutablePointer<SortEntry>, _ count: Int, scratch: UnsafeMutablePointer<SortEntry>,
        check: () throws -> Void
    ) throws {
        try sort(entries, count, scratch, byte: 0, check)
    }

    private static let insertionLimit = 24

    private func sort(
        _ entries: UnsafeMutablePointer<SortEntry>, _ count: Int, _ scratch: UnsafeMutablePointer<SortEntry>,
        byte start: Int, _ check: () throws -> Void
    ) throws {
        if count <= Self.insertionLimit {
            insertionSort(entries, count)
            return
        }
        if count > 1 << 16 { try check() }
        // The first byte in which entries differ.
        let first = entries[0].prefix
        var high: UInt64 = 0
        var low: UInt64 = 0
        for index in 1..<count {
            high |= entries[index].prefix.high ^ first.high
            low |= entries[index].prefix.low ^ first.low
        }
        let byte = high != 0 ? high.leadingZeroBitCount / 8 : 8 + low.leadingZeroBitCount / 8
        guard byte < 16 else {
            if longKeyOffset != nil { try mergeSort(entries, count, scratch, check) }
            return
        }
        _ = start
        // Digits of 8 bits.
        var counts = [Int](repeating: 0, count: 257)
        let shift = UInt64(56 - (byte & 7) * 8)
        let usesHigh = byte < 8
        counts.withUnsafeMutableBufferPointer { counts in
            for index in 0..<count {
                let word = usesHigh ? entries[index].prefix.high : entries[index].prefix.low
                counts[Int((word &>> shift) & 255) &+ 1] &+= 1
            }
            for digit in 0..<256 { counts[digit + 1] &+= counts[digit] }
        }
        let starts = counts
        counts.withUnsafeMutableBufferPointer { next in
            for index in 0..<count {
                let entry = entries[index]
                let word = usesHigh ? entry.prefix.high : entry.prefix.low
                let digit = Int((word &>> shift) & 255)
                scratch[next[digit]] = entry
                next[digit] &+= 1
            }
        }
        entries.update(from: scratch, count: count)
        for digit in 0..<256 {
            let size = starts[digit + 1] - starts[digit]
            if size > 1 {
                try sort(entries + starts[digit], size, scratch + starts[digit], byte: byte + 1, check)
            }
        }
    }

    private func insertionSort(_ entries: UnsafeMutablePointer<SortEntry>, _ count: Int) {
        guard count > 1 else { return }
        for index in 1..<count {
            let entry = entries[index]
            var place = index
            while place > 0, precedes(entry, entries[place &- 1]) {
                entries[place] = entries[place &- 1]
                place &-= 1
            }
            entries[place] = entry
        }
    }

    private func mergeSort(
        _ entries: UnsafeMutablePointer<SortEntry>, _ count: Int, _ scratch: UnsafeMutablePointer<SortEntry>,
        _ check: () throws -> Void
    ) throws {
        if count <= Self.insertionLimit {
            insertionSort(entries, count)
            return
        }
        if count > 1 << 16 { try check() }
        let middle = count / 2
        try mergeSort(entries, middle, scratch, check)
        try mergeSort(entries + middle, count - middle, scratch + middle, check)
        if !precedes(entries[middle], entries[middle - 1]) { return }
        scratch.update(from: entries, count: middle)
        var left = 0
        var right = middle
        var place = 0
        while left < middle, right < count {
            if precedes(entries[right], scratch[left]) {
                entries[place] = entries[right]
                right += 1
            } else {
                entries[place] = scratch[left]
                left += 1
            }
            place += 1
        }
        if left < middle { (entries + place).update(from: scratch + left, count: middle - left) }
    }

    /// The first position in sorted entries that does not precede `entry`.
    func lowerBound(_ entries: UnsafePointer<SortEntry>, _ count: Int, _ entry: SortEntry) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if precedes(entries[middle], entry) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
