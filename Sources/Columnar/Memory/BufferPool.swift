import Glibc
import Synchronization

/// Memory for vectors, hash tables and pages: huge-page backed blocks, cut into size classes.
///
/// First-touch page faults cost more than most kernels (2.5 microseconds per 4 KiB), so freed memory is kept, up to
/// a limit, and handed out again. Requests under 4 KiB go to malloc; up to 1 MiB to power-of-two slabs in blocks of
/// 2 MiB; above to whole runs of blocks. Each thread keeps a small cache per size class.
///
/// `padding` bytes behind every allocation may be read (by vector loads that run past the end), never written: slabs
/// lie in an arena that is readable throughout, so a power of two of bytes takes a slab of just that size.
public enum BufferPool {
    // With -DSANITIZED every buffer is malloc's, so that the address sanitizer sees each overrun, and the padding is
    // checked for writes when a buffer comes back.
    #if SANITIZED
    static let givesAllToMalloc = true
    #else
    static let givesAllToMalloc = false
    #endif

    static let padding = 64
    private static let paddingMark: UInt8 = 0xA5
    static let smallestSlab = 4096
    static let classCount = 9  // 4 KiB ... 1 MiB
    static let largestSlab = smallestSlab << (classCount - 1)

    /// At least `byteCount` bytes, aligned to 64, not cleared. Give it back with `deallocate` and the same count.
    public static func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer {
        if byteCount < smallestSlab || givesAllToMalloc {
            var pointer: UnsafeMutableRawPointer?
            posix_memalign(&pointer, 64, max(byteCount, 0) &+ padding)
            guard let pointer else { outOfMemory() }
            #if SANITIZED
            (pointer + max(byteCount, 0)).initializeMemory(as: UInt8.self, repeating: paddingMark, count: padding)
            #endif
            return pointer
        }
        if byteCount <= largestSlab { return ThreadCache.current.take(slabClass(byteCount)) }
        return SharedBlocks.takeRun(BlockArena.roundedToBlocks(byteCount &+ padding))
    }

    public static func deallocate(_ pointer: UnsafeMutableRawPointer, _ byteCount: Int) {
        if byteCount < smallestSlab || givesAllToMalloc {
            #if SANITIZED
            let end = pointer + max(byteCount, 0)
            precondition(
                (0..<padding).allSatisfy { end.load(fromByteOffset: $0, as: UInt8.self) == paddingMark },
                "written past the end of a buffer of \(byteCount) bytes")
            #endif
            free(pointer)
        } else if byteCount <= largestSlab {
            ThreadCache.current.give(pointer, slabClass(byteCount))
        } else {
            SharedBlocks.giveRun(pointer, BlockArena.roundedToBlocks(byteCount &+ padding))
        }
    }

    /// The smallest class whose slabs hold `byteCount` bytes.
    static func slabClass(_ byteCount: Int) -> Int {
        let units = (byteCount &- 1) >> 12
        return units == 0 ? 0 : Int.bitWidth &- units.leadingZeroBitCount
    }

    static func outOfMemory() -> Never {
        let message: StaticString = "athena-lite: the system has no memory left\n"
        write(2, message.utf8Start, message.utf8CodeUnitCount)
        exit(1)
    }
}

/// A linked list of free slabs; the link lies in the slab itself.
struct FreeSlabs {
    private var head: UnsafeMutableRawPointer?
    private(set) var count = 0

    mutating func push(_ slab: UnsafeMutableRawPointer) {
        slab.storeBytes(of: head, as: UnsafeMutableRawPointer?.self)
        head = slab
        count &+= 1
    }

    mutating func pop() -> UnsafeMutableRawPointer? {
        guard let slab = head else { return nil }
        head = slab.load(as: UnsafeMutableRawPointer?.self)
        count &-= 1
        return slab
    }
}

/// The free slabs of one thread: up to a megabyte of each class, so that most requests take no lock.
private final class ThreadCache {
    private let lists: UnsafeMutablePointer<FreeSlabs>

    private init() {
        lists = .allocate(capacity: BufferPool.classCount)
        lists.initialize(repeating: FreeSlabs(), count: BufferPool.classCount)
    }

    deinit {
        for index in 0..<BufferPool.classCount { SharedBlocks.giveSlabs(&lists[index], keep: 0, class: index) }
        lists.deallocate()
    }

    /// Slabs of a class that a thread keeps before it gives half back.
    private static func limit(_ index: Int) -> Int { max(2, min(64, (1 << 20) >> (12 &+ index))) }

    func take(_ index: Int) -> UnsafeMutableRawPointer {
        if let slab = lists[index].pop() { return slab }
        SharedBlocks.takeSlabs(into: &lists[index], count: max(1, Self.limit(index) / 4), class: index)
        guard let slab = lists[index].pop() else { BufferPool.outOfMemory() }
        return slab
    }

    func give(_ slab: UnsafeMutableRawPointer, _ index: Int) {
        lists[index].push(slab)
        let limit = Self.limit(index)
        if lists[index].count > limit { SharedBlocks.giveSlabs(&lists[index], keep: limit / 2, class: index) }
    }

    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        pthread_key_create(&key) { pointer in
            if let pointer { Unmanaged<ThreadCache>.fromOpaque(pointer).release() }
        }
        return key
    }()

    static var current: ThreadCache {
        if let pointer = pthread_getspecific(key) {
            return Unmanaged<ThreadCache>.fromOpaque(pointer).takeUnretainedValue()
        }
        let cache = ThreadCache()
        pthread_setspecific(key, Unmanaged.passRetained(cache).toOpaque())
        return cache
    }
}

/// What all threads share, behind one lock: the arena's blocks, and those of them that are cut into slabs.
private enum SharedBlocks {
    // Pointers in here are free memory that nobody else refers to.
    nonisolated(unsafe) private static var arena = BlockArena()
    nonisolated(unsafe) private static var slabs = SlabBlocks()
    private static let lock = Mutex<Void>(())

    static func takeSlabs(into list: inout FreeSlabs, count: Int, class index: Int) {
        lock.withLock { _ in
            for _ in 0..<count { list.push(slabs.take(index, from: &arena)) }
        }
    }

    static func giveSlabs(_ list: inout FreeSlabs, keep: Int, class index: Int) {
        lock.withLock { _ in
            while list.count > keep, let slab = list.pop() { slabs.give(slab, index, to: &arena) }
        }
    }

    static func takeRun(_ byteCount: Int) -> UnsafeMutableRawPointer {
        let address = lock.withLock { _ in UInt(bitPattern: arena.take(byteCount)) }
        guard let pointer = UnsafeMutableRawPointer(bitPattern: address) else { BufferPool.outOfMemory() }
        return pointer
    }

    static func giveRun(_ pointer: UnsafeMutableRawPointer, _ byteCount: Int) {
        let address = UInt(bitPattern: pointer)
        lock.withLock { _ in arena.give(address, byteCount) }
    }
}
