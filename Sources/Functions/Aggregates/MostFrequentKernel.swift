import Columnar
import SQLTypes

/// approx_most_frequent(buckets, value, capacity): counts are exact here.
final class MostFrequentCollector: GroupCollector {
    let counts = MapCollector(.counts)
    var buckets = 0

    func add(_ arguments: [Vector], _ views: [VectorView], _ row: Int) throws {
        if buckets == 0 {
            let wanted = views[0].load(row, as: Int64.self)
            guard wanted >= 2 else {
                throw QueryError(
                    .invalidFunctionArgument,
                    "approx_most_frequent bucket count must be greater than one, input bucket count: \(wanted)")
            }
            buckets = Int(clamping: wanted)
        }
        guard views[1].isValid(row) else { return }
        counts.add([arguments[1]], [views[1]], row)
    }

    func merge(_ other: MostFrequentCollector) {
        buckets = max(buckets, other.buckets)
        counts.merge(other.counts)
    }

    var byteCount: Int { counts.byteCount }
}

func makeMostFrequentKernel(_ signature: ResolvedSignature) -> any AggregateKernel {
    ObjectKernel {
        MostFrequentCollector()
    } finish: { groups in
        let buckets = groups.compactMap { $0?.buckets }.max() ?? 1
        return MapCollector.mostFrequent(groups.map { $0?.counts }, signature.result, buckets: buckets)
    }
}
