import Columnar
import SQLTypes

/// Maps from arrays: of entries, and of values to be counted.
enum MapConstruction {
    static let scalars: [ScalarFunction] = [
        ScalarFunction(
            "map_from_entries", Signature("(array(row(K,V))) -> map(K,V)", comparable: ["K"]),
            summary: "A map of rows of a key and a value", cannotRaise: false,
            examples: [
                FunctionExample("map_from_entries(ARRAY[(1, 'x'), (2, 'y')])", "{1=x, 2=y}"),
                FunctionExample("map_from_entries(ARRAY[(1, 'x'), (1, 'y')])", "INVALID_FUNCTION_ARGUMENT"),
                FunctionExample("map_from_entries(ARRAY[(NULL, 'x')])", "INVALID_FUNCTION_ARGUMENT"),
                FunctionExample("map_from_entries(CAST(NULL AS array(row(integer, integer))))", "NULL"),
            ]
        ) { signature in
            { call in
                let list = ListArgument(call.arguments[0])
                let rows = list.elements.flattened()
                let builder = ListBuilder(signature.result, call.rows)
                try call.rows.forEach { row in
                    guard !list.isNull(row) else { return builder.setNull(row) }
                    var keys = MapKeys(rows.children[0])
                    for position in list.range(row) {
                        try requireEntry(rows, position)
                        try keys.add(position)
                        builder.append(position)
                    }
                    builder.endRow(row)
                }
                return builder.finish(rows.children[0], rows.children[1])
            }
        },
        ScalarFunction(
            "multimap_from_entries", Signature("(array(row(K,V))) -> map(K,array(V))", comparable: ["K"]),
            summary: "A map of the keys of rows to arrays of their values", cannotRaise: false,
            examples: [
                FunctionExample("multimap_from_entries(ARRAY[(1, 'x'), (2, 'y'), (1, 'z')])", "{1=[x, z], 2=[y]}"),
                FunctionExample("multimap_from_entries(ARRAY[(NULL, 'x')])", "INVALID_FUNCTION_ARGUMENT"),
            ]
        ) { signature in { call in try multimap(call, signature.result) } },
        ScalarFunction(
            "array_histogram", Signature("(array(T)) -> map(T,bigint)", comparable: ["T"]),
            summary: "The elements and how often each occurs; NULLs are left out",
            examples: [
                FunctionExample("array_histogram(ARRAY['a', 'b', NULL, 'a'])", "{a=2, b=1}"),
                FunctionExample("array_histogram(ARRAY[])", "{}"),
            ]
        ) { signature in
            { call in
                let list = ListArgument(call.arguments[0])
                var picks = ElementPicks()
                var counts: [Value] = []
                let entries = ListEntries(signature.result, call.rows)
                call.rows.forEach { row in
                    guard !list.isNull(row) else { return entries.setNull(row) }
                    var places: [Value: Int] = [:]
                    var found: [Int64] = []
                    for position in list.range(row) where !list.elements.isNull(position) {
                        let value = list.elements.value(at: position)
                        if let place = places[value] {
                            found[place] += 1
                        } else {
                            places[value] = found.count
                            found.append(1)
                            picks.append(position)
                        }
                    }
                    counts.append(contentsOf: found.map { .int($0) })
                    entries.append(row, count: found.count)
                }
                return entries.finish([picks.gather(list.elements), Vector.fromValues(counts, .bigint)])
            }
        },
    ]

    private static func requireEntry(_ rows: Vector, _ position: Int) throws {
        if rows.isNull(position) { throw QueryError(.invalidFunctionArgument, "map entry cannot be null") }
    }

    private static func multimap(_ call: borrowing KernelCall, _ type: DataType) throws -> Vector {
        guard case .map(_, let listType) = type else { return call.arguments[0] }
        let list = ListArgument(call.arguments[0])
        let rows = list.elements.flattened()
        var keys = ElementPicks()
        var values = ElementPicks()
        var groupCounts: [Int] = []
        let entries = ListEntries(type, call.rows)
        try call.rows.forEach { row in
            guard !list.isNull(row) else { return entries.setNull(row) }
            var places: [Value: Int] = [:]
            var groups: [[Int]] = []
            for position in list.range(row) {
                try requireEntry(rows, position)
                let key = rows.children[0].value(at: position)
                if key.isNull { throw QueryError(.invalidFunctionArgument, "map key cannot be null") }
                if let place = places[key] {
                    groups[place].append(position)
                } else {
                    places[key] = groups.count
                    groups.append([position])
                    keys.append(position)
                }
            }
            for group in groups {
                for position in group { values.append(position) }
                groupCounts.append(group.count)
            }
            entries.append(row, count: groups.count)
        }
        let lists = ListEntries(listType, Rows(count: groupCounts.count))
        for (index, count) in groupCounts.enumerated() { lists.append(index, count: count) }
        return entries.finish([keys.gather(rows.children[0]), lists.finish([values.gather(rows.children[1])])])
    }
}
