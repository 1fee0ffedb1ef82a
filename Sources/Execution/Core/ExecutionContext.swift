import Columnar
import Functions
import SQLTypes
import Storage

/// What all operators of one running query share.
public final class ExecutionContext: Sendable {
    public let settings: ExecutionSettings
    public let evaluation: EvaluationContext
    public let scan: ScanContext
    public let formats: any FormatProvider
    /// Turns a table's location into a folder.
    public let locations: LocationResolver
    public let pool: WorkerPool
    public let memory: MemoryBudget

    public init(
        settings: ExecutionSettings = ExecutionSettings(), evaluation: EvaluationContext, scan: ScanContext,
        formats: any FormatProvider, locations: LocationResolver = LocationResolver(s3Root: nil, workingDirectory: "/"),
        pool: WorkerPool, memory: MemoryBudget? = nil
    ) {
        self.settings = settings
        self.evaluation = evaluation
        self.scan = scan
        self.formats = formats
        self.locations = locations
        self.pool = pool
        self.memory = memory ?? MemoryBudget(limit: settings.memoryLimit)
    }

    public var cancellation: Cancellation { evaluation.cancellation }
}

/// Session properties that execution looks at.
public struct ExecutionSettings: Sendable {
    /// Workers of a query.
    public var threads: Int
    /// Rows a batch holds at most (`batch_rows`).
    public var batchRowCount: Int
    /// Bytes (`memory_limit`).
    public var memoryLimit: Int
    /// Rows and time are counted per operator (EXPLAIN ANALYZE).
    public var collectsMetrics: Bool
    /// The folder of spill files; nil: states that outgrow the memory limit are an error.
    public var spillFolder: String?

    public init(
        threads: Int = 1, batchRowCount: Int = Batch.defaultRowCount, memoryLimit: Int = Int.max,
        collectsMetrics: Bool = false, spillFolder: String? = nil
    ) {
        self.threads = max(threads, 1)
        self.batchRowCount = max(batchRowCount, 1)
        self.memoryLimit = memoryLimit
        self.collectsMetrics = collectsMetrics
        self.spillFolder = spillFolder
    }
}

/// Finds the format of a table's files; the engine knows them all.
public protocol FormatProvider: Sendable {
    /// - Throws: HIVE_UNSUPPORTED_FORMAT when no format reads this SerDe.
    func format(serde: String, inputFormat: String) throws -> any FileFormat
}
