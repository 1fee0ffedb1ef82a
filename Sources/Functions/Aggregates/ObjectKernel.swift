import Columnar
import SQLTypes

/// What a group of an `ObjectKernel` collects.
protocol GroupCollector: AnyObject {
    /// Adds one row. `views` are those of the arguments.
    func add(_ arguments: [Vector], _ views: [VectorView], _ row: Int) throws
    /// Adds another group's rows; `other` is of the same class and is given up.
    func merge(_ other: Self) throws
    /// Bytes held, roughly.
    var byteCount: Int { get }
}

/// Aggregates whose state is an object, made when the group's first row comes: lists, maps, sketches.
final class ObjectKernel<Collector: GroupCollector>: AggregateKernel {
    typealias Pointer = UnsafeMutableRawPointer

    var stateOffset = 0
    let stateByteCount = 8
    let ownsMemory = true
    private(set) var heapByteCount = 0
    private let make: () -> Collector
    private let finish: ([Collector?]) throws -> Vector

    /// - Parameter finish: the results of groups; nil for a group without rows.
    init(_ make: @escaping () -> Collector, finish: @escaping ([Collector?]) throws -> Vector) {
        self.make = make
        self.finish = finish
    }

    private func collector(_ state: Pointer) -> Collector? {
        guard let pointer = (state + stateOffset).load(as: Pointer?.self) else { return nil }
        return Unmanaged<Collector>.fromOpaque(pointer).takeUnretainedValue()
    }

    private func makeCollector(_ state: Pointer) -> Collector {
        if let made = collector(state) { return made }
        let made = make()
        (state + stateOffset).storeBytes(of: Unmanaged.passRetained(made).toOpaque(), as: Pointer?.self)
        heapByteCount += 64
        return made
    }

    func update(_ states: UnsafePointer<Pointer>, _ arguments: [Vector], _ rows: Rows) throws {
        let views = arguments.map(\.view)
        var position = 0
        try rows.forEach { row in
            let collector = makeCollector(states[position])
            position &+= 1
            let before = collector.byteCount
            try collector.add(arguments, views, row)
            heapByteCount &+= collector.byteCount &- before
        }
    }

    func updateOne(_ state: Pointer, _ arguments: [Vector], _ rows: Rows) throws {
        let views = arguments.map(\.view)
        let collector = makeCollector(state)
        let before = collector.byteCount
        try rows.forEach { try collector.add(arguments, views, $0) }
        heapByteCount += collector.byteCount - before
    }

    func combine(_ targets: UnsafePointer<Pointer>, _ sources: UnsafePointer<Pointer>, count: Int) throws {
        for index in 0..<count {
            guard let source = collector(sources[index]) else { continue }
            if let target = collector(targets[index]) {
                try target.merge(source)
            } else {
                // The object itself moves.
                let place = sources[index] + stateOffset
                (targets[index] + stateOffset).storeBytes(of: place.load(as: Pointer?.self), as: Pointer?.self)
                place.storeBytes(of: nil, as: Pointer?.self)
            }
        }
    }

    func finalize(_ states: UnsafePointer<Pointer>, count: Int) throws -> Vector {
        try finish((0..<count).map { collector(states[$0]) })
    }

    func destroy(_ states: UnsafePointer<Pointer>, count: Int) {
        for index in 0..<count {
            let place = states[index] + stateOffset
            guard let pointer = place.load(as: Pointer?.self) else { continue }
            Unmanaged<Collector>.fromOpaque(pointer).release()
            place.storeBytes(of: nil, as: Pointer?.self)
        }
    }
}
