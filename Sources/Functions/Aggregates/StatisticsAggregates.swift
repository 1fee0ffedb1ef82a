import SQLTypes

/// Variance and its kin, and regressions over pairs.
enum StatisticsAggregates {
    static let all = statistics + regressions

    private static let statistics: [AggregateFunction] = [
        moments("variance", ["var_samp"], .varianceSample, "Sample variance", "1.0"),
        moments("var_pop", [], .variancePopulation, "Population variance", "0.6666666666666666"),
        moments("stddev", ["stddev_samp"], .deviationSample, "Sample standard deviation", "1.0"),
        moments("stddev_pop", [], .deviationPopulation, "Population standard deviation", "0.816496580927726"),
        moments("skewness", [], .skewness, "Skewness", "0.0"),
        moments("kurtosis", [], .kurtosis, "Excess kurtosis", "NULL"),
        AggregateFunction(
            "entropy", "(double) -> double", summary: "log-2 entropy of counts",
            examples: [FunctionExample("entropy(x) FROM (VALUES 2, 2, NULL) t(x)", "1.0")]
        ) {
            FoldKernel(Entropy(), $0.result)
        },
    ]

    private static func moments(
        _ name: String, _ aliases: [String], _ wanted: MomentFold.Result, _ summary: String, _ result: String
    ) -> AggregateFunction {
        AggregateFunction(
            name, aliases: aliases, "(double) -> double", summary: summary,
            examples: [
                FunctionExample("\(name)(x) FROM (VALUES 1, 2, 3, NULL) t(x)", result),
                FunctionExample("\(name)(x) FROM (VALUES CAST(NULL AS integer)) t(x)", "NULL"),
            ]
        ) {
            FoldKernel(MomentFold(wanted), $0.result)
        }
    }

    private static let regressions: [AggregateFunction] = [
        pair("covar_pop", "Population covariance", "2.0") { $0.count < 1 ? nil : $0.xy / $0.count },
        pair("covar_samp", "Sample covariance", "4.0") { $0.count < 2 ? nil : $0.xy / ($0.count - 1) },
        pair("corr", "Correlation coefficient", "1.0") { moments in
            let product = moments.m2X * moments.m2Y
            return moments.count < 1 || product == 0 ? nil : moments.xy / product.squareRoot()
        },
        pair("regr_slope", "Slope of the linear regression; y first", "2.0") {
            $0.count < 1 || $0.m2X == 0 ? nil : $0.xy / $0.m2X
        },
        pair("regr_intercept", "Intercept of the linear regression; y first", "1.0") {
            $0.count < 1 || $0.m2X == 0 ? nil : $0.meanY - $0.xy / $0.m2X * $0.meanX
        },
        pair("regr_avgx", "Mean of x", "2.0") { $0.count < 1 ? nil : $0.meanX },
        pair("regr_avgy", "Mean of y", "5.0") { $0.count < 1 ? nil : $0.meanY },
        pair("regr_sxx", "Sum of squares of x", "2.0") { $0.count < 1 ? nil : $0.m2X },
        pair("regr_syy", "Sum of squares of y", "8.0") { $0.count < 1 ? nil : $0.m2Y },
        pair("regr_sxy", "Sum of products of x and y", "4.0") { $0.count < 1 ? nil : $0.xy },
        pair("regr_count", "Number of pairs", "2.0") { $0.count },
        pair("regr_r2", "Square of the correlation coefficient", "1.0") { moments in
            if moments.count < 1 || moments.m2X == 0 { return nil }
            if moments.m2Y == 0 { return 1 }
            return moments.xy * moments.xy / (moments.m2X * moments.m2Y)
        },
    ].flatMap { $0 }

    private static func pair(
        _ name: String, _ summary: String, _ shown: String, _ result: @escaping PairKernel.Result
    ) -> [AggregateFunction] {
        ["double", "real"].map { type in
            AggregateFunction(
                name, Signature("(\(type), \(type)) -> \(type)"), summary: summary,
                examples: [
                    FunctionExample(
                        "\(name)(CAST(y AS \(type)), CAST(x AS \(type))) FROM (VALUES (3, 1), (7, 3), (NULL, 9)) t(y, x)",
                        shown)
                ]
            ) {
                PairKernel($0.result, result)
            }
        }
    }
}
