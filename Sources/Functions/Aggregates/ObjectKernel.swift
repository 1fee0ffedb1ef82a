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
///
/// Not generic itself, for the reason that `FoldKernel` gives.
final class ObjectKernel: AggregateKernel {
    typealias Pointer = UnsafeMutableRawPointer

    var stateOffset = 0
    let stateByteCount = 8
    let ownsMemory = true
    private(set) var heapByteCount = 0
    /// These return by how many bytes the states grew.
    private let updateRows: (UnsafePointer<Pointer>, Int, [Vector], Rows) throws -> Int
    private let updateState: (Pointer, [Vector], Rows) throws -> Int
    private let combineStates: (UnsafePointer<Pointer>, UnsafePointer<Pointer>, Int, Int) throws -> Void
    private let results: (UnsafePointer<Pointer>, Int, Int) throws -> Vector

    /// - Parameter finish: the results of groups; nil for a group without rows.
    @inline(__always)
    init<Collector: GroupCollector>(
        _ make: @escaping () -> Collector, finish: @escaping ([Collector?]) throws -> Vector
    ) {
        updateRows = { states, offset, arguments, rows in
            let views = arguments.map(\.view)
            var position = 0
            var grown = 0
            try rows.forEach { row in
                let collector = Objects.makeCollector(states[position] + offset, make, &grown)
                position &+= 1
                let before = collector.byteCount
                try collector.add(arguments, views, row)
                grown &+= collector.byteCount &- before
            }
            return grown
        }
        updateState = { state, arguments, rows in
            let views = arguments.map(\.view)
            var grown = 0
            let collector = Objects.makeCollector(state, make, &grown)
            let before = collector.byteCount
            try rows.forEach { try collector.add(arguments, views, $0) }
            return grown + collector.byteCount - before
        }
        combineStates = { targets, sources, offset, count in
            for index in 0..<count {
                let place = sources[index] + offset
                guard let source = Objects.collector(place, Collector.self) else { continue }
                if let target = Objects.collector(targets[index] + offset, Collector.self) {
                    try target.merge(source)
                } else {
                    // The object itself moves.
                    (targets[index] + offset).storeBytes(of: place.load(as: Pointer?.self), as: Pointer?.self)
                    place.storeBytes(of: nil, as: Pointer?.self)
                }
            }
        }
        results = { states, offset, count in
            try finish((0..<count).map { Objects.collector(states[$0] + offset, Collector.self) })
        }
    }

    func update(_ states: UnsafePointer<Pointer>, _ arguments: [Vector], _ rows: Rows) throws {
        heapByteCount &+= try updateRows(states, stateOffset, arguments, rows)
    }

    func updateOne(_ state: Pointer, _ arguments: [Vector], _ rows: Rows) throws {
        heapByteCount &+= try updateState(state + stateOffset, arguments, rows)
    }

    func combine(_ targets: UnsafePointer<Pointer>, _ sources: UnsafePointer<Pointer>, count: Int) throws {
        try combineStates(targets, sources, stateOffset, count)
    }

    func finalize(_ states: UnsafePointer<Pointer>, count: Int) throws -> Vector {
        try results(states, stateOffset, count)
    }

    func destroy(_ states: UnsafePointer<Pointer>, count: Int) {
        for index in 0..<count {
            let place = states[index] + stateOffset
            guard let pointer = place.load(as: Pointer?.self) else { continue }
            Unmanaged<AnyObject>.fromOpaque(pointer).release()
            place.storeBytes(of: nil, as: Pointer?.self)
        }
    }
}

/// References in states.
private enum Objects {
    @inline(__always)
    static func collector<Collector: AnyObject>(_ place: UnsafeMutableRawPointer, _: Collector.Type) -> Collector? {
        guard let pointer = place.load(as: UnsafeMutableRawPointer?.self) else { return nil }
        return Unmanaged<Collector>.fromOpaque(pointer).takeUnretainedValue()
    }

    @inline(__always)
    static func makeCollector<Collector: AnyObject>(
        _ place: UnsafeMutableRawPointer, _ make: () -> Collector, _ grown: inout Int
    ) -> Collector {
        if let made = collector(place, Collector.self) { return made }
        let made = make()
        place.storeBytes(of: Unmanaged.passRetained(made).toOpaque(), as: UnsafeMutableRawPointer?.self)
        grown &+= 64
        return made
    }
}
