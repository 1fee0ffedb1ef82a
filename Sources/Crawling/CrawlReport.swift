import Metastore
import SQLTypes

/// What a crawl did and why: printed as text or as the JSON of `crawl --format json`.
public struct CrawlReport: Sendable {
    public enum Action: String, Sendable { case created, updated, unchanged, deprecated, deleted }

    public struct TableReport: Sendable {
        public var name: String
        public var action: Action
        public var location: String
        public var classification: String
        public var columns: [CatalogColumn]
        public var partitionKeys: [CatalogColumn]
        /// Values of every partition found.
        public var partitions: [[String]]
        public var properties: [String: String]
        public var reasons: [String]
    }

    public var database: String
    public var runID: String
    public var isSuccess: Bool
    public var tables: [TableReport]
    public var warnings: [String]
    public var filesSeen: Int
    public var filesSampled: Int
    public var bytesSampled: Int
    public var elapsedMilliseconds: Int

    /// The report of a run that failed before it found anything.
    public static func failed(_ error: QueryError, database: String, runID: String) -> CrawlReport {
        CrawlReport(
            database: database, runID: runID, isSuccess: false, tables: [], warnings: [error.description], filesSeen: 0,
            filesSampled: 0, bytesSampled: 0, elapsedMilliseconds: 0)
    }

    public var json: JSONValue {
        .object([
            .init("database", .string(database)), .init("run_id", .string(runID)),
            .init("state", .string(isSuccess ? "SUCCEEDED" : "FAILED")),
            .init("tables", .array(tables.map(Self.json))),
            .init("warnings", .array(warnings.map { .string($0) })), .init("files_seen", .int(filesSeen)),
            .init("files_sampled", .int(filesSampled)), .init("bytes_sampled", .int(bytesSampled)),
            .init("elapsed_ms", .int(elapsedMilliseconds)),
        ])
    }

    private static func json(_ table: TableReport) -> JSONValue {
        func columns(_ list: [CatalogColumn]) -> JSONValue {
            .array(list.map { .array([.string($0.name), .string($0.typeName)]) })
        }
        return .object([
            .init("name", .string(table.name)), .init("action", .string(table.action.rawValue)),
            .init("location", .string(table.location)), .init("classification", .string(table.classification)),
            .init("columns", columns(table.columns)), .init("partition_keys", columns(table.partitionKeys)),
            .init("partitions", .array(table.partitions.map { .array($0.map { .string($0) }) })),
            .init("properties", .strings(table.properties)),
            .init("reasons", .array(table.reasons.map { .string($0) })),
        ])
    }

    /// For people.
    public var text: String {
        var lines: [String] = []
        for table in tables {
            var head =
                "\(table.name): \(table.action.rawValue), \(table.classification), "
                + Counted.text(table.columns.count, "column")
            if !table.partitionKeys.isEmpty {
                head += ", \(Counted.text(table.partitions.count, "partition")) by "
                head += table.partitionKeys.map(\.name).joined(separator: ", ")
            }
            lines.append(head)
            lines.append("  at " + table.location)
            lines.append("  " + table.columns.map { "\($0.name) \($0.typeName)" }.joined(separator: ", "))
            lines += table.reasons.map { "  - " + $0 }
        }
        lines += warnings.map { "warning: " + $0 }
        lines.append(
            "\(isSuccess ? "Succeeded" : "Failed"): \(Counted.text(tables.count, "table")) in database \(database); "
                + "\(Counted.text(filesSeen, "file")) seen, \(filesSampled) sampled "
                + "(\(Counted.text(bytesSampled, "byte"))), \(elapsedMilliseconds) ms")
        return lines.joined(separator: "\n")
    }
}
