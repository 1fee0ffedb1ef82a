import SQLTypes
import Testing

@Suite("Values as text")
struct ValueTextTests {
    @Test(
        "Doubles print in Java's form",
        arguments: [
            (1.0, "1.0"), (0.001, "0.001"), (0.0001, "1.0E-4"), (1e7, "1.0E7"), (9_999_999.0, "9999999.0"),
            (123.456, "123.456"),
            (-0.0, "-0.0"), (0.0, "0.0"), (1e10, "1.0E10"), (1.5e-5, "1.5E-5"), (.nan, "NaN"),
            (-.infinity, "-Infinity"),
            (0.1 + 0.2, "0.30000000000000004"), (1.7976931348623157e308, "1.7976931348623157E308"),
            (100.0, "100.0"), (0.012, "0.012"), (12345678.9, "1.23456789E7"),
        ])
    func doubles(value: Double, text: String) {
        #expect(ValueText.print(.double(value), .double) == text)
    }

    @Test(
        "Scalars",
        arguments: [
            (Value.int(12345), DataType.decimal(precision: 5, scale: 2), "123.45"),
            (.int(-5), .decimal(precision: 5, scale: 2), "-0.05"),
            (.int128(Int128(10) << 100), .decimal(precision: 38, scale: 3), "12676506002282294014967032053.760"),
            (.int(17168), .date, "2017-01-02"),
            (.int(-719_529), .date, "-0001-12-31"),
            (.int(1_483_228_800_000_000), .timestamp(precision: 3), "2017-01-01 00:00:00.000"),
            (.int(1_483_228_800_123_456), .timestamp(precision: 6), "2017-01-01 00:00:00.123456"),
            (.int(-1), .timestamp(precision: 6), "1969-12-31 23:59:59.999999"),
            (.int(1_483_228_800_000_000), .timestamp(precision: 0), "2017-01-01 00:00:00"),
            (.int(3_723_456_000_000_000), .time(precision: 3), "01:02:03.456"),
            (.int(38), .intervalYearToMonth, "3-2"), (.int(-1), .intervalYearToMonth, "-0-1"),
            (.int(183_845_678), .intervalDayToSecond, "2 03:04:05.678"),
            (.bytes([0x68, 0x69]), .varbinary, "68 69"),
            (.boolean(true), .boolean, "true"),
            (.array([.int(1), .null]), .array(.integer), "[1, null]"),
            (
                .map(keys: [.string("k")], values: [.string("v")]),
                .map(key: .varcharUnbounded, value: .varcharUnbounded), "{k=v}"
            ),
            (
                .row([.int(1), .string("x")]),
                .row([RowField(name: "a", type: .integer), RowField(name: nil, type: .varcharUnbounded)]),
                "{a=1, field1=x}"
            ),
            (.string("ab"), .char(length: 4), "ab  "), (.null, .integer, "NULL"),
        ])
    func scalars(value: Value, type: DataType, text: String) {
        #expect(ValueText.print(value, type) == text)
    }

    @Test(
        "Text reads back as the same value",
        arguments: [
            ("2020-02-29", DataType.date), ("-0044-03-15", .date), ("12:34:56.789", .time(precision: 3)),
            ("2020-01-01 12:00:00.123456789", .timestamp(precision: 9)),
            ("2020-01-01 00:00:00.000", .timestamp(precision: 3)),
            ("2020-07-01 12:00:00.000 America/New_York", .timestampWithTimeZone(precision: 3)),
            ("2020-07-01 12:00:00 +05:30", .timestampWithTimeZone(precision: 0)),
            ("01:02:03.456-08:00", .timeWithTimeZone(precision: 3)),
            ("-99999999999999999999.99", .decimal(precision: 22, scale: 2)),
            ("12151fd2-7586-11e9-8f9e-2a86e4085a59", .uuid), ("10.0.0.1", .ipaddress), ("2001:db8::1", .ipaddress),
            ("::", .ipaddress), ("2 03:04:05.678", .intervalDayToSecond), ("3-2", .intervalYearToMonth),
            ("1:0:0:2::3", .ipaddress),
        ])
    func roundTrip(text: String, type: DataType) throws {
        let value = try ValueParser.parse(text, as: type)
        #expect(ValueText.print(value, type) == text)
    }

    @Test(
        "Bad text is refused with Trino's wording",
        arguments: [
            ("x", DataType.integer, "Cannot cast 'x' to INT"),
            ("99999999999", .integer, "Cannot cast '99999999999' to INT"),
            ("maybe", .boolean, "Cannot cast 'maybe' to BOOLEAN"),
            ("2020-02-30", .date, "Value cannot be cast to date: 2020-02-30"),
            ("1.5x", .double, "Cannot cast '1.5x' to DOUBLE"),
            (
                "123.456", .decimal(precision: 3, scale: 2),
                "Cannot cast VARCHAR '123.456' to DECIMAL(3, 2). Value too large."
            ),
            ("2020-01-01T00:00:00", .timestamp(precision: 3), "Value cannot be cast to timestamp: 2020-01-01T00:00:00"),
        ])
    func refused(text: String, type: DataType, message: String) {
        let error = #expect(throws: QueryError.self) { try ValueParser.parse(text, as: type) }
        #expect(error?.message == message)
        #expect(error?.code == .invalidCastArgument)
    }

    @Test("JSON text is stored without blanks and with sorted members")
    func json() throws {
        let value = try ValueParser.parse(#" { "b" : [1, 2.50, 1e3], "a": "\u00e9\n" } "#, as: .json)
        #expect(value == .string(#"{"a":"é\n","b":[1,2.5,1000.0]}"#))
    }

    @Test("Values as JSON")
    func valuesAsJSON() {
        var text: [UInt8] = []
        ValueJSON.append(
            .row([.int(1), .int(150), .double(.nan), .bytes([1, 2]), .map(keys: [.string("a")], values: [.null])]),
            .row(
                [
                    DataType.bigint, .decimal(precision: 4, scale: 2), .double, .varbinary,
                    .map(key: .varcharUnbounded, value: .bigint),
                ]
                .map { RowField(name: nil, type: $0) }), to: &text)
        #expect(String(decoding: text, as: UTF8.self) == #"[1,"1.50","NaN","AQI=",[["a",null]]]"#)
    }
}
