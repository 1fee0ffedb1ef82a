import Columnar
import SQLTypes

/// An aggregate that folds one value at a time into a plain state of fixed size, empty when all its bytes are zero.
protocol FoldOperation: Sendable {
    associatedtype Input
    associatedtype State
    associatedtype Output

    func add(_ state: UnsafeMutablePointer<State>, _ value: Input)
    /// Adds `count` values that lie side by side: the operation's fastest loop.
    func addAll(_ state: UnsafeMutablePointer<State>, _ values: UnsafePointer<Input>, _ count: Int)
    func combine(_ state: UnsafeMutablePointer<State>, _ other: UnsafePointer<State>)
    /// See `AggregateKernel.stateFamily`.
    var stateFamily: String? { get }
    /// nil is NULL.
    func result(_ state: UnsafePointer<State>) throws -> Output?
}

extension FoldOperation {
    var stateFamily: String? { nil }

    @inline(__always)
    func addAll(_ state: UnsafeMutablePointer<State>, _ values: UnsafePointer<Input>, _ count: Int) {
        for index in 0..<count { add(state, values[index]) }
    }
}

/// Runs a `FoldOperation` over vectors of any encoding.
///
/// The class is not generic: methods of generic classes behind a protocol are never specialised (measured: 20 times
/// slower). `init` is generic and its closures are specialised with it, once per operation.
final class FoldKernel: AggregateKernel {
    typealias Pointer = UnsafeMutableRawPointer

    var stateOffset = 0
    let stateByteCount: Int
    let stateFamily: String?
    private let updateRows: (_ states: UnsafePointer<Pointer>, _ offset: Int, _ argument: Vector, _ rows: Rows) -> Void
    private let updateState: (_ state: Pointer, _ argument: Vector, _ rows: Rows) -> Void
    private let combineStates:
        (_ targets: UnsafePointer<Pointer>, _ sources: UnsafePointer<Pointer>, _ offset: Int, _ count: Int) -> Void
    private let results: (_ states: UnsafePointer<Pointer>, _ offset: Int, _ count: Int) throws -> Vector

    @inline(__always)
    init<Operation: FoldOperation>(_ operation: Operation, _ resultType: DataType) {
        stateByteCount = MemoryLayout<Operation.State>.stride
        stateFamily = operation.stateFamily
        updateRows = { FoldLoops.update(operation, $0, $1, $2, $3) }
        updateState = { FoldLoops.updateOne(operation, $0, $1, $2) }
        combineStates = { targets, sources, offset, count in
            for index in 0..<count {
                operation.combine(
                    (targets[index] + offset).assumingMemoryBound(to: Operation.State.self),
                    UnsafePointer((sources[index] + offset).assumingMemoryBound(to: Operation.State.self)))
            }
        }
        results = { try FoldLoops.results(operation, resultType, $0, $1, $2) }
    }

    func update(_ states: UnsafePointer<Pointer>, _ arguments: [Vector], _ rows: Rows) throws {
        updateRows(states, stateOffset, arguments[0], rows)
    }

    func updateOne(_ state: Pointer, _ arguments: [Vector], _ rows: Rows) throws {
        updateState(state + stateOffset, arguments[0], rows)
    }

    func combine(_ targets: UnsafePointer<Pointer>, _ sources: UnsafePointer<Pointer>, count: Int) throws {
        combineStates(targets, sources, stateOffset, count)
    }

    func finalize(_ states: UnsafePointer<Pointer>, count: Int) throws -> Vector {
        try results(states, stateOffset, count)
    }
}

/// The loops of `FoldKernel`.
private enum FoldLoops {
    typealias Pointer = UnsafeMutableRawPointer

    @inline(__always)
    static func update<Operation: FoldOperation>(
        _ operation: Operation, _ states: UnsafePointer<Pointer>, _ offset: Int, _ argument: Vector, _ rows: Rows
    ) {
        let view = argument.view
        let data = view.data.assumingMemoryBound(to: Operation.Input.self)
        if let selection = rows.selection {
            let indices = selection.indices
            let count = selection.count
            if let codes = view.codes {
                for position in 0..<count {
                    operation.add(
                        (states[position] + offset).assumingMemoryBound(to: Operation.State.self),
                        data[Int(codes[Int(indices[position])])])
                }
            } else {
                for position in 0..<count {
                    operation.add(
                        (states[position] + offset).assumingMemoryBound(to: Operation.State.self),
                        data[Int(indices[position])])
                }
            }
        } else if let codes = view.codes {
            for row in 0..<rows.count {
                operation.add(
                    (states[row] + offset).assumingMemoryBound(to: Operation.State.self), data[Int(codes[row])])
            }
        } else {
            for row in 0..<rows.count {
                operation.add((states[row] + offset).assumingMemoryBound(to: Operation.State.self), data[row])
            }
        }
    }

    @inline(__always)
    static func updateOne<Operation: FoldOperation>(
        _ operation: Operation, _ address: Pointer, _ argument: Vector, _ rows: Rows
    ) {
        let state = address.assumingMemoryBound(to: Operation.State.self)
        let view = argument.view
        let data = view.data.assumingMemoryBound(to: Operation.Input.self)
        if rows.selection == nil, view.codes == nil {
            operation.addAll(state, data, rows.count)
            return
        }
        // A run of values first: then the fastest loop applies.
        let count = rows.selectedCount
        let buffer = Buffer(byteCount: max(count, 1) * MemoryLayout<Operation.Input>.stride)
        let run = buffer.pointer.assumingMemoryBound(to: Operation.Input.self)
        var position = 0
        rows.forEach { row in
            run[position] = data[view.index(row)]
            position &+= 1
        }
        operation.addAll(state, run, count)
    }

    @inline(__always)
    static func results<Operation: FoldOperation>(
        _ operation: Operation, _ type: DataType, _ states: UnsafePointer<Pointer>, _ offset: Int, _ count: Int
    ) throws -> Vector {
        let builder = FlatBuilder(type, capacity: count)
        let target = builder.pointer(as: Operation.Output.self)
        for index in 0..<count {
            let state = (states[index] + offset).assumingMemoryBound(to: Operation.State.self)
            if let value = try operation.result(UnsafePointer(state)) {
                target[index] = value
            } else {
                builder.setNull(index)
            }
        }
        return builder.finish(count: count)
    }
}
