import Columnar
import Glibc
import SQLTypes

/// A sketch of numbers for quantiles: all values while there are few, a t-digest (merging form, scale k1) beyond.
///
/// ```
/// bytes: least, greatest, total as doubles; 1 while exact, else 0; then mean and weight of each centroid
/// ```
struct TDigest {
    private struct Centroid {
        var mean: Double
        var weight: Double
    }

    private var centroids: [Centroid] = []
    /// Those behind this many are not merged into the sorted ones before them yet.
    private var sortedCount = 0
    private var isExact = true
    private(set) var total = 0.0
    private var least = Double.infinity
    private var greatest = -Double.infinity

    private static let exactLimit = 32_768
    private static let bufferLimit = 8192
    private static let compression = 400.0

    var byteCount: Int { centroids.count * 16 }

    mutating func add(_ value: Double, weight: Double) {
        append(Centroid(mean: value, weight: weight))
    }

    private mutating func append(_ centroid: Centroid) {
        centroids.append(centroid)
        total += centroid.weight
        least = min(least, centroid.mean)
        greatest = max(greatest, centroid.mean)
        if isExact ? centroids.count > Self.exactLimit : centroids.count - sortedCount > Self.bufferLimit {
            isExact = false
            compress()
        }
    }

    private mutating func compress() {
        centroids.sort { $0.mean < $1.mean }
        guard var current = centroids.first else { return }
        var made: [Centroid] = []
        var done = 0.0
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

    mutating func merge(_ other: TDigest) {
        if !other.isExact { isExact = false }
        for centroid in other.centroids { append(centroid) }
        least = min(least, other.least)
        greatest = max(greatest, other.greatest)
    }

    /// The values at ranks from 0 to 1. A centroid of one value stands for itself around its rank; between larger ones
    /// values lie on a line (the rule of Dunning's MergingDigest, which Trino shares).
    mutating func values(at quantiles: [Double]) -> [Double] {
        centroids.sort { $0.mean < $1.mean }
        sortedCount = centroids.count
        return quantiles.map(value)
    }

    private func value(at quantile: Double) -> Double {
        guard let first = centroids.first, let last = centroids.last else { return .nan }
        let rank = quantile * total
        if rank < 1 { return least }
        if first.weight > 1, rank < first.weight / 2 {
            return least + (rank - 1) / (first.weight / 2 - 1) * (first.mean - least)
        }
        if rank > total - 1 { return greatest }
        if last.weight > 1, total - rank <= last.weight / 2 {
            return greatest - (total - rank - 1) / (last.weight / 2 - 1) * (greatest - last.mean)
        }
        var done = first.weight / 2
        for (left, right) in zip(centroids, centroids.dropFirst()) {
            let step = (left.weight + right.weight) / 2
            guard done + step > rank else {
                done += step
                continue
            }
            let fromLeft = rank - done
            let toRight = done + step - rank
            if left.weight == 1, fromLeft < 0.5 { return left.mean }
            if right.weight == 1, toRight <= 0.5 { return right.mean }
            let leftShare = toRight - (right.weight == 1 ? 0.5 : 0)
            let rightShare = fromLeft - (left.weight == 1 ? 0.5 : 0)
            let value = (left.mean * leftShare + right.mean * rightShare) / (leftShare + rightShare)
            return min(max(value, left.mean), right.mean)
        }
        return greatest
    }

    // MARK: As bytes

    func bytes() -> [UInt8] {
        var digest = self
        if !isExact { digest.compress() }
        var numbers = [least, greatest, total, isExact ? 1 : 0]
        for centroid in digest.centroids { numbers += [centroid.mean, centroid.weight] }
        return numbers.flatMap { number in withUnsafeBytes(of: number.bitPattern.littleEndian) { Array($0) } }
    }

    init() {}

    /// Nil for bytes that are no digest.
    init?(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard bytes.count >= 32, bytes.count % 16 == 0 else { return nil }
        func number(_ index: Int) -> Double {
            Double(
                bitPattern: UInt64(
                    littleEndian: UnsafeRawBufferPointer(bytes).loadUnaligned(
                        fromByteOffset: index * 8, as: UInt64.self)))
        }
        least = number(0)
        greatest = number(1)
        total = number(2)
        isExact = number(3) == 1
        for index in stride(from: 4, to: bytes.count / 8, by: 2) {
            let centroid = Centroid(mean: number(index), weight: number(index + 1))
            guard centroid.weight > 0, centroid.weight.isFinite else { return nil }
            centroids.append(centroid)
        }
        guard !centroids.isEmpty, total > 0, total.isFinite else { return nil }
        sortedCount = centroids.count
    }

    /// The digest of a lane.
    static func read(_ view: VectorView, _ row: Int) throws -> TDigest {
        guard let digest = view.withText(row, { TDigest($0) }) else {
            throw QueryError(.invalidFunctionArgument, "The bytes are no digest of this engine")
        }
        return digest
    }
}

/// The numbers that quantile functions take and give.
enum QuantileNumber: Sendable {
    case bigint, real, double

    init(_ type: DataType) {
        switch type {
        case .bigint: self = .bigint
        case .real: self = .real
        default: self = .double
        }
    }

    @inline(__always)
    func load(_ view: VectorView, _ row: Int) -> Double {
        switch self {
        case .bigint: Double(view.load(row, as: Int64.self))
        case .real: Double(view.load(row, as: Float.self))
        case .double: view.load(row, as: Double.self)
        }
    }

    func value(_ number: Double) -> Value {
        switch self {
        case .bigint: .int(Int64(exactly: number.rounded()) ?? (number < 0 ? Int64.min : Int64.max))
        case .real: .real(Float(number))
        case .double: .double(number)
        }
    }
}
