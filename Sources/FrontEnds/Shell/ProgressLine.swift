import Columnar
import Engine
import Glibc
import Synchronization

/// A line on standard error that shows how far a long query is; gone when the first rows come.
final class ProgressLine: Sendable {
    private let isStopped = Atomic<Bool>(false)
    private let isShown = Mutex<Bool>(false)
    private let progress: QueryProgress

    /// Nothing is shown for queries that end sooner.
    private static let delay: UInt32 = 500_000

    init(_ progress: QueryProgress) {
        self.progress = progress
        var thread = pthread_t()
        pthread_create(
            &thread, nil,
            { pointer in
                guard let pointer else { return nil }
                Unmanaged<ProgressLine>.fromOpaque(pointer).takeRetainedValue().show()
                return nil
            }, Unmanaged.passRetained(self).toOpaque())
        pthread_detach(thread)
    }

    func stop() {
        isStopped.store(true, ordering: .sequentiallyConsistent)
        isShown.withLock { isShown in
            if isShown { Self.print("\r\u{1b}[K") }
            isShown = false
        }
    }

    private func show() {
        usleep(Self.delay)
        while !isStopped.load(ordering: .sequentiallyConsistent) {
            if let now = progress.snapshot {
                isShown.withLock { isShown in
                    guard !isStopped.load(ordering: .sequentiallyConsistent) else { return }
                    isShown = true
                    Self.print(
                        "\r\u{1b}[K\(now.splitsDone)/\(now.splitsTotal) splits, \(now.rowsRead) rows, "
                            + "\(ByteText.text(now.bytesScanned)), \(now.elapsedMilliseconds / 1000) s")
                }
            }
            usleep(200_000)
        }
    }

    private static func print(_ text: String) {
        var text = text
        text.withUTF8 { _ = Glibc.write(2, $0.baseAddress, $0.count) }
    }
}

/// Takes the progress line away before the first rows are printed.
final class PausingSink: StatementSink {
    private let inner: any StatementSink
    private let progress: ProgressLine?

    init(_ inner: any StatementSink, _ progress: ProgressLine?) {
        self.inner = inner
        self.progress = progress
    }

    func begin(_ columns: [ResultColumn]) throws { try inner.begin(columns) }

    func write(_ batch: Batch) throws {
        progress?.stop()
        try inner.write(batch)
    }
}
