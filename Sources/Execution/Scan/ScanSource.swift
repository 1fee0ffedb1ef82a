import Columnar
import Expressions
import Functions
import Metastore
import Planning
import SQLTypes
import Storage
import Synchronization

/// Reads a table's files: lists them, asks their formats for splits, and lets workers take these one by one.
///
/// `@unchecked Sendable`: `morsels` is written by `prepare` before workers start.
final class ScanSource: SourceOperator, @unchecked Sendable {
    let name = "Scan"
    private let plan: ScanPlan
    private let evaluation: EvaluationContext
    private var morsels: [ScanMorsel] = []
    private var queue = MorselQueue(count: 0)
    /// Rows per file when no column of the files is read and counts are known from their metadata.
    private var counts: [Int]?
    /// What this scan alone reads; set by `prepare` where operators are measured.
    private var ownScan: ScanContext?

    var readByteCount: Int { ownScan?.metrics.bytesRead.value ?? 0 }

    /// Work for which a second thread is not worth waking.
    private static let bytesPerWorker = 64 << 10

    init(_ plan: ScanPlan, _ evaluation: EvaluationContext) {
        self.plan = plan
        self.evaluation = evaluation
    }

    // MARK: Listing

    func prepare(_ context: ExecutionContext) throws -> Int {
        if context.settings.collectsMetrics { ownScan = context.scan.withOwnMetrics() }
        let files = try listFiles(context)
        let isCount = plan.requested.isEmpty && plan.filters.isEmpty
        if isCount, let counts = try countRows(files, context) {
            morsels = files
            self.counts = counts
            queue = MorselQueue(count: files.count)
            return 1
        }
        var splits = [[ScanMorsel]](repeating: [], count: files.count)
        if files.count < 8 {
            for (index, file) in files.enumerated() { splits[index] = try Self.split(file, context) }
        } else {
            let found = Mutex(splits)
            try context.pool.forEach(files.count) { index, _ in
                try context.cancellation.check()
                let made = try Self.split(files[index], context)
                found.withLock { $0[index] = made }
            }
            splits = found.withLock { $0 }
        }
        morsels = splits.flatMap { $0 }
        queue = MorselQueue(count: morsels.count)
        context.scan.metrics.splitsTotal.add(morsels.count)
        let bytes = morsels.reduce(0) { $0 + $1.split.byteCount }
        return max(1, min(morsels.count, bytes / Self.bytesPerWorker))
    }

    /// Every file as a split of its own that still has to be cut.
    private func listFiles(_ context: ExecutionContext) throws -> [ScanMorsel] {
        let table = plan.table
        if table.partitionKeys.isEmpty {
            return try listFolder(table.storage, partition: nil, context)
        }
        guard let partitions = plan.partitions else {
            throw QueryError(
                .genericInternalError, "The partitions of \(table.database).\(table.name) were not planned")
        }
        var files: [ScanMorsel] = []
        for partition in partitions {
            try context.cancellation.check()
            files += try listFolder(partition.storage, partition: partition, context)
        }
        return files
    }

    private func listFolder(
        _ storage: StorageDescriptor, partition: Partition?, _ context: ExecutionContext
    ) throws -> [ScanMorsel] {
        let table = plan.table
        let format = try context.formats.format(serde: storage.serde, inputFormat: storage.inputFormat)
        var properties = table.parameters
        for more in [
            table.storage.parameters, table.storage.serdeParameters, storage.parameters, storage.serdeParameters,
        ] {
            properties.merge(more) { $1 }
        }
        let declared = try table.storage.columns.map { column in
            SchemaColumn(name: column.name, type: try column.dataType())
        }
        let own = partition.flatMap { Self.reordered($0.storage.columns, table.storage.columns) }
        let description = StorageDescription(
            serde: storage.serde, properties: properties, columns: own.map { $0.map { declared[$0] } } ?? declared)
        let ordinals = own.map { own in plan.requested.map { own.firstIndex(of: $0.ordinal) ?? own.count + $0.ordinal }
        }
        let values: [Value] =
            try partition.map { partition in
                try zip(partition.values, zip(table.partitionKeys, plan.partitionKeyTypes)).map { text, key in
                    try Partition.value(text, of: key.1, key: key.0.name)
                }
            } ?? []
        let keys = table.partitionKeys.map(\.name)
        var made: [ScanMorsel] = []
        let folder = try context.locations.path(storage.location)
        let exclusions = FileExclusions(table.parameters)
        for file in try context.scan.fileSystem.listFiles(folder, cancellation: context.cancellation) {
            if file.byteCount == 0 { continue }
            if let exclusions, exclusions.excludes(file.path, in: folder, location: storage.location) { continue }
            let constants = plan.pieces.map { piece -> Value in
                switch piece {
                case .data: .null
                case .partitionKey(let position, _): position < values.count ? values[position] : .null
                case .hidden(let column): column.value(file: file, partition: partition, keys: keys)
                }
            }
            guard try passes(constants) else { continue }
            let split = Split(
                file: file, description: description, range: 0..<file.byteCount, rowCount: nil,
                byteCount: file.byteCount)
            made.append(ScanMorsel(split: split, format: format, constants: constants, ordinals: ordinals))
        }
        return made
    }

