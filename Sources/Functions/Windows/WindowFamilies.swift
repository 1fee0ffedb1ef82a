import SQLTypes

/// Ranking and value functions. What they compute lies in `Execution/Windows`, by `WindowFunction.Kind`.
enum WindowFamilies {
    static let all: [WindowFunction] = ranking + values

    private static let ranking = [
        WindowFunction(
            "row_number", "() -> bigint", kind: .rowNumber, summary: "Number of the row in its partition, from 1",
            examples: [
                FunctionExample(
                    "array_agg(n ORDER BY n) FROM (SELECT row_number() OVER (ORDER BY x) n FROM (VALUES 5, 5, 7) t(x))",
                    "[1, 2, 3]")
            ]),
        WindowFunction(
            "rank", "() -> bigint", kind: .rank, summary: "Rank of the row, with gaps after ties",
            examples: [
                FunctionExample(
                    "array_agg(n ORDER BY n) FROM (SELECT rank() OVER (ORDER BY x) n FROM (VALUES 5, 5, 7) t(x))",
                    "[1, 1, 3]")
            ]),
        WindowFunction(
            "dense_rank", "() -> bigint", kind: .denseRank, summary: "Rank of the row, without gaps",
            examples: [
                FunctionExample(
                    "array_agg(n ORDER BY n) FROM (SELECT dense_rank() OVER (ORDER BY x) n FROM (VALUES 5, 5, 7) t(x))",
                    "[1, 1, 2]")
            ]),
        WindowFunction(
            "percent_rank", "() -> double", kind: .percentRank,
            summary: "(rank - 1) / (rows of the partition - 1), 0 for a single row",
            examples: [
                FunctionExample(
                    "array_agg(n ORDER BY n) FROM (SELECT percent_rank() OVER (ORDER BY x) n FROM (VALUES 5, 5, 7) t(x))",
                    "[0.0, 0.0, 1.0]")
            ]),
        WindowFunction(
            "cume_dist", "() -> double", kind: .cumeDist,
            summary: "Share of the partition's rows up to the row's peers",
            examples: [
                FunctionExample(
                    "array_agg(n ORDER BY n) FROM (SELECT cume_dist() OVER (ORDER BY x) n FROM (VALUES 5, 5, 7) t(x))",
                    "[0.6666666666666666, 0.6666666666666666, 1.0]")
            ]
        ),
        WindowFunction(
            "ntile", "(bigint) -> bigint", kind: .ntile,
            summary: "Number of the row's bucket of n equal buckets, from 1",
            examples: [
                FunctionExample(
                    "array_agg(n ORDER BY n) FROM (SELECT ntile(2) OVER (ORDER BY x) n FROM (VALUES 5, 5, 7) t(x))",
                    "[1, 1, 2]")
            ]),
    ]

    private static let values = [
        WindowFunction(
            "first_value", "(T) -> T", kind: .firstValue, summary: "Value of the frame's first row",
            examples: [
                FunctionExample(
                    "array_agg(n ORDER BY n) FROM (SELECT first_value(x) OVER (ORDER BY x) n FROM (VALUES 5, 5, 7) t(x))",
                    "[5, 5, 5]")
            ]),
        WindowFunction(
            "last_value", "(T) -> T", kind: .lastValue, summary: "Value of the frame's last row",
            examples: [
                FunctionExample(
                    "array_agg(n ORDER BY n) FROM (SELECT last_value(x) OVER (ORDER BY x) n FROM (VALUES 5, 5, 7) t(x))",
                    "[5, 5, 7]")
            ]),
        WindowFunction(
            "nth_value", "(T, bigint) -> T", kind: .nthValue, summary: "Value of the frame's n-th row, from 1",
            examples: [
                FunctionExample(
                    "array_agg(n ORDER BY n) FROM (SELECT nth_value(x, 3) OVER (ORDER BY x ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) n FROM (VALUES 5, 5, 7) t(x))",
                    "[7, 7, 7]")
            ]),
        WindowFunction(
            "lag", "(T) -> T", kind: .lag, summary: "Value of the row before",
            examples: [
                FunctionExample(
                    "array_agg(n ORDER BY n) FROM (SELECT lag(x) OVER (ORDER BY x) n FROM (VALUES 5, 5, 7) t(x))",
                    "[5, 5, null]")
            ]),
        WindowFunction(
            "lag", "(T, bigint) -> T", kind: .lag, summary: "Value of the row `offset` rows before",
            examples: [
                FunctionExample(
                    "array_agg(n ORDER BY n) FROM (SELECT lag(x, 2) OVER (ORDER BY x) n FROM (VALUES 5, 5, 7) t(x))",
                    "[5, null, null]")
            ]),
        WindowFunction(
            "lag", "(T, bigint, T) -> T", kind: .lag, summary: "Value of the row `offset` rows before, or the default",
            examples: [
                FunctionExample(
                    "array_agg(n ORDER BY n) FROM (SELECT lag(x, 2, 0) OVER (ORDER BY x) n FROM (VALUES 5, 5, 7) t(x))",
                    "[0, 0, 5]")
            ]),
        WindowFunction(
            "lead", "(T) -> T", kind: .lead, summary: "Value of the row after",
            examples: [
                FunctionExample(
                    "array_agg(n ORDER BY n) FROM (SELECT lead(x) OVER (ORDER BY x) n FROM (VALUES 5, 5, 7) t(x))",
                    "[5, 7, null]")
            ]),
        WindowFunction(
            "lead", "(T, bigint) -> T", kind: .lead, summary: "Value of the row `offset` rows after",
            examples: [
                FunctionExample(
                    "array_agg(n ORDER BY n) FROM (SELECT lead(x, 2) OVER (ORDER BY x) n FROM (VALUES 5, 5, 7) t(x))",
                    "[7, null, null]")
            ]),
        WindowFunction(
            "lead", "(T, bigint, T) -> T", kind: .lead, summary: "Value of the row `offset` rows after, or the default",
            examples: [
                FunctionExample(
                    "array_agg(n ORDER BY n) FROM (SELECT lead(x, 2, 0) OVER (ORDER BY x) n FROM (VALUES 5, 5, 7) t(x))",
                    "[0, 0, 7]")
            ]),
    ]
}
