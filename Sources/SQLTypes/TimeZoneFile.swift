import Glibc

/// A compiled zone of the system's tz database (TZif, RFC 8536): `/usr/share/zoneinfo/Europe/Paris`.
struct TimeZoneFile {
    /// The name as the database spells it.
    var name: String
    var transitions: [Int64] = []
    /// One more than `transitions`: the first holds before them all.
    var offsets: [Int32] = []
    var rule: PosixTimeZoneRule?

    private static let folders = [
        "/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/usr/share/lib/zoneinfo", "/etc/zoneinfo",
    ]

    /// Reads the zone, nil when there is none or its file is damaged.
    init?(named name: String) {
        guard !name.isEmpty, name.utf8.count <= 64, name.utf8.first != UInt8(ascii: "/") else { return nil }
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        for part in parts {
            guard !part.isEmpty, part != ".", part != ".." else { return nil }
            for byte in part.utf8 {
                let isWord =
                    (byte >= 48 && byte <= 57) || (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122)
                guard isWord || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+")
                else { return nil }
            }
        }
        for folder in Self.folders {
            guard let spelled = Self.spelling(of: parts, in: folder), let bytes = Self.read(folder + "/" + spelled)
            else { continue }
            self.name = spelled
            guard parse(bytes) else { return nil }
            return
        }
        return nil
    }

    /// The path below `folder` whose letters differ at most in case.
    private static func spelling(of parts: [Substring], in folder: String) -> String? {
        var path = ""
        for part in parts {
            guard let directory = opendir(folder + "/" + path) else { return nil }
            defer { closedir(directory) }
            let wanted = String(part).lowercasedASCII
            var found: String?
            while let entry = readdir(directory) {
                let entryName = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                    pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                if entryName == part {
                    found = entryName
                    break
                }
                if entryName.lowercasedASCII == wanted { found = entryName }
            }
            guard let found else { return nil }
            path += path.isEmpty ? found : "/" + found
        }
        return path
    }

    private static func read(_ path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        let limit = 1 << 18
        var bytes = [UInt8](repeating: 0, count: limit)
        let count = bytes.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, limit) }
        guard count > 44 else { return nil }
        return Array(bytes[..<count])
    }

    /// Reads the 64-bit block and the footer.
    private mutating func parse(_ bytes: [UInt8]) -> Bool {
        func integer(_ place: Int, _ width: Int) -> Int64 {
            var value: Int64 = bytes[place] & 0x80 != 0 ? -1 : 0
            for index in 0..<width { value = value << 8 | Int64(bytes[place + index]) }
            return value
        }
        func isHeader(_ place: Int) -> Bool {
            place + 44 <= bytes.count && bytes[place..<place + 4].elementsEqual("TZif".utf8)
        }
        guard isHeader(0) else { return false }
        var place = 0
        var width = 4
        func counts(_ place: Int) -> [Int] { (0..<6).map { Int(integer(place + 20 + $0 * 4, 4)) } }
        var sizes = counts(0)
        guard sizes.allSatisfy({ $0 >= 0 && $0 < 1 << 16 }) else { return false }
        if bytes[4] >= UInt8(ascii: "2") {
            place = 44 + sizes[3] * 5 + sizes[4] * 6 + sizes[5] + sizes[2] * 8 + sizes[1] + sizes[0]
            guard isHeader(place) else { return false }
            sizes = counts(place)
            guard sizes.allSatisfy({ $0 >= 0 && $0 < 1 << 16 }) else { return false }
            width = 8
        }
        let (utCount, standardCount, leapCount, timeCount, typeCount, charCount) = (
            sizes[0], sizes[1], sizes[2], sizes[3], sizes[4], sizes[5]
        )
        let times = place + 44
        let kinds = times + timeCount * width
        let types = kinds + timeCount
        let end = types + typeCount * 6 + charCount + leapCount * (width + 4) + standardCount + utCount
        guard end <= bytes.count, typeCount > 0 else { return false }
        let typeOffsets = (0..<typeCount).map { Int32(truncatingIfNeeded: integer(types + $0 * 6, 4)) }
        offsets = [typeOffsets[0]]
        for index in 0..<timeCount {
            let kind = Int(bytes[kinds + index])
            guard kind < typeCount else { return false }
            transitions.append(integer(times + index * width, width))
            offsets.append(typeOffsets[kind])
        }
        if width == 8, end < bytes.count, bytes[end] == 10,
            let close = bytes[(end + 1)...].firstIndex(of: 10)
        {
            rule = PosixTimeZoneRule(Array(bytes[(end + 1)..<close]))
        }
        return true
    }
}

