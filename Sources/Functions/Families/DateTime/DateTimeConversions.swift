import Columnar
import SQLTypes

/// The current time, Unix time, and zones: `now`, `from_unixtime`, `to_unixtime`, `at_timezone`, `with_timezone`, `date`.
enum DateTimeConversions {
    static let scalars: [ScalarFunction] = current + unix + zones + dates

    // MARK: Current time

    private static var current: [ScalarFunction] {
        [
            // CURRENT_DATE, CURRENT_TIME(p), LOCALTIME(p) and LOCALTIMESTAMP(p) are casts of this.
            ScalarFunction("$now", "() -> timestamp(6) with time zone", summary: "Start of the query", isHidden: true) {
                signature in
                { call in try now(call, signature.result, precision: 6) }
            },
            ScalarFunction(
                "now", aliases: ["current_timestamp"], "() -> timestamp(3) with time zone",
                summary: "Start of the query",
                examples: [
                    FunctionExample("typeof(now()), now() = current_timestamp", "timestamp(3) with time zone\ttrue")
                ]
            ) { signature in { call in try now(call, signature.result, precision: 3) } },
            ScalarFunction(
                "current_timezone", "() -> varchar", summary: "The session's zone",
                examples: [FunctionExample("current_timezone()", "UTC")]
            ) { signature in
                { call in
                    let zone = try TimeZone.required(call.context.timeZone)
                    return Vector.constant(.string(zone.name), signature.result, count: call.rows.count)
                }
            },
        ]
    }

    private static func now(_ call: borrowing KernelCall, _ type: DataType, precision: Int) throws -> Vector {
        let zone = try TimeZone.required(call.context.timeZone)
        let unit = Decimal.power(12 - precision)
        let picos = Int128(call.context.startMicroseconds) * Int128(TimeUnit.picosPerMicro)
        return Vector.constant(
            .int128(DateTimeMath.packed(floorDivide(picos, unit) * unit, zone.id)), type, count: call.rows.count)
    }

    // MARK: Unix time

