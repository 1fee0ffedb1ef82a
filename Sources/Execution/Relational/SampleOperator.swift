import Columnar
import SQLTypes
import Synchronization

/// TABLESAMPLE: keeps each row with a fixed probability.
final class SampleOperator: TransformOperator {
    let name = "Sample"
    private let fraction: Double
    private let nextSeed: Atomic<UInt64>

    /// - Parameter seed: differs from query to query.
    init(fraction: Double, seed: UInt64) {
        self.fraction = fraction
        nextSeed = Atomic(seed)
    }

    func makeLocal(_ worker: WorkerContext, downstream: any LocalConsumer) throws -> any LocalConsumer {
        let seed = nextSeed.wrappingAdd(0x9e37_79b9_7f4a_7c15, ordering: .relaxed).newValue
        return Local(fraction: fraction, state: seed, downstream)
    }

    private final class Local: LocalConsumer {
        let fraction: Double
        var state: UInt64
        let downstream: any LocalConsumer

        init(fraction: Double, state: UInt64, _ downstream: any LocalConsumer) {
            self.fraction = fraction
            self.state = state
            self.downstream = downstream
        }

        func push(_ batch: Batch) throws -> PushResult {
            if fraction >= 1 { return try downstream.push(batch) }
            let buffer = Buffer(byteCount: batch.selectedCount * 4)
            let kept = buffer.pointer.assumingMemoryBound(to: UInt32.self)
            var count = 0
            var state = self.state
            // Thresholds on 53 random bits.
            let threshold = fraction * 0x1p53
            batch.rows.forEach { row in
                state = state &+ 0x9e37_79b9_7f4a_7c15
                var mixed = (state ^ (state &>> 30)) &* 0xbf58_476d_1ce4_e5b9
                mixed = (mixed ^ (mixed &>> 27)) &* 0x94d0_49bb_1331_11eb
                mixed ^= mixed &>> 31
                kept[count] = UInt32(truncatingIfNeeded: row)
                count &+= Double(mixed &>> 11) < threshold ? 1 : 0
            }
            self.state = state
            if count == 0 { return .needsMore }
            return try downstream.push(
                Batch(columns: batch.columns, rowCount: batch.rowCount, selection: Selection(buffer, count: count)))
        }
    }
}
