/// The stem of an English word by Porter's second algorithm ("Porter2", snowballstem.org/algorithms/english).
///
/// R1 is what follows the first consonant after a vowel, R2 the same within R1: suffixes go only where they lie in
/// these. `Y` stands for a y that is a consonant while the word is worked on.
struct EnglishStemmer {
    private var word: [Unicode.Scalar]
    private var r1 = 0
    private var r2 = 0

    static func stem(_ bytes: [UInt8]) -> String {
        let text = String(decoding: bytes, as: UTF8.self)
        let word = Array(text.unicodeScalars)
        guard word.count > 2 else { return text }
        if let exception = exceptions[text] { return exception }
        var stemmer = EnglishStemmer(word)
        stemmer.run()
        var out = ""
        out.unicodeScalars.append(contentsOf: stemmer.word.map { $0 == "Y" ? "y" : $0 })
        return out
    }

    private init(_ word: [Unicode.Scalar]) { self.word = word }

    private static let exceptions = [
        "skis": "ski", "skies": "sky", "dying": "die", "lying": "lie", "tying": "tie", "idly": "idl",
        "gently": "gentl", "ugly": "ugli", "early": "earli", "only": "onli", "singly": "singl", "sky": "sky",
        "news": "news", "howe": "howe", "atlas": "atlas", "cosmos": "cosmos", "bias": "bias", "andes": "andes",
    ]

    /// Words that are whole once a plural is taken off.
    private static let whole: Set<String> = [
        "inning", "outing", "canning", "herring", "earring", "proceed", "exceed", "succeed",
    ]

    private mutating func run() {
        if word.first == "'" { word.removeFirst() }
        for index in word.indices where word[index] == "y" && (index == 0 || Self.isVowel(word[index - 1])) {
            word[index] = "Y"
        }
        findRegions()
        removePossessive()
        removePlural()
        if Self.whole.contains(where: { word.elementsEqual($0.unicodeScalars) }) { return }
        removePast()
        if word.count > 2, let last = word.last, last == "y" || last == "Y", !Self.isVowel(word[word.count - 2]) {
            word[word.count - 1] = "i"
        }
        replaceDerivation()
        replaceSecondDerivation()
        removeEnding()
        removeLast()
    }

    // MARK: Regions and tests

    private static func isVowel(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a", "e", "i", "o", "u", "y": true
        default: false
        }
    }

    private mutating func findRegions() {
        if let prefix = ["gener", "commun", "arsen"].first(where: { word.starts(with: $0.unicodeScalars) }) {
            r1 = prefix.unicodeScalars.count
        } else {
            r1 = region(from: 0)
        }
        r2 = region(from: r1)
    }

    private func region(from start: Int) -> Int {
        var index = start
        while index < word.count, !Self.isVowel(word[index]) { index += 1 }
        while index < word.count, Self.isVowel(word[index]) { index += 1 }
        return min(index + 1, word.count)
    }

    private func hasSuffix(_ suffix: String) -> Bool {
        let scalars = suffix.unicodeScalars
        return word.count >= scalars.count && word.suffix(scalars.count).elementsEqual(scalars)
    }

    /// The longest of some suffixes that the word has.
    private func longest(_ suffixes: [String]) -> String? {
        suffixes.filter(hasSuffix).max { $0.utf8.count < $1.utf8.count }
    }

    private mutating func replace(_ suffix: String, _ replacement: String) {
        word.removeLast(suffix.unicodeScalars.count)
        word.append(contentsOf: replacement.unicodeScalars)
    }

    private func lies(_ suffix: String, in region: Int) -> Bool { word.count - suffix.unicodeScalars.count >= region }

    /// Whether the first `count` letters end with a short syllable.
    private func endsShort(_ count: Int) -> Bool {
        guard count >= 2, Self.isVowel(word[count - 2]), !Self.isVowel(word[count - 1]) else { return false }
        if count == 2 { return true }
        switch word[count - 1] {
        case "w", "x", "Y": return false
        default: return !Self.isVowel(word[count - 3])
        }
    }

    // MARK: Steps

    private mutating func removePossessive() {
        if let suffix = longest(["'", "'s", "'s'"]) { replace(suffix, "") }
    }

    private mutating func removePlural() {
        guard let suffix = longest(["sses", "ied", "ies", "s", "us", "ss"]) else { return }
        switch suffix {
        case "sses": replace(suffix, "ss")
        case "ied", "ies": replace(suffix, word.count > 4 ? "i" : "ie")
        case "s": if word.count > 2, word.dropLast(2).contains(where: Self.isVowel) { replace(suffix, "") }
        default: break
        }
    }

    private mutating func removePast() {
        guard let suffix = longest(["eed", "eedly", "ed", "edly", "ing", "ingly"]) else { return }
        if suffix.hasPrefix("ee") {
            if lies(suffix, in: r1) { replace(suffix, "ee") }
            return
        }
        guard word.dropLast(suffix.unicodeScalars.count).contains(where: Self.isVowel) else { return }
        replace(suffix, "")
        if longest(["at", "bl", "iz"]) != nil {
            word.append("e")
        } else if longest(["bb", "dd", "ff", "gg", "mm", "nn", "pp", "rr", "tt"]) != nil {
            word.removeLast()
        } else if word.count <= r1, endsShort(word.count) {
            word.append("e")
        }
    }

    private static let derivations = [
        "tional": "tion", "enci": "ence", "anci": "ance", "abli": "able", "entli": "ent", "izer": "ize",
        "ization": "ize", "ational": "ate", "ation": "ate", "ator": "ate", "alism": "al", "aliti": "al", "alli": "al",
        "fulness": "ful", "ousli": "ous", "ousness": "ous", "iveness": "ive", "iviti": "ive", "biliti": "ble",
        "bli": "ble", "ogi": "og", "fulli": "ful", "lessli": "less", "li": "",
    ]
    private static let derivationSuffixes = Array(derivations.keys)

    private mutating func replaceDerivation() {
        guard let suffix = longest(Self.derivationSuffixes), lies(suffix, in: r1),
            let replacement = Self.derivations[suffix]
        else { return }
        let before = word.dropLast(suffix.unicodeScalars.count).last
        if suffix == "ogi", before != "l" { return }
        if suffix == "li" {
            guard let before, "cdeghkmnrt".unicodeScalars.contains(before) else { return }
        }
        replace(suffix, replacement)
    }

    private static let secondDerivations = [
        "tional": "tion", "ational": "ate", "alize": "al", "icate": "ic", "iciti": "ic", "ical": "ic", "ful": "",
        "ness": "", "ative": "",
    ]
    private static let secondDerivationSuffixes = Array(secondDerivations.keys)

    private mutating func replaceSecondDerivation() {
        guard let suffix = longest(Self.secondDerivationSuffixes), lies(suffix, in: suffix == "ative" ? r2 : r1),
            let replacement = Self.secondDerivations[suffix]
        else { return }
        replace(suffix, replacement)
    }

    private static let endings = [
        "al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ism", "ate", "iti", "ous",
        "ive", "ize", "ion",
    ]

    private mutating func removeEnding() {
        guard let suffix = longest(Self.endings), lies(suffix, in: r2) else { return }
        if suffix == "ion" {
            let before = word.dropLast(3).last
            guard before == "s" || before == "t" else { return }
        }
        replace(suffix, "")
    }

    private mutating func removeLast() {
        switch word.last {
        case "e": if lies("e", in: r2) || (lies("e", in: r1) && !endsShort(word.count - 1)) { word.removeLast() }
        case "l": if lies("l", in: r2), word.dropLast().last == "l" { word.removeLast() }
        default: break
        }
    }
}
