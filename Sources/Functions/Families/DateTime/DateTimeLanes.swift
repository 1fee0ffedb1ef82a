import Columnar
import SQLTypes

/// Lanes of date and time types seen as days, as times of the day, or as local picoseconds.
enum DateTimeLanes {
    /// `body` on the local day number of a date, timestamp or timestamp with time zone.
    @inline(__always)
    static func days(_ vector: Vector, _ rows: Rows, as result: DataType, _ body: (Int) -> Int64) -> Vector {
        switch vector.type {
        case .date: return Kernel.unary(vector, rows, as: result, Int32.self, Int64.self) { body(Int($0)) }
        case .timestamp(let precision) where precision <= 6:
            return Kernel.unary(vector, rows, as: result, Int64.self, Int64.self) {
                body(Int(floorDivide($0, TimeUnit.microsPerDay)))
            }
        case .timestamp:
            return Kernel.unary(vector, rows, as: result, Int128.self, Int64.self) {
                body(Int(truncatingIfNeeded: floorDivide($0, Int128(TimeUnit.picosPerDay))))
            }
        default:
            return Kernel.unary(vector, rows, as: result, Int128.self, Int64.self) {
                body(Int(truncatingIfNeeded: floorDivide(localPicos($0), Int128(TimeUnit.picosPerDay))))
            }
        }
    }

    /// `body` on the local picoseconds of the day of a time or timestamp, with or without zone.
    @inline(__always)
    static func timeOfDay(_ vector: Vector, _ rows: Rows, as result: DataType, _ body: (Int64) -> Int64) -> Vector {
        switch vector.type {
        case .time: return Kernel.unary(vector, rows, as: result, Int64.self, Int64.self, body)
        case .timeWithTimeZone:
            return Kernel.unary(vector, rows, as: result, Int128.self, Int64.self) {
                body(DateTimeMath.localTime(packed: $0))
            }
        case .timestamp(let precision) where precision <= 6:
            return Kernel.unary(vector, rows, as: result, Int64.self, Int64.self) {
                body(floorModulo($0, TimeUnit.microsPerDay) &* TimeUnit.picosPerMicro)
            }
        case .timestamp:
            return Kernel.unary(vector, rows, as: result, Int128.self, Int64.self) {
                body(Int64(truncatingIfNeeded: floorModulo($0, Int128(TimeUnit.picosPerDay))))
            }
        default:
            return Kernel.unary(vector, rows, as: result, Int128.self, Int64.self) {
                body(Int64(truncatingIfNeeded: floorModulo(localPicos($0), Int128(TimeUnit.picosPerDay))))
            }
        }
    }

    /// Local picoseconds of a packed timestamp with time zone.
    static func localPicos(_ packed: Int128) -> Int128 {
        DateTimeMath.localPicos(
            utc: DateTimeMath.picos(packed: packed), in: TimeZone.zone(id: DateTimeMath.zoneId(packed: packed)))
    }

    /// The local picoseconds of a lane that is not null, of a date, time or timestamp of any kind.
    static func local(_ view: VectorView, _ row: Int, _ type: DataType) -> Int128 {
        switch type {
        case .date: return Int128(view.load(row, as: Int32.self)) * Int128(TimeUnit.picosPerDay)
        case .time: return Int128(view.load(row, as: Int64.self))
        case .timeWithTimeZone: return Int128(DateTimeMath.localTime(packed: view.load(row, as: Int128.self)))
        case .timestamp(let precision):
            if precision <= 6 { return Int128(view.load(row, as: Int64.self)) * Int128(TimeUnit.picosPerMicro) }
            return view.load(row, as: Int128.self)
        default: return localPicos(view.load(row, as: Int128.self))
        }
    }

    /// The zone of a lane that has one.
    static func zone(_ view: VectorView, _ row: Int, _ type: DataType) -> TimeZone? {
        type.isZoned ? TimeZone.zone(id: DateTimeMath.zoneId(packed: view.load(row, as: Int128.self))) : nil
    }

    /// The text of a varchar lane.
    static func text(_ view: VectorView, _ row: Int) -> String {
        view.load(row, as: StringView.self).withBytes { String(decoding: $0, as: UTF8.self) }
    }
}

/// A text argument that is usually constant, turned into something once: units, formats, zones.
struct ParsedArgument<Parsed> {
    private let constant: Parsed?
    private let view: VectorView
    private let parse: (String) throws -> Parsed

    /// Raises for a bad constant only when some row is wanted.
    init(_ vector: Vector, _ rows: Rows, _ parse: @escaping (String) throws -> Parsed) throws {
        view = vector.view
        self.parse = parse
        constant =
            vector.isConstant && !vector.isNull(0) && rows.selectedCount > 0
            ? try parse(DateTimeLanes.text(view, 0)) : nil
    }

    func at(_ row: Int) throws -> Parsed {
        if let constant { return constant }
        return try parse(DateTimeLanes.text(view, row))
    }
}

/// What planning asks about units.
public enum DateTimeUnits {
    /// Whether `date_trunc` takes the unit for values of `type`: with a constant one it cannot raise.
    public static func isUnit(_ text: String, of type: DataType) -> Bool {
        (try? DateTimeUnit.parse(text, kind: DateTimeUnit.kind(of: type))) != nil
    }
}

/// A unit of `date_trunc`, `date_add` and `date_diff`.
enum DateTimeUnit: String {
    case millisecond, second, minute, hour, day, week, month, quarter, year

