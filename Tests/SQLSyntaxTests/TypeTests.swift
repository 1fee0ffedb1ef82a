import SQLSyntax
import SQLTypes
import Testing

@Suite struct TypeTests {
    @Test(arguments: [
        ("struct<a:int,b:array<string>>", "row(a integer, b array(varchar))"),
        ("map<string,decimal(10,2)>", "map(varchar, decimal(10,2))"),
        ("DECIMAL", "decimal(10,0)"), ("float", "real"), ("binary", "varbinary"), ("timestamp", "timestamp(3)"),
        ("varchar(5)", "varchar(5)"), ("char(3)", "char(3)"),
        ("struct< `a b` : int , Ts : TIMESTAMP >", "row(a b integer, ts timestamp(3))"),
        ("struct<a:struct<b:struct<c:map<int,array<date>>>>>", "row(a row(b row(c map(integer, array(date)))))"),
    ])
    func hiveText(_ text: String, _ name: String) throws {
        let type = try HiveTypeParser.parse(text)
        #expect(type.displayName == name)
        #expect(try HiveTypeParser.parse(type.hiveName) == type)
    }

    @Test(arguments: [
        "boolean", "bigint", "decimal(38,5)", "varchar", "varchar(10)", "char(1)", "timestamp(6) with time zone",
        "time(3)", "time(9) with time zone", "timestamp(3)", "array(row(a integer, b varchar(10)))",
        "map(varchar, array(double))", "row(a integer, bigint, double, c timestamp(3) with time zone)", "json", "uuid",
        "interval year to month", "interval day to second", "HyperLogLog", "qdigest(bigint)",
        "function(integer,boolean)",
    ])
    func trinoText(_ text: String) throws {
        #expect(try TrinoTypeParser.parse(text).displayName == text)
    }

    @Test func trinoSpellings() throws {
        #expect(try TrinoTypeParser.parse("ARRAY<INT>") == .array(.integer))
        #expect(try TrinoTypeParser.parse("integer array array[3]") == .array(.array(.integer)))
        #expect(try TrinoTypeParser.parse("double precision") == .double)
        #expect(
            try TrinoTypeParser.parse("row(double precision, x double precision)")
                == .row([RowField(name: nil, type: .double), RowField(name: "x", type: .double)]))
        #expect(try TrinoTypeParser.parse("decimal(5)") == .decimal(precision: 5, scale: 0))
    }

    @Test(arguments: [
        "strin", "array<int", "struct<a int>", "map<int>", "decimal(39)", "decimal(2,3)", "array<array<>>", "int int",
        "varchar(0)", "uniontype<int>", "", "struct<>",
    ])
    func badHiveText(_ text: String) {
        #expect(throws: QueryError.self) { try HiveTypeParser.parse(text) }
    }

    @Test func deepTypesAreRefused() {
        let text = String(repeating: "array<", count: 10_000) + "int" + String(repeating: ">", count: 10_000)
        #expect(throws: QueryError.self) { try HiveTypeParser.parse(text) }
        #expect(throws: QueryError.self) { try TrinoTypeParser.parse(text) }
    }

    @Test func typeNamesResolve() throws {
        #expect(
            try Parser.parseType("ROW(x INTEGER, y ARRAY(varchar))").resolve(in: .trino)
                == TrinoTypeParser.parse("row(x integer, y array(varchar))"))
        #expect(
            try Parser.parseType("struct<a:int,b:string>", dialect: .hive).resolve(in: .hive)
                == HiveTypeParser.parse("struct<a:int,b:string>"))
        #expect(throws: QueryError.self) { try Parser.parseType("string").resolve(in: .trino) }
        #expect(throws: QueryError.self) { try Parser.parseType("timestamp(13)").resolve(in: .trino) }
    }
}
