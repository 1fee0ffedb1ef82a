import Synchronization

/// A time zone: its offsets from UTC over time, and the id that values carry (`picos << 16 | id`).
///
/// Ids: 0 is UTC; 1...1681 the fixed offsets -14:00...+14:00 by minute; from 2000 on the named zones of the system's
/// tz database, in the order in which the process met them. Ids never leave the process.
///
/// `@unchecked Sendable`: nothing is written after `init`.
public final class TimeZone: @unchecked Sendable {
    public let id: UInt16
    /// `UTC`, `+05:30`, `America/New_York`.
    public let name: String
    /// UTC seconds at which each next offset begins, ascending.
    private let transitions: [Int64]
    /// `offsets[i]` holds before `transitions[i]`; the last one after all of them, when there is no rule.
    private let offsets: [Int32]
    /// For times after the last transition.
    private let rule: PosixTimeZoneRule?

    init(id: UInt16, name: String, transitions: [Int64], offsets: [Int32], rule: PosixTimeZoneRule?) {
        self.id = id
        self.name = name
        self.transitions = transitions
        self.offsets = offsets
        self.rule = rule
    }

    public static let utc = TimeZone(id: 0, name: "UTC", transitions: [], offsets: [0], rule: nil)

    /// Whether the offset never changes.
    public var isFixed: Bool { transitions.isEmpty && rule == nil }

    /// Seconds east of UTC at an instant (UTC seconds since 1970).
    public func offset(atUTC seconds: Int64) -> Int64 {
        guard let last = transitions.last else { return rule?.offset(atUTC: seconds) ?? Int64(offsets[0]) }
        if seconds >= last, let rule { return rule.offset(atUTC: seconds) }
        // The number of transitions at or before the instant.
        var low = 0
        var high = transitions.count
        while low < high {
            let middle = (low + high) >> 1
            if transitions[middle] <= seconds { low = middle + 1 } else { high = middle }
        }
        return Int64(offsets[low])
    }

    /// The offset that a local time has: the earlier of two in an overlap; in a gap the one before it, so that the
    /// time moves on by the gap's length.
    public func offset(atLocal seconds: Int64) -> Int64 {
        if isFixed { return Int64(offsets[0]) }
        let before = offset(atUTC: seconds - 86_400)
        let after = offset(atUTC: seconds + 86_400)
        if before == after {
            // Two changes within two days are rare, but the offset between them would be a third one.
            let direct = offset(atUTC: seconds - before)
            return direct == before ? before : (offset(atUTC: seconds - direct) == direct ? direct : before)
        }
        if offset(atUTC: seconds - before) == before { return before }
        if offset(atUTC: seconds - after) == after { return after }
        return before
    }

    /// The zone with a fixed offset of -14:00 to +14:00.
    public static func fixed(minutes: Int) -> TimeZone? {
        guard minutes >= -840, minutes <= 840 else { return nil }
        if minutes == 0 { return .utc }
        return zone(id: fixedId(minutes: minutes))
    }

    /// The id of a fixed offset within -14:00...+14:00.
    public static func fixedId(minutes: Int) -> UInt16 { minutes == 0 ? 0 : UInt16(1 + minutes + 840) }

    /// Minutes of a fixed-offset id (0 for UTC), nil for named zones.
    public static func fixedMinutes(id: UInt16) -> Int? {
        if id == 0 { return 0 }
        return id <= 1681 ? Int(id) - 841 : nil
    }

    /// The zone of an id that a value carries.
    public static func zone(id: UInt16) -> TimeZone { Registry.shared.zone(id) }

    /// The zone that a text names: `UTC`, `Europe/Paris` (any case), `+01:00`, `UTC+1`; nil when there is none.
    public static func named(_ name: String) -> TimeZone? { Registry.shared.find(name) }

    /// INVALID_FUNCTION_ARGUMENT with Trino's wording when there is no such zone.
    public static func required(_ name: String) throws -> TimeZone {
        guard let zone = named(name) else {
            throw QueryError(.invalidFunctionArgument, "'\(name)' is not a valid time zone")
        }
        return zone
    }

    /// All zones that were met, by id and by lower-case name.
    private final class Registry: @unchecked Sendable {
        static let shared = Registry()
        private static let firstNamed = 2000
        private static let limit = 4096

