import SQLTypes

/// A stored crawler: its name and its configuration as JSON, in Glue's names.
public struct CrawlerRecord: Hashable, Sendable {
    public var name: String
    public var configuration: JSONValue
    public var createdAt: Int64

    public init(name: String, configuration: JSONValue, createdAt: Int64 = 0) {
        self.name = name
        self.configuration = configuration
        self.createdAt = createdAt
    }
}

/// One run of a crawler; `report` is the JSON that `crawl --format json` prints.
public struct CrawlerRun: Hashable, Sendable {
    public enum State: String, Sendable { case running = "RUNNING", completed = "COMPLETED", failed = "FAILED" }

    public var id: String
    public var crawler: String
    public var state: State
    /// Milliseconds since 1970.
    public var startedAt: Int64
    public var finishedAt: Int64?
    public var report: JSONValue?

    public init(
        id: String, crawler: String, state: State, startedAt: Int64, finishedAt: Int64? = nil, report: JSONValue? = nil
    ) {
        self.id = id
        self.crawler = crawler
        self.state = state
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.report = report
    }
}

/// What a crawl learned of a file, so that an unchanged file is not sampled again.
public struct CrawledFile: Hashable, Sendable {
    public var path: String
    public var byteCount: Int
    /// Nanoseconds since 1970.
    public var modified: Int64
    /// The crawler's findings, in its own form.
    public var schema: String

    public init(path: String, byteCount: Int, modified: Int64, schema: String) {
        self.path = path
        self.byteCount = byteCount
        self.modified = modified
        self.schema = schema
    }
}

extension MetastoreStore {
    /// Adds or replaces a crawler.
    public func saveCrawler(_ crawler: CrawlerRecord) throws {
        try write(changesTables: false) { connection in
            try connection.run(
                """
                INSERT INTO crawlers VALUES (?, ?, ?)
                ON CONFLICT (name) DO UPDATE SET configuration = excluded.configuration
                """,
                [
                    .text(crawler.name), .text(crawler.configuration.text),
                    .int(crawler.createdAt == 0 ? Self.now() : crawler.createdAt),
                ])
        }
    }

    public func crawlers() throws -> [CrawlerRecord] {
        try read { connection in
            var found: [CrawlerRecord] = []
            try connection.run("SELECT name, configuration, created_at FROM crawlers ORDER BY name") { row in
                found.append(
                    CrawlerRecord(
                        name: row.text(0), configuration: (try? JSONValue.parse(row.text(1))) ?? .null,
                        createdAt: row.int(2)))
            }
            return found
        }
    }

    public func crawler(_ name: String) throws -> CrawlerRecord? { try crawlers().first { $0.name == name } }

    /// Removes the crawler, what it remembers of files, and its runs. False when there is none.
    @discardableResult
    public func deleteCrawler(_ name: String) throws -> Bool {
        try write(changesTables: false) { connection in
            try connection.run("DELETE FROM crawled_files WHERE crawler = ?", [.text(name)])
            try connection.run("DELETE FROM crawler_runs WHERE crawler = ?", [.text(name)])
            try connection.run("DELETE FROM crawlers WHERE name = ?", [.text(name)])
            return connection.changes > 0
        }
    }

    /// Adds or replaces a run.
    public func saveRun(_ run: CrawlerRun) throws {
        try write(changesTables: false) { connection in
            try connection.run(
                "INSERT OR REPLACE INTO crawler_runs VALUES (?, ?, ?, ?, ?, ?)",
                [
                    .text(run.id), .text(run.crawler), .text(run.state.rawValue), .int(run.startedAt),
                    .optional(run.finishedAt.map(Int.init)), .optional(run.report?.text),
                ])
        }
    }

    /// Newest first.
    public func runs(of crawler: String, limit: Int = 100) throws -> [CrawlerRun] {
        try read { connection in
            var found: [CrawlerRun] = []
            try connection.run(
                """
                SELECT id, crawler, state, started_at, finished_at, report FROM crawler_runs WHERE crawler = ?
                ORDER BY started_at DESC, id LIMIT ?
                """, [.text(crawler), .int(Int64(limit))]
            ) { row in
                found.append(
                    CrawlerRun(
                        id: row.text(0), crawler: row.text(1),
                        state: CrawlerRun.State(rawValue: row.text(2)) ?? .failed,
                        startedAt: row.int(3), finishedAt: row.optionalInt(4).map(Int64.init),
                        report: row.optionalText(5).flatMap { try? JSONValue.parse($0) }))
            }
            return found
        }
    }

    /// By path.
    public func crawledFiles(_ crawler: String) throws -> [String: CrawledFile] {
        try read { connection in
            var found: [String: CrawledFile] = [:]
            try connection.run(
                "SELECT path, byte_count, modified, schema FROM crawled_files WHERE crawler = ?", [.text(crawler)]
            ) { row in
                let file = CrawledFile(
                    path: row.text(0), byteCount: Int(row.int(1)), modified: row.int(2), schema: row.text(3))
                found[file.path] = file
            }
            return found
        }
    }

    public func updateCrawledFiles(_ crawler: String, changed: [CrawledFile], removed: [String]) throws {
        guard !changed.isEmpty || !removed.isEmpty else { return }
        try write(changesTables: false) { connection in
            for path in removed {
                try connection.run(
                    "DELETE FROM crawled_files WHERE crawler = ? AND path = ?", [.text(crawler), .text(path)])
            }
            for file in changed {
                try connection.run(
                    "INSERT OR REPLACE INTO crawled_files VALUES (?, ?, ?, ?, ?)",
                    [
                        .text(crawler), .text(file.path), .int(Int64(file.byteCount)), .int(file.modified),
                        .text(file.schema),
                    ])
            }
        }
    }
}
