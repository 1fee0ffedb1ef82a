import Columnar
import SQLTypes

/// `date_trunc`, `date_add`, `date_diff`.
enum DateTimeArithmetic {
    static let scalars: [ScalarFunction] = types.flatMap { [truncate($0), add($0), difference($0)] }

    private static let types = [
        "date", "time(p)", "time(p) with time zone", "timestamp(p)", "timestamp(p) with time zone",
    ]

    private static func truncate(_ type: String) -> ScalarFunction {
        ScalarFunction(
            "date_trunc", Signature("(varchar, \(type)) -> \(type)"), summary: "Cut to a unit", cannotRaise: false,
            examples: [
                FunctionExample("date_trunc('month', DATE '2001-08-22')", "2001-08-01"),
                FunctionExample("date_trunc('week', TIMESTAMP '2001-08-22 03:04:05')", "2001-08-20 00:00:00"),
                FunctionExample("date_trunc('era', DATE '2001-08-22')", "INVALID_FUNCTION_ARGUMENT"),
            ]
        ) { signature in
            let type = signature.result
            let kind = DateTimeUnit.kind(of: type)
            return { call in
                let value = call.arguments[1]
                let units = try ParsedArgument(call.arguments[0], call.rows) { try DateTimeUnit.parse($0, kind: kind) }
                if call.arguments[0].isConstant, call.rows.selectedCount > 0 {
                    let unit = try units.at(0)
                    if let fast = truncateFlat(unit, value, call.rows, type) { return fast }
                }
                return try each(call, value, type, units) { row, local in try units.at(row).truncated(local) }
            }
        }
    }

    /// Layouts of dates and short timestamps, a constant unit.
    private static func truncateFlat(_ unit: DateTimeUnit, _ value: Vector, _ rows: Rows, _ type: DataType) -> Vector? {
        switch type {
        case .date:
            return Kernel.unary(value, rows, as: type, Int32.self, Int32.self) {
                Int32(truncatingIfNeeded: unit.firstDay(Int($0)))
            }
        case .timestamp(let precision) where precision <= 6:
            switch unit {
            case .millisecond, .second, .minute, .hour, .day:
                let micros = (unit.picos ?? 1) / TimeUnit.picosPerMicro
                return Kernel.unary(value, rows, as: type, Int64.self, Int64.self) { floorDivide($0, micros) &* micros }
            case .week, .month, .quarter, .year:
                return Kernel.unary(value, rows, as: type, Int64.self, Int64.self) {
                    Int64(unit.firstDay(Int(floorDivide($0, TimeUnit.microsPerDay)))) &* TimeUnit.microsPerDay
                }
            }
        default: return nil
        }
    }

    private static func add(_ type: String) -> ScalarFunction {
        ScalarFunction(
            "date_add", Signature("(varchar, bigint, \(type)) -> \(type)"), summary: "Moved by a number of units",
            cannotRaise: false,
            examples: [
                FunctionExample("date_add('month', 1, DATE '2020-01-31')", "2020-02-29"),
                FunctionExample("date_add('hour', -1, TIMESTAMP '2020-01-01 00:30:00')", "2019-12-31 23:30:00"),
                FunctionExample("date_add('hour', 1, DATE '2020-01-31')", "INVALID_FUNCTION_ARGUMENT"),
            ]
        ) { signature in
            let type = signature.result
            let kind = DateTimeUnit.kind(of: type)
            return { call in
                let units = try ParsedArgument(call.arguments[0], call.rows) { try DateTimeUnit.parse($0, kind: kind) }
                let counts = call.arguments[1].view
                return try each(call, call.arguments[2], type, units) { row, local in
                    try units.at(row).added(counts.load(row, as: Int64.self), to: local)
                }
            }
        }
    }

