import Metastore
import Planning
import SQLTypes
import Storage
import Synchronization

/// Facts about tables for the optimiser, from file footers where the format has them, else from the crawler's counts
/// and a sample of rows.
///
/// Lives for one statement; remembers what it was asked, by table and partitions.
final class EngineStatistics: StatisticsProvider {
    private let context: ScanContext
    private let locations: LocationResolver
    private let formats: FormatRegistry
    private let remembered = Mutex<[String: FileFacts]>([:])

    /// Footers opened for an estimate; more files than this are extrapolated from their sizes.
    private static let maxEstimatedFooters = 64
    /// Footers opened to answer exactly; above it the query reads.
    private static let maxExactFooters = 10_000

    private struct FileFacts {
        var files: [(file: FileEntry, partition: Int)]
        var summaries: [FileSummary]
        /// Every file has a summary.
        var isComplete: Bool
        /// How the first file is stored, when its format has no summaries.
        var description: StorageDescription?
    }

    init(context: ScanContext, locations: LocationResolver, formats: FormatRegistry) {
        self.context = context
        self.locations = locations
        self.formats = formats
    }

    func statistics(of scan: TableScan) throws -> TableStatistics? {
        guard scan.provider == nil, scan.table.kind != .view else { return nil }
        guard let facts = try? facts(scan, limit: Self.maxEstimatedFooters) else { return nil }
        let byteCount = facts.files.reduce(0) { $0 + $1.file.byteCount }
        if facts.summaries.isEmpty {
            guard byteCount > 0 || !facts.files.isEmpty else {
                return TableStatistics(rowCount: 0, byteCount: 0)
            }
            let recordSize = scan.table.parameters["averageRecordSize"].flatMap(Double.init) ?? 100
            let rowCount = Double(byteCount) / max(recordSize, 1)
            let columns = try? facts.description.map { description in
                let format = try formats.format(serde: description.serde, inputFormat: "")
                return try SampledStatistics(format: format, description: description, context: context)
                    .columns(of: facts.files.map(\.file), rowCount: rowCount)
            }
            return TableStatistics(rowCount: rowCount, byteCount: Double(byteCount), columns: columns ?? [:])
        }
        var merged = TableStatistics(merging: facts.summaries, types: try columnTypes(scan.table))
        if !facts.isComplete, merged.byteCount > 0 {
            let factor = Double(byteCount) / merged.byteCount
            merged.rowCount *= factor
            merged.byteCount = Double(byteCount)
            merged.columns = merged.columns.mapValues { column in
                var scaled = column
                scaled.boundsAreExact = false
                scaled.minimum = nil
                scaled.maximum = nil
                scaled.nullCount = column.nullCount.map { $0 * factor }
                return scaled
            }
        }
        return merged
    }

    func exactStatistics(of scan: TableScan) throws -> TableStatistics? {
        guard scan.provider == nil, scan.table.kind != .view, context.options.badData == .fail else { return nil }
        let facts = try facts(scan, limit: Self.maxExactFooters)
        guard facts.isComplete else { return nil }
        return TableStatistics(merging: facts.summaries, types: try columnTypes(scan.table))
    }

    private func columnTypes(_ table: Table) throws -> [String: DataType] {
        var types: [String: DataType] = [:]
        for column in table.storage.columns {
            var type = try column.dataType()
            if case .timestamp = type { type = .timestamp(precision: context.options.timestampPrecision) }
            types[column.name] = type
        }
        return types
    }

    private func facts(_ scan: TableScan, limit: Int) throws -> FileFacts {
        let storages = scan.partitions.map { $0.map(\.storage) } ?? [scan.table.storage]
        if scan.partitions == nil, !scan.table.partitionKeys.isEmpty {
            throw QueryError(.genericInternalError, "Partitions are not known yet")
        }
        let key = "\(limit)\u{0}" + storages.map(\.location).joined(separator: "\u{0}")
        if let known = remembered.withLock({ $0[key] }) { return known }
        var facts = FileFacts(files: [], summaries: [], isComplete: true)
        let exclusions = FileExclusions(scan.table.parameters)
        for (index, storage) in storages.enumerated() {
            let folder = try locations.path(storage.location)
            for file in try context.fileSystem.listFiles(folder, cancellation: context.cancellation)
            where file.byteCount > 0
                && exclusions?.excludes(file.path, in: folder, location: storage.location) != true
            {
                facts.files.append((file, index))
            }
        }
        for (file, index) in facts.files {
            guard facts.summaries.count < limit else {
                facts.isComplete = false
                break
            }
            let storage = storages[index]
            let format = try formats.format(serde: storage.serde, inputFormat: storage.inputFormat)
            let columns = try storage.columns.map {
                SchemaColumn(name: $0.name, type: try $0.dataType())
            }
            let description = StorageDescription(
                serde: storage.serde, properties: scan.table.parameters.merging(storage.serdeParameters) { $1 },
                columns: columns)
            guard let summary = try format.summary(of: file, description, context) else {
                facts.isComplete = false
                facts.description = facts.description ?? description
                break
            }
            facts.summaries.append(summary)
        }
        remembered.withLock { $0[key] = facts }
        return facts
    }
}
