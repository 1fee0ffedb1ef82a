import Functions
import Metastore
import Planning
import SQLSyntax
import SQLTypes

/// What the tests of planning share: a small catalog, and plans and errors as text.
enum PlanText {
    /// The plan without layouts and without columns that only pass through; or the error as users read it.
    static func of(_ sql: String, session: BindingSession = BindingSession()) -> String {
        do {
            let plan = try bind(sql, session: session)
            try PlanValidator(allowsDependentJoins: true).validate(plan)
            return PlanPrinter().text(plan).split(separator: "\n").filter(isKept).map { Self.plain(String($0)) }
                .joined(separator: "\n")
        } catch let error as QueryError {
            return error.description
        } catch {
            return "\(error)"
        }
    }

    static func bind(_ sql: String, session: BindingSession = BindingSession()) throws -> QueryPlan {
        try Binder(catalog: catalog, functions: TestFunctions.registry, session: session).bind(
            Parser.parseQuery(sql))
    }

    private static func isKept(_ line: Substring) -> Bool {
        !line.contains("Layout: [") && !(line.contains(" := ") && isPassed(line))
    }

    /// `a := a` of a scan.
    private static func isPassed(_ line: Substring) -> Bool {
        let words = line.split(separator: " ").suffix(3)
        return words.count == 3 && words.first == words.last
    }

    /// Tree lines as blanks, so that expectations can be typed.
    private static func plain(_ line: String) -> String {
        var text = ""
        for character in line {
            switch character {
            case "│", "├", "└", "─": text.append(" ")
            default: text.append(character)
            }
        }
        while text.last == " " { text.removeLast() }
        return text
    }

    // MARK: Catalog

    /// t(a bigint, b varchar, c double, d date, arr array(bigint), r row(x integer, y varchar)),
    /// u(a bigint, k integer, name varchar), p(v integer; key: day varchar), and views over them.
    static let catalog = InMemoryCatalog(
        databases: [Database(name: "default"), Database(name: "other")],
        tables: [
            table(
                "t",
                [
                    ("a", "bigint"), ("b", "string"), ("c", "double"), ("d", "date"), ("arr", "array<bigint>"),
                    ("r", "struct<x:int,y:string>"),
                ]),
            table("u", [("a", "bigint"), ("k", "int"), ("name", "string")]),
            table("p", [("v", "int"), ("ts", "timestamp")], keys: [("day", "string")]),
            table("elsewhere", [("z", "int")], database: "other"),
            view("good", "SELECT a, name FROM u", [("a", "bigint"), ("name", "string")]),
            view("stale", "SELECT a, name FROM u", [("a", "bigint")]),
            view("changed", "SELECT name AS a FROM u", [("a", "bigint")]),
            view("broken", "SELECT missing FROM u", [("missing", "bigint")]),
            view("circle", "SELECT * FROM circle", [("a", "bigint")]),
            view("inside", "SELECT z FROM elsewhere", [("z", "int")], database: "other"),
        ])

    private static func table(
        _ name: String, _ columns: [(String, String)], keys: [(String, String)] = [], database: String = "default"
    ) -> Table {
        Table(
            database: database, name: name, kind: .external,
            storage: StorageDescriptor(
                location: "/data/\(name)", inputFormat: "", outputFormat: "", serde: "",
                columns: columns.map { CatalogColumn(name: $0.0, typeName: $0.1) }),
            partitionKeys: keys.map { CatalogColumn(name: $0.0, typeName: $0.1) })
    }

    private static func view(
        _ name: String, _ text: String, _ columns: [(String, String)], database: String = "default"
    ) -> Table {
        var view = table(name, columns, database: database)
        view.kind = .view
        view.viewText = text
        view.viewDatabase = database
        return view
    }
}
