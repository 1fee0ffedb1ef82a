import Columnar
import Expressions
import Functions
import SQLTypes
import Testing

/// One call with literal arguments and its value text (or its error's code), checked folded and over columns.
struct FunctionCase: CustomTestStringConvertible, Sendable {
    let name: String
    let arguments: [Argument]
    let expected: String

    enum Argument: Sendable {
        case int(Int64), big(Int64), num(Double), text(String), null(DataType)
        case dec(String), date(String), ts(String), time(String), interval(Int64), months(Int64)
        case list([Double])

        var expression: BoundExpression {
            get throws {
                switch self {
                case .int(let value): Make.int(value)
                case .big(let value): Make.bigint(value)
                case .num(let value): Make.double(value)
                case .text(let value): Make.text(value)
                case .null(let type): .null(type)
                case .dec(let text): try Make.typed(.decimal(precision: 1, scale: 0), text)
                case .date(let text): try Make.typed(.date, text)
                case .ts(let text): try Make.typed(.timestamp(precision: 3), text)
                case .time(let text): try Make.typed(.time(precision: 3), text)
                case .interval(let value): .constant(.int(value), .intervalDayToSecond)
                case .months(let value): .constant(.int(value), .intervalYearToMonth)
                case .list(let values): .constant(.array(values.map { .double($0) }), .array(.double))
                }
            }
        }
    }

    init(_ name: String, _ arguments: [Argument], _ expected: String) {
        self.name = name
        self.arguments = arguments
        self.expected = expected
    }

    var testDescription: String { "\(name)(\(arguments)) = \(expected)" }

