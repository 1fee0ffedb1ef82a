import Glibc

/// Runs of 2 MiB blocks out of large reservations of address space.
///
/// Free runs are kept in two lists by address, neighbours joined: `resident` ones still hold memory, up to
/// `residentLimit`; `empty` ones have given theirs back to the system. Not safe for use by several threads.
struct BlockArena {
    static let blockByteCount = 2 << 20
    /// Idle bytes that are kept, so that the next batch or query meets no page faults.
    static let residentLimit = 64 << 20
    /// Address space asked for at once; memory comes only with the first touch.
    private static let reservationByteCount = 64 << 30

    private var resident = FreeRuns()
    private var empty = FreeRuns()

    static func roundedToBlocks(_ byteCount: Int) -> Int {
        (byteCount &+ (blockByteCount &- 1)) & ~(blockByteCount &- 1)
    }

    /// A run of `byteCount` bytes (whole blocks), aligned to a block; nil when the system has none left.
    mutating func take(_ byteCount: Int) -> UnsafeMutableRawPointer? {
        if let address = resident.take(byteCount) ?? empty.take(byteCount) {
            return UnsafeMutableRawPointer(bitPattern: address)
        }
        guard reserve(byteCount), let address = empty.take(byteCount) else { return nil }
        return UnsafeMutableRawPointer(bitPattern: address)
    }

    mutating func give(_ address: UInt, _ byteCount: Int) {
        if resident.byteCount &+ byteCount <= Self.residentLimit {
            resident.give(address, byteCount)
        } else {
            madvise(UnsafeMutableRawPointer(bitPattern: address), byteCount, MADV_DONTNEED)
            empty.give(address, byteCount)
        }
    }

    /// Adds address space for a run of `byteCount`: as much as the system grants, huge pages asked for, with a page
    /// behind it that loads past the last block's end may read.
    private mutating func reserve(_ byteCount: Int) -> Bool {
        let block = Self.blockByteCount
        var wanted = max(Self.reservationByteCount, byteCount)
        while wanted >= byteCount {
            let padded = wanted &+ block &+ BufferPool.smallestSlab
            let start = mmap(nil, padded, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
            if let start, start != MAP_FAILED {
                let aligned = (UInt(bitPattern: start) &+ UInt(block &- 1)) & ~UInt(block &- 1)
                madvise(UnsafeMutableRawPointer(bitPattern: aligned), wanted, adviseHugePages)
                empty.give(aligned, wanted)
                return true
            }
            if wanted == byteCount { return false }
            wanted = max(wanted / 2, byteCount)
        }
        return false
    }
}

private let adviseHugePages: Int32 = 14  // MADV_HUGEPAGE, a macro that Swift's importer leaves out

/// Free runs by address; runs that touch are one.
private struct FreeRuns {
    private var runs: [(address: UInt, byteCount: Int)] = []
    private(set) var byteCount = 0

    /// The front of the smallest run that is long enough.
    mutating func take(_ wanted: Int) -> UInt? {
        var best: Int?
        for index in runs.indices where runs[index].byteCount >= wanted {
            if let known = best, runs[known].byteCount <= runs[index].byteCount { continue }
            best = index
        }
        guard let best else { return nil }
        let address = runs[best].address
        if runs[best].byteCount == wanted {
            runs.remove(at: best)
        } else {
            runs[best] = (address &+ UInt(wanted), runs[best].byteCount &- wanted)
        }
        byteCount &-= wanted
        return address
    }

    mutating func give(_ address: UInt, _ given: Int) {
        byteCount &+= given
        var low = 0
        var high = runs.count
        while low < high {
            let middle = (low &+ high) / 2
            if runs[middle].address < address { low = middle &+ 1 } else { high = middle }
        }
        var run = (address: address, byteCount: given)
        var replaced = low..<low
        if low < runs.count, runs[low].address == address &+ UInt(given) {
            run.byteCount &+= runs[low].byteCount
            replaced = low..<low &+ 1
        }
        if low > 0, runs[low &- 1].address &+ UInt(runs[low &- 1].byteCount) == address {
            run = (runs[low &- 1].address, run.byteCount &+ runs[low &- 1].byteCount)
            replaced = low &- 1..<replaced.upperBound
        }
        runs.replaceSubrange(replaced, with: CollectionOfOne(run))
    }
}
