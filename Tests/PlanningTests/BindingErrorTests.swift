import Testing

/// Errors of binding: Trino's code, place and sentence, with near names added.
@Suite struct BindingErrorTests {
    @Test(arguments: cases)
    func fails(_ sql: String, _ error: String) {
        #expect(PlanText.of(sql) == error)
    }

    static let cases: [(String, String)] = [
        ("SELECT x FROM t", "COLUMN_NOT_FOUND: line 1:8: Column 'x' cannot be resolved"),
        ("SELECT t.bb FROM t", "COLUMN_NOT_FOUND: line 1:8: Column 't.bb' cannot be resolved. Did you mean 'b'?"),
        (
            "SELECT a FROM tt",
            "TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.default.tt' does not exist. Did you mean 't'?"
        ),
        (
            "SELECT a FROM defaul.t",
            "SCHEMA_NOT_FOUND: line 1:15: Schema 'defaul' does not exist. Did you mean 'default'?"
        ),
        ("SELECT a FROM nowhere.default.t", "CATALOG_NOT_FOUND: line 1:15: Catalog 'nowhere' does not exist"),
        ("SELECT a FROM t, u", "AMBIGUOUS_NAME: line 1:8: Column 'a' is ambiguous"),
        ("SELECT foo.* FROM t", "TABLE_NOT_FOUND: line 1:8: Unable to resolve reference foo"),
        ("SELECT *", "COLUMN_NOT_FOUND: line 1:8: SELECT * not allowed in queries without FROM clause"),
        ("SELECT a + 'x' FROM t", "TYPE_MISMATCH: line 1:10: Cannot apply operator: bigint + varchar(1)"),
        (
            "SELECT a = 'x' FROM t",
            "TYPE_MISMATCH: line 1:10: Cannot apply operator: bigint = varchar(1) (CAST one side to the type of the other)"
        ),
        (
            "SELECT a FROM t WHERE a",
            "TYPE_MISMATCH: line 1:23: WHERE clause must evaluate to a boolean: actual type bigint"
        ),
        (
            "SELECT a FROM t WHERE count(*) > 1",
            "EXPRESSION_NOT_SCALAR: line 1:32: WHERE clause cannot contain aggregations, window functions or "
                + "grouping operations: [count(*)]"
        ),
        (
            "SELECT b, a FROM t GROUP BY b",
            "EXPRESSION_NOT_AGGREGATE: line 1:11: 'a' must be an aggregate expression or appear in GROUP BY "
                + "clause"
        ),
        (
            "SELECT a + 1 FROM t GROUP BY b",
            "EXPRESSION_NOT_AGGREGATE: line 1:10: '(a + 1)' must be an aggregate expression or appear in GROUP "
                + "BY clause"
        ),
        ("SELECT * FROM u GROUP BY a", "EXPRESSION_NOT_AGGREGATE: line 1:1: Column 'u.k' not in GROUP BY clause"),
        (
            "SELECT (SELECT t.a) FROM t GROUP BY b",
            "EXPRESSION_NOT_AGGREGATE: line 1:8: Subquery uses 'a' which must appear in GROUP BY clause"
        ),
        (
            "SELECT sum(count(*)) FROM t",
            "NESTED_AGGREGATION: line 1:8: Cannot nest aggregations inside aggregation 'sum': [count(*)]"
        ),
        (
            "SELECT a FROM t GROUP BY 7",
            "INVALID_COLUMN_REFERENCE: line 1:26: GROUP BY position 7 is not in select list"
        ),
        (
            "SELECT a FROM t ORDER BY 0",
            "INVALID_COLUMN_REFERENCE: line 1:26: ORDER BY position 0 is not in select list"
        ),
        (
            "SELECT DISTINCT a FROM t ORDER BY b",
            "EXPRESSION_NOT_IN_DISTINCT: line 1:35: For SELECT DISTINCT, ORDER BY expressions must appear in "
                + "select list"
        ),
        ("SELECT a, a FROM t ORDER BY a", "AMBIGUOUS_NAME: line 1:29: Column 'a' is ambiguous"),
        (
            "SELECT grouping(a) FROM t",
            "MISSING_GROUP_BY: line 1:1: A GROUPING() operation can only be used with a corresponding GROUPING "
                + "SET/CUBE/ROLLUP/GROUP BY clause"
        ),
        (
            "SELECT grouping(a) FROM t GROUP BY b",
            "INVALID_ARGUMENTS: line 1:8: The arguments to GROUPING() must be expressions referenced by the "
                + "GROUP BY at the associated query level. Mismatch due to a."
        ),
        ("SELECT rank() FROM t", "MISSING_OVER: line 1:8: Window function rank requires an OVER clause"),
        ("SELECT upper(b) OVER () FROM t", "FUNCTION_NOT_WINDOW: line 1:8: Not a window function: upper"),
        (
            "SELECT upper(a) FROM t",
            "FUNCTION_NOT_FOUND: line 1:8: Unexpected parameters (bigint) for function upper. Expected: "
                + "upper(varchar)"
        ),
        (
            "SELECT max(rank() OVER ()) FROM t",
            "NESTED_WINDOW: line 1:8: Cannot nest window functions or row pattern measures inside aggregation "
                + "'max': [rank() OVER ()]"
        ),
        (
            "SELECT rank() OVER (ORDER BY rank() OVER ()) FROM t",
            "NESTED_WINDOW: line 1:30: Cannot nest window functions or row pattern measures inside window "
                + "specification"
        ),
        ("SELECT rank() OVER w FROM t", "INVALID_WINDOW_REFERENCE: line 1:20: Cannot resolve WINDOW name w"),
        (
            "SELECT sum(a) OVER (ROWS BETWEEN CURRENT ROW AND 1 PRECEDING) FROM t",
            "INVALID_WINDOW_FRAME: line 1:21: Window frame starting from CURRENT ROW cannot end with PRECEDING"
        ),
        ("SELECT lag(a) OVER () FROM t", "MISSING_ORDER_BY: line 1:8: lag function requires an ORDER BY window clause"),
        (
            "SELECT sum(a) FROM t HAVING sum(a)",
            "TYPE_MISMATCH: line 1:29: HAVING clause must evaluate to a boolean: actual type bigint"
        ),
        (
            "SELECT a FROM t FETCH FIRST 0 ROWS ONLY",
            "NUMERIC_VALUE_OUT_OF_RANGE: line 1:17: FETCH FIRST row count must be positive (actual value: 0)"
        ),
        (
            "SELECT a FROM t FETCH FIRST 1 ROWS WITH TIES",
            "MISSING_ORDER_BY: line 1:17: FETCH FIRST WITH TIES clause requires ORDER BY"
        ),
        (
            "SELECT a FROM t UNION SELECT a, k FROM u",
            "TYPE_MISMATCH: line 1:17: UNION query has different number of fields: 1, 2"
        ),
        (
            "SELECT a FROM t UNION SELECT name FROM u",
            "TYPE_MISMATCH: line 1:17: column 1 in UNION query has incompatible types: bigint, varchar"
        ),
        (
            "SELECT a IN (SELECT name FROM u) FROM t",
            "TYPE_MISMATCH: line 1:10: Value expression and result of subquery must be of the same type: "
                + "row(bigint) vs row(varchar)"
        ),
        (
            "SELECT (SELECT a, k FROM u) = 1 FROM t",
            "TYPE_MISMATCH: line 1:29: Cannot apply operator: row(a bigint, k integer) = integer"
        ),
        ("SELECT CAST(d AS integer) FROM t", "TYPE_MISMATCH: line 1:8: Cannot cast date to integer"),
        (
            "SELECT CASE WHEN a = 1 THEN 1 ELSE 'x' END FROM t",
            "TYPE_MISMATCH: line 1:36: All CASE results must be the same type or coercible to a common type. "
                + "Cannot find common type between integer and varchar(1), all types (without duplicates): [integer, "
                + "varchar(1)]"
        ),
        ("SELECT a FROM t CROSS JOIN UNNEST(b) AS x (e)", "TYPE_MISMATCH: line 1:35: Cannot unnest type: varchar"),
        (
            "SELECT * FROM u AS w (x, y)",
            "MISMATCHED_COLUMN_ALIASES: line 1:20: Column alias list has 2 entries but 'w' has 3 columns "
                + "available"
        ),
        (
            "WITH s AS (SELECT 1), s AS (SELECT 2) SELECT 1",
            "DUPLICATE_NAMED_QUERY: line 1:23: WITH query name 's' specified more than once"
        ),
        (
            "WITH RECURSIVE n AS (SELECT 1 UNION ALL SELECT * FROM n) SELECT 1",
            "MISSING_COLUMN_ALIASES: line 1:16: missing column aliases in recursive WITH query"
        ),
        (
            "WITH s AS (SELECT missing FROM t) SELECT 1",
            "COLUMN_NOT_FOUND: line 1:19: Column 'missing' cannot be resolved"
        ),
        ("SELECT r.z FROM t", "COLUMN_NOT_FOUND: line 1:8: Column 'r.z' cannot be resolved"),
        ("SELECT a.z FROM t", "TYPE_MISMATCH: line 1:8: Expression a is not of type ROW"),
        (
            "SELECT * FROM stale",
            "VIEW_IS_STALE: line 1:15: View 'awsdatacatalog.default.stale' is stale or in invalid state: "
                + "stored view column count (1) does not match column count derived from the view query analysis (2)"
        ),
        (
            "SELECT * FROM changed",
            "VIEW_IS_STALE: line 1:15: View 'awsdatacatalog.default.changed' is stale or in invalid state: "
                + "column [a] of type varchar projected from query view at position 0 cannot be coerced to column "
                + "[a] of type bigint stored in view definition"
        ),
        (
            "SELECT * FROM broken",
            "INVALID_VIEW: line 1:15: Failed analyzing stored view 'awsdatacatalog.default.broken': line 1:8: "
                + "Column 'missing' cannot be resolved"
        ),
        ("SELECT * FROM circle", "VIEW_IS_RECURSIVE: line 1:15: View is recursive: 'awsdatacatalog.default.circle'"),
        (
            "SELECT ? FROM t",
            "INVALID_PARAMETER_USAGE: line 1:8: Incorrect number of parameters: expected at least 1 but found 0"
        ),
        (
            "SELECT a FROM t LIMIT ?",
            "INVALID_PARAMETER_USAGE: line 1:17: Incorrect number of parameters: expected at least 1 but found "
                + "0"
        ),
        (
            "SELECT transform(arr, x -> count(*)) FROM t",
            "EXPRESSION_NOT_SCALAR: line 1:28: Lambda expression cannot contain aggregations, window functions "
                + "or grouping operations: [count(*)]"
        ),
        ("SELECT arr[b] FROM t", "TYPE_MISMATCH: line 1:8: Cannot use varchar for subscript of array(bigint)"),
        ("SELECT -b FROM t", "TYPE_MISMATCH: line 1:8: Cannot negate varchar"),
        ("SELECT DATE 'x'", "INVALID_LITERAL: line 1:8: 'x' is not a valid DATE literal"),
        (
            "SELECT a FROM t MATCH_RECOGNIZE (PATTERN (A) DEFINE A AS true)",
            "NOT_SUPPORTED: line 1:15: MATCH_RECOGNIZE is not supported"
        ),
        ("SELECT * FROM TABLE(nothing())", "FUNCTION_NOT_FOUND: line 1:15: Table function 'nothing' not registered"),
        (
            "SELECT a FROM t JOIN u USING (b)",
            "COLUMN_NOT_FOUND: line 1:31: Column 'b' is missing from right side of join"
        ),
        (
            "SELECT b LIKE 1 FROM t",
            "TYPE_MISMATCH: line 1:15: Pattern for LIKE expression must evaluate to a varchar (actual: integer)"
        ),
    ]
}
