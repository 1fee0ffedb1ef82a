import SQLTypes

/// Ranking and value functions. What they compute lies in `Execution/Windows`, by `WindowFunction.Kind`.
enum WindowFamilies {
    static let all: [WindowFunction] = ranking + values

    private static let ranking = [
        WindowFunction(
            "row_number", "() -> bigint", kind: .rowNumber, summary: "Number of the row in its partition, from 1"),
        WindowFunction("rank", "() -> bigint", kind: .rank, summary: "Rank of the row, with gaps after ties"),
        WindowFunction("dense_rank", "() -> bigint", kind: .denseRank, summary: "Rank of the row, without gaps"),
        WindowFunction(
            "percent_rank", "() -> double", kind: .percentRank,
            summary: "(rank - 1) / (rows of the partition - 1), 0 for a single row"),
        WindowFunction(
            "cume_dist", "() -> double", kind: .cumeDist, summary: "Share of the partition's rows up to the row's peers"
        ),
        WindowFunction(
            "ntile", "(bigint) -> bigint", kind: .ntile,
            summary: "Number of the row's bucket of n equal buckets, from 1"),
    ]

    private static let values = [
        WindowFunction("first_value", "(T) -> T", kind: .firstValue, summary: "Value of the frame's first row"),
        WindowFunction("last_value", "(T) -> T", kind: .lastValue, summary: "Value of the frame's last row"),
        WindowFunction(
            "nth_value", "(T, bigint) -> T", kind: .nthValue, summary: "Value of the frame's n-th row, from 1"),
        WindowFunction("lag", "(T) -> T", kind: .lag, summary: "Value of the row before"),
        WindowFunction("lag", "(T, bigint) -> T", kind: .lag, summary: "Value of the row `offset` rows before"),
        WindowFunction(
            "lag", "(T, bigint, T) -> T", kind: .lag, summary: "Value of the row `offset` rows before, or the default"),
        WindowFunction("lead", "(T) -> T", kind: .lead, summary: "Value of the row after"),
        WindowFunction("lead", "(T, bigint) -> T", kind: .lead, summary: "Value of the row `offset` rows after"),
        WindowFunction(
            "lead", "(T, bigint, T) -> T", kind: .lead, summary: "Value of the row `offset` rows after, or the default"),
    ]
}
