import Glibc
import Synchronization

/// Memory for vectors, hash tables and pages: huge-page backed blocks, cut into size classes.
///
/// First-touch page faults cost more than most kernels (2.5 microseconds per 4 KiB), so freed memory is kept and
/// handed out again. Requests under 4 KiB go to malloc; up to 1 MiB to power-of-two slabs in 2 MiB blocks; above to
/// whole runs of 2 MiB blocks. Each thread keeps a small cache per size class.
public enum BufferPool {
    // With the address sanitizer (-DSANITIZED) every buffer is malloc's, so that each overrun is seen.
    #if SANITIZED
    static let givesAllToMalloc = true
    #else
    static let givesAllToMalloc = false
    #endif

    static let blockByteCount = 2 << 20
    static let smallestSlab = 4096
    static let classCount = 9  // 4 KiB ... 1 MiB
    /// Slabs a thread keeps of each class before it gives half back.
    static let threadCacheLimit = 32
    /// Idle bytes kept in large runs before they go back to the system.
    static let idleLargeLimit = 1 << 30

    /// At least `byteCount` bytes, aligned to 64, not cleared. Give it back with `deallocate` and the same count.
    public static func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer {
        if byteCount < smallestSlab || givesAllToMalloc {
            var pointer: UnsafeMutableRawPointer?
            posix_memalign(&pointer, 64, Swift.max(byteCount, 64))
            guard let pointer else { outOfMemory() }
            return pointer
        }
        if byteCount <= smallestSlab << (classCount - 1) {
            return ThreadCache.current.takeSlab(slabClass(byteCount))
        }
        return Shared.takeRun(roundedToBlocks(byteCount))
    }

    public static func deallocate(_ pointer: UnsafeMutableRawPointer, _ byteCount: Int) {
        if byteCount < smallestSlab || givesAllToMalloc {
            free(pointer)
        } else if byteCount <= smallestSlab << (classCount - 1) {
            ThreadCache.current.giveSlab(pointer, slabClass(byteCount))
        } else {
            Shared.giveRun(pointer, roundedToBlocks(byteCount))
        }
    }

    /// The smallest class whose slabs hold `byteCount` bytes.
    static func slabClass(_ byteCount: Int) -> Int {
        let units = (byteCount &- 1) >> 12
        return units == 0 ? 0 : Int.bitWidth &- units.leadingZeroBitCount
    }

    static func roundedToBlocks(_ byteCount: Int) -> Int {
        (byteCount &+ (blockByteCount &- 1)) & ~(blockByteCount &- 1)
    }

    static func outOfMemory() -> Never {
        let message: StaticString = "athena-lite: the system has no memory left\n"
        write(2, message.utf8Start, message.utf8CodeUnitCount)
        exit(1)
    }

    /// A linked list of free slabs; the link lies in the slab itself.
    struct FreeList {
        var head: UnsafeMutableRawPointer?
        var count = 0

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

    /// The free slabs of one thread.
    final class ThreadCache {
        private let lists: UnsafeMutablePointer<FreeList>

        private init() {
            lists = .allocate(capacity: classCount)
            lists.initialize(repeating: FreeList(), count: classCount)
        }

        deinit {
            for index in 0..<classCount { Shared.giveSlabs(&lists[index], keep: 0, class: index) }
            lists.deallocate()
        }

        func takeSlab(_ index: Int) -> UnsafeMutableRawPointer {
            if let slab = lists[index].pop() { return slab }
            Shared.takeSlabs(into: &lists[index], class: index)
            guard let slab = lists[index].pop() else { outOfMemory() }
            return slab
        }

        func giveSlab(_ slab: UnsafeMutableRawPointer, _ index: Int) {
            lists[index].push(slab)
            if lists[index].count > threadCacheLimit {
                Shared.giveSlabs(&lists[index], keep: threadCacheLimit / 2, class: index)
            }
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

    /// What all threads share: free slabs by class, free runs by size.
    struct State {
        var slabs = [FreeList](repeating: FreeList(), count: classCount)
        var runs: [Int: [UInt]] = [:]
        var idleRunBytes = 0
    }

    enum Shared {
        // Pointers in the state are free memory that nobody else refers to.
        nonisolated(unsafe) private static var state = State()
        private static let lock = Mutex<Void>(())

        static func takeSlabs(into list: inout FreeList, class index: Int) {
            lock.withLock { _ in
                let wanted = Swift.max(1, Swift.min(8, (256 << 10) / (smallestSlab << index)))
                if state.slabs[index].head == nil {
                    let slabByteCount = smallestSlab << index
                    let block = map(blockByteCount)
                    var offset = 0
                    while offset < blockByteCount {
                        state.slabs[index].push(block + offset)
                        offset &+= slabByteCount
                    }
                }
                for _ in 0..<wanted {
                    guard let slab = state.slabs[index].pop() else { break }
                    list.push(slab)
                }
            }
        }

        static func giveSlabs(_ list: inout FreeList, keep: Int, class index: Int) {
            lock.withLock { _ in
                while list.count > keep, let slab = list.pop() { state.slabs[index].push(slab) }
            }
        }

        static func takeRun(_ byteCount: Int) -> UnsafeMutableRawPointer {
            let kept: UInt? = lock.withLock { _ in
                guard let address = state.runs[byteCount]?.popLast() else { return nil }
                state.idleRunBytes &-= byteCount
                return address
            }
            if let kept, let pointer = UnsafeMutableRawPointer(bitPattern: kept) { return pointer }
            return map(byteCount)
        }

        static func giveRun(_ pointer: UnsafeMutableRawPointer, _ byteCount: Int) {
            let isKept: Bool = lock.withLock { _ in
                guard state.idleRunBytes &+ byteCount <= idleLargeLimit else { return false }
                state.runs[byteCount, default: []].append(UInt(bitPattern: pointer))
                state.idleRunBytes &+= byteCount
                return true
            }
            if !isKept { munmap(pointer, byteCount) }
        }

        /// Fresh memory aligned to 2 MiB, with huge pages asked for.
        static func map(_ byteCount: Int) -> UnsafeMutableRawPointer {
            let padded = byteCount &+ blockByteCount
            guard
                let start = mmap(
                    nil, padded, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0),
                start != MAP_FAILED
            else { outOfMemory() }
            let address = UInt(bitPattern: start)
            let aligned = (address &+ UInt(blockByteCount &- 1)) & ~UInt(blockByteCount &- 1)
            let head = Int(aligned &- address)
            if head > 0 { munmap(start, head) }
            let tail = padded &- head &- byteCount
            let result = start + head
            if tail > 0 { munmap(result + byteCount, tail) }
            madvise(result, byteCount, MADV_HUGEPAGE)
            return result
        }
    }
}

private let MADV_HUGEPAGE: Int32 = 14

/// One owned run of bytes from the pool, returned when the last reference goes.
///
/// `@unchecked Sendable`: a buffer is written by one thread until it is shared, then only read.
public final class Buffer: @unchecked Sendable {
    public let pointer: UnsafeMutableRawPointer
    /// Usable bytes, as asked for. 64 more may be read (not written) past the end by vector loads.
    public let byteCount: Int
    private let allocated: Int
    /// Readers with wide loads may run this far past the end.
    public static let padding = 64

    public init(byteCount: Int) {
        self.byteCount = byteCount
        allocated = byteCount &+ Self.padding
        pointer = BufferPool.allocate(allocated)
    }

    deinit { BufferPool.deallocate(pointer, allocated) }
}
