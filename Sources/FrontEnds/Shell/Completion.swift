import Engine
import SQLSyntax

/// Words that the shell completes: keywords, tables and columns of the database, functions, backslash commands.
struct Completion {
    let session: Session

    func candidates(_ prefix: String) -> [String] {
        if prefix.hasPrefix("\\") { return ShellMeta.commands.map(\.name).filter { $0.hasPrefix(prefix) } }
        let lower = prefix.lowercased()
        var found: Set<String> = []
        let isUpper = prefix == prefix.uppercased() && prefix != lower
        for keyword in Keyword.allCases where keyword.rawValue.lowercased().hasPrefix(lower) {
            found.insert(isUpper || prefix.isEmpty ? keyword.rawValue.uppercased() : keyword.rawValue.lowercased())
        }
        let store = session.engine.store
        for table in (try? store.tableNames(session.database)) ?? [] {
            if table.hasPrefix(lower) { found.insert(table) }
            guard let entry = try? store.table(session.database, table) else { continue }
            for column in entry.storage.columns + entry.partitionKeys where column.name.hasPrefix(lower) {
                found.insert(column.name)
            }
        }
        let functions = session.engine.functions
        for name in functions.scalars.keys where name.hasPrefix(lower) && !name.hasPrefix("$") { found.insert(name) }
        for name in functions.aggregates.keys where name.hasPrefix(lower) { found.insert(name) }
        for name in functions.windows.keys where name.hasPrefix(lower) { found.insert(name) }
        return found.sorted()
    }
}
