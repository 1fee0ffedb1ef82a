import Columnar
import SQLTypes
import Synchronization

/// The build side's rows after all probing: those that have (not) found a probe row, or all of them with a mark.
final class BuildRowsSource: SourceOperator {
    let name = "JoinBuildRows"
    private let build: JoinBuild
    private let work = Mutex<MorselQueue>(MorselQueue(count: 0))

    init(_ build: JoinBuild) { self.build = build }

    /// Rows that a worker takes at a time.
    private static let morselRowCount = 64 << 10

    func prepare(_ context: ExecutionContext) throws -> Int {
        let count = (build.rowCount + Self.morselRowCount - 1) / Self.morselRowCount
        work.withLock { $0 = MorselQueue(count: count) }
        return max(count, 1)
    }

    func makeLocal(_ worker: WorkerContext) throws -> any LocalSource {
        Local(build, work.withLock { $0 }, min(worker.context.settings.batchRowCount, ConstantLanes.limit))
    }

    private final class Local: LocalSource {
        let build: JoinBuild
        let queue: MorselQueue
        let batchRowCount: Int
        var morsel = 0
        var row = 0
        var end = 0

        init(_ build: JoinBuild, _ queue: MorselQueue, _ batchRowCount: Int) {
            self.build = build
            self.queue = queue
            self.batchRowCount = batchRowCount
        }

        func next() throws -> Batch? {
            while true {
                if row >= end {
                    guard let number = queue.pull() else { return nil }
                    morsel = number
                    row = number * BuildRowsSource.morselRowCount
                    end = min(row + BuildRowsSource.morselRowCount, build.rowCount)
                }
                if let batch = take() { return batch }
            }
        }

        /// The next rows of the morsel that are wanted, up to a batch.
        private func take() -> Batch? {
            guard let matched = build.matched else {
                row = end
                return nil
            }
            let bytes = matched.pointer.assumingMemoryBound(to: UInt8.self)
            let specification = build.specification
            let buffer = Buffer(byteCount: batchRowCount * 4 + 4)
            let rows = buffer.pointer.assumingMemoryBound(to: UInt32.self)
            var made = 0
            switch specification.buildOutput {
            case .nothing: row = end
            case .mark:
                while row < end, made < batchRowCount {
                    rows[made] = UInt32(truncatingIfNeeded: row)
                    made &+= 1
                    row &+= 1
                }
            case .unmatched, .notMatching, .matching:
                var wanted: UInt8 = 0
                if case .matching = specification.buildOutput { wanted = 1 }
                while row < end, made < batchRowCount {
                    rows[made] = UInt32(truncatingIfNeeded: row)
                    made &+= Int(unsafeBitCast(bytes[row] == wanted, to: UInt8.self))
                    row &+= 1
                }
            }
            if made == 0 { return nil }
            var columns = specification.outputProbeColumns.map {
                Vector.constant(.null, specification.probeTypes[$0], count: made)
            }
            for position in specification.outputBuildColumns {
                guard let column = build.columns[position] else { continue }
                columns.append(JoinColumns.pick(column, rows, count: made, owner: buffer))
            }
            if case .mark = specification.buildOutput {
                let builder = FlatBuilder(.boolean, capacity: made)
                let values = builder.pointer(as: UInt8.self)
                for index in 0..<made { values[index] = bytes[Int(rows[index])] }
                columns.append(builder.finish(count: made))
            }
            return Batch(columns: columns, rowCount: made)
        }
    }
}
