import SQLTypes
import Testing

@Suite("Dates, times and zones")
struct TimeTests {
    @Test("Civil dates go to day numbers and back")
    func civil() {
        var previous = CivilDate(days: -800_001)
        for days in stride(from: -800_000, through: 800_000, by: 1) {
            let date = CivilDate(days: days)
            if date.days != days {
                Issue.record("\(date) is not day \(days)")
                return
            }
            let follows =
                date.day == previous.day + 1
                || (date.day == 1 && previous.day == CivilDate.daysInMonth(previous.year, previous.month))
            if !follows { Issue.record("gap before \(date)") }
            previous = date
        }
        #expect(CivilDate.days(1970, 1, 1) == 0)
        #expect(CivilDate.days(2000, 3, 1) == 11017)
        #expect(CivilDate.dayOfWeek(0) == 4)
    }

    @Test(
        "ISO weeks at the turn of years",
        arguments: [
            (2021, 1, 3, 2020, 53), (2021, 1, 4, 2021, 1), (2018, 12, 31, 2019, 1), (2024, 2, 29, 2024, 9),
        ])
    func isoWeeks(year: Int, month: Int, day: Int, weekYear: Int, week: Int) {
        let result = CivilDate.isoWeek(CivilDate.days(year, month, day))
        #expect(result.year == weekYear)
        #expect(result.week == week)
    }

    @Test(
        "Offsets of zones, before, within and after the file's transitions",
        arguments: [
            ("America/New_York", "2024-01-15 12:00:00", -5 * 3600),
            ("America/New_York", "2024-07-15 12:00:00", -4 * 3600),
            ("America/New_York", "2050-07-15 12:00:00", -4 * 3600),
            ("America/New_York", "2050-12-15 12:00:00", -5 * 3600),
            ("Europe/Paris", "1975-07-01 00:00:00", 3600), ("Europe/Paris", "2100-08-01 00:00:00", 7200),
            ("Australia/Sydney", "2077-01-01 00:00:00", 39600), ("Asia/Kolkata", "2024-01-01 00:00:00", 19800),
            ("america/new_york", "2024-07-15 12:00:00", -4 * 3600), ("UTC", "2024-01-01 00:00:00", 0),
            ("+05:30", "2024-01-01 00:00:00", 19800),
            ("Asia/Tokyo", "1850-01-01 00:00:00", 33539),
        ])
    func offsets(name: String, local: String, offset: Int) throws {
        let zone = try #require(TimeZone.named(name))
        guard case .int(let micros) = try ValueParser.parse(local, as: .timestamp(precision: 0)) else { return }
        #expect(zone.offset(atLocal: micros / 1_000_000) == Int64(offset))
    }

    @Test("A gap moves on, an overlap takes the earlier offset")
    func gaps() throws {
        let type = DataType.timestampWithTimeZone(precision: 0)
        let gap = try ValueParser.parse("2024-03-10 02:30:00 America/New_York", as: type)
        #expect(ValueText.print(gap, type) == "2024-03-10 03:30:00 America/New_York")
        guard case .int128(let overlap) = try ValueParser.parse("2024-11-03 01:30:00 America/New_York", as: type) else {
            return
        }
        #expect(DateTimeMath.picos(packed: overlap) / 1_000_000_000_000 == 1_730_611_800)
    }

    @Test("Unknown zones", arguments: ["Mars/Olympus", "../etc/passwd", "", "UTC+99", "/etc", "Europe", "America/"])
    func unknown(name: String) {
        #expect(TimeZone.named(name) == nil)
    }

    @Test("Literals take their precision and zone from the text")
    func literals() throws {
        #expect(try Literal.timestamp("2020-01-01 00:00:00.1234567").type == .timestamp(precision: 7))
        #expect(try Literal.timestamp("2020-01-01").type == .timestamp(precision: 0))
        #expect(try Literal.timestamp("2020-01-01 01:02:03.4 UTC").type == .timestampWithTimeZone(precision: 1))
        #expect(try Literal.time("01:02:03.456 -08:00").type == .timeWithTimeZone(precision: 3))
        #expect(try Literal.interval("3", isNegative: true, from: .month, to: nil).value == .int(-3))
        #expect(try Literal.interval("1 02:03", isNegative: false, from: .day, to: .minute).value == .int(93_780_000))
        #expect(try Literal.interval("2-6", isNegative: false, from: .year, to: .month).value == .int(30))
        #expect(throws: QueryError.self) { try Literal.timestamp("2020-13-01 00:00:00") }
        #expect(throws: QueryError.self) { try Literal.typed(.date, "x") }
    }
}
