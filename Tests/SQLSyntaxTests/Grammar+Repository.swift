import GrammarModel

extension Grammar {
    /// The repository's own, from this file's path.
    static let shared: Grammar = {
        do { return try Grammar(folder: folder) } catch { fatalError("grammar: \(error)") }
    }()

    private static let folder: String = {
        var parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        parts.removeLast(3)
        return parts.joined(separator: "/") + "/grammar"
    }()

    static func words(of file: String) throws -> [String] {
        try readGrammarFile("\(folder)/keywords/\(file).txt").split(separator: "\n").map(String.init)
    }
}
