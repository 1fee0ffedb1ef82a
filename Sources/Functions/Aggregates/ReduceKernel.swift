import Columnar
import SQLTypes

/// reduce_agg(x, initial, (state, x) -> state, (state, state) -> state).
final class ReduceKernel: LambdaAggregateKernel {
    typealias Pointer = UnsafeMutableRawPointer

    var stateOffset = 0
    let stateByteCount = MemoryLayout<ValueCell>.stride
    let ownsMemory: Bool
    var lambdas: [any LambdaEvaluator] = []
    private let access: CellAccess

    init(_ stateType: DataType) {
        access = CellAccess(stateType)
        ownsMemory = access.ownsMemory
    }

    @inline(__always)
    private func cell(_ state: Pointer) -> UnsafeMutablePointer<ValueCell> {
        (state + stateOffset).assumingMemoryBound(to: ValueCell.self)
    }

    private func call(_ lambda: Int, _ first: Vector, _ second: Vector) throws -> Vector {
        guard lambda < lambdas.count else {
            throw QueryError(.genericInternalError, "reduce_agg was called without its lambdas")
        }
        var origin: UInt32 = 0
        return try lambdas[lambda].evaluate([first, second], origins: &origin, count: 1)
    }

    func update(_ states: UnsafePointer<Pointer>, _ arguments: [Vector], _ rows: Rows) throws {
        var position = 0
        try rows.forEach { row in
            try add(arguments, row, cell(states[position]))
            position &+= 1
        }
    }

    func updateOne(_ state: Pointer, _ arguments: [Vector], _ rows: Rows) throws {
        try rows.forEach { try add(arguments, $0, cell(state)) }
    }

    private func add(_ arguments: [Vector], _ row: Int, _ cell: UnsafeMutablePointer<ValueCell>) throws {
        var lane = UInt32(truncatingIfNeeded: row)
        let value = arguments[0].gather(&lane, count: 1)
        let old =
            cell.pointee.isSet ? access.vector(1) { _ in UnsafePointer(cell) } : arguments[1].gather(&lane, count: 1)
        let new = try call(0, old, value)
        access.store(new, new.view, 0, cell)
    }

    func combine(_ targets: UnsafePointer<Pointer>, _ sources: UnsafePointer<Pointer>, count: Int) throws {
        for index in 0..<count {
            let target = cell(targets[index])
            let source = cell(sources[index])
            guard source.pointee.isSet else { continue }
            guard target.pointee.isSet else {
                target.pointee.take(&source.pointee)
                continue
            }
            let new = try call(
                1, access.vector(1) { _ in UnsafePointer(target) }, access.vector(1) { _ in UnsafePointer(source) })
            access.store(new, new.view, 0, target)
        }
    }

    func finalize(_ states: UnsafePointer<Pointer>, count: Int) throws -> Vector {
        access.vector(count) { UnsafePointer(cell(states[$0])) }
    }

    func destroy(_ states: UnsafePointer<Pointer>, count: Int) {
        guard ownsMemory else { return }
        for index in 0..<count { cell(states[index]).pointee.release() }
    }
}
