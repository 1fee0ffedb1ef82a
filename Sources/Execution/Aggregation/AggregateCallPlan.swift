import Columnar
import Functions
import SQLTypes

/// One aggregate as operators see it: how to make its kernel, where its arguments lie.
struct AggregateCallPlan: Sendable {
    enum Argument: Sendable {
        case column(Int)
        case constant(Value, DataType)
    }

    var makeKernel: @Sendable () throws -> any AggregateKernel
    var arguments: [Argument]
    /// Rows whose first argument is NULL are left out.
    var skipsNulls: Bool
    /// A BOOLEAN column: rows where it is not true are left out.
    var filter: Int?
    /// Number of the call in the aggregation's state layout.
    var state: Int
}

/// Where a batch's columns go: the keys, and the calls that the batch updates (rows that come out of a DISTINCT step
/// update only the distinct calls).
struct AggregateInput: Sendable {
    var keys: [Int]
    var calls: [AggregateCallPlan]
}

/// How keys and states of an aggregation lie in rows.
struct AggregateLayout: Sendable {
    let row: RowLayout
    let makeKernels: [@Sendable () throws -> any AggregateKernel]
    /// Per call, from the start of the row.
    let stateOffsets: [Int]
    /// Per call: another call keeps the state, so that this one has only to read it.
    let isShared: [Bool]
    let ownsMemory: Bool

    /// - Parameter inputs: calls with the same text see the same rows and arguments; nil for none.
    init(
        keyTypes: [DataType], makeKernels: [@Sendable () throws -> any AggregateKernel], inputs: [String?] = []
    ) throws {
        self.makeKernels = makeKernels
        var offset = 0
        var offsets: [Int] = []
        var shared: [Bool] = []
        var known: [String: Int] = [:]
        var ownsMemory = false
        for (call, make) in makeKernels.enumerated() {
            let kernel = try make()
            if call < inputs.count, let input = inputs[call], let family = kernel.stateFamily {
                let name = family + " " + input
                shared.append(known[name] != nil)
                if let place = known[name] {
                    offsets.append(place)
                    continue
                }
                known[name] = offset
            } else {
                shared.append(false)
            }
            offsets.append(offset)
            offset += (kernel.stateByteCount + 7) & ~7
            if kernel.ownsMemory { ownsMemory = true }
        }
        let row = RowLayout(keyTypes, hasHash: true, extraByteCount: offset)
        self.row = row
        self.ownsMemory = ownsMemory
        stateOffsets = offsets.map { $0 + row.extraOffset }
        isShared = shared
    }

    func makeKernelSet() throws -> KernelSet { try KernelSet(self) }
}

/// One worker's kernels of an aggregation. All pointers are table rows.
final class KernelSet {
    typealias Row = UnsafeMutableRawPointer

    /// One per call.
    let kernels: [any AggregateKernel]
    /// Those that keep states of their own.
    private let owners: [any AggregateKernel]
    private let isShared: [Bool]
    private let statesOffset: Int
    private let statesByteCount: Int
    private let startsAsZeros: Bool
    private let ownsMemory: Bool

    init(_ layout: AggregateLayout) throws {
        kernels = try layout.makeKernels.map { try $0() }
        for (kernel, offset) in zip(kernels, layout.stateOffsets) { kernel.stateOffset = offset }
        isShared = layout.isShared
        let shared = isShared
        owners = kernels.enumerated().filter { !shared[$0.offset] }.map(\.element)
        statesOffset = layout.row.extraOffset
        statesByteCount = layout.row.extraByteCount
        startsAsZeros = kernels.allSatisfy(\.startsAsZeros)
        ownsMemory = layout.ownsMemory
    }

    /// Empty states in new rows.
    func initialize(_ rows: UnsafePointer<Row>, _ count: Int) {
        if startsAsZeros {
            let words = statesByteCount / 8
            for index in 0..<count {
                let states = (rows[index] + statesOffset).assumingMemoryBound(to: UInt64.self)
                for word in 0..<words { states[word] = 0 }
            }
        } else {
            for kernel in owners { kernel.initialize(rows, count: count) }
        }
    }

    func combine(_ targets: UnsafePointer<Row>, _ sources: UnsafePointer<Row>, _ count: Int) throws {
        for kernel in owners { try kernel.combine(targets, sources, count: count) }
        destroy(sources, count)
    }

    func destroy(_ rows: UnsafePointer<Row>, _ count: Int) {
        guard ownsMemory else { return }
        for kernel in owners where kernel.ownsMemory { kernel.destroy(rows, count: count) }
    }

    /// Another call's updates serve this one too.
    func isShared(_ call: AggregateCallPlan) -> Bool { isShared[call.state] }

