import Crawling
import Metastore
import SQLTypes
import Storage

extension Engine {
    /// Locations under a session's settings.
    public func locations(_ properties: SessionProperties) -> LocationResolver {
        let root = properties["s3.root"]
        return LocationResolver(s3Root: root.isEmpty ? nil : root, workingDirectory: workingDirectory)
    }

    /// Runs a crawl and keeps the run in the catalog (unless it only plans).
    public func crawl(
        _ options: CrawlOptions, session: Session, runID: String, plansOnly: Bool, cancellation: Cancellation
    ) throws -> CrawlReport {
        let context = ScanContext(fileSystem: fileSystem, cancellation: cancellation, footers: footers)
        // A plan writes nothing, not even a newer version of the catalog.
        let store = plansOnly ? MetastoreStore(folder: self.store.folder, readOnly: true) : self.store
        let crawler = Crawler(store: store, locations: locations(session.properties), context: context) { serde in
            try self.formats.format(serde: serde, inputFormat: "")
        }
        guard !plansOnly else { return try crawler.run(options, runID: runID, plansOnly: true) }
        var run = CrawlerRun(id: runID, crawler: options.name, state: .running, startedAt: Engine.now())
        do {
            let report = try crawler.run(options, runID: runID)
            run.state = .completed
            run.finishedAt = Engine.now()
            run.report = report.json
            try store.saveRun(run)
            return report
        } catch let error as QueryError {
            run.state = .failed
            run.finishedAt = Engine.now()
            run.report = .object([.init("error", .string(error.description))])
            // The crawl's own error matters more than its record.
            try? store.saveRun(run)
            throw error
        }
    }
}
