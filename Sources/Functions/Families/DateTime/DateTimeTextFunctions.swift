import Columnar
import SQLTypes

/// Dates and times to and from text: `date_format`, `date_parse`, `format_datetime`, `parse_datetime`, `to_iso8601`,
/// `from_iso8601_*`, `human_readable_seconds`, `parse_duration`.
enum DateTimeTextFunctions {
    static let scalars: [ScalarFunction] = formatting + parsing + iso + durations

    private static let varchar = DataType.varchar(length: nil)

    // MARK: Formats

    private static var formatting: [ScalarFunction] {
        ["date", "timestamp(p)", "timestamp(p) with time zone"].flatMap { type in
            [
                ScalarFunction(
                    "date_format", Signature("(\(type), varchar) -> varchar"), summary: "Text by MySQL's format",
                    cannotRaise: false,
                    examples: [
                        FunctionExample("date_format(TIMESTAMP '2022-10-20 05:10:00', '%m-%d-%Y %H')", "10-20-2022 05"),
                        FunctionExample("date_format(DATE '2022-10-20', '%D')", "INVALID_FUNCTION_ARGUMENT"),
                    ]
                ) { signature in
                    let source = signature.arguments[0]
                    return { call in
                        let formats = try ParsedArgument(call.arguments[1], call.rows) { try MySQLFormat($0) }
                        return try print(call, source) { row, value, text in
                            try formats.at(row).append(value, to: &text)
                        }
                    }
                },
                ScalarFunction(
                    "format_datetime", Signature("(\(type), varchar) -> varchar"), summary: "Text by Joda's format",
                    cannotRaise: false,
                    examples: [
                        FunctionExample("format_datetime(TIMESTAMP '2001-08-22 03:04:05', 'yyyy/MM/dd')", "2001/08/22")
                    ]
                ) { signature in
                    let source = signature.arguments[0]
                    return { call in
                        let formats = try ParsedArgument(call.arguments[1], call.rows) { try JodaFormat($0) }
                        return try print(call, source) { row, value, text in
                            try formats.at(row).append(value, to: &text)
                        }
                    }
                },
            ]
        }
    }

    /// Texts of the first argument's local times.
    static func print(
        _ call: borrowing KernelCall, _ source: DataType, _ body: (Int, LocalDateTime, inout [UInt8]) throws -> Void
    ) throws -> Vector {
        let view = call.arguments[0].view
        let validity = Kernel.mergedValidity(call.arguments, count: call.rows.count)
        let builder = FlatBuilder(varchar, capacity: call.rows.count)
        builder.zero()
        let heap = builder.strings
        let out = builder.pointer(as: StringView.self)
        var text: [UInt8] = []
        try call.rows.forEach { row in
            guard Validity.isValid(validity.bits, row) else { return }
            text.removeAll(keepingCapacity: true)
            let local = DateTimeLanes.local(view, row, source)
            var value = LocalDateTime(local: local)
            if let zone = DateTimeLanes.zone(view, row, source) {
                let utc = DateTimeMath.picos(packed: view.load(row, as: Int128.self))
                let offset = Int64(truncatingIfNeeded: (local - utc) / Int128(TimeUnit.picosPerSecond))
                value = LocalDateTime(local: local, zone: zone, offset: offset)
            }
            try body(row, value, &text)
            out[row] = text.withUnsafeBufferPointer { heap.append($0) }
        }
        return builder.finish(count: call.rows.count, validity: validity.bits, owners: validity.owners)
    }

    private static var parsing: [ScalarFunction] {
        [
            ScalarFunction(
                "date_parse", "(varchar, varchar) -> timestamp(3)", summary: "Timestamp from a text by MySQL's format",
                cannotRaise: false,
                examples: [
                    FunctionExample("date_parse('2022/10/20/05', '%Y/%m/%d/%H')", "2022-10-20 05:00:00.000"),
                    FunctionExample("date_parse('x', '%Y')", "INVALID_FUNCTION_ARGUMENT"),
                ]
            ) { _ in
                { call in
                    let formats = try ParsedArgument(call.arguments[1], call.rows) { try MySQLFormat($0) }
                    return try Kernel.binaryRows(call, as: .timestamp(precision: 3), Int64.self) { row, bytes in
                        guard let local = try formats.at(row).parse(bytes)?.local() else { throw invalid(bytes) }
                        return millis(local) &* 1000
                    }
                }
            },
            ScalarFunction(
                "parse_datetime", "(varchar, varchar) -> timestamp(3) with time zone",
                summary: "Timestamp with time zone from a text by Joda's format", cannotRaise: false,
                examples: [
                    FunctionExample(
                        "parse_datetime('2001-08-22 03:04', 'yyyy-MM-dd HH:mm')", "2001-08-22 03:04:00.000 UTC")
                ]
            ) { _ in
                { call in
                    let session = try TimeZone.required(call.context.timeZone)
                    let formats = try ParsedArgument(call.arguments[1], call.rows) { try JodaFormat($0) }
                    return try Kernel.binaryRows(
                        call, as: .timestampWithTimeZone(precision: 3), Int128.self
                    ) { row, bytes in
                        guard let fields = try formats.at(row).parse(bytes), let local = fields.local() else {
                            throw invalid(bytes)
                        }
                        let zone = fields.zone ?? session
                        let rounded = Int128(millis(local)) * Int128(TimeUnit.picosPerMilli)
                        return DateTimeMath.packed(DateTimeMath.utcPicos(local: rounded, in: zone), zone.id)
                    }
                }
            },
        ]
    }

