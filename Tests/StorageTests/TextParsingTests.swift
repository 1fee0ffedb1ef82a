import Columnar
import Glibc
import SQLTypes
import StorageTestSupport
import Testing

/// The byte parsers against the standard library and plain arithmetic.
@Suite struct TextParsingTests {
    static func parse<T>(
        _ text: String, _ zero: T, _ body: (UnsafePointer<UInt8>, UnsafePointer<UInt8>, inout T) -> Bool
    ) -> T? {
        // Bytes around the text that must not matter.
        let bytes = Array("7.".utf8) + Array(text.utf8) + Array("9.e5,-3\n4567890123456".utf8)
        return bytes.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return nil }
            var value = zero
            return body(start + 2, start + 2 + text.utf8.count, &value) ? value : nil
        }
    }

    @Test func readsIntegers() {
        var random = Seeded(3)
        for _ in 0..<20_000 {
            let value = Int64.random(in: .min ... .max, using: &random) >> Int64.random(in: 0...63, using: &random)
            #expect(Self.parse(String(value), Int64(0)) { TextParsing.integer($0, $1, &$2) } == value)
            #expect(Self.parse(String(value), Int32(0)) { TextParsing.integer($0, $1, &$2) } == Int32(exactly: value))
            #expect(Self.parse(String(value), Int8(0)) { TextParsing.integer($0, $1, &$2) } == Int8(exactly: value))
        }
        for (text, value) in [
            ("0", 0), ("-0", 0), ("+5", 5), ("00012", 12), ("9223372036854775807", Int64.max),
            ("-9223372036854775808", Int64.min),
            ("0000000000000000000000007", 7),
        ] {
            #expect(Self.parse(text, Int64(1)) { TextParsing.integer($0, $1, &$2) } == value)
        }
        for text in [
            "", "-", "+", "1a", "a1", " 1", "1 ", "1.0", "9223372036854775808", "-9223372036854775809", "12345678/",
            "1:345678", "--1",
        ] {
            #expect(Self.parse(text, Int64(1)) { TextParsing.integer($0, $1, &$2) } == nil, "\(text)")
        }
    }

    @Test func readsDoublesToTheNearest() {
        var random = Seeded(5)
        for _ in 0..<50_000 {
            let value = Double(bitPattern: .random(in: .min ... .max, using: &random))
            guard value.isFinite else { continue }
            #expect(Self.parse(String(value), 0.0) { TextParsing.double($0, $1, &$2) } == value)
            // Fewer or more digits than the shortest.
            let mantissa = UInt64.random(in: .min ... .max, using: &random) >> UInt64.random(in: 0...63, using: &random)
            let text = "\(mantissa)e\(Int.random(in: -340...310, using: &random))"
            #expect(Self.parse(text, 0.0) { TextParsing.double($0, $1, &$2) } == Double(text), "\(text)")
            let plain = "\(mantissa % 1_000_000).\(UInt64.random(in: 0...UInt64.max, using: &random))"
            #expect(Self.parse(plain, 0.0) { TextParsing.double($0, $1, &$2) } == Double(plain), "\(plain)")
            #expect(Self.parse(plain, Float(0)) { TextParsing.float($0, $1, &$2) } == Float(plain), "\(plain)")
        }
        for text in ["", ".", "-", "e5", "1e", "1e+", "1.2.3", "0x10", "nanx", "1 "] {
            #expect(Self.parse(text, 0.0) { TextParsing.double($0, $1, &$2) } == nil, "\(text)")
        }
        #expect(Self.parse("-Infinity", 0.0) { TextParsing.double($0, $1, &$2) } == -.infinity)
        #expect(Self.parse("nan", 0.0) { TextParsing.double($0, $1, &$2) }?.isNaN == true)
        #expect(Self.parse("5.", 0.0) { TextParsing.double($0, $1, &$2) } == 5)
        #expect(Self.parse(".5", 0.0) { TextParsing.double($0, $1, &$2) } == 0.5)
    }

    static func short(_ text: String, _ precision: Int, _ scale: Int) -> Int64? {
        parse(text, Int64(0)) {
            TextParsing.shortDecimal(
                $0, $1, precision: precision, scale: scale, limit: Int64(TextParsing.powerOfTen(precision)),
                powers: TextParsing.powersOfTen, &$2)
        }
    }

    @Test func readsDecimals() {
        var random = Seeded(9)
        for _ in 0..<20_000 {
            let whole =
                Int64.random(in: 0...999_999_999_999, using: &random) >> Int64.random(in: 0...40, using: &random)
            let digits = Int.random(in: 0...5, using: &random)
            let fraction = (0..<digits).map { _ in String(Int.random(in: 0...9, using: &random)) }.joined()
            let text = (Bool.random(using: &random) ? "-" : "") + String(whole) + (digits > 0 ? "." + fraction : "")
            let magnitude = whole * 100_000 + (Int64((fraction + "00000").prefix(5)) ?? 0)
            #expect(Self.short(text, 18, 5) == (text.hasPrefix("-") ? -magnitude : magnitude), "\(text)")
        }
        for (text, precision, scale, value) in [
            ("36901.50", 15, 2, 3_690_150), ("0.04", 15, 2, 4), ("5.", 4, 1, 50), (".5", 4, 1, 5), ("-.5", 4, 1, -5),
            ("1.005", 10, 2, 101), ("-1.005", 10, 2, -101), ("1.0049", 10, 2, 100), ("1e2", 10, 2, 10_000),
            ("12345e-3", 10, 2, 1235), ("99.99", 4, 2, 9999), ("+7", 4, 0, 7),
            ("0.0000000000000000000000000001", 4, 2, 0),
        ] as [(String, Int, Int, Int64)] {
            #expect(Self.short(text, precision, scale) == value, "\(text)")
        }
        for text in ["", ".", "-", "1,0", "1..2", "100", "1e", "abc", "99.995"] {
            #expect(Self.short(text, 4, 2) == nil, "\(text)")
        }
        let wide = Self.parse("12345678901234567890123456789012345.678", Int128(0)) {
            TextParsing.decimal($0, $1, precision: 38, scale: 3, &$2)
        }
        #expect(wide.map(String.init) == "12345678901234567890123456789012345678")
    }

    @Test func readsDatesAndTimestamps() {
        var day = 0
        for year in 1600...2400 {
            for month in 1...12 {
                let count = TextParsing.days(year: year, month: month, day: 1)
                if year == 1600, month == 1 { day = count }
                #expect(count == day)
                let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
                day += [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
            }
        }
        func date(_ text: String) -> Int32? { Self.parse(text, Int32(0)) { TextParsing.date($0, $1, &$2) } }
        #expect(date("1970-01-01") == 0)
        #expect(date("1996-03-13") == 9568)
        #expect(date("1969-12-31") == -1)
        #expect(date("2024-2-9") == 19762)
        #expect(date("2024-02-09 11:12:13") == 19762)
        for text in [
            "1996-13-01", "1995-02-29", "1996-00-01", "1996-01-32", "1996/01/02", "19960102", "", "1996-1-",
            "1996-01-02x",
        ] {
            #expect(date(text) == nil, "\(text)")
        }
        func micros(_ text: String, _ precision: Int = 6) -> Int64? {
            Self.parse(text, TextParsing.Moment(seconds: 0, picoseconds: 0)) { TextParsing.timestamp($0, $1, &$2) }?
                .microseconds(precision: precision, powers: TextParsing.powersOfTen)
        }
        #expect(micros("1970-01-01 00:00:01") == 1_000_000)
        #expect(micros("1970-01-01T00:00:01.5") == 1_500_000)
        #expect(micros("1969-12-31 23:59:59.999999") == -1)
        #expect(micros("1970-01-01 00:00:00.0005", 3) == 1000)
        #expect(micros("1970-01-01 00:00:00.00049", 3) == 0)
        #expect(micros("1970-01-01") == 0)
        #expect(micros("1970-01-01 01:00:00+01:00") == 0)
        #expect(micros("1970-01-01T00:00:00Z") == 0)
        for text in [
            "1970-01-01 24:00:00", "1970-01-01 00:60:00", "1970-01-01 00:00:00.", "x", "1970-01-01 00:00:00+99",
        ] {
            #expect(micros(text) == nil, "\(text)")
        }
    }

    @Test func readsJavaPatterns() throws {
        func seconds(_ pattern: String, _ text: String) throws -> Int? {
            let pattern = try TimestampPattern(pattern)
            return (Array(text.utf8) + [UInt8](repeating: 0, count: 16)).withUnsafeBufferPointer { buffer in
                buffer.baseAddress.flatMap { pattern.parse($0, $0 + text.utf8.count)?.seconds }
            }
        }
        #expect(try seconds("yyyy-MM-dd'T'HH:mm:ss", "1970-01-02T00:00:01") == 86_401)
        #expect(try seconds("dd/MM/yyyy", "02/01/1970") == 86_400)
        #expect(try seconds("yyyyMMddHHmmss", "19700101000005") == 5)
        #expect(try seconds("MMM d, yyyy h:mm a", "Jan 1, 1970 1:05 PM") == 47_100)
        #expect(try seconds("yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "1970-01-01T01:00:00.123+01:00") == 0)
        #expect(try seconds("millis", "5000") == 5)
        #expect(try seconds("dd/MM/yyyy", "1970-01-01") == nil)
        #expect(throws: QueryError.self) { try TimestampPattern("yyyy-QQ") }
    }
}
