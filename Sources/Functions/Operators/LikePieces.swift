import CKernels

/// Literal texts in order with `%` between them; the first and last are anchored where they are not empty.
struct LikePieces: Sendable {
    /// The pieces one after the other, and where each ends.
    private let bytes: [UInt8]
    private let ends: [Int]

    init(_ pieces: [[UInt8]]) {
        bytes = pieces.flatMap { $0 }
        var end = 0
        ends = pieces.map { piece in
            end += piece.count
            return end
        }
    }

    func withMatcher<Result>(_ body: (Matcher) throws -> Result) rethrows -> Result {
        try bytes.withUnsafeBufferPointer { bytes in
            try ends.withUnsafeBufferPointer { try body(Matcher(bytes: bytes, ends: $0)) }
        }
    }

    /// Matches without touching a reference count.
    struct Matcher {
        let bytes: UnsafeBufferPointer<UInt8>
        let ends: UnsafeBufferPointer<Int>

        /// Anchors the first and last piece and looks for the others from left to right.
        @inline(__always)
        func matches(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
            let inner = ends.count &- 2
            let firstCount = ends[0]
            let lastStart = ends[inner]
            guard text.count >= firstCount &+ (bytes.count &- lastStart) else { return false }
            guard LikePattern.hasPrefix(text, UnsafeBufferPointer(rebasing: bytes[..<firstCount])),
                LikePattern.hasSuffix(text, UnsafeBufferPointer(rebasing: bytes[lastStart...]))
            else { return false }
            guard let start = text.baseAddress, let wanted = bytes.baseAddress else { return bytes.isEmpty }
            var place = firstCount
            let end = text.count &- (bytes.count &- lastStart)
            var from = firstCount
            for index in 0..<inner {
                let count = ends[index &+ 1] &- from
                if count == 0 { continue }
                guard let found = ck_find(start + place, end &- place, wanted + from, count) else { return false }
                place = (found - UnsafeRawPointer(start)) &+ count
                from &+= count
            }
            return true
        }
    }
}
