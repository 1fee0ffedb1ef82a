import Columnar
import Parquet
import SQLTypes
import Storage
import Testing

/// What pruning, late reading, splits and summaries must not change.
@Suite struct ParquetScanTests {
    static let files = ["pruning-v1.parquet", "pruning-v2.parquet", "alltypes_plain.parquet", "sort_columns.parquet"]
    static let comparisons: [DomainComparison] = [.equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual]

    @Test(arguments: files, [2048, 64])
    func filteredRowsAreThoseThatPass(_ name: String, _ batchRowCount: Int) throws {
        let file = try ParquetFixture(name, options: ScanOptions(timestampPrecision: 6))
        // The filter's column, one that tells rows apart, and a nested one.
        let others = [file.schema[0].name] + file.schema.filter(\.type.isNested).map(\.name).suffix(1)
        for column in file.schema where column.type.isOrderable && !column.type.isNested {
            let columns = [file.column(column.name)] + others.map { file.column($0) }
            let everything = try file.rows(columns)
            let seen = everything.map { $0[0] }.filter { !$0.isNull }
            let values = [seen.first, seen.last, seen.isEmpty ? nil : seen[seen.count / 2]].compactMap { $0 }
            for (turn, comparison) in Self.comparisons.enumerated() where !values.isEmpty {
                let value = values[turn % values.count]
                let filter = ComparisonFilter(0, column.type, comparison, value, prunes: turn % 3 != 2)
                let rows = try file.rows(columns, filters: [filter], batchRowCount: batchRowCount)
                let expected = everything.filter { filter.passes($0[0]) }
                #expect(Self.areSame(rows, expected), "\(name) \(column.name) \(comparison) \(value)")
            }
        }
    }

    /// Equality that holds for NaN.
    static func areSame(_ left: [[Value]], _ right: [[Value]]) -> Bool {
        left.count == right.count
            && zip(left, right).allSatisfy { $0 == $1 || ParquetFixture.text($0) == ParquetFixture.text($1) }
    }

    @Test func severalFiltersAllHold() throws {
        let file = try ParquetFixture("pruning-v1.parquet")
        let everything = try file.rows()
        let filters = [
            ComparisonFilter(0, .bigint, .less, .int(1000)),
            ComparisonFilter(1, .integer, .greater, .int(10), cannotRaise: false),
            ComparisonFilter(2, .varcharUnbounded, .notEqual, .string("beta")),
        ]
        let expected = everything.filter { row in filters.allSatisfy { $0.passes(row[$0.columns[0]]) } }
        for size in [2048, 100, 3] {
            #expect(Self.areSame(try file.rows(filters: filters, batchRowCount: size), expected))
        }
    }

    @Test(arguments: files)
    func anyRangeOfRowsCanBeRead(_ name: String) throws {
        let file = try ParquetFixture(name)
        let everything = try file.rows()
        let count = everything.count
        for range in [0..<count, count / 3..<count / 2, 1..<count, count - 1..<count, 0..<1, 5..<5] {
            let rows = try file.rows(file.split(range), file.allColumns)
            #expect(Self.areSame(rows, Array(everything[range])), "\(name) \(range)")
        }
    }

    @Test func splitsCoverEveryRowOnce() throws {
        let file = try ParquetFixture("pruning-v1.parquet")
        let splits = try ParquetFormat().splits(of: file.entry, ParquetFixture.description, file.context)
        var next = 0
        for split in splits {
            #expect(split.range.lowerBound == next)
            #expect(split.rowCount == split.range.count)
            next = split.range.upperBound
        }
        #expect(next == 1500)
    }

    @Test func metadataPrunesRowGroupsAndPages() throws {
        let file = try ParquetFixture("pruning-v1.parquet")
        _ = try file.rows(filters: [ComparisonFilter(0, .bigint, .equal, .int(800))])
        #expect(file.context.metrics.rowGroupsPruned.value == 2)
        #expect(file.context.metrics.pagesPruned.value > 0)
        #expect(file.context.metrics.rowsRead.value < 600)
    }

    @Test func bloomFiltersRuleOutRowGroups() throws {
        let file = try ParquetFixture("pruning-v2.parquet")
        // Within the bounds of a row group, but not among its values.
        let filter = ComparisonFilter(3, .varcharUnbounded, .equal, .string("u801_not"))
        #expect(try file.rows(filters: [filter]).isEmpty)
        #expect(file.context.metrics.rowGroupsPruned.value == 3)
    }

    @Test func countingReadsOnlyTheFooter() throws {
        let file = try ParquetFixture("pruning-v1.parquet")
        let before = file.context.metrics.bytesRead.value
        #expect(try file.rows([]).count == 1500)
        // The footer again at most: a file written just now is not kept.
        #expect(file.context.metrics.bytesRead.value - before <= 3 * 65_536)
    }

    @Test func dictionariesAreSharedInARowGroup() throws {
        let file = try ParquetFixture("pruning-v1.parquet")
        let request = ScanRequest(columns: [file.column("word")], batchRowCount: 100)
        let reader = try ParquetFormat().open(file.split(0..<600), request, file.context)
        var dictionaries: [Vector] = []
        while let batch = try reader.next() {
            let dictionary = try #require(batch.columns[0].dictionary)
            if !dictionaries.contains(where: { $0 === dictionary }) { dictionaries.append(dictionary) }
        }
        #expect(dictionaries.count == 1)
        #expect(dictionaries[0].count == 4)
    }

    @Test func summariesAreExactWhereTheySay() throws {
        let file = try ParquetFixture("pruning-v1.parquet", options: ScanOptions(timestampPrecision: 3))
        let summary = try #require(
            try ParquetFormat().summary(of: file.entry, ParquetFixture.description, file.context))
        #expect(summary.rowCount == 1500)
        let ids = try file.rows([file.column("id")]).map { $0[0] }
        let id = try #require(summary.columns["id"])
        #expect(id.boundsAreExact)
        #expect(id.minimum == ids.first && id.maximum == ids.last)
        #expect(id.nullCount == 0)
        #expect(summary.columns["number"]?.boundsAreExact == false)
        // Rounded to milliseconds.
        #expect(summary.columns["moment"]?.boundsAreExact == false)
        #expect(summary.columns["list"] == nil)
        let nulls = try file.rows([file.column("small")]).filter { $0[0].isNull }.count
        #expect(summary.columns["small"]?.nullCount == nulls)
        #expect(summary.columns["word"]?.distinctCount == 4)
    }
}
