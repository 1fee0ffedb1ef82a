import Columnar
import SQLTypes

/// Functions that make maps with a lambda from the entries of others.
enum LambdaMaps {
    static let scalars: [ScalarFunction] = [
        ScalarFunction(
            "transform_keys", Signature("(map(K,V), function(K,V,U)) -> map(U,V)", comparable: ["U"]),
            summary: "The lambda's results as keys", cannotRaise: false,
            examples: [
                FunctionExample("transform_keys(MAP(ARRAY[1, 2], ARRAY['a', 'b']), (k, v) -> k * 10)", "{10=a, 20=b}"),
                FunctionExample(
                    "transform_keys(MAP(ARRAY[1, 2], ARRAY['a', 'b']), (k, v) -> 1)", "INVALID_FUNCTION_ARGUMENT"),
                FunctionExample("transform_keys(CAST(NULL AS map(integer, integer)), (k, v) -> k)", "NULL"),
            ]
        ) { signature in { call in try transformKeys(call, signature.result) } },
        ScalarFunction(
            "map_zip_with", Signature("(map(K,V), map(K,W), function(K,V,W,R)) -> map(K,R)", comparable: ["K"]),
            summary: "The lambda's results over the values that two maps have for a key; NULL for a missing one",
            cannotRaise: false,
            examples: [
                FunctionExample(
                    "map_zip_with(MAP(ARRAY['a', 'b'], ARRAY[1, 2]), MAP(ARRAY['a', 'c'], ARRAY[10, 20]), "
                        + "(k, x, y) -> coalesce(x, 0) + coalesce(y, 0))", "{a=11, b=2, c=20}"),
                FunctionExample(
                    "map_zip_with(MAP(ARRAY['a'], ARRAY[1]), CAST(NULL AS map(varchar, integer)), (k, x, y) -> x)",
                    "NULL"),
            ]
        ) { signature in { call in try zip(call, signature.result) } },
    ]

    private static func transformKeys(_ call: borrowing KernelCall, _ type: DataType) throws -> Vector {
        let map = ListArgument(call.arguments[0])
        var picks = ElementPicks()
        var origins: [UInt32] = []
        let entries = ListEntries(type, call.rows)
        call.rows.forEach { row in
            guard !map.isNull(row) else { return entries.setNull(row) }
            for position in map.range(row) {
                picks.append(position)
                origins.append(UInt32(truncatingIfNeeded: row))
            }
            entries.append(row, count: map.range(row).count)
        }
        let values = picks.gather(map.mapValues)
        guard case .map(let keyType, _) = type else { return call.arguments[0] }
        let keys = try ZipFunctions.evaluate(
            call.lambdas[0], [picks.gather(map.elements), values], origins, .array(keyType))
        var next = 0
        try call.rows.forEach { row in
            guard !map.isNull(row) else { return }
            var distinct = MapKeys(keys)
            for _ in map.range(row) {
                try distinct.add(next)
                next += 1
            }
        }
        return entries.finish([keys, values])
    }

    private static func zip(_ call: borrowing KernelCall, _ type: DataType) throws -> Vector {
        let left = ListArgument(call.arguments[0])
        let right = ListArgument(call.arguments[1])
        let (allKeys, offset) = Vector.joined(left.elements, right.elements)
        var keys = ElementPicks()
        var leftValues = ElementPicks()
        var rightValues = ElementPicks()
        var origins: [UInt32] = []
        let entries = ListEntries(type, call.rows)
        call.rows.forEach { row in
            guard !left.isNull(row), !right.isNull(row) else { return entries.setNull(row) }
            let start = keys.count
            var places: [Value: Int] = [:]
            for position in right.range(row) { places[right.elements.value(at: position)] = position }
            for position in left.range(row) {
                keys.append(position)
                leftValues.append(position)
                rightValues.append(places.removeValue(forKey: left.elements.value(at: position)))
            }
            // What is left are keys that the first map does not have.
            for position in places.values.sorted() {
                keys.append(position + offset)
                leftValues.append(nil)
                rightValues.append(position)
            }
            let count = keys.count - start
            origins.append(contentsOf: Array(repeating: UInt32(truncatingIfNeeded: row), count: count))
            entries.append(row, count: count)
        }
        let keyVector = keys.gather(allKeys)
        let results = try ZipFunctions.evaluate(
            call.lambdas[0], [keyVector, leftValues.gather(left.mapValues), rightValues.gather(right.mapValues)],
            origins, type)
        return entries.finish([keyVector, results])
    }
}
