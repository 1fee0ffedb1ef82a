import Columnar
import SQLTypes

/// The aggregate functions, by family.
enum AggregateFamilies {
    static let all: [[AggregateFunction]] = [
        counts, sums, averages, extremes, booleans, bitwise, statistics, regressions, approximations, collections,
    ]

    // MARK: Counting

    static let counts: [AggregateFunction] = [
        AggregateFunction(
            "count", "() -> bigint", summary: "Number of rows", skipsNulls: false
        ) { _ in CountKernel() },
        AggregateFunction(
            "count", "(T) -> bigint", summary: "Number of rows whose argument is not NULL"
        ) { _ in CountKernel() },
        AggregateFunction(
            "count_if", "(boolean) -> bigint", summary: "Number of TRUE values"
        ) { FoldKernel(CountTruths(), $0.result) },
        AggregateFunction(
            "approx_distinct", "(T) -> bigint", summary: "Approximate number of distinct values"
        ) { _ in ApproximateDistinctKernel() },
        AggregateFunction(
            "approx_distinct", "(T, double) -> bigint",
            summary: "Approximate number of distinct values with a given standard error"
        ) { _ in ApproximateDistinctKernel() },
        AggregateFunction(
            "checksum", "(T) -> varbinary", summary: "A checksum that does not depend on the order of rows",
            skipsNulls: false
        ) { _ in ChecksumKernel() },
    ]

    // MARK: Sums and averages

    static let sums: [AggregateFunction] = [
        AggregateFunction("sum", "(bigint) -> bigint", summary: "Sum of all values") {
            FoldKernel(SumIntegers<Int64, Int64>(typeName: "bigint"), $0.result)
        },
        AggregateFunction("sum", "(integer) -> bigint", summary: "Sum of all values") {
            FoldKernel(SumIntegers<Int32, Int64>(typeName: "bigint"), $0.result)
        },
        AggregateFunction("sum", "(smallint) -> bigint", summary: "Sum of all values") {
            FoldKernel(SumIntegers<Int16, Int64>(typeName: "bigint"), $0.result)
        },
        AggregateFunction("sum", "(tinyint) -> bigint", summary: "Sum of all values") {
            FoldKernel(SumIntegers<Int8, Int64>(typeName: "bigint"), $0.result)
        },
        AggregateFunction("sum", "(double) -> double", summary: "Sum of all values") {
            FoldKernel(SumFloats<Double>(isAverage: false), $0.result)
        },
        AggregateFunction("sum", "(real) -> real", summary: "Sum of all values") {
            FoldKernel(SumFloats<Float>(isAverage: false), $0.result)
        },
        AggregateFunction(
            "sum",
            Signature(
                "(decimal(p,s)) -> decimal(38,s)",
                resultType: { types in
                    guard case .decimal(_, let scale)? = types.first else { return nil }
                    return .decimal(precision: DataType.maxDecimalPrecision, scale: scale)
                }), summary: "Sum of all values"
        ) { signature -> any AggregateKernel in
            if signature.arguments[0].physical == .int64 { return FoldKernel(SumShortDecimals(), signature.result) }
            return FoldKernel(SumLongDecimals(), signature.result)
        },
        AggregateFunction("sum", "(interval day to second) -> interval day to second", summary: "Sum of all values") {
            FoldKernel(SumIntegers<Int64, Int64>(typeName: "interval"), $0.result)
        },
        AggregateFunction(
            "sum", "(interval year to month) -> interval year to month", summary: "Sum of all values"
        ) { FoldKernel(SumIntegers<Int32, Int32>(typeName: "interval"), $0.result) },
    ]

