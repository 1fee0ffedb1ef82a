/// Names close to one that was not found, for messages.
public enum NearNames {
    /// Names that a reader may have meant, nearest first, three at most.
    public static func find(_ name: String, among names: some Sequence<String>) -> [String] {
        let wanted = name.lowercased()
        let limit = max(1, min(3, wanted.utf8.count / 3 + 1))
        var found: [(distance: Int, name: String)] = []
        for candidate in names {
            let lower = candidate.lowercased()
            if wanted.utf8.count >= 3, lower.hasPrefix(wanted) || (lower.utf8.count >= 3 && wanted.hasPrefix(lower)) {
                found.append((1, candidate))
                continue
            }
            let distance = EditDistance.between(wanted, lower, limit: limit)
            if distance <= limit, distance < wanted.utf8.count { found.append((distance, candidate)) }
        }
        return found.sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }.prefix(3).map(\.name)
    }

    /// `. Did you mean 'a', 'b'?`, or nothing.
    public static func hint(_ name: String, among names: some Sequence<String>) -> String {
        let near = find(name, among: names)
        return near.isEmpty ? "" : ". Did you mean " + near.map { "'\($0)'" }.joined(separator: ", ") + "?"
    }
}
