import Columnar
import SQLTypes

/// Parts of dates and times: `year(x)`, `hour(x)`, ... and EXTRACT, which the binder turns into them.
enum DateTimeFields {
    static let scalars: [ScalarFunction] = dayParts + timeParts + intervalParts + zoneParts

    private static let dayTypes = ["date", "timestamp(p)", "timestamp(p) with time zone"]
    private static let timeTypes = ["time(p)", "time(p) with time zone", "timestamp(p)", "timestamp(p) with time zone"]

    private static func day(
        _ name: String, aliases: [String] = [], summary: String, example: String,
        _ body: @escaping @Sendable (Int) -> Int64
    ) -> [ScalarFunction] {
        dayTypes.map { type in
            ScalarFunction(
                name, aliases: aliases, Signature("(\(type)) -> bigint"), summary: summary,
                examples: [
                    FunctionExample("\(name)(DATE '2024-02-29')", example),
                    FunctionExample("\(name)(CAST(NULL AS date))", "NULL"),
                ]
            ) { _ in { call in DateTimeLanes.days(call.arguments[0], call.rows, as: .bigint, body) } }
        }
    }

    private static var dayParts: [ScalarFunction] {
        let parts: [[ScalarFunction]] = [
            day("year", summary: "Year", example: "2024") { Int64(CivilDate(days: $0).year) },
            day("quarter", summary: "Quarter of the year, 1 to 4", example: "1") {
                Int64((CivilDate(days: $0).month &- 1) / 3 &+ 1)
            },
            day("month", summary: "Month of the year, 1 to 12", example: "2") { Int64(CivilDate(days: $0).month) },
            day("week", aliases: ["week_of_year"], summary: "ISO week of the year, 1 to 53", example: "9") {
                Int64(CivilDate.isoWeek($0).week)
            },
            day("day", aliases: ["day_of_month"], summary: "Day of the month", example: "29") {
                Int64(CivilDate(days: $0).day)
            },
            day("day_of_week", aliases: ["dow"], summary: "ISO day of the week: 1 is Monday, 7 Sunday", example: "4") {
                Int64(CivilDate.dayOfWeek($0))
            },
            day("day_of_year", aliases: ["doy"], summary: "Day of the year, 1 to 366", example: "60") {
                Int64(CivilDate(days: $0).dayOfYear)
            },
            day("year_of_week", aliases: ["yow"], summary: "Year that the ISO week belongs to", example: "2024") {
                Int64(CivilDate.isoWeek($0).year)
            },
            [
                last("date") { call, type in
                    Kernel.unary(call.arguments[0], call.rows, as: type, Int32.self, Int32.self) {
                        Int32(truncatingIfNeeded: lastDay(Int($0)))
                    }
                },
                last("timestamp(p)", lastOfAny), last("timestamp(p) with time zone", lastOfAny),
            ],
        ]
        return parts.flatMap { $0 }
    }

    private static func lastDay(_ days: Int) -> Int {
        let date = CivilDate(days: days)
        return days + CivilDate.daysInMonth(date.year, date.month) - date.day
    }

    private static func last(
        _ type: String, _ kernel: @escaping @Sendable (borrowing KernelCall, DataType) -> Vector
    ) -> ScalarFunction {
        ScalarFunction(
            "last_day_of_month", Signature("(\(type)) -> date"), summary: "Last day of the month",
            examples: [FunctionExample("last_day_of_month(DATE '2023-02-03')", "2023-02-28")]
        ) { signature in { call in kernel(call, signature.result) } }
    }

    @Sendable private static func lastOfAny(_ call: borrowing KernelCall, _ type: DataType) -> Vector {
        let days = DateTimeLanes.days(call.arguments[0], call.rows, as: .bigint) { Int64(lastDay($0)) }
        return Kernel.unary(days, call.rows, as: type, Int64.self, Int32.self) { Int32(truncatingIfNeeded: $0) }
    }