    static let averages: [AggregateFunction] = [
        AggregateFunction("avg", "(double) -> double", summary: "Arithmetic mean") {
            FoldKernel(SumFloats<Double>(isAverage: true), $0.result)
        },
        AggregateFunction("avg", "(real) -> real", summary: "Arithmetic mean") {
            FoldKernel(SumFloats<Float>(isAverage: true), $0.result)
        },
        AggregateFunction("avg", "(bigint) -> double", summary: "Arithmetic mean") {
            FoldKernel(AverageIntegers<Int64>(), $0.result)
        },
        AggregateFunction("avg", "(integer) -> double", summary: "Arithmetic mean") {
            FoldKernel(AverageIntegers<Int32>(), $0.result)
        },
        AggregateFunction("avg", "(smallint) -> double", summary: "Arithmetic mean") {
            FoldKernel(AverageIntegers<Int16>(), $0.result)
        },
        AggregateFunction("avg", "(tinyint) -> double", summary: "Arithmetic mean") {
            FoldKernel(AverageIntegers<Int8>(), $0.result)
        },
        AggregateFunction("avg", "(decimal(p,s)) -> decimal(p,s)", summary: "Arithmetic mean, rounded half up") {
            signature -> any AggregateKernel in
            if signature.arguments[0].physical == .int64 { return FoldKernel(AverageShortDecimals(), signature.result) }
            return FoldKernel(AverageLongDecimals(), signature.result)
        },
        AggregateFunction("avg", "(interval day to second) -> interval day to second", summary: "Arithmetic mean") {
            FoldKernel(AverageIntervals<Int64>(), $0.result)
        },
        AggregateFunction("avg", "(interval year to month) -> interval year to month", summary: "Arithmetic mean") {
            FoldKernel(AverageIntervals<Int32>(), $0.result)
        },
        AggregateFunction("geometric_mean", "(double) -> double", summary: "Geometric mean") {
            FoldKernel(GeometricMean(), $0.result)
        },
    ]

    // MARK: Extremes

    static let extremes: [AggregateFunction] =
        ["min", "max"].flatMap { name -> [AggregateFunction] in
            let isMaximum = name == "max"
            let word = isMaximum ? "Greatest" : "Least"
            return [
                AggregateFunction(name, Signature("(T) -> T", orderable: ["T"]), summary: "\(word) value") {
                    extremeKernel($0.result, isMaximum: isMaximum)
                },
                AggregateFunction(
                    name, Signature("(T, bigint) -> array(T)", orderable: ["T"]), summary: "\(word) n values"
                ) { signature in
                    ObjectKernel {
                        BestCollector(hasKey: false, isMaximum: isMaximum, name: name)
                    } finish: {
                        BestCollector.arrays($0, signature.result)
                    }
                },
                AggregateFunction(
                    "\(name)_by", Signature("(V, K) -> V", orderable: ["K"]),
                    summary: "Value of the row with the \(word.lowercased()) second argument", skipsNulls: false
                ) { ByExtremeKernel(value: $0.result, key: $0.arguments[1], isMaximum: isMaximum) },
                AggregateFunction(
                    "\(name)_by", Signature("(V, K, bigint) -> array(V)", orderable: ["K"]),
                    summary: "Values of the n rows with the \(word.lowercased()) second arguments", skipsNulls: false
                ) { signature in
                    ObjectKernel {
                        BestCollector(hasKey: true, isMaximum: isMaximum, name: "\(name)_by")
                    } finish: {
                        BestCollector.arrays($0, signature.result)
                    }
                },
            ]
        } + [
            AggregateFunction(
                "arbitrary", aliases: ["any_value"], "(T) -> T", summary: "Any value that is not NULL",
                isOrderInsensitive: false
            ) { ArbitraryKernel($0.result) }
        ]

    private static func extremeKernel(_ type: DataType, isMaximum: Bool) -> any AggregateKernel {
        switch type.physical {
        case .boolean: FoldKernel(ExtremeInteger<UInt8>(isMaximum: isMaximum), type)
        case .int8: FoldKernel(ExtremeInteger<Int8>(isMaximum: isMaximum), type)
        case .int16: FoldKernel(ExtremeInteger<Int16>(isMaximum: isMaximum), type)
        case .int32: FoldKernel(ExtremeInteger<Int32>(isMaximum: isMaximum), type)
        case .int64: FoldKernel(ExtremeInteger<Int64>(isMaximum: isMaximum), type)
        case .float: FoldKernel(ExtremeFloat<Float>(isMaximum: isMaximum), type)
        case .double: FoldKernel(ExtremeFloat<Double>(isMaximum: isMaximum), type)
        case .string: StringExtremeKernel(type, isMaximum: isMaximum)
        case .int128: FoldKernel(ExtremeInt128(isMaximum: isMaximum, order: order128(type)), type)
        case .list, .map, .row: CellExtremeKernel(type, isMaximum: isMaximum)
        }
    }