    private static var unix: [ScalarFunction] {
        let outOfRange = QueryError(.invalidFunctionArgument, "Unix time is out of range")
        @Sendable func packed(_ seconds: Double, _ zone: TimeZone) throws -> Int128 {
            // Milliseconds, halves up; NaN is the epoch, as Java's round makes it.
            let millis = (seconds * 1000 + 0.5).rounded(.down)
            guard !seconds.isNaN else { return DateTimeMath.packed(0, zone.id) }
            guard let whole = Int64(exactly: millis) else { throw outOfRange }
            return DateTimeMath.packed(Int128(whole) * Int128(TimeUnit.picosPerMilli), zone.id)
        }
        return [
            ScalarFunction(
                "from_unixtime", "(double) -> timestamp(3) with time zone", summary: "Timestamp of seconds since 1970",
                cannotRaise: false,
                examples: [
                    FunctionExample("from_unixtime(0)", "1970-01-01 00:00:00.000 UTC"),
                    FunctionExample("from_unixtime(1.5)", "1970-01-01 00:00:01.500 UTC"),
                ]
            ) { signature in
                { call in
                    let zone = try TimeZone.required(call.context.timeZone)
                    return try Kernel.unaryThrowing(
                        call.arguments[0], call.rows, as: signature.result, Double.self, Int128.self
                    ) { try packed($0, zone) }
                }
            },
            ScalarFunction(
                "from_unixtime", "(double, varchar) -> timestamp(3) with time zone",
                summary: "Timestamp of seconds since 1970 in a zone", cannotRaise: false
            ) { signature in
                { call in
                    let zones = try ParsedArgument(call.arguments[1], call.rows) { try TimeZone.required($0) }
                    let view = call.arguments[0].view
                    let validity = Kernel.mergedValidity(call.arguments, count: call.rows.count)
                    let builder = FlatBuilder(signature.result, capacity: call.rows.count)
                    builder.zero()
                    let out = builder.pointer(as: Int128.self)
                    try call.rows.forEach { row in
                        guard Validity.isValid(validity.bits, row) else { return }
                        out[row] = try packed(view.load(row, as: Double.self), try zones.at(row))
                    }
                    return builder.finish(count: call.rows.count, validity: validity.bits, owners: validity.owners)
                }
            },
            ScalarFunction(
                "from_unixtime", "(double, bigint, bigint) -> timestamp(3) with time zone",
                summary: "Timestamp of seconds since 1970 at an offset of hours and minutes", cannotRaise: false
            ) { signature in
                { call in
                    let views = call.arguments.map(\.view)
                    let validity = Kernel.mergedValidity(call.arguments, count: call.rows.count)
                    let builder = FlatBuilder(signature.result, capacity: call.rows.count)
                    builder.zero()
                    let out = builder.pointer(as: Int128.self)
                    try call.rows.forEach { row in
                        guard Validity.isValid(validity.bits, row) else { return }
                        let hours = views[1].load(row, as: Int64.self)
                        let minutes = views[2].load(row, as: Int64.self)
                        guard hours.magnitude <= 14, minutes.magnitude < 60,
                            let zone = TimeZone.fixed(minutes: Int(hours * 60 + minutes))
                        else {
                            throw QueryError(.invalidFunctionArgument, "Invalid offset: \(hours):\(minutes)")
                        }
                        out[row] = try packed(views[0].load(row, as: Double.self), zone)
                    }
                    return builder.finish(count: call.rows.count, validity: validity.bits, owners: validity.owners)
                }
            },
            ScalarFunction(
                "from_unixtime_nanos", "(bigint) -> timestamp(9) with time zone",
                summary: "Timestamp of nanoseconds since 1970",
                examples: [FunctionExample("from_unixtime_nanos(1500000000)", "1970-01-01 00:00:01.500000000 UTC")]
            ) { signature in
                { call in
                    let zone = try TimeZone.required(call.context.timeZone)
                    return Kernel.unary(call.arguments[0], call.rows, as: signature.result, Int64.self, Int128.self) {
                        DateTimeMath.packed(Int128($0) * 1000, zone.id)
                    }
                }
            },
            ScalarFunction("to_unixtime", "(timestamp(p)) -> double", summary: "Seconds since 1970") { signature in
                let isShort = signature.arguments[0].physical == .int64
                return { call in
                    if isShort {
                        return Kernel.unary(call.arguments[0], call.rows, as: .double, Int64.self, Double.self) {
                            Double($0) / 1e6
                        }
                    }
                    return Kernel.unary(call.arguments[0], call.rows, as: .double, Int128.self, Double.self) {
                        Decimal.nearestDouble($0) / 1e12
                    }
                }
            },
            ScalarFunction(
                "to_unixtime", "(timestamp(p) with time zone) -> double", summary: "Seconds since 1970",
                examples: [FunctionExample("to_unixtime(TIMESTAMP '1970-01-01 00:00:01.5 UTC')", "1.5")]
            ) { _ in
                { call in
                    Kernel.unary(call.arguments[0], call.rows, as: .double, Int128.self, Double.self) { packed in
                        let picos = DateTimeMath.picos(packed: packed)
                        return Decimal.nearestDouble(floorDivide(picos, Int128(TimeUnit.picosPerMicro))) / 1e6
                    }
                }
            },
        ]
    }

    // MARK: Zones

