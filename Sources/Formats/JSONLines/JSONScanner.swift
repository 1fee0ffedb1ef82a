import CKernels
import Columnar

/// Steps over JSON text without building anything. `Buffer.padding` zero bytes must follow the end.
public enum JSONScanner {
    public enum Outcome: UInt8, Sendable {
        case done
        /// The text ends inside the value.
        case incomplete
        /// The text is no JSON.
        case malformed
        /// JSON, but no value of the wanted type.
        case bad
        /// One object has a key twice.
        case duplicate
    }

    @inlinable @inline(__always)
    public static func skipBlanks(_ at: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) {
        while at < end, at[0] <= 0x20 { at += 1 }
    }

    /// From after the opening quote to after the closing one. `hasEscapes` tells whether a backslash was met.
    @inline(__always)
    static func skipString(
        _ at: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ hasEscapes: inout Bool
    ) -> Outcome {
        while true {
            guard let found = ck_json_string_end(at, end), found < end else {
                at = end
                return .incomplete
            }
            switch found[0] {
            case UInt8(ascii: "\""):
                at = found + 1
                return .done
            case UInt8(ascii: "\\"):
                hasEscapes = true
                // The escaped byte is no line end: that is damage.
                guard found + 1 < end else {
                    at = end
                    return .incomplete
                }
                if found[1] == 0x0a { return .malformed }
                at = found + 2
            default: return .malformed
            }
        }
    }

