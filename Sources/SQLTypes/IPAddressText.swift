/// IPv6 addresses and IPv4 addresses mapped into them (`::ffff:a.b.c.d`), big-endian in 128 bits.
public enum IPAddressText {
    private static let mappedPrefix: UInt128 = 0xffff_0000_0000

    /// `10.0.0.1` or the canonical IPv6 form (RFC 5952).
    public static func append(_ bits: Int128, to text: inout [UInt8]) {
        let address = UInt128(bitPattern: bits)
        if address >> 32 == 0xffff {
            for index in 0..<4 {
                if index > 0 { text.append(UInt8(ascii: ".")) }
                ValueText.appendInteger(
                    Int64(truncatingIfNeeded: (address >> UInt128(24 - index * 8)) & 0xff), to: &text)
            }
            return
        }
        let groups = (0..<8).map { UInt16(truncatingIfNeeded: address >> UInt128(112 - $0 * 16)) }
        // The longest run of two or more zero groups becomes `::`.
        var best = (start: 8, count: 0)
        var index = 0
        while index < 8 {
            var end = index
            while end < 8, groups[end] == 0 { end += 1 }
            if end - index > best.count, end - index >= 2 { best = (index, end - index) }
            index = max(end, index + 1)
        }
        index = 0
        while index < 8 {
            if index == best.start {
                text.append(contentsOf: "::".utf8)
                index += best.count
                continue
            }
            if index > 0, index != best.start + best.count { text.append(UInt8(ascii: ":")) }
            text.append(contentsOf: String(groups[index], radix: 16).utf8)
            index += 1
        }
    }

    /// An IPv4 or IPv6 address; nil when it is none.
    public static func parse(_ bytes: UnsafeBufferPointer<UInt8>) -> Int128? {
        let text = String(decoding: bytes, as: UTF8.self)
        if !text.contains(":") {
            return parseFour(text).map { Int128(bitPattern: mappedPrefix | UInt128($0)) }
        }
        guard bytes.count <= 45 else { return nil }
        var head: [UInt16] = []
        var tail: [UInt16]?
        var parts = text.split(separator: ":", omittingEmptySubsequences: false)
        if parts.first == "" {
            guard parts.count >= 2, parts[1] == "" else { return nil }
            parts.removeFirst()
        }
        if parts.last == "" {
            guard parts.count >= 2, parts[parts.count - 2] == "" else { return nil }
            parts.removeLast()
        }
        for (index, part) in parts.enumerated() {
            if part.isEmpty {
                guard tail == nil else { return nil }
                tail = []
                continue
            }
            var groups: [UInt16]
            if part.contains(".") {
                guard index == parts.count - 1, let four = parseFour(String(part)) else { return nil }
                groups = [UInt16(four >> 16), UInt16(four & 0xffff)]
            } else {
                guard part.utf8.count <= 4, let group = UInt16(part, radix: 16), part.utf8.first != UInt8(ascii: "+")
                else { return nil }
                groups = [group]
            }
            if tail == nil { head += groups } else { tail?.append(contentsOf: groups); groups = [] }
        }
        let count = head.count + (tail?.count ?? 0)
        guard tail == nil ? count == 8 : count < 8 else { return nil }
        let groups = head + Array(repeating: 0, count: 8 - count) + (tail ?? [])
        return Int128(bitPattern: groups.reduce(0) { $0 << 16 | UInt128($1) })
    }

    private static func parseFour(_ text: String) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var address: UInt32 = 0
        for part in parts {
            guard let first = part.utf8.first, first >= 48, first <= 57, part.utf8.count <= 3, let number = UInt8(part)
            else {
                return nil
            }
            address = address << 8 | UInt32(number)
        }
        return address
    }
}
