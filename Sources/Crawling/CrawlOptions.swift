import SQLTypes

/// What a crawler crawls and how it decides, under Glue's names.
public struct CrawlOptions: Hashable, Sendable {
    public enum UpdateBehavior: String, Sendable, CaseIterable {
        case updateInDatabase = "UPDATE_IN_DATABASE", log = "LOG"
    }
    public enum DeleteBehavior: String, Sendable, CaseIterable {
        case deprecate = "DEPRECATE_IN_DATABASE", delete = "DELETE_FROM_DATABASE", log = "LOG"
    }
    public enum RecrawlBehavior: String, Sendable, CaseIterable {
        case everything = "CRAWL_EVERYTHING", newFoldersOnly = "CRAWL_NEW_FOLDERS_ONLY"
    }

    /// The crawler's name; runs and what is known of files are kept under it.
    public var name: String
    public var database: String
    /// Include paths: folders or single files, as locations.
    public var paths: [String]
    public var exclusions: [String] = []
    public var tablePrefix = ""
    /// `CombineCompatibleSchemas`: similarity is not looked at.
    public var combinesCompatibleSchemas = false
    /// Absolute folder level at which tables lie (the first include folder's level is 1); nil decides by content.
    public var tableLevel: Int?
    /// More tables than this: nothing is written.
    public var tableThreshold: Int?
    /// Files sampled in each leaf folder; nil samples all.
    public var sampleSize: Int?
    /// Seed of the choice of files.
    public var sampleSeed: UInt64 = 1
    /// Records, and bytes of text, read of each sampled file.
    public var sampleRecords = 1000
    public var sampleBytes = 1 << 20
    public var updateBehavior = UpdateBehavior.updateInDatabase
    public var deleteBehavior = DeleteBehavior.deprecate
    public var recrawlBehavior = RecrawlBehavior.everything
    /// Partitions take the table's columns (the default here) instead of their own.
    public var partitionsInherit = true
    /// Partition keys get types by their values instead of `string`.
    public var infersPartitionTypes = false
    /// The types and SerDes that Glue itself would write.
    public var usesGlueTypes = false
    /// Custom classifiers, asked first, in this order.
    public var classifiers: [CustomClassifier] = []

    public init(name: String, database: String = "default", paths: [String]) {
        self.name = name
        self.database = database
        self.paths = paths
    }
}

extension CrawlOptions {
    /// The stored form.
    public var json: JSONValue {
        .object([
            .init("database", .string(database)), .init("paths", .array(paths.map { .string($0) })),
            .init("exclusions", .array(exclusions.map { .string($0) })), .init("table_prefix", .string(tablePrefix)),
            .init("grouping", combinesCompatibleSchemas ? .string("combine") : .null),
            .init("table_level", tableLevel.map { .int($0) } ?? .null),
            .init("table_threshold", tableThreshold.map { .int($0) } ?? .null),
            .init("sample_size", sampleSize.map { .int($0) } ?? .null),
            .init("update_behavior", .string(updateBehavior.rawValue)),
            .init("delete_behavior", .string(deleteBehavior.rawValue)),
            .init("recrawl", .string(recrawlBehavior.rawValue)),
            .init("partition_behavior", .string(partitionsInherit ? "inherit" : "own")),
            .init("partition_types", .string(infersPartitionTypes ? "infer" : "string")),
            .init("glue_types", .bool(usesGlueTypes)),
            .init("classifiers", .array(classifiers.map(\.json))),
        ])
    }

    public init?(name: String, json: JSONValue) {
        guard let database = json["database"]?.stringValue, let paths = json["paths"]?.arrayValue else { return nil }
        self.init(name: name, database: database, paths: paths.compactMap(\.stringValue))
        exclusions = (json["exclusions"]?.arrayValue ?? []).compactMap(\.stringValue)
        tablePrefix = json["table_prefix"]?.stringValue ?? ""
        combinesCompatibleSchemas = json["grouping"]?.stringValue == "combine"
        tableLevel = json["table_level"]?.intValue
        tableThreshold = json["table_threshold"]?.intValue
        sampleSize = json["sample_size"]?.intValue
        updateBehavior = json["update_behavior"]?.stringValue.flatMap(UpdateBehavior.init) ?? .updateInDatabase
        deleteBehavior = json["delete_behavior"]?.stringValue.flatMap(DeleteBehavior.init) ?? .deprecate
        recrawlBehavior = json["recrawl"]?.stringValue.flatMap(RecrawlBehavior.init) ?? .everything
        partitionsInherit = json["partition_behavior"]?.stringValue != "own"
        infersPartitionTypes = json["partition_types"]?.stringValue == "infer"
        usesGlueTypes = json["glue_types"]?.boolValue ?? false
        classifiers = (json["classifiers"]?.arrayValue ?? []).compactMap(CustomClassifier.init(json:))
    }
}
