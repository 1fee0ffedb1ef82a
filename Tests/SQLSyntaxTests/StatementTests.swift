import SQLSyntax
import SQLTypes
import Testing

/// Parses, prints, parses again; returns the printed text.
@discardableResult
func roundTrip(_ text: String) throws -> String {
    let statement = try Parser.parseStatement(text)
    let printed = SQLFormatter.format(statement)
    #expect(try Parser.parseStatement(printed) == statement, "\(text)\nprinted as \(printed)")
    return printed
}

func syntaxError(_ text: String) -> QueryError? {
    do {
        _ = try Parser.parseStatement(text)
        return nil
    } catch {
        return error
    }
}

/// Statements in the forms that clients send.
@Suite struct StatementTests {
    @Test(arguments: [
        "select 1;",
        "-- a header\n-- of two lines\nSELECT 1 -- no line end",
        "/* tag: 1 */ SELECT /* in */ 1 /* after */;",
        "CREATE TABLE t WITH(format='PARQUET', partitioned_by=ARRAY['d']) AS SELECT * FROM x",
        "update t set\"c\" = 1 where \"d\"=DATE'2020-01-01'",
        "SELECT CAST(a AS ARRAY<ROW(x INTEGER)>), CAST(b AS MAP<VARCHAR, ROW(y double precision)>)",
        "SELECT * FROM \"a\".\"b$partitions\" WHERE \"$path\" LIKE 's3://%'",
        "SELECT a, count(*) FROM t GROUP BY GROUPING SETS ((a), ()), ROLLUP (b, (c, d)), CUBE (e) HAVING count(*) > 1",
        "SELECT sum(x) FILTER (WHERE y > 0) OVER (PARTITION BY a ORDER BY b RANGE BETWEEN INTERVAL '1' DAY PRECEDING AND CURRENT ROW) FROM t",
        "SELECT lag(x, 1) IGNORE NULLS OVER w FROM t WINDOW w AS (PARTITION BY a ORDER BY b GROUPS UNBOUNDED PRECEDING)",
        "SELECT transform(a, x -> x + 1), reduce(a, 0, (s, x) -> s + x, s -> s), f(() -> 1)",
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10) SELECT * FROM n",
        "SELECT * FROM a LEFT JOIN b ON a.x = b.x NATURAL JOIN c CROSS JOIN UNNEST(d, e) WITH ORDINALITY AS t (p, q, r)",
        "SELECT * FROM t FOR TIMESTAMP AS OF TIMESTAMP '2020-01-01 00:00:00 UTC' TABLESAMPLE BERNOULLI (10)",
        "SELECT * FROM a JOIN b JOIN c ON b.x = c.x ON a.x = b.x",
        "SELECT * FROM TABLE(exclude_columns(input => TABLE(orders) PARTITION BY a KEEP WHEN EMPTY ORDER BY b, columns => DESCRIPTOR(c, d integer)))",
        "SELECT (a + b).*, r.* AS (x, y), f(1).g FROM t",
        "SELECT a limit, b offset FROM t limit 5",
        "SELECT 1 OFFSET 2 ROWS FETCH FIRST 3 ROWS WITH TIES",
        "(SELECT 1) UNION ALL (SELECT 2) ORDER BY 1 LIMIT ALL",
        "SELECT x IN (1, 2), x NOT IN (SELECT 1), x = ALL (SELECT 2), EXISTS (SELECT 3), 1 <> exists(select 1).a",
        "SELECT a IS NOT DISTINCT FROM b, NOT a IS NULL, a NOT LIKE 'x!%' ESCAPE '!', a NOT BETWEEN 1 AND 2 AND c",
        "SELECT TRIM(LEADING 'x' FROM a), TRIM(a), POSITION('a' IN b), SUBSTRING(a FROM 1 FOR 2), NORMALIZE(a, NFKC)",
        "SELECT EXTRACT(DAY_OF_WEEK FROM d), CURRENT_TIMESTAMP(3) AT TIME ZONE 'UTC', LOCALTIME, CURRENT_USER",
        "SELECT json_value(j, 'lax $.a' PASSING 1 AS x RETURNING bigint DEFAULT 0 ON EMPTY ERROR ON ERROR)",
        "SELECT json_query(j, 'strict $.a' WITH CONDITIONAL ARRAY WRAPPER OMIT QUOTES ON SCALAR STRING EMPTY ARRAY ON ERROR)",
        "SELECT json_object(KEY 'a' VALUE 1, 'b' : 2 ABSENT ON NULL WITH UNIQUE KEYS), json_array(1, 2 NULL ON NULL RETURNING varchar)",
        "SELECT * FROM JSON_TABLE(j, 'lax $' AS r COLUMNS (i FOR ORDINALITY, a int PATH '$.a', NESTED PATH '$.b' AS n COLUMNS (c int)) PLAN (r OUTER n))",
        "SELECT * FROM t MATCH_RECOGNIZE (PARTITION BY a ORDER BY b MEASURES LAST(B.x) AS y ONE ROW PER MATCH AFTER MATCH SKIP PAST LAST ROW PATTERN (A B+? | C{2,} {- D -}) SUBSET U = (A, B) DEFINE B AS x > PREV(x)) AS m",
        "SELECT LISTAGG(DISTINCT a, ',' ON OVERFLOW TRUNCATE '..' WITH COUNT) WITHIN GROUP (ORDER BY b DESC NULLS FIRST)",
        "WITH FUNCTION f(x int) RETURNS int BEGIN DECLARE y int DEFAULT 0; l: LOOP SET y = y + x; IF y > 9 THEN LEAVE l; END IF; END LOOP; RETURN y; END SELECT f(1)",
        "USING EXTERNAL FUNCTION f(x varchar) RETURNS varchar LAMBDA 'my-function' SELECT f(a) FROM t",
        "EXPLAIN (FORMAT JSON, TYPE DISTRIBUTED) SELECT 1",
        "EXPLAIN ANALYZE VERBOSE SELECT 1",
        "INSERT INTO t (a, b) VALUES (1, 'x'), (2, NULL)",
        "UNLOAD (SELECT * FROM t) TO 's3://b/k/' WITH (format = 'PARQUET', compression = 'ZSTD')",
        "DELETE FROM t WHERE a = 1",
        "MERGE INTO t AS a USING (SELECT * FROM s) b ON a.id = b.id WHEN MATCHED AND b.x THEN DELETE WHEN MATCHED THEN UPDATE SET y = b.y WHEN NOT MATCHED THEN INSERT (id) VALUES (b.id)",
        "OPTIMIZE t REWRITE DATA USING BIN_PACK WHERE d > DATE '2020-01-01'",
        "VACUUM db.t",
        "PREPARE p FROM SELECT ? + ?",
        "EXECUTE p USING 1, 'x'",
        "EXECUTE IMMEDIATE 'SELECT ?' USING 1",
        "SET SESSION parse_decimal_literals_as_double = false",
        "SHOW SESSION LIKE 'p%' ESCAPE '!'",
        "SHOW STATS FOR (SELECT * FROM t)",
        "CREATE OR REPLACE VIEW v SECURITY INVOKER AS SELECT 1",
        "ALTER VIEW v FORCE ADD DIALECT AS SELECT 1",
        "GRANT SELECT, INSERT ON TABLE t TO ROLE r WITH GRANT OPTION",
        "START TRANSACTION ISOLATION LEVEL READ COMMITTED, READ ONLY",
    ])
    func trinoStatement(_ text: String) throws {
        #expect(Parser.dialect(of: text) == .trino)
        try roundTrip(text)
    }

    @Test(arguments: [
        "CREATE DATABASE IF NOT EXISTS d COMMENT 'it\\'s' LOCATION 's3://b/' WITH DBPROPERTIES ('k'='v')",
        "CREATE EXTERNAL TABLE IF NOT EXISTS `d`.`t` (`date` date COMMENT 'x', s STRUCT<a: int, b: array<string>>, m map<string,bigint>) COMMENT 't' PARTITIONED BY (p string, `year` int) CLUSTERED BY (a) SORTED BY (a DESC) INTO 4 BUCKETS ROW FORMAT DELIMITED FIELDS TERMINATED BY '\\t' ESCAPED BY '\\\\' COLLECTION ITEMS TERMINATED BY '|' MAP KEYS TERMINATED BY ':' LINES TERMINATED BY '\\n' NULL DEFINED AS '\\\\N' STORED AS TEXTFILE LOCATION 's3://b/t/' TBLPROPERTIES (\"skip.header.line.count\"=\"1\")",
        "create external table t(a int)row format serde 'org.openx.data.jsonserde.JsonSerDe' with serdeproperties('ignore.malformed.json'='true')stored as inputformat 'i' outputformat 'o' location 'x'",
        "CREATE TABLE t (c int) PARTITIONED BY (c, month(d), bucket(16, e), truncate(f, 4)) LOCATION 'l' TBLPROPERTIES ('table_type'='ICEBERG')",
        "DROP TABLE IF EXISTS \"d\".`t`;",
        "ALTER TABLE t ADD IF NOT EXISTS PARTITION (d='2020-01-01', h=1) LOCATION 's3://b/' PARTITION (d='2020-01-02', h=2)",
        "ALTER TABLE t DROP PARTITION (d = '1'), PARTITION (d BETWEEN '2' AND '3')",
        "ALTER TABLE t PARTITION (d = '1') RENAME TO PARTITION (d = '2')",
        "ALTER TABLE t PARTITION (d = '1') SET LOCATION 'x'",
        "ALTER TABLE t REPLACE COLUMNS (a int, b string)",
        "ALTER TABLE t CHANGE COLUMN a b bigint COMMENT 'x' AFTER c",
        "ALTER TABLE t SET TBLPROPERTIES ('a'='b')",
        "MSCK REPAIR TABLE d.t SYNC PARTITIONS",
        "SHOW TABLES IN d 'a*|b*'",
        "SHOW VIEWS IN d LIKE 'a*'",
        "SHOW COLUMNS IN t IN d",
        "SHOW PARTITIONS d.t",
        "SHOW TBLPROPERTIES t ('k')",
        "SHOW CREATE TABLE `t`",
        "SHOW DATABASES LIKE '.*x'",
        "DESCRIBE FORMATTED d.t PARTITION (p='1') s.'$elem$'.a",
        "ALTER TABLE t TOUCH PARTITION (a = 1)",
        "LOCK TABLE t SHARED",
    ])
    func hiveStatement(_ text: String) throws {
        #expect(Parser.dialect(of: text) == .hive)
        try roundTrip(text)
    }

    @Test func hiveStringsHaveEscapes() throws {
        let text =
            "CREATE EXTERNAL TABLE t (a int) ROW FORMAT SERDE \"x\" WITH SERDEPROPERTIES "
            + #"('r'='^(\\S+) \"(\\d)', 'd'='\001', 'u'='\u2603', "q"='it''s')"#
        guard case .createExternalTable(let create) = try Parser.parseStatement(text),
            case .serde(let name, let properties) = create.rowFormat
        else { return #expect(Bool(false), "not a table with a SerDe") }
        #expect(name == "x")
        #expect(properties.map(\.value) == [#"^(\S+) "(\d)"#, "\u{1}", "☃", "it's"])
    }

    @Test func trinoStringsHaveNone() throws {
        let expression = try Parser.parseExpression(#"'a\n''b' || U&'\2603!0041' || U&'!0041' UESCAPE '!'"#)
        guard case .concat(let parts) = expression.kind else { return #expect(Bool(false), "no concatenation") }
        #expect(parts.map(\.kind) == [.string(#"a\n'b"#), .string("☃!0041"), .string("A")])
    }

    @Test func literals() throws {
        func kind(_ text: String) throws -> Expression.Kind { try Parser.parseExpression(text).kind }
        #expect(try kind("0xFf") == .integer(255))
        #expect(try kind("0o17") == .integer(15))
        #expect(try kind("0b101") == .integer(5))
        #expect(try kind("1_000") == .integer(1000))
        #expect(try kind("-9223372036854775808") == .integer(.min))
        #expect(try kind("1_0.5_0") == .decimal("10.50"))
        #expect(try kind("-.5") == .decimal("-.5"))
        #expect(try kind("1.5e-3") == .double(0.0015))
        #expect(try kind("X'65 0a'") == .binary([0x65, 0x0A]))
        #expect(syntaxError("SELECT 9223372036854775808")?.message == "Invalid numeric literal: 9223372036854775808")
        #expect(syntaxError("SELECT X'6'")?.message == "Binary literal must contain an even number of digits")
    }

    @Test func precedence() throws {
        #expect(try roundTrip("SELECT ((a OR (b AND c)) AND (NOT (d)))") == "SELECT (a OR b AND c) AND NOT d")
        #expect(try roundTrip("SELECT -a * (b + c) - (d - e) || 'x'") == "SELECT -a * (b + c) - (d - e) || 'x'")
        #expect(
            try roundTrip("SELECT - - 5, -(5), +(-a), (-5) AT TIME ZONE 'x'")
                == "SELECT - -5, -(5), + -a, (-5) AT TIME ZONE 'x'")
        #expect(
            try roundTrip("SELECT 1 UNION SELECT 2 INTERSECT SELECT 3")
                == "SELECT 1 UNION SELECT 2 INTERSECT SELECT 3")
    }

    @Test func chainsAreFlat() throws {
        guard case .and(let terms) = try Parser.parseExpression("a AND (b AND c) AND d").kind else {
            return #expect(Bool(false), "no conjunction")
        }
        #expect(terms.count == 4)
        guard
            case .query(let query) = try Parser.parseStatement(
                "SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION ALL SELECT 4"),
            case .setOperation(let outer) = query.body, case .setOperation(let inner) = outer.operands[0]
        else { return #expect(Bool(false), "no set operations") }
        #expect(outer.operands.count == 2 && inner.operands.count == 3)
    }

    @Test func parametersAreCountedAndKeepTheirOrder() throws {
        let parsed = try Parser.parse("SELECT ?, f(?) FROM t WHERE a = ? LIMIT ?")
        #expect(parsed.parameterCount == 4)
        #expect(
            try roundTrip("SELECT TRIM(? FROM ?), TRIM(?, ?), POSITION(? IN ?), strpos(?, ?)")
                == "SELECT TRIM(BOTH ? FROM ?), TRIM(?, ?), POSITION(? IN ?), strpos(?, ?)")
    }

    @Test func positions() throws {
        let expression = try Parser.parseExpression("'é'\n  + b")
        #expect(expression.position == SourcePosition(line: 2, column: 3))
    }
}