    private static var timeParts: [ScalarFunction] {
        let parts: [(String, String, String, Int64, Int64)] = [
            ("hour", "Hour of the day, 0 to 23", "1", 3600 * TimeUnit.picosPerSecond, 24),
            ("minute", "Minute of the hour", "2", 60 * TimeUnit.picosPerSecond, 60),
            ("second", "Second of the minute", "3", TimeUnit.picosPerSecond, 60),
            ("millisecond", "Millisecond of the second", "456", TimeUnit.picosPerMilli, 1000),
        ]
        return parts.flatMap { name, summary, example, unit, modulus in
            timeTypes.map { type in
                ScalarFunction(
                    name, Signature("(\(type)) -> bigint"), summary: summary,
                    examples: [FunctionExample("\(name)(TIME '01:02:03.456')", example)]
                ) { _ in
                    { call in DateTimeLanes.timeOfDay(call.arguments[0], call.rows, as: .bigint) { $0 / unit % modulus }
                    }
                }
            }
        }
    }

    private static var intervalParts: [ScalarFunction] {
        func months(_ name: String, _ body: @escaping @Sendable (Int64) -> Int64) -> ScalarFunction {
            ScalarFunction(name, "(interval year to month) -> bigint", summary: "Part of an interval") { _ in
                { call in
                    Kernel.unary(call.arguments[0], call.rows, as: .bigint, Int32.self, Int64.self) { body(Int64($0)) }
                }
            }
        }
        func milliseconds(
            _ name: String, _ shown: String, _ body: @escaping @Sendable (Int64) -> Int64
        ) -> ScalarFunction {
            ScalarFunction(
                name, "(interval day to second) -> bigint",
                summary: name == "to_milliseconds" ? "An interval in milliseconds" : "Part of an interval",
                examples: [FunctionExample("\(name)(INTERVAL '1 02:03:04.005' DAY TO SECOND)", shown)]
            ) { _ in
                { call in Kernel.unary(call.arguments[0], call.rows, as: .bigint, Int64.self, Int64.self) { body($0) } }
            }
        }
        return [
            months("year") { $0 / 12 }, months("month") { $0 % 12 },
            milliseconds("day", "1") { $0 / TimeUnit.millisPerDay },
            milliseconds("hour", "2") { $0 / 3_600_000 % 24 },
            milliseconds("minute", "3") { $0 / 60_000 % 60 },
            milliseconds("second", "4") { $0 / 1000 % 60 },
            milliseconds("millisecond", "5") { $0 % 1000 },
            milliseconds("to_milliseconds", "93784005") { $0 },
        ]
    }

    private static var zoneParts: [ScalarFunction] {
        func offset(_ name: String, _ type: String, _ body: @escaping @Sendable (Int64) -> Int64) -> ScalarFunction {
            ScalarFunction(
                name, Signature("(\(type)) -> bigint"), summary: "Part of the zone's offset from UTC",
                examples: [
                    FunctionExample(
                        "\(name)(TIMESTAMP '2020-01-01 00:00:00 +05:30')", name == "timezone_hour" ? "5" : "30")
                ]
            ) { _ in
                { call in
                    Kernel.unary(call.arguments[0], call.rows, as: .bigint, Int128.self, Int64.self) { packed in
                        let zone = TimeZone.zone(id: DateTimeMath.zoneId(packed: packed))
                        let utc = floorDivide(DateTimeMath.picos(packed: packed), Int128(TimeUnit.picosPerSecond))
                        return body(zone.offset(atUTC: Int64(truncatingIfNeeded: utc)) / 60)
                    }
                }
            }
        }
        return ["timestamp(p) with time zone", "time(p) with time zone"].flatMap { type in
            [offset("timezone_hour", type) { $0 / 60 }, offset("timezone_minute", type) { $0 % 60 }]
        } + [
            ScalarFunction(
                "timezone", "(timestamp(p) with time zone) -> varchar", summary: "Name of the value's zone",
                examples: [FunctionExample("timezone(TIMESTAMP '2020-01-01 00:00:00 Europe/Berlin')", "Europe/Berlin")]
            ) { _ in
                { call in
                    let builder = FlatBuilder(.varchar(length: nil), capacity: call.rows.count)
                    builder.zero()
                    let out = builder.pointer(as: StringView.self)
                    let view = call.arguments[0].view
                    let heap = builder.strings
                    call.rows.forEach { row in
                        guard view.isValid(row) else { return builder.setNull(row) }
                        let zone = TimeZone.zone(id: DateTimeMath.zoneId(packed: view.load(row, as: Int128.self)))
                        var name = zone.name
                        out[row] = name.withUTF8 { heap.append($0) }
                    }
                    return builder.finish(count: call.rows.count)
                }
            }
        ]
    }
}
