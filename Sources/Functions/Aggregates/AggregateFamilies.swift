import Columnar
import SQLTypes

/// The aggregate functions, by family: counting, sums, extremes, bits here; others in files of their own.
enum AggregateFamilies {
    static let all: [[AggregateFunction]] = [
        counts, sums, averages, extremes, booleans, bitwise, StatisticsAggregates.all, SketchAggregates.all,
        CollectionAggregates.all,
    ]

    // MARK: Counting

    static let counts: [AggregateFunction] = [
        AggregateFunction(
            "count", "() -> bigint", summary: "Number of rows", skipsNulls: false,
            examples: [
                FunctionExample("count(*) FROM (VALUES 1, 2, 3, NULL) t(x)", "4"),
                FunctionExample("count(*) FROM (VALUES 1) t(x) WHERE x > 1", "0"),
            ]
        ) { _ in CountKernel() },
        AggregateFunction(
            "count", "(T) -> bigint", summary: "Number of rows whose argument is not NULL",
            examples: [
                FunctionExample("count(x) FROM (VALUES 1, 2, 3, NULL) t(x)", "3"),
                FunctionExample("count(DISTINCT x) FROM (VALUES 1, 1, NULL) t(x)", "1"),
            ]
        ) { _ in CountKernel() },
        AggregateFunction(
            "count_if", "(boolean) -> bigint", summary: "Number of TRUE values",
            examples: [FunctionExample("count_if(x > 1) FROM (VALUES 1, 2, 3, NULL) t(x)", "2")]
        ) { FoldKernel(CountTruths(), $0.result) },
        AggregateFunction(
            "approx_distinct", "(T) -> bigint", summary: "Approximate number of distinct values",
            examples: [
                FunctionExample("approx_distinct(x) FROM (VALUES 1, 1, 2, NULL) t(x)", "2"),
                FunctionExample("approx_distinct(x) FROM (VALUES CAST(NULL AS integer)) t(x)", "0"),
            ]
        ) { DistinctSketchKernel($0.result) },
        AggregateFunction(
            "approx_distinct", "(T, double) -> bigint",
            summary: "Approximate number of distinct values with a given standard error",
            examples: [
                FunctionExample("approx_distinct(x, 0.1e0) FROM (VALUES 1, 1, 2) t(x)", "2"),
                FunctionExample("approx_distinct(x, 1e0) FROM (VALUES 1) t(x)", "INVALID_FUNCTION_ARGUMENT"),
            ]
        ) { DistinctSketchKernel($0.result) },
        AggregateFunction(
            "checksum", "(T) -> varbinary", summary: "A checksum that does not depend on the order of rows",
            skipsNulls: false,
            examples: [
                FunctionExample("checksum(x) = checksum(y) FROM (VALUES (1, 2), (2, 1)) t(x, y)", "true"),
                FunctionExample("checksum(x) FROM (VALUES 1) t(x) WHERE x > 1", "NULL"),
            ]
        ) { _ in ChecksumKernel() },
    ]

    // MARK: Sums and averages