    private static func millis(_ picos: Int128) -> Int64 {
        Int64(truncatingIfNeeded: floorDivide(picos, Int128(TimeUnit.picosPerMilli)))
    }

    private static func invalid(_ bytes: UnsafeBufferPointer<UInt8>) -> QueryError {
        QueryError(.invalidFunctionArgument, "Invalid format: \"\(String(decoding: bytes, as: UTF8.self))\"")
    }

    // MARK: ISO 8601

    private static var iso: [ScalarFunction] {
        ["date", "timestamp(p)", "timestamp(p) with time zone"].map { type in
            ScalarFunction(
                "to_iso8601", Signature("(\(type)) -> varchar"),
                summary: "ISO 8601 text; with the offset when the value has a zone",
                examples: [FunctionExample("to_iso8601(DATE '2020-01-02')", "2020-01-02")]
            ) { signature in
                let source = signature.arguments[0]
                return { call in try print(call, source) { _, value, text in appendISO(value, source, &text) } }
            }
        } + [
            ScalarFunction(
                "from_iso8601_timestamp", "(varchar) -> timestamp(3) with time zone",
                summary: "Timestamp from ISO 8601 text",
                cannotRaise: false,
                examples: [
                    FunctionExample(
                        "from_iso8601_timestamp('2020-05-11T11:15:05+01:00')", "2020-05-11 11:15:05.000 +01:00"),
                    FunctionExample("from_iso8601_timestamp('x')", "INVALID_FUNCTION_ARGUMENT"),
                ]
            ) { _ in { call in try parseISO(call, precision: 3) } },
            ScalarFunction(
                "from_iso8601_timestamp_nanos", "(varchar) -> timestamp(9) with time zone",
                summary: "Timestamp from ISO 8601 text, to nanoseconds", cannotRaise: false,
                examples: [
                    FunctionExample(
                        "from_iso8601_timestamp_nanos('2020-05-11T11:15:05.123456789Z')",
                        "2020-05-11 11:15:05.123456789 UTC")
                ]
            ) { _ in { call in try parseISO(call, precision: 9) } },
            ScalarFunction(
                "from_iso8601_date", "(varchar) -> date", summary: "Date from ISO 8601 text", cannotRaise: false,
                examples: [
                    FunctionExample("from_iso8601_date('2020-05-11')", "2020-05-11"),
                    FunctionExample("from_iso8601_date('2020-W10')", "2020-03-02"),
                    FunctionExample("from_iso8601_date('2020-123')", "2020-05-02"),
                ]
            ) { _ in
                { call in
                    try Kernel.unaryThrowing(call.arguments[0], call.rows, as: .date, StringView.self, Int32.self) {
                        view in
                        try view.withBytes { bytes in
                            var reader = FormatReader(bytes)
                            guard let days = ISOText.date(&reader), reader.isAtEnd else { throw invalid(bytes) }
                            return Int32(truncatingIfNeeded: days)
                        }
                    }
                }
            },
        ]
    }

    private static func appendISO(_ value: LocalDateTime, _ type: DataType, _ text: inout [UInt8]) {
        ValueText.appendDate(value.days, to: &text)
        let precision: Int
        switch type {
        case .timestamp(let digits), .timestampWithTimeZone(let digits): precision = digits
        default: return
        }
        text.append(UInt8(ascii: "T"))
        ValueText.appendTime(value.picosOfDay, precision: precision, to: &text)
        guard type.isZoned else { return }
        if value.offset == 0 {
            text.append(UInt8(ascii: "Z"))
        } else {
            ValueText.appendOffset(Int(value.offset / 60), to: &text)
        }
    }

