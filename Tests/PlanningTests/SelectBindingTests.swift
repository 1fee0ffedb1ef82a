import Testing

/// SELECT, GROUP BY, ORDER BY and expressions as plans before optimisation.
@Suite struct SelectBindingTests {
    @Test(arguments: cases)
    func bindsTo(_ example: Example) {
        #expect(PlanText.of(example.sql) == example.plan)
    }

    struct Example: Sendable, CustomStringConvertible {
        var sql: String
        var plan: String

        init(_ sql: String, _ plan: String) {
            self.sql = sql
            self.plan = plan
        }

        var description: String { sql }
    }

    static let cases: [Example] = [
        Example(
            "SELECT a AS X, b, 1 FROM t WHERE a > 1",
            """
            Output[columnNames = [X, b, _col2]]
                X := a
               Project
                   _col2 := 1
                  Filter[filterPredicate = (a > 1)]
                     TableScan[table = default.t]
            """),
        Example(
            "SELECT count(*), sum(a) AS s FROM t GROUP BY b HAVING count(*) > 1 ORDER BY s DESC, b",
            """
            Output[columnNames = [_col0, s]]
                _col0 := count
                s := sum
               Project
                  Sort[orderBy = [sum DESC NULLS LAST, b ASC NULLS LAST]]
                     Project
                        Filter[filterPredicate = (count > 1)]
                           Aggregate[keys = [b]]
                               count := count(*)
                               sum := sum(a)
                              TableScan[table = default.t]
            """),
        Example(
            "SELECT b, sum(a), grouping(b) FROM t GROUP BY ROLLUP (b)",
            """
            Output[columnNames = [b, _col1, _col2]]
                _col1 := sum
               Project
                   _col2 := CASE WHEN (groupid = 0) THEN 0 ELSE 1 END
                  Aggregate[keys = [b], groupingSets = [[b], []]]
                      sum := sum(a)
                     TableScan[table = default.t]
            """),
        Example(
            "SELECT DISTINCT b FROM t ORDER BY b LIMIT 3",
            """
            Output[columnNames = [b]]
               TopN[count = 3, orderBy = [b ASC NULLS LAST]]
                  Aggregate[keys = [b]]
                     Project
                        TableScan[table = default.t]
            """),
        Example(
            "SELECT (SELECT max(k) FROM u WHERE u.a = t.a) FROM t",
            """
            Output[columnNames = [_col0]]
                _col0 := max
               Project
                  DependentJoin[kind = scalar, output = max]
                     TableScan[table = default.t]
                     Project
                        Aggregate
                            max := max(k)
                           Filter[filterPredicate = (a = a)]
                              TableScan[table = default.u]
            """),
        Example(
            "VALUES (1, 'a'), (2, NULL)",
            """
            Output[columnNames = [_col0, _col1]]
               Values
                   (1, 'a')
                   (2, NULL)
            """),
        Example(
            "SELECT transform(arr, x -> x + a) FROM t",
            """
            Output[columnNames = [_col0]]
               Project
                   _col0 := transform(arr, (x) -> (x + a))
                  TableScan[table = default.t]
            """),
        Example(
            """
            SELECT array_agg(b ORDER BY a DESC) FILTER (WHERE a > 1), count(DISTINCT b), listagg(b, ',') \
            WITHIN GROUP (ORDER BY b) FROM t
            """,
            """
            Output[columnNames = [_col0, _col1, _col2]]
                _col0 := array_agg
                _col1 := count
                _col2 := listagg
               Project
                  Aggregate
                      array_agg := array_agg(b ORDER BY [a DESC NULLS LAST]) FILTER (WHERE filter)
                      count := count(DISTINCT b)
                      listagg := listagg(b, ',', true, '...', false ORDER BY [b ASC NULLS LAST])
                     Project
                         filter := (a > 1)
                        TableScan[table = default.t]
            """),
        Example(
            "SELECT r.x, t.r.y, arr[1] FROM t",
            """
            Output[columnNames = [x, y, _col2]]
               Project
                   x := r.x
                   y := r.y
                   _col2 := arr[1]
                  TableScan[table = default.t]
            """),
        Example(
            "SELECT v, \"$path\" FROM p WHERE day = '2020-01-01'",
            """
            Output[columnNames = [v, $path]]
               Project
                  Filter[filterPredicate = (day = '2020-01-01')]
                     TableScan[table = default.p]
                         day := day:PARTITION_KEY
                         $path := "$path"
            """),
        Example(
            "SELECT name FROM good WHERE a = 1",
            """
            Output[columnNames = [name]]
               Project
                  Filter[filterPredicate = (a = 1)]
                     Project
                        TableScan[table = default.u]
            """),
        Example(
            "SELECT z FROM other.inside",
            """
            Output[columnNames = [z]]
               Project
                  Project
                     TableScan[table = other.elsewhere]
            """),
        Example(
            "SELECT c FROM t ORDER BY a + 1 OFFSET 2 FETCH FIRST 3 ROWS WITH TIES",
            """
            Output[columnNames = [c]]
               Project
                  TopNRanking[count = 3, orderBy = [sort ASC NULLS LAST], offset = 2]
                     Project
                         sort := (a + 1)
                        Project
                           TableScan[table = default.t]
            """),
        Example(
            "SELECT a FROM t TABLESAMPLE BERNOULLI (25)",
            """
            Output[columnNames = [a]]
               Project
                  Sample[ratio = 0.25]
                     TableScan[table = default.t]
            """),
        Example(
            """
            SELECT CASE a WHEN 1 THEN 'x' ELSE b END, IF(a > 1, 2), COALESCE(b, 'none'), NULLIF(a, 1), \
            TRY(a / 0) FROM t
            """,
            """
            Output[columnNames = [_col0, _col1, _col2, _col3, _col4]]
               Project
                   _col0 := CASE WHEN (a = 1) THEN 'x' ELSE b END
                   _col1 := CASE WHEN (a > 1) THEN 2 END
                   _col2 := COALESCE(b, 'none')
                   _col3 := NULLIF(a, 1)
                   _col4 := TRY((a / 0))
                  TableScan[table = default.t]
            """),
        Example(
            """
            SELECT b FROM t WHERE a BETWEEN 1 AND 2 OR b LIKE 'x%' OR a IN (1, 2) OR d IS DISTINCT FROM \
            DATE '2020-01-01'
            """,
            """
            Output[columnNames = [b]]
               Project
                  Filter[filterPredicate = (((a >= 1) AND (a <= 2)) OR (b LIKE 'x%') OR (a IN (1, 2)) OR (d IS DISTINCT FROM DATE '2020-01-01'))]
                     TableScan[table = default.t]
            """),
        Example(
            "SELECT ts FROM p",
            """
            Output[columnNames = [ts]]
               Project
                  TableScan[table = default.p]
                      day := day:PARTITION_KEY
            """),
    ]
}
