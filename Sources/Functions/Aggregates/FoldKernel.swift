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
    /// nil is NULL.
    func result(_ state: UnsafePointer<State>) throws -> Output?
}

extension FoldOperation {
    @inline(__always)
    func addAll(_ state: UnsafeMutablePointer<State>, _ values: UnsafePointer<Input>, _ count: Int) {
        for index in 0..<count { add(state, values[index]) }
    }
}

/// Runs a `FoldOperation` over vectors of any encoding.
final class FoldKernel<Operation: FoldOperation>: AggregateKernel {
    typealias Pointer = UnsafeMutableRawPointer

    var stateOffset = 0
    let stateByteCount = MemoryLayout<Operation.State>.stride
    private let operation: Operation
    private let resultType: DataType

    init(_ operation: Operation, _ resultType: DataType) {
        self.operation = operation
        self.resultType = resultType
    }

    func update(_ states: UnsafePointer<Pointer>, _ arguments: [Vector], _ rows: Rows) throws {
        let operation = operation
        let offset = stateOffset
        let view = arguments[0].view
        let data = view.data.assumingMemoryBound(to: Operation.Input.self)
        if let selection = rows.selection {
            let indices = selection.indices
            if view.codes == nil {
                for position in 0..<selection.count {
                    operation.add(state(states[position], offset), data[Int(indices[position])])
                }
            } else {
                for position in 0..<selection.count {
                    operation.add(state(states[position], offset), data[view.index(Int(indices[position]))])
                }
            }
        } else if let codes = view.codes {
            for row in 0..<rows.count { operation.add(state(states[row], offset), data[Int(codes[row])]) }
        } else {
            for row in 0..<rows.count { operation.add(state(states[row], offset), data[row]) }
        }
    }

    func updateOne(_ address: Pointer, _ arguments: [Vector], _ rows: Rows) throws {
        let operation = operation
        let state = state(address, stateOffset)
        let view = arguments[0].view
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

    func combine(_ targets: UnsafePointer<Pointer>, _ sources: UnsafePointer<Pointer>, count: Int) throws {
        let offset = stateOffset
        for index in 0..<count {
            operation.combine(state(targets[index], offset), UnsafePointer(state(sources[index], offset)))
        }
    }

    func finalize(_ states: UnsafePointer<Pointer>, count: Int) throws -> Vector {
        let builder = FlatBuilder(resultType, capacity: count)
        let target = builder.pointer(as: Operation.Output.self)
        for index in 0..<count {
            if let value = try operation.result(UnsafePointer(state(states[index], stateOffset))) {
                target[index] = value
            } else {
                builder.setNull(index)
            }
        }
        return builder.finish(count: count)
    }

    @inline(__always)
    private func state(_ address: Pointer, _ offset: Int) -> UnsafeMutablePointer<Operation.State> {
        (address + offset).assumingMemoryBound(to: Operation.State.self)
    }
}
