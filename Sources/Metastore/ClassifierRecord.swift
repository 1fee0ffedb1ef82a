import SQLTypes

/// A stored custom classifier: its name and its configuration as JSON, in the crawler's form.
public struct ClassifierRecord: Hashable, Sendable {
    public var name: String
    public var configuration: JSONValue

    public init(name: String, configuration: JSONValue) {
        self.name = name
        self.configuration = configuration
    }
}

extension MetastoreStore {
    /// Adds or replaces a classifier.
    public func saveClassifier(_ classifier: ClassifierRecord) throws {
        try write(changesTables: false) { connection in
            try connection.run(
                "INSERT OR REPLACE INTO classifiers VALUES (?, ?)",
                [.text(classifier.name), .text(classifier.configuration.text)])
        }
    }

    /// Sorted by name.
    public func classifiers() throws -> [ClassifierRecord] {
        try read { connection in
            var found: [ClassifierRecord] = []
            try connection.run("SELECT name, configuration FROM classifiers ORDER BY name") { row in
                found.append(
                    ClassifierRecord(
                        name: row.text(0), configuration: (try? JSONValue.parse(row.text(1))) ?? .null))
            }
            return found
        }
    }

    /// False when there is none.
    @discardableResult
    public func deleteClassifier(_ name: String) throws -> Bool {
        try write(changesTables: false) { connection in
            try connection.run("DELETE FROM classifiers WHERE name = ?", [.text(name)])
            return connection.changes > 0
        }
    }
}
