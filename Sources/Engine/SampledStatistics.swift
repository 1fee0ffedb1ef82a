import Columnar
import Planning
import SQLTypes
import Storage

/// Estimates of a column's distinct values and nulls from a few thousand rows, for formats without statistics.
///
/// Rows are read at up to three places far apart. How many values two places have in common tells how many there
/// are in all (as in capture and recapture): few in common, many values; the same ones everywhere, no others.
struct SampledStatistics {
    /// Rows that are looked at in each place.
    private static let rowsPerPlace = 2_048
    private static let placeCount = 3
    /// Batches from a file's first place to its second one.
    private static let gap = 4
    /// Columns that are looked at in a wide table.
    private static let maxColumns = 64

    let format: any FileFormat
    let description: StorageDescription
    private let columns: [RequestedColumn]
    private let context: ScanContext

    init(format: any FileFormat, description: StorageDescription, context: ScanContext) {
        self.format = format
        self.description = description
        columns = Array(
            description.columns.enumerated().filter { !$1.type.isNested }.prefix(Self.maxColumns).map { index, column in
                RequestedColumn(name: column.name, type: column.type, ordinal: index)
            })
        // What is read here is not what the query reads, and a value that cannot be read is no reason to fail.
        var options = context.options
        options.badData = .null
        self.context = ScanContext(
            fileSystem: context.fileSystem, cancellation: context.cancellation, footers: context.footers,
            options: options)
    }

    /// Facts by lower-case column name for a table of `rowCount` rows in `files`; empty when no row could be read.
    func columns(of files: [FileEntry], rowCount: Double) throws -> [String: ColumnStatistics] {
        guard !columns.isEmpty else { return [:] }
        var samples: [[Set<UInt64>]] = []
        var nullCounts = [Int](repeating: 0, count: columns.count)
        var sampledRows = 0
        // The first split of a file: to find where records begin in others may take reading up to there.
        let places = try Self.spread(files, Self.placeCount).compactMap { file in
            try format.splits(of: file, description, context).first
        }
        for place in places {
            for batch in try read(place, isOnly: places.count == 1) {
                sampledRows += batch.rowCount
                var sets: [Set<UInt64>] = []
                for (index, column) in batch.columns.enumerated() {
                    nullCounts[index] += Self.nullCount(column)
                    sets.append(Self.hashes(column))
                }
                samples.append(sets)
            }
        }
        guard sampledRows > 0 else { return [:] }
        var facts: [String: ColumnStatistics] = [:]
        let factor = max(1, rowCount / Double(sampledRows))
        for (index, column) in columns.enumerated() {
            let distinct = Self.distinctCount(samples.map { $0[index] }, factor: factor)
            facts[column.name.lowercased()] = ColumnStatistics(
                nullCount: Double(nullCounts[index]) * factor, distinctCount: distinct)
        }
        return facts
    }

    /// Distinct values in all, from those of each place; `factor` is the table's rows over the sampled ones.
    static func distinctCount(_ places: [Set<UInt64>], factor: Double) -> Double {
        let found = Double(places.reduce(into: Set<UInt64>()) { $0.formUnion($1) }.count)
        var pairs = 0.0
        var common = 0.0
        for (index, place) in places.enumerated() {
            for other in places[(index + 1)...] {
                pairs += Double(place.count) * Double(other.count)
                common += Double(place.intersection(other).count)
            }
        }
        let most = found * factor
        return max(found, min(common > 0 ? pairs / common : most, most))
    }

    /// Rows of one place. The only one gives two parts, some way apart where it is long enough.
    private func read(_ place: Split, isOnly: Bool) throws -> [Batch] {
        let reader = try format.open(
            place, ScanRequest(columns: columns, batchRowCount: Self.rowsPerPlace), context)
        guard let first = try reader.next() else { return [] }
        if !isOnly { return [first] }
        var later: Batch?
        for _ in 1..<Self.gap {
            guard let next = try reader.next() else { break }
            later = next
        }
        if let later { return [first, later] }
        let middle = first.rowCount / 2
        return [0..<middle, middle..<first.rowCount].map { range in
            Batch(
                columns: first.columns.map { $0.slice(offset: range.lowerBound, count: range.count) },
                rowCount: range.count)
        }
    }

    /// Up to `count` of the items, evenly spread, with the first and the last.
    private static func spread<Item>(_ items: [Item], _ count: Int) -> [Item] {
        if items.count <= count { return items }
        return (0..<count).map { items[$0 * (items.count - 1) / (count - 1)] }
    }

    private static func hashes(_ column: Vector) -> Set<UInt64> {
        let buffer = Buffer(byteCount: max(column.count, 1) * 8)
        let lanes = buffer.pointer.assumingMemoryBound(to: UInt64.self)
        return withExtendedLifetime((buffer, column)) {
            Hashing.hash([column], Rows(count: column.count), into: lanes)
            var found: Set<UInt64> = []
            for row in 0..<column.count where !column.isNull(row) { found.insert(lanes[row]) }
            return found
        }
    }

    private static func nullCount(_ column: Vector) -> Int {
        (0..<column.count).reduce(0) { $0 + (column.isNull($1) ? 1 : 0) }
    }
}
