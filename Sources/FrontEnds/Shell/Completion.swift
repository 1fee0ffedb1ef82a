import Engine
import Metastore
import SQLSyntax

/// Words that the shell completes: keywords, databases, tables and columns, functions, backslash commands.
struct Completion {
    let session: Session

    private var store: MetastoreStore { session.engine.store }

    func candidates(_ prefix: String) -> [String] {
        if prefix.hasPrefix("\\") { return ShellMeta.commands.map(\.name).filter { $0.hasPrefix(prefix) } }
        let lower = prefix.lowercased()
        if let dot = lower.lastIndex(of: ".") {
            return qualified(String(lower[..<dot]), String(lower[lower.index(after: dot)...]))
        }
        var found: Set<String> = []
        let isUpper = prefix == prefix.uppercased() && prefix != lower
        for keyword in Keyword.allCases where keyword.rawValue.lowercased().hasPrefix(lower) {
            found.insert(isUpper || prefix.isEmpty ? keyword.rawValue.uppercased() : keyword.rawValue.lowercased())
        }
        for database in (try? store.databaseNames()) ?? [] where database.hasPrefix(lower) { found.insert(database) }
        for table in tables(session.database) {
            if table.hasPrefix(lower) { found.insert(table) }
            found.formUnion(columns(session.database, table).filter { $0.hasPrefix(lower) })
        }
        let functions = session.engine.functions
        for name in functions.scalars.keys where name.hasPrefix(lower) && !name.hasPrefix("$") { found.insert(name) }
        for name in functions.aggregates.keys where name.hasPrefix(lower) { found.insert(name) }
        for name in functions.windows.keys where name.hasPrefix(lower) { found.insert(name) }
        return found.sorted()
    }

    /// Behind a dot: the tables of a database, the columns of a table; else (an alias) the columns of all tables.
    private func qualified(_ owner: String, _ start: String) -> [String] {
        let parts = owner.split(separator: ".").map(String.init)
        var names: [String] = []
        if parts.count == 2 {
            names = columns(parts[0], parts[1])
        } else if ((try? store.database(owner)) ?? nil) != nil {
            names = tables(owner)
        } else {
            names = columns(session.database, owner)
            if names.isEmpty { names = tables(session.database).flatMap { columns(session.database, $0) } }
        }
        return Set(names.filter { $0.hasPrefix(start) }).sorted().map { owner + "." + $0 }
    }

    private func tables(_ database: String) -> [String] { (try? store.tableNames(database)) ?? [] }

    private func columns(_ database: String, _ table: String) -> [String] {
        guard let entry = (try? store.table(database, table)) ?? nil else { return [] }
        return (entry.storage.columns + entry.partitionKeys).map(\.name)
    }
}
