import Columnar
import SQLTypes

/// Arithmetic of dates, times, timestamps and intervals.
enum IntervalOperators {
    static let scalars: [ScalarFunction] = dates + times + timestamps + zoned + differences + intervals

    private static func make(
        _ name: String, _ signature: Signature, cannotRaise: Bool = false, examples: [FunctionExample] = [],
        _ makeKernel: @escaping @Sendable (ResolvedSignature) throws -> ScalarKernel
    ) -> ScalarFunction {
        ScalarFunction(
            name, signature, summary: "Date and time arithmetic", cannotRaise: cannotRaise, isHidden: true,
            examples: examples, makeKernel: makeKernel)
    }

    /// `value + interval`, `interval + value` and `value - interval` of one pair of types; `body` gets the interval with
    /// its sign.
    private static func addition<V: Sendable, I: FixedWidthInteger & SignedInteger & Sendable>(
        _ value: String, _ interval: String, _: V.Type, _: I.Type,
        _ body: @escaping @Sendable (V, Int64, ResolvedSignature) throws -> V
    ) -> [ScalarFunction] {
        [
            make("$add", Signature("(\(value), \(interval)) -> \(value)")) { signature in
                { call in
                    try Kernel.binaryThrowing(
                        call.arguments[0], call.arguments[1], call.rows, as: signature.result, V.self, I.self, V.self
                    ) { try body($0, Int64($1), signature) }
                }
            },
            make("$add", Signature("(\(interval), \(value)) -> \(value)")) { signature in
                { call in
                    try Kernel.binaryThrowing(
                        call.arguments[0], call.arguments[1], call.rows, as: signature.result, I.self, V.self, V.self
                    ) { try body($1, Int64($0), signature) }
                }
            },
            make("$subtract", Signature("(\(value), \(interval)) -> \(value)")) { signature in
                { call in
                    try Kernel.binaryThrowing(
                        call.arguments[0], call.arguments[1], call.rows, as: signature.result, V.self, I.self, V.self
                    ) { try body($0, 0 &- Int64($1), signature) }
                }
            },
        ]
    }

    private static let outOfRange = QueryError(.numericValueOutOfRange, "Timestamp is out of range")

    private static var dates: [ScalarFunction] {
        addition("date", "interval day to second", Int32.self, Int64.self) { days, milliseconds, _ in
            guard milliseconds % TimeUnit.millisPerDay == 0 else {
                throw QueryError(.invalidFunctionArgument, "Cannot add hour, minutes or seconds to a date")
            }
            guard let sum = Int32(exactly: Int64(days) + milliseconds / TimeUnit.millisPerDay) else { throw outOfRange }
            return sum
        }
            + addition("date", "interval year to month", Int32.self, Int32.self) { days, months, _ in
                guard let sum = Int32(exactly: CivilDate(days: Int(days)).addingMonths(Int(months)).days) else {
                    throw outOfRange
                }
                return sum
            }
    }

    private static var times: [ScalarFunction] {
        addition("time(p)", "interval day to second", Int64.self, Int64.self) { picos, milliseconds, _ in
            let shift = (milliseconds % TimeUnit.millisPerDay) * TimeUnit.picosPerMilli
            return floorModulo(picos + shift, TimeUnit.picosPerDay)
        }
            + addition("time(p) with time zone", "interval day to second", Int128.self, Int64.self) {
                packed, milliseconds, _ in
                let shift = (milliseconds % TimeUnit.millisPerDay) * TimeUnit.picosPerMilli
                let picos = Int64(truncatingIfNeeded: DateTimeMath.picos(packed: packed))
                return DateTimeMath.packed(
                    Int128(floorModulo(picos + shift, TimeUnit.picosPerDay)), DateTimeMath.zoneId(packed: packed))
            }
    }