    func check() throws {
        let constants = try arguments.map { try $0.expression }
        let resolved = try FunctionRegistry.standard.resolveScalar(name: name, argumentTypes: constants.map(\.type))
        let cast = zip(constants, resolved.signature.arguments).map { argument, type in
            argument.type == type ? argument : BoundExpression.cast(argument, to: type, isTry: false)
        }
        let call = BoundExpression.call(
            FunctionCall(function: resolved.function, signature: resolved.signature, arguments: cast))
        #expect(Self.text { try Make.value(call) } == expected)
        if !constants.isEmpty { #expect(Self.text { try Make.overColumns(name, constants) } == expected) }
    }

    static func text(_ body: () throws -> String) -> String {
        do { return try body() } catch let error as QueryError { return error.code.rawValue } catch {
            return "\(error)"
        }
    }
}

@Suite("Functions")
struct FunctionTests {
    @Test(
        "Operators",
        arguments: [
            FunctionCase("$add", [.int(1), .int(2)], "3"),
            FunctionCase("$add", [.int(2_147_483_647), .int(1)], "NUMERIC_VALUE_OUT_OF_RANGE"),
            FunctionCase("$add", [.big(.max), .big(1)], "NUMERIC_VALUE_OUT_OF_RANGE"),
            FunctionCase("$subtract", [.big(.min), .int(1)], "NUMERIC_VALUE_OUT_OF_RANGE"),
            FunctionCase("$multiply", [.big(4_294_967_296), .big(4_294_967_296)], "NUMERIC_VALUE_OUT_OF_RANGE"),
            FunctionCase("$multiply", [.int(6), .int(-7)], "-42"), FunctionCase("$divide", [.int(7), .int(-2)], "-3"),
            FunctionCase("$divide", [.int(7), .int(0)], "DIVISION_BY_ZERO"),
            FunctionCase("$divide", [.num(1), .num(0)], "Infinity"),
            FunctionCase("$modulus", [.int(-7), .int(3)], "-1"), FunctionCase("$modulus", [.num(7.5), .num(2)], "1.5"),
            FunctionCase("$negate", [.int(-5)], "5"),
            FunctionCase("$negate", [.big(.min)], "NUMERIC_VALUE_OUT_OF_RANGE"),
            FunctionCase("$add", [.dec("1.50"), .dec("2.255")], "3.755"),
            FunctionCase("$multiply", [.dec("1.50"), .dec("2.25")], "3.3750"),
            FunctionCase("$divide", [.dec("1.00"), .dec("3.0")], "0.33"),
            FunctionCase("$divide", [.dec("10.0"), .dec("0.0")], "DIVISION_BY_ZERO"),
            FunctionCase("$divide", [.dec("2"), .dec("3.000")], "0.667"),
            FunctionCase("$modulus", [.dec("7.5"), .dec("2")], "1.5"),
            FunctionCase(
                "$multiply", [.dec("99999999999999999999"), .dec("99999999999999999999")], "NUMERIC_VALUE_OUT_OF_RANGE"),
            FunctionCase(
                "$add", [.dec("99999999999999999999999999999999999999"), .dec("1")], "NUMERIC_VALUE_OUT_OF_RANGE"),
            FunctionCase("$subtract", [.int(1), .dec("0.04")], "0.96"), FunctionCase("$negate", [.dec("-1.5")], "1.5"),
            FunctionCase("$add", [.date("2020-01-31"), .months(1)], "2020-02-29"),
            FunctionCase("$subtract", [.date("2020-03-01"), .interval(86_400_000)], "2020-02-29"),
            FunctionCase("$add", [.date("2020-03-01"), .interval(1)], "INVALID_FUNCTION_ARGUMENT"),
            FunctionCase("$subtract", [.date("2020-03-01"), .date("2020-02-01")], "29 00:00:00.000"),
            FunctionCase("$add", [.ts("2020-01-31 12:00:00"), .months(1)], "2020-02-29 12:00:00"),
            FunctionCase(
                "$add", [.ts("2020-01-31 12:00:00.123456789"), .interval(1500)], "2020-01-31 12:00:01.623456789"),
            FunctionCase("$add", [.time("23:00:00"), .interval(7_200_000)], "01:00:00"),
            FunctionCase("$subtract", [.ts("2020-01-02 00:00:00"), .ts("2020-01-01 12:00:00")], "0 12:00:00.000"),
            FunctionCase("$multiply", [.interval(1000), .int(90)], "0 00:01:30.000"),
            FunctionCase("$divide", [.months(13), .int(2)], "0-6"),
            FunctionCase(
                "$add", [.ts("2024-03-10 01:30:00 America/New_York"), .interval(3_600_000)],
                "2024-03-10 03:30:00 America/New_York"),
            FunctionCase(
                "$add", [.ts("2024-03-09 02:30:00 America/New_York"), .months(12)],
                "2025-03-09 03:30:00 America/New_York"),
            FunctionCase("$like", [.text("abc"), .text("a%")], "true"),
            FunctionCase("$like", [.text("abc"), .text("%b%")], "true"),
            FunctionCase("$like", [.text("abc"), .text("_b_")], "true"),
            FunctionCase("$like", [.text("aébc"), .text("a_bc")], "true"),
            FunctionCase("$like", [.text("abc"), .text("%c%a%")], "false"),
            FunctionCase("$like", [.text("abcabc"), .text("a%bc")], "true"),
            FunctionCase("$like", [.text("a%c"), .text("a#%c"), .text("#")], "true"),
            FunctionCase("$like", [.text("abc"), .text("a#%c"), .text("#")], "false"),
            FunctionCase("$like", [.text("abc"), .text("a#bc"), .text("#")], "INVALID_FUNCTION_ARGUMENT"),
            FunctionCase("$like", [.text("special requests packages"), .text("%special%requests%")], "true"),
            FunctionCase("$like", [.text(""), .text("")], "true"),
            FunctionCase("$like", [.text("aaa"), .text("%aa_")], "true"),
            FunctionCase("$subscript", [.list([1, 2]), .int(2)], "2.0"),
            FunctionCase("$subscript", [.list([1]), .int(2)], "INVALID_FUNCTION_ARGUMENT"),
            FunctionCase("$subscript", [.list([1]), .int(0)], "INVALID_FUNCTION_ARGUMENT"),
        ])
    func operators(test: FunctionCase) throws { try test.check() }

