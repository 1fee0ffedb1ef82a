/// The shell's backslash commands.
enum ShellMeta {
    static let commands: [(name: String, summary: String)] = [
        ("\\?", "this list"), ("\\q", "leave"), ("\\l", "databases"), ("\\dt", "tables of the database"),
        ("\\d", "columns of a table: \\d NAME"), ("\\c", "change the database: \\c NAME"),
        ("\\timing", "show times after each statement, on or off"), ("\\x", "one line per column, on or off"),
        ("\\format", "output format: \\format table|csv|tsv|json|jsonl|markdown|vertical"),
        ("\\i", "run a file: \\i FILE"), ("\\pager", "page long results, on or off"),
    ]

    static var help: String {
        commands.map { "  " + DisplayWidth.padded($0.name, 10, right: false) + $0.summary }.joined(separator: "\n")
            + "\n  A statement ends with ; or with \\G for one line per column. Ctrl-C ends the running statement.\n"
    }
}
