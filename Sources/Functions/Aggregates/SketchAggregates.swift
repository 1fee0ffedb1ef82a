import SQLTypes

/// Percentiles, histograms and sketches: small summaries of many values.
enum SketchAggregates {
    static let all: [AggregateFunction] = percentiles + sketches + digests + histograms

    // MARK: Percentiles

    private static let percentiles: [AggregateFunction] = ["bigint", "real", "double"].flatMap { type in
        let two = type == "bigint" ? "2" : "2.0"
        return [
            ("(\(type), double) -> \(type)", "x, 0.5e0", two),
            (
                "(\(type), array(double)) -> array(\(type))", "x, ARRAY[0.5e0, 1e0]",
                type == "bigint" ? "[2, 3]" : "[2.0, 3.0]"
            ),
            ("(\(type), double, double) -> \(type)", "x, 1e0, 0.5e0", two),
            ("(\(type), double, array(double)) -> array(\(type))", "x, 1e0, ARRAY[0.5e0]", "[\(two)]"),
        ].map { text, arguments, result in
            AggregateFunction(
                "approx_percentile", Signature(text), summary: "About the value at a percentile, from 0 to 1",
                examples: [
                    FunctionExample(
                        "approx_percentile(\(arguments)) FROM (VALUES \(type) '1', \(type) '2', \(type) '3', NULL) t(x)",
                        result),
                    FunctionExample(
                        "approx_percentile(x, 2e0) FROM (VALUES \(type) '1') t(x)", "INVALID_FUNCTION_ARGUMENT"),
                ]
            ) { signature in
                let number = QuantileNumber(signature.arguments[0])
                let hasWeight = signature.arguments.count == 3
                return ObjectKernel {
                    PercentileCollector(number, hasWeight: hasWeight)
                } finish: {
                    PercentileCollector.results($0, signature.result, number)
                }
            }
        }
    }

    // MARK: HyperLogLog

    private static let sketches: [AggregateFunction] = [
        AggregateFunction(
            "approx_set", "(T) -> HyperLogLog", summary: "A sketch of the distinct values",
            examples: [
                FunctionExample("cardinality(approx_set(x)) FROM (VALUES 'a', 'b', 'a') t(x)", "2"),
                FunctionExample("approx_set(x) FROM (VALUES 1) t(x) WHERE x > 1", "NULL"),
            ]
        ) { DistinctSketchKernel($0.result) },
        AggregateFunction(
            "approx_set", "(T, double) -> HyperLogLog",
            summary: "A sketch of the distinct values with a standard error",
            examples: [FunctionExample("cardinality(approx_set(x, 0.05e0)) FROM (VALUES 'a', 'b', 'a') t(x)", "2")]
        ) { DistinctSketchKernel($0.result) },
        AggregateFunction(
            "merge", "(HyperLogLog) -> HyperLogLog", summary: "One sketch of all that sketches have seen",
            examples: [
                FunctionExample(
                    "cardinality(merge(s)) FROM (SELECT approx_set(x) s FROM (VALUES (1, 1), (1, 2), (2, 2), (2, 3)) t(g, x) "
                        + "GROUP BY g)", "3"),
                FunctionExample(
                    "merge(s) FROM (SELECT approx_set(1) s UNION ALL SELECT approx_set(1, 0.1e0)) t",
                    "INVALID_FUNCTION_ARGUMENT"),
            ]
        ) { signature in
            ObjectKernel {
                SketchMergeCollector()
            } finish: {
                SketchMergeCollector.sketches($0, signature.result)
            }
        },
    ]

    // MARK: Digests

    private static let digests: [AggregateFunction] =
        [
            digest("tdigest_agg", "(double) -> tdigest", "x"),
            digest("tdigest_agg", "(double, double) -> tdigest", "x, 1"),
            mergeDigests("tdigest"),
        ]
        + ["bigint", "double", "real"].flatMap { type in
            [
                digest("qdigest_agg", "(\(type)) -> qdigest(\(type))", "\(type) '2'"),
                digest("qdigest_agg", "(\(type), bigint) -> qdigest(\(type))", "\(type) '2', 1"),
                digest("qdigest_agg", "(\(type), bigint, double) -> qdigest(\(type))", "\(type) '2', 1, 0.01e0"),
                mergeDigests("qdigest(\(type))"),
            ]
        }

    private static func digest(_ name: String, _ signature: String, _ arguments: String) -> AggregateFunction {
        AggregateFunction(
            name, Signature(signature), summary: "A digest of the values, for quantiles; a weight may follow the value",
            examples: [
                FunctionExample(
                    "CAST(value_at_quantile(\(name)(\(arguments)), 0.5e0) AS bigint) FROM (VALUES 2, 2) t(x)", "2")
            ]
        ) { signature in
            let number = QuantileNumber(signature.arguments[0])
            let hasWeight = signature.arguments.count > 1
            return ObjectKernel {
                DigestCollector(.values(number, hasWeight: hasWeight))
            } finish: {
                DigestCollector.digests($0, signature.result)
            }
        }
    }

    private static func mergeDigests(_ type: String) -> AggregateFunction {
        let name = type.prefix { $0 != "(" }
        let value = name == "tdigest" ? "double '4'" : "\(type.dropFirst(8).dropLast()) '4'"
        return AggregateFunction(
            "merge", Signature("(\(type)) -> \(type)"), summary: "One digest of all values of digests",
            examples: [
                FunctionExample(
                    "CAST(value_at_quantile(merge(d), 1e0) AS bigint) FROM (SELECT \(name)_agg(\(value)) d) t", "4")
            ]
        ) { signature in
            ObjectKernel {
                DigestCollector(.digests)
            } finish: {
                DigestCollector.digests($0, signature.result)
            }
        }
    }

    // MARK: Histograms

    private static let histograms: [AggregateFunction] =
        ["double", "real"].flatMap { type in
            ["(bigint, \(type)) -> map(\(type),\(type))", "(bigint, \(type), double) -> map(\(type),\(type))"].map {
                AggregateFunction(
                    "numeric_histogram", Signature($0),
                    summary: "About the values in n buckets: their means and weights",
                    examples: [
                        FunctionExample(
                            "numeric_histogram(2, x) FROM (VALUES \(type) '1', \(type) '1', \(type) '9') t(x)",
                            "{1.0=2.0, 9.0=1.0}"),
                        FunctionExample(
                            "numeric_histogram(1, x) FROM (VALUES \(type) '1') t(x)", "INVALID_FUNCTION_ARGUMENT"),
                    ]
                ) { signature in
                    let isReal = signature.arguments[1] == .real
                    return ObjectKernel {
                        NumericHistogramCollector(isReal: isReal)
                    } finish: {
                        NumericHistogramCollector.maps($0, signature.result)
                    }
                }
            }
        } + [
            AggregateFunction(
                "approx_most_frequent", "(bigint, T, bigint) -> map(T,bigint)",
                summary: "Most frequent values and counts",
                examples: [
                    FunctionExample(
                        "approx_most_frequent(2, x, 10) FROM (VALUES 'a', 'b', 'a', 'c', 'b', 'a') t(x)", "{a=3, b=2}")
                ]
            ) { makeMostFrequentKernel($0) }
        ]
}
