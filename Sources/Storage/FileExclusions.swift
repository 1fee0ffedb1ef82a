import SQLTypes

/// The files below a table's location that are not the table's: patterns of the table property `exclusions`, which
/// crawlers write. Athena reads such files all the same; here they are left out.
public struct FileExclusions: Sendable {
    private var patterns: [(glob: GlobPattern, isAbsolute: Bool)] = []
    /// Whole locations: there may be many.
    private var locations: Set<String> = []

    /// nil when the properties exclude nothing. The value is a JSON list; a pattern that begins with `/` or a scheme is
    /// matched against whole locations, others against paths relative to the table's location.
    public init?(_ properties: [String: String]) {
        guard let text = properties["exclusions"], let list = (try? JSONValue.parse(text))?.arrayValue else {
            return nil
        }
        for text in list.compactMap(\.stringValue) {
            let glob = GlobPattern(text)
            let isAbsolute = text.hasPrefix("/") || text.contains("://")
            if isAbsolute, let literal = glob.literal {
                locations.insert(literal)
            } else {
                patterns.append((glob, isAbsolute))
            }
        }
        if patterns.isEmpty, locations.isEmpty { return nil }
    }

    /// - Parameters:
    ///   - path: of the file.
    ///   - folder: that was listed, as a path.
    ///   - location: of that folder, as the catalog has it.
    public func excludes(_ path: String, in folder: String, location: String) -> Bool {
        guard path.utf8.count > folder.utf8.count, path.hasPrefix(folder) else {
            return locations.contains(location)
        }
        var relative = path[path.utf8.index(path.startIndex, offsetBy: folder.utf8.count)...]
        while relative.hasPrefix("/") { relative.removeFirst() }
        let base = location.hasSuffix("/") ? location : location + "/"
        if !locations.isEmpty, locations.contains(base + relative) { return true }
        return patterns.contains { $0.glob.matches($0.isAbsolute ? base + relative : String(relative)) }
    }
}
