import Parquet
import SQLTypes
import Storage
import Testing

/// Values of real files against another reader's.
@Suite struct ParquetValueTests {
    @Test(arguments: try ParquetFixture.names(ending: ".jsonl"), [2048, 7])
    func valuesAreThoseOfPyArrow(_ expected: String, _ batchRowCount: Int) throws {
        let name = expected.dropLast(".jsonl".count) + ".parquet"
        let lines = try ParquetFixture.lines(expected)
        let rows = try ParquetFixture(String(name)).rows(batchRowCount: batchRowCount)
        #expect(rows.count >= lines.count)
        for (row, line) in zip(rows, lines) where ParquetFixture.text(row) != line {
            Issue.record("\(name): \(ParquetFixture.text(row)) is not \(line)")
            break
        }
    }

    @Test(arguments: try ParquetFixture.names(ending: ".parquet", in: "/bad"))
    func damagedFilesGiveAnErrorThatNamesThem(_ name: String) throws {
        do {
            _ = try ParquetFixture("bad/" + name).rows()
        } catch let error as QueryError {
            #expect(error.code == .hiveBadData)
            #expect(error.location?.file.hasSuffix(name) == true)
        }
    }

    @Test func encryptedFilesAreRefused() throws {
        for name in ["encrypt_columns_and_footer", "encrypt_columns_plaintext_footer"] {
            let error = #expect(throws: QueryError.self) { try ParquetFixture("bad/\(name).parquet").rows() }
            #expect(error?.message.contains("Encrypted") == true)
        }
    }

    @Test(arguments: ["datapage_v1-corrupt-checksum", "rle-dict-uncompressed-corrupt-checksum"])
    func wrongChecksumsAreRefusedWhenAsked(_ name: String) throws {
        let trusting = try ParquetFixture(name + ".parquet")
        #expect(try trusting.rows().count > 0)
        let careful = try ParquetFixture(name + ".parquet", options: ScanOptions(verifiesChecksums: true))
        let error = #expect(throws: QueryError.self) { try careful.rows() }
        #expect(error?.message == "Page checksum does not match")
        #expect(error?.location?.rowGroup == 0)
    }

    @Test(arguments: [
        "datapage_v1-uncompressed-checksum", "plain-dict-uncompressed-checksum", "rle-dict-snappy-checksum",
    ])
    func rightChecksumsAreAccepted(_ name: String) throws {
        #expect(
            try ParquetFixture(name + ".parquet", options: ScanOptions(verifiesChecksums: true)).rows().count > 0)
    }
}

/// The table's types over the file's.
@Suite struct ParquetTypeTests {
    @Test func columnsAreFoundByNameInAnyCaseAndOrder() throws {
        let file = try ParquetFixture("alltypes_plain.parquet")
        let rows = try file.rows([
            RequestedColumn(name: "DOUBLE_COL", type: .double, ordinal: 0),
            RequestedColumn(name: "absent", type: .varcharUnbounded, ordinal: 1),
            RequestedColumn(name: "Id", type: .integer, ordinal: 2),
        ])
        #expect(rows.first == [.double(0), .null, .int(4)])
        #expect(rows.count == 8)
    }

    @Test func integersWiden() throws {
        let file = try ParquetFixture("alltypes_plain.parquet")
        let rows = try file.rows([
            file.column("id", as: .bigint), file.column("tinyint_col", as: .tinyint),
            file.column("float_col", as: .double), file.column("int_col", as: .decimal(precision: 12, scale: 2)),
        ])
        #expect(rows[1] == [.int(5), .int(1), .double(Double(Float(1.1))), .int(100)])
    }

    @Test func incompatibleTypesAreNamedAsAthenaDoes() throws {
        let file = try ParquetFixture("alltypes_plain.parquet")
        let error = #expect(throws: QueryError.self) {
            try file.rows([file.column("bigint_col", as: .varcharUnbounded)])
        }
        #expect(
            error?.message
                == "Field bigint_col's type INT64 in parquet is incompatible with type string defined in table schema")
        #expect(error?.code == .hiveBadData)
        #expect(throws: QueryError.self) { try file.rows([file.column("bigint_col", as: .integer)]) }
        #expect(throws: QueryError.self) { try file.rows([file.column("double_col", as: .real)]) }
        #expect(throws: QueryError.self) { try file.rows([file.column("string_col", as: .integer)]) }
    }

    @Test func textIsCutToTheDeclaredLength() throws {
        let file = try ParquetFixture("pruning-v1.parquet")
        let rows = try file.rows([
            file.column("word", as: .varchar(length: 3)), file.column("word", as: .char(length: 6)),
            file.column("word", as: .varbinary),
        ])
        let long = try #require(rows.first { $0[2] == .string("gamma delta epsilon zeta") })
        #expect(long[0] == .string("gam"))
        #expect(long[1] == .string("gamma"))
    }

    @Test func decimalsRescaleWithinTheirPrecision() throws {
        let file = try ParquetFixture("pruning-v1.parquet")
        let wide = try file.rows([file.column("price", as: .decimal(precision: 38, scale: 4)), file.column("price")])
        #expect(
            wide.allSatisfy { row in
                guard case .int128(let wide) = row[0], case .int(let own) = row[1] else { return false }
                return wide == Int128(own) * 100
            })
        #expect(throws: QueryError.self) { try file.rows([file.column("price", as: .decimal(precision: 2, scale: 2))]) }
    }

    @Test func timestampsRoundHalfUpToTheirPrecision() throws {
        let file = try ParquetFixture("pruning-v1.parquet")
        let rows = try file.rows([
            file.column("moment", as: .timestamp(precision: 3)), file.column("moment", as: .timestamp(precision: 6)),
            file.column("moment", as: .timestamp(precision: 0)), file.column("moment", as: .timestamp(precision: 9)),
        ])
        for row in rows {
            guard case .int(let millis) = row[0], case .int(let micros) = row[1], case .int(let seconds) = row[2],
                case .int128(let picos) = row[3]
            else {
                Issue.record("not a timestamp")
                return
            }
            #expect(millis == (micros + 500) / 1000 * 1000)
            #expect(seconds == (micros + 500_000) / 1_000_000 * 1_000_000)
            #expect(picos == Int128(micros) * 1_000_000)
        }
    }

    @Test func onlyWantedFieldsOfStructsAreRead() throws {
        let file = try ParquetFixture("pruning-v1.parquet")
        var wanted = file.column("record")
        wanted.fields = [["b"]]
        let all = try file.rows([file.column("record")])
        let some = try file.rows([wanted])
        for (whole, part) in zip(all, some) {
            guard case .row(let fields) = whole[0] else {
                #expect(part[0] == .null)
                continue
            }
            #expect(part[0] == .row([.null, fields[1]]))
        }
    }

    @Test func schemasMapToTableTypes() throws {
        let file = try ParquetFixture("nested_maps.snappy.parquet")
        #expect(file.schema.first?.type == .map(key: .varcharUnbounded, value: .map(key: .integer, value: .boolean)))
        let plain = try ParquetFixture("alltypes_plain.parquet", options: ScanOptions())
        #expect(plain.schema.last?.type == .timestamp(precision: 3))
    }
}
