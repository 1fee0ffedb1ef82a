import Columnar
import SQLTypes

/// What sketches answer: HyperLogLog how many values, digests which value lies at a rank.
enum SketchFunctions {
    static let scalars: [ScalarFunction] =
        [
            ScalarFunction(
                "cardinality", "(HyperLogLog) -> bigint", summary: "About how many distinct values a sketch has seen",
                cannotRaise: false,
                examples: [
                    FunctionExample("cardinality(approx_set(x)) FROM (VALUES 1, 2, 2, NULL) t(x)", "2"),
                    FunctionExample("cardinality(CAST(X'00' AS HyperLogLog))", "INVALID_FUNCTION_ARGUMENT"),
                ]
            ) { _ in
                { call in
                    try TextDriver.values(call, as: .bigint, Int64.self, cannotRaise: false) { row, views in
                        try DistinctSketch.read(views[0], row).estimate
                    }
                }
            },
            ScalarFunction(
                "empty_approx_set", "() -> HyperLogLog", summary: "A sketch that has seen nothing",
                examples: [FunctionExample("cardinality(empty_approx_set())", "0")]
            ) { signature in
                { call in
                    Vector.constant(.bytes(DistinctSketch().bytes()), signature.result, count: call.rows.count)
                }
            },
        ]
        + [
            ("tdigest", "double"), ("qdigest(bigint)", "bigint"), ("qdigest(double)", "double"),
            ("qdigest(real)", "real"),
        ].flatMap(quantiles)

    private static func quantiles(_ sketch: String, _ type: String) -> [ScalarFunction] {
        let name = sketch.prefix { $0 != "(" }
        let input = "(VALUES \(type) '1', \(type) '2', \(type) '3') t(x)"
        let shown = type == "bigint" ? "2" : "2.0"
        return [
            ScalarFunction(
                "value_at_quantile", Signature("(\(sketch), double) -> \(type)"),
                summary: "About the value at a rank from 0 to 1", cannotRaise: false,
                examples: [
                    FunctionExample("value_at_quantile(\(name)_agg(x), 0.5e0) FROM \(input)", shown),
                    FunctionExample(
                        "value_at_quantile(\(name)_agg(x), 2e0) FROM \(input)", "INVALID_FUNCTION_ARGUMENT"),
                ]
            ) { signature in { call in try values(call, signature.result) } },
            ScalarFunction(
                "values_at_quantiles", Signature("(\(sketch), array(double)) -> array(\(type))"),
                summary: "About the values at ranks from 0 to 1", cannotRaise: false,
                examples: [
                    FunctionExample("values_at_quantiles(\(name)_agg(x), ARRAY[0.5e0]) FROM \(input)", "[\(shown)]")
                ]
            ) { signature in { call in try values(call, signature.result) } },
        ]
    }

    private static func values(_ call: borrowing KernelCall, _ type: DataType) throws -> Vector {
        let digests = call.arguments[0].view
        let ranks = call.arguments[1]
        var element = type
        if case .array(let inner) = type { element = inner }
        let number = QuantileNumber(element)
        var results = [Value](repeating: .null, count: call.rows.count)
        try call.rows.forEach { row in
            guard digests.isValid(row), !ranks.isNull(row) else { return }
            var digest = try TDigest.read(digests, row)
            let wanted = try PercentileCollector.percentiles(ranks.value(at: row))
            let found = digest.values(at: wanted).map(number.value)
            if element == type { results[row] = found.first ?? .null } else { results[row] = .array(found) }
        }
        return Vector.fromValues(results, type)
    }
}