    private static func parseISO(_ call: borrowing KernelCall, precision: Int) throws -> Vector {
        let session = try TimeZone.required(call.context.timeZone)
        let type = DataType.timestampWithTimeZone(precision: precision)
        let unit = Decimal.power(12 - precision)
        return try Kernel.unaryThrowing(call.arguments[0], call.rows, as: type, StringView.self, Int128.self) { view in
            try view.withBytes { bytes in
                guard let parsed = ISOText.timestamp(bytes) else { throw invalid(bytes) }
                let zone = parsed.offsetMinutes.flatMap { TimeZone.fixed(minutes: $0) } ?? session
                let local = floorDivide(parsed.local, unit) * unit
                return DateTimeMath.packed(DateTimeMath.utcPicos(local: local, in: zone), zone.id)
            }
        }
    }

    // MARK: Durations

    private static var durations: [ScalarFunction] {
        [
            ScalarFunction(
                "parse_duration", "(varchar) -> interval day to second", summary: "Interval from `3.81 d`",
                cannotRaise: false,
                examples: [
                    FunctionExample("parse_duration('42.8ms')", "0 00:00:00.043"),
                    FunctionExample("parse_duration('3.81 d')", "3 19:26:24.000"),
                    FunctionExample("parse_duration('x')", "INVALID_FUNCTION_ARGUMENT"),
                ]
            ) { signature in
                { call in
                    try Kernel.unaryThrowing(
                        call.arguments[0], call.rows, as: signature.result, StringView.self, Int64.self
                    ) { view in try view.withBytes { try duration($0) } }
                }
            },
            ScalarFunction(
                "human_readable_seconds", "(double) -> varchar",
                summary: "Weeks, days, hours, minutes and seconds in words",
                cannotRaise: false,
                examples: [
                    FunctionExample("human_readable_seconds(96)", "1 minute, 36 seconds"),
                    FunctionExample("human_readable_seconds(3762)", "1 hour, 2 minutes, 42 seconds"),
                    FunctionExample("human_readable_seconds(0)", "0 seconds"),
                ]
            ) { signature in
                { call in
                    let heap = StringHeap()
                    return try Kernel.unaryThrowing(
                        call.arguments[0], call.rows, as: signature.result, Double.self, StringView.self
                    ) { seconds in
                        var text = try humanReadable(seconds)
                        return text.withUTF8 { heap.append($0) }
                    }.keeping(heap)
                }
            },
        ]
    }

    private static func duration(_ bytes: UnsafeBufferPointer<UInt8>) throws -> Int64 {
        let units: [(String, Double)] = [
            ("ns", 1e-6), ("us", 1e-3), ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
        ]
        var end = 0
        while end < bytes.count, bytes[end] &- 48 <= 9 || bytes[end] == UInt8(ascii: ".") { end += 1 }
        let number = NumberText.parseDouble(UnsafeBufferPointer(rebasing: bytes[..<end]))
        while end < bytes.count, bytes[end] == 32 { end += 1 }
        let name = String(decoding: bytes[end...], as: UTF8.self)
        guard let number, let unit = units.first(where: { $0.0 == name }) else {
            throw QueryError(
                .invalidFunctionArgument,
                "duration is not a valid data duration string: \(String(decoding: bytes, as: UTF8.self))")
        }
        return Int64(exactly: (number * unit.1).rounded(.toNearestOrAwayFromZero)) ?? .max
    }

