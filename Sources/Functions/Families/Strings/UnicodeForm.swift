/// Unicode's normal forms (Unicode Standard Annex 15).
///
/// ```
/// NFD, NFKD    each character decomposed fully, marks in the order of their combining classes
/// NFC, NFKC    then composed again: a starter with each following mark that nothing blocks
/// ```
enum UnicodeForm: String, Sendable {
    case nfc = "NFC"
    case nfd = "NFD"
    case nfkc = "NFKC"
    case nfkd = "NFKD"

    func normalized(_ text: UnsafeBufferPointer<UInt8>) -> String {
        let isCompatible = self == .nfkc || self == .nfkd
        var scalars: [Unicode.Scalar] = []
        for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
            Self.decompose(scalar, isCompatible, into: &scalars)
        }
        Self.orderMarks(&scalars)
        if self == .nfc || self == .nfkc { scalars = Self.composed(scalars) }
        var out = ""
        out.unicodeScalars.append(contentsOf: scalars)
        return out
    }

    private static func combiningClass(_ scalar: Unicode.Scalar) -> UInt8 {
        scalar.value < 0x300 ? 0 : scalar.properties.canonicalCombiningClass.rawValue
    }

    private static func decompose(
        _ scalar: Unicode.Scalar, _ isCompatible: Bool, into out: inout [Unicode.Scalar]
    ) {
        if scalar.value < 0xa0 { return out.append(scalar) }
        if let parts = Hangul.decomposed(scalar) { return out.append(contentsOf: parts) }
        if isCompatible, let parts = compatible[scalar] { return out.append(contentsOf: parts) }
        if let parts = canonical[scalar] { return out.append(contentsOf: parts) }
        out.append(scalar)
    }

    /// A stable sort of each run of marks by combining class.
    private static func orderMarks(_ scalars: inout [Unicode.Scalar]) {
        var start = 0
        while start < scalars.count {
            guard combiningClass(scalars[start]) != 0 else {
                start += 1
                continue
            }
            var end = start
            while end < scalars.count, combiningClass(scalars[end]) != 0 { end += 1 }
            if end - start > 1 {
                let run = scalars[start..<end].enumerated().sorted {
                    (combiningClass($0.element), $0.offset) < (combiningClass($1.element), $1.offset)
                }
                scalars.replaceSubrange(start..<end, with: run.map(\.element))
            }
            start = end
        }
    }

    private static func composed(_ scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
        var out: [Unicode.Scalar] = []
        var starter: Int?
        var lastClass: UInt8 = 0
        for scalar in scalars {
            let ownClass = combiningClass(scalar)
            // A mark is blocked by one of its own class or above between the starter and it.
            if let place = starter, place == out.count - 1 || (lastClass < ownClass && lastClass != 0),
                let whole = compose(out[place], scalar)
            {
                out[place] = whole
                continue
            }
            if ownClass == 0 { starter = out.count }
            lastClass = ownClass
            out.append(scalar)
        }
        return out
    }

    private static func compose(_ first: Unicode.Scalar, _ second: Unicode.Scalar) -> Unicode.Scalar? {
        if let whole = Hangul.composed(first, second) { return whole }
        return compositions[Pair(first: first, second: second)]
    }

    // MARK: Tables

    private struct Pair: Hashable {
        let first: Unicode.Scalar
        let second: Unicode.Scalar
    }

    private static let canonical = parse(UnicodeMappings.canonical).mappings
    private static let compatible = parse(UnicodeMappings.compatible).mappings

    /// What composes: each composite from that of all its parts but the last, and the last.
    private static let compositions: [Pair: Unicode.Scalar] = {
        let (mappings, excluded) = parse(UnicodeMappings.canonical)
        var known: [[Unicode.Scalar]: Unicode.Scalar] = [:]
        for (whole, parts) in mappings where !excluded.contains(whole) { known[parts] = whole }
        var pairs: [Pair: Unicode.Scalar] = [:]
        for (parts, whole) in known {
            let head = Array(parts.dropLast())
            guard let last = parts.last, let first = head.count == 1 ? head.first : known[head] else { continue }
            pairs[Pair(first: first, second: last)] = whole
        }
        return pairs
    }()

    private static func parse(
        _ text: String
    ) -> (mappings: [Unicode.Scalar: [Unicode.Scalar]], excluded: Set<Unicode.Scalar>) {
        var mappings: [Unicode.Scalar: [Unicode.Scalar]] = [:]
        var excluded: Set<Unicode.Scalar> = []
        for entry in text.utf8.split(separator: 0x20) {
            guard let place = entry.firstIndex(where: { $0 == 0x3a || $0 == 0x21 }) else { continue }
            let ends = entry[..<place].split(separator: 0x2d).compactMap(hexadecimal)
            let targets = entry[entry.index(after: place)...].split(separator: 0x2c).compactMap(hexadecimal)
            guard let first = ends.first, let last = ends.last, first <= last else { continue }
            for value in first...last {
                guard let scalar = Unicode.Scalar(value) else { continue }
                mappings[scalar] = targets.compactMap { Unicode.Scalar($0 + (value - first)) }
                if entry[place] == 0x21 { excluded.insert(scalar) }
            }
        }
        return (mappings, excluded)
    }

    private static func hexadecimal(_ digits: some Collection<UInt8>) -> UInt32? {
        UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    }
}

/// Syllables of Hangul are made of two or three letters by arithmetic.
private enum Hangul {
    private static let syllables: UInt32 = 0xac00
    private static let leads: UInt32 = 0x1100
    private static let vowels: UInt32 = 0x1161
    private static let trails: UInt32 = 0x11a7
    private static let leadCount: UInt32 = 19
    private static let vowelCount: UInt32 = 21
    private static let trailCount: UInt32 = 28

    static func decomposed(_ scalar: Unicode.Scalar) -> [Unicode.Scalar]? {
        let index = scalar.value &- syllables
        guard index < leadCount * vowelCount * trailCount else { return nil }
        let trail = index % trailCount
        return [
            leads + index / (vowelCount * trailCount), vowels + index % (vowelCount * trailCount) / trailCount,
            trail == 0 ? 0 : trails + trail,
        ].filter { $0 != 0 }.compactMap(Unicode.Scalar.init)
    }

    static func composed(_ first: Unicode.Scalar, _ second: Unicode.Scalar) -> Unicode.Scalar? {
        let lead = first.value &- leads
        let vowel = second.value &- vowels
        if lead < leadCount, vowel < vowelCount {
            return Unicode.Scalar(syllables + (lead * vowelCount + vowel) * trailCount)
        }
        let syllable = first.value &- syllables
        let trail = second.value &- trails
        if syllable < leadCount * vowelCount * trailCount, syllable % trailCount == 0, trail > 0, trail < trailCount {
            return Unicode.Scalar(first.value + trail)
        }
        return nil
    }
}
