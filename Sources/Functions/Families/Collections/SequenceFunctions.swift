import Columnar
import SQLTypes

/// `sequence`: whole numbers, days or times from one to another.
enum SequenceFunctions {
    static let scalars: [ScalarFunction] = numbers + dates + timestamps

    private static let largest = 10_000

    // MARK: Numbers

    private static var numbers: [ScalarFunction] {
        [
            ScalarFunction(
                "sequence", "(bigint, bigint) -> array(bigint)", summary: "Whole numbers from one to another",
                cannotRaise: false,
                examples: [
                    FunctionExample("sequence(1, 3)", "[1, 2, 3]"), FunctionExample("sequence(3, 1)", "[3, 2, 1]"),
                    FunctionExample("sequence(1, NULL)", "NULL"),
                ]
            ) { signature in { call in try sequence(call, signature.result) } },
            ScalarFunction(
                "sequence", "(bigint, bigint, bigint) -> array(bigint)",
                summary: "Whole numbers from one to another by a step",
                cannotRaise: false,
                examples: [
                    FunctionExample("sequence(1, 7, 3)", "[1, 4, 7]"),
                    FunctionExample("sequence(1, 2, 0)", "INVALID_FUNCTION_ARGUMENT"),
                ]
            ) { signature in { call in try sequence(call, signature.result) } },
        ]
    }

    private static func sequence(_ call: borrowing KernelCall, _ type: DataType) throws -> Vector {
        try arrays(call, type) { row, views, append in
            let first = Int128(views[0].load(row, as: Int64.self))
            let last = Int128(views[1].load(row, as: Int64.self))
            let step = views.count > 2 ? Int128(views[2].load(row, as: Int64.self)) : (first <= last ? 1 : -1)
            for value in try values(from: first, to: last, by: step) {
                append(.int(Int64(truncatingIfNeeded: value)))
            }
        }
    }

    // MARK: Dates

    private static var dates: [ScalarFunction] {
        [
            ScalarFunction(
                "sequence", "(date, date) -> array(date)", summary: "Days from one to another", cannotRaise: false,
                examples: [
                    FunctionExample(
                        "sequence(DATE '2001-08-22', DATE '2001-08-20')", "[2001-08-22, 2001-08-21, 2001-08-20]")
                ]
            ) { signature in
                { call in
                    try arrays(call, signature.result) { row, views, append in
                        let first = Int128(views[0].load(row, as: Int32.self))
                        let last = Int128(views[1].load(row, as: Int32.self))
                        for day in try values(from: first, to: last, by: first <= last ? 1 : -1) {
                            append(.int(Int64(truncatingIfNeeded: day)))
                        }
                    }
                }
            },
            ScalarFunction(
                "sequence", "(date, date, interval day to second) -> array(date)",
                summary: "Days from one to another by a step of whole days", cannotRaise: false,
                examples: [
                    FunctionExample(
                        "sequence(DATE '2001-08-22', DATE '2001-08-25', INTERVAL '2' DAY)", "[2001-08-22, 2001-08-24]"),
                    FunctionExample(
                        "sequence(DATE '2001-08-22', DATE '2001-08-25', INTERVAL '1' HOUR)", "INVALID_FUNCTION_ARGUMENT"
                    ),
                ]
            ) { signature in
                { call in
                    try arrays(call, signature.result) { row, views, append in
                        let millis = views[2].load(row, as: Int64.self)
                        guard millis % millisPerDay == 0 else {
                            throw QueryError(
                                .invalidFunctionArgument,
                                "sequence step must be a day interval if start and end values are dates")
                        }
                        let days = try values(
                            from: Int128(views[0].load(row, as: Int32.self)),
                            to: Int128(views[1].load(row, as: Int32.self)), by: Int128(millis / millisPerDay))
                        for day in days { append(.int(Int64(truncatingIfNeeded: day))) }
                    }
                }
            },
            byMonths(
                "date",
                FunctionExample(
                    "sequence(DATE '2001-01-31', DATE '2001-04-30', INTERVAL '1' MONTH)",
                    "[2001-01-31, 2001-02-28, 2001-03-31, 2001-04-30]")),
        ]
    }

    private static let millisPerDay: Int64 = 86_400_000

    // MARK: Timestamps

