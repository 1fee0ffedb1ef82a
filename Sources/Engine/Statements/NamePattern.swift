import SQLSyntax

/// Matches names in SHOW statements: Hive's `*` and `|` (or `.*`), or SQL's LIKE.
struct NamePattern {
    private let matches: (String) -> Bool

    /// nil matches every name.
    init(_ pattern: Show.Pattern?) {
        guard let pattern else {
            matches = { _ in true }
            return
        }
        if pattern.isHive {
            let choices = pattern.text.lowercased().split(separator: "|").map { choice in
                Array(Self.replacing(".*", in: String(choice), with: "*").utf8)
            }
            matches = { name in
                let bytes = Array(name.lowercased().utf8)
                return choices.contains {
                    Self.wildcard($0[...], bytes[...], many: UInt8(ascii: "*"), one: nil, escape: nil)
                }
            }
        } else {
            let text = Array(pattern.text.utf8)
            let escape = pattern.escape?.utf8.first
            matches = { name in
                Self.wildcard(
                    text[...], Array(name.utf8)[...], many: UInt8(ascii: "%"), one: UInt8(ascii: "_"), escape: escape)
            }
        }
    }

    func callAsFunction(_ name: String) -> Bool { matches(name) }

    private static func replacing(_ mark: String, in text: String, with replacement: Character) -> String {
        var out = ""
        var rest = text[...]
        while !rest.isEmpty {
            if rest.hasPrefix(mark) {
                out.append(replacement)
                rest = rest.dropFirst(mark.count)
            } else {
                out.append(rest.removeFirst())
            }
        }
        return out
    }

    /// Greedy matching with one point to come back to: linear for one wildcard, quadratic at worst.
    private static func wildcard(
        _ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>, many: UInt8, one: UInt8?, escape: UInt8?
    ) -> Bool {
        var p = pattern.startIndex
        var t = text.startIndex
        var retry: (pattern: Int, text: Int)?
        while t < text.endIndex {
            if p < pattern.endIndex {
                if pattern[p] == escape, p + 1 < pattern.endIndex, pattern[p + 1] == text[t] {
                    p += 2
                    t += 1
                    continue
                }
                if pattern[p] == many {
                    retry = (p + 1, t)
                    p += 1
                    continue
                }
                if pattern[p] == one || (pattern[p] == text[t] && pattern[p] != escape) {
                    p += 1
                    t += 1
                    continue
                }
            }
            guard let back = retry else { return false }
            p = back.pattern
            t = back.text + 1
            retry = (back.pattern, t)
        }
        return pattern[p...].allSatisfy { $0 == many }
    }
}
