import Parquet
import SQLTypes
import Storage
import Testing

/// `bad_data` over values that the table's type cannot hold. The file's own values say what must come out.
@Suite struct ParquetBadDataTests {
    private static func file(_ badData: ScanOptions.BadData) throws -> ParquetFixture {
        try ParquetFixture("out-of-range.parquet", options: ScanOptions(badData: badData))
    }

    /// A column's name, the narrow type it is read as, and whether a value fits it.
    struct Narrow: Sendable {
        var name: String
        var type: DataType
        var fits: @Sendable (Value) -> Bool
    }

    private static func isByte(_ value: Value) -> Bool {
        if case .int(let number) = value { (-128...127).contains(number) } else { true }
    }

    static let columns = [
        Narrow(name: "coded", type: .tinyint, fits: isByte), Narrow(name: "plain", type: .tinyint, fits: isByte),
        Narrow(name: "list", type: .array(.tinyint)) { value in
            if case .array(let elements) = value { elements.allSatisfy(isByte) } else { true }
        },
        Narrow(
            name: "record",
            type: .row([RowField(name: "a", type: .tinyint), RowField(name: "b", type: .varcharUnbounded)])
        ) {
            value in
            if case .row(let fields) = value { isByte(fields[0]) } else { true }
        },
    ]

    private static func own(_ column: Narrow) throws -> [Value] {
        let file = try file(.fail)
        return try file.rows([file.column(column.name)]).map { $0[0] }
    }

    @Test(arguments: 0..<4, [2048, 7])
    func valuesBecomeNull(_ index: Int, _ batchRowCount: Int) throws {
        let column = Self.columns[index]
        let file = try Self.file(.null)
        let rows = try file.rows([file.column(column.name, as: column.type)], batchRowCount: batchRowCount)
        let expected = try Self.own(column).map { column.fits($0) ? $0 : .null }
        #expect(rows.map { $0[0] } == expected)
        #expect(file.context.metrics.badValues.value == (try Self.own(column).count { !column.fits($0) }))
    }

    @Test(arguments: 0..<4, [2048, 7])
    func rowsAreSkipped(_ index: Int, _ batchRowCount: Int) throws {
        let column = Self.columns[index]
        let file = try Self.file(.skip)
        let rows = try file.rows(
            [file.column(column.name, as: column.type), file.column("id")], batchRowCount: batchRowCount)
        let own = try Self.own(column)
        let kept = own.indices.filter { column.fits(own[$0]) }
        #expect(rows.map { $0[1] } == kept.map { .int(Int64($0)) })
        #expect(rows.map { $0[0] } == kept.map { own[$0] })
    }

    @Test(arguments: 0..<4)
    func valuesFailTheQueryOtherwise(_ index: Int) throws {
        let column = Self.columns[index]
        let file = try Self.file(.fail)
        let error = #expect(throws: QueryError.self) { try file.rows([file.column(column.name, as: column.type)]) }
        #expect(error?.code == .hiveBadData)
        #expect(error?.message.contains("out of range") == true)
        #expect(error?.location?.column?.hasPrefix(column.name) == true)
    }

    /// Errors belong to rows: rows that no filter lets through raise none, and NULLs meet filters as NULL.
    @Test(arguments: [ScanOptions.BadData.fail, .null, .skip])
    func filteredRowsDoNotCount(_ badData: ScanOptions.BadData) throws {
        let column = Self.columns[0]
        let own = try Self.own(column)
        let file = try Self.file(badData)
        let columns = [file.column("coded", as: .tinyint), file.column("id")]
        let filter = ComparisonFilter(0, .tinyint, .greater, .int(2))
        let rows = try file.rows(columns, filters: [filter])
        let expected = own.indices.filter { index in
            if case .int(let number) = own[index] { number > 2 && number <= 127 } else { false }
        }
        #expect(rows.map { $0[1] } == expected.map { .int(Int64($0)) })
        // The same where the filter looks at another column and pages are read for few rows.
        let few = ComparisonFilter(1, .integer, .less, .int(5))
        let firstRows = try? file.rows(columns, filters: [few])
        switch badData {
        case .fail: #expect((firstRows == nil) == own[..<5].contains { !column.fits($0) })
        case .null: #expect(firstRows?.map { $0[0] } == own[..<5].map { column.fits($0) ? $0 : .null })
        case .skip: #expect(firstRows?.map { $0[0] } == own[..<5].filter(column.fits))
        }
    }

    @Test func unsignedNumbersBeyondBigint() throws {
        let file = try Self.file(.null)
        let rows = try file.rows([file.column("big", as: .bigint), file.column("id")])
        #expect(
            rows.allSatisfy { row in
                if case .int(let id) = row[1] { row[0] == (id % 7 == 0 ? .null : .int(id)) } else { false }
            })
        #expect(rows.count == 3000)
    }

    /// A column that cannot be read as declared at all is an error under every setting.
    @Test func columnsOfAnotherKindAreRefused() throws {
        let file = try Self.file(.null)
        #expect(throws: QueryError.self) { try file.rows([file.column("plain", as: .varcharUnbounded)]) }
    }
}
