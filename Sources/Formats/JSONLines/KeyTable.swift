import Columnar
import Glibc

/// Which field of an object each key means, with the key order of earlier objects as a guess.
///
/// Records of one file mostly have the same keys in the same order, so the next key is compared with the one that came
/// next last time: no scan for its end, no hash. Other keys are looked up by name once and then guessed too.
final class KeyTable {
    /// A key as it stands in the file, quotes included, with its first 24 bytes for a quick comparison.
    private struct Guess {
        var low: UInt64
        var middle: UInt64
        var high: UInt64
        var lowMask: UInt64
        var middleMask: UInt64
        var highMask: UInt64
        var text: UnsafeMutablePointer<UInt8>
        var count: Int
        /// Position among the wanted fields, or -1.
        var target: Int
    }

    private static let guessLimit = 128
    /// Longer keys, quotes included, are looked up by name: a comparison must not read past a block's padding.
    private static let guessByteLimit = Buffer.padding

    private let guesses: UnsafeMutablePointer<Guess>
    /// Behind a pointer: a class property would be checked for exclusive access at every key.
    private let guessed: UnsafeMutablePointer<Int>
    private let names: [String: Int]
    private let options: JSONOptions

    /// `fields`: the names of wanted fields, as they are declared.
    init(_ fields: [String], _ options: JSONOptions) {
        self.options = options
        var names: [String: Int] = [:]
        for (index, field) in fields.enumerated() {
            let key = options.key(of: field)
            names[options.isCaseInsensitive ? key.lowercased() : key] = index
        }
        self.names = names
        guesses = .allocate(capacity: Self.guessLimit)
        guessed = .allocate(capacity: 1)
        guessed.initialize(to: 0)
    }

    deinit {
        for index in 0..<guessed.pointee { guesses[index].text.deallocate() }
        guesses.deallocate()
        guessed.deallocate()
    }

    /// The bits of the first `count` bytes of a word.
    private static func mask(_ count: Int) -> UInt64 {
        count >= 8 ? ~0 : count <= 0 ? 0 : (1 &<< UInt64(count &* 8)) &- 1
    }

    @inline(__always)
    private func matches(_ index: Int, _ at: UnsafePointer<UInt8>) -> Bool {
        let guess = guesses + index
        let low = UnsafeRawPointer(at).loadUnaligned(as: UInt64.self)
        let middle = UnsafeRawPointer(at).loadUnaligned(fromByteOffset: 8, as: UInt64.self)
        let high = UnsafeRawPointer(at).loadUnaligned(fromByteOffset: 16, as: UInt64.self)
        let difference =
            (low ^ guess.pointee.low) & guess.pointee.lowMask | (middle ^ guess.pointee.middle)
            & guess.pointee.middleMask
            | (high ^ guess.pointee.high) & guess.pointee.highMask
        if difference != 0 { return false }
        let count = guess.pointee.count
        return count <= 24 || memcmp(at + 24, guess.pointee.text + 24, count &- 24) == 0
    }

    /// The field that the key at `at` (its opening quote) means; `at` moves past its closing quote. `hint` is the
    /// place of the key in the guessed order.
    @inline(__always)
    func match(
        _ at: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ hint: inout Int,
        _ outcome: inout JSONScanner.Outcome
    ) -> Int {
        if hint < guessed.pointee, matches(hint, at) {
            at += guesses[hint].count
            let target = guesses[hint].target
            hint &+= 1
            return target
        }
        return search(&at, end, &hint, &outcome)
    }

    @inline(never)
    private func search(
        _ at: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ hint: inout Int,
        _ outcome: inout JSONScanner.Outcome
    ) -> Int {
        for index in 0..<guessed.pointee where matches(index, at) {
            at += guesses[index].count
            hint = index &+ 1
            return guesses[index].target
        }
        let start = at
        guard at < end, at[0] == UInt8(ascii: "\"") else {
            outcome = at < end ? .malformed : .incomplete
            return -1
        }
        at += 1
        var hasEscapes = false
        outcome = JSONScanner.skipString(&at, end, &hasEscapes)
        guard outcome == .done else { return -1 }
        var key = String(decoding: UnsafeBufferPointer(start: start + 1, count: at - start - 2), as: UTF8.self)
        if hasEscapes {
            let heap = StringHeap()
            let unescaped: String? = withExtendedLifetime(heap) {
                JSONScanner.unescaped(start + 1, at - 1, heap).map { text in
                    String(
                        decoding: UnsafeBufferPointer(start: text.start, count: text.end - text.start), as: UTF8.self)
                }
            }
            guard let unescaped else {
                outcome = .malformed
                return -1
            }
            key = unescaped
        }
        let target = target(of: key)
        let guessCount = guessed.pointee
        let count = at - start
        if guessCount < Self.guessLimit, count <= Self.guessByteLimit {
            let text = UnsafeMutablePointer<UInt8>.allocate(capacity: count + 24)
            text.initialize(repeating: 0, count: count + 24)
            memcpy(text, start, count)
            (guesses + guessCount).initialize(
                to: Guess(
                    low: UnsafeRawPointer(text).loadUnaligned(as: UInt64.self),
                    middle: UnsafeRawPointer(text).loadUnaligned(fromByteOffset: 8, as: UInt64.self),
                    high: UnsafeRawPointer(text).loadUnaligned(fromByteOffset: 16, as: UInt64.self),
                    lowMask: Self.mask(count), middleMask: Self.mask(count - 8), highMask: Self.mask(count - 16),
                    text: text, count: count, target: target))
            guessed.pointee = guessCount + 1
            hint = guessCount + 1
        }
        return target
    }

    private func target(of key: String) -> Int {
        let name = options.isCaseInsensitive ? key.lowercased() : key
        if let target = names[name] { return target }
        guard options.dotsInKeys, name.utf8.contains(UInt8(ascii: ".")) else { return -1 }
        let underscored = String(name.map { $0 == "." ? "_" : $0 })
        return names[underscored] ?? -1
    }
}
