import Testing

/// Joins, subqueries, windows, set operations and WITH as plans before optimisation.
@Suite struct RelationBindingTests {
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
            "SELECT t.b, u.name FROM t JOIN u ON t.a = u.k AND t.a > 1",
            """
            Output[columnNames = [b, name]]
               Project
                  InnerJoin[criteria = (a = k) AND (a > 1)]
                     TableScan[table = default.t]
                     Project
                         k := CAST(k AS bigint)
                        TableScan[table = default.u]
            """),
        Example(
            "SELECT a, name FROM t LEFT JOIN u USING (a)",
            """
            Output[columnNames = [a, name]]
               Project
                  LeftJoin[criteria = (a = a)]
                     TableScan[table = default.t]
                     TableScan[table = default.u]
            """),
        Example(
            "SELECT b FROM t WHERE a IN (SELECT a FROM u) AND c > 0",
            """
            Output[columnNames = [b]]
               Project
                  Filter[filterPredicate = in]
                     DependentJoin[kind = a IN a, output = in]
                        Filter[filterPredicate = (c > 0.0)]
                           TableScan[table = default.t]
                        Project
                           TableScan[table = default.u]
            """),
        Example(
            "SELECT b FROM t WHERE NOT EXISTS (SELECT 1 FROM u WHERE u.a = t.a)",
            """
            Output[columnNames = [b]]
               Project
                  Filter[filterPredicate = (NOT exists)]
                     DependentJoin[kind = exists, output = exists]
                        TableScan[table = default.t]
                        Project
                            _col0 := 1
                           Filter[filterPredicate = (a = a)]
                              TableScan[table = default.u]
            """),
        Example(
            "SELECT b FROM t WHERE a > ALL (SELECT a FROM u)",
            """
            Output[columnNames = [b]]
               Project
                  Filter[filterPredicate = quantified]
                     DependentJoin[kind = a > ALL a, output = quantified]
                        TableScan[table = default.t]
                        Project
                           TableScan[table = default.u]
            """),
        Example(
            "SELECT b, e, n FROM t CROSS JOIN UNNEST(arr) WITH ORDINALITY AS x (e, n)",
            """
            Output[columnNames = [b, e, n]]
                e := field
                n := ordinality
               Project
                  Unnest[replicate = [a, b, c, d, arr, r], unnest = [arr], ordinality = ordinality]
                     TableScan[table = default.t]
            """),
        Example(
            "SELECT b, e FROM t LEFT JOIN UNNEST(arr) AS x (e) ON TRUE",
            """
            Output[columnNames = [b, e]]
                e := field
               Project
                  LeftUnnest[replicate = [a, b, c, d, arr, r], unnest = [arr]]
                     TableScan[table = default.t]
            """),
        Example(
            "SELECT * FROM u, LATERAL (SELECT max(c) FROM t WHERE t.a = u.a) AS m (c)",
            """
            Output[columnNames = [a, k, name, c]]
                c := max
               Project
                  DependentJoin[kind = inner]
                     TableScan[table = default.u]
                     Project
                        Aggregate
                            max := max(c)
                           Filter[filterPredicate = (a = a)]
                              TableScan[table = default.t]
            """),
        Example(
            """
            SELECT rank() OVER w, sum(a) OVER (w ROWS 1 PRECEDING) FROM t WINDOW w AS (PARTITION BY b \
            ORDER BY a DESC)
            """,
            """
            Output[columnNames = [_col0, _col1]]
                _col0 := rank
                _col1 := sum
               Project
                  Window[partitionBy = [b], orderBy = [a DESC NULLS LAST]]
                      rank := rank() RANGE UNBOUNDED PRECEDING CURRENT ROW
                      sum := sum(a) ROWS frame PRECEDING CURRENT ROW
                     Project
                         frame := 1
                        TableScan[table = default.t]
            """),
        Example(
            "SELECT sum(a) OVER (ORDER BY a RANGE BETWEEN 2 PRECEDING AND CURRENT ROW) FROM t",
            """
            Output[columnNames = [_col0]]
                _col0 := sum
               Project
                  Window[partitionBy = [], orderBy = [a ASC NULLS LAST]]
                      sum := sum(a) RANGE frame PRECEDING CURRENT ROW
                     Project
                         frame := (a - 2)
                        TableScan[table = default.t]
            """),
        Example(
            "SELECT b, sum(sum(a)) OVER (ORDER BY b) FROM t GROUP BY b",
            """
            Output[columnNames = [b, _col1]]
                _col1 := sum
               Project
                  Window[partitionBy = [], orderBy = [b ASC NULLS LAST]]
                      sum := sum(sum) RANGE UNBOUNDED PRECEDING CURRENT ROW
                     Aggregate[keys = [b]]
                         sum := sum(a)
                        TableScan[table = default.t]
            """),
        Example(
            "SELECT a FROM t UNION SELECT k FROM u",
            """
            Output[columnNames = [a]]
               Aggregate[keys = [a]]
                  Union
                     Project
                        TableScan[table = default.t]
                     Project
                         k := CAST(k AS bigint)
                        Project
                           TableScan[table = default.u]
            """),
        Example(
            "SELECT a FROM t EXCEPT SELECT a FROM u",
            """
            Output[columnNames = [a]]
               Project
                  Filter[filterPredicate = ((count0 > 0) AND (count1 = 0))]
                     Aggregate[keys = [a]]
                         count0 := count(mark0)
                         count1 := count(mark1)
                        Union
                           Project
                               mark0 := true
                               mark1 := NULL
                              Project
                                 TableScan[table = default.t]
                           Project
                               mark0 := NULL
                               mark1 := true
                              Project
                                 TableScan[table = default.u]
            """),
        Example(
            "SELECT a FROM t INTERSECT ALL SELECT a FROM u",
            """
            Output[columnNames = [a]]
               Project
                  Filter[filterPredicate = ((row_number <= count0) AND (row_number <= count1))]
                     Window[partitionBy = [a]]
                         count0 := count(mark0) ROWS UNBOUNDED PRECEDING UNBOUNDED FOLLOWING
                         count1 := count(mark1) ROWS UNBOUNDED PRECEDING UNBOUNDED FOLLOWING
                         row_number := row_number() RANGE UNBOUNDED PRECEDING CURRENT ROW
                        Union
                           Project
                               mark0 := true
                               mark1 := NULL
                              Project
                                 TableScan[table = default.t]
                           Project
                               mark0 := NULL
                               mark1 := true
                              Project
                                 TableScan[table = default.u]
            """),
        Example(
            "WITH s AS (SELECT b, count(*) n FROM t GROUP BY b) SELECT x.b FROM s x JOIN s y ON x.n = y.n",
            """
            Output[columnNames = [b]]
               Shared[id = 1]
                  Project
                     Aggregate[keys = [b]]
                         count := count(*)
                        TableScan[table = default.t]
                  Project
                     InnerJoin[criteria = (n = n)]
                        SharedScan[id = 1]
                        SharedScan[id = 1]
            """),
        Example(
            "WITH s AS (SELECT b, count(*) n FROM t GROUP BY b) SELECT b FROM s",
            """
            Output[columnNames = [b]]
               Project
                  Project
                      n := count
                     Project
                        Aggregate[keys = [b]]
                            count := count(*)
                           TableScan[table = default.t]
            """),
        Example(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3) SELECT i FROM n",
            """
            Output[columnNames = [i]]
               Project
                  Project
                     RecursiveUnion[id = 1, maxDepth = 10]
                        Project
                            _col0 := 1
                           Values[rows = 1]
                        Project
                            _col0 := (i + 1)
                           Filter[filterPredicate = (i < 3)]
                              SharedScan[id = 1]
            """),
        Example(
            "SELECT * FROM TABLE(sequence(1, 9, 2))",
            """
            Output[columnNames = [sequential_number]]
               Project
                  TableFunction[name = sequence, arguments = 1, 9, 2]
            """),
        Example(
            "SELECT * FROM TABLE(exclude_columns(TABLE(u), DESCRIPTOR(k)))",
            """
            Output[columnNames = [a, name]]
               Project
                  TableScan[table = default.u]
            """),
    ]
}
