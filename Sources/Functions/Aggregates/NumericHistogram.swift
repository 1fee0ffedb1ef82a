import Columnar
import SQLTypes

/// numeric_histogram(buckets, value [, weight]): points with weights; the two nearest become one until there are few
/// enough (Ben-Haim and Tom-Tov, "A streaming parallel decision tree algorithm").
final class NumericHistogramCollector: GroupCollector {
    private struct Point {
        var value: Double
        var weight: Double
    }

    private let isReal: Bool
    private var buckets = 0
    private var points: [Point] = []

    /// Points beyond the buckets that wait to be merged.
    private static let room = 100

    init(isReal: Bool) { self.isReal = isReal }

    func add(_ arguments: [Vector], _ views: [VectorView], _ row: Int) throws {
        if buckets == 0 {
            let wanted = views[0].load(row, as: Int64.self)
            guard wanted >= 2 else {
                throw QueryError(
                    .invalidFunctionArgument,
                    "numeric_histogram bucket count must be greater than one, input bucket count: \(wanted)")
            }
            guard wanted <= 1 << 20 else {
                throw QueryError(.invalidFunctionArgument, "numeric_histogram bucket count is too large: \(wanted)")
            }
            buckets = Int(wanted)
        }
        guard views[1].isValid(row) else { return }
        var weight = 1.0
        if views.count > 2 {
            guard views[2].isValid(row) else { return }
            weight = views[2].load(row, as: Double.self)
        }
        append(
            Point(
                value: isReal ? Double(views[1].load(row, as: Float.self)) : views[1].load(row, as: Double.self),
                weight: weight))
    }

    private func append(_ point: Point) {
        points.append(point)
        if points.count > buckets + Self.room { compact() }
    }

    /// Sorts, joins equal values, and merges neighbours until as many are left as there are buckets.
    private func compact() {
        points.sort { $0.value < $1.value }
        var joined: [Point] = []
        for point in points {
            if let last = joined.last, last.value == point.value {
                joined[joined.count - 1].weight += point.weight
            } else {
                joined.append(point)
            }
        }
        while joined.count > buckets {
            var best = 0
            var least = Double.infinity
            for index in 0..<joined.count - 1 {
                let penalty = Self.penalty(joined[index], joined[index + 1])
                if penalty < least { (best, least) = (index, penalty) }
            }
            let (left, right) = (joined[best], joined[best + 1])
            let weight = left.weight + right.weight
            joined[best] = Point(
                value: (left.value * left.weight + right.value * right.weight) / weight, weight: weight)
            joined.remove(at: best + 1)
        }
        points = joined
    }

    /// How much the variance grows when two points become one.
    private static func penalty(_ left: Point, _ right: Point) -> Double {
        let difference = left.value - right.value
        return left.weight * right.weight / (left.weight + right.weight) * difference * difference
    }

    func merge(_ other: NumericHistogramCollector) {
        if buckets == 0 { buckets = other.buckets }
        for point in other.points { append(point) }
    }

    var byteCount: Int { points.count * 16 }

    static func maps(_ groups: [NumericHistogramCollector?], _ type: DataType) -> Vector {
        let values = groups.map { group -> Value in
            guard let group, !group.points.isEmpty else { return .null }
            group.compact()
            func number(_ value: Double) -> Value { group.isReal ? .real(Float(value)) : .double(value) }
            return .map(keys: group.points.map { number($0.value) }, values: group.points.map { number($0.weight) })
        }
        return Vector.fromValues(values, type)
    }
}