        private let lock = Mutex<[String: TimeZone]>([:])
        // Slots are filled once, under the lock, before an id gets out; a reader got the id from a value, which
        // orders its read after the write.
        private let slots: UnsafeMutablePointer<TimeZone?>
        private let count = Atomic<Int>(firstNamed)

        init() {
            slots = .allocate(capacity: Self.limit)
            slots.initialize(repeating: nil, count: Self.limit)
            slots[0] = .utc
            for minutes in -840...840 where minutes != 0 {
                let id = TimeZone.fixedId(minutes: minutes)
                slots[Int(id)] = TimeZone(
                    id: id, name: Self.offsetName(minutes), transitions: [], offsets: [Int32(minutes * 60)], rule: nil)
            }
        }

        func zone(_ id: UInt16) -> TimeZone {
            guard Int(id) < Self.limit, let zone = slots[Int(id)] else { return .utc }
            return zone
        }

        func find(_ name: String) -> TimeZone? {
            let key = name.lowercasedASCII
            if let minutes = Self.offsetMinutes(key) { return TimeZone.fixed(minutes: minutes) }
            return lock.withLock { zones in
                if let known = zones[key] { return known }
                let id = count.load(ordering: .relaxed)
                guard id < Self.limit, let file = TimeZoneFile(named: name) else { return nil }
                if let same = zones[file.name.lowercasedASCII] {
                    zones[key] = same
                    return same
                }
                let zone = TimeZone(
                    id: UInt16(id), name: file.name, transitions: file.transitions, offsets: file.offsets,
                    rule: file.rule)
                slots[id] = zone
                count.store(id + 1, ordering: .releasing)
                zones[key] = zone
                return zone
            }
        }

        private static func offsetName(_ minutes: Int) -> String {
            let magnitude = abs(minutes)
            var text: [UInt8] = [UInt8(ascii: minutes < 0 ? "-" : "+")]
            ValueText.appendPadded(magnitude / 60, 2, to: &text)
            text.append(UInt8(ascii: ":"))
            ValueText.appendPadded(magnitude % 60, 2, to: &text)
            return String(decoding: text, as: UTF8.self)
        }

        /// Minutes of `utc`, `z`, `+01:00`, `-8`, `+0530`, `utc+2`, `gmt-03:00`; nil for other texts.
        private static func offsetMinutes(_ name: String) -> Int? {
            switch name {
            case "utc", "z", "gmt", "ut", "uct", "zulu", "etc/utc", "etc/gmt", "etc/uct", "etc/zulu", "etc/universal",
                "universal", "greenwich", "etc/greenwich", "gmt0", "etc/gmt0", "etc/gmt+0", "etc/gmt-0", "gmt+0",
                "gmt-0",
                "utc+0", "utc-0":
                return 0
            default: break
            }
            var bytes = Substring(name).utf8
            for prefix in ["utc", "gmt", "ut"] where name.hasPrefix(prefix) {
                bytes = bytes.dropFirst(prefix.utf8.count)
                break
            }
            guard let sign = bytes.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else { return nil }
            var digits: [Int] = []
            var colon: Int?
            for byte in bytes.dropFirst() {
                if byte == UInt8(ascii: ":"), colon == nil {
                    colon = digits.count
                } else if byte >= 48, byte <= 57 {
                    digits.append(Int(byte) - 48)
                } else {
                    return nil
                }
            }
            let minutes: Int
            switch (digits.count, colon) {
            case (1, nil): minutes = digits[0] * 60
            case (2, nil): minutes = (digits[0] * 10 + digits[1]) * 60
            case (3, 1): minutes = digits[0] * 60 + digits[1] * 10 + digits[2]
            case (4, nil), (4, 2): minutes = (digits[0] * 10 + digits[1]) * 60 + digits[2] * 10 + digits[3]
            default: return nil
            }
            return sign == UInt8(ascii: "-") ? -minutes : minutes
        }
    }
}

extension String {
    /// With A to Z in lower case.
    public var lowercasedASCII: String {
        var bytes = Array(utf8)
        for index in bytes.indices where bytes[index] >= 65 && bytes[index] <= 90 { bytes[index] |= 32 }
        return String(decoding: bytes, as: UTF8.self)
    }
}