    private static func order128(_ type: DataType) -> ExtremeInt128.Order {
        switch type {
        case .uuid, .ipaddress: .unsigned
        case .timeWithTimeZone, .timestampWithTimeZone: .instant
        default: .signed
        }
    }

    // MARK: Booleans and bits

    static let booleans: [AggregateFunction] = [
        AggregateFunction("bool_and", aliases: ["every"], "(boolean) -> boolean", summary: "TRUE if every value is") {
            FoldKernel(BooleanFold(isAnd: true), $0.result)
        },
        AggregateFunction("bool_or", "(boolean) -> boolean", summary: "TRUE if any value is") {
            FoldKernel(BooleanFold(isAnd: false), $0.result)
        },
    ]

    static let bitwise: [AggregateFunction] = [
        AggregateFunction("bitwise_and_agg", "(bigint) -> bigint", summary: "Bitwise AND of all values") {
            FoldKernel(BitwiseFold(operation: .and), $0.result)
        },
        AggregateFunction("bitwise_or_agg", "(bigint) -> bigint", summary: "Bitwise OR of all values") {
            FoldKernel(BitwiseFold(operation: .or), $0.result)
        },
        AggregateFunction("bitwise_xor_agg", "(bigint) -> bigint", summary: "Bitwise XOR of all values") {
            FoldKernel(BitwiseFold(operation: .xor), $0.result)
        },
    ]

    // MARK: Statistics

    static let statistics: [AggregateFunction] = [
        moments("variance", ["var_samp"], .varianceSample, "Sample variance"),
        moments("var_pop", [], .variancePopulation, "Population variance"),
        moments("stddev", ["stddev_samp"], .deviationSample, "Sample standard deviation"),
        moments("stddev_pop", [], .deviationPopulation, "Population standard deviation"),
        moments("skewness", [], .skewness, "Skewness"),
        moments("kurtosis", [], .kurtosis, "Excess kurtosis"),
        AggregateFunction("entropy", "(double) -> double", summary: "log-2 entropy of counts") {
            FoldKernel(Entropy(), $0.result)
        },
    ]

    private static func moments(
        _ name: String, _ aliases: [String], _ wanted: MomentFold.Result, _ summary: String
    ) -> AggregateFunction {
        AggregateFunction(name, aliases: aliases, "(double) -> double", summary: summary) {
            FoldKernel(MomentFold(wanted), $0.result)
        }
    }

    static let regressions: [AggregateFunction] = [
        pair("covar_pop", "Population covariance") { $0.count < 1 ? nil : $0.xy / $0.count },
        pair("covar_samp", "Sample covariance") { $0.count < 2 ? nil : $0.xy / ($0.count - 1) },
        pair("corr", "Correlation coefficient") { moments in
            let product = moments.m2X * moments.m2Y
            return moments.count < 1 || product == 0 ? nil : moments.xy / product.squareRoot()
        },
        pair("regr_slope", "Slope of the linear regression; y first") {
            $0.count < 1 || $0.m2X == 0 ? nil : $0.xy / $0.m2X
        },
        pair("regr_intercept", "Intercept of the linear regression; y first") {
            $0.count < 1 || $0.m2X == 0 ? nil : $0.meanY - $0.xy / $0.m2X * $0.meanX
        },
        pair("regr_avgx", "Mean of x") { $0.count < 1 ? nil : $0.meanX },
        pair("regr_avgy", "Mean of y") { $0.count < 1 ? nil : $0.meanY },
        pair("regr_sxx", "Sum of squares of x") { $0.count < 1 ? nil : $0.m2X },
        pair("regr_syy", "Sum of squares of y") { $0.count < 1 ? nil : $0.m2Y },
        pair("regr_sxy", "Sum of products of x and y") { $0.count < 1 ? nil : $0.xy },
        pair("regr_count", "Number of pairs") { $0.count },
        pair("regr_r2", "Square of the correlation coefficient") { moments in
            if moments.count < 1 || moments.m2X == 0 { return nil }
            if moments.m2Y == 0 { return 1 }
            return moments.xy * moments.xy / (moments.m2X * moments.m2Y)
        },
    ].flatMap { $0 }