    private static var zones: [ScalarFunction] {
        [
            ScalarFunction(
                "at_timezone", "(timestamp(p) with time zone, varchar) -> timestamp(p) with time zone",
                summary: "The same instant in another zone", cannotRaise: false,
                examples: [
                    FunctionExample(
                        "at_timezone(TIMESTAMP '2012-10-31 01:00:00 UTC', 'America/Los_Angeles')",
                        "2012-10-30 18:00:00 America/Los_Angeles")
                ]
            ) { signature in
                { call in
                    let zones = try ParsedArgument(call.arguments[1], call.rows) { try TimeZone.required($0) }
                    return try rezone(call, signature.result) { row, packed in
                        DateTimeMath.packed(DateTimeMath.picos(packed: packed), try zones.at(row).id)
                    }
                }
            },
            ScalarFunction(
                "at_timezone", "(timestamp(p) with time zone, interval day to second) -> timestamp(p) with time zone",
                summary: "The same instant at an offset", cannotRaise: false
            ) { signature in
                { call in
                    let offsets = call.arguments[1].view
                    return try rezone(call, signature.result) { row, packed in
                        let zone = try zone(offset: offsets.load(row, as: Int64.self))
                        return DateTimeMath.packed(DateTimeMath.picos(packed: packed), zone.id)
                    }
                }
            },
            ScalarFunction(
                "at_timezone", "(time(p) with time zone, varchar) -> time(p) with time zone",
                summary: "The same time in another zone", cannotRaise: false
            ) { signature in
                { call in
                    let start = call.context.startMicroseconds / TimeUnit.microsPerSecond
                    let zones = try ParsedArgument(call.arguments[1], call.rows) { try TimeZone.required($0) }
                    return try rezone(call, signature.result) { row, packed in
                        let minutes = Int(try zones.at(row).offset(atUTC: start) / 60)
                        return DateTimeMath.packed(
                            DateTimeMath.picos(packed: packed), TimeZone.fixedId(minutes: min(max(minutes, -840), 840)))
                    }
                }
            },
            ScalarFunction(
                "with_timezone", "(timestamp(p), varchar) -> timestamp(p) with time zone",
                summary: "The local time in a zone", cannotRaise: false,
                examples: [
                    FunctionExample(
                        "with_timezone(TIMESTAMP '2021-08-01 07:08:09', 'Europe/Paris')",
                        "2021-08-01 07:08:09 Europe/Paris")
                ]
            ) { signature in
                let source = signature.arguments[0]
                return { call in
                    let zones = try ParsedArgument(call.arguments[1], call.rows) { try TimeZone.required($0) }
                    let view = call.arguments[0].view
                    let validity = Kernel.mergedValidity(call.arguments, count: call.rows.count)
                    let builder = FlatBuilder(signature.result, capacity: call.rows.count)
                    builder.zero()
                    let out = builder.pointer(as: Int128.self)
                    try call.rows.forEach { row in
                        guard Validity.isValid(validity.bits, row) else { return }
                        let zone = try zones.at(row)
                        let local = DateTimeLanes.local(view, row, source)
                        out[row] = DateTimeMath.packed(DateTimeMath.utcPicos(local: local, in: zone), zone.id)
                    }
                    return builder.finish(count: call.rows.count, validity: validity.bits, owners: validity.owners)
                }
            },
        ]
    }

    private static func zone(offset milliseconds: Int64) throws -> TimeZone {
        guard milliseconds % 60_000 == 0, let zone = TimeZone.fixed(minutes: Int(milliseconds / 60_000)) else {
            throw QueryError(.invalidFunctionArgument, "Invalid time zone offset interval")
        }
        return zone
    }

    private static func rezone(
        _ call: borrowing KernelCall, _ type: DataType, _ body: (Int, Int128) throws -> Int128
    ) throws -> Vector {
        let view = call.arguments[0].view
        let validity = Kernel.mergedValidity(call.arguments, count: call.rows.count)
        let builder = FlatBuilder(type, capacity: call.rows.count)
        builder.zero()
        let out = builder.pointer(as: Int128.self)
        try call.rows.forEach { row in
            guard Validity.isValid(validity.bits, row) else { return }
            out[row] = try body(row, view.load(row, as: Int128.self))
        }
        return builder.finish(count: call.rows.count, validity: validity.bits, owners: validity.owners)
    }

    // MARK: Dates

    private static var dates: [ScalarFunction] {
        ["varchar", "timestamp(p)", "timestamp(p) with time zone", "date"].map { type in
            ScalarFunction(
                "date", Signature("(\(type)) -> date"), summary: "CAST(x AS date)", cannotRaise: type != "varchar",
                examples: [FunctionExample("date('2020-01-02')", "2020-01-02")]
            ) { signature in
                let cast = try CastKernels.make(
                    from: signature.arguments[0], to: .date, isTry: false,
                    context: EvaluationContext(startMicroseconds: 0))
                return { call in try cast(call.arguments[0], call.rows) }
            }
        }
    }
}