    static let sums: [AggregateFunction] = [
        AggregateFunction(
            "sum", "(bigint) -> bigint", summary: "Sum of all values",
            examples: [
                FunctionExample("sum(x) FROM (VALUES 1, 2, 3, NULL) t(x)", "6"),
                FunctionExample("sum(x) FROM (VALUES 1) t(x) WHERE x > 1", "NULL"),
                FunctionExample(
                    "sum(x) FROM (VALUES 9223372036854775807, 1) t(x)", "NUMERIC_VALUE_OUT_OF_RANGE"),
            ]
        ) {
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
        AggregateFunction(
            "avg", "(double) -> double", summary: "Arithmetic mean",
            examples: [
                FunctionExample("avg(x) FROM (VALUES 1, 2, NULL) t(x)", "1.5"),
                FunctionExample("avg(x) FROM (VALUES DECIMAL '1.5', DECIMAL '2.0') t(x)", "1.8"),
            ]
        ) {
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
        AggregateFunction(
            "geometric_mean", "(double) -> double", summary: "Geometric mean",
            examples: [FunctionExample("geometric_mean(x) FROM (VALUES 4, 4, NULL) t(x)", "4.0")]
        ) {
            FoldKernel(GeometricMean(), $0.result)
        },
    ]

    // MARK: Extremes

    static let extremes: [AggregateFunction] =
        ["min", "max"].flatMap { name -> [AggregateFunction] in
            let isMaximum = name == "max"
            let word = isMaximum ? "Greatest" : "Least"
            return [
                AggregateFunction(
                    name, Signature("(T) -> T", orderable: ["T"]), summary: "\(word) value",
                    examples: [
                        FunctionExample("\(name)(x) FROM (VALUES 1, 2, 3, NULL) t(x)", isMaximum ? "3" : "1"),
                        FunctionExample("\(name)(x) FROM (VALUES 'b', 'a') t(x)", isMaximum ? "b" : "a"),
                    ]
                ) {
                    extremeKernel($0.result, isMaximum: isMaximum)
                },
                AggregateFunction(
                    name, Signature("(T, bigint) -> array(T)", orderable: ["T"]), summary: "\(word) n values",
                    examples: [
                        FunctionExample(
                            "\(name)(x, 2) FROM (VALUES 1, 2, 3, NULL) t(x)", isMaximum ? "[3, 2]" : "[1, 2]"),
                        FunctionExample("\(name)(x, 0) FROM (VALUES 1) t(x)", "INVALID_FUNCTION_ARGUMENT"),
                    ]
                ) { signature in
                    ObjectKernel {
                        BestCollector(hasKey: false, isMaximum: isMaximum, name: name)
                    } finish: {
                        BestCollector.arrays($0, signature.result)
                    }
                },
                AggregateFunction(
                    "\(name)_by", Signature("(V, K) -> V", orderable: ["K"]),
                    summary: "Value of the row with the \(word.lowercased()) second argument", skipsNulls: false,
                    examples: [
                        FunctionExample(
                            "\(name)_by(a, b) FROM (VALUES ('x', 1), ('y', 2), ('z', NULL)) t(a, b)",
                            isMaximum ? "y" : "x")
                    ]
                ) { ByExtremeKernel(value: $0.result, key: $0.arguments[1], isMaximum: isMaximum) },
                AggregateFunction(
                    "\(name)_by", Signature("(V, K, bigint) -> array(V)", orderable: ["K"]),
                    summary: "Values of the n rows with the \(word.lowercased()) second arguments", skipsNulls: false,
                    examples: [
                        FunctionExample(
                            "\(name)_by(a, b, 2) FROM (VALUES ('x', 1), ('y', 2), ('z', 3)) t(a, b)",
                            isMaximum ? "[z, y]" : "[x, y]")
                    ]
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
                isOrderInsensitive: false, examples: [FunctionExample("arbitrary(x) FROM (VALUES NULL, 7) t(x)", "7")]
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
        AggregateFunction(
            "bool_and", aliases: ["every"], "(boolean) -> boolean", summary: "TRUE if every value is",
            examples: [
                FunctionExample("bool_and(x) FROM (VALUES true, NULL) t(x)", "true"),
                FunctionExample("every(x) FROM (VALUES true, false) t(x)", "false"),
            ]
        ) {
            FoldKernel(BooleanFold(isAnd: true), $0.result)
        },
        AggregateFunction(
            "bool_or", "(boolean) -> boolean", summary: "TRUE if any value is",
            examples: [FunctionExample("bool_or(x) FROM (VALUES true, false) t(x)", "true")]
        ) {
            FoldKernel(BooleanFold(isAnd: false), $0.result)
        },
    ]

    static let bitwise: [AggregateFunction] = [
        AggregateFunction(
            "bitwise_and_agg", "(bigint) -> bigint", summary: "Bitwise AND of all values",
            examples: [FunctionExample("bitwise_and_agg(x) FROM (VALUES 5, 6, NULL) t(x)", "4")]
        ) {
            FoldKernel(BitwiseFold(operation: .and), $0.result)
        },
        AggregateFunction(
            "bitwise_or_agg", "(bigint) -> bigint", summary: "Bitwise OR of all values",
            examples: [FunctionExample("bitwise_or_agg(x) FROM (VALUES 5, 6, NULL) t(x)", "7")]
        ) {
            FoldKernel(BitwiseFold(operation: .or), $0.result)
        },
        AggregateFunction(
            "bitwise_xor_agg", "(bigint) -> bigint", summary: "Bitwise XOR of all values",
            examples: [FunctionExample("bitwise_xor_agg(x) FROM (VALUES 5, 6, NULL) t(x)", "3")]
        ) {
            FoldKernel(BitwiseFold(operation: .xor), $0.result)
        },
    ]
}
