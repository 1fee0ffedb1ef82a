import Columnar
import SQLTypes

/// min and max of types without a fixed-width fast path.
final class CellExtremeKernel: AggregateKernel {
    typealias Pointer = UnsafeMutableRawPointer

    var stateOffset = 0
    let stateByteCount = MemoryLayout<ValueCell>.stride
    let ownsMemory: Bool
    private let access: CellAccess
    private let sign: Int

    init(_ type: DataType, isMaximum: Bool) {
        access = CellAccess(type)
        ownsMemory = access.ownsMemory
        sign = isMaximum ? -1 : 1
    }

    @inline(__always)
    private func cell(_ state: Pointer) -> UnsafeMutablePointer<ValueCell> {
        (state + stateOffset).assumingMemoryBound(to: ValueCell.self)
    }

    private func add(_ vector: Vector, _ view: VectorView, _ row: Int, _ cell: UnsafeMutablePointer<ValueCell>) {
        if cell.pointee.isSet, access.compare(vector, view, row, cell) * sign >= 0 { return }
        access.store(vector, view, row, cell)
    }

    func update(_ states: UnsafePointer<Pointer>, _ arguments: [Vector], _ rows: Rows) throws {
        let view = arguments[0].view
        var position = 0
        rows.forEach { row in
            add(arguments[0], view, row, cell(states[position]))
            position &+= 1
        }
    }

    func updateOne(_ state: Pointer, _ arguments: [Vector], _ rows: Rows) throws {
        let vector = arguments[0]
        let cell = cell(state)
        let view = vector.view
        rows.forEach { add(vector, view, $0, cell) }
    }

    func combine(_ targets: UnsafePointer<Pointer>, _ sources: UnsafePointer<Pointer>, count: Int) throws {
        for index in 0..<count {
            let target = cell(targets[index])
            let source = cell(sources[index])
            guard source.pointee.isSet else { continue }
            if target.pointee.isSet, access.compare(UnsafePointer(source), UnsafePointer(target)) * sign >= 0 {
                continue
            }
            target.pointee.take(&source.pointee)
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

/// arbitrary, any_value: the first value that comes.
final class ArbitraryKernel: AggregateKernel {
    typealias Pointer = UnsafeMutableRawPointer

    var stateOffset = 0
    let stateByteCount = MemoryLayout<ValueCell>.stride
    let ownsMemory: Bool
    private let access: CellAccess

    init(_ type: DataType) {
        access = CellAccess(type)
        ownsMemory = access.ownsMemory
    }

    @inline(__always)
    private func cell(_ state: Pointer) -> UnsafeMutablePointer<ValueCell> {
        (state + stateOffset).assumingMemoryBound(to: ValueCell.self)
    }

    func update(_ states: UnsafePointer<Pointer>, _ arguments: [Vector], _ rows: Rows) throws {
        let view = arguments[0].view
        var position = 0
        rows.forEach { row in
            let cell = cell(states[position])
            position &+= 1
            if !cell.pointee.isSet { access.store(arguments[0], view, row, cell) }
        }
    }

    func updateOne(_ state: Pointer, _ arguments: [Vector], _ rows: Rows) throws {
        let cell = cell(state)
        if cell.pointee.isSet { return }
        let first = rows.selection.map { Int($0.indices[0]) } ?? 0
        access.store(arguments[0], arguments[0].view, first, cell)
    }

    func combine(_ targets: UnsafePointer<Pointer>, _ sources: UnsafePointer<Pointer>, count: Int) throws {
        for index in 0..<count {
            let target = cell(targets[index])
            let source = cell(sources[index])
            if !target.pointee.isSet, source.pointee.isSet { target.pointee.take(&source.pointee) }
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

/// min_by and max_by: the first argument of the row with the least or greatest second argument.
final class ByExtremeKernel: AggregateKernel {
    typealias Pointer = UnsafeMutableRawPointer

    private struct State {
        var key: ValueCell
        var value: ValueCell
    }

    var stateOffset = 0
    let stateByteCount = MemoryLayout<State>.stride
    let ownsMemory: Bool
    private let keys: CellAccess
    private let values: CellAccess
    private let sign: Int

    init(value: DataType, key: DataType, isMaximum: Bool) {
        keys = CellAccess(key)
        values = CellAccess(value)
        ownsMemory = keys.ownsMemory || values.ownsMemory
        sign = isMaximum ? -1 : 1
    }

    @inline(__always)
    private func key(_ state: Pointer) -> UnsafeMutablePointer<ValueCell> {
        (state + stateOffset).assumingMemoryBound(to: ValueCell.self)
    }

    private func add(_ arguments: [Vector], _ value: VectorView, _ key: VectorView, _ row: Int, _ state: Pointer) {
        guard key.isValid(row) else { return }
        let cell = self.key(state)
        if cell.pointee.isSet, keys.compare(arguments[1], key, row, cell) * sign >= 0 { return }
        keys.store(arguments[1], key, row, cell)
        values.store(arguments[0], value, row, cell + 1)
    }

    func update(_ states: UnsafePointer<Pointer>, _ arguments: [Vector], _ rows: Rows) throws {
        let value = arguments[0].view
        let key = arguments[1].view
        var position = 0
        rows.forEach { row in
            add(arguments, value, key, row, states[position])
            position &+= 1
        }
    }

    func updateOne(_ state: Pointer, _ arguments: [Vector], _ rows: Rows) throws {
        let value = arguments[0].view
        let key = arguments[1].view
        rows.forEach { add(arguments, value, key, $0, state) }
    }

    func combine(_ targets: UnsafePointer<Pointer>, _ sources: UnsafePointer<Pointer>, count: Int) throws {
        for index in 0..<count {
            let target = key(targets[index])
            let source = key(sources[index])
            guard source.pointee.isSet else { continue }
            if target.pointee.isSet, keys.compare(UnsafePointer(source), UnsafePointer(target)) * sign >= 0 { continue }
            target[0].take(&source[0])
            target[1].take(&source[1])
        }
    }

    func finalize(_ states: UnsafePointer<Pointer>, count: Int) throws -> Vector {
        values.vector(count) { UnsafePointer(key(states[$0]) + 1) }
    }

    func destroy(_ states: UnsafePointer<Pointer>, count: Int) {
        guard ownsMemory else { return }
        for index in 0..<count {
            let cells = key(states[index])
            if keys.ownsMemory { cells[0].release() }
            if values.ownsMemory { cells[1].release() }
        }
    }
}
