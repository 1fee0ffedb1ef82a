import ArgumentParser
import Crawling
import Engine
import Metastore
import SQLTypes

/// `athena-lite crawler`: stored crawlers.
struct CrawlerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "crawler", abstract: "Create, list, show, run and delete stored crawlers.",
        subcommands: [Create.self, List.self, Show.self, Run.self, History.self, Delete.self])

    /// Prints lines to standard output.
    static func say(_ lines: [String]) throws {
        let output = Output(descriptor: Output.standardOutput)
        for line in lines { try output.write(line + "\n") }
        try output.flush()
    }

    fileprivate static func existing(_ name: String, _ engine: Engine) throws -> CrawlerRecord {
        if let found = try engine.store.crawler(name) { return found }
        let names = try engine.store.crawlers().map(\.name)
        throw QueryError(.notFound, "Crawler '\(name)' does not exist" + NearNames.hint(name, among: names))
    }

    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Store a crawler, or replace it.")
        @OptionGroup var options: GlobalOptions
        @OptionGroup var settings: CrawlSettings
        @Argument(help: "The crawler's name.") var name: String
        @Argument(help: "Include paths.") var paths: [String]

        func run() throws {
            let engine = options.makeEngine()
            let locations = engine.locations(try options.makeSession(engine, usesDatabase: false).properties)
            let absolute = try paths.map { $0.contains("://") ? $0 : try locations.path($0) }
            var crawl = CrawlOptions(
                name: name, database: (options.database ?? "default").lowercased(), paths: absolute)
            try settings.apply(to: &crawl)
            try engine.store.saveCrawler(CrawlerRecord(name: name, configuration: crawl.json))
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the stored crawlers.")
        @OptionGroup var options: GlobalOptions

        func run() throws { try CrawlerCommand.say(try options.makeEngine().store.crawlers().map(\.name)) }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show a crawler's configuration as JSON.")
        @OptionGroup var options: GlobalOptions
        @Argument(help: "The crawler's name.") var name: String

        func run() throws {
            try CrawlerCommand.say([try CrawlerCommand.existing(name, options.makeEngine()).configuration.text])
        }
    }

    struct Run: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Run a stored crawler and print its report.")
        @OptionGroup var options: GlobalOptions
        @Argument(help: "The crawler's name.") var name: String
        @Option(name: .long, help: "text or json.") var format = ReportFormat.text

        func run() throws {
            let engine = options.makeEngine()
            let record = try CrawlerCommand.existing(name, engine)
            guard let crawl = CrawlOptions(name: name, json: record.configuration) else {
                throw QueryError(
                    .hiveInvalidMetadata, "The configuration of crawler '\(name)' cannot be read: create it again")
            }
            try CrawlRunner(engine: engine, session: try options.makeSession(engine, usesDatabase: false))
                .run(crawl, plansOnly: false, format: format)
        }
    }

    struct History: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the runs of a crawler, newest first.")
        @OptionGroup var options: GlobalOptions
        @Argument(help: "The crawler's name.") var name: String

        func run() throws {
            let runs = try options.makeEngine().store.runs(of: name)
            try CrawlerCommand.say(
                runs.map { run in
                    let took = run.finishedAt.map { "\($0 - run.startedAt) ms" } ?? ""
                    return "\(run.id)\t\(run.state.rawValue)\t\(CivilTime.text(milliseconds: run.startedAt))\t\(took)"
                })
        }
    }

    struct Delete: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Delete a crawler; its tables stay.")
        @OptionGroup var options: GlobalOptions
        @Argument(help: "The crawler's name.") var name: String

        func run() throws {
            let engine = options.makeEngine()
            _ = try CrawlerCommand.existing(name, engine)
            try engine.store.deleteCrawler(name)
        }
    }
}
