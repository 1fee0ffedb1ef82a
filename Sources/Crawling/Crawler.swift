import Glibc
import Metastore
import SQLTypes
import Storage

/// Crawls the lake: finds files, learns their schemas, decides what is a table, and writes the catalog.
///
/// ```
/// include paths -LakeFolder.read-> folders -FileSampler-> findings -TableGrouper-> candidates
///     -TableBuilder-> tables -TableVerifier-> readable tables -CatalogUpdater-> catalog, CrawlReport
/// ```
/// Knows nothing of the query engine; reads data only through classifiers and `FileFormat`.
public struct Crawler {
    private let store: MetastoreStore
    private let locations: LocationResolver
    private let context: ScanContext
    /// The format that reads a SerDe.
    private let format: (String) throws -> any FileFormat

    public init(
        store: MetastoreStore, locations: LocationResolver, context: ScanContext,
        format: @escaping (String) throws -> any FileFormat
    ) {
        self.store = store
        self.locations = locations
        self.context = context
        self.format = format
    }

    /// Runs once. With `plansOnly` nothing is written.
    /// - Throws: when nothing could be crawled; faults of single files are warnings of the report.
    public func run(_ options: CrawlOptions, runID: String, plansOnly: Bool = false) throws -> CrawlReport {
        let started = Self.milliseconds()
        var warnings: [String] = []
        let known = !hasCatalog ? [:] : try store.crawledFiles(options.name)
        var exclusions = Exclusions(options.exclusions)
        var roots: [Root] = []
        for path in options.paths {
            let root = try root(path, options, known, &exclusions)
            if !roots.contains(where: { $0.path == root.path }) { roots.append(root) }
        }
        var survey = try survey(roots, options, known, &warnings)
        warnings += exclusions.warnings
        survey.findings = HeaderReconciler(survey.findings, roots.map(\.folder)).findings
        let grouper = TableGrouper(options: options, findings: survey.findings, unreadable: survey.unreadable)
        let candidates = roots.flatMap { root in
            grouper.tables(of: root.folder, rootLevel: 1).filter { $0.schema.columns.count > 0 }
        }
        if let threshold = options.tableThreshold, candidates.count > threshold {
            throw QueryError(
                .genericUserError,
                "The crawl found \(candidates.count) tables, more than the threshold of \(threshold): nothing was written. "
                    + "Use --plan to see them and --exclude or --table-level to have fewer")
        }
        let verifier = TableVerifier(format: format, context: context, maxRows: options.sampleRecords)
        var built: [TableBuilder.Built] = []
        var names: Set<String> = []
        for candidate in candidates {
            try context.cancellation.check()
            var item = try build(candidate, options, survey.findings, roots, &names)
            if !survey.isUnchanged(candidate) { try verifier.verify(&item, unchanged: survey.unchangedPaths) }
            warnings += item.warnings
            built.append(item)
        }
        if built.isEmpty {
            warnings.append(
                survey.filesSeen == 0
                    ? "no tables: the include paths hold no files (empty ones, and names that begin with _ or ., do not count)"
                    : "no tables: no file below the include paths has a format that can be read")
        }
        let update = {
            try CatalogUpdater(
                store: store, options: options, writes: !plansOnly, hasCatalog: !plansOnly || hasCatalog,
                now: Self.milliseconds(), runID: runID,
                includeLocations: roots.map(\.includeLocation)
            ).update(built)
        }
        let outcome: (tables: [CrawlReport.TableReport], warnings: [String])
        if plansOnly {
            outcome = try update()
        } else {
            outcome = try store.transaction {
                let outcome = try update()
                try store.updateCrawledFiles(options.name, changed: survey.changed, removed: survey.removed)
                return outcome
            }
        }
        return CrawlReport(
            database: options.database, runID: runID, isSuccess: true, tables: outcome.tables,
            warnings: warnings + outcome.warnings, filesSeen: survey.filesSeen, filesSampled: survey.filesSampled,
            bytesSampled: survey.bytesSampled, elapsedMilliseconds: Int(Self.milliseconds() - started))
    }

    private var hasCatalog: Bool { access(store.folder + "/metastore.sqlite", F_OK) == 0 }

    // MARK: - Include paths

    private struct Root {
        var location: String
        var path: String
        var folder: LakeFolder

        /// As tables' locations begin: an URI as it was given, or the absolute path.
        var includeLocation: String {
            guard location.contains("://") else { return path }
            return location.hasSuffix("/") ? String(location.dropLast()) : location
        }
    }

    private func root(
        _ location: String, _ options: CrawlOptions, _ known: [String: CrawledFile], _ exclusions: inout Exclusions
    ) throws -> Root {
        let path = try locations.path(location)
        guard let entry = try context.fileSystem.stat(path) else {
            throw QueryError(.hiveFileNotFound, "The include path \(location) does not exist")
        }
        if !Self.isFolder(path) {
            let parent = LakeFolder(name: LakeFolder.lastPart(path), path: path, files: [entry])
            return Root(location: location, path: path, folder: parent)
        }
        let older = known.values.filter { $0.path.hasPrefix(path + "/") }
        guard options.recrawlBehavior == .newFoldersOnly, !older.isEmpty else {
            let folder = try LakeFolder.read(
                path, exclusions: &exclusions, fileSystem: context.fileSystem, cancellation: context.cancellation)
            return Root(location: location, path: path, folder: folder)
        }
        let folder = try LakeFolder.readNew(
            path,
            known: older.map {
                FileEntry(path: $0.path, byteCount: $0.byteCount, inode: 0, modified: $0.modified, changed: 0)
            }, exclusions: &exclusions, fileSystem: context.fileSystem, cancellation: context.cancellation)
        return Root(location: location, path: path, folder: folder)
    }

