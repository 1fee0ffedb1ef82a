import Columnar
import SQLTypes

/// Functions of maps without lambdas.
enum MapFunctions {
    static let scalars: [ScalarFunction] = [
        ScalarFunction(
            "map", Signature("(array(K), array(V)) -> map(K,V)", comparable: ["K"]),
            summary: "A map of keys and values", cannotRaise: false,
            examples: [
                FunctionExample("map(ARRAY['a'], ARRAY[1])", "{a=1}"),
                FunctionExample("map(ARRAY['a', 'a'], ARRAY[1, 2])", "INVALID_FUNCTION_ARGUMENT"),
            ]
        ) { signature in { call in try make(call, signature.result) } },
        ScalarFunction(
            "map", "() -> map(unknown,unknown)", summary: "The empty map", examples: [FunctionExample("map()", "{}")]
        ) { signature in
            { call in Vector.constant(.map(keys: [], values: []), signature.result, count: call.rows.count) }
        },
        ScalarFunction(
            "map_keys", "(map(K,V)) -> array(K)", summary: "The keys",
            examples: [FunctionExample("map_keys(MAP(ARRAY['a'], ARRAY[1]))", "[a]")]
        ) { signature in { call in part(call, signature.result, 0) } },
        ScalarFunction(
            "map_values", "(map(K,V)) -> array(V)", summary: "The values",
            examples: [FunctionExample("map_values(MAP(ARRAY['a'], ARRAY[1]))", "[1]")]
        ) { signature in { call in part(call, signature.result, 1) } },
        ScalarFunction(
            "map_entries", Signature("(map(K,V)) -> array(row(K,V))"), summary: "The entries as rows",
            examples: [FunctionExample("map_entries(MAP(ARRAY['a'], ARRAY[1]))", "[{field0=a, field1=1}]")]
        ) { signature in
            { call in
                let map = call.arguments[0].flattened()
                guard case .array(let element) = signature.result else { return map }
                let rows = Vector(
                    rowOf: [map.children[0].flattened(), map.children[1].flattened()], type: element,
                    count: map.children[0].count)
                return Vector(
                    type: signature.result, count: map.count, values: map.values, validity: map.validity,
                    children: [rows],
                    owners: [map])
            }
        },
        ScalarFunction(
            "map_concat", Signature("(map(K,V), map(K,V)...) -> map(K,V)", comparable: ["K"]),
            summary: "Maps as one; the last value of a key holds",
            examples: [FunctionExample("map_concat(MAP(ARRAY['a'], ARRAY[1]), MAP(ARRAY['a'], ARRAY[2]))", "{a=2}")]
        ) { signature in { call in concatenate(call, signature.result) } },
    ]

    private static func make(_ call: borrowing KernelCall, _ type: DataType) throws -> Vector {
        let keys = ListArgument(call.arguments[0])
        let values = ListArgument(call.arguments[1])
        // Keys and values lie in one run each, so that one list of positions serves both.
        let keyList = ListBuilder(.array(keys.elements.type), call.rows)
        let valueList = ListBuilder(.array(values.elements.type), call.rows)
        try call.rows.forEach { row in
            guard !keys.isNull(row), !values.isNull(row) else {
                keyList.setNull(row)
                return valueList.setNull(row)
            }
            let keyRange = keys.range(row)
            let valueRange = values.range(row)
            guard keyRange.count == valueRange.count else {
                throw QueryError(.invalidFunctionArgument, "Key and value arrays must be the same length")
            }
            var seen = ElementSet(keys.elements)
            for position in keyRange {
                if keys.elements.isNull(position) {
                    throw QueryError(.invalidFunctionArgument, "map key cannot be null")
                }
                if !seen.insert(position) {
                    let text = ValueText.print(keys.elements.value(at: position), keys.elements.type)
                    throw QueryError(.invalidFunctionArgument, "Duplicate map keys (\(text)) are not allowed")
                }
                keyList.append(position)
            }
            valueRange.forEach(valueList.append)
            keyList.endRow(row)
            valueList.endRow(row)
        }
        let keyArrays = keyList.finish(keys.elements)
        let valueArrays = valueList.finish(values.elements)
        return Vector(
            type: type, count: keyArrays.count, values: keyArrays.values, validity: keyArrays.validity,
            children: [keyArrays.children[0], valueArrays.children[0]], owners: [keyArrays, valueArrays])
    }

    private static func part(_ call: borrowing KernelCall, _ type: DataType, _ child: Int) -> Vector {
        let map = call.arguments[0].flattened()
        return Vector(
            type: type, count: map.count, values: map.values, validity: map.validity, children: [map.children[child]],
            owners: [map])
    }

    private static func concatenate(_ call: borrowing KernelCall, _ type: DataType) -> Vector {
        let maps = call.arguments.map(ListArgument.init)
        guard case .map(let keyType, let valueType) = type else { return call.arguments[0] }
        var offsets: [Int] = []
        var total = 0
        for map in maps {
            offsets.append(total)
            total += map.elements.count
        }
        let keys = Vector.concatenate(maps.map(\.elements), type: keyType)
        let values = Vector.concatenate(maps.map(\.mapValues), type: valueType)
        let list = ListBuilder(type, call.rows)
        call.rows.forEach { row in
            for map in maps where map.isNull(row) { return list.setNull(row) }
            var order: [Value] = []
            var places: [Value: Int] = [:]
            for (map, offset) in zip(maps, offsets) {
                for position in map.range(row) {
                    let key = map.elements.value(at: position)
                    if places.updateValue(position + offset, forKey: key) == nil { order.append(key) }
                }
            }
            for key in order { if let place = places[key] { list.append(place) } }
            list.endRow(row)
        }
        return list.finish(keys, values)
    }
}
