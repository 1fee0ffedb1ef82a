import Columnar
import Functions
import Planning
import SQLTypes

/// Aggregates whose argument rows are sorted first: `array_agg(x ORDER BY y)`.
///
/// A state is a reference to the group's rows, kept as vectors; they are sorted and handed to the inner kernel when
/// the group is finished.
final class OrderedAggregateKernel: AggregateKernel {
    typealias State = UnsafeMutableRawPointer

    var stateOffset = 0
    let stateByteCount = 8
    let ownsMemory = true
    private(set) var heapByteCount = 0
    private let inner: any AggregateKernel
    private let orderBy: [SortKey]

    init(_ inner: any AggregateKernel, orderBy: [SortKey]) throws {
        self.inner = inner
        self.orderBy = orderBy
    }

    /// The rows of one group: columns of arguments and sort keys, in pieces.
    private final class GroupRows {
        var pieces: [[Vector]] = []
        var count = 0
    }

    private func rows(_ state: State) -> GroupRows? {
        guard let pointer = (state + stateOffset).load(as: UnsafeMutableRawPointer?.self) else { return nil }
        return Unmanaged<GroupRows>.fromOpaque(pointer).takeUnretainedValue()
    }

    private func makeRows(_ state: State) -> GroupRows {
        if let rows = rows(state) { return rows }
        let made = GroupRows()
        (state + stateOffset).storeBytes(
            of: Unmanaged.passRetained(made).toOpaque(), as: UnsafeMutableRawPointer?.self)
        return made
    }

    func update(_ states: UnsafePointer<State>, _ arguments: [Vector], _ rows: Rows) throws {
        // Rows of a batch by group.
        var members: [State: [Int]] = [:]
        var position = 0
        rows.forEach { row in
            members[states[position], default: []].append(row)
            position += 1
        }
        for (state, lanes) in members {
            let selection = Selection(lanes)
            add(makeRows(state), arguments.map { $0.gather(selection.indices, count: selection.count) }, lanes.count)
        }
    }

    func updateOne(_ state: State, _ arguments: [Vector], _ rows: Rows) throws {
        let count = rows.selectedCount
        if let selection = rows.selection {
            add(makeRows(state), arguments.map { $0.gather(selection.indices, count: count) }, count)
        } else {
            add(makeRows(state), arguments.map { $0.count == count ? $0 : $0.slice(offset: 0, count: count) }, count)
        }
    }

    private func add(_ group: GroupRows, _ columns: [Vector], _ count: Int) {
        group.pieces.append(columns)
        group.count += count
        heapByteCount += columns.reduce(64) { $0 + $1.physical.byteCount * count }
    }

    func combine(_ targets: UnsafePointer<State>, _ sources: UnsafePointer<State>, count: Int) throws {
        for index in 0..<count {
            guard let source = rows(sources[index]) else { continue }
            let target = makeRows(targets[index])
            target.pieces += source.pieces
            target.count += source.count
            source.pieces = []
            source.count = 0
        }
    }

    func finalize(_ states: UnsafePointer<State>, count: Int) throws -> Vector {
        let stride = (inner.stateByteCount + 7) & ~7
        let buffer = Buffer(byteCount: max(stride * count, 8))
        var addresses: [State] = []
        for index in 0..<count { addresses.append(buffer.pointer + index * stride) }
        return try addresses.withUnsafeBufferPointer { addresses in
            guard let start = addresses.baseAddress else { return try inner.finalize(states, count: 0) }
            inner.initialize(start, count: count)
            defer { inner.destroy(start, count: count) }
            for index in 0..<count {
                guard let group = rows(states[index]), group.count > 0 else { continue }
                try feed(group, addresses[index])
            }
            return try inner.finalize(start, count: count)
        }
    }

    private func feed(_ group: GroupRows, _ state: State) throws {
        let width = group.pieces[0].count
        let columns = (0..<width).map { column in
            Vector.concatenate(group.pieces.map { $0[column] }, type: group.pieces[0][column].type)
        }
        let keys = columns.suffix(orderBy.count)
        let order = (0..<group.count).sorted { left, right in
            for (key, column) in zip(orderBy, keys) {
                let result = SortOrder.compare(column, left, right, key)
                if result != 0 { return result < 0 }
            }
            return left < right
        }
        let indices = Selection(order)
        let arguments = columns.dropLast(orderBy.count).map { $0.gather(indices.indices, count: group.count) }
        try inner.updateOne(state, Array(arguments), Rows(count: group.count))
    }

    func destroy(_ states: UnsafePointer<State>, count: Int) {
        for index in 0..<count {
            let place = states[index] + stateOffset
            guard let pointer = place.load(as: UnsafeMutableRawPointer?.self) else { continue }
            Unmanaged<GroupRows>.fromOpaque(pointer).release()
            place.storeBytes(of: nil, as: UnsafeMutableRawPointer?.self)
        }
    }
}

/// The order of two rows of a column under a sort key.
enum SortOrder {
    static func compare(_ column: Vector, _ left: Int, _ right: Int, _ key: SortKey) -> Int {
        switch (column.isNull(left), column.isNull(right)) {
        case (true, true): return 0
        case (true, false): return key.nullsFirst ? -1 : 1
        case (false, true): return key.nullsFirst ? 1 : -1
        case (false, false): break
        }
        let order = Comparison.compare(column, left, column, right)
        return key.isAscending ? order : -order
    }
}
