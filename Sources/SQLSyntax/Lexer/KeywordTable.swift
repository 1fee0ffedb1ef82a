/// Finds the keyword that a word spells, whatever its case: a hash table on the word's first and last eight bytes.
///
/// - Note: `@unchecked Sendable` is right because the memory is written in `init` alone.
final class KeywordTable: @unchecked Sendable {
    static let shared = KeywordTable()

    private struct Entry {
        var first: UInt64 = 0
        var last: UInt64 = 0
        var count = 0
        var keyword: Keyword?
    }

    private let entries: UnsafeMutablePointer<Entry>
    private static let slotCount = 2048
    /// Longer words are no keywords.
    private let longest: Int

    private init() {
        entries = .allocate(capacity: Self.slotCount)
        entries.initialize(repeating: Entry(), count: Self.slotCount)
        var longest = 0
        for keyword in Keyword.allCases {
            let text = Array(keyword.rawValue.utf8) + [UInt8](repeating: 0, count: 8)
            let count = text.count - 8
            longest = max(longest, count)
            let (first, last) = text.withUnsafeBufferPointer { Self.key($0.baseAddress!, count) }
            var slot = Self.slot(first, last)
            while entries[slot].keyword != nil { slot = (slot + 1) & (Self.slotCount - 1) }
            entries[slot] = Entry(first: first, last: last, count: count, keyword: keyword)
        }
        self.longest = longest
    }

    deinit { entries.deallocate() }

    /// The keyword of the `count` bytes at `word`, after which at least eight more bytes can be read.
    @inline(__always)
    func find(_ word: UnsafePointer<UInt8>, _ count: Int) -> Keyword? {
        if count > longest || count < 2 { return nil }
        let (first, last) = Self.key(word, count)
        var slot = Self.slot(first, last)
        while let keyword = entries[slot].keyword {
            if entries[slot].first == first, entries[slot].last == last, entries[slot].count == count {
                // Above 16 bytes the two keys leave bytes in the middle unread.
                return count <= 16 || Self.equal(keyword, word, count) ? keyword : nil
            }
            slot = (slot + 1) & (Self.slotCount - 1)
        }
        return nil
    }

    private static func equal(_ keyword: Keyword, _ word: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        var index = 0
        for byte in keyword.rawValue.utf8 {
            if word[index] | 0x20 != byte | 0x20 { return false }
            index += 1
        }
        return index == count
    }

    /// The first eight and the last eight bytes with the case bit set; the second is 0 for short words.
    @inline(__always)
    private static func key(_ word: UnsafePointer<UInt8>, _ count: Int) -> (UInt64, UInt64) {
        let caseBits: UInt64 = 0x2020_2020_2020_2020
        let first = UnsafeRawPointer(word).loadUnaligned(as: UInt64.self)
        if count <= 8 {
            return ((first | caseBits) & (~0 &>> UInt64(64 &- count &* 8)), 0)
        }
        let last = UnsafeRawPointer(word + (count &- 8)).loadUnaligned(as: UInt64.self)
        return (first | caseBits, last | caseBits)
    }

    @inline(__always)
    private static func slot(_ first: UInt64, _ last: UInt64) -> Int {
        let mixed = (first ^ (last &* 0x9E37_79B9_7F4A_7C15)) &* 0xD6E8_FEB8_6659_FD93
        return Int(truncatingIfNeeded: mixed &>> 53)
    }
}
