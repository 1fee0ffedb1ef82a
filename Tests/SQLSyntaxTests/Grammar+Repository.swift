import GrammarModel

extension Grammar {
    /// The repository's own, from this file's path.
    static func shared() throws -> Grammar { try loaded.get() }

    /// Read once; a fault of the files fails each test that asks.
    private static let loaded = Result { try Grammar(folder: folder) }

    private static let folder: String = {
        var parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        parts.removeLast(3)
        return parts.joined(separator: "/") + "/grammar"
    }()

    static func words(of file: String) throws -> [String] {
        try readGrammarFile("\(folder)/keywords/\(file).txt").split(separator: "\n").map(String.init)
    }
}
