/// How many single-byte changes part two names, for "did you mean" lists.
public enum EditDistance {
    /// The Levenshtein distance, or anything above `limit` when it exceeds `limit`.
    public static func between(_ left: String, _ right: String, limit: Int) -> Int {
        let a = Array(left.utf8)
        let b = Array(right.utf8)
        if abs(a.count - b.count) > limit { return limit + 1 }
        var previous = Array(0...b.count)
        var current = previous
        for i in 0..<a.count {
            current[0] = i + 1
            for j in 0..<b.count {
                current[j + 1] = min(previous[j] + (a[i] == b[j] ? 0 : 1), previous[j + 1] + 1, current[j] + 1)
            }
            swap(&previous, &current)
        }
        return previous[b.count]
    }
}
