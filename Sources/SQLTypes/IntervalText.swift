/// A unit of an interval literal, largest first.
public enum IntervalUnit: String, Hashable, Sendable, CaseIterable {
    case year = "YEAR", month = "MONTH", day = "DAY", hour = "HOUR", minute = "MINUTE", second = "SECOND"

    var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    /// Milliseconds of one, or months of one year and month.
    var size: Int64 {
        switch self {
        case .year: 12
        case .month: 1
        case .day: TimeUnit.millisPerDay
        case .hour: 3_600_000
        case .minute: 60_000
        case .second: 1000
        }
    }
}

/// Intervals from text.
public enum IntervalText {
    /// `INTERVAL 'text' from [TO to]`: the value (months or milliseconds) and its type; nil when the text does not fit
    /// the units.
    public static func parse(
        _ text: String, from: IntervalUnit, to: IntervalUnit?
    ) -> (value: Int64, type: DataType)? {
        let last = to ?? from
        guard last.rank >= from.rank, (from.rank <= 1) == (last.rank <= 1) else { return nil }
        let isMonths = from.rank <= 1
        var copy = text
        let value = copy.withUTF8 { parse($0, IntervalUnit.allCases[from.rank...last.rank]) }
        return value.map { ($0, isMonths ? .intervalYearToMonth : .intervalDayToSecond) }
    }

    /// `3-2`, as results print it.
    public static func parseMonths(_ bytes: UnsafeBufferPointer<UInt8>) -> Int64? { parse(bytes, [.year, .month]) }

    /// `2 03:04:05.678`.
    public static func parseMilliseconds(_ bytes: UnsafeBufferPointer<UInt8>) -> Int64? {
        parse(bytes, [.day, .hour, .minute, .second])
    }

    private static func parse(_ bytes: UnsafeBufferPointer<UInt8>, _ units: ArraySlice<IntervalUnit>) -> Int64? {
        var scanner = TextScanner(bytes)
        scanner.skipBlanks()
        scanner.trimEnd()
        let isNegative = scanner.accept("-")
        if !isNegative { _ = scanner.accept("+") }
        var total: Int64 = 0
        for (index, unit) in units.enumerated() {
            if index > 0 {
                let mark: Unicode.Scalar = unit == .month ? "-" : unit == .hour ? " " : ":"
                // Trailing units may be left out of `DAY TO SECOND`.
                if scanner.isAtEnd { break }
                guard scanner.accept(mark) else { return nil }
            }
            guard let number = scanner.number(1...18) else { return nil }
            let (product, overflow) = Int64(number).multipliedReportingOverflow(by: unit.size)
            let (sum, carry) = total.addingReportingOverflow(product)
            if overflow || carry { return nil }
            total = sum
            if unit == .second, scanner.accept(".") {
                let start = scanner.place
                guard let fraction = scanner.number(1...9) else { return nil }
                let digits = scanner.place - start
                total +=
                    digits <= 3
                    ? Int64(fraction) * Decimal.shortPowers[3 - digits]
                    : Int64(fraction) / Decimal.shortPowers[digits - 3]
            }
        }
        return scanner.isAtEnd ? (isNegative ? -total : total) : nil
    }

    private static func parse(_ bytes: UnsafeBufferPointer<UInt8>, _ units: [IntervalUnit]) -> Int64? {
        parse(bytes, units[...])
    }
}
