import Columnar
import Glibc
import Parquet
import SQLTypes
import Storage
import Synchronization

/// Damages Parquet files in memory and reads them: every outcome but an answer or a `QueryError` ends the process.
///
/// `athena-lite-fuzz parquet --seed N --seconds N [--keep FILE] FILE...`; the case at hand is in FILE when it crashes.
struct ParquetFuzzer {
    var seed: UInt64
    var seconds: Int
    /// Where each case is written before it is tried.
    var keep: String?

    /// A case that takes longer is a failure.
    private static let slowSeconds = 20

    func run(_ files: [String]) throws {
        let system = PosixFileSystem()
        var seeds: [[UInt8]] = []
        for file in files {
            guard let entry = try system.stat(file), entry.byteCount < 1 << 20 else { continue }
            var bytes = [UInt8](repeating: 0, count: entry.byteCount)
            let source = try system.open(entry)
            _ = try bytes.withUnsafeMutableBytes { try source.read(at: 0, into: $0) }
            seeds.append(bytes)
        }
        guard !seeds.isEmpty else { return }
        var random = SplitMix(state: seed)
        let end = time(nil) + seconds
        var cases = 0
        var answers = 0
        while time(nil) < end {
            let chosen = seeds[Int(random.next() % UInt64(seeds.count))]
            let damaged = damage(chosen, &random)
            if let keep { write(damaged, to: keep) }
            let started = time(nil)
            if read(damaged) { answers += 1 }
            cases += 1
            if time(nil) - started > Self.slowSeconds {
                print("slow case \(cases) of seed \(seed): \(time(nil) - started) s")
                exit(1)
            }
        }
        print("parquet: seed \(seed), \(cases) cases, \(answers) of them readable")
    }

    private func damage(_ bytes: [UInt8], _ random: inout SplitMix) -> [UInt8] {
        var result = bytes
        let footerLength = result.count >= 8 ? Int(result[result.count - 8]) | Int(result[result.count - 7]) << 8 : 0
        for _ in 0...Int(random.next() % 4) where result.count > 12 {
            // Half of the damage goes to the footer.
            var position = Int(random.next() % UInt64(result.count))
            if random.next() & 1 == 0, footerLength > 0, footerLength < result.count - 8 {
                position = result.count - 8 - footerLength + Int(random.next() % UInt64(footerLength))
            }
            switch random.next() % 10 {
            case 0...3: result[position] ^= 1 << UInt8(random.next() & 7)
            case 4, 5: result[position] = UInt8(truncatingIfNeeded: random.next())
            case 6: result[position] = [0, 1, 0x7f, 0x80, 0xff][Int(random.next() % 5)]
            case 7:
                let count = Int(random.next() % 16)
                let from = Int(random.next() % UInt64(result.count))
                for index in 0..<count where position + index < result.count && from + index < result.count {
                    result[position + index] = result[from + index]
                }
            case 8: result.remove(at: position)
            default: result.insert(UInt8(truncatingIfNeeded: random.next()), at: position)
            }
        }
        if random.next() % 20 == 0 { result.removeLast(Int(random.next() % UInt64(result.count))) }
        return result
    }

    /// Whether the file was read to its end.
    private func read(_ bytes: [UInt8]) -> Bool {
        let system = MemoryFileSystem(bytes)
        let format = ParquetFormat()
        let description = StorageDescription(serde: "", properties: [:], columns: [])
        do {
            let context = ScanContext(fileSystem: system, options: ScanOptions(timestampPrecision: 9))
            _ = try format.summary(of: system.entry, description, context)
            guard let schema = try format.schema(of: system.entry, context) else { return false }
            var columns = schema.enumerated().map { index, column in
                RequestedColumn(name: column.name, type: column.type, ordinal: index)
            }
            try read(columns, [], format, system.entry, description, context)
            if let first = columns.firstIndex(where: { $0.type == .bigint || $0.type == .integer }) {
                columns.swapAt(0, first)
                let filter = AboveFilter(columns[0].type)
                try read(columns, [filter], format, system.entry, description, context)
            }
            return true
        } catch {
            return false
        }
    }

    private func read(
        _ columns: [RequestedColumn], _ filters: [any ScanFilter], _ format: ParquetFormat, _ entry: FileEntry,
        _ description: StorageDescription, _ context: ScanContext
    ) throws {
        let request = ScanRequest(columns: columns, filters: filters, batchRowCount: 200)
        for split in try format.splits(of: entry, description, context) {
            let reader = try format.open(split, request, context)
            var batches = 0
            while let batch = try reader.next() {
                batches += 1
                if batches > 2000 { return }
                // Looking at every value finds views that point nowhere.
                batch.rows.forEach { row in for column in batch.columns { _ = column.value(at: row) } }
            }
        }
    }

    private func write(_ bytes: [UInt8], to path: String) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        guard descriptor >= 0 else { return }
        _ = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        close(descriptor)
    }

    /// `column > 3`, pruning by metadata.
    private final class AboveFilter: ScanFilter, ScanFilterEvaluator {
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
}

/// One file that lies in memory.
struct MemoryFileSystem: FileSystem {
    private let file: MemoryFile
    var entry: FileEntry { file.entry }

    init(_ bytes: [UInt8]) { file = MemoryFile(bytes) }

    func open(_ entry: FileEntry) -> any ByteSource { file }
    func stat(_ path: String) -> FileEntry? { file.entry }
    func listFiles(_ folder: String, cancellation: Cancellation) -> [FileEntry] { [file.entry] }
    func listFolder(_ folder: String) -> [String] { [] }
}

final class MemoryFile: ByteSource {
    let entry: FileEntry
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        entry = FileEntry(path: "/memory", byteCount: bytes.count, inode: 1, modified: 0, changed: 0)
    }

    func read(at offset: Int, into target: UnsafeMutableRawBufferPointer) -> Int {
        guard offset < bytes.count else { return 0 }
        let count = min(target.count, bytes.count - offset)
        bytes.withUnsafeBytes { source in
            target.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[offset..<offset + count]))
        }
        return count
    }
}

/// A small generator of numbers from one seed.
struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
