import CKernels
import Testing

@Suite("The search for a text in another")
struct TextFindTests {
    @Test("finds the first place that a plain loop finds, at every length around the widths of its steps")
    func agreesWithPlainLoop() {
        var random = SystemRandomNumberGenerator()
        for textCount in 0..<120 {
            for needleCount in [0, 1, 2, 3, 5, 16, 17, 31, 33] {
                // Two letters: many near misses.
                let text = (0..<textCount).map { _ in UInt8.random(in: 97...98, using: &random) }
                let needle: [UInt8]
                if textCount > needleCount, Bool.random(using: &random) {
                    let start = Int.random(in: 0...textCount - needleCount, using: &random)
                    needle = Array(text[start..<start + needleCount])
                } else {
                    needle = (0..<needleCount).map { _ in UInt8.random(in: 97...98, using: &random) }
                }
                #expect(found(needle, in: text) == plain(needle, in: text), "\(needle) in \(text)")
            }
        }
    }

    private func found(_ needle: [UInt8], in text: [UInt8]) -> Int? {
        // Arrays of just these sizes, so that a sanitizer sees reads outside.
        text.withUnsafeBytes { text in
            needle.withUnsafeBytes { needle in
                var none: UInt8 = 0
                return withUnsafePointer(to: &none) { spare in
                    let base = text.baseAddress ?? UnsafeRawPointer(spare)
                    return ck_find(base, text.count, needle.baseAddress ?? UnsafeRawPointer(spare), needle.count)
                        .map { $0 - base }
                }
            }
        }
    }

    private func plain(_ needle: [UInt8], in text: [UInt8]) -> Int? {
        guard text.count >= needle.count else { return nil }
        return (0...text.count - needle.count).first { Array(text[$0..<$0 + needle.count]) == needle }
    }
}
