import ArgumentParser
import Crawling
import Engine
import Metastore
import SQLTypes

/// Options that decide how a crawl goes, under Glue's names.
struct CrawlSettings: ParsableArguments {
    @Option(name: .long, help: "Prefix of table names.")
    var prefix = ""
    @Option(name: .long, help: "Leave out paths that match a glob, relative to the include path; repeatable.")
    var exclude: [String] = []
    @Option(name: .long, help: "combine: one table whatever the similarity of schemas.")
    var grouping: String?
    @Option(name: .customLong("table-level"), help: "Folder level at which tables lie; 1 is the include path.")
    var tableLevel: Int?
    @Option(name: .customLong("table-threshold"), help: "Fail when more tables than this are found.")
    var tableThreshold: Int?
    @Option(name: .customLong("sample-size"), help: "Files to sample in each folder (default: all).")
    var sampleSize: Int?
    @Option(name: .customLong("update-behavior"), help: "UPDATE_IN_DATABASE or LOG.")
    var updateBehavior: String?
    @Option(name: .customLong("delete-behavior"), help: "DEPRECATE_IN_DATABASE, DELETE_FROM_DATABASE or LOG.")
    var deleteBehavior: String?
    @Option(name: .customLong("partition-behavior"), help: "inherit (default) or own: whose columns partitions have.")
    var partitionBehavior: String?
    @Option(name: .long, help: "new-folders: look only at folders that are new.")
    var recrawl: String?
    @Option(
        name: .long,
        help:
            "A classifier of the catalog, or one of its own: NAME:[delimiter=C][:quote=C][:header=present|absent][:path=$.a]; repeatable."
    )
    var classifier: [String] = []
    @Option(name: .customLong("partition-types"), help: "infer: types of partition keys by their values.")
    var partitionTypes: String?
    @Flag(name: .customLong("glue-types"), help: "Write the types and SerDes that Glue itself would.")
    var glueTypes = false

    func apply(to options: inout CrawlOptions) throws {
        options.tablePrefix = prefix
        options.exclusions = exclude
        options.tableLevel = tableLevel
        options.tableThreshold = tableThreshold
        options.sampleSize = sampleSize
        options.usesGlueTypes = glueTypes
        options.combinesCompatibleSchemas = try choice("--grouping", grouping, ["combine"]) != nil
        options.infersPartitionTypes = try choice("--partition-types", partitionTypes, ["infer", "string"]) == "infer"
        options.partitionsInherit = try choice("--partition-behavior", partitionBehavior, ["inherit", "own"]) != "own"
        if try choice("--recrawl", recrawl, ["new-folders", "everything"]) == "new-folders" {
            options.recrawlBehavior = .newFoldersOnly
        }
        if let updateBehavior {
            guard let behavior = CrawlOptions.UpdateBehavior(rawValue: updateBehavior.uppercased()) else {
                throw ValidationError("--update-behavior takes UPDATE_IN_DATABASE or LOG")
            }
            options.updateBehavior = behavior
        }
        if let deleteBehavior {
            guard let behavior = CrawlOptions.DeleteBehavior(rawValue: deleteBehavior.uppercased()) else {
                throw ValidationError("--delete-behavior takes DEPRECATE_IN_DATABASE, DELETE_FROM_DATABASE or LOG")
            }
            options.deleteBehavior = behavior
        }
        options.classifiers = try classifier.map(Self.classifier)
    }

    private func choice(_ name: String, _ value: String?, _ choices: [String]) throws -> String? {
        guard let value else { return nil }
        guard choices.contains(value) else {
            throw ValidationError("\(name) takes \(choices.joined(separator: " or ")), not '\(value)'")
        }
        return value
    }

    private static func classifier(_ text: String) throws -> CustomClassifier {
        guard let colon = text.firstIndex(of: ":") else { return .named(text) }
        if text[text.index(after: colon)...].hasPrefix("path=") {
            let path = String(text[colon...].dropFirst(":path=".count))
            return .json(try JSONClassifierSettings(name: String(text[..<colon]), path: path))
        }
        var parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)[...]
        var settings = CSVClassifierSettings(name: parts.popFirst() ?? "csv")
        for part in parts {
            guard let sign = part.firstIndex(of: "=") else {
                throw ValidationError("--classifier: '\(part)' needs '='")
            }
            let value = String(part[part.index(after: sign)...])
            switch part[..<sign] {
            case "delimiter":
                settings.delimiter = try ClassifierCommand.Create.character(value, "--classifier: delimiter")
            case "quote": settings.quote = try ClassifierCommand.Create.character(value, "--classifier: quote")
            case "header":
                guard let header = CSVClassifierSettings.Header(rawValue: value.uppercased()) else {
                    throw ValidationError("--classifier: header is present, absent or unknown")
                }
                settings.header = header
            case "single-column": settings.allowsSingleColumn = value == "true"
            default: throw ValidationError("--classifier: unknown setting '\(part[..<sign])'")
            }
        }
        return .csv(settings)
    }
}

enum ReportFormat: String, ExpressibleByArgument { case text, json }

/// `athena-lite crawl PATH...`: crawls now and prints the report.
struct CrawlCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "crawl", abstract: "Find tables in folders of files and write them to the catalog.")

    @OptionGroup var options: GlobalOptions
    @OptionGroup var settings: CrawlSettings

    @Argument(help: "Include paths: folders or files.")
    var paths: [String]

    @Option(name: .long, help: "The crawler's name (default: the first path's).")
    var name: String?

    @Flag(name: .long, help: "Show what would be done and write nothing.")
    var plan = false

    @Option(name: .long, help: "text or json.")
    var format = ReportFormat.text

    func run() throws {
        let engine = options.makeEngine()
        let locations = engine.locations(try options.makeSession(engine, usesDatabase: false).properties)
        let absolute = try paths.map { $0.contains("://") ? $0 : try locations.path($0) }
        var crawl = CrawlOptions(
            name: name ?? Self.name(of: absolute[0]), database: (options.database ?? "default").lowercased(),
            paths: absolute)
        try settings.apply(to: &crawl)
        try CrawlRunner(engine: engine, session: try options.makeSession(engine, usesDatabase: false))
            .run(crawl, plansOnly: plan, format: format)
    }

    private static func name(of path: String) -> String { path.split(separator: "/").last.map(String.init) ?? "lake" }
}

/// Runs a crawl, keeps its run in the history, and prints the report.
struct CrawlRunner {
    let engine: Engine
    let session: Session

    func run(_ crawl: CrawlOptions, plansOnly: Bool, format: ReportFormat) throws {
        let output = Output(descriptor: Output.standardOutput)
        let interrupt = InterruptHandler()
        let cancellation = Cancellation()
        interrupt.cancellation = cancellation
        let runID = FreshID.uuid()
        do {
            let report = try engine.crawl(
                crawl, session: session, runID: runID, plansOnly: plansOnly, cancellation: cancellation)
            try output.write((format == .json ? report.json.text : report.text) + "\n")
            try output.flush()
        } catch let error as QueryError {
            if format == .json {
                let failed = CrawlReport.failed(error, database: crawl.database, runID: runID)
                try output.write(failed.json.text + "\n")
                try output.flush()
            }
            try TextFile.report(error.description)
            throw interrupt.wasInterrupted ? ExitRequest.interrupted : ExitRequest.statementFailed
        }
    }
}
