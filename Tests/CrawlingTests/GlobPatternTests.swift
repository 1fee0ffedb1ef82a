import Storage
import Testing

/// Glue's exclusion patterns, with the examples of its documentation.
@Suite struct GlobPatternTests {
    static let cases: [(pattern: String, matching: [String], other: [String])] = [
        ("*.csv", ["a.csv", ".csv"], ["a.csv.gz", "folder/a.csv", "acsv"]),
        ("*.*", ["a.b", "x."], ["ab", "d/a.b"]),
        ("*.{csv,avro}", ["a.csv", "a.avro"], ["a.json", "a.{csv,avro}"]),
        ("foo.?", ["foo.c", "foo.ü"], ["foo.", "foo.cc", "foo./"]),
        ("myfolder/*", ["myfolder/a"], ["myfolder/a/b", "myfolder"]),
        ("myfolder/*/*", ["myfolder/a/b"], ["myfolder/a", "myfolder/a/b/c"]),
        ("myfolder/**", ["myfolder/a", "myfolder/a/b/c.d"], ["other/a", "myfolder"]),
        ("myfolder**", ["myfolder", "myfolder.txt", "myfolder/a/b"], ["my"]),
        ("departments/market*", ["departments/market", "departments/marketing.csv"], ["departments/market/a"]),
        ("**.csv", ["a.csv", "x/y/a.csv"], ["a.json"]),
        ("2015/0[2-9]/**", ["2015/02/a", "2015/09/x/y"], ["2015/01/a", "2015/10/a"]),
        ("2015/1[0-2]/**", ["2015/10/a", "2015/12/a"], ["2015/13/a"]),
        ("2015/01/{[!0],0[8-9]}**", ["2015/01/10", "2015/01/08/a", "2015/01/3"], ["2015/01/07", "2015/01/0"]),
        ("[abce-g]", ["a", "f"], ["d", "h", "ab"]), ("[!a-c]", ["d", "-"], ["a", "b", "/", ""]),
        ("[-a]", ["-", "a"], ["b"]), ("[!-a]", ["b"], ["-", "a"]), ("[*?\\]", ["*", "?", "\\"], ["a"]),
        ("a\\*b", ["a*b"], ["axb"]), ("\\{a\\}", ["{a}"], ["a"]), ("a\\\\b", ["a\\b"], ["ab"]),
        ("{a,b}/{c,d}", ["a/c", "b/d"], ["a/b"]), ("{,x}y", ["y", "xy"], ["xxy"]),
        ("{a", ["{a"], ["a"]), ("[a", ["[a"], ["a"]), ("", [""], ["a"]), (".*", [".a"], ["a"]),
        ("**/_tmp/**", ["x/_tmp/y"], ["_tmp/y"]),
    ]

    @Test(arguments: cases.indices) func matches(_ index: Int) {
        let (pattern, matching, other) = Self.cases[index]
        let glob = GlobPattern(pattern)
        for path in matching { #expect(glob.matches(path), "\(pattern) should match \(path)") }
        for path in other { #expect(!glob.matches(path), "\(pattern) should not match \(path)") }
    }

    @Test func noPatternTakesLong() {
        let glob = GlobPattern(String(repeating: "**a", count: 40))
        #expect(!glob.matches(String(repeating: "a", count: 39) + "b"))
        #expect(!GlobPattern(String(repeating: "{a,b}", count: 40)).matches("x"))
    }

    @Test func escapedPathsMatchThemselves() {
        for path in ["a*b", "[x]/{y}", "c\\d?", "plain"] {
            let glob = GlobPattern(GlobPattern.escaped(path))
            #expect(glob.matches(path))
            #expect(!glob.matches(path + "x"))
        }
    }
}
