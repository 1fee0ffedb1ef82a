extension Value {
    /// How `left` stands to `right` among the values of `type`, as SQL's comparison operators see it: negative, zero
    /// or positive; nil where there is no answer (NULL, NaN, a type without order, a layout that is not the type's).
    ///
    /// `char` compares as if padded with spaces, the types with time zone by their instant alone, and -0.0 equals 0.0.
    public static func compare(_ left: Value, _ right: Value, as type: DataType) -> Int? {
        switch (left, right) {
        case (.int(let a), .int(let b)): return a < b ? -1 : (a == b ? 0 : 1)
        case (.boolean(let a), .boolean(let b)): return a == b ? 0 : (b ? -1 : 1)
        case (.double(let a), .double(let b)): return a < b ? -1 : (a == b ? 0 : (a > b ? 1 : nil))
        case (.real(let a), .real(let b)): return a < b ? -1 : (a == b ? 0 : (a > b ? 1 : nil))
        case (.int128(let a), .int128(let b)):
            switch type {
            case .timestampWithTimeZone, .timeWithTimeZone:
                // The low 16 bits hold the zone, which says nothing about the instant.
                let (x, y) = (a >> 16, b >> 16)
                return x < y ? -1 : (x == y ? 0 : 1)
            case .uuid, .ipaddress:
                let (x, y) = (UInt128(truncatingIfNeeded: a), UInt128(truncatingIfNeeded: b))
                return x < y ? -1 : (x == y ? 0 : 1)
            default: return a < b ? -1 : (a == b ? 0 : 1)
            }
        case (.bytes(let a), .bytes(let b)):
            if case .char = type { return comparePadded(a, b) }
            return compareBytes(a, b)
        case (.array(let a), .array(let b)):
            guard case .array(let element) = type else { return nil }
            for index in 0..<min(a.count, b.count) {
                guard let order = compare(a[index], b[index], as: element) else { return nil }
                if order != 0 { return order }
            }
            return a.count < b.count ? -1 : (a.count == b.count ? 0 : 1)
        case (.row(let a), .row(let b)):
            guard case .row(let fields) = type, a.count == fields.count, b.count == fields.count else { return nil }
            for index in fields.indices {
                guard let order = compare(a[index], b[index], as: fields[index].type) else { return nil }
                if order != 0 { return order }
            }
            return 0
        default: return nil
        }
    }

    private static func compareBytes(_ left: [UInt8], _ right: [UInt8]) -> Int {
        for index in 0..<min(left.count, right.count) where left[index] != right[index] {
            return left[index] < right[index] ? -1 : 1
        }
        return left.count < right.count ? -1 : (left.count == right.count ? 0 : 1)
    }

    private static func comparePadded(_ left: [UInt8], _ right: [UInt8]) -> Int {
        let space = UInt8(ascii: " ")
        for index in 0..<max(left.count, right.count) {
            let a = index < left.count ? left[index] : space
            let b = index < right.count ? right[index] : space
            if a != b { return a < b ? -1 : 1 }
        }
        return 0
    }
}
