import Columnar
import Glibc
import SQLTypes

/// Unpacks a stream on a thread of its own, a few blocks ahead of its reader, so that one large compressed file keeps
/// two cores busy: one unpacks, the other parses.
public final class ReadAheadStream: ByteStream {
    private static let blockByteCount = 256 << 10
    private static let blockCount = 4

    private let shared: Shared
    private let thread: pthread_t?
    private var block: Shared.Block?
    private var taken = 0
    private var isOver = false
    private var bytesCounted = 0

    /// What both threads use: a ring of blocks under a lock.
    ///
    /// `@unchecked Sendable`: the inner stream belongs to the unpacking thread alone, all else is guarded by `lock`.
    private final class Shared: @unchecked Sendable {
        struct Block {
            var buffer: Buffer
            var count: Int
            /// Bytes of the file read when the block was made.
            var bytesRead: Int
        }

        let stream: any ByteStream
        private let lock: UnsafeMutablePointer<pthread_mutex_t>
        private let changed: UnsafeMutablePointer<pthread_cond_t>
        private var ready: [Block] = []
        private var free: [Buffer] = []
        private var made = 0
        private var isDone = false
        private var isStopped = false
        private var failure: (any Error)?

        init(_ stream: any ByteStream) {
            self.stream = stream
            lock = .allocate(capacity: 1)
            changed = .allocate(capacity: 1)
            pthread_mutex_init(lock, nil)
            pthread_cond_init(changed, nil)
        }

        deinit {
            pthread_mutex_destroy(lock)
            pthread_cond_destroy(changed)
            lock.deallocate()
            changed.deallocate()
        }

        private func locked<Result>(_ body: () throws -> Result) rethrows -> Result {
            pthread_mutex_lock(lock)
            defer { pthread_mutex_unlock(lock) }
            return try body()
        }

        /// The unpacking thread: fills free blocks until the stream ends or nobody reads any more.
        func run() {
            while true {
                let buffer: Buffer? = locked {
                    while free.isEmpty, made >= ReadAheadStream.blockCount, !isStopped {
                        pthread_cond_wait(changed, lock)
                    }
                    if isStopped { return nil }
                    if let buffer = free.popLast() { return buffer }
                    made += 1
                    return Buffer(byteCount: ReadAheadStream.blockByteCount)
                }
                guard let buffer else { return }
                do {
                    let count = try stream.read(
                        into: UnsafeMutableRawBufferPointer(start: buffer.pointer, count: buffer.byteCount))
                    locked {
                        ready.append(Block(buffer: buffer, count: count, bytesRead: stream.bytesRead))
                        isDone = count < buffer.byteCount
                        pthread_cond_broadcast(changed)
                    }
                    if count < buffer.byteCount { return }
                } catch {
                    locked {
                        failure = error
                        isDone = true
                        pthread_cond_broadcast(changed)
                    }
                    return
                }
            }
        }

        /// The next block in order; nil at the end. The block that was read before goes back.
        func take(_ used: Block?) throws -> Block? {
            try locked {
                if let used {
                    free.append(used.buffer)
                    pthread_cond_broadcast(changed)
                }
                while ready.isEmpty, !isDone { pthread_cond_wait(changed, lock) }
                if !ready.isEmpty { return ready.removeFirst() }
                if let failure { throw failure }
                return nil
            }
        }

        func stop() {
            locked {
                isStopped = true
                pthread_cond_broadcast(changed)
            }
        }
    }

    public init(_ stream: any ByteStream) {
        shared = Shared(stream)
        var thread = pthread_t()
        let started = pthread_create(
            &thread, nil,
            { argument in
                if let argument { Unmanaged<Shared>.fromOpaque(argument).takeRetainedValue().run() }
                return nil
            }, Unmanaged.passRetained(shared).toOpaque())
        if started == 0 {
            self.thread = thread
        } else {
            // Without a thread the reader unpacks itself.
            Unmanaged.passUnretained(shared).release()
            self.thread = nil
        }
    }

    deinit {
        shared.stop()
        if let thread { pthread_join(thread, nil) }
    }

    public var bytesRead: Int { thread == nil ? shared.stream.bytesRead : bytesCounted }

    public func read(into target: UnsafeMutableRawBufferPointer) throws -> Int {
        guard let start = target.baseAddress else { return 0 }
        if thread == nil { return try shared.stream.read(into: target) }
        var done = 0
        while done < target.count {
            if let block, taken < block.count {
                let count = min(target.count - done, block.count - taken)
                memcpy(start + done, block.buffer.pointer + taken, count)
                taken += count
                done += count
                continue
            }
            if isOver { break }
            let used = block
            block = nil
            block = try shared.take(used)
            taken = 0
            if let block { bytesCounted = block.bytesRead } else { isOver = true }
        }
        return done
    }
}

extension FileCodec {
    /// Compressed files from this size on are unpacked ahead of the reader.
    private static let readAheadByteCount = 2 << 20

    /// The unpacked bytes of a file for one pass over it by a scan.
    public func scanStream(_ source: any ByteSource, _ options: ScanOptions) throws -> any ByteStream {
        let stream = try stream(source)
        guard options.unpacksAhead, self != .plain, source.entry.byteCount >= Self.readAheadByteCount else { return stream }
        return ReadAheadStream(stream)
    }
}
