import Columnar
import SQLTypes

/// Values in order of arrival, in their `NestedValues` form: array_agg.
final class ListCollector: GroupCollector {
    private(set) var bytes: [UInt8] = []
    private(set) var count = 0

    func add(_ arguments: [Vector], _ views: [VectorView], _ row: Int) {
        NestedValues.appendNullable(arguments[0], row, to: &bytes)
        count += 1
    }

    func merge(_ other: ListCollector) {
        bytes += other.bytes
        count += other.count
    }

    var byteCount: Int { bytes.count }

    /// Arrays of the groups; NULL for none.
    static func arrays(_ groups: [ListCollector?], _ type: DataType) -> Vector {
        let builder = NestedValues.Builder(type)
        for group in groups {
            guard let group else {
                builder.appendNull()
                continue
            }
            Bodies.append(count: group.count, group.bytes, to: builder)
        }
        return builder.finish()
    }
}

/// Distinct values in order of arrival: set_agg, set_union (elements of arrays).
final class SetCollector: GroupCollector {
    private let addsElements: Bool
    private var seen: Set<[UInt8]> = []
    private var ordered: [[UInt8]] = []
    private(set) var byteCount = 0

    init(addsElements: Bool) { self.addsElements = addsElements }

    func add(_ arguments: [Vector], _ views: [VectorView], _ row: Int) {
        if addsElements {
            let entry = views[0].load(row, as: ListEntry.self)
            let child = (arguments[0].dictionary ?? arguments[0]).children[0]
            for index in 0..<Int(entry.count) { insert(child, Int(entry.offset) + index) }
        } else {
            insert(arguments[0], row)
        }
    }

    private func insert(_ vector: Vector, _ row: Int) {
        var key: [UInt8] = []
        NestedValues.appendNullable(vector, row, to: &key)
        insert(key)
    }

    private func insert(_ key: [UInt8]) {
        if seen.insert(key).inserted {
            ordered.append(key)
            byteCount += key.count + 64
        }
    }

    func merge(_ other: SetCollector) { for key in other.ordered { insert(key) } }

    static func arrays(_ groups: [SetCollector?], _ type: DataType) -> Vector {
        let builder = NestedValues.Builder(type)
        for group in groups {
            guard let group else {
                builder.appendNull()
                continue
            }
            Bodies.append(count: group.ordered.count, Array(group.ordered.joined()), to: builder)
        }
        return builder.finish()
    }
}

/// Keys in order of arrival, each with a value: map_agg, map_union (first value of a key), histogram (its count),
/// multimap_agg (all its values).
final class MapCollector: GroupCollector {
    enum Kind: Sendable { case pairs, maps, counts, lists }

    private let kind: Kind
    private var places: [[UInt8]: Int] = [:]
    private var keys: [[UInt8]] = []
    /// Nullable values (`lists`: one behind the other).
    private var values: [[UInt8]] = []
    private var counts: [Int64] = []
    private(set) var byteCount = 0

    init(_ kind: Kind) { self.kind = kind }

    func add(_ arguments: [Vector], _ views: [VectorView], _ row: Int) {
        switch kind {
        case .pairs, .lists: insert(arguments[0], row, value: arguments[1], row)
        case .counts: insert(arguments[0], row, value: nil, 0)
        case .maps:
            let entry = views[0].load(row, as: ListEntry.self)
            let children = (arguments[0].dictionary ?? arguments[0]).children
            for index in Int(entry.offset)..<Int(entry.offset) + Int(entry.count) {
                insert(children[0], index, value: children[1], index)
            }
        }
    }

    private func insert(_ keyVector: Vector, _ keyRow: Int, value: Vector?, _ valueRow: Int) {
        var key: [UInt8] = []
        NestedValues.appendNullable(keyVector, keyRow, to: &key)
        var bytes: [UInt8] = []
        if let value, kind == .lists || places[key] == nil { NestedValues.appendNullable(value, valueRow, to: &bytes) }
        insert(key, bytes, 1)
    }

    private func insert(_ key: [UInt8], _ value: [UInt8], _ count: Int64) {
        if let place = places[key] {
            counts[place] += count
            if kind == .lists {
                values[place] += value
                byteCount += value.count
            }
            return
        }
        places[key] = keys.count
        keys.append(key)
        values.append(value)
        counts.append(count)
        byteCount += key.count + value.count + 96
    }

    func merge(_ other: MapCollector) {
        for place in other.keys.indices { insert(other.keys[place], other.values[place], other.counts[place]) }
    }