    /// Raises INVALID_FUNCTION_ARGUMENT; `kind` is DATE, TIME or TIMESTAMP.
    static func parse(_ text: String, kind: String) throws -> DateTimeUnit {
        guard let unit = DateTimeUnit(rawValue: text.lowercasedASCII), unit.fits(kind) else {
            throw QueryError(.invalidFunctionArgument, "'\(text)' is not a valid \(kind) field")
        }
        return unit
    }

    private func fits(_ kind: String) -> Bool {
        switch kind {
        case "DATE": picos == nil || self == .day || self == .week
        case "TIME": picos != nil && self != .day && self != .week
        default: true
        }
    }

    /// The length of units that have one.
    var picos: Int64? {
        switch self {
        case .millisecond: TimeUnit.picosPerMilli
        case .second: TimeUnit.picosPerSecond
        case .minute: 60 * TimeUnit.picosPerSecond
        case .hour: 3600 * TimeUnit.picosPerSecond
        case .day: TimeUnit.picosPerDay
        case .week: 7 * TimeUnit.picosPerDay
        case .month, .quarter, .year: nil
        }
    }

    /// A unit of clock time, the same length in every zone.
    var movesInstants: Bool {
        switch self {
        case .millisecond, .second, .minute, .hour: true
        case .day, .week, .month, .quarter, .year: false
        }
    }

    /// Months of units that are made of them.
    var months: Int {
        switch self {
        case .month: 1
        case .quarter: 3
        case .year: 12
        case .millisecond, .second, .minute, .hour, .day, .week: 0
        }
    }

    /// The name that messages use for a type's fields.
    static func kind(of type: DataType) -> String {
        switch type {
        case .date: "DATE"
        case .time, .timeWithTimeZone: "TIME"
        default: "TIMESTAMP"
        }
    }

    /// The first day of the unit that holds a day.
    func firstDay(_ days: Int) -> Int {
        switch self {
        case .week: return days &- (CivilDate.dayOfWeek(days) &- 1)
        case .month, .quarter, .year:
            let date = CivilDate(days: days)
            let month = self == .year ? 1 : self == .quarter ? (date.month - 1) / 3 * 3 + 1 : date.month
            return CivilDate.days(date.year, month, 1)
        case .millisecond, .second, .minute, .hour, .day: return days
        }
    }

    /// Local picoseconds cut to the unit.
    func truncated(_ local: Int128) -> Int128 {
        switch self {
        case .millisecond, .second, .minute, .hour, .day:
            let unit = Int128(picos ?? 1)
            return floorDivide(local, unit) * unit
        case .week, .month, .quarter, .year:
            let day = Int(truncatingIfNeeded: floorDivide(local, Int128(TimeUnit.picosPerDay)))
            return Int128(firstDay(day)) * Int128(TimeUnit.picosPerDay)
        }
    }

    /// Local picoseconds moved by `count` units.
    func added(_ count: Int64, to local: Int128) throws -> Int128 {
        if let picos { return local + Int128(picos) * Int128(count) }
        let (total, overflow) = Int(count).multipliedReportingOverflow(by: months)
        guard !overflow, abs(total) < 12 * 300_000_000 else {
            throw QueryError(.invalidFunctionArgument, "Value is out of range for \(rawValue): \(count)")
        }
        let day = floorDivide(local, Int128(TimeUnit.picosPerDay))
        let moved = CivilDate(days: Int(truncatingIfNeeded: day)).addingMonths(total).days
        return local + (Int128(moved) - day) * Int128(TimeUnit.picosPerDay)
    }

    /// Whole units from `start` to `end`, towards zero.
    func difference(from start: Int128, to end: Int128) -> Int64 {
        if end < start { return -difference(from: end, to: start) }
        if let picos { return Int64(truncatingIfNeeded: (end - start) / Int128(picos)) }
        if self == .year { return Self.yearDifference(start, end) }
        return Self.monthDifference(start, end) / Int64(months)
    }

    /// A month is whole when the end's day is its month's last and the start's lies beyond it: 31 January to
    /// 29 February is one.
    private static func monthDifference(_ start: Int128, _ end: Int128) -> Int64 {
        let day = Int128(TimeUnit.picosPerDay)
        let first = CivilDate(days: Int(truncatingIfNeeded: floorDivide(start, day)))
        let last = CivilDate(days: Int(truncatingIfNeeded: floorDivide(end, day)))
        var firstDay = first.day
        if last.day == CivilDate.daysInMonth(last.year, last.month) { firstDay = min(firstDay, last.day) }
        let startRest = Int128(firstDay) * day + floorModulo(start, day)
        let endRest = Int128(last.day) * day + floorModulo(end, day)
        let months = (last.year - first.year) * 12 + last.month - first.month
        return Int64(endRest < startRest ? months - 1 : months)
    }

    /// Years compare by their rests without 29 February.
    private static func yearDifference(_ start: Int128, _ end: Int128) -> Int64 {
        let day = Int128(TimeUnit.picosPerDay)
        let first = CivilDate(days: Int(truncatingIfNeeded: floorDivide(start, day)))
        let last = CivilDate(days: Int(truncatingIfNeeded: floorDivide(end, day)))
        var startRest = start - Int128(CivilDate.days(first.year, 1, 1)) * day
        var endRest = end - Int128(CivilDate.days(last.year, 1, 1)) * day
        let leapDay = 59 * day
        if startRest >= leapDay {
            if CivilDate.isLeap(first.year), endRest >= leapDay || !CivilDate.isLeap(last.year) {
                if !CivilDate.isLeap(last.year) { startRest -= day }
            } else if endRest >= leapDay, CivilDate.isLeap(last.year) {
                endRest -= day
            }
        }
        let years = last.year - first.year
        return Int64(endRest < startRest ? years - 1 : years)
    }
}