    @Test(
        "Dates and times",
        arguments: [
            FunctionCase("year", [.date("2024-02-29")], "2024"),
            FunctionCase("quarter", [.ts("2024-12-31 23:59:59")], "4"),
            FunctionCase("week", [.date("2021-01-03")], "53"), FunctionCase("yow", [.date("2021-01-03")], "2020"),
            FunctionCase("dow", [.date("2021-01-03")], "7"),
            FunctionCase("doy", [.date("2024-12-31")], "366"),
            FunctionCase("hour", [.ts("1969-12-31 23:01:02.345")], "23"),
            FunctionCase("millisecond", [.ts("1969-12-31 23:01:02.345")], "345"),
            FunctionCase("minute", [.time("01:02:03")], "2"),
            FunctionCase("hour", [.ts("2024-07-01 12:00:00 America/New_York")], "12"),
            FunctionCase("day", [.interval(183_845_678)], "2"),
            FunctionCase("timezone_hour", [.ts("2024-07-01 12:00:00 America/New_York")], "-4"),
            FunctionCase("timezone_minute", [.ts("2024-07-01 12:00:00 +05:30")], "30"),
            FunctionCase("last_day_of_month", [.ts("2023-02-03 00:00:00")], "2023-02-28"),
            FunctionCase("date_trunc", [.text("month"), .date("2001-08-22")], "2001-08-01"),
            FunctionCase("date_trunc", [.text("WEEK"), .ts("2001-08-22 03:04:05.321")], "2001-08-20 00:00:00.000"),
            FunctionCase("date_trunc", [.text("hour"), .ts("1969-12-31 23:59:59.999")], "1969-12-31 23:00:00.000"),
            FunctionCase(
                "date_trunc", [.text("quarter"), .ts("2001-08-22 03:04:05.123456789")], "2001-07-01 00:00:00.000000000"),
            FunctionCase(
                "date_trunc", [.text("day"), .ts("2024-03-10 15:30:00 America/New_York")],
                "2024-03-10 00:00:00 America/New_York"),
            FunctionCase("date_trunc", [.text("era"), .date("2001-08-22")], "INVALID_FUNCTION_ARGUMENT"),
            FunctionCase("date_trunc", [.text("hour"), .date("2001-08-22")], "INVALID_FUNCTION_ARGUMENT"),
            FunctionCase("date_trunc", [.text("minute"), .time("01:02:03")], "01:02:00"),
            FunctionCase("date_add", [.text("month"), .int(1), .date("2020-01-31")], "2020-02-29"),
            FunctionCase("date_add", [.text("hour"), .int(-1), .ts("2020-01-01 00:30:00")], "2019-12-31 23:30:00"),
            FunctionCase("date_add", [.text("hour"), .int(1), .date("2020-01-31")], "INVALID_FUNCTION_ARGUMENT"),
            FunctionCase("date_add", [.text("minute"), .int(-5), .time("00:01:00")], "23:56:00"),
            FunctionCase("date_diff", [.text("day"), .date("2020-02-28"), .date("2020-03-01")], "2"),
            FunctionCase("date_diff", [.text("month"), .date("2020-01-31"), .date("2020-02-29")], "1"),
            FunctionCase("date_diff", [.text("month"), .date("2020-03-30"), .date("2020-01-31")], "-1"),
            FunctionCase("date_diff", [.text("year"), .date("2019-03-01"), .date("2020-02-29")], "0"),
            FunctionCase("date_diff", [.text("second"), .ts("2020-01-01 00:00:01"), .ts("2020-01-01 00:00:00")], "-1"),
            FunctionCase("date_diff", [.text("quarter"), .ts("2020-01-01 00:00:01"), .ts("2020-12-31 00:00:00")], "3"),
            FunctionCase(
                "date_diff",
                [
                    .text("hour"), .ts("2024-03-10 00:00:00 America/New_York"),
                    .ts("2024-03-11 00:00:00 America/New_York"),
                ], "23"),
            FunctionCase(
                "date_diff",
                [
                    .text("day"), .ts("2024-03-10 00:00:00 America/New_York"),
                    .ts("2024-03-11 00:00:00 America/New_York"),
                ], "1"),
            FunctionCase(
                "date_format", [.ts("2022-10-20 05:10:00"), .text("%m-%d-%Y %H:%i:%s.%f %W %M %j %p %r %y%%")],
                "10-20-2022 05:10:00.000000 Thursday October 293 AM 05:10:00 AM 22%"),
            FunctionCase("date_format", [.date("2022-10-20"), .text("%D")], "INVALID_FUNCTION_ARGUMENT"),
            FunctionCase("date_parse", [.text("2022/10/20/05"), .text("%Y/%m/%d/%H")], "2022-10-20 05:00:00.000"),
            FunctionCase(
                "date_parse", [.text("12:05 PM Jan 3 1999"), .text("%h:%i %p %b %e %Y")], "1999-01-03 12:05:00.000"),
            FunctionCase("date_parse", [.text("x"), .text("%Y")], "INVALID_FUNCTION_ARGUMENT"),
            FunctionCase("date_parse", [.text("2022-13-01"), .text("%Y-%m-%d")], "INVALID_FUNCTION_ARGUMENT"),
            FunctionCase(
                "format_datetime",
                [.ts("2001-08-22 03:04:05.321"), .text("yyyy/MM/dd HH:mm:ss.SSS EEE MMMM 'at' h a")],
                "2001/08/22 03:04:05.321 Wed August at 3 AM"),
            FunctionCase(
                "format_datetime", [.ts("2001-08-22 03:04:05 +05:30"), .text("yyyyMMdd ZZ Z")], "20010822 +05:30 +0530"),
            FunctionCase(
                "parse_datetime", [.text("2001-08-22 03:04 +0200"), .text("yyyy-MM-dd HH:mm Z")],
                "2001-08-22 03:04:00.000 +02:00"),
            FunctionCase("parse_datetime", [.text("20010822"), .text("yyyyMMdd")], "2001-08-22 00:00:00.000 UTC"),
            FunctionCase("to_iso8601", [.ts("2020-01-02 03:04:05.678")], "2020-01-02T03:04:05.678"),
            FunctionCase("to_iso8601", [.ts("2020-01-02 03:04:05 UTC")], "2020-01-02T03:04:05Z"),
            FunctionCase("to_iso8601", [.date("2020-01-02")], "2020-01-02"),
            FunctionCase(
                "from_iso8601_timestamp", [.text("2020-05-11T11:15:05.055+01:00")], "2020-05-11 11:15:05.055 +01:00"),
            FunctionCase("from_iso8601_timestamp", [.text("2020-05-11")], "2020-05-11 00:00:00.000 UTC"),
            FunctionCase(
                "from_iso8601_timestamp_nanos", [.text("2020-05-11T11:15:05.123456789Z")],
                "2020-05-11 11:15:05.123456789 UTC"),
            FunctionCase("from_iso8601_date", [.text("2020-W10")], "2020-03-02"),
            FunctionCase("from_iso8601_date", [.text("2020-123")], "2020-05-02"),
            FunctionCase("from_iso8601_date", [.text("20200511")], "2020-05-11"),
            FunctionCase("from_unixtime", [.num(1.5)], "1970-01-01 00:00:01.500 UTC"),
            FunctionCase("from_unixtime", [.int(0), .text("Asia/Tokyo")], "1970-01-01 09:00:00.000 Asia/Tokyo"),
            FunctionCase("from_unixtime", [.int(0), .int(5), .int(30)], "1970-01-01 05:30:00.000 +05:30"),
            FunctionCase("from_unixtime_nanos", [.big(1_500_000_000)], "1970-01-01 00:00:01.500000000 UTC"),
            FunctionCase("to_unixtime", [.ts("1970-01-01 00:00:01.5 UTC")], "1.5"),
            FunctionCase(
                "at_timezone", [.ts("2012-10-31 01:00:00 UTC"), .text("America/Los_Angeles")],
                "2012-10-30 18:00:00 America/Los_Angeles"),
            FunctionCase(
                "with_timezone", [.ts("2021-08-01 07:08:09"), .text("Europe/Paris")], "2021-08-01 07:08:09 Europe/Paris"
            ),
            FunctionCase(
                "at_timezone", [.ts("2012-10-31 01:00:00 UTC"), .text("Nowhere")], "INVALID_FUNCTION_ARGUMENT"),
            FunctionCase("parse_duration", [.text("3.81 d")], "3 19:26:24.000"),
            FunctionCase("human_readable_seconds", [.int(3762)], "1 hour, 2 minutes, 42 seconds"),
            FunctionCase("date", [.text("2020-01-02")], "2020-01-02"),
            FunctionCase("now", [], "2023-11-14 22:13:20.123 UTC"),
            FunctionCase("to_milliseconds", [.interval(1500)], "1500"),
        ])
    func dates(test: FunctionCase) throws { try test.check() }

