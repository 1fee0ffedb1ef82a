import SQLSyntax
import Testing

@Suite struct SplitterTests {
    @Test func statementsEndAtSemicolons() {
        let statements = StatementSplitter.split(
            "SELECT 1;\n\n-- two\nSELECT ';', \";\" /* ; */;;\n -- only a comment\n;\nSELECT 3")
        #expect(statements.map(\.text) == ["SELECT 1", "-- two\nSELECT ';', \";\" /* ; */", "SELECT 3"])
        #expect(statements.map(\.line) == [1, 3, 7])
        #expect(statements.map(\.firstTokenLine) == [1, 4, 7])
        #expect(statements.map(\.isTerminated) == [true, true, false])
    }

    @Test func hiveEscapesDecideWhereAStringEnds() {
        let statements = StatementSplitter.split(
            #"ALTER TABLE t SET TBLPROPERTIES ('a'='it\'s; x'); SELECT 'a\'; SELECT 2"#)
        #expect(
            statements.map(\.text) == [
                #"ALTER TABLE t SET TBLPROPERTIES ('a'='it\'s; x')"#, #"SELECT 'a\'"#, "SELECT 2",
            ])
    }

    @Test func functionBodiesHoldSemicolons() {
        let body =
            "BEGIN DECLARE x int; CASE WHEN a THEN SET x = CASE b WHEN 1 THEN 2 END; END CASE; "
            + "IF x > 1 THEN RETURN 1; END IF; WHILE x < 2 DO SET x = 2; END WHILE; RETURN x; END"
        let first = "WITH FUNCTION f(a boolean) RETURNS int \(body) SELECT f(true)"
        let second = "CREATE OR REPLACE FUNCTION g() RETURNS int \(body)"
        #expect(StatementSplitter.split("\(first); \(second);SELECT 1").map(\.text) == [first, second, "SELECT 1"])
        #expect(StatementSplitter.split("SELECT begin FROM t; SELECT 2").count == 2)
    }

    @Test func completeness() {
        #expect(StatementSplitter.isComplete(""))
        #expect(StatementSplitter.isComplete("-- x"))
        #expect(StatementSplitter.isComplete("SELECT 1;"))
        #expect(StatementSplitter.isComplete("SELECT 1; -- done"))
        #expect(!StatementSplitter.isComplete("SELECT 1"))
        #expect(!StatementSplitter.isComplete("SELECT ';"))
        #expect(!StatementSplitter.isComplete("/* ;"))
        #expect(!StatementSplitter.isComplete("SELECT 1; SELECT"))
    }

    @Test func incrementalFeeding() {
        var splitter = StatementSplitter()
        #expect(splitter.feed("SELECT 1").isEmpty)
        #expect(splitter.hasOpenStatement)
        let ended = splitter.feed(" + 2;\nSELECT '")
        #expect(ended.map(\.text) == ["SELECT 1 + 2"])
        #expect(splitter.feed("a;b").isEmpty)
        let more = splitter.feed("';")
        #expect(more.map(\.text) == ["SELECT 'a;b'"])
        #expect(more.map(\.line) == [2])
        #expect(!splitter.hasOpenStatement)
        #expect(splitter.finish().isEmpty)
    }

    @Test func unclosedTextReachesTheEnd() {
        let statements = StatementSplitter.split("SELECT 1; SELECT 'x; SELECT 2")
        #expect(statements.map(\.text) == ["SELECT 1", "SELECT 'x; SELECT 2"])
    }
}