    private static var timestamps: [ScalarFunction] {
        [
            ScalarFunction(
                "sequence", "(timestamp(p), timestamp(p), interval day to second) -> array(timestamp(p))",
                summary: "Times from one to another by a step", cannotRaise: false,
                examples: [
                    FunctionExample(
                        "sequence(TIMESTAMP '2001-08-22 00:00', TIMESTAMP '2001-08-22 12:00', INTERVAL '6' HOUR)",
                        "[2001-08-22 00:00:00, 2001-08-22 06:00:00, 2001-08-22 12:00:00]"),
                    FunctionExample(
                        "sequence(TIMESTAMP '2001-08-22 00:00', TIMESTAMP '2001-08-21 00:00', INTERVAL '6' HOUR)",
                        "INVALID_FUNCTION_ARGUMENT"),
                ]
            ) { signature in
                let type = signature.arguments[0]
                return { call in
                    try arrays(call, signature.result) { row, views, append in
                        let step = Int128(views[2].load(row, as: Int64.self)) * Int128(TimeUnit.picosPerMilli)
                        let times = try values(
                            from: DateTimeLanes.local(views[0], row, type),
                            to: DateTimeLanes.local(views[1], row, type), by: step)
                        for time in times { append(value(picos: time, type)) }
                    }
                }
            },
            byMonths(
                "timestamp(p)",
                FunctionExample(
                    "sequence(TIMESTAMP '2001-01-01 10:00', TIMESTAMP '2001-12-31 00:00', INTERVAL '6' MONTH)",
                    "[2001-01-01 10:00:00, 2001-07-01 10:00:00]")),
        ]
    }

    private static func byMonths(_ type: String, _ example: FunctionExample) -> ScalarFunction {
        ScalarFunction(
            "sequence", Signature("(\(type), \(type), interval year to month) -> array(\(type))"),
            summary: "Days or times from one to another by a step of months", cannotRaise: false, examples: [example]
        ) { signature in
            let type = signature.arguments[0]
            return { call in
                try arrays(call, signature.result) { row, views, append in
                    let first = DateTimeLanes.local(views[0], row, type)
                    let last = DateTimeLanes.local(views[1], row, type)
                    let step = Int128(views[2].load(row, as: Int32.self))
                    try require(step, first, last)
                    let months = Int128(DateTimeUnit.month.difference(from: first, to: last))
                    for shift in try values(from: 0, to: months, by: step) {
                        // Each from the start, so that the 31st comes back after a shorter month.
                        let moved = try DateTimeUnit.month.added(Int64(truncatingIfNeeded: shift), to: first)
                        append(value(picos: moved, type))
                    }
                }
            }
        }
    }

    private static func value(picos: Int128, _ type: DataType) -> Value {
        switch type {
        case .date: .int(Int64(truncatingIfNeeded: floorDivide(picos, Int128(TimeUnit.picosPerDay))))
        case .timestamp(let precision) where precision <= 6:
            .int(Int64(truncatingIfNeeded: floorDivide(picos, Int128(TimeUnit.picosPerMicro))))
        default: .int128(picos)
        }
    }

    // MARK: Driver

    private static func require(_ step: Int128, _ first: Int128, _ last: Int128) throws {
        guard step != 0 else { throw QueryError(.invalidFunctionArgument, "step must not be zero") }
        guard step > 0 ? last >= first : last <= first else {
            throw QueryError(
                .invalidFunctionArgument,
                "sequence stop value should be greater than or equal to start value if step is greater than zero "
                    + "otherwise stop should be less than or equal to start")
        }
    }

    private static func values(from first: Int128, to last: Int128, by step: Int128) throws -> [Int128] {
        // No step at all lies between equal ends, whatever its sign.
        if step != 0, first == last { return [first] }
        try require(step, first, last)
        let count = (last - first) / step + 1
        guard count <= Int128(largest) else {
            throw QueryError(
                .invalidFunctionArgument, "result of sequence function must not have more than \(largest) entries")
        }
        return (0..<count).map { first + $0 * step }
    }

    /// Arrays of the values that `body` appends for each row without NULL arguments.
    private static func arrays(
        _ call: borrowing KernelCall, _ type: DataType, _ body: (Int, [VectorView], (Value) -> Void) throws -> Void
    ) throws -> Vector {
        guard case .array(let element) = type else { return call.arguments[0] }
        let views = call.arguments.map(\.view)
        let entries = ListEntries(type, call.rows)
        var values: [Value] = []
        try call.rows.forEach { row in
            for view in views where !view.isValid(row) { return entries.setNull(row) }
            let start = values.count
            try body(row, views) { values.append($0) }
            entries.append(row, count: values.count - start)
        }
        return entries.finish([Vector.fromValues(values, element)])
    }
}