    static func maps(_ groups: [MapCollector?], _ type: DataType) -> Vector {
        let builder = NestedValues.Builder(type)
        for group in groups {
            guard let group else {
                builder.appendNull()
                continue
            }
            var body: [UInt8] = []
            for place in group.keys.indices {
                body += group.keys[place]
                switch group.kind {
                case .pairs, .maps: body += group.values[place]
                case .counts:
                    body.append(0)
                    withUnsafeBytes(of: group.counts[place]) { body.append(contentsOf: $0) }
                case .lists:
                    body.append(0)
                    NestedValues.append(count: Int(group.counts[place]), to: &body)
                    body += group.values[place]
                }
            }
            Bodies.append(count: group.keys.count, body, to: builder)
        }
        return builder.finish()
    }

    /// The keys with the greatest counts, as a map to these: approx_most_frequent.
    static func mostFrequent(_ groups: [MapCollector?], _ type: DataType, buckets: Int) -> Vector {
        let builder = NestedValues.Builder(type)
        for group in groups {
            guard let group else {
                builder.appendNull()
                continue
            }
            let best = group.keys.indices.sorted { (group.counts[$1], $0) < (group.counts[$0], $1) }.prefix(buckets)
            var body: [UInt8] = []
            for place in best {
                body += group.keys[place]
                body.append(0)
                withUnsafeBytes(of: group.counts[place]) { body.append(contentsOf: $0) }
            }
            Bodies.append(count: best.count, body, to: builder)
        }
        return builder.finish()
    }
}

/// The n least or greatest values (of `values[i]` by `keys[i]`): min(x, n), max(x, n), min_by(x, y, n), max_by.
final class BestCollector: GroupCollector {
    private let hasKey: Bool
    private let sign: Int
    private let name: String
    private var limit = 0
    /// Vectors of one row: the key, and what comes out.
    private var best: [(key: Vector, value: Vector)] = []

    init(hasKey: Bool, isMaximum: Bool, name: String) {
        self.hasKey = hasKey
        sign = isMaximum ? -1 : 1
        self.name = name
    }

    func add(_ arguments: [Vector], _ views: [VectorView], _ row: Int) throws {
        let keyColumn = hasKey ? 1 : 0
        guard views[keyColumn].isValid(row) else { return }
        let countView = views[hasKey ? 2 : 1]
        guard countView.isValid(row) else { return }
        if limit == 0 {
            let wanted = countView.load(row, as: Int64.self)
            guard wanted > 0 else {
                throw QueryError(.invalidFunctionArgument, "third argument of \(name) must be a positive integer")
            }
            guard wanted <= 10_000 else {
                throw QueryError(
                    .invalidFunctionArgument,
                    "third argument of \(name) must be less than or equal to 10000; found \(wanted)")
            }
            limit = Int(wanted)
        }
        if best.count >= limit, let last = best.last,
            Comparison.compare(arguments[keyColumn], row, last.key, 0) * sign >= 0
        {
            return
        }
        var lane = UInt32(truncatingIfNeeded: row)
        let key = arguments[keyColumn].gather(&lane, count: 1).flattened()
        insert(key, hasKey ? arguments[0].gather(&lane, count: 1).flattened() : key)
    }

    private func insert(_ key: Vector, _ value: Vector) {
        var place = best.count
        while place > 0, Comparison.compare(key, 0, best[place - 1].key, 0) * sign < 0 { place -= 1 }
        if place >= limit { return }
        best.insert((key, value), at: place)
        if best.count > limit { best.removeLast() }
    }

    func merge(_ other: BestCollector) {
        limit = max(limit, other.limit)
        for pair in other.best { insert(pair.key, pair.value) }
    }

    var byteCount: Int { best.count * 256 }

    static func arrays(_ groups: [BestCollector?], _ type: DataType) -> Vector {
        let builder = NestedValues.Builder(type)
        for group in groups {
            guard let group, !group.best.isEmpty else {
                builder.appendNull()
                continue
            }
            var body: [UInt8] = []
            for pair in group.best { NestedValues.appendNullable(pair.value, 0, to: &body) }
            Bodies.append(count: group.best.count, body, to: builder)
        }
        return builder.finish()
    }
}

enum Bodies {
    /// Appends a list or map of `count` elements whose bytes are given.
    static func append(count: Int, _ elements: [UInt8], to builder: NestedValues.Builder) {
        var body: [UInt8] = []
        body.reserveCapacity(elements.count + 4)
        NestedValues.append(count: count, to: &body)
        body += elements
        body.withUnsafeBytes { bytes in
            guard var cursor = bytes.baseAddress else { return }
            builder.append(&cursor)
        }
    }
}
