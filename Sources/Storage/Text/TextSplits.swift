/// How one big plain text file is cut into byte ranges.
public enum TextSplits {
    private static let smallest = 4 << 20
    private static let largest = 32 << 20

    /// Sixteen pieces, but none so small that opening it costs, nor so large that workers wait for the last.
    public static func usualByteCount(_ fileByteCount: Int) -> Int {
        min(max(fileByteCount / 16, smallest), largest)
    }

    public static func ranges(from start: Int, to end: Int, size: Int) -> [Range<Int>] {
        guard start < end else { return [start..<end] }
        return stride(from: start, to: end, by: max(size, 1)).map { $0..<min($0 + max(size, 1), end) }
    }
}