    @Test(
        "Mathematics, bits and conversions",
        arguments: [
            FunctionCase("abs", [.int(-5)], "5"), FunctionCase("abs", [.big(.min)], "NUMERIC_VALUE_OUT_OF_RANGE"),
            FunctionCase("abs", [.dec("-1.5")], "1.5"),
            FunctionCase("ceil", [.num(-1.5)], "-1.0"), FunctionCase("ceiling", [.dec("1.01")], "2"),
            FunctionCase("floor", [.dec("-1.01")], "-2"), FunctionCase("floor", [.int(3)], "3"),
            FunctionCase("round", [.num(-2.5)], "-3.0"), FunctionCase("round", [.dec("2.5")], "3"),
            FunctionCase("round", [.num(123.456), .int(1)], "123.5"),
            FunctionCase("round", [.dec("123.456"), .int(-1)], "120.000"),
            FunctionCase("round", [.int(125), .int(-1)], "130"), FunctionCase("truncate", [.num(-1.9)], "-1.0"),
            FunctionCase("truncate", [.dec("12.333"), .int(-1)], "10.000"), FunctionCase("sign", [.dec("-2.5")], "-1"),
            FunctionCase("sign", [.num(-2.5)], "-1.0"),
            FunctionCase("mod", [.int(-7), .int(3)], "-1"), FunctionCase("mod", [.dec("7.5"), .int(2)], "1.5"),
            FunctionCase("power", [.int(2), .int(10)], "1024.0"), FunctionCase("sqrt", [.int(-1)], "NaN"),
            FunctionCase("log", [.int(2), .int(8)], "3.0"), FunctionCase("ln", [.int(0)], "-Infinity"),
            FunctionCase("degrees", [.num(.pi)], "180.0"), FunctionCase("is_nan", [.num(.nan)], "true"),
            FunctionCase("to_base", [.int(255), .int(16)], "ff"),
            FunctionCase("from_base", [.text("-ff"), .int(16)], "-255"),
            FunctionCase("from_base", [.text("xyz"), .int(10)], "INVALID_FUNCTION_ARGUMENT"),
            FunctionCase("width_bucket", [.num(3.14), .int(0), .int(4), .int(3)], "3"),
            FunctionCase("width_bucket", [.int(5), .list([1, 4, 8])], "2"),
            FunctionCase("width_bucket", [.int(1), .int(0), .int(4), .int(0)], "INVALID_FUNCTION_ARGUMENT"),
            FunctionCase("normal_cdf", [.int(0), .int(1), .int(0)], "0.5"),
            FunctionCase("inverse_normal_cdf", [.int(0), .int(1), .num(0.5)], "0.0"),
            FunctionCase("cbrt", [.int(27)], "3.0"),
            FunctionCase("beta_cdf", [.int(3), .int(3), .num(0.5)], "0.5"),
            FunctionCase("bitwise_and", [.int(12), .int(10)], "8"),
            FunctionCase("bitwise_right_shift", [.int(-8), .int(2)], "1073741822"),
            FunctionCase("bitwise_right_shift_arithmetic", [.int(-8), .int(2)], "-2"),
            FunctionCase("bitwise_left_shift", [.int(1), .int(40)], "0"),
            FunctionCase("bit_count", [.int(-7), .int(8)], "6"),
            FunctionCase("greatest", [.int(1), .int(3), .int(2)], "3"),
            FunctionCase("least", [.text("b"), .text("a")], "a"),
            FunctionCase("greatest", [.int(1), .num(2.5)], "2.5"),
            FunctionCase("least", [.date("2020-01-02"), .date("2020-01-01")], "2020-01-01"),
            FunctionCase("typeof", [.dec("1.50")], "decimal(3,2)"),
            FunctionCase("format", [.text("%s%%"), .int(123)], "123%"),
            FunctionCase("format", [.text("%.5f"), .num(.pi)], "3.14159"),
            FunctionCase(
                "format", [.text("%03d|%-5s|%,.2f|%e"), .int(8), .text("ab"), .num(1_234_567.895), .num(12345.678)],
                "008|ab   |1,234,567.90|1.234568e+04"),
            FunctionCase("format", [.text("%2$s %1$s %x"), .text("a"), .text("b")], "INVALID_FUNCTION_ARGUMENT"),
            FunctionCase("format", [.text("%2$s %1$s"), .text("a"), .text("b")], "b a"),
            FunctionCase("format", [.text("%.2f %.0f %+d"), .dec("0.005"), .num(0.5), .int(3)], "0.01 1 +3"),
            FunctionCase("format", [.text("%1$tF"), .date("2020-01-02")], "2020-01-02"),
            FunctionCase("format_number", [.int(123_456)], "123K"),
            FunctionCase("format_number", [.int(1_000_000)], "1M"),
            FunctionCase("parse_data_size", [.text("2.3MB")], "2411724"),
        ])
    func numbers(test: FunctionCase) throws { try test.check() }
}

@Suite("Casts")
struct CastTests {
    @Test(
        "The matrix",
        arguments: [
            (DataType.varcharUnbounded, "12", DataType.integer, "12"),
            (.varcharUnbounded, " 12", .integer, "INVALID_CAST_ARGUMENT"),
            (.varcharUnbounded, "1.5e2", .double, "150.0"), (.varcharUnbounded, "true", .boolean, "true"),
            (.varcharUnbounded, "1.255", .decimal(precision: 3, scale: 2), "1.26"),
            (.double, "2.5", .integer, "3"), (.double, "-2.5", .bigint, "-3"),
            (.double, "3e9", .integer, "NUMERIC_VALUE_OUT_OF_RANGE"),
            (.double, "NaN", .bigint, "INVALID_CAST_ARGUMENT"),
            (.double, "1.5", .varcharUnbounded, "1.5E0"), (.double, "0", .varcharUnbounded, "0E0"),
            (.double, "1.005", .decimal(precision: 5, scale: 2), "1.01"),
            (.bigint, "300", .tinyint, "NUMERIC_VALUE_OUT_OF_RANGE"),
            (.bigint, "12345", .decimal(precision: 4, scale: 0), "INVALID_CAST_ARGUMENT"),
            (.integer, "5", .decimal(precision: 10, scale: 2), "5.00"),
            (.decimal(precision: 5, scale: 2), "123.45", .integer, "123"),
            (.decimal(precision: 5, scale: 2), "-0.50", .bigint, "-1"),
            (.decimal(precision: 5, scale: 2), "123.45", .decimal(precision: 4, scale: 1), "123.5"),
            (.decimal(precision: 5, scale: 2), "999.99", .decimal(precision: 4, scale: 1), "INVALID_CAST_ARGUMENT"),
            (.decimal(precision: 5, scale: 2), "123.45", .double, "123.45"),
            (.decimal(precision: 5, scale: 2), "123.45", .varcharUnbounded, "123.45"),
            (
                .decimal(precision: 5, scale: 2), "123.45", .decimal(precision: 38, scale: 20),
                "123.45000000000000000000"
            ),
            (.bigint, "123", .varchar(length: 2), "INVALID_CAST_ARGUMENT"),
            (.varcharUnbounded, "héllo", .varchar(length: 2), "hé"),
            (.varcharUnbounded, "ab  ", .char(length: 5), "ab   "),
            (.char(length: 4), "ab", .varcharUnbounded, "ab  "), (.boolean, "true", .bigint, "1"),
            (.bigint, "0", .boolean, "false"), (.boolean, "true", .varcharUnbounded, "true"),
            (.varcharUnbounded, "2020-01-02 03:04:05.6789", .timestamp(precision: 3), "2020-01-02 03:04:05.679"),
            (.varcharUnbounded, "2020-01-02", .date, "2020-01-02"),
            (
                .timestamp(precision: 9), "2020-01-02 03:04:05.999999999", .timestamp(precision: 6),
                "2020-01-02 03:04:06.000000"
            ), (.timestamp(precision: 3), "1969-12-31 23:59:59.5", .date, "1969-12-31"),
            (
                .timestamp(precision: 3), "2020-07-01 12:00:00.000", .timestampWithTimeZone(precision: 3),
                "2020-07-01 12:00:00.000 UTC"
            ), (.date, "2020-01-02", .timestamp(precision: 6), "2020-01-02 00:00:00.000000"),
            (.timestampWithTimeZone(precision: 3), "2020-07-01 12:00:00.000 Asia/Tokyo", .date, "2020-07-01"),
            (
                .timestampWithTimeZone(precision: 3), "2020-07-01 12:00:00.000 Asia/Tokyo", .varcharUnbounded,
                "2020-07-01 12:00:00.000 Asia/Tokyo"
            ),
            (.time(precision: 6), "01:02:03.999999", .time(precision: 3), "01:02:04.000"),
            (.varcharUnbounded, "10.0.0.1", .ipaddress, "10.0.0.1"),
            (.date, "2020-01-02", .varcharUnbounded, "2020-01-02"),
            (.varcharUnbounded, "a\"b", .json, "\"a\\\"b\""), (.json, "\"12\"", .bigint, "12"),
            (.json, "[1,null]", .array(.bigint), "[1, null]"),
            (.json, "{\"a\":1}", .map(key: .varcharUnbounded, value: .double), "{a=1.0}"),
            (
                .json, "{\"b\":\"x\",\"a\":1}",
                .row([RowField(name: "a", type: .integer), RowField(name: "b", type: .varcharUnbounded)]), "{a=1, b=x}"
            ), (.json, "1.6", .integer, "2"), (.json, "[1]", .bigint, "INVALID_CAST_ARGUMENT"),
        ])
    func matrix(source: DataType, text: String, target: DataType, expected: String) throws {
        let constant = BoundExpression.constant(
            source == .json ? .string(text) : try ValueParser.parse(text, as: source), source)
        #expect(FunctionCase.text { try Make.value(.cast(constant, to: target, isTry: false)) } == expected)
        guard case .constant(let value, _) = constant else { return }
        let column = Vector.fromValues([.null, value, value], source)
        func over(isTry: Bool) throws -> String {
            let compiled = try CompiledExpression(
                .cast(Make.column(0, source), to: target, isTry: isTry), layout: [0: 0], context: Make.context)
            let vector = try compiled.evaluate(Batch(columns: [column], rowCount: 3))
            #expect(vector.isNull(0))
            return ValueText.print(vector.value(at: 1), target)
        }
        #expect(FunctionCase.text { try over(isTry: false) } == expected)
        #expect(
            FunctionCase.text { try over(isTry: true) }
                == (expected.hasSuffix("_ARGUMENT") || expected.hasSuffix("_RANGE") ? "NULL" : expected))
    }

    @Test("Nested values")
    func nested() throws {
        let row = DataType.row([
            RowField(name: "a", type: .integer), RowField(name: nil, type: .array(.varcharUnbounded)),
        ])
        let value = BoundExpression.constant(.row([.int(1), .array([.string("x"), .null])]), row)
        #expect(try Make.value(.cast(value, to: .json, isTry: false)) == #"{"a":1,"":["x",null]}"#)
        let numbers = BoundExpression.constant(.array([.string("1"), .string("x")]), .array(.varcharUnbounded))
        #expect(
            FunctionCase.text { try Make.value(.cast(numbers, to: .array(.bigint), isTry: false)) }
                == "INVALID_CAST_ARGUMENT")
        #expect(try Make.value(.cast(numbers, to: .array(.bigint), isTry: true)) == "NULL")
        #expect(throws: QueryError.self) { try Make.value(.cast(Make.bigint(1), to: .array(.bigint), isTry: false)) }
    }
}