    var heapByteCount: Int { owners.reduce(0) { $0 + $1.heapByteCount } }
}

/// Feeds batches to states: leaves out rows by FILTER and by NULL, and makes constants vectors.
final class StateUpdater {
    typealias Row = UnsafeMutableRawPointer

    private let kernels: KernelSet
    private let calls: [AggregateCallPlan]
    private var constants: [[Vector?]]
    private var compacted = Buffer(byteCount: Batch.defaultRowCount * 8)

    init(_ kernels: KernelSet, _ calls: [AggregateCallPlan]) {
        self.kernels = kernels
        self.calls = calls.filter { !kernels.isShared($0) }
        constants = self.calls.map { call in call.arguments.map { _ in nil } }
    }

    /// `groups[i]` is the table row of the i-th selected row.
    func update(_ batch: Batch, _ groups: UnsafePointer<Row>) throws {
        let rows = batch.rows
        // Calls over the same column leave out the same rows.
        var last: (column: Int, filter: Int?, rows: Rows)?
        for (index, call) in calls.enumerated() {
            let arguments = vectors(of: call, index, batch)
            let kernel = kernels.kernels[call.state]
            guard let columnToSkip = Self.columnToSkip(call, arguments) else {
                try kernel.update(groups, arguments, rows)
                continue
            }
            if last?.column != columnToSkip || last?.filter != call.filter {
                last = (columnToSkip, call.filter, compact(call, arguments, batch, groups))
            }
            guard let kept = last?.rows, kept.selectedCount > 0 else { continue }
            try kernel.update(UnsafePointer(compacted.pointer.assumingMemoryBound(to: Row.self)), arguments, kept)
        }
    }

    /// All rows belong to one group.
    func updateOne(_ batch: Batch, _ state: Row) throws {
        let rows = batch.rows
        for (index, call) in calls.enumerated() {
            let arguments = vectors(of: call, index, batch)
            let kernel = kernels.kernels[call.state]
            guard Self.columnToSkip(call, arguments) != nil else {
                try kernel.updateOne(state, arguments, rows)
                continue
            }
            let kept = compact(call, arguments, batch, nil)
            if kept.selectedCount > 0 { try kernel.updateOne(state, arguments, kept) }
        }
    }

    /// A number for the column by which rows are left out (-1: only the filter); nil when none are.
    private static func columnToSkip(_ call: AggregateCallPlan, _ arguments: [Vector]) -> Int? {
        if call.skipsNulls, let first = arguments.first, first.mayHaveNulls {
            if case .column(let position) = call.arguments[0] { return position }
            return Int.max
        }
        return call.filter == nil ? nil : -1
    }

    private func vectors(of call: AggregateCallPlan, _ index: Int, _ batch: Batch) -> [Vector] {
        var made: [Vector] = []
        made.reserveCapacity(call.arguments.count)
        for (position, argument) in call.arguments.enumerated() {
            switch argument {
            case .column(let column): made.append(batch.columns[column])
            case .constant(let value, let type):
                if let kept = constants[index][position], kept.count >= batch.rowCount {
                    made.append(kept)
                } else {
                    let vector = Vector.constant(value, type, count: max(batch.rowCount, Batch.defaultRowCount))
                    constants[index][position] = vector
                    made.append(vector)
                }
            }
        }
        return made
    }

    /// The rows that count for `call`; their groups go to `compacted`.
    private func compact(
        _ call: AggregateCallPlan, _ arguments: [Vector], _ batch: Batch, _ groups: UnsafePointer<Row>?
    ) -> Rows {
        let total = batch.selectedCount
        if groups != nil, compacted.byteCount < total * 8 { compacted = Buffer(byteCount: total * 8) }
        let target = compacted.pointer.assumingMemoryBound(to: Row.self)
        let buffer = Buffer(byteCount: max(total, 1) * 4)
        let kept = buffer.pointer.assumingMemoryBound(to: UInt32.self)
        let validity = call.skipsNulls ? arguments.first?.view.validity : nil
        let filterView = call.filter.map { batch.columns[$0].view }
        let filterData = filterView?.data.assumingMemoryBound(to: UInt8.self)
        var count = 0
        var position = 0
        batch.rows.forEach { row in
            var keeps = Validity.isValid(validity, row)
            if let filterView, let filterData {
                keeps = keeps && filterView.isValid(row) && filterData[filterView.index(row)] != 0
            }
            kept[count] = UInt32(truncatingIfNeeded: row)
            if let groups { target[count] = groups[position] }
            count &+= Int(unsafeBitCast(keeps, to: UInt8.self))
            position &+= 1
        }
        return Rows(count: batch.rowCount, selection: Selection(buffer, count: count))
    }
}