    private static func difference(_ type: String) -> ScalarFunction {
        ScalarFunction(
            "date_diff", Signature("(varchar, \(type), \(type)) -> bigint"),
            summary: "Whole units from the first to the second",
            cannotRaise: false,
            examples: [
                FunctionExample("date_diff('day', DATE '2020-02-28', DATE '2020-03-01')", "2"),
                FunctionExample("date_diff('month', DATE '2020-01-31', DATE '2020-02-29')", "1"),
                FunctionExample(
                    "date_diff('second', TIMESTAMP '2020-01-01 00:00:01', TIMESTAMP '2020-01-01 00:00:00')", "-1"),
            ]
        ) { signature in
            let type = signature.arguments[1]
            let kind = DateTimeUnit.kind(of: type)
            return { call in
                let units = try ParsedArgument(call.arguments[0], call.rows) { try DateTimeUnit.parse($0, kind: kind) }
                let start = call.arguments[1].view
                let end = call.arguments[2].view
                let unitView = call.arguments[0].view
                let builder = FlatBuilder(.bigint, capacity: call.rows.count)
                builder.zero()
                let out = builder.pointer(as: Int64.self)
                try call.rows.forEach { row in
                    guard start.isValid(row), end.isValid(row), unitView.isValid(row) else {
                        return builder.setNull(row)
                    }
                    let from = DateTimeLanes.local(start, row, type)
                    var to = DateTimeLanes.local(end, row, type)
                    if case .timestampWithTimeZone = type, let zone = DateTimeLanes.zone(start, row, type) {
                        // Both in the first value's zone.
                        to = DateTimeMath.localPicos(
                            utc: DateTimeMath.picos(packed: end.load(row, as: Int128.self)), in: zone)
                        let unit = try units.at(row)
                        if unit.movesInstants {
                            out[row] = unit.difference(
                                from: DateTimeMath.picos(packed: start.load(row, as: Int128.self)),
                                to: DateTimeMath.picos(packed: end.load(row, as: Int128.self)))
                            return
                        }
                    }
                    out[row] = try units.at(row).difference(from: from, to: to)
                }
                return builder.finish(count: call.rows.count)
            }
        }
    }

    /// Applies `body` to the local picoseconds of `value`'s lanes and writes them back in its layout; all arguments
    /// must be valid.
    private static func each(
        _ call: borrowing KernelCall, _ value: Vector, _ type: DataType, _ units: ParsedArgument<DateTimeUnit>,
        _ body: (Int, Int128) throws -> Int128
    ) throws -> Vector {
        let view = value.view
        let validity = Kernel.mergedValidity(call.arguments, count: call.rows.count)
        let builder = FlatBuilder(type, capacity: call.rows.count)
        builder.zero()
        let outOfRange = QueryError(.numericValueOutOfRange, "Timestamp is out of range")
        try call.rows.forEach { row in
            guard Validity.isValid(validity.bits, row) else { return }
            let moved = try body(row, DateTimeLanes.local(view, row, type))
            switch type {
            case .date:
                guard let days = Int32(exactly: floorDivide(moved, Int128(TimeUnit.picosPerDay))) else {
                    throw outOfRange
                }
                builder.pointer(as: Int32.self)[row] = days
            case .time:
                builder.pointer(as: Int64.self)[row] = Int64(
                    truncatingIfNeeded: floorModulo(moved, Int128(TimeUnit.picosPerDay)))
            case .timeWithTimeZone:
                let minutes =
                    TimeZone.fixedMinutes(id: DateTimeMath.zoneId(packed: view.load(row, as: Int128.self))) ?? 0
                let local = Int64(truncatingIfNeeded: floorModulo(moved, Int128(TimeUnit.picosPerDay)))
                builder.pointer(as: Int128.self)[row] = DateTimeMath.packedTime(local: local, offsetMinutes: minutes)
            case .timestamp(let precision):
                if precision > 6 {
                    builder.pointer(as: Int128.self)[row] = moved
                } else {
                    guard let micros = Int64(exactly: floorDivide(moved, Int128(TimeUnit.picosPerMicro))) else {
                        throw outOfRange
                    }
                    builder.pointer(as: Int64.self)[row] = micros
                }
            default:
                let packed = view.load(row, as: Int128.self)
                let zone = TimeZone.zone(id: DateTimeMath.zoneId(packed: packed))
                let utc = DateTimeMath.picos(packed: packed)
                // Hours and less move the instant, through any change of offset; days and more the local time.
                let shift = moved - DateTimeMath.localPicos(utc: utc, in: zone)
                builder.pointer(as: Int128.self)[row] = DateTimeMath.packed(
                    try units.at(row).movesInstants ? utc + shift : DateTimeMath.utcPicos(local: moved, in: zone),
                    zone.id)
            }
        }
        return builder.finish(count: call.rows.count, validity: validity.bits, owners: validity.owners)
    }
}
