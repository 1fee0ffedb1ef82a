import Columnar
import Glibc
import SQLTypes

/// approx_percentile: all values while there are few, a t-digest (merging form, scale k1) beyond.
final class PercentileCollector: GroupCollector {
    enum Number: Sendable { case bigint, real, double }

    private struct Centroid {
        var mean: Double
        var weight: Double
    }

    private let number: Number
    private let hasWeight: Bool
    private var centroids: [Centroid] = []
    /// Those behind this many are not merged into the sorted ones before them yet.
    private var sortedCount = 0
    private var isExact = true
    private var total = 0.0
    private var least = Double.infinity
    private var greatest = -Double.infinity
    /// Percentiles asked for; those of the first row count.
    private var percentiles: [Double] = []

    private static let exactLimit = 32_768
    private static let bufferLimit = 8192
    private static let compression = 400.0

    init(_ number: Number, hasWeight: Bool) {
        self.number = number
        self.hasWeight = hasWeight
    }

    func add(_ arguments: [Vector], _ views: [VectorView], _ row: Int) throws {
        if percentiles.isEmpty { try readPercentiles(arguments[hasWeight ? 2 : 1], row) }
        var weight = 1.0
        if hasWeight {
            guard views[1].isValid(row) else { return }
            weight = views[1].load(row, as: Double.self)
            guard weight >= 1 else {
                throw QueryError(.invalidFunctionArgument, "percentile weight must be > 0")
            }
        }
        let value: Double
        switch number {
        case .bigint: value = Double(views[0].load(row, as: Int64.self))
        case .real: value = Double(views[0].load(row, as: Float.self))
        case .double: value = views[0].load(row, as: Double.self)
        }
        append(Centroid(mean: value, weight: weight))
    }

    private func readPercentiles(_ vector: Vector, _ row: Int) throws {
        var wanted: [Double] = []
        switch vector.value(at: row) {
        case .double(let value): wanted = [value]
        case .array(let values):
            for value in values {
                guard case .double(let number) = value else {
                    throw QueryError(.invalidFunctionArgument, "Percentile cannot be null")
                }
                wanted.append(number)
            }
        default: throw QueryError(.invalidFunctionArgument, "Percentile cannot be null")
        }
        for value in wanted where !(0...1).contains(value) {
            throw QueryError(.invalidFunctionArgument, "Percentile must be between 0 and 1")
        }
        percentiles = wanted
    }

    private func append(_ centroid: Centroid) {
        centroids.append(centroid)
        total += centroid.weight
        least = min(least, centroid.mean)
        greatest = max(greatest, centroid.mean)
        if isExact ? centroids.count > Self.exactLimit : centroids.count - sortedCount > Self.bufferLimit {
            isExact = false
            compress()
        }
    }

    private func compress() {
        centroids.sort { $0.mean < $1.mean }
        var made: [Centroid] = []
        var done = 0.0
        var current = centroids[0]
        var limit = Self.limit(after: 0, total)
        for next in centroids.dropFirst() {
            if done + current.weight + next.weight <= limit {
                let weight = current.weight + next.weight
                current.mean += (next.mean - current.mean) * next.weight / weight
                current.weight = weight
            } else {
                made.append(current)
                done += current.weight
                limit = Self.limit(after: done, total)
                current = next
            }
        }
        made.append(current)
        centroids = made
        sortedCount = made.count
    }

    /// The rank at which a centroid that begins at rank `done` must end.
    private static func limit(after done: Double, _ total: Double) -> Double {
        let k = compression / (2 * .pi) * asin(2 * done / total - 1) + 1
        let angle = min(k * 2 * .pi / compression, .pi / 2)
        return total * (sin(angle) + 1) / 2
    }

    func merge(_ other: PercentileCollector) {
        if percentiles.isEmpty { percentiles = other.percentiles }
        if !other.isExact { isExact = false }
        for centroid in other.centroids { append(centroid) }
        least = min(least, other.least)
        greatest = max(greatest, other.greatest)
    }

    var byteCount: Int { centroids.count * 16 }

    private func values() -> [Double] {
        centroids.sort { $0.mean < $1.mean }
        return percentiles.map { percentile in
            let rank = percentile * total
            var done = 0.0
            for (index, centroid) in centroids.enumerated() {
                if done + centroid.weight >= rank || index == centroids.count - 1 {
                    if isExact || centroid.weight <= 1 { return centroid.mean }
                    // Between the neighbours' middles.
                    let left = index > 0 ? centroids[index - 1].mean : least
                    let right = index + 1 < centroids.count ? centroids[index + 1].mean : greatest
                    let share = (rank - done) / centroid.weight
                    let from = (left + centroid.mean) / 2
                    let to = (centroid.mean + right) / 2
                    return min(max(from + (to - from) * share, least), greatest)
                }
                done += centroid.weight
            }
            return 0
        }
    }

    static func results(_ groups: [PercentileCollector?], _ type: DataType, _ number: Number) -> Vector {
        func value(_ double: Double) -> Value {
            switch number {
            case .bigint: .int(Int64(exactly: double.rounded()) ?? (double < 0 ? Int64.min : Int64.max))
            case .real: .real(Float(double))
            case .double: .double(double)
            }
        }
        let results = groups.map { group -> Value in
            guard let group, group.total > 0 else { return .null }
            let found = group.values()
            if case .array = type { return .array(found.map(value)) }
            return value(found[0])
        }
        return Vector.fromValues(results, type)
    }
}
