import SQLTypes

/// The files below a table's location that are not the table's: patterns of the table property `exclusions`, which
/// crawlers write. Athena reads such files all the same; here they are left out.
public struct FileExclusions: Sendable {
    private let patterns: [(glob: GlobPattern, isAbsolute: Bool)]

    /// nil when the properties exclude nothing. The value is a JSON list; a pattern that begins with `/` or a scheme is
    /// matched against whole locations, others against paths relative to the table's location.
    public init?(_ properties: [String: String]) {
        guard let text = properties["exclusions"], let list = (try? JSONValue.parse(text))?.arrayValue else {
            return nil
        }
        patterns = list.compactMap(\.stringValue).map { (GlobPattern($0), $0.hasPrefix("/") || $0.contains("://")) }
        if patterns.isEmpty { return nil }
    }

    /// - Parameters:
    ///   - path: of the file.
    ///   - folder: that was listed, as a path.
    ///   - location: of that folder, as the catalog has it.
    public func excludes(_ path: String, in folder: String, location: String) -> Bool {
        guard path.utf8.count > folder.utf8.count, path.hasPrefix(folder) else {
            return patterns.contains { $0.isAbsolute && $0.glob.matches(location) }
        }
        var relative = path[path.utf8.index(path.startIndex, offsetBy: folder.utf8.count)...]
        while relative.hasPrefix("/") { relative.removeFirst() }
        let base = location.hasSuffix("/") ? location : location + "/"
        return patterns.contains { $0.glob.matches($0.isAbsolute ? base + relative : String(relative)) }
    }
}