    /// A partition's columns as positions among the table's, when all are the table's and stand in another order: text
    /// is then read by the partition's. nil when the table's order holds (columns that were added or renamed since the
    /// partition was made keep their places).
    private static func reordered(_ own: [CatalogColumn], _ declared: [CatalogColumn]) -> [Int]? {
        if zip(own, declared).allSatisfy({ $0.name == $1.name }) { return nil }
        let places = Dictionary(declared.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
        let found = own.compactMap { places[$0.name] }
        return found.count == own.count ? found : nil
    }

    /// Whether a file's constants meet the conditions on them.
    private func passes(_ constants: [Value]) throws -> Bool {
        if plan.fileFilters.isEmpty { return true }
        let batch = Batch(
            columns: zip(constants, plan.columns).map { Vector.constant($0, $1.type, count: 1) }, rowCount: 1)
        let layout = Dictionary(
            plan.columns.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
        for filter in plan.fileFilters {
            let compiled = try CompiledExpression(filter, layout: layout, context: evaluation)
            if try compiled.select(batch, rows: batch.rows).count == 0 { return false }
        }
        return true
    }

    private static func split(_ file: ScanMorsel, _ context: ExecutionContext) throws -> [ScanMorsel] {
        try file.format.splits(of: file.split.file, file.split.description, context.scan).map {
            ScanMorsel(split: $0, format: file.format, constants: file.constants, ordinals: file.ordinals)
        }
    }

    private func countRows(_ files: [ScanMorsel], _ context: ExecutionContext) throws -> [Int]? {
        if !plan.residual.isEmpty { return nil }
        var counts: [Int] = []
        for file in files {
            guard let summary = try file.format.summary(of: file.split.file, file.split.description, context.scan)
            else { return nil }
            counts.append(summary.rowCount)
        }
        return counts
    }

    // MARK: Reading

    func makeLocal(_ worker: WorkerContext) throws -> any LocalSource {
        if let counts { return CountReader(self, counts, worker.context) }
        return try Reader(self, worker.context)
    }

    private final class Reader: LocalSource {
        let source: ScanSource
        let context: ExecutionContext
        let request: ScanRequest
        let residual: CompiledExpression?
        var reader: (any BatchReader)?
        var constants: [Vector?] = []
        var morsel = 0

        init(_ source: ScanSource, _ context: ExecutionContext) throws {
            self.source = source
            self.context = context
            let plan = source.plan
            request = ScanRequest(
                columns: plan.requested, filters: plan.filters, batchRowCount: context.settings.batchRowCount)
            residual =
                plan.residual.isEmpty
                ? nil
                : try CompiledExpression(
                    .conjunction(plan.residual),
                    layout: Dictionary(
                        plan.columns.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first }),
                    context: source.evaluation)
        }

        func next() throws -> Batch? {
            while true {
                try context.cancellation.check()
                guard let reader else {
                    guard let number = source.queue.pull() else { return nil }
                    morsel = number
                    let taken = source.morsels[number]
                    constants = Self.vectors(taken.constants, source.plan)
                    var request = request
                    if let ordinals = taken.ordinals {
                        for (index, ordinal) in ordinals.enumerated() { request.columns[index].ordinal = ordinal }
                    }
                    self.reader = try taken.format.open(taken.split, request, source.ownScan ?? context.scan)
                    continue
                }
                guard let read = try reader.next() else {
                    self.reader = nil
                    context.scan.metrics.splitsDone.add(1)
                    continue
                }
                if read.selectedCount == 0 { continue }
                var columns: [Vector] = []
                columns.reserveCapacity(source.plan.pieces.count)
                for (index, piece) in source.plan.pieces.enumerated() {
                    switch piece {
                    case .data(let position): columns.append(read.columns[position])
                    case .partitionKey, .hidden:
                        if let one = constants[index] { columns.append(one.repeated(read.rowCount)) }
                    }
                }
                var batch = Batch(columns: columns, rowCount: read.rowCount, selection: read.selection)
                if let residual {
                    let kept = try residual.select(batch, rows: batch.rows)
                    if kept.count == 0 { continue }
                    batch.selection = kept
                }
                if batch.columns.count > source.plan.outputCount {
                    batch.columns.removeLast(batch.columns.count - source.plan.outputCount)
                }
                return batch.compactedWhenSparse()
            }
        }

        static func vectors(_ values: [Value], _ plan: ScanPlan) -> [Vector?] {
            plan.pieces.enumerated().map { index, piece in
                switch piece {
                case .data: nil
                case .partitionKey, .hidden: Vector.constant(values[index], plan.columns[index].type, count: 1)
                }
            }
        }
    }

    /// Gives rows without data columns, as many as the files' metadata says.
    private final class CountReader: LocalSource {
        let source: ScanSource
        let counts: [Int]
        let chunk: Int
        var morsel = 0
        var left = 0
        var constants: [Vector?] = []

        init(_ source: ScanSource, _ counts: [Int], _ context: ExecutionContext) {
            self.source = source
            self.counts = counts
            let wanted = context.settings.batchRowCount
            // Nothing is as wide as a row here, so batches may be long; small ones are asked for by tests.
            chunk = wanted < Batch.defaultRowCount ? wanted : ConstantLanes.limit
        }

        func next() throws -> Batch? {
            while left == 0 {
                guard let number = source.queue.pull() else { return nil }
                morsel = number
                left = counts[number]
                constants = Reader.vectors(source.morsels[number].constants, source.plan)
            }
            let count = min(left, chunk)
            left -= count
            return Batch(
                columns: constants.prefix(source.plan.outputCount).compactMap { $0?.repeated(count) }, rowCount: count)
        }
    }
}

extension Vector {
    /// A constant's value for another number of rows.
    func repeated(_ count: Int) -> Vector {
        if self.count == count { return self }
        return Vector(
            type: type, encoding: .constant, count: count, values: values, validity: validity, children: children,
            owners: owners)
    }
}