    private static func humanReadable(_ seconds: Double) throws -> String {
        guard let total = Int64(exactly: abs(seconds).rounded(.toNearestOrAwayFromZero)) else {
            throw QueryError(
                .invalidFunctionArgument, "Invalid argument found: \(ValueText.print(.double(seconds), .double))")
        }
        var rest = total
        var parts: [String] = []
        for (name, size) in [("week", 604_800), ("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1)]
            as [(String, Int64)]
        {
            let count = rest / size
            rest %= size
            if count > 0 || (size == 1 && parts.isEmpty) { parts.append("\(count) \(name)\(count == 1 ? "" : "s")") }
        }
        return parts.joined(separator: ", ")
    }
}

/// ISO 8601 dates and times: `2020-05-11`, `20200511`, `2020-W20-1`, `2020-132`, `2020-05-11T11:15:05.055+01:00`.
enum ISOText {
    /// A date; nil when there is none.
    static func date(_ reader: inout FormatReader) -> Int? {
        let isNegative = reader.literal(UInt8(ascii: "-"))
        guard let digits = reader.number(4) else { return nil }
        let year = isNegative ? -digits : digits
        if reader.isAtEnd || reader.bytes[reader.place] == UInt8(ascii: "T") { return CivilDate.days(year, 1, 1) }
        let isExtended = reader.literal(UInt8(ascii: "-"))
        if reader.literal(UInt8(ascii: "W")) {
            guard let week = reader.number(2), (1...53).contains(week) else { return nil }
            var weekday = 1
            if isExtended ? reader.literal(UInt8(ascii: "-")) : !reader.isAtEnd && reader.bytes[reader.place] &- 48 <= 9
            {
                guard let day = reader.number(1), (1...7).contains(day) else { return nil }
                weekday = day
            }
            let fourth = CivilDate.days(year, 1, 4)
            return fourth - (CivilDate.dayOfWeek(fourth) - 1) + (week - 1) * 7 + weekday - 1
        }
        let start = reader.place
        guard let number = reader.number(3) else { return nil }
        if reader.place - start == 3, isExtended || reader.isAtEnd {
            guard number >= 1, number <= (CivilDate.isLeap(year) ? 366 : 365) else { return nil }
            return CivilDate.days(year, 1, 1) + number - 1
        }
        reader.place = start
        guard let month = reader.number(2) else { return nil }
        var day = 1
        if isExtended ? reader.literal(UInt8(ascii: "-")) : !reader.isAtEnd && reader.bytes[reader.place] &- 48 <= 9 {
            guard let given = reader.number(2) else { return nil }
            day = given
        }
        let date = CivilDate(year: year, month: month, day: day)
        return date.isValid ? date.days : nil
    }

    static func timestamp(_ bytes: UnsafeBufferPointer<UInt8>) -> (local: Int128, offsetMinutes: Int?)? {
        var reader = FormatReader(bytes)
        guard let days = date(&reader) else { return nil }
        var picos: Int64 = 0
        var offset: Int?
        if reader.literal(UInt8(ascii: "T")), !reader.isAtEnd {
            guard let hour = reader.number(2), hour < 24 else { return nil }
            var seconds = hour * 3600
            if reader.literal(58) || (!reader.isAtEnd && reader.bytes[reader.place] &- 48 <= 9) {
                guard let minute = reader.number(2), minute < 60 else { return nil }
                seconds += minute * 60
                if reader.literal(58) || (!reader.isAtEnd && reader.bytes[reader.place] &- 48 <= 9) {
                    guard let second = reader.number(2), second < 60 else { return nil }
                    seconds += second
                    if reader.literal(UInt8(ascii: ".")) || reader.literal(UInt8(ascii: ",")) {
                        guard let fraction = reader.fraction(12) else { return nil }
                        picos = fraction
                        while !reader.isAtEnd, reader.bytes[reader.place] &- 48 <= 9 { reader.place += 1 }
                    }
                }
            }
            picos += Int64(seconds) * TimeUnit.picosPerSecond
            if reader.literal(UInt8(ascii: "Z")) {
                offset = 0
            } else if !reader.isAtEnd {
                let isNegative = reader.literal(UInt8(ascii: "-"))
                guard isNegative || reader.literal(UInt8(ascii: "+")), let hours = reader.number(2) else { return nil }
                _ = reader.literal(58)
                let minutes = reader.number(2) ?? 0
                guard minutes < 60, hours * 60 + minutes <= 840 else { return nil }
                offset = isNegative ? -(hours * 60 + minutes) : hours * 60 + minutes
            }
        }
        guard reader.isAtEnd else { return nil }
        return (Int128(days) * Int128(TimeUnit.picosPerDay) + Int128(picos), offset)
    }
}

extension Kernel {
    /// A text as first argument, read once per wanted row where all arguments are valid.
    static func binaryRows<R>(
        _ call: borrowing KernelCall, as result: DataType, _: R.Type,
        _ body: (Int, UnsafeBufferPointer<UInt8>) throws -> R
    ) throws -> Vector {
        let view = call.arguments[0].view
        let validity = mergedValidity(call.arguments, count: call.rows.count)
        let builder = FlatBuilder(result, capacity: call.rows.count)
        builder.zero()
        let out = builder.pointer(as: R.self)
        try call.rows.forEach { row in
            guard Validity.isValid(validity.bits, row) else { return }
            out[row] = try view.load(row, as: StringView.self).withBytes { try body(row, $0) }
        }
        return builder.finish(count: call.rows.count, validity: validity.bits, owners: validity.owners)
    }
}
