import Columnar
import SQLTypes

/// Functions that call a lambda for each element.
enum LambdaFunctions {
    static let scalars: [ScalarFunction] = [
        ScalarFunction(
            "transform", "(array(T), function(T,U)) -> array(U)", summary: "The lambda's results, element by element",
            cannotRaise: false,
            examples: [FunctionExample("transform(ARRAY[1, 2], x -> x * 10)", "[10, 20]")]
        ) { signature in
            { call in
                let list = ListArgument(call.arguments[0])
                let run = Elements(call, list)
                let results = try call.lambdas[0].evaluate(
                    [run.gather(list.elements)], origins: run.origins, count: run.count
                ).flattened()
                return run.lists(signature.result, [results])
            }
        },
        ScalarFunction(
            "filter", "(array(T), function(T,boolean)) -> array(T)",
            summary: "The elements for which the lambda is true", cannotRaise: false,
            examples: [FunctionExample("filter(ARRAY[1, 2, 3], x -> x > 1)", "[2, 3]")]
        ) { signature in
            { call in
                let list = ListArgument(call.arguments[0])
                let run = Elements(call, list)
                let flags = try run.flags(call, [list.elements])
                var next = 0
                return ArrayFunctions.build(call, signature.result, list.elements) { row, keep in
                    guard !list.isNull(row) else { return false }
                    for position in list.range(row) {
                        if flags[next] == 1 { keep(position) }
                        next += 1
                    }
                    return true
                }
            }
        },
        match(
            "any_match", "Whether the lambda is true for some element",
            FunctionExample("any_match(ARRAY[1, 2], x -> x > 1)", "true"), stopAt: true, found: true),
        match(
            "all_match", "Whether the lambda is true for every element",
            FunctionExample("all_match(ARRAY[1, 2], x -> x > 1)", "false"), stopAt: false, found: false),
        match(
            "none_match", "Whether the lambda is true for no element",
            FunctionExample("none_match(ARRAY[1, 2], x -> x > 2)", "true"), stopAt: true, found: false),
        ScalarFunction(
            "reduce", "(array(T), S, function(S,T,S), function(S,R)) -> R", summary: "A state folded over the elements",
            nulls: .handled, cannotRaise: false,
            examples: [FunctionExample("reduce(ARRAY[1, 2, 3], 0, (s, x) -> s + x, s -> s)", "6")]
        ) { signature in { call in try reduce(call, signature) } },
        ScalarFunction(
            "map_filter", "(map(K,V), function(K,V,boolean)) -> map(K,V)",
            summary: "The entries for which the lambda is true", cannotRaise: false,
            examples: [FunctionExample("map_filter(MAP(ARRAY['a', 'b'], ARRAY[1, 2]), (k, v) -> v > 1)", "{b=2}")]
        ) { signature in
            { call in
                let map = ListArgument(call.arguments[0])
                let run = Elements(call, map)
                let flags = try run.flags(call, [map.elements, map.mapValues])
                var next = 0
                let list = ListBuilder(signature.result, call.rows)
                call.rows.forEach { row in
                    guard !map.isNull(row) else { return list.setNull(row) }
                    for position in map.range(row) {
                        if flags[next] == 1 { list.append(position) }
                        next += 1
                    }
                    list.endRow(row)
                }
                return list.finish(map.elements, map.mapValues)
            }
        },
        ScalarFunction(
            "transform_values", "(map(K,V), function(K,V,U)) -> map(K,U)", summary: "The lambda's results as values",
            cannotRaise: false,
            examples: [FunctionExample("transform_values(MAP(ARRAY['a'], ARRAY[1]), (k, v) -> v + 1)", "{a=2}")]
        ) { signature in
            { call in
                let map = ListArgument(call.arguments[0])
                let run = Elements(call, map)
                let keys = run.gather(map.elements)
                let values = try call.lambdas[0].evaluate(
                    [keys, run.gather(map.mapValues)], origins: run.origins, count: run.count)
                return run.lists(signature.result, [keys.flattened(), values.flattened()])
            }
        },
    ]

    private static func match(
        _ name: String, _ summary: String, _ example: FunctionExample, stopAt: Bool, found: Bool
    ) -> ScalarFunction {
        ScalarFunction(
            name, "(array(T), function(T,boolean)) -> boolean", summary: summary, cannotRaise: false,
            examples: [example]
        ) { _ in
            { call in
                let list = ListArgument(call.arguments[0])
                let run = Elements(call, list)
                let flags = try run.flags(call, [list.elements])
                var next = 0
                return ArrayFunctions.flags(call) { row in
                    guard !list.isNull(row) else { return nil }
                    var hasNull = false
                    var hasStop = false
                    for _ in list.range(row) {
                        if flags[next] == 2 {
                            hasNull = true
                        } else if (flags[next] == 1) == stopAt {
                            hasStop = true
                        }
                        next += 1
                    }
                    return hasStop ? found : (hasNull ? nil : !found)
                }
            }
        }
    }

