import Columnar
import SQLTypes

/// Arrays side by side.
enum ZipFunctions {
    static let scalars: [ScalarFunction] = (2...5).map(zip) + [zipWith]

    private static func zip(_ count: Int) -> ScalarFunction {
        let names = ["A", "B", "C", "D", "E"].prefix(count)
        let inputs = names.map { "array(\($0))" }.joined(separator: ", ")
        let example =
            count == 2
            ? FunctionExample("zip(ARRAY[1, 2], ARRAY['a'])", "[{field0=1, field1=a}, {field0=2, field1=null}]")
            : FunctionExample(
                "cardinality(zip(\(Array(repeating: "ARRAY[1]", count: count - 1).joined(separator: ", ")), ARRAY[1, 2]))",
                "2")
        return ScalarFunction(
            "zip", Signature("(\(inputs)) -> array(row(\(names.joined(separator: ","))))"),
            summary: "The arrays' elements side by side, as rows; NULL where an array ends first",
            examples: [example, FunctionExample("zip(ARRAY[1], NULL)", "NULL")]
        ) { signature in
            { call in
                let lists = call.arguments.map(ListArgument.init)
                var picks = Array(repeating: ElementPicks(), count: lists.count)
                let entries = ListEntries(signature.result, call.rows)
                call.rows.forEach { row in
                    for list in lists where list.isNull(row) { return entries.setNull(row) }
                    entries.append(row, count: pick(lists, row, &picks))
                }
                guard case .array(let element) = signature.result else { return entries.finish([]) }
                let fields = Swift.zip(picks, lists).map { $0.gather($1.elements) }
                return entries.finish([Vector(rowOf: fields, type: element, count: picks[0].count)])
            }
        }
    }

    private static let zipWith = ScalarFunction(
        "zip_with", "(array(T), array(U), function(T,U,R)) -> array(R)",
        summary: "The lambda's results over the elements of two arrays side by side", cannotRaise: false,
        examples: [
            FunctionExample("zip_with(ARRAY[1, 3], ARRAY[2, 4], (x, y) -> x * y)", "[2, 12]"),
            FunctionExample("zip_with(ARRAY[1, 3], ARRAY['a'], (x, y) -> y)", "[a, null]"),
            FunctionExample("zip_with(ARRAY[1], NULL, (x, y) -> x)", "NULL"),
        ]
    ) { signature in
        { call in
            let lists = [ListArgument(call.arguments[0]), ListArgument(call.arguments[1])]
            var picks = [ElementPicks(), ElementPicks()]
            var origins: [UInt32] = []
            let entries = ListEntries(signature.result, call.rows)
            call.rows.forEach { row in
                for list in lists where list.isNull(row) { return entries.setNull(row) }
                let count = pick(lists, row, &picks)
                origins.append(contentsOf: Array(repeating: UInt32(truncatingIfNeeded: row), count: count))
                entries.append(row, count: count)
            }
            let results = try evaluate(
                call.lambdas[0], [picks[0].gather(lists[0].elements), picks[1].gather(lists[1].elements)], origins,
                signature.result)
            return entries.finish([results])
        }
    }

    /// Adds the row's elements; how many there are.
    private static func pick(_ lists: [ListArgument], _ row: Int, _ picks: inout [ElementPicks]) -> Int {
        let count = lists.map { $0.range(row).count }.max() ?? 0
        for (index, list) in lists.enumerated() {
            let range = list.range(row)
            for offset in 0..<count { picks[index].append(offset < range.count ? range.lowerBound + offset : nil) }
        }
        return count
    }

    /// The lambda over all elements at once; an empty vector of the elements of `type` for none.
    static func evaluate(
        _ lambda: any LambdaEvaluator, _ parameters: [Vector], _ origins: [UInt32], _ type: DataType
    ) throws -> Vector {
        try origins.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress, !buffer.isEmpty else {
                switch type {
                case .array(let element): return Vector.fromValues([], element)
                case .map(_, let value): return Vector.fromValues([], value)
                default: return Vector.fromValues([], type)
                }
            }
            return try lambda.evaluate(parameters, origins: base, count: buffer.count).flattened()
        }
    }
}
