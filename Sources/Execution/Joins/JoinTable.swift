import CKernels
import Columnar
import SQLTypes

/// Finds the build rows of a 64-bit key.
///
/// ```
/// bits         a bit per key of the domain                            does a row exist?
/// dense        rowOf[key]                                             unique keys, small domain
/// denseRuns    order[starts[key] ..< starts[key + 1]]                 small domain
/// hashed       slots {key, start, count}; unique keys: start is the row, else order[start ..< start + count]
/// ```
/// Hashed tables are cut into parts by the top bits of the hash, each a power of two of slots with linear probing that
/// stays inside the part: parts fit the cache while they are built, and are built by several workers.
///
/// `@unchecked Sendable`: written by `JoinTableBuilder`, then only read.
final class JoinTable: @unchecked Sendable {
    enum Layout { case empty, bits, dense, denseRuns, hashed }

    struct Slot {
        var key: UInt64
        var start: UInt32
        /// 0: the slot is free.
        var count: UInt32
    }

    /// Where a part's slots are.
    struct Part {
        var base: UInt32
        var mask: UInt32
    }

    /// Stands for "no row" in `rowOf`.
    static let none = UInt32.max

    var layout = Layout.empty
    /// At most one row per key: `start` of a lookup is the row itself.
    var isUnique = true
    /// Rows that can be found.
    var rowCount = 0

    var bits: Buffer?
    var rowOf: Buffer?
    var starts: Buffer?
    var order: Buffer?
    var slots: Buffer?
    var parts: [Part] = []
    var partShift: UInt64 = 63
    /// Keys are hashes already.
    var keysAreHashes = false

    var byteCount: Int {
        [bits, rowOf, starts, order, slots].reduce(0) { $0 + ($1?.byteCount ?? 0) }
    }

    /// Rows in the order of their runs; nil when `start` is the row.
    var runs: UnsafePointer<UInt32>? {
        isUnique ? nil : order.map { UnsafePointer($0.pointer.assumingMemoryBound(to: UInt32.self)) }
    }

    /// A table larger than this is worth prefetching (bytes; half of a usual second-level cache).
    private static let prefetchThreshold = 256 << 10
    private static let prefetchDistance = 16

    /// The key, or 0 where it is flagged out and may lie anywhere: without a branch, which random keys would mislead.
    @inline(__always)
    private static func inside(_ key: UInt64, _ flag: UInt8) -> UInt64 { key & (0 &- UInt64(flag)) }

    /// For each key, the start and length of its run; length 0 where `flags` is 0 or there is no row.
    func find(
        _ keys: UnsafePointer<UInt64>, _ flags: UnsafePointer<UInt8>, count: Int,
        starts found: UnsafeMutablePointer<UInt32>, counts: UnsafeMutablePointer<UInt32>
    ) {
        switch layout {
        case .empty: counts.update(repeating: 0, count: count)
        case .bits:
            guard let bits else { return }
            let words = bits.pointer.assumingMemoryBound(to: UInt64.self)
            let prefetches = bits.byteCount > Self.prefetchThreshold
            for index in 0..<count {
                if prefetches, index &+ Self.prefetchDistance < count {
                    let ahead = index &+ Self.prefetchDistance
                    ck_prefetch(words + Int(truncatingIfNeeded: Self.inside(keys[ahead], flags[ahead]) &>> 6))
                }
                found[index] = 0
                let key = Self.inside(keys[index], flags[index])
                let bit = (words[Int(truncatingIfNeeded: key &>> 6)] &>> (key & 63)) & 1
                counts[index] = UInt32(truncatingIfNeeded: bit) & UInt32(flags[index])
            }
        case .dense:
            guard let rowOf else { return }
            let rows = rowOf.pointer.assumingMemoryBound(to: UInt32.self)
            let prefetches = rowOf.byteCount > Self.prefetchThreshold
            for index in 0..<count {
                if prefetches, index &+ Self.prefetchDistance < count {
                    let ahead = index &+ Self.prefetchDistance
                    ck_prefetch(rows + Int(truncatingIfNeeded: Self.inside(keys[ahead], flags[ahead])))
                }
                let key = Self.inside(keys[index], flags[index])
                let row = rows[Int(truncatingIfNeeded: key)]
                found[index] = row
                counts[index] = UInt32(unsafeBitCast(row != Self.none, to: UInt8.self) & flags[index])
            }
        case .denseRuns:
            guard let starts else { return }
            let offsets = starts.pointer.assumingMemoryBound(to: UInt32.self)
            let prefetches = starts.byteCount > Self.prefetchThreshold
            for index in 0..<count {
                if prefetches, index &+ Self.prefetchDistance < count {
                    let ahead = index &+ Self.prefetchDistance
                    ck_prefetch(offsets + Int(truncatingIfNeeded: Self.inside(keys[ahead], flags[ahead])))
                }
                let key = Int(truncatingIfNeeded: Self.inside(keys[index], flags[index]))
                let start = offsets[key]
                found[index] = start
                counts[index] = (offsets[key &+ 1] &- start) &* UInt32(flags[index])
            }
        case .hashed: findHashed(keys, flags, count, found, counts)
        }
    }

    private func findHashed(
        _ keys: UnsafePointer<UInt64>, _ flags: UnsafePointer<UInt8>, _ count: Int,
        _ found: UnsafeMutablePointer<UInt32>, _ counts: UnsafeMutablePointer<UInt32>
    ) {
        guard let slots else { return }
        let table = slots.pointer.assumingMemoryBound(to: Slot.self)
        let prefetches = slots.byteCount > Self.prefetchThreshold
        let shift = partShift
        let isHash = keysAreHashes
        parts.withUnsafeBufferPointer { parts in
            guard let parts = parts.baseAddress else { return }
            @inline(__always) func place(_ key: UInt64) -> (Int, Part) {
                let hash = isHash ? key : Hashing.hash(key)
                let part = parts[Int(truncatingIfNeeded: hash &>> shift)]
                return (Int(part.base &+ (UInt32(truncatingIfNeeded: hash) & part.mask)), part)
            }
            for index in 0..<count {
                if prefetches, index &+ Self.prefetchDistance < count {
                    ck_prefetch(table + place(keys[index &+ Self.prefetchDistance]).0)
                }
                // Keys that are flagged out are looked up too: cheaper than a branch that cannot be foreseen.
                let key = keys[index]
                var (position, part) = place(key)
                while true {
                    let slot = table[position]
                    if slot.count == 0 || slot.key == key {
                        found[index] = slot.start
                        counts[index] = slot.count &* UInt32(flags[index])
                        break
                    }
                    position = Int(part.base &+ ((UInt32(truncatingIfNeeded: position) &- part.base &+ 1) & part.mask))
                }
            }
        }
    }
}