/// The POSIX TZ string at a zone file's end, for times after its last transition: `CET-1CEST,M3.5.0,M10.5.0/3`.
struct PosixTimeZoneRule: Sendable {
    private var standardOffset: Int64
    private var daylight: (offset: Int64, start: Day, end: Day)?

    private struct Day: Sendable {
        enum Form: Sendable {
            /// Month, week (5: last), weekday (0: Sunday).
            case weekday(Int, Int, Int)
            /// 1...365, 29 February is never counted.
            case julian(Int)
            /// 0...365.
            case zeroBased(Int)
        }
        var form: Form
        /// Local seconds of the day.
        var time: Int64

        /// Local seconds since 1970 of the day in `year`.
        func seconds(in year: Int) -> Int64 {
            let days: Int
            switch form {
            case .weekday(let month, let week, let weekday):
                let first = CivilDate.days(year, month, 1)
                let skip = floorModulo(weekday - CivilDate.dayOfWeek(first) % 7, 7)
                var day = skip + (week - 1) * 7
                while day >= CivilDate.daysInMonth(year, month) { day -= 7 }
                days = first + day
            case .julian(let number):
                days = CivilDate.days(year, 1, 1) + number - 1 + (CivilDate.isLeap(year) && number >= 60 ? 1 : 0)
            case .zeroBased(let number): days = CivilDate.days(year, 1, 1) + number
            }
            return Int64(days) * 86_400 + time
        }
    }

    init?(_ text: [UInt8]) {
        var place = 0
        func peek() -> UInt8 { place < text.count ? text[place] : 0 }
        func skipName() -> Bool {
            if peek() == UInt8(ascii: "<") {
                while place < text.count, text[place] != UInt8(ascii: ">") { place += 1 }
                guard place < text.count else { return false }
                place += 1
                return true
            }
            let start = place
            while place < text.count, text[place] | 32 >= 97, text[place] | 32 <= 122 { place += 1 }
            return place > start
        }
        func number() -> Int? {
            var value = 0
            let start = place
            while place < text.count, text[place] >= 48, text[place] <= 57, value < 100_000 {
                value = value * 10 + Int(text[place] - 48)
                place += 1
            }
            return place > start ? value : nil
        }
        func time() -> Int64? {
            var sign: Int64 = 1
            if peek() == UInt8(ascii: "-") || peek() == UInt8(ascii: "+") {
                sign = peek() == UInt8(ascii: "-") ? -1 : 1
                place += 1
            }
            guard let hours = number() else { return nil }
            var total = Int64(hours) * 3600
            if peek() == UInt8(ascii: ":") {
                place += 1
                guard let minutes = number() else { return nil }
                total += Int64(minutes) * 60
                if peek() == UInt8(ascii: ":") {
                    place += 1
                    guard let seconds = number() else { return nil }
                    total += Int64(seconds)
                }
            }
            return sign * total
        }
        func day() -> Day? {
            guard peek() == UInt8(ascii: ",") else { return nil }
            place += 1
            let form: Day.Form
            if peek() == UInt8(ascii: "M") {
                place += 1
                guard let month = number(), peek() == UInt8(ascii: ".") else { return nil }
                place += 1
                guard let week = number(), peek() == UInt8(ascii: ".") else { return nil }
                place += 1
                guard let weekday = number(), (1...12).contains(month), (1...5).contains(week), weekday <= 6 else {
                    return nil
                }
                form = .weekday(month, week, weekday)
            } else if peek() == UInt8(ascii: "J") {
                place += 1
                guard let count = number() else { return nil }
                form = .julian(count)
            } else {
                guard let count = number() else { return nil }
                form = .zeroBased(count)
            }
            var seconds: Int64 = 7200
            if peek() == UInt8(ascii: "/") {
                place += 1
                guard let given = time() else { return nil }
                seconds = given
            }
            return Day(form: form, time: seconds)
        }
        guard skipName(), let west = time() else { return nil }
        standardOffset = -west
        guard place < text.count else { return }
        guard skipName() else { return nil }
        var daylightOffset = standardOffset + 3600
        if peek() != UInt8(ascii: ",") {
            guard let given = time() else { return nil }
            daylightOffset = -given
        }
        guard let start = day(), let end = day() else { return nil }
        daylight = (daylightOffset, start, end)
    }

    func offset(atUTC seconds: Int64) -> Int64 {
        guard let daylight else { return standardOffset }
        let days = floorDivide(seconds + standardOffset, 86_400)
        let year = CivilDate(days: Int(days)).year
        let start = daylight.start.seconds(in: year) - standardOffset
        let end = daylight.end.seconds(in: year) - daylight.offset
        let isDaylight =
            start < end ? seconds >= start && seconds < end : !(seconds >= end && seconds < start)
        return isDaylight ? daylight.offset : standardOffset
    }
}