    private static func pair(
        _ name: String, _ summary: String, _ result: @escaping PairKernel.Result
    ) -> [AggregateFunction] {
        ["double", "real"].map { type in
            AggregateFunction(name, Signature("(\(type), \(type)) -> \(type)"), summary: summary) {
                PairKernel($0.result, result)
            }
        }
    }

    // MARK: Percentiles

    static let approximations: [AggregateFunction] =
        ["bigint", "real", "double"].flatMap { type in
            [
                "(\(type), double) -> \(type)", "(\(type), array(double)) -> array(\(type))",
                "(\(type), double, double) -> \(type)", "(\(type), double, array(double)) -> array(\(type))",
            ].map { text in
                AggregateFunction("approx_percentile", Signature(text), summary: "Approximate percentile") {
                    signature in
                    let number: PercentileCollector.Number =
                        type == "bigint" ? .bigint : (type == "real" ? .real : .double)
                    let hasWeight = signature.arguments.count == 3
                    return ObjectKernel {
                        PercentileCollector(number, hasWeight: hasWeight)
                    } finish: {
                        PercentileCollector.results($0, signature.result, number)
                    }
                }
            }
        } + [
            AggregateFunction(
                "approx_most_frequent", "(bigint, T, bigint) -> map(T,bigint)",
                summary: "Most frequent values and counts"
            ) { makeMostFrequentKernel($0) }
        ]

    // MARK: Collections

    static let collections: [AggregateFunction] = [
        AggregateFunction(
            "array_agg", "(T) -> array(T)", summary: "Array of all values", isOrderInsensitive: false, skipsNulls: false
        ) { signature in
            ObjectKernel {
                ListCollector()
            } finish: {
                ListCollector.arrays($0, signature.result)
            }
        },
        AggregateFunction(
            "set_agg", Signature("(T) -> array(T)", comparable: ["T"]), summary: "Array of the distinct values",
            isOrderInsensitive: false, skipsNulls: false
        ) { signature in
            ObjectKernel {
                SetCollector(addsElements: false)
            } finish: {
                SetCollector.arrays($0, signature.result)
            }
        },
        AggregateFunction(
            "set_union", Signature("(array(T)) -> array(T)", comparable: ["T"]),
            summary: "Array of the distinct elements of all arrays", isOrderInsensitive: false
        ) { signature in
            ObjectKernel {
                SetCollector(addsElements: true)
            } finish: {
                SetCollector.arrays($0, signature.result)
            }
        },
        map("map_agg", Signature("(K, V) -> map(K,V)", comparable: ["K"]), .pairs, "Map of keys to values"),
        map("map_union", Signature("(map(K,V)) -> map(K,V)", comparable: ["K"]), .maps, "Union of all maps"),
        map(
            "multimap_agg", Signature("(K, V) -> map(K,array(V))", comparable: ["K"]), .lists,
            "Map of keys to arrays of values"),
        map(
            "histogram", Signature("(K) -> map(K,bigint)", comparable: ["K"]), .counts, "Map of values to their counts"),
        AggregateFunction(
            "listagg", "(varchar, varchar) -> varchar", summary: "Values joined by a separator",
            isOrderInsensitive: false
        ) { signature in
            ObjectKernel {
                TextCollector()
            } finish: {
                TextCollector.texts($0, signature.result)
            }
        },
        AggregateFunction(
            "listagg", "(varchar) -> varchar", summary: "Values joined", isOrderInsensitive: false
        ) { signature in
            ObjectKernel {
                TextCollector()
            } finish: {
                TextCollector.texts($0, signature.result)
            }
        },
        AggregateFunction(
            "reduce_agg", "(T, S, function(S,T,S), function(S,S,S)) -> S", summary: "Folds all values with a lambda",
            isOrderInsensitive: false
        ) { ReduceKernel($0.result) },
    ]

    private static func map(
        _ name: String, _ signature: Signature, _ kind: MapCollector.Kind, _ summary: String
    ) -> AggregateFunction {
        AggregateFunction(name, signature, summary: summary, isOrderInsensitive: false) { signature in
            ObjectKernel {
                MapCollector(kind)
            } finish: {
                MapCollector.maps($0, signature.result)
            }
        }
    }
}
