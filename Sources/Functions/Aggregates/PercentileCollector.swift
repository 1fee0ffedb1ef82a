import Columnar
import SQLTypes

/// approx_percentile: a digest of the values, and the percentiles that are asked for.
final class PercentileCollector: GroupCollector {
    private let number: QuantileNumber
    private let hasWeight: Bool
    private var digest = TDigest()
    /// Those of the first row count.
    private var percentiles: [Double] = []

    init(_ number: QuantileNumber, hasWeight: Bool) {
        self.number = number
        self.hasWeight = hasWeight
    }

    func add(_ arguments: [Vector], _ views: [VectorView], _ row: Int) throws {
        if percentiles.isEmpty {
            percentiles = try Self.percentiles(arguments[hasWeight ? 2 : 1].value(at: row))
        }
        var weight = 1.0
        if hasWeight {
            guard views[1].isValid(row) else { return }
            weight = views[1].load(row, as: Double.self)
            guard weight > 0 else { throw QueryError(.invalidFunctionArgument, "percentile weight must be > 0") }
        }
        digest.add(number.load(views[0], row), weight: weight)
    }

    static func percentiles(_ value: Value) throws -> [Double] {
        var wanted: [Double] = []
        switch value {
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
        return wanted
    }

    func merge(_ other: PercentileCollector) {
        if percentiles.isEmpty { percentiles = other.percentiles }
        digest.merge(other.digest)
    }

    var byteCount: Int { digest.byteCount }

    static func results(_ groups: [PercentileCollector?], _ type: DataType, _ number: QuantileNumber) -> Vector {
        let results = groups.map { group -> Value in
            guard let group, group.digest.total > 0 else { return .null }
            let found = group.digest.values(at: group.percentiles).map(number.value)
            if case .array = type { return .array(found) }
            return found.first ?? .null
        }
        return Vector.fromValues(results, type)
    }
}

/// tdigest_agg, qdigest_agg, and merge of either: the digest itself comes out.
final class DigestCollector: GroupCollector {
    enum Input: Sendable {
        case values(QuantileNumber, hasWeight: Bool)
        case digests
    }

    private let input: Input
    private var digest = TDigest()

    init(_ input: Input) { self.input = input }

    func add(_ arguments: [Vector], _ views: [VectorView], _ row: Int) throws {
        switch input {
        case .digests: digest.merge(try TDigest.read(views[0], row))
        case .values(let number, let hasWeight):
            var weight = 1.0
            if hasWeight {
                guard views[1].isValid(row) else { return }
                weight =
                    arguments[1].physical == .int64
                    ? Double(views[1].load(row, as: Int64.self)) : views[1].load(row, as: Double.self)
                guard weight > 0 else { throw QueryError(.invalidFunctionArgument, "weight must be > 0") }
            }
            digest.add(number.load(views[0], row), weight: weight)
        }
    }

    func merge(_ other: DigestCollector) { digest.merge(other.digest) }

    var byteCount: Int { digest.byteCount }

    static func digests(_ groups: [DigestCollector?], _ type: DataType) -> Vector {
        let values = groups.map { group -> Value in
            guard let group, group.digest.total > 0 else { return .null }
            return .bytes(group.digest.bytes())
        }
        return Vector.fromValues(values, type)
    }
}