    /// Timestamps have two layouts: the kernel is chosen by the resolved precision.
    private static var timestamps: [ScalarFunction] {
        @Sendable func shift(_ days: Bool, _ value: Int128, _ amount: Int64, _ perMilli: Int128, _ perDay: Int128)
            -> Int128
        {
            if days { return value + Int128(amount) * perMilli }
            let day = floorDivide(value, perDay)
            let moved = CivilDate(days: Int(truncatingIfNeeded: day)).addingMonths(Int(amount)).days
            return value + (Int128(moved) - day) * perDay
        }
        func overload(_ name: String, _ interval: String, isFlipped: Bool, sign: Int64) -> ScalarFunction {
            let isDays = interval == "interval day to second"
            let text =
                isFlipped
                ? "(\(interval), timestamp(p)) -> timestamp(p)" : "(timestamp(p), \(interval)) -> timestamp(p)"
            return make(name, Signature(text)) { signature in
                let type = signature.result
                @Sendable func short(_ value: Int64, _ amount: Int64) throws -> Int64 {
                    let moved = shift(isDays, Int128(value), sign &* amount, 1000, Int128(TimeUnit.microsPerDay))
                    guard let sum = Int64(exactly: moved) else { throw outOfRange }
                    return sum
                }
                @Sendable func long(_ value: Int128, _ amount: Int64) -> Int128 {
                    shift(isDays, value, sign &* amount, Int128(TimeUnit.picosPerMilli), Int128(TimeUnit.picosPerDay))
                }
                return { call in
                    let value = call.arguments[isFlipped ? 1 : 0]
                    let amount = call.arguments[isFlipped ? 0 : 1]
                    switch (type.physical == .int64, isDays) {
                    case (true, true):
                        return try Kernel.binaryThrowing(
                            value, amount, call.rows, as: type, Int64.self, Int64.self, Int64.self
                        ) {
                            try short($0, $1)
                        }
                    case (true, false):
                        return try Kernel.binaryThrowing(
                            value, amount, call.rows, as: type, Int64.self, Int32.self, Int64.self
                        ) {
                            try short($0, Int64($1))
                        }
                    case (false, true):
                        return try Kernel.binaryThrowing(
                            value, amount, call.rows, as: type, Int128.self, Int64.self, Int128.self
                        ) {
                            long($0, $1)
                        }
                    case (false, false):
                        return try Kernel.binaryThrowing(
                            value, amount, call.rows, as: type, Int128.self, Int32.self, Int128.self
                        ) {
                            long($0, Int64($1))
                        }
                    }
                }
            }
        }
        return ["interval day to second", "interval year to month"].flatMap { interval in
            [
                overload("$add", interval, isFlipped: false, sign: 1),
                overload("$add", interval, isFlipped: true, sign: 1),
                overload("$subtract", interval, isFlipped: false, sign: -1),
            ]
        }
    }

    /// Days move the instant; months move the local date in the value's zone.
    private static var zoned: [ScalarFunction] {
        addition("timestamp(p) with time zone", "interval day to second", Int128.self, Int64.self) {
            packed, milliseconds, _ in
            DateTimeMath.packed(
                DateTimeMath.picos(packed: packed) + Int128(milliseconds) * Int128(TimeUnit.picosPerMilli),
                DateTimeMath.zoneId(packed: packed))
        }
            + addition("timestamp(p) with time zone", "interval year to month", Int128.self, Int32.self) {
                packed, months, _ in
                ZonedArithmetic.local(packed) { picos in
                    let day = floorDivide(picos, Int128(TimeUnit.picosPerDay))
                    let moved = CivilDate(days: Int(truncatingIfNeeded: day)).addingMonths(Int(months)).days
                    return picos + (Int128(moved) - day) * Int128(TimeUnit.picosPerDay)
                }
            }
    }

    /// `a - b` of two points in time: an interval day to second.
    private static var differences: [ScalarFunction] {
        [
            make("$subtract", "(date, date) -> interval day to second", cannotRaise: true) { signature in
                { call in
                    Kernel.binary(
                        call.arguments[0], call.arguments[1], call.rows, as: signature.result, Int32.self, Int32.self,
                        Int64.self
                    ) { (Int64($0) &- Int64($1)) &* TimeUnit.millisPerDay }
                }
            },
            make("$subtract", "(time(p), time(p)) -> interval day to second", cannotRaise: true) { signature in
                { call in
                    Kernel.binary(
                        call.arguments[0], call.arguments[1], call.rows, as: signature.result, Int64.self, Int64.self,
                        Int64.self
                    ) { ($0 &- $1) / TimeUnit.picosPerMilli }
                }
            },
            make("$subtract", "(timestamp(p), timestamp(p)) -> interval day to second", cannotRaise: true) {
                signature in
                if signature.arguments[0].physical == .int64 {
                    return { call in
                        Kernel.binary(
                            call.arguments[0], call.arguments[1], call.rows, as: signature.result, Int64.self,
                            Int64.self,
                            Int64.self
                        ) { ($0 &- $1) / 1000 }
                    }
                }
                return { call in
                    Kernel.binary(
                        call.arguments[0], call.arguments[1], call.rows, as: signature.result, Int128.self, Int128.self,
                        Int64.self
                    ) { Int64(truncatingIfNeeded: ($0 &- $1) / Int128(TimeUnit.picosPerMilli)) }
                }
            },
            make(
                "$subtract", "(timestamp(p) with time zone, timestamp(p) with time zone) -> interval day to second",
                cannotRaise: true
            ) { signature in
                { call in
                    Kernel.binary(
                        call.arguments[0], call.arguments[1], call.rows, as: signature.result, Int128.self, Int128.self,
                        Int64.self
                    ) {
                        Int64(
                            truncatingIfNeeded: (DateTimeMath.picos(packed: $0) &- DateTimeMath.picos(packed: $1))
                                / Int128(TimeUnit.picosPerMilli))
                    }
                }
            },
        ]
    }