    /// Steps over a string without escapes or a word; all else, and all doubt, goes to `skipValue`.
    @inline(__always)
    static func skipQuickly(_ at: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> Outcome {
        let first = at[0]
        if first == UInt8(ascii: "\"") {
            if let found = ck_json_string_end(at + 1, end), found < end, found[0] == UInt8(ascii: "\"") {
                at = found + 1
                return .done
            }
        } else if first &- 0x30 <= 9 || first == UInt8(ascii: "-") {
            // The first byte of the next eight that is a comma, a closing bracket, or a blank (bytes under 0x21).
            let word = UnsafeRawPointer(at).loadUnaligned(as: UInt64.self)
            let comma = word ^ 0x2c2c_2c2c_2c2c_2c2c
            let brace = (word | 0x2020_2020_2020_2020) ^ 0x7d7d_7d7d_7d7d_7d7d
            let hits =
                (((comma &- 0x0101_0101_0101_0101) & ~comma) | ((brace &- 0x0101_0101_0101_0101) & ~brace)
                    | ((word &- 0x2121_2121_2121_2121) & ~word)) & 0x8080_8080_8080_8080
            if hits != 0 {
                at += hits.trailingZeroBitCount &>> 3
                return at < end ? .done : .incomplete
            }
        }
        return skipValue(&at, end)
    }

    /// Steps over one value of any kind. Inside containers only strings and nesting are checked.
    public static func skipValue(_ at: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> Outcome {
        guard at < end else { return .incomplete }
        var escapes = false
        switch at[0] {
        case UInt8(ascii: "\""):
            at += 1
            return skipString(&at, end, &escapes)
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            var depth = 0
            // The kinds of open containers, as bits: 1 is an object. Deeper ones are only counted.
            var kinds: UInt64 = 0
            while true {
                guard let found = ck_json_structure(at, end), found < end else {
                    at = end
                    return .incomplete
                }
                at = found + 1
                switch found[0] {
                case UInt8(ascii: "\""):
                    let outcome = skipString(&at, end, &escapes)
                    if outcome != .done { return outcome }
                case UInt8(ascii: "{"), UInt8(ascii: "["):
                    if depth < 64, found[0] == UInt8(ascii: "{") { kinds |= 1 &<< UInt64(depth) }
                    if depth < 64, found[0] == UInt8(ascii: "[") { kinds &= ~(1 &<< UInt64(depth)) }
                    depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"):
                    depth -= 1
                    if depth < 64 {
                        let isObject = kinds &>> UInt64(depth) & 1 == 1
                        if isObject != (found[0] == UInt8(ascii: "}")) { return .malformed }
                    }
                    if depth == 0 { return .done }
                // 0x5b | 0x20 and 0x5d | 0x20 are braces; nothing else folds to them.
                default: return .malformed
                }
            }
        default:
            // A number or a word, up to what may follow a value.
            let start = at
            while at < end {
                switch at[0] {
                case UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"), 0...0x20:
                    return at > start ? .done : .malformed
                case UInt8(ascii: "\""), UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: ":"): return .malformed
                default: at += 1
                }
            }
            return .incomplete
        }
    }

    /// A string's text with its escapes resolved, in `heap`; nil when an escape is wrong. Lone surrogates become
    /// U+FFFD.
    static func unescaped(
        _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ heap: StringHeap
    ) -> (start: UnsafePointer<UInt8>, end: UnsafePointer<UInt8>)? {
        // No escape is longer unescaped, but U+FFFD (3 bytes) stands for 6 bytes.
        let target = heap.allocate(end - start + TextParsing.overread)
        var count = 0
        var at = start
        func put(_ scalar: UInt32) {
            if scalar < 0x80 {
                target[count] = UInt8(truncatingIfNeeded: scalar)
                count += 1
            } else if scalar < 0x800 {
                target[count] = UInt8(truncatingIfNeeded: 0xc0 | scalar >> 6)
                target[count + 1] = UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3f)
                count += 2
            } else if scalar < 0x10000 {
                target[count] = UInt8(truncatingIfNeeded: 0xe0 | scalar >> 12)
                target[count + 1] = UInt8(truncatingIfNeeded: 0x80 | scalar >> 6 & 0x3f)
                target[count + 2] = UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3f)
                count += 3
            } else {
                target[count] = UInt8(truncatingIfNeeded: 0xf0 | scalar >> 18)
                target[count + 1] = UInt8(truncatingIfNeeded: 0x80 | scalar >> 12 & 0x3f)
                target[count + 2] = UInt8(truncatingIfNeeded: 0x80 | scalar >> 6 & 0x3f)
                target[count + 3] = UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3f)
                count += 4
            }
        }
        func unit() -> UInt32? {
            guard end - at >= 4 else { return nil }
            var value: UInt32 = 0
            for _ in 0..<4 {
                let byte = at[0]
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt32(byte - UInt8(ascii: "0"))
                case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt32(byte - UInt8(ascii: "a") + 10)
                case UInt8(ascii: "A")...UInt8(ascii: "F"): value = value << 4 | UInt32(byte - UInt8(ascii: "A") + 10)
                default: return nil
                }
                at += 1
            }
            return value
        }
        while at < end {
            let byte = at[0]
            at += 1
            guard byte == UInt8(ascii: "\\") else {
                target[count] = byte
                count += 1
                continue
            }
            guard at < end else { return nil }
            let kind = at[0]
            at += 1
            switch kind {
            case UInt8(ascii: "n"): put(0x0a)
            case UInt8(ascii: "t"): put(0x09)
            case UInt8(ascii: "r"): put(0x0d)
            case UInt8(ascii: "b"): put(0x08)
            case UInt8(ascii: "f"): put(0x0c)
            case UInt8(ascii: "u"):
                guard let first = unit() else { return nil }
                if first & 0xfc00 == 0xd800 {
                    let mark = at
                    if end - at >= 6, at[0] == UInt8(ascii: "\\"), at[1] == UInt8(ascii: "u") {
                        at += 2
                        guard let second = unit() else { return nil }
                        if second & 0xfc00 == 0xdc00 {
                            put(0x10000 + (first & 0x3ff) << 10 + second & 0x3ff)
                            continue
                        }
                        at = mark
                    }
                    put(0xfffd)
                } else {
                    put(first & 0xfc00 == 0xdc00 ? 0xfffd : first)
                }
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "'"): put(UInt32(kind))
            default: return nil
            }
        }
        return (UnsafePointer(target), UnsafePointer(target) + count)
    }
}
