import Glibc
import Synchronization

/// What a worker process has done so far, in memory that the watching process sees too.
///
/// `@unchecked Sendable`: the mapped words are only touched by atomic loads and stores.
public final class FuzzProgress: @unchecked Sendable {
    /// The case at hand, then how many were finished and how many of these were taken.
    private let words: UnsafeMutablePointer<Atomic<Int>>
    private let mapping: UnsafeMutableRawPointer
    private static let wordCount = 3
    private static let byteCount = 4096

    /// - Parameter path: a file that both processes map.
    public init(path: String) throws {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0, ftruncate(descriptor, off_t(Self.byteCount)) == 0 else {
            throw FuzzFailure("\(path): \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        guard let mapped = mmap(nil, Self.byteCount, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0),
            mapped != MAP_FAILED
        else { throw FuzzFailure("\(path): \(String(cString: strerror(errno)))") }
        mapping = mapped
        words = mapped.assumingMemoryBound(to: Atomic<Int>.self)
    }

    deinit { munmap(mapping, Self.byteCount) }

    public var current: Int { words[0].load(ordering: .relaxed) }
    public var finished: Int { words[1].load(ordering: .relaxed) }
    public var taken: Int { words[2].load(ordering: .relaxed) }

    public func begin(_ number: Int) { words[0].store(number, ordering: .relaxed) }

    public func end(isTaken: Bool) {
        words[1].add(1, ordering: .relaxed)
        if isTaken { words[2].add(1, ordering: .relaxed) }
    }
}
