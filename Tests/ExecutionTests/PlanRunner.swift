import Columnar
import Execution
import Expressions
import Functions
import Planning
import SQLTypes
import Storage
import Synchronization

/// Runs logical plans over literal rows and gives the result as values.
struct PlanRunner {
    var threads = 1
    var batchRowCount = 2048
    var memoryLimit = Int.max

    private struct NoFormats: FormatProvider {
        func format(serde: String, inputFormat: String) throws -> any FileFormat {
            throw QueryError(.hiveUnsupportedFormat, "No formats here")
        }
    }

    private final class Collector: ResultConsumer {
        let rows = Mutex<[[Value]]>([])

        func take(_ batch: Batch) throws -> PushResult {
            let made = batch.compacted()
            rows.withLock { rows in
                for row in 0..<made.rowCount { rows.append(made.columns.map { $0.value(at: row) }) }
            }
            return .needsMore
        }
    }

    func run(_ plan: LogicalPlan, _ outputs: [ColumnReference]) throws -> [[Value]] {
        let context = ExecutionContext(
            settings: ExecutionSettings(threads: threads, batchRowCount: batchRowCount, memoryLimit: memoryLimit),
            evaluation: EvaluationContext(startMicroseconds: 0), scan: ScanContext(fileSystem: PosixFileSystem()),
            formats: NoFormats(), pool: WorkerPool(threads: threads))
        let collector = Collector()
        let query = QueryPlan(plan: plan, outputs: outputs.map { QueryPlan.Output(name: $0.name, column: $0) })
        try PhysicalPlanner(context).plan(query, into: collector).run()
        return collector.rows.withLock { $0 }
    }
}

/// A literal table: columns of types, rows of values.
struct LiteralTable {
    var columns: [ColumnReference]
    var rows: [[Value]]

    var plan: LogicalPlan {
        .values(
            columns: columns,
            rows: rows.map { row in zip(row, columns).map { .constant($0, $1.type) } })
    }
}

/// Random numbers from a seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// A value of `type` out of about `variety` different ones, sometimes NULL.
    mutating func value(_ type: DataType, variety: Int, nulls: Double = 0.15) -> Value {
        if Double.random(in: 0..<1, using: &self) < nulls { return .null }
        let number = Int.random(in: 0..<variety, using: &self)
        switch type {
        case .boolean: return .boolean(number % 2 == 0)
        case .tinyint, .smallint, .integer, .date: return .int(Int64(number) - 3)
        case .bigint: return .int(Int64(number) &* 0x1234_5678_9abc_def1)
        case .double: return .double([0, -0.0, Double.nan, 1.5, -2.5, 1e300, -1e-300][number % 7])
        case .varchar:
            return .string(
                ["", "a", "b", "exactly 12 b", "longer than twelve bytes", "longer than twelve bytez"][number % 6]
                    + (number >= 6 ? "\(number)" : ""))
        case .decimal: return .int128(Int128(number) << 70)
        case .timestampWithTimeZone: return .int128(Int128(number % 3) << 16 | Int128(number % 5))
        case .array(let element):
            return .array((0..<number % 3).map { _ in value(element, variety: 2, nulls: 0) })
        case .row(let fields): return .row(fields.map { value($0.type, variety: variety, nulls: 0) })
        default: return .int(Int64(number))
        }
    }
}

extension Value {
    /// Equality of GROUP BY; `ofJoin`: of `=`, where NaN equals nothing.
    func isSame(_ other: Value, _ type: DataType, ofJoin: Bool) -> Bool {
        switch (self, other) {
        case (.double(let left), .double(let right)): left == right || (!ofJoin && left.isNaN && right.isNaN)
        case (.int128(let left), .int128(let right)):
            if case .timestampWithTimeZone = type { left >> 16 == right >> 16 } else { left == right }
        default: self == other
        }
    }
}

/// Rows in an order of their own, for comparing sets of rows.
func sorted(_ rows: [[Value]]) -> [String] { rows.map { "\($0)" }.sorted() }