    // MARK: Interval by interval or number

    private static var intervals: [ScalarFunction] {
        arithmetic("interval day to second", Int64.self) + arithmetic("interval year to month", Int32.self)
    }

    private static func arithmetic<T: FixedWidthInteger & SignedInteger & Sendable>(
        _ type: String, _: T.Type
    ) -> [ScalarFunction] {
        let overflow = QueryError(.numericValueOutOfRange, "interval overflow")
        func same(_ name: String, _ body: @escaping @Sendable (T, T) -> (partialValue: T, overflow: Bool))
            -> ScalarFunction
        {
            make(name, Signature("(\(type), \(type)) -> \(type)")) { signature in
                { call in
                    try Kernel.binaryThrowing(
                        call.arguments[0], call.arguments[1], call.rows, as: signature.result, T.self, T.self, T.self
                    ) { a, b in
                        let result = body(a, b)
                        if result.overflow { throw overflow }
                        return result.partialValue
                    }
                }
            }
        }
        func scaled<N: Sendable>(
            _ name: String, _ number: String, _: N.Type, isFlipped: Bool = false,
            _ body: @escaping @Sendable (T, N) throws -> T
        ) -> ScalarFunction {
            let text = isFlipped ? "(\(number), \(type)) -> \(type)" : "(\(type), \(number)) -> \(type)"
            return make(name, Signature(text)) { signature in
                { call in
                    let value = call.arguments[isFlipped ? 1 : 0]
                    let factor = call.arguments[isFlipped ? 0 : 1]
                    return try Kernel.binaryThrowing(
                        value, factor, call.rows, as: signature.result, T.self, N.self, T.self
                    ) {
                        try body($0, $1)
                    }
                }
            }
        }
        @Sendable func times(_ value: T, _ factor: Int64) throws -> T {
            let (product, didOverflow) = Int64(value).multipliedReportingOverflow(by: factor)
            guard !didOverflow, let narrow = T(exactly: product) else { throw overflow }
            return narrow
        }
        @Sendable func times(_ value: T, _ factor: Double) throws -> T {
            // Java casts the product of doubles to an integer type.
            guard let product = T(exactly: (Double(value) * factor).rounded(.towardZero)) else { throw overflow }
            return product
        }
        return [
            same("$add") { $0.addingReportingOverflow($1) },
            same("$subtract") { $0.subtractingReportingOverflow($1) },
            scaled("$multiply", "bigint", Int64.self) { try times($0, $1) },
            scaled("$multiply", "bigint", Int64.self, isFlipped: true) { try times($0, $1) },
            scaled("$multiply", "double", Double.self) { try times($0, $1) },
            scaled("$multiply", "double", Double.self, isFlipped: true) { try times($0, $1) },
            scaled("$divide", "double", Double.self) { value, divisor in
                if divisor == 0 { throw QueryError(.divisionByZero, "Division by zero") }
                return try times(value, 1 / divisor)
            },
            make("$negate", Signature("(\(type)) -> \(type)")) { signature in
                { call in
                    Kernel.unary(call.arguments[0], call.rows, as: signature.result, T.self, T.self) { 0 &- $0 }
                }
            },
        ]
    }
}

/// Arithmetic on the local time of a timestamp with time zone.
enum ZonedArithmetic {
    /// Applies `body` to the local picoseconds and gives the instant of the new local time in the same zone.
    static func local(_ packed: Int128, _ body: (Int128) throws -> Int128) rethrows -> Int128 {
        let id = DateTimeMath.zoneId(packed: packed)
        let zone = TimeZone.zone(id: id)
        let moved = try body(DateTimeMath.localPicos(utc: DateTimeMath.picos(packed: packed), in: zone))
        return DateTimeMath.packed(DateTimeMath.utcPicos(local: moved, in: zone), id)
    }
}
