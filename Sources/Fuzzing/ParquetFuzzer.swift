import Columnar
import Parquet
import SQLTypes
import Storage
import StorageTestSupport

/// Damages Parquet files in memory and reads them: schema, summary, all columns, and once more with a filter that
/// prunes by metadata.
struct ParquetFuzzer: Fuzzer {
    private let seeds: [[UInt8]]

    /// More batches of one split are not read.
    private static let batchLimit = 2_000

    init(corpus: String) throws {
        seeds = try Corpus.files(corpus, ending: ".parquet")
        if seeds.isEmpty { throw FuzzFailure("no Parquet files below \(corpus)") }
    }

    func makeCase(_ random: inout Seeded) -> FuzzCase {
        let bytes = Self.damaged(random.pick(seeds), &random)
        let options = ScanOptions(
            badData: random.pick([.fail, .null, .skip]), timestampPrecision: random.pick([3, 6, 9]),
            verifiesChecksums: random.chance(20))
        let batchRowCount = random.pick([7, 200, 2048])
        return FuzzCase(ending: "parquet", bytes: bytes, notes: ["\(options), batches of \(batchRowCount)"]) {
            try Self.run(bytes, options, batchRowCount)
            return true
        }
    }

    private static func damaged(_ bytes: [UInt8], _ random: inout Seeded) -> [UInt8] {
        var result = bytes
        let footerLength = result.count >= 8 ? Int(result[result.count - 8]) | Int(result[result.count - 7]) << 8 : 0
        for _ in 0...random.below(4) where result.count > 12 {
            // Half of the damage goes to the footer.
            var position = random.below(result.count)
            if random.chance(50), footerLength > 0, footerLength < result.count - 8 {
                position = result.count - 8 - footerLength + random.below(footerLength)
            }
            switch random.below(10) {
            case 0...3: result[position] ^= 1 << UInt8(random.below(8))
            case 4, 5: result[position] = random.byte()
            case 6: result[position] = random.pick([0, 1, 0x7f, 0x80, 0xff])
            case 7:
                let from = random.below(result.count)
                for index in 0..<random.below(16)
                where position + index < result.count && from + index < result.count {
                    result[position + index] = result[from + index]
                }
            case 8: result.remove(at: position)
            default: result.insert(random.byte(), at: position)
            }
        }
        if random.chance(5) { result.removeLast(random.below(result.count)) }
        return result
    }

    private static func run(_ bytes: [UInt8], _ options: ScanOptions, _ batchRowCount: Int) throws {
        let system = MemoryFileSystem(["case.parquet": bytes])
        let entry = system.entry("case.parquet")
        let format = ParquetFormat()
        let description = StorageDescription(serde: "", properties: [:], columns: [])
        let context = ScanContext(fileSystem: system, options: options)
        _ = try format.summary(of: entry, description, context)
        guard let schema = try format.schema(of: entry, context) else { return }
        var columns = schema.enumerated().map { index, column in
            RequestedColumn(name: column.name, type: column.type, ordinal: index)
        }
        var request = ScanRequest(columns: columns, batchRowCount: batchRowCount)
        try read(request, format, entry, description, context)
        guard let first = columns.firstIndex(where: { $0.type == .bigint || $0.type == .integer }) else { return }
        columns.swapAt(0, first)
        request.columns = columns
        request.filters = [AboveThree(columns[0].type)]
        try read(request, format, entry, description, context)
    }

    private static func read(
        _ request: ScanRequest, _ format: ParquetFormat, _ entry: FileEntry, _ description: StorageDescription,
        _ context: ScanContext
    ) throws {
        for split in try format.splits(of: entry, description, context) {
            let reader = try format.open(split, request, context)
            var batches = 0
            while let batch = try reader.next() {
                batches += 1
                if batches > batchLimit { return }
                // Looking at every value finds views that point nowhere.
                batch.rows.forEach { row in for column in batch.columns { _ = column.value(at: row) } }
            }
        }
    }
}

/// `column > 3` over the first requested column.
final class AboveThree: ScanFilter, ScanFilterEvaluator {
    let columns = [0]
    private let type: DataType
    init(_ type: DataType) { self.type = type }
    var cannotRaise: Bool { true }
    func domain(of column: Int) -> Domain { .comparison(.greater, .int(3), type: type) }
    func makeEvaluator() -> any ScanFilterEvaluator { self }
    func select(_ vectors: [Vector], _ rows: Rows) -> Selection {
        var passing: [Int] = []
        rows.forEach { row in
            if case .int(let number) = vectors[0].value(at: row), number > 3 { passing.append(row) }
        }
        return Selection(passing)
    }
}