    /// Steps through the elements of all rows side by side: one lambda call per element position.
    private static func reduce(_ call: borrowing KernelCall, _ signature: ResolvedSignature) throws -> Vector {
        let list = ListArgument(call.arguments[0])
        var active: [UInt32] = []
        var longest = 0
        call.rows.forEach { row in
            guard !list.isNull(row) else { return }
            active.append(UInt32(truncatingIfNeeded: row))
            longest = max(longest, list.range(row).count)
        }
        let rowCount = call.rows.count
        var states = [Value](repeating: .null, count: rowCount)
        for row in active { states[Int(row)] = call.arguments[1].value(at: Int(row)) }
        let stateType = signature.arguments[1]
        for step in 0..<longest {
            let rows = active.filter { list.range(Int($0)).count > step }
            let current = Vector.fromValues(rows.map { states[Int($0)] }, stateType)
            let positions = rows.map { UInt32(truncatingIfNeeded: list.range(Int($0)).lowerBound + step) }
            let items = positions.withUnsafeBufferPointer { buffer in
                buffer.baseAddress.map { list.elements.gather($0, count: rows.count) } ?? list.elements
            }
            let next = try rows.withUnsafeBufferPointer { buffer in
                try buffer.baseAddress.map {
                    try call.lambdas[0].evaluate([current, items], origins: $0, count: rows.count)
                } ?? current
            }
            for (index, row) in rows.enumerated() { states[Int(row)] = next.value(at: index) }
        }
        let final = Vector.fromValues(active.map { states[Int($0)] }, stateType)
        let results = try active.withUnsafeBufferPointer { buffer in
            try buffer.baseAddress.map { try call.lambdas[1].evaluate([final], origins: $0, count: active.count) }
                ?? final
        }
        var values = [Value](repeating: .null, count: rowCount)
        for (index, row) in active.enumerated() { values[Int(row)] = results.value(at: index) }
        return Vector.fromValues(values, signature.result)
    }
}

/// The elements of all wanted rows, one after the other, with the row that each belongs to.
private struct Elements {
    let count: Int
    private let positionBuffer: Buffer
    private let originBuffer: Buffer
    private let rows: Rows
    private let list: ListArgument

    init(_ call: borrowing KernelCall, _ list: ListArgument) {
        rows = call.rows
        self.list = list
        var total = 0
        call.rows.forEach { row in if !list.isNull(row) { total += list.range(row).count } }
        count = total
        positionBuffer = Buffer(byteCount: max(total, 1) * 4)
        originBuffer = Buffer(byteCount: max(total, 1) * 4)
        let positions = positionBuffer.pointer.assumingMemoryBound(to: UInt32.self)
        let origins = originBuffer.pointer.assumingMemoryBound(to: UInt32.self)
        var next = 0
        call.rows.forEach { row in
            guard !list.isNull(row) else { return }
            for position in list.range(row) {
                positions[next] = UInt32(truncatingIfNeeded: position)
                origins[next] = UInt32(truncatingIfNeeded: row)
                next += 1
            }
        }
    }

    var origins: UnsafePointer<UInt32> { UnsafePointer(originBuffer.pointer.assumingMemoryBound(to: UInt32.self)) }

    func gather(_ source: Vector) -> Vector {
        count == 0
            ? Vector.fromValues([], source.type)
            : source.gather(positionBuffer.pointer.assumingMemoryBound(to: UInt32.self), count: count)
    }

    /// What the call's first lambda says of each element: 0 false, 1 true, 2 NULL.
    func flags(_ call: borrowing KernelCall, _ sources: [Vector]) throws -> [UInt8] {
        let result = try call.lambdas[0].evaluate(sources.map(gather), origins: origins, count: count)
        return withExtendedLifetime(result) {
            let view = result.view
            return (0..<count).map { view.isValid($0) ? view.load($0, as: UInt8.self) : 2 }
        }
    }

    /// Lists of the same lengths over new children.
    func lists(_ type: DataType, _ children: [Vector]) -> Vector {
        let builder = FlatBuilder(type, capacity: rows.count)
        builder.zero()
        var next = 0
        rows.forEach { row in
            guard !list.isNull(row) else { return builder.setNull(row) }
            let length = list.range(row).count
            builder.pointer(as: ListEntry.self)[row] = ListEntry(
                offset: UInt32(truncatingIfNeeded: next), count: UInt32(truncatingIfNeeded: length))
            next += length
        }
        return builder.finish(count: rows.count, children: children)
    }
}