    private static func isFolder(_ path: String) -> Bool {
        guard let folder = opendir(path) else { return false }
        closedir(folder)
        return true
    }

    /// The location of a path below a root, in the form in which the root was given (`s3://` stays `s3://`).
    private static func location(_ path: String, _ roots: [Root]) -> String {
        for root in roots where root.location.contains("://") && (path == root.path || path.hasPrefix(root.path + "/"))
        {
            return root.includeLocation + path.dropFirst(root.path.count)
        }
        return path
    }

    // MARK: - Files

    private struct Survey {
        var findings: [String: FileFinding] = [:]
        var changed: [CrawledFile] = []
        var removed: [String] = []
        var unchangedPaths: Set<String> = []
        /// Sampled, and of no format that can be read.
        var unreadable: Set<String> = []
        var filesSeen = 0
        var filesSampled = 0
        var bytesSampled = 0

        func isUnchanged(_ candidate: TableCandidate) -> Bool {
            candidate.leaves.allSatisfy { $0.files.allSatisfy { unchangedPaths.contains($0.path) } }
        }
    }

    private func survey(
        _ roots: [Root], _ options: CrawlOptions, _ known: [String: CrawledFile], _ warnings: inout [String]
    ) throws -> Survey {
        var classifiers: [any Classifier] = try options.classifiers.compactMap { custom in
            switch try custom.resolved(store) {
            case .csv(let settings): CSVClassifier(settings: settings, usesGlueTypes: options.usesGlueTypes)
            case .json(let settings): JSONClassifier(settings: settings)
            case .named: nil
            }
        }
        classifiers += [
            ParquetClassifier(format: try format(StoredFormat.parquet.serde), context: context), MagicClassifier(),
            JSONClassifier(settings: nil), CSVClassifier(settings: nil, usesGlueTypes: options.usesGlueTypes),
        ]
        let sampler = FileSampler(options: options, classifiers: classifiers, fileSystem: context.fileSystem)
        var survey = Survey()
        // The stored texts repeat: each is read once.
        var readTexts: [String: FileFinding] = [:]
        var random = SeededGenerator(seed: options.sampleSeed)
        var unread: [String: [FileEntry]] = [:]
        func visit(_ folder: LakeFolder) throws {
            let chosen = options.sampleSize.map { size in
                Set(folder.files.shuffled(using: &random).prefix(size).map(\.path))
            }
            for file in folder.files {
                try context.cancellation.check()
                survey.filesSeen += 1
                if let old = known[file.path], old.byteCount == file.byteCount, old.modified == file.modified {
                    let finding =
                        readTexts[old.schema] ?? (try? JSONValue.parse(old.schema)).flatMap(FileFinding.init(json:))
                    if let finding {
                        readTexts[old.schema] = finding
                        survey.unchangedPaths.insert(file.path)
                        add(finding, file, &survey, &unread)
                        continue
                    }
                }
                if let chosen, !chosen.contains(file.path) { continue }
                do {
                    let finding = try sampler.finding(file)
                    survey.filesSampled += 1
                    survey.bytesSampled += finding.sampledByteCount
                    survey.changed.append(
                        CrawledFile(
                            path: file.path, byteCount: file.byteCount, modified: file.modified,
                            schema: finding.json.text))
                    add(finding, file, &survey, &unread)
                } catch let error as QueryError {
                    if error.code == .userCanceled { throw error }
                    survey.unreadable.insert(file.path)
                    warnings.append("file \(file.path) left out: \(error.text)")
                }
            }
            for child in folder.folders { try visit(child) }
        }
        for root in roots { try visit(root.folder) }
        for (classification, files) in unread.sorted(by: { $0.key < $1.key }) where classification != FileFinding.empty
        {
            let what = classification == "unknown" ? "of no known format" : "of the format \(classification)"
            warnings.append(
                "\(Counted.text(files.count, "file")) \(what) left out: \(TableGrouper.names(files))")
        }
        let seen = Set(survey.changed.map(\.path)).union(survey.unchangedPaths)
        survey.removed = known.keys.filter { path in
            !seen.contains(path) && roots.contains { path == $0.path || path.hasPrefix($0.path + "/") }
        }
        return survey
    }

    private func add(
        _ finding: FileFinding, _ file: FileEntry, _ survey: inout Survey, _ unread: inout [String: [FileEntry]]
    ) {
        if finding.columns.isEmpty {
            survey.unreadable.insert(file.path)
            unread[finding.classification, default: []].append(file)
        } else {
            survey.findings[file.path] = finding
        }
    }

    // MARK: - Tables

    private func build(
        _ candidate: TableCandidate, _ options: CrawlOptions, _ findings: [String: FileFinding], _ roots: [Root],
        _ names: inout Set<String>
    ) throws -> TableBuilder.Built {
        let location = { (path: String) in Self.location(path, roots) }
        var name = TableNames.name(candidate.sourceName, prefix: options.tablePrefix)
        let place = location(candidate.path) + (candidate.isFile ? "" : "/")
        let existing = hasCatalog ? try store.table(options.database, name) : nil
        let isTaken = existing.map { $0.storage.location != place } ?? false
        if isTaken || names.contains(name) { name = TableNames.distinct(name, location: place) }
        names.insert(name)
        let builder = TableBuilder(
            options: options, findings: findings, location: location, includeLocations: roots.map(\.includeLocation))
        var built = builder.build(candidate, name: name)
        if isTaken { built.reasons.append("the name \(candidate.sourceName) belongs to a table at another location") }
        return built
    }

    private static func milliseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}

/// SplitMix64: the same choice of files for the same seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
